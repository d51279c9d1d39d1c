"""How late a part may be due."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issues.desk import LOOPS
from workflow.issues.parts import latest_due

PART = LOOPS["part"]
OPENED = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "speed", "reserve"),
    [
        (60, "limited", 7),  # five working days of verification are a week
        (21, "limited", 7),
        (20, "limited", 6),  # never more than a third of the span
        (2, "limited", 0),
        (0, "limited", 0),
        (-5, "limited", 0),  # opened after it was due
        (60, "at_once", 0),
        (60, "long_term", 7),
    ],
)
def test_the_reserve(days: int, speed: str, reserve: int) -> None:
    due = OPENED + timedelta(days=days)

    assert latest_due(due, speed, OPENED, PART) == due - timedelta(days=reserve)


def test_a_parent_without_a_due_date_binds_nothing() -> None:
    assert latest_due(None, "limited", OPENED, PART) is None


@pytest.mark.parametrize(
    ("limit", "reserve"), [("3wd", 4), ("10nd", 10), ("1mo", 31), ("4h", 0), ("resubmit|5wd", 7)]
)
def test_every_limit_after_the_submission_counts(limit: str, reserve: int) -> None:
    clocks = {**PART.clocks, "verify": replace(PART.clocks["verify"], limit=limit)}
    loop = replace(PART, clocks=clocks)
    due = OPENED + timedelta(days=300)

    assert latest_due(due, "limited", OPENED, loop) == due - timedelta(days=reserve)


@given(st.integers(-30, 4000), st.sampled_from(["limited", "staged", "long_term", "at_once"]))
def test_a_part_is_never_due_after_its_parent_nor_much_earlier(days: int, speed: str) -> None:
    due = OPENED + timedelta(days=days)
    bound = latest_due(due, speed, OPENED, PART)

    assert bound is not None
    assert timedelta(0) <= due - bound <= timedelta(days=min(7, max(days, 0) // 3))
