"""Reads of the outbox and of a person's inbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, bindparam, case, func, or_, select, text

from workflow.db import Tx
from workflow.outbox.models import COUNTED, OPEN, InboxItem, Outbox

_OUTBOX: Table = Outbox.__table__  # type: ignore[attr-defined]
_INBOX: Table = InboxItem.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Item:
    """One message in a person's inbox."""

    id: int
    issue_id: int | None
    message: str
    urgent: bool
    subject: str
    body: str
    at: datetime
    read_at: datetime | None
    link: str | None = None
    """Path of the page that the message speaks of."""


@dataclass(frozen=True, slots=True)
class Despatch:
    """One outbox row as an office sees it: who was told what, over which channel, how it went."""

    id: int
    issue_id: int | None
    person_id: int
    channel: str
    message: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    settled_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still to be delivered over one channel."""

    channel: str
    count: int
    due_since: datetime
    """Earliest moment at which one was, or will be, due; for a claimed one the end of its lease."""
    leased_until: datetime | None
    """Earliest end of a lease."""
    failing_since: datetime | None
    """When the oldest one was put that has failed and will be tried again."""


_IS_DUE = (
    select(_OUTBOX.c.id)
    .where(
        text(OPEN),
        _OUTBOX.c.channel == bindparam("channel"),
        _OUTBOX.c.not_before <= bindparam("now"),
        or_(
            _OUTBOX.c.not_before < bindparam("collected"),
            _OUTBOX.c.urgent,
            # Whoever was killed had waited for the window.
            _OUTBOX.c.state == "leased",
        ),
    )
    .limit(1)
)
_USED = (
    select(_OUTBOX.c.person_id, func.count().label("used"))
    .where(
        text(COUNTED),
        _OUTBOX.c.person_id.in_(bindparam("people", expanding=True)),
        _OUTBOX.c.channel == bindparam("channel"),
        _OUTBOX.c.settled_at >= bindparam("since"),
    )
    .group_by(_OUTBOX.c.person_id)
)
_ITEMS = (
    select(
        _INBOX.c.id,
        _INBOX.c.issue_id,
        _INBOX.c.message,
        _INBOX.c.urgent,
        _INBOX.c.subject,
        _INBOX.c.body,
        _INBOX.c.at,
        _INBOX.c.read_at,
        _OUTBOX.c.payload,
    )
    .select_from(_INBOX.outerjoin(_OUTBOX, _INBOX.c.outbox_id == _OUTBOX.c.id))
    .where(_INBOX.c.person_id == bindparam("reader"), _INBOX.c.id < bindparam("before"))
    .order_by(_INBOX.c.id.desc())
    .limit(bindparam("limit"))
)
_UNREAD = (
    select(func.count())
    .select_from(_INBOX)
    .where(_INBOX.c.person_id == bindparam("reader"), _INBOX.c.read_at.is_(None))
)
_DESPATCH = select(
    _OUTBOX.c.id,
    _OUTBOX.c.issue_id,
    _OUTBOX.c.person_id,
    _OUTBOX.c.channel,
    _OUTBOX.c.message,
    _OUTBOX.c.state,
    _OUTBOX.c.attempts,
    _OUTBOX.c.created_at,
    _OUTBOX.c.not_before,
    _OUTBOX.c.settled_at,
    _OUTBOX.c.last_error,
)
_OF_ISSUE = _DESPATCH.where(_OUTBOX.c.issue_id == bindparam("issue")).order_by(_OUTBOX.c.id)
_DEAD = (
    _DESPATCH.where(text("state = 'dead'"))
    .order_by(_OUTBOX.c.settled_at.desc())
    .limit(bindparam("limit"))
)
_OLDEST = select(func.min(_OUTBOX.c.not_before)).where(
    and_(text(OPEN), _OUTBOX.c.channel == bindparam("channel"))
)
_WAITING = (
    select(
        _OUTBOX.c.channel,
        func.count(),
        func.min(_OUTBOX.c.not_before),
        func.min(case((_OUTBOX.c.state == "leased", _OUTBOX.c.not_before))),
        func.min(case((_OUTBOX.c.attempts > 0, _OUTBOX.c.created_at))),
    )
    .where(text(OPEN))
    .group_by(_OUTBOX.c.channel)
    .order_by(_OUTBOX.c.channel)
)
_GIVEN_UP = select(func.count()).where(
    text("state = 'dead'"), _OUTBOX.c.settled_at >= bindparam("since")
)
_LATEST = 5_000
_NEWEST = select(func.coalesce(func.max(_OUTBOX.c.id), 0)).scalar_subquery()
_LAST_SUCCESS = select(func.max(_OUTBOX.c.settled_at)).where(
    _OUTBOX.c.id > _NEWEST - _LATEST,
    _OUTBOX.c.channel == bindparam("channel"),
    _OUTBOX.c.state == "sent",
)
_LAST_ID = 2**31 - 1


def is_due(tx: Tx, *, channel: str, now: datetime, collected: datetime) -> bool:
    """Whether a claim would find anything; takes no lock."""
    return (
        tx.execute(_IS_DUE, {"channel": channel, "now": now, "collected": collected}).first()
        is not None
    )


def used_budget(tx: Tx, *, people: Sequence[int], channel: str, since: datetime) -> dict[int, int]:
    """How many deliveries that count each person has had on a channel since a moment."""
    if not people:
        return {}
    rows = tx.execute(_USED, {"people": list(people), "channel": channel, "since": since})
    return {row.person_id: row.used for row in rows}


def inbox(
    tx: Tx, *, person_id: int, before: int | None = None, limit: int = 50
) -> tuple[Item, ...]:
    """A page of a person's own inbox, the newest first, beginning below the id `before`."""
    rows = tx.execute(_ITEMS, {"reader": person_id, "before": before or _LAST_ID, "limit": limit})
    return tuple(Item(*row[:-1], _link(row.payload)) for row in rows)


