"""A backup is believed only when all of it fits together; nothing is written before that."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO

from pydantic import ValidationError

from workflow import migrate
from workflow.backup import chains, rows
from workflow.backup.archive import Progress, Reader
from workflow.backup.layout import (
    FORMAT,
    MANIFEST,
    MOST_CONFIG,
    MOST_MANIFEST,
    MOST_PACKED,
    BackupError,
    Manifest,
    TableEntry,
    damaged,
    is_sealed,
)
from workflow.backup.rows import TableShape
from workflow.backup.take import chosen
from workflow.errors import N_

PUBLIC_KEY = "config/checkpoint.pub"
KEPT_COLUMNS = {
    "issue": chains.ISSUE,
    "event": chains.EVENT,
    "person": ("id", "login"),
    "unit": ("id", "code"),
    "blob": ("sha256", "copy_sha256"),
    "checkpoint": ("no", "hash"),
}
"""What the verification asks of a backup whatever its schema."""


@dataclass
class Backup:
    """A backup that has been verified from the first byte to the last."""

    reader: Reader
    manifest: Manifest
    is_ours: bool
    """The key of this installation sealed it."""
    shapes: dict[str, TableShape] = field(init=False)
    public_key: bytes | None = None
    """The half of the installation's key that verifies checkpoints."""

    def __post_init__(self) -> None:
        self.shapes = {each.name: _shape(each) for each in self.manifest.tables}

    def rows(self, table: str) -> Iterator[list[Any]]:
        """The rows of a table, as the drivers take them."""
        shape = self.shapes[table]
        for entry in self.manifest.tables:
            if entry.name == table:
                for part in entry.parts:
                    for line in self.reader.lines(part, MOST_PACKED):
                        yield rows.parse(shape, line)

    @property
    def files(self) -> list[str]:
        """The hashes of the attachments, in order."""
        return [name.partition("/")[2] for name in self.reader.members if name.startswith("files/")]


def opened(
    file: BinaryIO, *, key: bytes | None, fingerprint: str | None, progress: Progress
) -> Backup:
    """Verify a backup. `key` and `fingerprint` are this installation's, if it has a key.

    Raises BackupError, which says what is wrong.
    """
    reader = Reader(file, progress)
    manifest = _manifest(reader)
    is_ours = fingerprint is not None and hmac.compare_digest(manifest.key, fingerprint)
    if is_ours and key is not None and not is_sealed(reader.digest, reader.seal, key):
        raise damaged(N_("备份的印记不对：它写着出自本系统，却不是本系统封的，已拒绝。"))
    if not migrate.is_known(manifest.revision):
        raise BackupError(
            N_(
                "备份的结构版本是 {found}（程序 {program}），本程序只认识到 {head}。"
                "请用同一版本或更新的程序恢复。"
            ),
            code="schema_unknown",
            params={
                "found": manifest.revision,
                "program": manifest.program,
                "head": migrate.head(),
            },
        )
    backup = Backup(reader, manifest, is_ours)
    _check_members(backup)
    _check_tables(backup, progress)
    _check_files(backup, progress)
    return backup


def _manifest(reader: Reader) -> Manifest:
    content = reader.content(MANIFEST, MOST_MANIFEST)
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise damaged(N_("备份的清单读不懂，备份已损坏。")) from fault
    found = said.get("format") if isinstance(said, dict) else None
    if found != FORMAT:
        raise BackupError(
            N_("备份的格式是“{found}”，本程序只认识 {known}。请用做备份的那个版本的程序恢复。"),
            code="format_unknown",
            params={"found": str(found)[:80], "known": FORMAT},
        )
    try:
        manifest = Manifest.model_validate(said)
        if manifest.taken_at.tzinfo is None:
            raise ValueError("no zone")
    except (ValidationError, ValueError) as fault:
        raise damaged(N_("备份的清单读不懂，备份已损坏。")) from fault
    return manifest


