"""A file becomes a plan that can be staged: sealed in the storage, read, with its lines at hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage
from workflow.issues.inputs import is_storable
from workflow.plans.found import Plan
from workflow.plans.lines import Line
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_lines
from workflow.plans.words import Words

LONGEST_NAME = 200
Told = Callable[[str, int, int], None]
"""Is told how far a reading is: the stage (``pages``, ``tasks``), what is done of it, of how much."""
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was read and lies in the storage; nothing of it is recorded yet."""

    plan: Plan
    lines: tuple[Line, ...]
    upload: Upload
    name: str


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody waits for a word."""


def prepare(
    storage: Storage, data: bytes, name: str, words: Words, told: Told = _silent
) -> Prepared:
    """Read a document; slow, and so outside any transaction.

    Raises Invalid, with a sentence that says what to do, for a file that cannot be read.
    """

    def page_read(page: int, pages: int) -> None:
        told("pages", page, pages)

    lines = tuple(_storable(line) for line in read_lines(data, name, page_read))
    told("tasks", 0, len(lines))
    plan = parse(lines, words)
    upload = Upload(storage.put(data), len(data), _kind(data, lines), None, None, None, None)
    return Prepared(plan, lines, upload, PurePath(name).name[-LONGEST_NAME:] or "plan")


def as_rows(lines: Sequence[Line]) -> list[list[Any]]:
    """The lines as ``plan_text`` holds them."""
    return [[line.text, line.place.as_json()] for line in lines]


def _storable(line: Line) -> Line:
    """A line as a database keeps it: without NUL and halves of characters."""
    if is_storable(line.text):
        return line
    return replace(line, text=line.text.replace("\0", "").encode(errors="ignore").decode())


def _kind(data: bytes, lines: Sequence[Line]) -> str:
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data.startswith(b"PK\x03\x04"):
        sheets = any(line.place.sheet is not None for line in lines)
        return _OFFICE + ("spreadsheetml.sheet" if sheets else "wordprocessingml.document")
    head = data[:3000].lstrip(b"\xef\xbb\xbf\xff\xfe").lstrip().lower()
    return "text/html" if head.startswith(b"<") else "text/plain"
