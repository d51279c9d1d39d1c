"""What a backup file consists of (bihuan-backup/1). Pure.

A POSIX tar: the tables in parts, one JSON array a row and line, compressed; every attachment under
its SHA-256; the office's configuration; last of all the manifest, which names everything else.
After the tar comes one line, the trailer: the SHA-256 of all that is before it, and the seal of
that hash under a key of the installation.  Both databases write it, and each takes the other's.
"""

import hmac
import json
import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from workflow.errors import N_, WorkflowError

FORMAT = "bihuan-backup/1"
MANIFEST = "manifest.json"
PART_BYTES = 4 << 20
"""A part of a table is closed when its rows have this many bytes."""
MOST_PART = 256 << 20
MOST_PACKED = 64 << 20
MOST_MANIFEST = 64 << 20
MOST_CONFIG = 4 << 20
"""More than this, uncompressed or packed, no honest backup holds in one member."""
BLOCK = 512
NAMES = re.compile(
    r"tables/[a-z][a-z0-9_]{0,62}/\d{6}\.jsonl\.gz|files/[0-9a-f]{64}"
    r"|config/(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.(?:yaml|json|pub)|manifest\.json"
)
"""Every name that a member may have; none leads out of a folder."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Kind = Literal["int", "float", "bool", "text", "json", "moment", "day"]
LEFT_OUT = frozenset({"lease", "process", "canary", "login_session"})
"""Tables of what runs at the moment: the next installation has its own, and everybody logs in."""


class BackupError(WorkflowError):
    """A file that is no whole backup, or a place into which none may be restored."""

    default_code = "backup"


def damaged(sentence: str, **params: object) -> BackupError:
    """What is wrong with a file; nothing has been written."""
    return BackupError(sentence, code="damaged", params=params)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Part(_Strict):
    """A slice of a table, or a file of the configuration."""

    name: str
    size: Count
    sha256: Digest
    raw: Count = 0
    """Bytes of the rows before they were compressed."""
    rows: Count = 0


class TableEntry(_Strict):
    """One table: its columns in the order of the values, and its parts."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    columns: tuple[tuple[str, Kind], ...]
    rows: Count
    parts: tuple[Part, ...]


class Files(_Strict):
    """All attachments together."""

    count: Count
    bytes: Count
    sha256: Digest
    """Over their names, sorted, one a line."""


class Heads(_Strict):
    """The ends of the event chains."""

    issues: Count
    events: Count
    sha256: Digest
    """Over "number seq hash" of each issue, by id, one a line."""
    broken: tuple[str, ...] = ()
    """Issues whose chain was not whole when the backup was taken."""
    checkpoint: tuple[int, str] | None = None
    """Number and hash of the last one."""


class Manifest(_Strict):
    """The last member."""

    format: Literal["bihuan-backup/1"]
    program: str
    revision: str
    database: Literal["sqlite", "postgresql"]
    taken_at: datetime
    key: str
    """Fingerprint of the installation's key: which one the seals of the record need."""
    tables: tuple[TableEntry, ...]
    files: Files
    missing: tuple[Digest, ...] = ()
    """Attachments that were not there any more when the backup was taken."""
    config: tuple[Part, ...]
    heads: Heads

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)


def _seal(digest: str, key: bytes) -> str:
    return hmac.digest(key, digest.encode(), "sha256").hex()


def trailer(digest: str, key: bytes) -> bytes:
    """The last line of the file."""
    said = {"sha256": digest, "seal": _seal(digest, key)}
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


TRAILER_LENGTH = len(trailer("0" * 64, b""))


def read_trailer(line: bytes) -> tuple[str, str]:
    """Hash and seal. Raises BackupError for anything but a trailer."""
    found = re.fullmatch(rb'\{"sha256":"([0-9a-f]{64})","seal":"([0-9a-f]{64})"\}\n', line)
    if found is None:
        raise damaged(N_("这不是完整的备份文件：结尾缺失或被改动，可能没有传完。请换一份备份。"))
    return found[1].decode(), found[2].decode()


def is_sealed(digest: str, seal: str, key: bytes) -> bool:
    """Whether this key made the seal."""
    return hmac.compare_digest(seal, _seal(digest, key))
