"""Each named predicate on cases that tell it from the others."""

import pytest

from tests.unit.issues.desk import asked, case, part, source
from workflow.issues.case import Case
from workflow.issues.guards import GUARDS, unmet

NONE, RUNNING = case("rectifying"), case("rectifying", parts=(part(1, "settled"), part(2)))
SETTLED = case("rectifying", parts=(part(1, "settled"), part(2, "unfounded")))
VOID = case("rectifying", parts=(part(1, "merged"), part(2, "unfounded")))
CASES = {"none": NONE, "running": RUNNING, "settled": SETTLED, "void": VOID}
AT_ONCE = case("rectifying", speed="at_once")
DISPUTED = case("publicity", requests=(asked("objection"),))
WAITING = case("replying", "petition", sources=(source(1), source(2, replied=True)))
SILENT = case("replying", "petition", sources=(source(1, contact=False),))
TWICE = case("assigned", facts={"returns": 2})
ABOVE = case("assigned", units={**case("assigned").units, "above": [1]})


@pytest.mark.parametrize(
    ("guard", "held"),
    [
        ("no_parts", {"none"}),
        ("has_parts", {"running", "settled", "void"}),
        ("parts_ready", {"none", "settled"}),
        ("parts_settled", {"settled"}),
        ("parts_void", {"void"}),
        ("parts_running", {"running"}),
    ],
)
def test_a_guard_of_parts(guard: str, held: set[str]) -> None:
    assert {name for name, issue in CASES.items() if GUARDS[guard][0](issue)} == held


@pytest.mark.parametrize(
    ("guard", "yes", "no"),
    [
        ("at_once", AT_ONCE, NONE),
        ("not_at_once", NONE, AT_ONCE),
        ("open_objection", DISPUTED, NONE),
        ("no_objection", NONE, DISPUTED),
        ("sources_unanswered", WAITING, SILENT),
        ("sources_replied", SILENT, WAITING),
        ("third_return", TWICE, case("assigned", facts={"returns": 1})),
        ("early_return", case("assigned", facts={"returns": 1}), TWICE),
        ("has_superior", ABOVE, NONE),
    ],
)
def test_a_guard_holds_and_does_not(guard: str, yes: Case, no: Case) -> None:
    assert GUARDS[guard][0](yes)
    assert not GUARDS[guard][0](no)


def test_the_first_guard_that_does_not_hold_speaks() -> None:
    assert unmet(NONE, ()) is None
    assert unmet(NONE, ("no_parts", "not_at_once")) is None
    assert unmet(NONE, ("no_parts", "at_once", "third_return")) == GUARDS["at_once"][1]
