"""Whose rows a person may see, as conditions of a statement; every read passes one of them.

A person sees an issue if a unit of their scope stands in any relation to it or to its root.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select, true, union

from workflow.issues.models import Issue, IssueUnit
from workflow.units.rules import Scope

ISSUE = Issue.__table__  # type: ignore[attr-defined]
ISSUE_UNIT = IssueUnit.__table__  # type: ignore[attr-defined]

_UNITS: Any = bindparam("scope_units", expanding=True)
_RELATED = select(ISSUE_UNIT.c.issue_id).where(ISSUE_UNIT.c.unit_id.in_(_UNITS))
_AMONG = union(_RELATED, select(ISSUE.c.id).where(ISSUE.c.root_id.in_(_RELATED)))


def one(scope: Scope) -> ColumnElement[bool]:
    """The condition for statements that look at a few known issues."""
    if scope.everything:
        return true()
    return exists().where(
        ISSUE_UNIT.c.issue_id.in_((ISSUE.c.id, ISSUE.c.root_id)), ISSUE_UNIT.c.unit_id.in_(_UNITS)
    )


def many(scope: Scope) -> ColumnElement[bool]:
    """The condition for lists and counts: the ids come from the units."""
    return true() if scope.everything else ISSUE.c.id.in_(_AMONG)


def bound(scope: Scope) -> dict[str, Any]:
    """The values that the conditions bind."""
    return {} if scope.everything else {"scope_units": sorted(scope.units)}
