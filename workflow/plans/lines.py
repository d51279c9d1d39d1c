"""What every reader hands over: lines of text, each with the place where it stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from workflow.errors import N_, Invalid

MOST_CHARACTERS = 350_000
"""Longer texts are refused: a plan of 200 pages has half as many."""
MOST_LINES = 30_000
"""Lines and cells of tables together."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands; everything counts from 1, None where a format has no such thing.

    `row` and `column` are the upper left corner of a cell, `rows` and `columns` what it spans.
    """

    line: int
    page: int | None = None
    table: int | None = None
    row: int = 0
    column: int = 0
    rows: int = 1
    columns: int = 1
    sheet: str | None = None

    def as_json(self) -> dict[str, int | str]:
        """Only what is known."""
        found: dict[str, int | str] = {"line": self.line}
        if self.page is not None:
            found["page"] = self.page
        if self.sheet is not None:
            found["sheet"] = self.sheet
        if self.table is not None:
            found |= {"table": self.table, "row": self.row, "column": self.column}
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document, or one paragraph where the format knows paragraphs.

    `opens` tells that a new paragraph begins here, `full` that the line reaches the right margin;
    None where the format does not say. `level` is that of a heading by its style (1 = highest).
    """

    text: str
    place: Place
    opens: bool | None = None
    full: bool | None = None
    level: int | None = None


def measure(lines: Sequence[Line]) -> None:
    """Raises Invalid when a text is longer than any plan."""
    size = sum(len(line.text) for line in lines)
    if size > MOST_CHARACTERS or len(lines) > MOST_LINES:
        too_long(len(lines), size)


def too_long(lines: int, size: int) -> NoReturn:
    """The refusal of a text that is longer than any plan."""
    message = N_("文件太长：{lines}行、{size}字，不像一份计划。请拆成几个文件，或只保留计划正文。")
    raise Invalid(message, code="too_long", params={"size": size, "lines": lines})
