"""A file with one JSON object a line: for demonstrations, and as a copy of all that was sent."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from tasks.channels import UNREACHABLE, Letter
from workflow.errors import N_, DeliveryError
from workflow.units.directory import PersonInfo

NAME = "messages.jsonl"


class File:
    """Appends to `messages.jsonl` in a folder; a message counts as sent once it is on disk."""

    name: ClassVar[str] = "file"
    is_inbox: ClassVar[bool] = False
    timeout: ClassVar[float] = 5.0
    in_flight: ClassVar[int] = 200

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def address(self, person: PersonInfo) -> str:
        """Everybody can be written down."""
        return person.login

    @contextmanager
    def session(self) -> Iterator["FileSession"]:
        """Open the file for appending."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            yield FileSession(self.path, handle)
        finally:
            os.close(handle)


class FileSession:
    """One open file."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self.handle = handle

    def send(self, letter: Letter) -> None:
        """Append one line, in one write, so that two relays never share a line."""
        fields = {**asdict(letter), "at": letter.at.isoformat()}
        line = (json.dumps(fields, ensure_ascii=False) + "\n").encode()
        try:
            written = os.write(self.handle, line)
            if written < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def flush(self) -> None:
        """Wait for the disk."""
        try:
            os.fsync(self.handle)
        except OSError as error:
            raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: OSError) -> DeliveryError:
    return DeliveryError(
        N_("写不进文件 {path}：{error}"),
        permanent=False,
        code=UNREACHABLE,
        params={"path": path, "error": error.strerror or error},
    )