def _link(payload: Mapping[str, Any] | None) -> str | None:
    known = payload or {}
    if link := known.get("link"):
        return str(link)
    return f"/issues/{known['number']}" if known.get("number") else None


def unread(tx: Tx, *, person_id: int) -> int:
    """How many items of a person's inbox are not read yet."""
    return int(tx.execute(_UNREAD, {"reader": person_id}).scalar_one())


def of_issue(tx: Tx, *, issue_id: int) -> tuple[Despatch, ...]:
    """Who was told what about an issue; the caller has checked that the issue may be seen."""
    return _despatches(tx.execute(_OF_ISSUE, {"issue": issue_id}).all())


def undelivered(tx: Tx, *, limit: int = 100) -> tuple[Despatch, ...]:
    """Messages that were given up, the newest first; for whoever runs the installation."""
    return _despatches(tx.execute(_DEAD, {"limit": limit}).all())


def oldest_due(tx: Tx, *, channel: str) -> datetime | None:
    """The moment since which the oldest undelivered message of a channel has been due."""
    found: datetime | None = tx.execute(_OLDEST, {"channel": channel}).scalar_one()
    return found


def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """What is still to be delivered, by channel; channels on which nothing waits are left out."""
    return tuple([Waiting(*row) for row in tx.execute(_WAITING)])


def given_up(tx: Tx, *, since: datetime) -> int:
    """How many messages were given up since a moment."""
    return int(tx.execute(_GIVEN_UP, {"since": since}).scalar_one())


def last_success(tx: Tx, *, channel: str) -> datetime | None:
    """When a message last left over a channel, among the latest few thousand of all channels."""
    found: datetime | None = tx.execute(_LAST_SUCCESS, {"channel": channel}).scalar_one()
    return found


def _despatches(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Despatch, ...]:
    return tuple(Despatch(*row) for row in rows)
