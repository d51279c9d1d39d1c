"""The traces of unsound loops walk in the real engine, to the state that they warn of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.world import CONFIG, World
from workflow.errors import ConfigError, Invalid
from workflow.issues import rules
from workflow.issues.case import Case
from workflow.issues.fields import form
from workflow.loops import registry
from workflow.loops.loop import Loop, Transition
from workflow.loops.problems import Problem
from workflow.loops.vocabulary import EXHAUSTIVE
from workflow.units import queries as units

BROKEN = Path(__file__).parents[2] / "unit" / "loops" / "broken"
OVER, OF_PART = "_over", "part:"


def traces() -> Iterator[Any]:
    """Every problem with a walk that leads to it, of the loops that issues can be filed on."""
    for path in sorted(BROKEN.glob("*.yaml")):
        try:
            verdict = registry.check(path, CONFIG / "loops")
        except ConfigError:
            continue
        for n, problem in enumerate(verdict.problems):
            if len(problem.trace) > 1 and verdict.loop and verdict.loop.born_by == "report":
                yield pytest.param(verdict.loop, problem, id=f"{path.stem}-{n}-{problem.code}")


def test_there_are_walks_to_replay() -> None:
    assert len([*traces()]) >= 25


class Nobody(Exception):
    """An action that is open to nobody."""


class Walk:
    """Somebody who may do whatever the loop asks for, one step after the other."""

    def __init__(self, world: World, loop: Loop, problem: Problem) -> None:
        self.world, self.given = world, problem.given
        with world.database.transaction() as tx:
            registry.ensure_version(tx, loop, world.now)
            self.directory = units.directory(tx)
        loops = {**world.office.loops, loop.name: loop}
        world.office = replace(world.office, loops=loops)
        waits = problem.code == "unanswered" or "sources_unanswered" in problem.given
        contact = "13800000000" if waits else None
        self.number = world.report(loop=loop.name, reporter_contact=contact)

    def take(self, name: str) -> None:
        """One name of a trace."""
        if name.startswith(OF_PART):
            self.act(f"{self.number}-01", name.removeprefix(OF_PART))
        elif name.endswith(OVER):
            clock = self.world.case(self.number).clock(name.removesuffix(OVER))
            assert clock is not None
            assert clock.due_at is not None
            self.world.now = clock.due_at
            self.world.end_periods()
        else:
            self.act(self.number, name)

    def act(self, number: str, action: str) -> None:
        """Let whoever may do it do it."""
        case = self.world.case(number)
        transition = case.loop.by_state[case.state][action]
        self.world.act(number, action, self.able(case, action), **self.filled(case, transition))

    def able(self, case: Case, action: str) -> str:
        """The first person to whom the action is open."""
        house = self.world.office.house(self.directory)
        for person in self.directory.people.values():
            by = self.world.actor(person.login)
            if rules.refusal(case, action, by, self.world.now, house) is None:
                return person.login
        raise Nobody(f"{action} in {case.state}")

    def filled(self, case: Case, transition: Transition) -> dict[str, Any]:
        """What the form needs, no more."""
        day = self.world.day
        part = {"responsible": "河口镇", "acceptance": "市水利局", "due": day(9)}
        suspension = case.loop.requests.get("suspension")
        values: dict[str, Any] = {
            "responsible": "石岭镇" if transition.kind == "rule_return" else "青山镇",
            "acceptance": "市生态环境局", "due": day(40), "until": day(50), "parts": [part],
            "cause": next(iter(suspension.causes if suspension else ()), "其他"),
            "phone": "0371-60000000", "field": "title", "speed": "limited",
        }  # fmt: skip
        needed = [field.spec.name for field in form(transition) if field.required]
        data = {name: values.get(name, "已办。") for name in needed}
        if "evidence" in needed:
            data["evidence"] = [self.world.photo()]
        if "into" in needed:
            data["into"] = self.world.report("qs.handler")
        if "source_id" in needed:
            data["source_id"] = case.sources[0].id
        if transition.kind == "assign" and "at_once" in self.given:
            data["speed"] = "at_once"
        return data


def can_move(walk: Walk, case: Case) -> bool:
    """Whether anybody can take the issue to another state now."""
    house = walk.world.office.house(walk.directory)
    return any(
        transition.target not in (None, case.state)
        and rules.refusal(case, name, walk.world.actor(person.login), walk.world.now, house) is None
        for name, transition in case.loop.by_state[case.state].items()
        for person in walk.directory.people.values()
    )


def shows(walk: Walk, case: Case, problem: Problem) -> bool:
    """Whether the issue shows what the proof has warned of."""
    match problem.code:
        case "guarded_stuck" | "join_stuck":
            # What has a time limit, such as a return, is closed one day.
            walk.world.after(days=400)
            one_holds = any(problem.given and set(problem.given) < group for group in EXHAUSTIVE)
            return not can_move(walk, case) or (one_holds and not case.loop.exhaustive)
        case "no_clock":
            return case.move_due_at is None
        case "no_due":
            return "due" not in [clock.limit_text for clock in case.clocks]
        case "unbound_relation":
            return case.owner_unit_id is None or None in [c.owner_unit_id for c in case.clocks]
        case "request_stuck":
            return bool(case.requests)
        case "unanswered":
            return any(source.has_contact and not source.replied for source in case.sources)
        case "unreviewed":
            return case.counts_as == "unfounded" and "review" not in case.facts
    return True


REFUSED_BY_THE_ENGINE = {"no_due": Invalid, "unbound_relation": Nobody}
"""What the engine does not let happen, whatever the definition says."""


@pytest.mark.parametrize(("loop", "problem"), [*traces()])
def test_a_trace_can_be_walked(world: World, loop: Loop, problem: Problem) -> None:
    walk = Walk(world, loop, problem)
    try:
        for name in problem.trace[1:]:
            walk.take(name)
    except REFUSED_BY_THE_ENGINE.get(problem.code, ()):
        assert name == problem.trace[-1]
        return

    case = world.case(walk.number)
    assert case.state == problem.state
    assert world.chain_is_whole(walk.number)
    assert shows(walk, case, problem)
