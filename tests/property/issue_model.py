"""What an office expects of its loops, told a second time: an independent model of the engine.

It reads the loops and the town from YAML by itself and shares no code with the engine.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ZONE = timezone(timedelta(hours=8))
SIDE = {"responsible", "lead", "cooperating"}
RIGHTS = {"auditor", "admin"}
CHARGE = ("supervisor", "leader", "principal")
AMENDABLE = {"title", "description", "place", "category", "task"}
ASKS = {
    "withdraw": "reason", "amend": "field value reason", "merge": "into reason", "split": "parts",
    "assign": "responsible acceptance", "return": "reason", "rule_return": "reason",
    "verdict": "finding", "review": "reason", "plan": "plan", "progress": "note",
    "request": "reason", "suspend": "cause until reason", "submit": "result", "verify": "opinion",
    "reject": "reason", "publish": "text phone", "object": "reason", "rule_objection": "reason",
    "look_back": "finding", "relapse": "finding", "reply": "source_id reply", "cancel": "reason",
}  # fmt: skip


def many(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value or ())


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1)


class Town:
    """Who holds which post, and what falls to whom when a post is vacant."""

    def __init__(self, path: Path, also: tuple[tuple[str, str, str], ...] = ()) -> None:
        self.units = {u["code"]: u for u in yaml.safe_load(path.read_text("utf-8"))["units"]}
        self.posts = {
            person["login"]: {(code, post) for post in person["posts"]}
            for code, unit in self.units.items()
            for person in unit.get("people", ())
        }
        for login, unit, post in also:
            self.posts[login].add((unit, post))

    def up(self, unit: str) -> list[str]:
        above = self.units[unit].get("under")
        return [above, *self.up(above)] if above else []

    def within(self, unit: str, of: str) -> bool:
        return of in (unit, *self.up(unit))

    @cache  # noqa: B019 - the one town of a run
    def holders(self, unit: str, post: str) -> list[str]:
        return [login for login, held in self.posts.items() if (unit, post) in held]

    @cache  # noqa: B019
    def workers(self, unit: str, post: str, issuer: str) -> list[str]:
        """Who does a post's work: holders, else the unit's head, else the issuer's dispatcher."""
        if post in RIGHTS:
            return self.holders(unit, post)
        heads = [self.holders(unit, p) for p in (post, "principal", "deputy", "section_head")]
        dispatch = [self.holders(issuer, p) for p in ("dispatcher", "principal", "deputy")]
        return next((people for people in [*heads, *dispatch] if people), [])

    def related(self, units: dict[str, list[str]], relation: str, post: str) -> list[str]:
        if relation == "above":
            over = (u for r in units.get("responsible", [])[:1] for u in self.up(r))
            found = next((u for u in over if self.holders(u, post)), units["issuer"][0])
            return [found]
        fallback = {"lead": "responsible", "closing": "issuer"}.get(relation, "")
        return units.get(relation) or units.get(fallback, [])[:1]


class Law:
    """One loop definition."""

    def __init__(self, path: Path) -> None:
        content = yaml.safe_load(path.read_text("utf-8"))
        self.name, self.initial, self.states = (
            content["loop"],
            content["initial"],
            content["states"],
        )
        self.clocks, self.requests = content["clocks"], content.get("requests", {})
        self.superiors, self.born_by = (
            content["accept_by_superior"],
            content.get("born_by", "report"),
        )
        self.moves: dict[str, dict[str, Any]] = {state: {} for state in self.states}
        still = [s for s, v in self.states.items() if "counts_as" not in v]
        for move in content["transitions"]:
            for state in still if move["from"] == "open" else many(move["from"]):
                self.moves[state][move.get("as", move["do"])] = move
        self.names = {name for moves in self.moves.values() for name in moves}
        self.reserve = sum(
            round(int(c["limit"][:-2]) * 7 / 5) for c in self.clocks.values()
            if "submit" in many(c["from"])
        )  # fmt: skip
        self.opened_by = {
            c["then"]["open"]: name
            for name, c in self.clocks.items()
            if "open" in c.get("then", {})
        }


@dataclass
class Clock:
    state: str = "running"
    due: datetime | None = None
    """None: not known to the model, to be read from the engine once."""
    started_on: date = date.min
    paused_on: date | None = None

    def shifted(self, due: date | None, since: date, until: date) -> date | None:
        """A due day moved by a suspension; the day on which a clock starts never counts."""
        first = max(since, self.started_on + timedelta(days=1))
        return due + max(until - first, timedelta()) if due and first <= due else due


