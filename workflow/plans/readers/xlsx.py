"""Excel workbooks (.xlsx): every sheet is a table; merged cells keep their span."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from workflow.errors import N_
from workflow.libraries import Library
from workflow.plans.lines import Line, Place
from workflow.plans.readers.corners import far_corner
from workflow.plans.readers.limits import Container, damaged, refuse

if TYPE_CHECKING:
    import python_calamine as calamine
else:
    calamine = Library("python_calamine")

MOST_CELLS = 400_000
"""Cells of the rectangle that a sheet spans, empty ones included: what reading it costs."""
MOST_COLUMNS = 200


def read_xlsx(data: bytes, container: Container) -> list[Line]:
    """The cells of every sheet, row by row. Raises Invalid for a damaged or boundless workbook."""
    for name in container.names:
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            _measure(container.read(name))
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        found: list[Line] = []
        for number, name in enumerate(workbook.sheet_names, 1):
            sheet = workbook.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            found += _sheet(rows, sheet.merged_cell_ranges or (), name, number, len(found))
    except (calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise damaged() from error
    return found


def _measure(sheet: bytes) -> None:
    """Refuses a sheet whose far corner would cost more memory than any plan needs."""
    longest, widest = far_corner(sheet)
    if widest * longest > MOST_CELLS:
        refuse(
            N_(
                "表格范围太大（{rows}行、{columns}列）。请删去多余的空行空列，或只保留任务表后再试。"
            ),
            "too_large",
            rows=longest,
            columns=widest,
        )


def _sheet(
    rows: Sequence[Sequence[Any]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    name: str,
    number: int,
    before: int,
) -> list[Line]:
    spans = {start: (end[0] - start[0] + 1, end[1] - start[1] + 1) for start, end in merged}
    hidden = {
        (r, c)
        for (top, left), (bottom, right) in merged
        for r in range(top, min(bottom, len(rows)) + 1)
        for c in range(left, min(right, MOST_COLUMNS) + 1)
        if (r, c) != (top, left)
    }
    found: list[Line] = []
    for r, row in enumerate(rows):
        for c, value in enumerate(row[:MOST_COLUMNS]):
            if (r, c) in hidden:
                continue
            height, width = spans.get((r, c), (1, 1))
            place = Place(
                before + len(found) + 1, None, number, r + 1, c + 1,
                min(height, len(rows) - r), min(width, len(row) - c), name,
            )  # fmt: skip
            texts = [text for text in shown(value).split("\n") if text.strip()] or [""]
            found += [Line(text, place, opens=True) for text in texts]
    return found


def shown(value: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, dates as 2024-12-31."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time | timedelta):
        return str(value)
    return "" if value is None else str(value)
