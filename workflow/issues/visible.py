"""Whose rows a person may see, as conditions of a statement; every read passes one of them.

A person sees an issue if a unit of their scope stands in any relation to it or to its root.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select, true, union

from workflow.db import Tx
from workflow.issues.models import Issue, IssueUnit
from workflow.units.rules import Scope

ISSUE = Issue.__table__  # type: ignore[attr-defined]
ISSUE_UNIT = IssueUnit.__table__  # type: ignore[attr-defined]

PROBLEM = ISSUE.c.milestone_id.is_(None)
"""A milestone of a plan runs as an issue too, and is in no list and no count of problems."""

_UNITS: Any = bindparam("scope_units", expanding=True)
_RELATED = select(ISSUE_UNIT.c.issue_id).where(ISSUE_UNIT.c.unit_id.in_(_UNITS))
SPARSE = 2_000
_SOME = select(func.count()).select_from(_RELATED.limit(SPARSE).subquery())
_AMONG = union(_RELATED, select(ISSUE.c.id).where(ISSUE.c.root_id.in_(_RELATED)))


def one(scope: Scope) -> ColumnElement[bool]:
    """The condition for statements that look at a few known issues."""
    if scope.everything:
        return true()
    return exists().where(
        ISSUE_UNIT.c.issue_id.in_((ISSUE.c.id, ISSUE.c.root_id)), ISSUE_UNIT.c.unit_id.in_(_UNITS)
    )


def many(scope: Scope, *, sparse: bool = True) -> ColumnElement[bool]:
    """The condition for lists and counts.

    A sparse scope names its issues; in a dense one every issue is asked as the list goes by, which
    ends as soon as the page is full.
    """
    if scope.everything or not sparse:
        return one(scope)
    condition: ColumnElement[bool] = ISSUE.c.id.in_(_AMONG)
    return condition


def is_sparse(tx: Tx, scope: Scope) -> bool:
    """Whether so few issues are in the scope that naming them all is the quicker way."""
    if scope.everything:
        return False
    return int(tx.execute(_SOME, bound(scope)).scalar_one()) < SPARSE


def bound(scope: Scope) -> dict[str, Any]:
    """The values that the conditions bind."""
    return {} if scope.everything else {"scope_units": sorted(scope.units)}
