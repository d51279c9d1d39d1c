"""Every write of the outbox: put, claim, settle, renew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx, expect_messages
from workflow.outbox.models import Outbox

_OUTBOX = Outbox.__table__  # type: ignore[attr-defined]
# Inline: the generated ids are of no interest, so PostgreSQL need not return them.
_PUT = {
    "sqlite": sqlite.insert(_OUTBOX).inline().on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(_OUTBOX)
    .inline()
    .on_conflict_do_nothing(index_elements=["key"]),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about one effect to some people.

    ``effect`` names what is told and never repeats: ``issue:12:clock:4:r1:2``.  ``message`` is a
    kind of ``workflow.outbox.messages``, ``payload`` that message's ``payload()``.  Urgent (red)
    notices know no quiet hours, no budget and no digest.
    """

    effect: str
    message: str
    payload: Mapping[str, Any]
    recipients: tuple[int, ...]
    issue_id: int | None
    urgent: bool = False


def put(tx: Tx, notices: Sequence[Notice], *, channels: tuple[str, ...], now: datetime) -> None:
    """Store one row per notice, person and channel; what was put before is left as it is."""
    rows = [
        {
            "key": f"{notice.effect}:{person}:{channel}",
            "issue_id": notice.issue_id,
            "person_id": person,
            "channel": channel,
            "message": notice.message,
            "urgent": notice.urgent,
            "payload": notice.payload,
            "created_at": now,
            "not_before": now,
            "state": "waiting",
            "token": 0,
            "attempts": 0,
        }
        for notice in notices
        for person in dict.fromkeys(notice.recipients)
        for channel in channels
    ]
    if rows:
        tx.execute(_PUT[tx.dialect.name], rows)
        expect_messages(tx)
