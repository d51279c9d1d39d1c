"""The shortest walk into a trap, as the proof prints it, is walked in the real engine.

Rights and guards are left out, since a broken loop may have nobody who may; everything else is the
engine's own: the move, the clocks, the record, the rows.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.world import World
from workflow.errors import ConfigError
from workflow.issues import actions, apply, rules, store
from workflow.issues.case import Case
from workflow.issues.effect import Step
from workflow.issues.fields import form
from workflow.loops import definition, registry
from workflow.loops.load import load
from workflow.loops.loop import Loop
from workflow.loops.problems import Problem
from workflow.units import queries as units
from workflow.units.rules import SYSTEM

BROKEN = Path(__file__).parents[2] / "unit" / "loops" / "broken"
SHIPPED = Path(__file__).parents[3] / "config" / "loops"
LEAST = 25


def traps() -> list[tuple[Path, Problem]]:
    """Every problem of the corpus with a walk that a reported issue can take by itself."""
    found: list[tuple[Path, Problem]] = []
    for path in sorted(BROKEN.glob("*.yaml")):
        try:
            problems = registry.check(path, SHIPPED).problems
        except ConfigError:
            continue
        found += [
            (path, problem)
            for problem in problems
            if problem.trace[:1] == ("report",)
            and not any(step.startswith("part:") for step in problem.trace)
        ]
    return found


TRAPS = traps()


def test_there_are_walks_to_replay() -> None:
    assert len(TRAPS) >= LEAST


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database kind is enough: what is asked here is the engine's arithmetic."""
    return sqlite_url


@pytest.mark.parametrize(
    ("path", "problem"), TRAPS, ids=[f"{path.stem}-{problem.code}" for path, problem in TRAPS]
)
def test_a_trace_leads_the_engine_into_the_trap(world: World, path: Path, problem: Problem) -> None:
    loop = definition.read(load(path).content)
    assert isinstance(loop, Loop)
    number = reported(world, loop)

    for step in problem.trace[1:]:
        take(world, number, step)

    if problem.state is not None:
        assert world.case(number).state == problem.state
    assert world.chain_is_whole(number)


def reported(world: World, loop: Loop) -> str:
    """File an issue that runs on a loop which no office would be given."""
    known = world.office.loop_of
    world.office = replace(
        world.office,
        loops={**world.office.loops, loop.name: loop},
        loop_of=lambda tx, version: loop if version == loop.version else known(tx, version),
    )
    with world.database.transaction() as tx:
        registry.ensure_version(tx, loop, world.now)
    return world.report(loop=loop.name, due=world.day(30))


def take(world: World, number: str, name: str) -> None:
    """Take one step of a trace: an action, or the end of a period."""
    case = world.case(number)
    period = case.clock(name.removesuffix("_over"))
    if name.endswith("_over") and period is not None:
        assert period.due_at is not None
        world.now = max(world.now, period.due_at)
        with world.database.transaction() as tx:
            assert actions.period_over(tx, world.office, period, now=world.now)
        return
    with world.database.transaction() as tx:
        case = store.load(tx, world.office, number=number)
        house = world.office.house(units.directory(tx))
        transition = case.loop.by_state[case.state][name]
        values = filled(world, case, name)
        step = Step(case, transition, values, SYSTEM, world.now, house)
        apply.carry_out(tx, world.office, rules.move(step), door="test")


def filled(world: World, case: Case, name: str) -> dict[str, Any]:
    """A form with something sensible in every field."""
    day = world.today().replace(year=world.today().year + 1)
    known: dict[str, Any] = {
        "responsible": "河口镇" if "responsible" in case.units else "青山镇",
        "acceptance": "市生态环境局",
        "due": day,
        "until": day.replace(year=day.year + 1),
        "percent": 50,
        "phone": "0371-60000000",
        "period": "7nd",
        "resubmit": "5wd",
        "cause": next(iter(case.loop.requests["suspension"].causes), "其他")
        if "suspension" in case.loop.requests
        else "其他",
    }
    left_out = {"evidence", "lead", "cooperating", "visited_on", "speed", "source_id", "parts"}
    fields = [each.spec.name for each in form(case.loop.by_state[case.state][name])]
    return {field: known.get(field, "如实填写") for field in fields if field not in left_out}
