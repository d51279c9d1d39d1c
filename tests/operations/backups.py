"""A small city with everything in it, its backup, and hands that tamper with backups."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.flows.issues.walks import assigned, closed, rectifying
from tests.world import World, build
from workflow import migrate
from workflow.audit import actions as audit
from workflow.audit.keys import key_pair
from workflow.backup import rows
from workflow.backup.archive import Writer, whole_file
from workflow.backup.layout import BLOCK, TRAILER_LENGTH, trailer
from workflow.backup.load import Target, check_empty, load
from workflow.backup.take import Source, Taken, View, take
from workflow.backup.verify import Backup, opened
from workflow.db import Database
from workflow.escalation.actions import tick
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage
from workflow.operations.quarantine import Held

KEY = b"backup".ljust(32, b"k")
FINGERPRINT = "f" * 32
CHANNELS = ("inbox", "mail")


def nothing(_: int) -> None:
    """No progress."""


@dataclass
class City:
    """An installation that can be backed up: database, attachments, folder."""

    world: World
    folder: Path

    @property
    def database(self) -> Database:
        return self.world.database

    @property
    def storage(self) -> Storage:
        return Storage(self.folder / "evidence")

    def file(self, content: bytes) -> str:
        """An attachment."""
        digest = self.storage.put(content)
        upload = Upload(digest, len(content), "image/jpeg", None, None, None, None)
        with self.database.transaction() as tx:
            evidence.record(tx, [upload], now=self.world.now)
        return digest

    def rows(self) -> dict[str, list[Any]]:
        """Everything that a backup holds, each table sorted."""
        with self.database.reading() as tx:
            return rows_of(tx)


def rows_of(tx: Any) -> dict[str, list[Any]]:
    """Every row of every table as JSON."""
    return {
        shape.name: sorted(rows.line(row) for row in rows.read(tx, shape))
        for shape in rows.shapes(tx)
    }


def settle(database: Database, folder: Path) -> City:
    """A city in a migrated database, where something of every kind has happened."""
    migrate.upgrade(database)
    world = build(database)
    world.office = replace(world.office, channels=CHANNELS)
    city = City(world, folder)
    photos = iter(range(1000))
    # Attachments that lie in the storage, not only in the database.
    world.photo = lambda: city.file(b"photo %d " % next(photos) * 300)  # type: ignore[method-assign]
    closed(world, title="销号的问题")
    number = rectifying(world, title="逾期的问题")
    world.act(number, "progress", "qs.handler", note="进度“五成”\n\u2028第二行", percent=50)
    world.after(days=43)
    tick(database, world.office, world.now)
    with database.transaction() as tx:
        audit.checkpoint(tx, key=key_pair(folder).private, now=world.now)
    assigned(world, title="新交办的问题")
    world.photo()
    return city


def back_up(city: City, path: Path, **options: Any) -> Taken:
    """What the command does."""
    return back_up_of(city.database, city.storage, path, city.world.now, **options)


def back_up_of(
    database: Database, storage: Storage, path: Path, now: datetime, **options: Any
) -> Taken:
    """The same without a city."""
    source = Source(
        database,
        storage,
        {"settings.json": b"{}", "loops/a.yaml": b"a: 1\n"},
        KEY,
        FINGERPRINT,
        "0.1.0",
    )
    force = options.pop("force", False)
    with whole_file(path, force=force) as file, database.reading() as tx:
        return take(source, View(tx), Writer(file), now=now, progress=nothing, **options)


def verified(path: Path, key: bytes | None = KEY) -> Backup:
    """Verify a backup; the file is closed after, its rows cannot be read any more."""
    with path.open("rb") as file:
        return opened(file, key=key, fingerprint=FINGERPRINT if key else None, progress=nothing)


def restore(path: Path, database: Database, folder: Path, now: datetime) -> Held:
    """What the command does."""
    target = Target(database, Storage(folder / "evidence"), folder)
    check_empty(target)
    with path.open("rb") as file:
        backup = opened(file, key=KEY, fingerprint=FINGERPRINT, progress=nothing)
        return load(backup, target, now=now, progress=nothing)


# -- tampering -------------------------------------------------------------------------------------

Members = dict[str, bytes]
Change = Callable[[Members, dict[str, Any]], None]


def members_of(path: Path) -> Members:
    """Name → content."""
    with tarfile.open(path) as tar:
        return {
            info.name: (tar.extractfile(info) or io.BytesIO()).read() for info in tar.getmembers()
        }


def rebuilt(path: Path, to: Path, change: Change, key: bytes = KEY) -> Path:
    """A backup of other members, with a right trailer: damage that no hash of the file shows."""
    members = members_of(path)
    manifest = json.loads(members.pop("manifest.json"))
    change(members, manifest)
    members.setdefault("manifest.json", json.dumps(manifest).encode())
    return packed(members, to, key)


def packed(members: Members, to: Path, key: bytes = KEY) -> Path:
    """A tar of these members and its trailer."""
    body = b""
    for name, content in members.items():
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        body += info.tobuf(tarfile.USTAR_FORMAT) + content + b"\0" * (-len(content) % BLOCK)
    body += b"\0" * 2 * BLOCK
    to.write_bytes(body + trailer(sha256(body).hexdigest(), key))
    return to


def resealed(content: bytes, key: bytes = KEY) -> bytes:
    """The same file with a right trailer, after its body was changed."""
    body = content[:-TRAILER_LENGTH]
    return body + trailer(sha256(body).hexdigest(), key)


def rewritten(
    members: Members, manifest: dict[str, Any], table: str, change: Callable[[list[Any]], None]
) -> None:
    """Change the rows of a table's first part; everything but the rows stays right."""
    (entry,) = [each for each in manifest["tables"] if each["name"] == table]
    part = entry["parts"][0]
    found = [json.loads(line) for line in gzip.decompress(members[part["name"]]).splitlines()]
    before = len(found)
    change(found)
    raw = b"".join(rows.line(row) for row in found)
    content = gzip.compress(raw, mtime=0)
    members[part["name"]] = content
    part.update(size=len(content), sha256=sha256(content).hexdigest(), raw=len(raw))
    part["rows"] += len(found) - before
    entry["rows"] += len(found) - before


def column(manifest: dict[str, Any], table: str, name: str) -> int:
    """Where a column stands."""
    (entry,) = [each for each in manifest["tables"] if each["name"] == table]
    return [each[0] for each in entry["columns"]].index(name)


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as tx:
        return {shape.name: rows.count(tx, shape) for shape in rows.shapes(tx)}


def ask(database: Database, sql: str, **params: object) -> list[Any]:
    """Rows as tuples."""
    with database.reading() as tx:
        return [tuple(row) for row in tx.execute(text(sql), params)]
