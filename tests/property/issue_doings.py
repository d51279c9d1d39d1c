"""The second half of the model: what comes of an accepted action, and of time."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.property.issue_model import (
    CHARGE,
    SIDE,
    Clock,
    Judge,
    Thing,
    day_of,
    end_of,
    many,
)


class Model(Judge):
    """Everything that has been reported, as the model believes it to stand."""

    def take(
        self, thing: Thing, action: str, login: str, form: dict[str, Any], now: datetime
    ) -> list[Thing]:
        """Let an accepted action happen; return the issues that it makes."""
        move = thing.law.moves[thing.state][action]
        role = self.role(thing, move, login)
        if role and role[0] in SIDE:
            thing.fixers.add(login)
        made = self.affect(thing, move, login, form, day_of(now))
        self.step(thing, action, move.get("to") or thing.state, form, now)
        for new in made:
            self.step(new, new.law.born_by, new.state, {}, now)
            new.version = 1
        return made

    def affect(  # noqa: C901 - one case a kind
        self, thing: Thing, move: dict[str, Any], login: str, form: dict[str, Any], today: date
    ) -> list[Thing]:
        """What a kind of action does besides moving state and clocks."""
        kind, request = move["do"], move.get("request", "objection")
        if "reply" in form and kind != "reply":
            thing.answered.update(thing.sources)
        match kind:
            case "return":
                self.count(thing, "returns")
            case "amend":
                thing.texts[form["field"]] = form["value"]
            case "assign" | "rule_return" if "responsible" in form:
                self.hand_over(thing, form, assign=kind == "assign")
            case "split":
                return self.split(thing, form["parts"], today)
            case "request" | "object":
                thing.asked[request] = (login, form.get("until"))
            case "decide" | "rule_objection":
                asked = thing.asked.pop(request)
                if move.get("outcome") == "granted":
                    self.count(thing, request)
                    if request == "extension":
                        self.move_due(thing, form.get("until") or asked[1])
            case "reply":
                thing.answered.add(form["source_id"])
            case "merge":
                other = self.things[form["into"]]
                other.sources |= thing.sources
                other.answered |= thing.answered
                thing.sources, other.version = {}, other.version + 1
            case "relapse":
                role = self.role(thing, move, login)
                return [self.relapsed(thing, form["finding"], role[1] if role else "", today)]
        return []

    def hand_over(self, thing: Thing, form: dict[str, Any], *, assign: bool) -> None:
        units = thing.units
        was, to = units.get("responsible"), [form["responsible"]]
        # A lead that was named stays; one that only stood in goes with the responsible unit.
        units["lead"] = to if units.get("lead", was) == was else units["lead"]
        units["responsible"] = to
        units["acceptance"] = [form.get("acceptance") or units["acceptance"][0]]
        if assign:
            units["lead"] = form.get("lead") or units["lead"]
            units["cooperating"] = form.get("cooperating", [])
            thing.speed = form.get("speed", thing.speed)
        if form.get("due"):
            thing.original = thing.original or form["due"]
            self.move_due(thing, form["due"])

    def count(self, thing: Thing, what: str) -> None:
        thing.counts[what] = thing.counts.get(what, 0) + 1

    def move_due(self, thing: Thing, day: date) -> None:
        thing.due = day
        for name, clock in thing.clocks.items():
            if thing.law.clocks[name]["limit"] == "due":
                clock.due = end_of(day)

    def split(self, thing: Thing, parts: list[dict[str, Any]], today: date) -> list[Thing]:
        units, made = thing.units, []
        issuer = (units.get("lead") or units.get("responsible") or units["issuer"])[:1]
        for part in parts:
            done_by = [part["responsible"]]
            related = {
                **{name: units.get(name, []) for name in ("reporting", "supervising", "closing")},
                "issuer": issuer, "lead": done_by, "responsible": done_by,
                "acceptance": [part.get("acceptance") or units["acceptance"][0]],
            }  # fmt: skip
            number = f"{thing.number}-{len(thing.parts) + 1:02d}"
            due = self.part_due(thing, part, today)
            new = Thing(number, self.part, self.part.initial, related, today, due, due, thing)
            new.speed, new.texts = thing.speed, dict(thing.texts)
            thing.parts.append(new)
            made.append(new)
        if not units.get("responsible"):
            units["responsible"] = units["lead"] = (units.get("lead") or made[0].units["lead"])[:1]
        return made

    def relapsed(self, thing: Thing, finding: str, by_unit: str, today: date) -> Thing:
        over = self.town.up((thing.units.get("supervising") or thing.units["issuer"])[0])
        higher = [u for u in over if any(self.town.holders(u, post) for post in CHARGE)][:1]
        units = {name: thing.units[name] for name in ("issuer", "closing")}
        units["reporting"] = [by_unit]
        units["supervising"] = higher or thing.units["supervising"]
        new = Thing("", thing.law, thing.law.initial, units, today, speed=thing.speed)
        new.texts = {**thing.texts, "description": finding}
        return new

    def step(
        self, thing: Thing, action: str, target: str, form: dict[str, Any], now: datetime
    ) -> None:
        """Move the state and the clocks; what nobody can decide any more is withdrawn."""
        said = thing.law.states[target]
        # A suspension ends with its period, however late anybody notices.
        ended = min([now, *(
            clock.due for name, clock in thing.clocks.items()
            if clock.due and thing.law.clocks[name].get("then", {}).get("take") == action
        )])  # fmt: skip
        for name, rule in thing.law.clocks.items():
            self.wind(thing, name, rule, action, bool(said.get("final")), form, now, day_of(ended))
        if target != thing.state:
            decided = {
                move.get("request", "objection") for move in thing.law.moves[target].values()
                if move["do"] in ("decide", "rule_objection")
            }  # fmt: skip
            thing.asked = {kind: by for kind, by in thing.asked.items() if kind in decided}
        thing.state = target
        thing.version += 1

    def wind(
        self, thing: Thing, name: str, rule: dict[str, Any], action: str, final: bool,
        form: dict[str, Any], now: datetime, ended: date,
    ) -> None:  # fmt: skip
        clock, today = thing.clocks.get(name), day_of(now)
        if final or (clock and action in many(rule["to"]) and action not in many(rule["from"])):
            thing.clocks.pop(name, None)
        elif action in many(rule["from"]):
            due = self.due(thing, str(rule["limit"]), form, today)
            thing.clocks[name] = Clock(due=due, started_on=today)
        elif clock is None:
            return
        elif clock.state == "running" and action in rule.get("held_by", {}):
            clock.state = "held"
        elif clock.state == "running" and action in rule.get("paused_by", {}):
            clock.state, clock.paused_on = "paused", today
        elif clock.state in ("held", "paused"):
            by = rule.get(f"{clock.state}_by", {})
            if any(action in many(releases) for releases in by.values()):
                self.resume(thing, clock, rule, ended)

    def resume(self, thing: Thing, clock: Clock, rule: dict[str, Any], today: date) -> None:
        if clock.state == "paused" and rule["limit"] != "due":
            clock.due = None
        elif clock.state == "paused":
            assert clock.paused_on is not None
            if moved := clock.shifted(thing.due, clock.paused_on, today):
                self.move_due(thing, moved)
        clock.state = "running"

    def due(self, thing: Thing, limit: str, form: dict[str, Any], today: date) -> datetime | None:
        """When a limit ends, as far as it needs no calendar."""
        given, bar, usual = limit.partition("|")
        text = str(form.get(given, usual)) if bar else given
        if text == "due":
            return end_of(thing.due) if thing.due else None
        if text == "until":
            return end_of(form["until"])
        return end_of(today + timedelta(days=int(text[:-2]))) if text.endswith("nd") else None

    def time_passes(self, now: datetime) -> None:
        """Every period whose time has come ends."""
        for thing in self.things.values():
            for name, clock in list(thing.clocks.items()):
                rule = thing.law.clocks[name]
                if not rule.get("period") or clock.state != "running":
                    continue
                assert clock.due is not None
                if clock.due <= now:
                    taken = rule.get("then", {}).get("take")
                    clock.state = "over"
                    target = thing.law.moves[thing.state][taken]["to"] if taken else thing.state
                    self.step(thing, taken or f"{name}_over", target, {}, now)
