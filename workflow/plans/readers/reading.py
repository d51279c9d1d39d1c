"""A file → lines: which reader fits is decided by what the file is, not by what it is called."""

from collections.abc import Callable
from pathlib import Path

from workflow.errors import N_
from workflow.plans.lines import Line
from workflow.plans.readers.docx import DOCUMENT, read_docx
from workflow.plans.readers.html import read_html
from workflow.plans.readers.limits import MOST_BYTES, Container, refuse, too_large
from workflow.plans.readers.pdf import read_pdf
from workflow.plans.readers.text import read_text
from workflow.plans.readers.xlsx import read_xlsx

READABLE = "txt、docx、pdf、xlsx、html"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TAGS = (b"<!doctype html", b"<html", b"<body", b"<table", b"<div", b"<p>", b"<p ", b"<meta")


def read_lines(
    data: bytes, name: str = "", page_read: Callable[[int, int], None] | None = None
) -> tuple[Line, ...]:
    """The lines of a document in the order in which people read them.

    `name` is only asked whether it ends in .html; `page_read` is told each page of a PDF with the
    number of its pages. Raises Invalid, with a sentence that says what
    to do, for a file that is too large, damaged, protected, or of a kind that cannot be read.
    """
    if len(data) > MOST_BYTES:
        too_large(len(data), MOST_BYTES)
    lines = _read(data, name, page_read)
    if not any(line.text.strip() for line in lines):
        refuse(N_("文件里没有读到文字。请检查是否选错了文件。"), "empty")
    return tuple(lines)


def read_file(path: Path) -> tuple[Line, ...]:
    """The lines of a file on disk; refuses one that is too large before reading it."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        too_large(size, MOST_BYTES)
    return read_lines(path.read_bytes(), path.name)


def _read(data: bytes, name: str, page_read: Callable[[int, int], None] | None) -> list[Line]:
    if b"%PDF-" in data[:1024]:
        return read_pdf(data, page_read)
    if data.startswith(b"PK\x03\x04"):
        return _container(data)
    if data.startswith(_OLD_OFFICE):
        refuse(
            N_(
                "这是旧版 Office 文件（.doc、.xls、.wps）或设有密码的文件。请另存为 .docx 或 .xlsx 后再试。"
            ),
            "old_office",
        )
    if data.startswith(b"{\\rtf"):
        refuse(N_("这是 RTF 文件。请用 Word 另存为 .docx 后再试。"), "rtf")
    if _is_html(data, name):
        return read_html(data)
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")):
        refuse(N_("这是图片，不含文字。请先做文字识别，或使用电子版原件。"), "picture")
    return read_text(data)


def _container(data: bytes) -> list[Line]:
    container = Container(data)
    if DOCUMENT in container.names:
        return read_docx(container)
    if "xl/workbook.xml" not in container.names:
        refuse(N_("不认识这种文件。可以读取的格式：{readable}。"), "unknown", readable=READABLE)
    return read_xlsx(data, container)


def _is_html(data: bytes, name: str) -> bool:
    head = data[:3000].lower().replace(b"\x00", b"")
    if name.lower().endswith((".html", ".htm", ".shtml")):
        return b"<" in data
    return any(tag in head for tag in _TAGS)
