"""The plan above (上级计划): cited in a plan's own words, its figures beside those of the plan below.

Nothing is guessed: a plan is above another one if that names its number or its title, and figures
are compared if they bear the same name, unit and direction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from workflow.db import Tx
from workflow.plans.figures_met import number
from workflow.plans.store import PLAN, TARGET
from workflow.plans.views import Head, TargetView, TextLine

MOST = 200
"""Plans of which the latest are looked for in the words of another."""
_SHORTEST = 6
"""Signs from which on a number or a title is one; 方案 alone would be found everywhere."""
_PLANS: Any = bindparam("plans", expanding=True)
_RUNNING = (
    select(PLAN.c.id, PLAN.c.code, PLAN.c.title, PLAN.c.number)
    .where(PLAN.c.state == "running", PLAN.c.code != bindparam("own_code"))
    .order_by(PLAN.c.id.desc())
    .limit(MOST)
)
_FIGURES = (
    select(
        TARGET.c.plan_id, TARGET.c.name, TARGET.c.comparator, TARGET.c.value, TARGET.c.unit,
        TARGET.c.due,
    )
    .where(TARGET.c.plan_id.in_(_PLANS), TARGET.c.state == "active", TARGET.c.kind == "number")
    .order_by(TARGET.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanAbove:
    """A running plan that another one cites."""

    id: int
    code: str
    title: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What a plan above asks of the same figure; `is_weaker`: the plan below asks for less."""

    plan_id: int
    comparator: str
    value: str
    unit: str
    due: date | None
    is_weaker: bool


def plans_above(
    tx: Tx, plan: Head, lines: Sequence[TextLine], seen: ColumnElement[bool], bound: dict[str, Any]
) -> tuple[PlanAbove, ...]:
    """The plans that a plan cites, as far as they may be seen."""
    rows = tx.execute(_RUNNING.where(seen), bound | {"own_code": plan.code}).all()
    text = "".join("".join(line.text.split()) for line in lines)
    return tuple(PlanAbove(*row) for row in rows if _is_cited(text, row.number, row.title))


def _is_cited(text: str, *names: str | None) -> bool:
    plain = ("".join(name.split()) for name in names if name)
    return any(len(name) >= _SHORTEST and name in text for name in plain)


def demands(tx: Tx, above: Sequence[PlanAbove], targets: Iterable[TargetView]) -> dict[int, Demand]:
    """What the plans above ask of the figures of a plan, by the target's id."""
    if not above:
        return {}
    asked: dict[tuple[str, str, str], Any] = {}
    for row in tx.execute(_FIGURES, {"plans": [each.id for each in above]}):
        asked.setdefault((row.name, row.comparator, row.unit), row)
    found: dict[int, Demand] = {}
    for target in targets:
        key = (target.name, target.comparator, target.unit)
        if key in asked and target.kind == "number":
            its = asked[key]
            weaker = is_weaker(target.comparator, target.value, its.value)
            found[target.id] = Demand(
                its.plan_id, its.comparator, its.value, its.unit, its.due, weaker
            )
    return found


def is_weaker(comparator: str, own: str, above: str) -> bool:
    """Whether a figure asks for less than the one above; what cannot be compared does not."""
    mine, theirs = number(own), number(above)
    if mine is None or theirs is None:
        return False
    if comparator in (">=", ">"):
        return mine < theirs
    return comparator in ("<=", "<") and mine > theirs
