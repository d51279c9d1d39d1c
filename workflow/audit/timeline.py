"""The record of one issue as a page shows it, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from workflow.audit.models import Event
from workflow.db import Tx

_EVENT = Event.__table__  # type: ignore[attr-defined]
MOST = 200
_TIMELINE = (
    select(
        _EVENT.c.seq,
        _EVENT.c.at,
        _EVENT.c.by_id,
        _EVENT.c.by_unit_id,
        _EVENT.c.door,
        _EVENT.c.action,
        _EVENT.c.kind,
        _EVENT.c.data,
        _EVENT.c.hash,
    )
    .where(_EVENT.c.issue_id == bindparam("issue_id"), _EVENT.c.seq < bindparam("before"))
    .order_by(_EVENT.c.seq.desc())
    .limit(MOST)
)
_NO_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened."""

    seq: int
    at: datetime
    by_id: int | None
    by_unit_id: int | None
    door: str
    action: str
    kind: str
    data: Mapping[str, Any]
    hash: str


def read(tx: Tx, issue_id: int, *, before: int | None = None) -> tuple[EventView, ...]:
    """The last events of an issue that the caller may see, newest first; at most ``MOST``."""
    values = {"issue_id": issue_id, "before": before or _NO_LIMIT}
    return tuple([EventView(*row) for row in tx.execute(_TIMELINE, values)])
