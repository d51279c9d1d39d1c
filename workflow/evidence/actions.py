"""Writes of evidence: record what was uploaded, tie stored files to an issue's event, name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx
from workflow.errors import N_, Invalid
from workflow.evidence.checks import MOST_BYTES
from workflow.evidence.files import examine
from workflow.evidence.models import Blob, Evidence
from workflow.evidence.storage import Storage
from workflow.prepared import Prepared

_BLOB = Blob.__table__  # type: ignore[attr-defined]
_EVIDENCE = Evidence.__table__  # type: ignore[attr-defined]
_NEW = ("issue_id", "event_seq", "name", "added_by_id", "added_at")
_ATTACH = Prepared(
    insert(_EVIDENCE)
    .inline()
    .from_select(
        [*_NEW, "sha256"],
        select(
            *(bindparam(name, type_=_EVIDENCE.c[name].type) for name in _NEW), _BLOB.c.sha256
        ).where(_BLOB.c.sha256 == bindparam("sha256")),
    )
)
"""Of a file that was never stored it makes no row."""
_RECORD = {
    "sqlite": sqlite.insert(_BLOB).on_conflict_do_nothing(index_elements=["sha256"]),
    "postgresql": postgresql.insert(_BLOB).on_conflict_do_nothing(index_elements=["sha256"]),
}
_NAME = (
    update(_EVIDENCE)
    .where(
        _EVIDENCE.c.issue_id == bindparam("of_issue"),
        _EVIDENCE.c.event_seq == bindparam("of_event"),
        _EVIDENCE.c.sha256 == bindparam("of_file"),
    )
    .values(name=bindparam("to_name"))
)
_LONGEST_NAME = 200
_STORED = select(_BLOB.c.sha256).where(_BLOB.c.sha256.in_(bindparam("digests", expanding=True)))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that lies in the storage and waits to be recorded."""

    sha256: str
    size: int
    mime: str
    copy_sha256: str | None
    taken_at: datetime | None
    lat: float | None
    lon: float | None


def seal(
    storage: Storage, content: bytes, name: str, *, zone: ZoneInfo, most: int = MOST_BYTES
) -> Upload:
    """Examine a file and put it, and a photograph's copy, into the storage; outside a transaction.

    Raises:
        Invalid: it is neither a photograph nor a document, or larger than `most` bytes.
    """
    found = examine(content, name, zone=zone, most=most)
    return Upload(
        sha256=storage.put(content),
        size=len(content),
        mime=found.mime,
        copy_sha256=storage.put(found.copy) if found.copy else None,
        taken_at=found.taken_at,
        lat=found.lat,
        lon=found.lon,
    )


def record(tx: Tx, uploads: Sequence[Upload], *, now: datetime) -> None:
    """Write down sealed files; from now on an action may name them."""
    rows = [
        {name: getattr(upload, name) for name in Upload.__dataclass_fields__} | {"stored_at": now}
        for upload in uploads
    ]
    if rows:
        tx.execute(_RECORD[tx.dialect.name], rows)


def name_files(tx: Tx, *, issue_id: int, event_seq: int, names: Mapping[str, str]) -> None:
    """Give the files of an event the names under which they were uploaded."""
    rows = [
        {
            "of_issue": issue_id,
            "of_event": event_seq,
            "of_file": digest,
            "to_name": name[-_LONGEST_NAME:],
        }
        for digest, name in names.items()
    ]
    if rows:
        tx.execute(_NAME, rows)


def attach(
    tx: Tx,
    *,
    issue_id: int,
    event_seq: int,
    digests: Sequence[str],
    by_id: int | None,
    now: datetime,
) -> None:
    """Tie files that were stored before to the event of an issue.

    Raises:
        Invalid: one of them was never stored here.
    """
    wanted = list(dict.fromkeys(digests))
    rows = [
        {
            "issue_id": issue_id,
            "event_seq": event_seq,
            "sha256": digest,
            "name": digest[:12],
            "added_by_id": by_id,
            "added_at": now,
        }
        for digest in wanted
    ]
    if _ATTACH.run_many(tx, rows) != len(wanted):
        stored = set(tx.execute(_STORED, {"digests": wanted}).scalars())
        missing = next(digest for digest in wanted if digest not in stored)
        raise Invalid.at(
            "evidence", N_("有附件尚未上传成功（{digest}…），请重新上传。"), digest=missing[:8]
        )
