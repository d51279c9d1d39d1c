"""Reads of requests beside the state (extension, suspension, objection)."""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from workflow.db import Tx
from workflow.deadlines.shown import CLOCK
from workflow.issues.models import Request
from workflow.issues.views import RequestView
from workflow.issues.visible import ISSUE
from workflow.prepared import Prepared

REQUEST = Request.__table__  # type: ignore[attr-defined]
_DUE = func.coalesce(CLOCK.c.due_at, REQUEST.c.due_at)
"""The clock of an undecided request says until when; a decided one has none."""
_ELSEWHERE = {
    "number": ISSUE.c.number,
    "title": ISSUE.c.title,
    "due_at": _DUE.label("due_at"),
}
_COLUMNS = tuple(
    _ELSEWHERE.get(each.name, REQUEST.c.get(each.name)) for each in fields(RequestView)
)
_CLOCK = and_(
    CLOCK.c.subject == "request", CLOCK.c.subject_id == REQUEST.c.id, CLOCK.c.state != "done"
)
_JOINED = select(*_COLUMNS).select_from(
    REQUEST.join(ISSUE, REQUEST.c.issue_id == ISSUE.c.id).outerjoin(CLOCK, _CLOCK)
)
_OF_ISSUE = _JOINED.where(REQUEST.c.issue_id == bindparam("issue_id")).order_by(REQUEST.c.id.desc())
MOST = 100


def of_issue(tx: Tx, issue_id: int) -> tuple[RequestView, ...]:
    """Every request of an issue that the caller may see, the newest first."""
    return tuple([RequestView(*row) for row in tx.execute(_OF_ISSUE, {"issue_id": issue_id})])


def to_decide(tx: Tx, desks: Sequence[tuple[int, str]]) -> tuple[RequestView, ...]:
    """Open requests that these desks decide, the most urgent first."""
    if not desks:
        return ()
    return tuple([RequestView(*row) for row in _open(len(desks)).rows(tx, desk_values(desks))])


def desk_values(desks: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """What `at_desks` binds."""
    return {
        name: value
        for n, (unit_id, post) in enumerate(desks)
        for name, value in ((f"unit_{n}", unit_id), (f"post_{n}", post))
    }


@lru_cache(maxsize=64)
def _open(desks: int) -> Prepared:
    mine = (
        and_(
            REQUEST.c.decider_unit_id == bindparam(f"unit_{n}"),
            REQUEST.c.decider_post == bindparam(f"post_{n}"),
        )
        for n in range(desks)
    )
    return Prepared(
        _JOINED.where(REQUEST.c.state == "open", or_(*mine))
        .order_by(_DUE, REQUEST.c.id)
        .limit(MOST)
    )
