"""Reads of papers; whose issue they belong to is asked by the features above."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.notices.models import Paper

PAPER = Paper.__table__  # type: ignore[attr-defined]
"""For joins of the features that know whose paper it is."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as a decision about it needs it."""

    id: int
    issue_id: int
    clock_id: int
    round: int
    rung: int
    kind: str
    state: str
    title: str
    body: str
    addressee_unit_id: int | None
    to_posts: tuple[tuple[int, str], ...]
    copy_posts: tuple[tuple[int, str], ...]
    signer_unit_id: int
    signer_post: str
    answer_by: str | None
    settled_at: datetime | None
    answered_at: datetime | None


_NAMES = tuple(each.name for each in fields(PaperRow))
_BY_ID = select(*(PAPER.c[name] for name in _NAMES)).where(PAPER.c.id == bindparam("id"))


def paper(tx: Tx, paper_id: int) -> PaperRow:
    """One paper, whoever asks. Raises NotFound."""
    found = tx.execute(_BY_ID, {"id": paper_id}).first()
    if found is None:
        raise NotFound(N_("没有这份文书，或您无权查看。"))
    values: dict[str, Any] = dict(zip(_NAMES, found, strict=True))
    for name in ("to_posts", "copy_posts"):
        values[name] = tuple((unit, post) for unit, post in values[name])
    return PaperRow(**values)
