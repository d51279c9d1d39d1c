"""Bytes of every format → lines; what cannot be read is refused with a sentence that helps."""

import io
import zipfile
from pathlib import Path

import docx
import pypdfium2
import pytest
import xlsxwriter
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from tests.plans.papers import add_list, numbered, pdf_plan, table_plan
from tests.plans.pdfs import Pages
from workflow.errors import Invalid
from workflow.plans.lines import Line
from workflow.plans.readers import limits
from workflow.plans.readers.numbers import chinese, written
from workflow.plans.readers.reading import read_file, read_lines


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines if line.text]


def cells(lines: tuple[Line, ...]) -> dict[tuple[int, int], tuple[str, int, int]]:
    """Upper left corner → text, rows, columns."""
    found: dict[tuple[int, int], tuple[str, int, int]] = {}
    for line in lines:
        if line.place.table is not None:
            p = line.place
            text = found[p.row, p.column][0] if (p.row, p.column) in found else ""
            found[p.row, p.column] = text + line.text, p.rows, p.columns
    return found


# --- text ---


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-32"]
)
def test_encodings(encoding: str) -> None:
    text = "一、总体要求\r\n到2025年，全市达标。\r\n" * 3
    assert texts(read_lines(text.encode(encoding))) == ["一、总体要求", "到2025年，全市达标。"] * 3


def test_lines_keep_their_number_and_page() -> None:
    lines = read_lines("甲\n\n乙\x0c丙".encode())
    assert [(line.text, line.place.line, line.place.page) for line in lines] == [
        ("甲", 1, 1),
        ("乙丙", 3, 2),
    ]


def test_tables_drawn_with_bars_and_tabs() -> None:
    bars = "|序号|任务|单位|\n|---|---|---|\n|1|甲|市水利局|\n".encode()
    tabs = "序号\t任务\t单位\n1\t甲\t市水利局\n".encode()
    for data in (bars, tabs):
        assert cells(read_lines(data))[2, 3][0] == "市水利局"


# --- html ---


def test_html_without_scripts_and_with_tables() -> None:
    page = """<html><head><title>标题</title><style>p{}</style></head>
    <body><script>1.不是任务</script>
    <h2>一、任务</h2><p>甲&nbsp;乙<br>丙 &lt;丁&gt;</p><!-- 注释 -->
    <table><tr><th colspan="2">甲</th></tr>
    <tr><td rowspan="2">乙</td><td>丙</td></tr><tr><td>丁</td></tr></table>"""
    lines = read_lines(page.encode(), "a.html")
    assert [t.strip() for t in texts(lines)][:3] == ["一、任务", "甲\xa0乙", "丙 <丁>"]
    assert lines[0].level == 2
    assert cells(lines) == {
        (1, 1): ("甲", 1, 2),
        (2, 1): ("乙", 2, 1),
        (2, 2): ("丙", 1, 1),
        (3, 2): ("丁", 1, 1),
    }


def test_a_table_that_only_frames_a_page_is_none() -> None:
    inner = "<table><tr><td>甲</td><td>乙</td></tr></table>"
    page = f"<table><tr><td>导航</td><td><p>1.推进</p>{inner}</td></tr></table>"
    lines = read_lines(page.encode(), "a.html")
    assert {line.place.table for line in lines if line.text in ("甲", "乙")} == {2}
    assert {line.place.table for line in lines if line.text == "1.推进"} == {None}


@pytest.mark.parametrize(
    "page",
    ["<p>甲</p", "<p>甲<", "甲<!--", "<head><p>甲", "<script>乙", "<p>甲<b", "<title>x<p>甲"],
)
def test_broken_html_is_read_as_far_as_it_goes(page: str) -> None:
    found = texts(read_lines(f"<html>{page}<p>末".encode(), "a.html"))
    assert found[-1].endswith("末") or "<" in found[-1]


# --- Word ---


def test_numbers_that_word_only_shows(tmp_path: Path) -> None:
    document = docx.Document()
    add_list(document)
    for text, depth in (("总则", 0), ("甲", 1), ("乙", 1), ("丙", 2), ("任务", 0), ("丁", 1)):
        numbered(document, text, depth)
    document.save(str(tmp_path / "a.docx"))
    assert texts(read_file(tmp_path / "a.docx")) == [
        "一、总则",
        "（一）甲",
        "（二）乙",
        "1.丙",
        "二、任务",
        "（一）丁",
    ]


@pytest.mark.parametrize(
    ("count", "form", "shown"),
    [
        (12, "chineseCounting", "十二"),
        (105, "chineseCountingThousand", "一百零五"),
        (3, "decimalEnclosedCircle", "③"),
        (4, "upperRoman", "IV"),
        (2, "lowerLetter", "b"),
        (7, "decimal", "7"),
        (20000, "chineseCounting", "20000"),
    ],
)
def test_forms_of_numbers(count: int, form: str, shown: str) -> None:
    assert written(count, form) == shown


def test_chinese_numerals_of_a_list() -> None:
    assert [chinese(n) for n in (1, 10, 11, 20, 99, 100, 110)] == [
        "一", "十", "十一", "二十", "九十九", "一百", "一百一十",
    ]  # fmt: skip


