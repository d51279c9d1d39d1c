"""The event of a move: what goes into the chain, and who said it at which door."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from workflow.audit.actions import NewEvent, chained
from workflow.audit.chain import LEAVES, Entry
from workflow.units.directory import Directory
from workflow.units.rules import Actor


class Said(NamedTuple):
    """Who did what at which door, for the record."""

    action: str
    kind: str
    by: Actor
    door: str
    for_unit: int | None = None


def event(
    *,
    issue_id: int,
    number: str,
    seq: int,
    prev: str,
    said: Said,
    data: Mapping[str, Any],
    at: datetime,
    directory: Directory,
    key: bytes,
) -> NewEvent:
    """Return the event that follows ``prev`` in the issue's chain."""
    unit = directory.unit(said.for_unit).code if said.for_unit is not None else ""
    entry = Entry(
        issue=number,
        seq=seq,
        at=at,
        by=said.by.login,
        door=said.door,
        action=said.action,
        kind=said.kind,
        data=plain(data),
        unit=unit,
    )
    return chained(
        entry,
        issue_id=issue_id,
        prev=prev,
        key=key,
        by_id=said.by.person_id,
        by_unit_id=said.for_unit,
    )


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as JSON can hold it: dates as text, models as mappings."""
    return {name: _plain(value) for name, value in data.items() if value is not None}


def _plain(value: Any) -> Any:
    if type(value) in LEAVES:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
