"""Reads of papers with the issues that they speak of.

A draft is seen by the side that signs it; what has been signed, by everybody who sees the issue.
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, true

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.issues import visible
from workflow.issues.requests import desk_values
from workflow.issues.views import PaperView
from workflow.issues.visible import ISSUE
from workflow.notices.queries import PAPER
from workflow.prepared import Prepared
from workflow.units.rules import Scope

_FROM_ISSUE = {"number": ISSUE.c.number, "issue_title": ISSUE.c.title}
_COLUMNS = tuple(
    _FROM_ISSUE[each.name] if each.name in _FROM_ISSUE else PAPER.c[each.name]
    for each in fields(PaperView)
)
_JOINED = select(*_COLUMNS).select_from(PAPER.join(ISSUE, PAPER.c.issue_id == ISSUE.c.id))
MOST = 100


def of_issue(tx: Tx, issue_id: int, scope: Scope) -> tuple[PaperView, ...]:
    """The papers of an issue that the caller may see, the newest first."""
    values = {"issue_id": issue_id, **visible.bound(scope)}
    return tuple([PaperView(*row) for row in tx.execute(_of_issue(scope.everything), values)])


def get(tx: Tx, paper_id: int, scope: Scope) -> PaperView:
    """One paper. Raises NotFound, also for one that is not to be seen."""
    values = {"paper_id": paper_id, **visible.bound(scope)}
    found = tx.execute(_one(scope.everything), values).first()
    if found is None:
        raise NotFound(N_("没有这份文书，或您无权查看。"))
    return PaperView(*found)


def to_sign(tx: Tx, desks: Sequence[tuple[int, str]]) -> tuple[PaperView, ...]:
    """Drafts that wait for a signature of these desks, the oldest first."""
    if not desks:
        return ()
    return tuple([PaperView(*row) for row in _drafts(len(desks)).rows(tx, desk_values(desks))])


@lru_cache(maxsize=64)
def _drafts(desks: int) -> Prepared:
    mine = (
        and_(
            PAPER.c.signer_unit_id == bindparam(f"unit_{n}"),
            PAPER.c.signer_post == bindparam(f"post_{n}"),
        )
        for n in range(desks)
    )
    return Prepared(
        _JOINED.where(PAPER.c.state == "draft", or_(*mine)).order_by(PAPER.c.id).limit(MOST)
    )


@lru_cache(maxsize=2)
def _of_issue(everything: bool) -> Select[Any]:
    return _JOINED.where(
        PAPER.c.issue_id == bindparam("issue_id"), _out_or_ours(everything)
    ).order_by(PAPER.c.id.desc())


@lru_cache(maxsize=2)
def _one(everything: bool) -> Select[Any]:
    return _JOINED.where(
        PAPER.c.id == bindparam("paper_id"),
        _out_or_ours(everything),
        visible.one(Scope(everything, frozenset())),
    )


def _out_or_ours(everything: bool) -> Any:
    if everything:
        return true()
    ours = PAPER.c.signer_unit_id.in_(bindparam("scope_units", expanding=True))
    return or_(PAPER.c.state == "signed", ours)
