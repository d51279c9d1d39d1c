"""Back into the workbook that was imported: its styles stay, and only what has changed is written.

What stands in a cell of a problem is always a text here: a formula there becomes what it showed,
and nothing that an issue says can become one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow.ledger.rows import LedgerRow
from workflow.ledger.sheet import spot
from workflow.ledger.words import LIST_FIELDS
from workflow.libraries import Library
from workflow.plans.readers.corners import column_of
from workflow.plans.readers.limits import Container, damaged

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.cell import cell as cells
    from openpyxl.utils import exceptions
    from openpyxl.worksheet import worksheet as sheets
else:
    openpyxl = Library("openpyxl")
    cells = Library("openpyxl.cell.cell")
    exceptions = Library("openpyxl.utils.exceptions")
    sheets = Library("openpyxl.worksheet.worksheet")

_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_NO_SIGN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_000
"""Characters of a cell; Excel takes 32 767."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the workbook and the fields of it that have changed since."""

    row: LedgerRow
    changed: Mapping[str, str]


def fill(data: bytes, mapping: Mapping[str, Any], lines: Iterable[Line]) -> bytes:
    """The workbook with what has changed. Raises Invalid for one that cannot be opened."""
    Container(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except (
        exceptions.InvalidFileException,
        ValueError,
        KeyError,
        OSError,
        TypeError,
        AttributeError,
    ) as error:
        raise damaged() from error
    tables = mapping.get("tables", ())
    for line in lines:
        columns = _columns(tables, line.row)
        sheet = book[line.row.sheet] if line.row.sheet in book.sheetnames else None
        if columns and isinstance(sheet, sheets.Worksheet):
            _line(sheet, line, columns)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def safe(text: str) -> str:
    """A text that a cell can hold: not too long, no sign that XML has no place for."""
    return _NO_SIGN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:_LONGEST]


def is_like_a_formula(text: str) -> bool:
    """Whether a text typed into a cell would be taken for a formula."""
    return text.startswith(_SIGNS) or text.lstrip().startswith(_SIGNS)


def _line(sheet: sheets.Worksheet, line: Line, columns: Mapping[str, Sequence[int]]) -> None:
    for name, places in columns.items():
        for n, column in enumerate(places):
            cell = sheet.cell(line.row.row, column + 1)
            if not isinstance(cell, cells.Cell):  # inside a merged range
                continue
            if n == 0 and name in line.changed:
                write(cell, line.changed[name])
            elif cell.data_type == "f":
                write(cell, said(line.row, name))
            elif isinstance(cell.value, str) and is_like_a_formula(cell.value):
                write(cell, cell.value)


def write(cell: cells.Cell, text: str) -> None:
    """A text, whatever it begins with, in the style of the cell."""
    cell.value = safe(text)
    cell.data_type = "s"
    cell.quotePrefix = is_like_a_formula(text)


def said(row: LedgerRow, name: str) -> str:
    """What a row says in a field, as a text."""
    if name in LIST_FIELDS:
        return "、".join(row.units.get(name, ()))
    if name == "due":
        return row.due_text
    if name == "done":
        return {True: "是", False: "否", None: ""}[row.done]
    if name == "closed":
        return "是" if row.is_closed else ""
    if name == "person":
        return "、".join(row.people)
    found = getattr(row, name, None)
    return found if isinstance(found, str) else row.more.get(name, "")


def _columns(tables: Iterable[Mapping[str, Any]], row: LedgerRow) -> dict[str, list[int]]:
    """Field to columns of the table in which a row stands."""
    at = spot(row.cell.rpartition("!")[2])
    found: dict[str, list[int]] = {}
    nearest = -1
    for table in tables:
        if table["sheet"] != row.sheet or not nearest < table["head"][-1] < row.row:
            continue
        own = {column_of(letter): name for letter, name in table["columns"].items()}
        if at is None or at[1] not in own:
            continue
        nearest = table["head"][-1]
        found = {}
        for column, name in own.items():
            found.setdefault(name, []).append(column)
    return found
