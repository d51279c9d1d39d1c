"""Out again, cell by cell: what was read stands there as before, and no text can be a formula."""

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from tests.unit.ledger.conftest import Read
from tests.unit.ledger.workbooks import WORKBOOKS
from workflow.ledger import fresh, template
from workflow.ledger.template import Line


@pytest.mark.parametrize("name", WORKBOOKS)
def test_every_field_of_every_row_comes_back(reading: Read, name: str) -> None:
    """Not only what `--json` prints: places, people, measures, remarks as well."""
    data = WORKBOOKS[name]()
    before = reading(data)
    lines = [Line(row, {}) for row in before.rows]

    after = reading(template.fill(data, before.mapping(), lines))

    # What had to be said of a formula need not be said of the text in its place.
    assert [replace(row, notes=()) for row in after.rows] == [
        replace(row, notes=()) for row in before.rows
    ]
    assert (after.tables, after.problems, after.skipped) == (
        before.tables, before.problems, before.skipped,
    )  # fmt: skip


LIKE_A_FORMULA = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\n=1",
    "=cmd|' /C calc'!A0",
)


@pytest.mark.parametrize("text", LIKE_A_FORMULA)
def test_every_cell_that_is_written_is_a_text(reading: Read, text: str) -> None:
    data = WORKBOOKS["wide"]()
    read = reading(data)
    row = read.rows[0]
    fields = set(read.tables[0]["columns"].values())
    lines = [Line(row, dict.fromkeys(fields, text))]

    filled = template.fill(data, read.mapping(), lines)
    new = fresh.workbook(text, [[text] * len(fresh.HEADS)])

    said = text.replace("\r", "\n")
    written = [
        cell for cell in load_workbook(io.BytesIO(filled))[row.sheet][row.row] if cell.value == said
    ]
    assert len(written) == len(fields)
    listed = list(load_workbook(io.BytesIO(new))["台账"][3])
    assert [cell.value for cell in listed] == [said] * len(fresh.HEADS)
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in (*written, *listed))


def test_what_xml_cannot_hold_does_not_stop_an_export(reading: Read) -> None:
    data = WORKBOOKS["side_by_side"]()
    read = reading(data)
    text = "\x00料堆\x0b\ud800仍未苫盖\uffff"

    filled = template.fill(data, read.mapping(), [Line(read.rows[0], {"description": text})])
    new = fresh.workbook(text, [["", "", text, *[""] * 13]])

    assert reading(filled).rows[0].description == "料堆仍未苫盖"
    assert reading(new).rows[0].description == "料堆仍未苫盖"
