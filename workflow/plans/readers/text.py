"""Plain text: what encoding it is in, its lines, and tables drawn with tabs or bars."""

import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from workflow.errors import N_
from workflow.plans.lines import MOST_CHARACTERS, MOST_LINES, Line, Place, too_long
from workflow.plans.readers.limits import chunks, refuse

_BARS = re.compile(r"\s*\|.*\|\s*")
_WRITTEN = re.compile(r"[\s!-~\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_RULE = re.compile(r"[\s|:+\-=]+")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode(data: bytes) -> str:
    """Text in UTF-8, UTF-16 or GB 18030. Raises Invalid when it is none of them."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding)
    head = data[:4000]
    if 0 in head:
        # No other encoding of text has zero bytes: here they are the upper halves of line ends.
        even = head[::2].count(0) > head[1::2].count(0)
        return _written(_decoded(data, "utf-16-be" if even else "utf-16-le"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, "gb18030")


def _written(text: str) -> str:
    """`text` if it looks like writing; noise with zero bytes in it does not."""
    known = len(_WRITTEN.findall(text[:2000]))
    if known * 10 < len(text[:2000]) * 9:
        _unreadable()
    return text


def _unreadable() -> NoReturn:
    refuse(
        N_("文字编码看不懂，或文件不是文本。请用记事本另存为 UTF-8 编码的 txt 后再试。"), "encoding"
    )


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError:
        _unreadable()


def read_text(data: bytes) -> list[Line]:
    """The lines of a text file; a form feed begins a page."""
    text = decode(data)
    size = len(text) - text.count("\n") - text.count("\r")
    if size > MOST_CHARACTERS * 2 or len(text) - size > MOST_LINES * 10:
        too_long(text.count("\n"), size)
    found: list[Line] = []
    rows: list[tuple[int, list[str]]] = []
    page = 1 if "\x0c" in text else None
    table = cells_read = 0
    for number, raw in enumerate(chunks(text), 1):
        if page is not None:
            page += raw.count("\x0c")
        line = raw.replace("\x0c", "")
        cells = _cells(line)
        if cells is not None:
            if not (_RULE.fullmatch(line) and rows):
                rows.append((number, cells))
                cells_read += len(cells)
            if cells_read > MOST_LINES:
                too_long(number, size)
            continue
        if rows and line.strip():
            table += _take(rows, table + 1, page, found)
            rows = []
        if line.strip():
            found.append(Line(line, Place(number, page)))
        if len(found) > MOST_LINES:
            too_long(number, size)
    if rows:
        _take(rows, table + 1, page, found)
    return found


def _cells(line: str) -> list[str] | None:
    """The cells of a line that is a row of a table, None for any other line."""
    if _BARS.fullmatch(line) and line.count("|") > 2:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    if line.strip("\t ").count("\t") >= 2:
        return [cell.strip() for cell in line.rstrip("\t ").split("\t")]
    return None


def _take(
    rows: Sequence[tuple[int, list[str]]], table: int, page: int | None, found: list[Line]
) -> int:
    """Adds rows as a table if they are several of one width; returns how many tables that makes."""
    width = max(len(cells) for _, cells in rows)
    if len(rows) < 2 or width > 40:
        found += _lines_again(rows, page)
        return 0
    for r, (number, cells) in enumerate(rows, 1):
        for c in range(width):
            text = cells[c] if c < len(cells) else ""
            found.append(Line(text.replace("<br>", "\n"), Place(number, page, table, r, c + 1)))
    return 1


def _lines_again(rows: Sequence[tuple[int, list[str]]], page: int | None) -> Iterator[Line]:
    for number, cells in rows:
        yield Line("\u3000".join(cells), Place(number, page))
