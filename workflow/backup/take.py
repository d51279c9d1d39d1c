"""Taking a backup while others write: one view of the database, then the files that it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import text

from workflow import migrate
from workflow.backup import chains, rows
from workflow.backup.archive import Progress, Writer
from workflow.backup.layout import (
    FORMAT,
    MANIFEST,
    PART_BYTES,
    BackupError,
    Files,
    Heads,
    Manifest,
    Part,
    TableEntry,
)
from workflow.backup.rows import TableShape
from workflow.db import Database, Tx
from workflow.errors import N_
from workflow.evidence.storage import Storage

# Before the first statement: everything is read as it was at one moment.
_ONE_VIEW = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
_DIGESTS = text(
    "SELECT sha256 FROM blob UNION SELECT copy_sha256 FROM blob"
    " WHERE copy_sha256 IS NOT NULL ORDER BY 1"
)
_LOGINS = text("SELECT id, login FROM person")
_CODES = text("SELECT id, code FROM unit")
_CHECKPOINT = text("SELECT no, hash FROM checkpoint ORDER BY no DESC LIMIT 1")


@dataclass(frozen=True, slots=True)
class Source:
    """What a backup is taken of."""

    database: Database
    storage: Storage
    config: Mapping[str, bytes]
    """Member name → content."""
    key: bytes
    """Seals the file."""
    fingerprint: str
    """Of the installation's key."""
    program: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that is done."""

    manifest: Manifest
    digest: str


class View:
    """The one view of the database from which everything is read."""

    def __init__(self, tx: Tx) -> None:
        if tx.dialect.name == "postgresql":
            tx.execute(_ONE_VIEW)
        self.tx = tx
        self.revision = migrate.revision(tx)
        self.shapes = rows.shapes(tx)
        self.counts = {shape.name: rows.count(tx, shape) for shape in self.shapes}
        self.digests = [each[0] for each in tx.execute(_DIGESTS)]

    @property
    def steps(self) -> int:
        """Rows and files that a backup goes through; events are read twice."""
        return sum(self.counts.values()) + self.counts.get("event", 0) + len(self.digests)


def take(
    source: Source,
    view: View,
    writer: Writer,
    *,
    now: datetime,
    progress: Progress,
    without_missing: bool = False,
) -> Taken:
    """Write everything that the view shows.

    Raises BackupError for an attachment that is damaged, or gone unless `without_missing`.
    """
    tables = tuple([_table(view, shape, writer, progress) for shape in view.shapes])
    heads = _heads(view, progress)
    files, missing = _files(source.storage, view, writer, progress, without_missing)
    config = tuple(
        [writer.add(f"config/{name}", content) for name, content in sorted(source.config.items())]
    )
    manifest = Manifest(
        format=FORMAT,
        program=source.program,
        revision=view.revision,
        database="sqlite" if source.database.is_sqlite else "postgresql",
        taken_at=now,
        key=source.fingerprint,
        tables=tables,
        files=files,
        missing=missing,
        config=config,
        heads=heads,
    )
    writer.add(MANIFEST, manifest.model_dump_json().encode())
    return Taken(manifest, writer.close(source.key))


def _table(view: View, shape: TableShape, writer: Writer, progress: Progress) -> TableEntry:
    parts: list[Part] = []
    waiting = bytearray()
    count = total = 0

    def flush() -> None:
        nonlocal count
        name = f"tables/{shape.name}/{len(parts) + 1:06}.jsonl.gz"
        parts.append(writer.add_rows(name, bytes(waiting), count))
        progress(count)
        waiting.clear()
        count = 0

    for row in rows.read(view.tx, shape):
        waiting += rows.line(row)
        count += 1
        total += 1
        if len(waiting) >= PART_BYTES:
            flush()
    if count:
        flush()
    return TableEntry(name=shape.name, columns=shape.columns, rows=total, parts=tuple(parts))


def _heads(view: View, progress: Progress) -> Heads:
    shapes = {shape.name: shape for shape in view.shapes}
    last = view.tx.execute(_CHECKPOINT).first()
    return chains.walk(
        chosen(shapes["issue"], chains.ISSUE, rows.read(view.tx, shapes["issue"])),
        chosen(
            shapes["event"],
            chains.EVENT,
            _counted(rows.read(view.tx, shapes["event"]), progress),
        ),
        logins=dict(tuple(each) for each in view.tx.execute(_LOGINS)),
        codes=dict(tuple(each) for each in view.tx.execute(_CODES)),
        checkpoint=None if last is None else (last[0], last[1]),
    )


def chosen(
    shape: TableShape, columns: tuple[str, ...], found: Iterator[list[Any]]
) -> Iterator[list[Any]]:
    """Some columns of rows."""
    places = [shape.at(name) for name in columns]
    for row in found:
        yield [row[place] for place in places]


def _counted(found: Iterator[list[Any]], progress: Progress) -> Iterator[list[Any]]:
    for number, row in enumerate(found, 1):
        if number % rows.BATCH == 0:
            progress(rows.BATCH)
        yield row


def _files(
    storage: Storage, view: View, writer: Writer, progress: Progress, without_missing: bool
) -> tuple[Files, tuple[str, ...]]:
    """Content never changes under its name, so what comes meanwhile disturbs nothing."""
    names, missing, size = sha256(), [], 0
    for digest in view.digests:
        path = storage.path(digest)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            missing.append(digest)
            continue
        with file:
            length = path.stat().st_size
            if writer.add_file(f"files/{digest}", file, length) != digest:
                raise BackupError(
                    N_("附件 {file} 已损坏，备份中止。请从以前的备份里找回这个文件，再备份。"),
                    code="damaged_file",
                    params={"file": path},
                )
        names.update(f"{digest}\n".encode())
        size += length
        progress(1)
    if missing and not without_missing:
        raise BackupError(
            N_(
                "有 {count} 个附件不在存储目录 {folder} 中，例如 {digest}。请先找回；确实找不回，"
                "可加 --without-missing 备份其余部分，缺哪些会写进备份。"
            ),
            code="missing_files",
            params={"count": len(missing), "folder": storage.folder, "digest": missing[0]},
        )
    count = len(view.digests) - len(missing)
    return Files(count=count, bytes=size, sha256=names.hexdigest()), tuple(missing)
