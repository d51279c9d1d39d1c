"""Reads of the record: an issue's events, the check of everything, the export for strangers."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import bindparam, column, exists, func, select, table

from workflow.audit.chain import Entry, moment
from workflow.audit.keys import is_signed
from workflow.audit.models import Checkpoint, Event
from workflow.audit.proof import Link, Report, Signed, check
from workflow.db import Tx
from workflow.errors import N_, Invalid

FORMAT = "bihuan-record/1"
# Characters inside a text at which some readers would break the line.
_BREAKS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}

_EVENT = Event.__table__  # type: ignore[attr-defined]
_CHECKPOINT = Checkpoint.__table__  # type: ignore[attr-defined]
_ISSUE = table("issue", column("id"), column("number"), column("version"), column("head"))
_READ = {"yield_per": 2_000}  # the rows of a large record do not fit into memory at once
_PERSON = table("person", column("id"), column("login"))
_UNIT = table("unit", column("id"), column("code"))

_EVENTS = (
    select(
        _ISSUE.c.number,
        _EVENT.c.seq,
        _EVENT.c.at,
        _EVENT.c.by_id,
        func.coalesce(_PERSON.c.login, "").label("login"),
        _EVENT.c.door,
        _EVENT.c.action,
        _EVENT.c.kind,
        _EVENT.c.data,
        _EVENT.c.by_unit_id,
        func.coalesce(_UNIT.c.code, "").label("unit"),
        _EVENT.c.prev,
        _EVENT.c.hash,
        _EVENT.c.mac,
    )
    .join(_ISSUE, _ISSUE.c.id == _EVENT.c.issue_id)
    .outerjoin(_PERSON, _PERSON.c.id == _EVENT.c.by_id)
    .outerjoin(_UNIT, _UNIT.c.id == _EVENT.c.by_unit_id)
)
_ALL = (
    _EVENTS.add_columns(_ISSUE.c.version, _ISSUE.c.head)
    .order_by(_EVENT.c.issue_id, _EVENT.c.seq, _EVENT.c.id)
    .execution_options(**_READ)
)
_OF_ISSUE = _EVENTS.where(_EVENT.c.issue_id == bindparam("issue_id")).order_by(_EVENT.c.seq)
_CHECKPOINTS = (
    select(
        _CHECKPOINT.c.no,
        _CHECKPOINT.c.at,
        _CHECKPOINT.c.heads,
        _CHECKPOINT.c.prev,
        _CHECKPOINT.c.hash,
        _CHECKPOINT.c.signature,
        _CHECKPOINT.c.last_event_id,
    )
    .order_by(_CHECKPOINT.c.no, _CHECKPOINT.c.id)
    .execution_options(**_READ)
)
_EVENT_COUNT = select(func.count()).select_from(_EVENT)
_SIGNED_COUNT = select(func.count()).select_from(_CHECKPOINT)
_SILENT = select(_ISSUE.c.number).where(~exists().where(_EVENT.c.issue_id == _ISSUE.c.id))


@dataclass(frozen=True, slots=True)
class Record:
    """One event of an issue as pages and the interface show it."""

    entry: Entry
    by_id: int | None
    unit_id: int | None
    hash: str


def of_issue(tx: Tx, issue_id: int) -> tuple[Record, ...]:
    """The events of an issue in their order; whether it may be seen is the caller's question."""
    rows = tx.execute(_OF_ISSUE, {"issue_id": issue_id})
    return tuple(Record(_entry(row), row.by_id, row.by_unit_id, row.hash) for row in rows)


def verify(tx: Tx, *, key: bytes | None, public_key: Ed25519PublicKey | None) -> Report:
    """Check the installation's own record: chains, seals, checkpoints, and the issues' heads.

    Seals are believed without `key`, signatures without `public_key`; the caller has to say so.
    """
    return check(
        (
            Link(_entry(row), row.prev, row.hash, row.mac, (row.version, row.head))
            for row in tx.execute(_ALL)
        ),
        _checkpoints(tx),
        is_signed=lambda signature, message: (
            public_key is None or is_signed(public_key, signature, message)
        ),
        key=key,
        silent=tx.execute(_SILENT).scalars(),
    )


