"""Out again: into the office's own workbook with its styles, or a new one; never a formula."""

import io

import pytest
from openpyxl import load_workbook

from tests.flows.ledger.conftest import Clerk
from tests.flows.ledger.ledgers import RUN, many, workbook
from tests.flows.ledger.test_import import by_text
from tests.unit.ledger.workbooks import WORKBOOKS
from tests.world import CONFIG
from workflow.issues.views import Filters
from workflow.labels import load_labels
from workflow.ledger import export
from workflow.ledger.mapping import Given
from workflow.units.rules import Scope


def back(clerk: Clerk, import_id: int, data: bytes) -> bytes:
    """The file of an import as it would be handed out now."""
    with clerk.world.database.reading() as tx:
        return export.into_template(tx, clerk.view(import_id), data)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_in_and_out_again_says_the_same(clerk: Clerk, name: str) -> None:
    data = WORKBOOKS[name]()
    import_id = clerk.bring_in(data)

    out = back(clerk, import_id, data)

    before, after = clerk.tools.read(data, Given()), clerk.tools.read(out, Given())
    assert [_said(row) for row in after.rows] == [_said(row) for row in before.rows]
    assert [row.cell for row in after.rows] == [row.cell for row in before.rows]


def _said(row: object) -> dict[str, object]:
    found = row.as_json()  # type: ignore[attr-defined]
    return {key: value for key, value in found.items() if key not in ("notes", "cell")}


def test_styles_stay(clerk: Clerk) -> None:
    data = WORKBOOKS["county"]()
    import_id = clerk.bring_in(data)

    sheet = load_workbook(io.BytesIO(back(clerk, import_id, data)))["台账"]

    assert sheet["A1"].font.sz == 18
    assert sheet["D3"].fill.fgColor.rgb == "00DDDDDD"
    assert sheet.column_dimensions["D"].width == 40
    assert "A1:L1" in {str(cells) for cells in sheet.merged_cells.ranges}
    assert sheet["A15"].value == "填表人：王某"


def test_no_cell_of_a_problem_is_a_formula(clerk: Clerk) -> None:
    for name in ("formulas", "county"):
        data = WORKBOOKS[name]()
        import_id = clerk.bring_in(data)

        book = load_workbook(io.BytesIO(back(clerk, import_id, data)))

        rows = {(row.row.sheet, row.row.row) for row in clerk.rows(import_id)}
        for sheet, row in rows:
            assert all(cell.data_type != "f" for cell in book[sheet][row])


def test_what_an_issue_says_is_never_a_formula(clerk: Clerk) -> None:
    data = workbook([RUN])
    import_id = clerk.bring_in(data)
    number = by_text(clerk, import_id)["料堆未苫盖"]
    clerk.world.act(number, "progress", by="qs.handler", note="=1+1")

    sheet = load_workbook(io.BytesIO(back(clerk, import_id, data)))["台账"]
    assert (sheet["L3"].value, sheet["L3"].data_type) == ("=1+1", "s")
    with clerk.world.database.reading() as tx:
        new = export.into_new(
            tx, clerk.tools, load_labels(CONFIG / "labels"), Scope(True, frozenset()), Filters(),
            title="台账", today=clerk.world.today(),
        )  # fmt: skip
    cells = [cell for row in load_workbook(io.BytesIO(new))["台账"] for cell in row]
    assert "=1+1" in {cell.value for cell in cells}
    assert all(cell.data_type in ("s", "n") for cell in cells)


def test_what_has_changed_is_written(clerk: Clerk) -> None:
    data = workbook([RUN])
    import_id = clerk.bring_in(data)
    world, number = clerk.world, by_text(clerk, import_id)["料堆未苫盖"]
    world.act(number, "request_extension", by="qs.handler", reason="雨季。", until="2025-09-30")
    world.act(number, "grant_extension", by="gj.dispatcher")
    world.act(
        number,
        "amend",
        by="gj.dispatcher",
        field="description",
        value="料堆仍未苫盖",
        reason="现场",
    )
    world.act(number, "return", by="qs.handler", reason="不在本镇。")
    world.act(number, "reassign", by="gj.dispatcher", responsible="河口镇", reason="属河口镇。")

    [row] = clerk.tools.read(back(clerk, import_id, data), Given()).rows

    assert str(row.due) == "2025-09-30"
    assert row.description == "料堆仍未苫盖"
    assert row.units["responsible"] == ("河口镇人民政府",)
    assert row.number == "1"


def test_a_new_workbook_can_be_read_again(clerk: Clerk) -> None:
    clerk.bring_in(many(250))
    with clerk.world.database.reading() as tx:
        data = export.into_new(
            tx, clerk.tools, load_labels(CONFIG / "labels"), Scope(True, frozenset()),
            Filters(q="料堆"), title="云泽市问题台账", today=clerk.world.today(),
        )  # fmt: skip

    found = clerk.tools.read(data, Given())

    assert len(found.rows) == 250
    assert found.problems == []
    row = found.rows[-1]
    assert (row.number, row.description, row.done) == ("TZ-2024-00001", "第1处料堆未苫盖", False)
    assert str(row.due) == "2025-06-30"
    assert row.units["responsible"] == ("河口镇人民政府",)