def test_merged_cells_of_word(tmp_path: Path) -> None:
    found = cells(read_file(table_plan(tmp_path / "a.docx")))
    assert found[1, 1] == ("序号", 2, 1)
    assert found[1, 4] == ("责任分工", 1, 2)
    assert found[3, 1] == ("一、控源截污", 1, 7)
    assert found[4, 2] == ("排查整治入河排污口", 2, 1)
    assert found[5, 3] == ("按照清单完成120个排污口整治。", 1, 1)


def test_deleted_text_is_left_out_and_inserted_text_read(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("责任单位：")._p
    for tag, inner, text in (("w:del", "w:delText", "市旧局"), ("w:ins", "w:t", "市新局")):
        paragraph.append(
            parse_xml(f"<{tag} {nsdecls('w')}><w:r><{inner}>{text}</{inner}></w:r></{tag}>")
        )
    document.save(str(tmp_path / "a.docx"))
    assert texts(read_file(tmp_path / "a.docx")) == ["责任单位：市新局"]


def test_pages_of_word(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("甲")
    document.add_page_break()
    run = document.add_paragraph().add_run("乙")
    run._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    document.save(str(tmp_path / "a.docx"))
    assert [
        (line.text, line.place.page) for line in read_file(tmp_path / "a.docx") if line.text
    ] == [
        ("甲", 1),
        ("乙", 3),
    ]


# --- Excel ---


def test_cells_of_excel_as_people_see_them(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("表一")
    sheet.merge_range("A1:C1", "标题")
    sheet.write_number("A2", 3)
    sheet.write_number("B2", 1.5)
    sheet.write_number("C2", 45657, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    lines = read_file(tmp_path / "a.xlsx")
    assert cells(lines) == {
        (1, 1): ("标题", 1, 3),
        (2, 1): ("3", 1, 1),
        (2, 2): ("1.5", 1, 1),
        (2, 3): ("2024-12-31", 1, 1),
    }
    assert {line.place.sheet for line in lines} == {"表一"}


def test_a_sheet_with_a_cell_in_the_far_corner_is_refused(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_string("A1", "甲")
    sheet.write_string("XFD1048576", "乙")
    book.close()
    with pytest.raises(Invalid, match="空行"):
        read_file(tmp_path / "a.xlsx")


# --- PDF ---


def test_tables_and_pages_of_pdf(tmp_path: Path) -> None:
    lines = read_file(pdf_plan(tmp_path / "a.pdf"))
    found = cells(lines)
    assert found[1, 1] == ("序号", 1, 1)
    assert found[2, 1][1] == 2
    assert found[4, 5][0] == "市生态环境局、交通运输局、商务局"
    assert {line.place.page for line in lines} == {1, 2}


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    pages = Pages()
    for n in range(10):
        pages.text(80, 700 - n * 20, f"左{n}一二三四五六七八九十", 12)
        pages.text(320, 700 - n * 20, f"右{n}一二三四五六七八九十", 12)
    found = texts(read_file(pages.write(tmp_path / "a.pdf")))
    assert [text[:2] for text in found] == [f"左{n}" for n in range(10)] + [
        f"右{n}" for n in range(10)
    ]


def test_a_scanned_pdf_is_named_as_one(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(595, 842)
    document.save(str(tmp_path / "a.pdf"))
    with pytest.raises(Invalid, match="扫描件"):
        read_file(tmp_path / "a.pdf")


# --- refusals ---


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/"), text)
    return out.getvalue()


BOMB = "<w:document xmlns:w='x'>" + "<a>" * 300 + "</a>" * 300 + "</w:document>"
ENTITIES = "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "没有读到文字"),
    "blank": (b" \n\t\n", "没有读到文字"),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "另存为"),
    "rtf": (b"{\\rtf1 a}", "RTF"),
    "picture": (b"\x89PNG\r\n\x1a\n", "图片"),
    "noise": (bytes(range(128, 256)) * 9, "编码"),
    "half a zip": (archive(a="b")[:40], "损坏"),
    "other zip": (archive(a="b"), "不认识"),
    "half a pdf": (b"%PDF-1.7\n1 0 obj", "损坏"),
    "no body": (archive(**{"word__document.xml": "<a/>"}), "没有正文"),
    "no xml": (archive(**{"word__document.xml": "<a"}), "损坏"),
    "too deep": (archive(**{"word__document.xml": BOMB}), "损坏"),
    "entities": (archive(**{"word__document.xml": ENTITIES}), "损坏"),
    "no book": (archive(**{"xl__workbook.xml": "<a/>"}), "损坏"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_to_do(name: str) -> None:
    data, sentence = REFUSED[name]
    with pytest.raises(Invalid, match=sentence) as refused:
        read_lines(data)
    assert str(refused.value).endswith("。")


def test_a_zip_that_would_fill_the_memory_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_UNPACKED", 1000)
    with pytest.raises(Invalid, match="超过"):
        read_lines(archive(**{"word__document.xml": "x" * 2000}))


def test_a_protected_zip_is_named_as_one() -> None:
    data = bytearray(archive(**{"word__document.xml": "<a/>"}))
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(sign) + offset] |= 1
    with pytest.raises(Invalid, match="密码"):
        read_lines(bytes(data))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(limits.MOST_BYTES + 1)
    with pytest.raises(Invalid, match="超过"):
        read_file(path)
