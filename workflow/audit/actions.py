"""Writes of the record: append events, sign a checkpoint."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import and_, bindparam, column, func, insert, select, table, text

from workflow.audit.chain import GENESIS, Entry, is_plain, link, seal
from workflow.audit.models import Checkpoint, Event
from workflow.audit.proof import Signed, checkpoint_hash, signed_message
from workflow.db import Tx
from workflow.prepared import inserting

MOST_EVENTS = 20_000
"""Events that one checkpoint covers."""

_EVENT = Event.__table__  # type: ignore[attr-defined]
_CHECKPOINT = Checkpoint.__table__  # type: ignore[attr-defined]
_ISSUE = table("issue", column("id"), column("number"))

_APPEND = inserting(_EVENT)
_SIGN = insert(_CHECKPOINT)
_LAST = (
    select(_CHECKPOINT.c.no, _CHECKPOINT.c.hash, _CHECKPOINT.c.last_event_id)
    .order_by(_CHECKPOINT.c.no.desc())
    .limit(1)
)
_LOCK = text("LOCK TABLE event IN SHARE MODE")
_NEWEST = select(func.max(_EVENT.c.id))
_BATCH = (
    select(_EVENT.c.id)
    .where(_EVENT.c.id > bindparam("since"), _EVENT.c.id <= bindparam("newest"))
    .order_by(_EVENT.c.id)
    .limit(bindparam("most"))
    .subquery()
)
_UNTIL = select(func.max(_BATCH.c.id))
_CHANGED = (
    select(_EVENT.c.issue_id, func.max(_EVENT.c.seq).label("seq"))
    .where(_EVENT.c.id > bindparam("since"), _EVENT.c.id <= bindparam("until"))
    .group_by(_EVENT.c.issue_id)
    .subquery()
)
_HEADS = (
    select(_ISSUE.c.number, _EVENT.c.seq, _EVENT.c.hash)
    .join(
        _CHANGED,
        and_(_EVENT.c.issue_id == _CHANGED.c.issue_id, _EVENT.c.seq == _CHANGED.c.seq),
    )
    .join(_ISSUE, _ISSUE.c.id == _EVENT.c.issue_id)
    .order_by(_EVENT.c.issue_id)
)


class NewEvent(NamedTuple):
    """An event with its place in the chain, ready to be written."""

    issue_id: int
    by_id: int | None
    by_unit_id: int | None
    entry: Entry
    prev: str
    hash: str
    mac: str


def chained(
    entry: Entry,
    *,
    issue_id: int,
    prev: str,
    key: bytes,
    by_id: int | None = None,
    by_unit_id: int | None = None,
) -> NewEvent:
    """Give an entry its hash and seal. Pure.

    Raises ValueError where the entry could not be proved later: data that JSON would change, a
    unit named in one form and not in the other.
    """
    if not is_plain(entry.data):
        raise ValueError("an event's data holds plain values and keys of text only")
    if bool(entry.unit) != (by_unit_id is not None):
        raise ValueError("an event names the acting unit by id and by code, or not at all")
    hashed = link(prev, entry)
    return NewEvent(issue_id, by_id, by_unit_id, entry, prev, hashed, seal(hashed, key))


def append(tx: Tx, events: Sequence[NewEvent]) -> None:
    """Write events; two with the same issue and number break the unique constraint."""
    if events:
        _APPEND.run_many(tx, [_row(event) for event in events])


def _row(event: NewEvent) -> dict[str, object]:
    entry = event.entry
    return {
        "issue_id": event.issue_id,
        "seq": entry.seq,
        "at": entry.at,
        "by_id": event.by_id,
        "by_unit_id": event.by_unit_id,
        "door": entry.door,
        "action": entry.action,
        "kind": entry.kind,
        "data": entry.data,
        "prev": event.prev,
        "hash": event.hash,
        "mac": event.mac,
    }


def checkpoint(
    tx: Tx, *, key: Ed25519PrivateKey, now: datetime, most: int = MOST_EVENTS
) -> Signed | None:
    """Sign the chain heads that changed since the last checkpoint; None if none did.

    Covers at most `most` events: call it, each time in a transaction of its own, until it
    returns None. Concurrent writers wait for a moment, or it could pass over one of their events.
    """
    last = tx.execute(_LAST).one_or_none()
    since = last.last_event_id if last else 0
    bounds = {"since": since, "newest": _settled_id(tx), "most": most}
    until = tx.execute(_UNTIL, bounds).scalar()
    if until is None:
        return None
    heads = {
        row.number: [row.seq, row.hash]
        for row in tx.execute(_HEADS, {"since": since, "until": until})
    }
    no, prev = (last.no + 1, last.hash) if last else (1, GENESIS)
    hashed = checkpoint_hash(no, now, heads, prev, until)
    signature = key.sign(signed_message(hashed)).hex()
    signed = Signed(no, now, heads, prev, hashed, signature, until)
    tx.execute(
        _SIGN,
        {
            "no": no,
            "at": now,
            "heads": heads,
            "prev": prev,
            "hash": hashed,
            "signature": signature,
            "last_event_id": until,
        },
    )
    return signed


class _Release(Exception):
    """Leaves a savepoint, and with it the lock that was taken inside."""


def _settled_id(tx: Tx) -> int:
    """The newest event id such that no transaction still holds back an older one.

    On PostgreSQL ids are given out before the commit. A lock that waits for every writer shows a
    moment without any; leaving the savepoint frees the writers again.
    """
    newest = 0
    with suppress(_Release), tx.begin_nested():
        if tx.dialect.name == "postgresql":
            tx.execute(_LOCK)
        newest = tx.execute(_NEWEST).scalar() or 0
        raise _Release
    return newest
