"""Writes of the record: append events, sign a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from workflow.audit.chain import Entry, is_plain, link, seal
from workflow.audit.models import Event
from workflow.db import Tx

_EVENT = Event.__table__  # type: ignore[attr-defined]
_APPEND = insert(_EVENT)


@dataclass(frozen=True, slots=True)
class NewEvent:
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

    Raises ValueError where the entry could not be proved later: keys that are no strings, a unit
    named in one form and not in the other.
    """
    if not is_plain(entry.data):
        raise ValueError("keys in an event's data must be strings")
    if bool(entry.unit) != (by_unit_id is not None):
        raise ValueError("an event names the acting unit by id and by code, or not at all")
    hashed = link(prev, entry)
    return NewEvent(issue_id, by_id, by_unit_id, entry, prev, hashed, seal(hashed, key))


def append(tx: Tx, events: Sequence[NewEvent]) -> None:
    """Write events; two with the same issue and number break the unique constraint."""
    if events:
        tx.execute(_APPEND, [_row(event) for event in events])


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
