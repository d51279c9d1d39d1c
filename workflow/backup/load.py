"""Loading a verified backup into an empty place: all of it, or nothing."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError

from workflow import migrate
from workflow.backup import rows
from workflow.backup.archive import Progress
from workflow.backup.layout import MOST_CONFIG, BackupError
from workflow.backup.rows import TableShape
from workflow.backup.verify import Backup
from workflow.db import Database, Tx
from workflow.errors import N_
from workflow.evidence.storage import Storage
from workflow.operations import quarantine
from workflow.operations.quarantine import Held

BATCH = 2_000
UNFINISHED = ".unfinished"
"""Lies among the attachments until their rows are in the database."""
STAGING = ".restore-"
RESTORED = "restored"
"""The folder that gets the configuration of the backup, for people to compare."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup is restored to."""

    database: Database
    storage: Storage
    data_dir: Path


def check_empty(target: Target) -> None:
    """Raises BackupError, which names what it found, unless there is nothing that would be lost."""
    if (folder := _filled(target)) is not None:
        raise BackupError(
            N_(
                "数据文件夹 {folder} 里已有附件，只能恢复到空的地方。"
                "请用 BIHUAN_DATA_DIR 另指文件夹。"
            ),
            code="not_empty",
            params={"folder": folder},
        )
    if target.database.is_sqlite and not Path(target.database.url.database or "").exists():
        return
    with target.database.reading() as tx:
        _check_database(tx)


def _filled(target: Target) -> Path | None:
    folder = target.storage.folder
    is_ours = not folder.exists() or (folder / UNFINISHED).exists()
    return None if is_ours or not any(folder.iterdir()) else folder.resolve()


def _check_database(tx: Tx) -> None:
    names = inspect(tx).get_table_names()
    ours = _state(tx)
    for name in names:
        if name == rows.VERSION or name.startswith(rows.SEARCH_INDEX):
            continue
        if ours == "empty" or tx.execute(select(1).select_from(sql_table(name)).limit(1)).first():
            raise BackupError(
                N_("数据库里已有数据（{table} 表），只能恢复到空的数据库。请新建一个空数据库。"),
                code="not_empty",
                params={"table": name},
            )


def _state(tx: Tx) -> str:
    """``empty`` or the schema; one from a newer program counts as filled."""
    try:
        return migrate.revision(tx)
    except migrate.SchemaError as fault:
        if fault.code == "schema_empty":
            return "empty"
        raise


def load(backup: Backup, target: Target, *, now: datetime, progress: Progress) -> Held:
    """Load everything, migrate it to this program's schema, and begin the quarantine.

    Raises BackupError; then database and folders are as they were before.
    """
    with _staged(backup, target, progress) as staging:
        try:
            with target.database.transaction() as tx:
                _check_database(tx)
                held = _rows(backup, tx, now, progress)
                staging.move()
        except DBAPIError as fault:
            raise BackupError(
                N_("数据库没有接受备份里的数据，什么都没有写入：{error}。"),
                code="not_accepted",
                params={"error": str(fault.orig).splitlines()[0][:300]},
            ) from fault
        staging.finish()
    return held


def _rows(backup: Backup, tx: Tx, now: datetime, progress: Progress) -> Held:
    manifest = backup.manifest
    migrate.clear(tx)
    migrate.raise_to(tx, manifest.revision)
    _check_shapes(backup, tx)
    if tx.dialect.name == "sqlite":
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
    order = [shape.name for shape in rows.shapes(tx)]
    for name in order:
        _table(backup, backup.shapes[name], tx, progress)
    if tx.dialect.name == "postgresql":
        _raise_sequences(tx, order)
    migrate.raise_to(tx)
    return quarantine.begin(tx, origin=backup.reader.digest, taken_at=manifest.taken_at, now=now)


def _check_shapes(backup: Backup, tx: Tx) -> None:
    """The schema of that revision has exactly the tables and columns that the backup has."""
    here = {shape.name: set(shape.columns) for shape in rows.shapes(tx)}
    there = {name: set(shape.columns) for name, shape in backup.shapes.items()}
    if here != there:
        strange = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
        raise BackupError(
            N_("备份的表结构与它写明的版本 {revision} 不符（{tables}），已拒绝。"),
            code="schema_differs",
            params={"revision": backup.manifest.revision, "tables": "、".join(strange)},
        )