def _shape(entry: TableEntry) -> TableShape:
    return TableShape(entry.name, entry.columns, ())


def _check_members(backup: Backup) -> None:
    """What the manifest names is there, and nothing else."""
    manifest, members = backup.manifest, backup.reader.members
    parts = [part for table in manifest.tables for part in table.parts]
    named = [*(part.name for part in parts), *(part.name for part in manifest.config), MANIFEST]
    files = {name for name in members if name.startswith("files/")}
    for name in named:
        if name not in members:
            raise damaged(N_("备份缺少 {name}，不完整。请换一份备份。"), name=name)
    strangers = members.keys() - set(named) - files
    if strangers or len(set(named)) != len(named):
        raise damaged(
            N_("备份里有不该有的内容“{name}”，可能被人改动过，已拒绝。"),
            name=min(strangers, default="?"),
        )
    for part in manifest.config:
        content = backup.reader.content(part.name, MOST_CONFIG)
        if sha256(content).hexdigest() != part.sha256 or not part.name.startswith("config/"):
            raise damaged(N_("备份里的 {name} 与清单不符，备份已损坏。"), name=part.name)
        if part.name == PUBLIC_KEY:
            backup.public_key = content
    for name, columns in KEPT_COLUMNS.items():
        shape = backup.shapes.get(name)
        if shape is None or not set(columns) <= {each for each, _ in shape.columns}:
            raise damaged(N_("备份缺少 {name}，不完整。请换一份备份。"), name=name)


def _check_tables(backup: Backup, progress: Progress) -> None:
    """Every row can be read, as many as are named, and the chains end where they are said to."""
    manifest = backup.manifest
    for entry in manifest.tables:
        if len({name for name, _ in entry.columns}) != len(entry.columns):
            raise damaged(N_("备份的清单读不懂，备份已损坏。"))
        if sum(part.rows for part in entry.parts) != entry.rows:
            raise damaged(N_("备份里 {table} 表的行数与清单不符。"), table=entry.name)
        if entry.name not in KEPT_COLUMNS:
            for _ in backup.rows(entry.name):
                pass
        progress(sum(part.size for part in entry.parts))
    last = max(_some(backup, "checkpoint"), default=None)
    found = chains.walk(
        _some(backup, "issue"),
        _some(backup, "event"),
        logins=dict(tuple(each) for each in _some(backup, "person")),
        codes=dict(tuple(each) for each in _some(backup, "unit")),
        checkpoint=None if last is None else (last[0], last[1]),
    )
    if found != manifest.heads:
        raise damaged(N_("备份里的办理记录与清单不符：事件链断了或不是清单所列的末端，已拒绝。"))


def _some(backup: Backup, table: str) -> Iterator[list[Any]]:
    return chosen(backup.shapes[table], KEPT_COLUMNS[table], backup.rows(table))


def _check_files(backup: Backup, progress: Progress) -> None:
    """Every attachment is itself, and those that the rows name are there, no others."""
    manifest, reader = backup.manifest, backup.reader
    wanted = {digest for row in _some(backup, "blob") for digest in row if digest is not None}
    missing = set(manifest.missing)
    names, size, count = sha256(), 0, 0
    for digest in backup.files:
        content = sha256()
        for chunk in reader.chunks(f"files/{digest}"):
            content.update(chunk)
            size += len(chunk)
            progress(len(chunk))
        if content.hexdigest() != digest or digest not in wanted or digest in missing:
            raise damaged(N_("备份里的附件 {digest} 不对，备份已损坏。"), digest=digest)
        names.update(f"{digest}\n".encode())
        count += 1
    told = (manifest.files.count, manifest.files.bytes, manifest.files.sha256)
    if (count, size, names.hexdigest()) != told or count + len(missing & wanted) != len(wanted):
        raise damaged(N_("备份里的附件与清单不符，不完整。请换一份备份。"))
