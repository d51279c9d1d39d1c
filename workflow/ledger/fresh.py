"""A new workbook of issues, for an office without a template of its own."""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from workflow.ledger.template import is_like_a_formula, safe
from workflow.libraries import Library

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = Library("xlsxwriter")

HEADS: Final = (
    "序号", "问题标题", "具体问题", "问题类型", "问题来源", "点位", "责任单位", "牵头单位",
    "配合单位", "验收单位", "整改时限", "是否完成", "是否销号", "当前环节", "亮灯", "进展情况",
)  # fmt: skip
_WIDTHS = (16, 24, 48, 12, 14, 18, 20, 18, 20, 18, 12, 9, 9, 14, 8, 30)


def workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet: a title, the headings, a row an issue; every cell is a text."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet("台账")
    line = {"border": 1, "border_color": "#999999", "valign": "vcenter", "text_wrap": True}
    head = book.add_format({**line, "bold": True, "align": "center", "bg_color": "#F2EEE6"})
    cell = book.add_format(line)
    quoted = book.add_format({**line, "quote_prefix": True})
    top = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    sheet.merge_range(0, 0, 0, len(HEADS) - 1, "", top)
    sheet.write_string(0, 0, safe(title), top)
    for column, (text, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, text, head)
    last = 1
    for last, row in enumerate(rows, 2):
        for column, text in enumerate(row):
            style = quoted if is_like_a_formula(text) else cell
            sheet.write_string(last, column, safe(text), style)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, max(last, 1), len(HEADS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(1)
    sheet.fit_to_pages(1, 0)
    book.close()
    return file.getvalue()
