"""Files under their content's hash in a folder of the installation: written once, never changed."""

import os
import re
import secrets
from hashlib import sha256
from pathlib import Path

from workflow.errors import N_, NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Storage:
    """A folder of files named by the SHA-256 of what they hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store a content and return its hash; it is on the disk, whole, when this returns."""
        digest = sha256(content).hexdigest()
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{digest}.{secrets.token_hex(6)}")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o440)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        for folder in (path.parent, self.folder):
            _sync(folder)
        return digest

    def get(self, digest: str) -> bytes:
        """The content with this hash. Raises NotFound if it is not here, or is no longer itself."""
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound(
                N_("附件文件不在存储目录中，请联系管理员从备份恢复。"), code="no_file"
            ) from None
        if sha256(content).hexdigest() != digest:
            raise NotFound(N_("附件文件已损坏，请联系管理员从备份恢复。"), code="damaged_file")
        return content

    def path(self, digest: str) -> Path:
        """Where a content lies. Raises ValueError for what is no hash."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256: {digest[:80]!r}")
        return self.folder / digest[:2] / digest


def _sync(folder: Path) -> None:
    """Put a folder's new name on the disk too; a system without that does it by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