def export(tx: Tx, *, now: datetime) -> Iterator[str]:
    """The record as JSON lines: a head, every checkpoint, every event chain by chain.

    It holds no seals and nothing from the erasable tables.
    """
    yield _line({"type": "export", "format": FORMAT, "at": moment(now)})
    for one in _checkpoints(tx):
        yield _line(
            {
                "type": "checkpoint",
                "no": one.no,
                "at": moment(one.at),
                "heads": one.heads,
                "prev": one.prev,
                "hash": one.hash,
                "signature": one.signature,
                "last_event_id": one.last_event_id,
            }
        )
    for row in tx.execute(_ALL):
        entry = _entry(row)
        yield _line(
            {
                "type": "event",
                "issue": entry.issue,
                "seq": entry.seq,
                "at": moment(entry.at),
                "by": entry.by,
                "unit": entry.unit,
                "door": entry.door,
                "action": entry.action,
                "kind": entry.kind,
                "data": entry.data,
                "prev": row.prev,
                "hash": row.hash,
            }
        )


def size(tx: Tx) -> int:
    """How many lines an export has."""
    return 1 + sum(tx.execute(counted).scalar_one() for counted in (_EVENT_COUNT, _SIGNED_COUNT))


def verify_export(lines: Iterable[str], *, public_key: Ed25519PublicKey) -> Report:
    """Check an export. Raises Invalid, with the line, for a file that is none."""
    signed: list[Signed] = []
    read = _Lines(lines, signed)
    first = next(read, None)
    return check(
        _chain(first, read),
        signed,
        is_signed=lambda signature, message: is_signed(public_key, signature, message),
    )


class _Lines(Iterator[Link]):
    """The events of an export; the checkpoints before them go into `signed` on the way."""

    def __init__(self, lines: Iterable[str], signed: list[Signed]) -> None:
        self.lines = enumerate(lines, start=1)
        self.signed = signed
        number, head = next(self.lines, (1, ""))
        if self._json(number, head).get("format") != FORMAT:
            raise Invalid.at("export", N_("第{line}行：这不是本系统导出的记录。"), line=number)

    def __next__(self) -> Link:
        for number, line in self.lines:
            values = self._json(number, line)
            try:
                if values["type"] == "checkpoint":
                    self.signed.append(_signed_of(values))
                else:
                    return _link_of(values)
            except (KeyError, TypeError, ValueError) as fault:
                raise _unreadable(number) from fault
        raise StopIteration

    def _json(self, number: int, line: str) -> dict[str, Any]:
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as fault:
            raise _unreadable(number) from fault
        if not isinstance(values, dict):
            raise _unreadable(number)
        return values


def _unreadable(number: int) -> Invalid:
    return Invalid.at("export", N_("第{line}行读不懂，文件可能不完整。"), line=number)


def _chain(first: Link | None, rest: Iterable[Link]) -> Iterator[Link]:
    if first is not None:
        yield first
        yield from rest


def _signed_of(values: dict[str, Any]) -> Signed:
    at = datetime.fromisoformat(values["at"])
    moment(at)
    return Signed(
        no=int(values["no"]),
        at=at,
        heads=values["heads"],
        prev=values["prev"],
        hash=values["hash"],
        signature=values["signature"],
        last_event_id=int(values["last_event_id"]),
    )


def _link_of(values: dict[str, Any]) -> Link:
    if not isinstance(values["issue"], str):
        raise TypeError("an issue's number is text")
    entry = Entry(
        issue=values["issue"],
        seq=int(values["seq"]),
        at=datetime.fromisoformat(values["at"]),
        by=values["by"],
        door=values["door"],
        action=values["action"],
        kind=values["kind"],
        data=values["data"],
        unit=values["unit"],
    )
    return Link(entry, values["prev"], values["hash"])


def _entry(row: Any) -> Entry:
    return Entry(
        issue=row.number,
        seq=row.seq,
        at=row.at,
        by=row.login if row.by_id is not None else "system",
        door=row.door,
        action=row.action,
        kind=row.kind,
        data=row.data,
        unit=row.unit,
    )


def _checkpoints(tx: Tx) -> Iterator[Signed]:
    for row in tx.execute(_CHECKPOINTS):
        yield Signed(
            row.no, row.at, row.heads, row.prev, row.hash, row.signature, row.last_event_id
        )


def _line(values: dict[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_BREAKS) + "\n"
