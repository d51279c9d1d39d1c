"""Every write of papers: draft, sign, withhold, lapse, answer. Who may is asked above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from workflow.db import Tx
from workflow.errors import N_
from workflow.notices.models import Paper

_PAPER = Paper.__table__  # type: ignore[attr-defined]
_DRAFT = insert(_PAPER).returning(_PAPER.c.id, sort_by_parameter_order=True)
_SETTLE = (
    update(_PAPER)
    .where(_PAPER.c.id == bindparam("v_id"), _PAPER.c.state == "draft")
    .values(
        state=bindparam("v_state"),
        settled_at=bindparam("v_at"),
        settled_by_id=bindparam("v_by"),
        reason=bindparam("v_reason"),
    )
)
_ANSWER = (
    update(_PAPER)
    .where(_PAPER.c.id == bindparam("v_id"), _PAPER.c.answered_at.is_(None))
    .values(answer=bindparam("v_answer"), answered_at=bindparam("v_at"))
)
LAPSED = N_("时限已经办结或者顺延，这份文书不再需要签发。")


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper that a rung asks for, to be signed by a desk."""

    issue_id: int
    clock_id: int
    round: int
    rung: int
    kind: str
    title: str
    body: str
    addressee_unit_id: int | None
    to_posts: Sequence[tuple[int, str]]
    copy_posts: Sequence[tuple[int, str]]
    signer_unit_id: int
    signer_post: str
    answer_by: str | None


def draft(tx: Tx, drafts: Sequence[Draft], *, now: datetime) -> tuple[int, ...]:
    """Insert drafts that wait for their signatures; their ids in the same order."""
    if not drafts:
        return ()
    return tuple(tx.execute(_DRAFT, [_row(each, now) for each in drafts]).scalars())


def sign(tx: Tx, paper_id: int, *, by_id: int | None, now: datetime) -> bool:
    """Mark a draft as signed; False if it is no draft any more."""
    return _settle(tx, [paper_id], "signed", by_id, None, now) == 1


def withhold(tx: Tx, paper_id: int, *, reason: str, by_id: int | None, now: datetime) -> bool:
    """Mark a draft as withheld, with the reason; False if it is no draft any more."""
    return _settle(tx, [paper_id], "withheld", by_id, reason, now) == 1


def lapse(tx: Tx, paper_ids: Sequence[int], *, now: datetime) -> None:
    """Withhold drafts that have lost their reason; what is no draft any more stays as it is."""
    if paper_ids:
        _settle(tx, paper_ids, "withheld", None, LAPSED, now)


def answer(tx: Tx, paper_id: int, *, text: str, now: datetime) -> bool:
    """Keep the addressee's answer; False if there is one already."""
    values = {"v_id": paper_id, "v_answer": text, "v_at": now}
    return tx.execute(_ANSWER, values).rowcount == 1


def _settle(
    tx: Tx,
    paper_ids: Sequence[int],
    state: str,
    by_id: int | None,
    reason: str | None,
    now: datetime,
) -> int:
    rows = [
        {"v_id": each, "v_state": state, "v_at": now, "v_by": by_id, "v_reason": reason}
        for each in paper_ids
    ]
    return tx.execute(_SETTLE, rows).rowcount


def _row(paper: Draft, now: datetime) -> dict[str, Any]:
    return {
        "issue_id": paper.issue_id,
        "clock_id": paper.clock_id,
        "round": paper.round,
        "rung": paper.rung,
        "kind": paper.kind,
        "state": "draft",
        "title": paper.title,
        "body": paper.body,
        "addressee_unit_id": paper.addressee_unit_id,
        "to_posts": [list(desk) for desk in paper.to_posts],
        "copy_posts": [list(desk) for desk in paper.copy_posts],
        "signer_unit_id": paper.signer_unit_id,
        "signer_post": paper.signer_post,
        "answer_by": paper.answer_by,
        "created_at": now,
    }