@dataclass
class Thing:
    """One issue as the model believes it to be."""

    number: str
    law: Law
    state: str
    units: dict[str, list[str]]
    born: date
    due: date | None = None
    original: date | None = None
    parent: "Thing | None" = None
    speed: str = "limited"
    version: int = 1
    clocks: dict[str, Clock] = field(default_factory=dict)
    asked: dict[str, tuple[str, date | None]] = field(default_factory=dict)
    parts: list["Thing"] = field(default_factory=list)
    fixers: set[str] = field(default_factory=set)
    sources: dict[int, bool] = field(default_factory=dict)
    """Source → whether its reporter can be answered."""
    answered: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, Any]:
        return self.law.states[self.state]

    @property
    def outcome(self) -> str | None:
        return self.said.get("counts_as")

    @property
    def held_to(self) -> list[str]:
        return many(self.said.get("held_to"))

    @property
    def root(self) -> "Thing":
        return self.parent.root if self.parent else self

    def bound(self, law: Law) -> date | None:
        """The last day on which a part of this may be due."""
        if self.due is None or self.speed == "at_once":
            return self.due
        third = max((self.due - self.born).days // 3, 0)
        return self.due - timedelta(days=min(law.reserve, third))


class Judge:
    """What is accepted, what is refused and how."""

    def __init__(self, town: Town, part: Law) -> None:
        self.town, self.part = town, part
        self.things: dict[str, Thing] = {}

    def sees(self, login: str, thing: Thing) -> bool:
        related = {u for t in (thing, thing.root) for us in t.units.values() for u in us}
        held = [unit for unit, post in self.town.posts[login] if post != "admin"]
        return any(self.town.within(unit, mine) for unit in related for mine in held)

    def role(self, thing: Thing, move: dict[str, Any], login: str) -> tuple[str, str] | None:
        """The relation in which somebody may take a move and the unit for which, if any."""
        for role in many(move["by"]):
            post, _, relation = role.partition("@")
            for unit in self.town.related(thing.units, relation, post):
                if login in self.town.workers(unit, post, thing.units["issuer"][0]):
                    return relation, unit
        return None

    def desk(self, thing: Thing) -> tuple[str, str] | None:
        if "owner" not in thing.said:
            return None
        post, _, relation = thing.said["owner"].partition("@")
        return self.town.related(thing.units, relation, post)[0], post

    def verdict(
        self, thing: Thing, action: str, login: str, form: dict[str, Any], now: datetime,
        version: int | None = None,
    ) -> str:  # fmt: skip
        """``ok``, or the class of the refusal."""
        if not self.sees(login, thing):
            return "NotFound"
        if version is not None and version != thing.version:
            return "Conflict" if version < thing.version else "Invalid"
        move = thing.law.moves[thing.state].get(action)
        if move is None:
            return "Refused" if action in thing.law.names else "Invalid"
        if self.role(thing, move, login) is None:
            return "NotAllowed"
        if self.hindered(thing, action, move, login, now):
            return "Refused"
        return "Invalid" if self.flawed(thing, move, form, day_of(now), login) else "ok"

    def hindered(
        self, thing: Thing, action: str, move: dict[str, Any], login: str, now: datetime
    ) -> bool:
        wait = thing.clocks.get(thing.law.opened_by.get(action, ""))
        target = thing.law.states.get(move.get("to"), {})
        if (wait is not None and wait.state != "over") or not all(
            self.holds(thing, guard) for guard in many(move.get("when"))
        ):
            return True
        if target.get("final") and any(part.outcome is None for part in thing.parts):
            return True
        kind, request = move["do"], move.get("request", "objection")
        if kind == "return":
            limit = thing.clocks.get(thing.held_to[0])
            return limit is not None and limit.due is not None and now > limit.due
        if kind in ("verify", "reject", "rule_objection") and login in thing.fixers:
            return True
        if kind in ("request", "object"):
            most = thing.law.requests[request].get("most", 99)
            late = request == "extension" and (thing.due is None or day_of(now) > thing.due)
            return request in thing.asked or late or thing.counts.get(request, 0) >= most
        if kind in ("decide", "rule_objection"):
            asked = thing.asked.get(request)
            return asked is None or (kind == "decide" and asked[0] == login)
        return False

    def holds(self, thing: Thing, guard: str) -> bool:
        ended = [part.outcome for part in thing.parts]
        done, settled = None not in ended, "settled" in ended
        truth = {
            "no_parts": not ended,
            "parts_ready": not ended or (done and settled),
            "parts_void": bool(ended) and done and not settled,
            "no_objection": "objection" not in thing.asked,
            "sources_replied": all(
                source in thing.answered for source, contact in thing.sources.items() if contact
            ),
            "third_return": thing.counts.get("returns", 0) >= 2,
            "early_return": thing.counts.get("returns", 0) < 2,
            "at_once": thing.speed == "at_once",
            "not_at_once": thing.speed != "at_once",
        }
        return truth[guard]

    def flawed(
        self, thing: Thing, move: dict[str, Any], form: dict[str, Any], today: date, login: str
    ) -> bool:
        """Whether the form has a fault; ``broken`` in it says that its shape is wrong."""
        kind, refused = move["do"], move.get("outcome") == "refused"
        needs = {*ASKS.get(kind, "").split(), *many(move.get("needs"))}
        needs |= {"reason"} if refused else set()
        if "broken" in form or not needs <= form.keys():
            return True
        if "takes" in move and not form.keys() <= needs | {*many(move["takes"])}:
            return True
        if form.get("visited_on", today) > today:
            return True
        match kind:
            case "amend":
                same = form["value"] == thing.texts.get(form["field"])
                return same or form["field"] not in AMENDABLE
            case "assign":
                return self.bad_hands(thing, form, today)
            case "rule_return" if move["ruling"] == "reassign":
                same = [form["responsible"]] == thing.units["responsible"]
                return same or self.bad_hands(thing, form, today)
            case "split":
                return any(self.part_due(thing, part, today) is None for part in form["parts"])
            case "merge":
                return self.bad_merge(thing, form["into"], login)
            case "reply":
                source = form["source_id"]
                return source not in thing.sources or source in thing.answered
            case "suspend" | "request" | "decide" if not refused:
                return self.bad_request(thing, move, form, today)
        return False

    def bad_hands(self, thing: Thing, form: dict[str, Any], today: date) -> bool:
        judge = form.get("acceptance", thing.units.get("acceptance", [""])[0])
        if not self.can_do(thing.law, form["responsible"], judge):
            return True
        return self.bad_day(thing, form.get("due"), today, form.get("speed", thing.speed))

    def bad_merge(self, thing: Thing, into: str, login: str) -> bool:
        other = self.things.get(into)
        if other is None or other is thing or not self.sees(login, other):
            return True
        return other.outcome is not None or thing in (other.parent, other.root)

    def bad_request(
        self, thing: Thing, move: dict[str, Any], form: dict[str, Any], today: date
    ) -> bool:
        until: date = form.get("until") or thing.asked[move["request"]][1]
        if move.get("request") == "extension":
            assert thing.due is not None
            return until <= thing.due or self.past_bound(thing, until)
        asks = move["do"] != "decide"
        causes = thing.law.requests["suspension"]["causes"]
        earliest = today + timedelta(days=move["do"] == "suspend")
        if until < earliest or (asks and form["cause"] not in causes):
            return True
        return move["do"] != "request" and self.past_bound(thing, self.moved(thing, today, until))

    def bad_day(self, thing: Thing, due: date | None, today: date, speed: str) -> bool:
        """Whether a due date is past, or later or earlier than the tree allows."""
        if due is None:
            return thing.due is None
        moved = Thing("", thing.law, "", {}, thing.born, due, speed=speed)
        bound = moved.bound(self.part)
        late = any(p.outcome is None and p.due and bound and p.due > bound for p in thing.parts)
        return due < today or late or self.past_bound(thing, due)

    def past_bound(self, thing: Thing, day: date | None) -> bool:
        bound = thing.parent.bound(self.part) if thing.parent else None
        return bound is not None and day is not None and day > bound

    def moved(self, thing: Thing, today: date, until: date) -> date | None:
        """The due day once a suspension from today to ``until`` is over."""
        clocks = (c for n, c in thing.clocks.items() if thing.law.clocks[n]["limit"] == "due")
        for clock in clocks:
            return clock.shifted(thing.due, today, until + timedelta(days=1))
        return thing.due

    def can_do(self, law: Law, responsible: str, acceptance: str) -> bool:
        """Whether one unit can be made responsible and the other judge it."""
        town = self.town
        if not {responsible, acceptance} <= town.units.keys():
            return False
        above = town.within(responsible, acceptance)
        return (
            bool(town.holders(responsible, "handler"))
            and not town.within(acceptance, responsible)
            and (not above or town.units[responsible]["level"] in law.superiors)
        )

    def part_due(self, thing: Thing, part: dict[str, Any], today: date) -> date | None:
        """The day on which a part would be due; None if it may not be."""
        acceptance = part.get("acceptance", thing.units.get("acceptance", [""])[0])
        bound = thing.bound(self.part)
        due: date | None = part.get("due") or bound
        if not self.can_do(thing.law, part["responsible"], acceptance) or due is None:
            return None
        fits = bound is None or due <= bound
        return due if fits and part.get("due", today) >= today else None
