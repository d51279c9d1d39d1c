"""The file itself: written member by member, read back only where every byte is accounted for."""

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from workflow.backup.layout import (
    BLOCK,
    MANIFEST,
    MOST_PART,
    NAMES,
    TRAILER_LENGTH,
    Part,
    damaged,
    read_trailer,
    trailer,
)
from workflow.errors import N_

CHUNK = 1 << 20
Progress = Callable[[int], None]
"""Told how many bytes, rows or files were dealt with since it was told last."""


class Writer:
    """Writes members; what it is given is hashed on its way."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._all = sha256()

    def add(self, name: str, content: bytes, *, raw: int = 0, rows: int = 0) -> Part:
        """A whole member."""
        self._write(_header(name, len(content)))
        self._write(content)
        self._pad(len(content))
        return Part(
            name=name,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            raw=raw,
            rows=rows,
        )

    def add_rows(self, name: str, lines: bytes, rows: int) -> Part:
        """A part of a table."""
        packer = zlib.compressobj(wbits=31)
        packed = packer.compress(lines) + packer.flush()
        return self.add(name, packed, raw=len(lines), rows=rows)

    def add_file(self, name: str, source: BinaryIO, size: int) -> str:
        """A member from a file; the SHA-256 of what was written, exactly `size` bytes."""
        digest = sha256()
        self._write(_header(name, size))
        left = size
        while left and (chunk := source.read(min(CHUNK, left))):
            self._write(chunk)
            digest.update(chunk)
            left -= len(chunk)
        if left:
            self._write(b"\0" * left)  # the hash will tell
        self._pad(size)
        return digest.hexdigest()

    def close(self, key: bytes) -> str:
        """End the tar, put the trailer; the hash of the file, by which people name a backup."""
        self._write(b"\0" * 2 * BLOCK)
        digest = self._all.hexdigest()
        self.file.write(trailer(digest, key))
        return digest

    def _pad(self, size: int) -> None:
        self._write(b"\0" * (-size % BLOCK))

    def _write(self, content: bytes) -> None:
        self.file.write(content)
        self._all.update(content)


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A new file (0600) that appears under its name when it is whole, or not at all.

    Raises FileExistsError for one that is there, unless `force` replaces it.
    """
    if not force and os.path.lexists(path):
        raise FileExistsError(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            draft.replace(path)
        else:
            _appear(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _appear(draft: Path, path: Path) -> None:
    """Give a file its name, unless another one has come by it meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # shares and sticks know no second name for a file
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        draft.rename(path)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the content of a member lies in the file."""

    offset: int
    size: int


class Reader:
    """An open backup whose hash is right and whose members are where they should be."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self.file = file
        size = file.seek(0, os.SEEK_END)
        self.digest, self.seal = self._hash(size, progress)
        self.members: Mapping[str, Place] = self._index(size - TRAILER_LENGTH)

    def content(self, name: str, most: int) -> bytes:
        """A small member."""
        place = self.members.get(name)
        if place is None:
            raise damaged(N_("备份缺少 {name}，不完整。请换一份备份。"), name=name)
        if place.size > most:
            raise damaged(N_("备份里的 {name} 大得不合理，已拒绝。"), name=name)
        self.file.seek(place.offset)
        return self.file.read(place.size)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A large member, bit by bit."""
        place = self.members[name]
        done = 0
        while done < place.size:
            self.file.seek(place.offset + done)
            chunk = self.file.read(min(CHUNK, place.size - done))
            if not chunk:
                raise damaged(N_("备份文件在读取时变短了，请重新开始。"))
            done += len(chunk)
            yield chunk

    def lines(self, part: Part, most: int) -> list[bytes]:
        """The rows of a part, checked against what the manifest says of it."""
        packed = self.content(part.name, most)
        if len(packed) != part.size or sha256(packed).hexdigest() != part.sha256:
            raise damaged(N_("备份里的 {name} 与清单不符，备份已损坏。"), name=part.name)
        if part.raw > MOST_PART:
            raise damaged(N_("备份里的 {name} 大得不合理，已拒绝。"), name=part.name)
        unpacker = zlib.decompressobj(wbits=31)
        try:
            raw = unpacker.decompress(packed, part.raw + 1)
        except zlib.error as fault:
            raise damaged(N_("备份里的 {name} 解不开，备份已损坏。"), name=part.name) from fault
        lines = raw.splitlines(keepends=True) if raw else []
        is_whole = unpacker.eof and not unpacker.unused_data and len(raw) == part.raw
        if not is_whole or len(lines) != part.rows or (raw and not raw.endswith(b"\n")):
            raise damaged(N_("备份里的 {name} 与清单不符，备份已损坏。"), name=part.name)
        return lines

    def _hash(self, size: int, progress: Progress) -> tuple[str, str]:
        body = size - TRAILER_LENGTH
        self.file.seek(max(body, 0))
        wanted, seal = read_trailer(self.file.read(TRAILER_LENGTH))
        self.file.seek(0)
        found, left = sha256(), body
        while left and (chunk := self.file.read(min(CHUNK, left))):
            found.update(chunk)
            left -= len(chunk)
            progress(len(chunk))
        if found.hexdigest() != wanted:
            raise damaged(
                N_("备份文件已损坏：内容与结尾的校验值不符。没有写入任何东西，请换一份备份。")
            )
        return wanted, seal

    def _index(self, end: int) -> dict[str, Place]:
        found: dict[str, Place] = {}
        offset = 0
        while True:
            self.file.seek(offset)
            block = self.file.read(BLOCK)
            if block == b"\0" * BLOCK:
                break
            info = _info(block)
            name, size = info.name, info.size
            if not NAMES.fullmatch(name) or name in found or MANIFEST in found:
                raise damaged(
                    N_("备份里有不该有的内容“{name}”，可能被人改动过，已拒绝。"), name=name[:100]
                )
            if offset + BLOCK + size > end:
                raise damaged(N_("备份里的 {name} 不完整。请换一份备份。"), name=name)
            found[name] = Place(offset + BLOCK, size)
            offset += BLOCK + size + -size % BLOCK
        if self.file.read(BLOCK + 1)[:BLOCK] != b"\0" * BLOCK or offset + 2 * BLOCK != end:
            raise damaged(N_("备份的结尾不对，可能被人改动过，已拒绝。"))
        return found


def _info(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.TarError, UnicodeDecodeError, ValueError) as fault:
        raise damaged(N_("备份的内部结构不对，备份已损坏。请换一份备份。")) from fault
    is_plain = info.type == tarfile.REGTYPE and info.size >= 0
    if not is_plain or block != _header(info.name, info.size):
        raise damaged(
            N_("备份里有不该有的内容“{name}”，可能被人改动过，已拒绝。"), name=info.name[:100]
        )
    return info
