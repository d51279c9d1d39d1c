"""Bytes of a workbook → sheets of typed values. What would cost too much is refused first."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape
from typing import TYPE_CHECKING, Any

from workflow.errors import N_
from workflow.ledger import kinds
from workflow.ledger.formulas import DEEPEST, Unknown, result
from workflow.ledger.sheet import Book, Sheet, Spot
from workflow.libraries import Library
from workflow.plans.readers.corners import column_of, far_corner
from workflow.plans.readers.limits import Container, damaged, refuse

if TYPE_CHECKING:
    import python_calamine as calamine
else:
    calamine = Library("python_calamine")

MOST_CELLS = 1_500_000
"""Cells of the rectangle that a sheet spans, empty ones included: what reading it costs."""
MOST_COLUMNS = 200
MOST_SHEETS = 60
MOST_MERGED = 100_000

_FORMULA = re.compile(
    rb"<c\b(?P<marks>[^>]*)><f(?P<kind>[^>]*?)(?:/>|>(?P<text>[^<]{0,400})</f>)"
    rb"(?P<rest>.{0,60}?)</c>",
    re.DOTALL,
)
_ERROR = re.compile(rb'<c\b(?P<marks>[^>]*\bt="e"[^>]*)>.{0,400}?<v>(?P<text>[^<]{0,20})</v></c>')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def read_book(data: bytes, name: str = "") -> Book:
    """The visible sheets of an .xlsx. Raises Invalid with what to do about it."""
    container = kinds.workbook(data, name)
    parts = _measured(container)
    try:
        return _book(calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)), container, parts)
    except (calamine.CalamineError, ValueError, OSError, KeyError, OverflowError) as error:
        raise damaged() from error


def _measured(container: Container) -> bool:
    """Refuses boundless sheets; whether any sheet holds a formula or an error."""
    special = False
    for name in sorted(container.names):
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            content = container.read(name)
            special |= b"<f" in content or b't="e"' in content
            longest, widest = far_corner(content)
            if widest * longest > MOST_CELLS or content.count(b"<mergeCell ") > MOST_MERGED:
                refuse(
                    N_(
                        "表格范围太大（{rows}行、{columns}列）。"
                        "请删去多余的空行空列，或只保留台账后再试。"
                    ),
                    "too_large",
                    rows=longest,
                    columns=widest,
                )
    return special


def _book(workbook: calamine.CalamineWorkbook, container: Container, special: bool) -> Book:
    sheets: list[Sheet] = []
    hidden: list[str] = []
    paths = _paths(container) if special else {}
    for meta in workbook.sheets_metadata[:MOST_SHEETS]:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            hidden.append(meta.name)
            continue
        sheet = workbook.get_sheet_by_name(meta.name)
        values: list[list[Any]] = [
            row[:MOST_COLUMNS] for row in sheet.to_python(skip_empty_area=False)
        ]
        path = paths.get(meta.name, "")
        broken = _broken(container.read(path)) if path in container.names else {}
        merged = tuple(sheet.merged_cell_ranges or ())
        known = _worked_out(values, broken) if broken else {}
        sheets.append(Sheet(meta.name, values, merged, known))
    return Book(tuple(sheets), tuple(hidden), _is_1904(container))


def _is_1904(container: Container) -> bool:
    content = container.read("xl/workbook.xml")
    return re.search(rb'date1904="(?:1|true)"', content) is not None


def _paths(container: Container) -> dict[str, str]:
    """Name of each sheet to its part."""
    book = container.tree("xl/workbook.xml")
    links = container.tree("xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return {}
    target = {
        link.get("Id"): str(link.get("Target", "")).removeprefix("/").removeprefix("xl/")
        for link in links
    }
    own = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    return {
        str(sheet.get("name")): f"xl/{target[sheet.get(own)]}"
        for sheet in book.iter()
        if sheet.tag.endswith("}sheet") and sheet.get(own) in target
    }


def _broken(content: bytes) -> dict[Spot, str]:
    """Cells with an error, and those whose formula was saved without its result."""
    found: dict[Spot, str] = {}
    if b"<f" in content:
        for cell in _FORMULA.finditer(content):
            has_value = re.search(rb"<v>[^<]", cell["rest"]) or b"<is>" in cell["rest"]
            if not has_value and (place := _place(cell["marks"])) is not None:
                found[place] = "=" + _unescaped(cell["text"] or b"")
    if b't="e"' in content:
        for cell in _ERROR.finditer(content):
            if (place := _place(cell["marks"])) is not None:
                found[place] = _unescaped(cell["text"])
    return found


def _unescaped(text: bytes) -> str:
    return unescape(text.decode("utf-8", "replace"))


def _place(marks: bytes) -> Spot | None:
    found = _PLACE.search(marks)
    return (int(found[2]) - 1, column_of(found[1].decode())) if found else None


def _worked_out(values: list[list[Any]], broken: Mapping[Spot, str]) -> dict[Spot, str]:
    """Put in what can be worked out, the cells above and to the left first; return the rest."""
    left: dict[Spot, str] = {}
    for place in sorted(broken)[: DEEPEST * 50]:
        formula = broken[place]
        try:
            if not formula.startswith("="):
                raise Unknown
            value = result(formula, place, lambda other: _look(values, broken, left, other))
        except Unknown:
            left[place] = formula
            continue
        row, column = place
        if row < len(values):
            cells = values[row]
            cells += [""] * (column + 1 - len(cells))
            cells[column] = value
        else:
            left[place] = formula
    return left


def _look(
    values: list[list[Any]], broken: Mapping[Spot, str], left: Mapping[Spot, str], other: Spot
) -> Any:
    row, column = other
    if other in left or row >= len(values) or column >= len(values[row]):
        raise Unknown
    if other in broken and values[row][column] == "":
        raise Unknown  # comes later
    return values[row][column]
