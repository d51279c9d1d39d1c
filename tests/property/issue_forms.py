"""Forms that the machine fills in: well, as far as the model can tell, or with a fault."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.property.issue_doings import Model
from tests.property.issue_model import ASKS, Thing, day_of, many
from tests.world import REPORT

NAMES = {"qingshan": "青山镇", "huanbao": "环保局", "hekou": "河口镇人民政府", "shuili": "市水利局"}
"""Some units as people call them; the others by their code."""
DOERS = ("qingshan", "hekou", "shiling", "liuwan")
JUDGES = ("huanbao", "shuili")
CAUSES = ("资金未到位", "上级方案未定")
REPORTERS = {"hb.inspector": "huanbao", "gj.dispatcher": "gongjian", "lw.handler": "liuwan"}


class Forms:
    """Forms in the model's words, and the same as the engine reads them."""

    def __init__(self, model: Model, photos: tuple[str, ...]) -> None:
        self.model = model
        self.photos = photos
        self.counted = 0

    def typed(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The form as a page posts it."""
        return {name: _typed(name, value) for name, value in form.items() if name != "broken"}

    def good(
        self, thing: Thing, move: Mapping[str, Any], now: datetime, random: Random
    ) -> dict[str, Any]:
        """A form that is meant to be right."""
        today = day_of(now)
        needed = [*ASKS.get(move["do"], "").split(), *many(move.get("needs"))]
        form = {name: self._value(name, thing, move, today, random) for name in needed}
        return form | self._more(thing, move, today, random)

    def spoiled(
        self, thing: Thing, move: Mapping[str, Any], now: datetime, random: Random
    ) -> dict[str, Any]:
        """A form that is often wrong in one place."""
        form = self.good(thing, move, now, random)
        today, how = day_of(now), random.randrange(9)
        name = random.choice(sorted(form)) if form else ""
        match how:
            case 0 if name:
                del form[name]
            case 1:
                form |= {"nonsense": "x", "broken": True}
            case 2 if name:
                form |= {name: {"a": ["x"]}, "broken": True}
            case 3 if "reason" in form:
                form |= {"reason": "长" * 1001, "broken": True}
            case 4:
                for day in form.keys() & {"due", "until"}:
                    form[day] = today - timedelta(days=random.choice((0, 1)))
            case 5:
                for unit in form.keys() & {"responsible", "acceptance"}:
                    form[unit] = random.choice((*DOERS, *JUDGES, "kongcun", "city", "atlantis"))
            case 6 if "source_id" in form:
                form["source_id"] = random.choice((form["source_id"] + 1, 10**12))
            case 7 if "parts" in form:
                bound = thing.bound(self.model.part) or today
                form["parts"][-1] |= random.choice(
                    (
                        {"responsible": random.choice(("kongcun", "atlantis", "huanbao"))},
                        {"due": max(bound, today) + timedelta(days=1)},
                        {"due": today - timedelta(days=1)},
                    )
                )
            case 8 if "due" in form or "until" in form:
                form["due" if "due" in form else "until"] = today + timedelta(days=400)
        return form

    def report(
        self, sources: tuple[str, ...], now: datetime, random: Random
    ) -> tuple[str, str, dict[str, Any], str]:
        """Who reports, for which unit, the form, and what is to come of it."""
        self.counted += 1
        form = {**REPORT, "title": f"问题{self.counted}", "source": random.choice(sources)}
        login = random.choice(sorted(REPORTERS)) if random.random() < 0.3 else "hb.inspector"
        if random.random() < 0.4:
            form |= {"reporter_contact": "13800000000", "reporter_name": "某人"}
        if random.random() < 0.2:
            form["due"] = (day_of(now) + timedelta(days=random.choice((0, 9, 40)))).isoformat()
        verdict = "ok"
        if random.random() < 0.1:
            wrong = random.choice(
                ({"category": "love"}, {"source": "dream"}, {"due": "2024-01-01"}, {"title": " "})
            )
            form, verdict = form | wrong, "Invalid"
        elif random.random() < 0.05:
            login, verdict = random.choice(("root", "sj.auditor")), "NotAllowed"
        return login, REPORTERS.get(login, ""), form, verdict

    def _more(
        self, thing: Thing, move: Mapping[str, Any], today: date, random: Random
    ) -> dict[str, Any]:
        """Fields that may be left out."""
        kind, more = move["do"], dict[str, Any]()
        optional = {
            "assign": ("due", "speed", "lead", "cooperating", "requirement"),
            "reject": ("resubmit",), "publish": ("period",), "return": ("evidence",),
            "verify": ("visited_on", "reply", "evidence"), "close": ("reply", "filing_number"),
            "progress": ("percent",), "triage": ("reply",),
        }.get(kind, ())  # fmt: skip
        if kind == "rule_return" and move["ruling"] == "reassign":
            optional = ("acceptance", "due")
        if kind == "decide" and move["outcome"] == "granted":
            optional = ("until",)
        for name in optional:
            if random.random() < 0.4 and ("takes" not in move or name in many(move["takes"])):
                more[name] = self._value(name, thing, move, today, random)
        return more

    def _value(
        self, name: str, thing: Thing, move: Mapping[str, Any], today: date, random: Random
    ) -> Any:
        match name:
            case "responsible" | "lead" | "cooperating":
                had = thing.units.get("responsible", [""])[0]
                unit = random.choice([u for u in DOERS if u != had or name != "responsible"])
                return unit if name == "responsible" else [unit]
            case "acceptance":
                return random.choice(JUDGES)
            case "due" | "until":
                return self._day(name, thing, move, today, random)
            case "parts":
                return self._parts(thing, today, random)
            case "source_id":
                waiting = [s for s in thing.sources if s not in thing.answered]
                return random.choice(waiting or [*thing.sources, 1])
            case "into":
                others = [t.number for t in self.model.things.values() if t is not thing]
                return random.choice([*others, "WT-2024-99999"])
        simple: dict[str, tuple[Any, ...]] = {
            "speed": ("at_once", "limited", "long_term"), "cause": CAUSES,
            "field": ("title", "place"),
            "evidence": ([self.photos[0]], list(self.photos)), "phone": ("0371-60000000",),
            "period": ("5nd", "10nd", "7nd"), "resubmit": ("3nd", "6nd"), "percent": (0, 50, 100),
            "visited_on": (today, today - timedelta(days=1)), "filing_number": ("备2024-1",),
        }  # fmt: skip
        self.counted += 1
        return random.choice(simple.get(name, (f"文字{self.counted}",)))

    def _day(
        self, name: str, thing: Thing, move: Mapping[str, Any], today: date, random: Random
    ) -> date:
        ahead = timedelta(days=random.choice((1, 3, 10, 30, 60, 90)))
        bound = thing.parent.bound(self.model.part) if thing.parent else None
        if name == "until" and move.get("request") == "extension" and thing.due:
            day = thing.due + ahead
        elif name == "due":
            day = max([today, *(p.due for p in thing.parts if p.due)]) + ahead * 2
        else:
            day = today + ahead
        return min(day, bound) if bound and random.random() < 0.8 else day

    def _parts(self, thing: Thing, today: date, random: Random) -> list[dict[str, Any]]:
        bound = thing.bound(self.model.part)
        parts = []
        for unit in random.sample(DOERS, random.choice((1, 2))):
            part: dict[str, Any] = {"responsible": unit}
            if not thing.units.get("acceptance") or random.random() < 0.3:
                part["acceptance"] = random.choice(JUDGES)
            if bound is None or random.random() < 0.5:
                latest = max(bound, today) if bound else today + timedelta(days=30)
                part["due"] = today + (latest - today) * random.choice((0, 1, 2)) // 2
            parts.append(part)
        return parts


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if name in ("responsible", "acceptance") and isinstance(value, str):
        return NAMES.get(value, value)
    if name in ("lead", "cooperating") and isinstance(value, list):
        return [NAMES.get(unit, unit) for unit in value]
    if name == "parts" and isinstance(value, list):
        return [{key: _typed(key, v) for key, v in part.items()} for part in value]
    return value
