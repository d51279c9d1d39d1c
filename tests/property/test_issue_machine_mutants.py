"""An engine with one law left out is found out by the machine."""

from collections.abc import Callable

import pytest

from tests.property.issue_machine import Stage, walk
from workflow.issues import actions, guards, rules, store
from workflow.issues.kinds import KindRule, assignment, checks, judging
from workflow.loops import semantics

MOST_STEPS = 30_000
"""Nearly always some hundreds are enough; which ones are taken depends on what else is loaded."""

Break = Callable[[pytest.MonkeyPatch], None]


def judges_who_fixed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "RULES", {**rules.RULES, "verify": KindRule(judging.verify)})


def takes_an_old_page(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(actions, "_current", lambda *_: None)


def submits_over_running_parts(patch: pytest.MonkeyPatch) -> None:
    always = (lambda _: True, "")
    patch.setattr(guards, "GUARDS", {**guards.GUARDS, "parts_ready": always})


def keeps_dead_requests(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "withdrawn", lambda *_: ())


def never_releases_a_clock(patch: pytest.MonkeyPatch) -> None:
    def orders(*given: object) -> tuple[semantics.Order, ...]:
        found = semantics.orders(*given)  # type: ignore[arg-type]
        return tuple(order for order in found if order.verb != "release")

    patch.setattr(rules, "orders", orders)


def talks_to_strangers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "is_seen", lambda *_: True)


def closes_within_the_period(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_early", lambda *_: None)


def forgets_the_parent_of_a_part(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(checks, "within_bound", lambda _step, _field, day: day)


def leaves_the_lead_behind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(assignment, "_lead", lambda step, unit: step.case.units.get("lead") or [unit])


BROKEN: tuple[Break, ...] = (
    takes_an_old_page,
    submits_over_running_parts,
    keeps_dead_requests,
    never_releases_a_clock,
    talks_to_strangers,
    forgets_the_parent_of_a_part,
    leaves_the_lead_behind,
)
RARE: tuple[Break, ...] = (judges_who_fixed, closes_within_the_period)
"""Shows in one step of thousands."""


@pytest.mark.parametrize(
    "broken",
    [*BROKEN, *(pytest.param(broken, marks=pytest.mark.long) for broken in RARE)],
    ids=lambda broken: broken.__name__,
)
def test_a_broken_engine_is_found_out(
    ram_stage: Stage, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        walk(ram_stage, ("rectification",), MOST_STEPS)