def _table(backup: Backup, shape: TableShape, tx: Tx, progress: Progress) -> None:
    found = backup.rows(shape.name)
    if tx.dialect.name == "postgresql":
        _copy(shape, found, tx, progress)
        return
    names = [name for name, _ in shape.columns]
    target = Table(
        shape.name,
        MetaData(),
        *(Column(name, rows.stored_as(kind)) for name, kind in shape.columns),
    )
    statement = insert(target).values({name: bindparam(name) for name in names})
    while batch := [dict(zip(names, row, strict=True)) for row in islice(found, BATCH)]:
        tx.execute(statement, batch)
        progress(len(batch))


def _copy(shape: TableShape, found: Iterator[Sequence[Any]], tx: Tx, progress: Progress) -> None:
    quoted = ", ".join(f'"{name}"' for name, _ in shape.columns)
    cursor = tx.connection.cursor()
    try:
        with cursor.copy(f'COPY "{shape.name}" ({quoted}) FROM STDIN') as copy:
            for number, row in enumerate(found, 1):
                copy.write_row(row)
                if number % BATCH == 0:
                    progress(BATCH)
    except tx.dialect.loaded_dbapi.Error as fault:
        error = tx.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(shape.name, (), fault, error, dialect=tx.dialect) from fault
    finally:
        cursor.close()


def _raise_sequences(tx: Tx, tables: Sequence[str]) -> None:
    """The next row gets an id above all that were loaded."""
    for name in tables:
        for each in inspect(tx).get_columns(name):
            sequence = tx.execute(select(func.pg_get_serial_sequence(name, each["name"]))).scalar()
            if sequence is not None:
                column: ColumnElement[int] = sql_column(each["name"])
                found = select(func.max(column)).select_from(sql_table(name))
                highest = tx.execute(found).scalar()
                tx.execute(select(func.setval(sequence, highest or 1, highest is not None)))


class Staging:
    """The files of a backup in a folder beside the place where they will be."""

    def __init__(self, target: Target, folder: Path) -> None:
        self.storage, self.folder = target.storage.folder, folder
        self.restored = target.data_dir / RESTORED
        self.evidence, self.config = folder / "evidence", folder / "config"
        self._moved: list[Path] = []

    def move(self) -> None:
        """Put the files where they belong; the last thing before the rows are committed."""
        if self.storage.exists():
            shutil.rmtree(self.storage)  # empty, or of a restore that was cut off
        for source, place in ((self.evidence, self.storage), (self.config, self.restored)):
            if source.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                source.rename(place)
                self._moved.append(place)

    def undo(self) -> None:
        """The rows were not committed."""
        for place in self._moved:
            shutil.rmtree(place, ignore_errors=True)

    def finish(self) -> None:
        """The rows are committed."""
        (self.storage / UNFINISHED).unlink(missing_ok=True)
        self._moved.clear()


@contextmanager
def _staged(backup: Backup, target: Target, progress: Progress) -> Iterator[Staging]:
    was_there = target.data_dir.exists()
    target.data_dir.mkdir(parents=True, exist_ok=True)
    file = Path(target.database.url.database or "") if target.database.is_sqlite else None
    is_new = file is not None and not file.exists()
    for left in target.data_dir.glob(f"{STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a restore that was killed
    folder = target.data_dir / f"{STAGING}{secrets.token_hex(6)}"
    staging = Staging(target, folder)
    try:
        _unpack(backup, staging, progress)
        yield staging
        is_new = False
    except BaseException:
        staging.undo()
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if is_new and file is not None:
            target.database.close()
            for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
                each.unlink(missing_ok=True)
            if not was_there and not any(target.data_dir.iterdir()):
                target.data_dir.rmdir()


def _unpack(backup: Backup, staging: Staging, progress: Progress) -> None:
    staging.evidence.mkdir(parents=True)
    (staging.evidence / UNFINISHED).touch()
    inside = Storage(staging.evidence)
    for digest in backup.files:
        path = inside.path(digest)
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            for chunk in backup.reader.chunks(f"files/{digest}"):
                file.write(chunk)
                progress(len(chunk))
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o440)
    if not (staging.restored).exists():
        for part in backup.manifest.config:
            # The name has passed `layout.NAMES`: it stays below the folder.
            path = staging.config / part.name.removeprefix("config/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(backup.reader.content(part.name, MOST_CONFIG))
