"""PDF with text: lines in reading order with their page, ruled tables as tables.

PDFium is fast and well tested against hostile files, but not made for threads: one lock.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from workflow.errors import N_
from workflow.libraries import Library
from workflow.plans.lines import Line, Place
from workflow.plans.readers.columns import in_order
from workflow.plans.readers.grids import Ruled, RuledTable, tables
from workflow.plans.readers.limits import MOST_PAGES, damaged, encrypted, refuse

if TYPE_CHECKING:
    import pypdfium2 as pdfium
    import pypdfium2.raw as c
else:
    pdfium = Library("pypdfium2")
    c = Library("pypdfium2.raw")

MOST_OBJECTS = 20_000
"""Drawn objects of a page that are looked at for the lines of tables."""
MOST_CHARACTERS = 20_000
"""Characters of one page."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Char:
    """A character with its box on the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """The height on the page of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one line that stand close together."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        """Height of the characters."""
        return self.top - self.bottom


def read_pdf(data: bytes, page_read: Callable[[int, int], None] | None = None) -> list[Line]:
    """The lines of a document; `page_read` is told each page and how many there are.

    Raises Invalid for one that is damaged, protected or has no text.
    """
    with _LOCK:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise encrypted() if "password" in str(error).lower() else damaged() from error
        try:
            return _read(document, page_read)
        except pdfium.PdfiumError as error:
            raise damaged() from error
        finally:
            document.close()


def _read(document: pdfium.PdfDocument, page_read: Callable[[int, int], None] | None) -> list[Line]:
    pages = len(document)
    if pages > MOST_PAGES:
        refuse(
            N_("文件有{pages}页，最多可读{most}页。请只保留计划正文后再试。"),
            "too_large",
            pages=pages,
            most=MOST_PAGES,
        )
    found: list[Line] = []
    number = 0
    for n in range(pages):
        page = document[n]
        try:
            lines, count = _page(page, n + 1, number, len(found))
        finally:
            page.close()
        found += lines
        number += count
        if page_read is not None:
            page_read(n + 1, pages)
    if pages and sum(len(line.text.strip()) for line in found) < 5 * pages:
        refuse(
            N_("PDF 里没有文字层，可能是扫描件。请先做文字识别（OCR），或使用电子版原件。"),
            "no_text",
        )
    return found


def _page(
    page: pdfium.PdfPage, number: int, tables_before: int, before: int
) -> tuple[list[Line], int]:
    chars = _chars(page)
    if not chars:
        return [], 0
    ruled = [table for table in tables(*_ruled(page)) if _is_table(table, chars)]
    outside = [char for char in chars if not any(t.holds(char.left, char.middle) for t in ruled)]
    text = in_order(_pieces(outside))
    margins = _margins(text)
    blocks: list[tuple[float, list[Line]]] = [
        (piece.top, [_line(piece, number, margins)]) for piece in text
    ]
    for n, table in enumerate(ruled, 1):
        lines = list(_cells(table, chars, number, tables_before + n))
        at = next((k for k, (top, _) in enumerate(blocks) if top < table.top), len(blocks))
        blocks.insert(at, (table.top, lines))
    found = [line for _, lines in blocks for line in lines]
    return [_numbered(line, before + k) for k, line in enumerate(found, 1)], len(ruled)


def _numbered(line: Line, number: int) -> Line:
    p = line.place
    place = Place(number, p.page, p.table, p.row, p.column, p.rows, p.columns)
    return Line(line.text, place, line.opens, line.full)


def _chars(page: pdfium.PdfPage) -> list[Char]:
    text = page.get_textpage()
    try:
        count = min(c.FPDFText_CountChars(text), MOST_CHARACTERS)
        box = c.FS_RECTF()
        found: list[Char] = []
        for n in range(count):
            code = c.FPDFText_GetUnicode(text, n)
            if code in (0, 0xFFFE, 0xFFFF, 10, 13) or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
                continue
            if c.FPDFText_IsGenerated(text, n) == 1 or 0.1 < c.FPDFText_GetCharAngle(text, n) < 6.1:
                continue  # a space that PDFium made up; a watermark across the page
            if c.FPDFText_GetLooseCharBox(text, n, box):
                found.append(Char(chr(code), box.left, box.bottom, box.right, box.top))
        return found
    finally:
        text.close()


def _pieces(chars: Sequence[Char]) -> list[Piece]:
    """Characters gathered into lines, lines cut where a wide gap parts columns."""
    inked = [char for char in chars if not char.text.isspace()]
    if not inked:
        return []
    size = median(char.top - char.bottom for char in inked) or 10.0
    rows: list[list[Char]] = []
    for char in sorted(inked, key=lambda char: (-char.middle, char.left)):
        if rows and abs(rows[-1][0].middle - char.middle) <= size * 0.6:
            rows[-1].append(char)
        else:
            rows.append([char])
    return [piece for row in rows for piece in _cut(sorted(row, key=lambda char: char.left), size)]


def _cut(row: Sequence[Char], size: float) -> Iterator[Piece]:
    part: list[Char] = []
    for char in row:
        if part and char.left - part[-1].right > size * 2.5:
            yield _piece(part, size)
            part = []
        part.append(char)
    if part:
        yield _piece(part, size)


def _piece(part: Sequence[Char], size: float) -> Piece:
    text = ""
    last: Char | None = None
    for char in part:
        if last is not None and char.left - last.right > size * 0.25:
            apart = char.text.isascii() and last.text.isascii()
            text += " " if apart or char.left - last.right < size * 0.9 else "\u3000"
        text += char.text
        last = char
    return Piece(
        text, part[0].left, min(x.bottom for x in part), part[-1].right, max(x.top for x in part)
    )


def _margins(pieces: Sequence[Piece]) -> tuple[float, float]:
    """Where most lines begin and where the longest end."""
    if not pieces:
        return 0.0, 0.0
    rights = sorted(piece.right for piece in pieces)
    long = [piece for piece in pieces if piece.right >= rights[-1] - 3 * piece.size] or list(pieces)
    lefts = sorted(piece.left for piece in long)
    return lefts[len(lefts) // 10], rights[-max(1, len(rights) // 20)]


def _line(piece: Piece, page: int, margins: tuple[float, float]) -> Line:
    left, right = margins
    opens = piece.left > left + piece.size * 0.9
    full = piece.right >= right - piece.size * 1.8
    return Line(piece.text, Place(0, page), opens=opens, full=full)


def _cells(table: RuledTable, chars: Sequence[Char], page: int, number: int) -> Iterator[Line]:
    inside: dict[int, list[Char]] = {}
    for char in chars:
        x, y = (char.left + char.right) / 2, char.middle
        if table.holds(x, y):
            box = table.box_at(x, y)
            if box is not None:
                inside.setdefault(id(box), []).append(char)
    for box in sorted(table.boxes, key=lambda box: (box.row, box.column)):
        place = Place(0, page, number, box.row, box.column, box.rows, box.columns)
        pieces = in_order(_pieces(inside.get(id(box), ())))
        for piece in pieces:
            yield Line(piece.text, place, None, piece.right >= box.right - 2.4 * piece.size)
        if not pieces:
            yield Line("", place)


def _is_table(table: RuledTable, chars: Sequence[Char]) -> bool:
    """A frame around a page, or lines without text between them, are no table."""
    if len(table.boxes) < 2:
        return False
    held = {
        id(box)
        for char in chars
        if table.holds(char.left, char.middle)
        and (box := table.box_at((char.left + char.right) / 2, char.middle)) is not None
    }
    return len(held) >= 2


def _ruled(page: pdfium.PdfPage) -> tuple[list[Ruled], list[Ruled]]:
    """Lines across and upright that the page draws."""
    across: list[Ruled] = []
    upright: list[Ruled] = []
    for n, item in enumerate(page.get_objects(filter=[c.FPDF_PAGEOBJ_PATH], max_depth=4)):
        if n >= MOST_OBJECTS:
            break
        for x1, y1, x2, y2 in _strokes(item):
            if abs(y1 - y2) <= 1 and abs(x1 - x2) > 2:
                across.append(Ruled((y1 + y2) / 2, min(x1, x2), max(x1, x2)))
            elif abs(x1 - x2) <= 1 and abs(y1 - y2) > 2:
                upright.append(Ruled((x1 + x2) / 2, min(y1, y2), max(y1, y2)))
    return across, upright


def _strokes(item: pdfium.PdfObject) -> Iterator[tuple[float, float, float, float]]:
    """The straight pieces of a path on the page."""
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = at = (0.0, 0.0)
    count = min(c.FPDFPath_CountSegments(item), 400)
    for n in range(count):
        segment = c.FPDFPath_GetPathSegment(item, n)
        c.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = matrix.on_point(x.value, y.value)
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == c.FPDF_SEGMENT_LINETO:
            yield (*at, *point)
        at = point
        if c.FPDFPathSegment_GetClose(segment):
            yield (*at, *start)
            at = start
