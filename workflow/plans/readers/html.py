"""HTML: the text of a page with its headings and tables, without running or trusting anything."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from workflow.plans.lines import MOST_LINES, Line, Place, too_long
from workflow.plans.readers.limits import DEEPEST
from workflow.plans.readers.text import decode

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_\-]{3,20})", re.IGNORECASE
)
_NAME = re.compile(r"/?\s*([A-Za-z][A-Za-z0-9]*)")
_SPAN = re.compile(r"(rowspan|colspan)\s{0,5}=\s{0,5}[\"']?\s{0,5}(\d{1,4})", re.IGNORECASE)
_SILENT = frozenset(
    ("script", "style", "noscript", "template", "svg", "title", "head", "select", "textarea")
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "figure",
        "fieldset",
        "center",
        "option",
    ]
)
MOST_TOKENS = 300_000
MOST_SPAN = 200


@dataclass
class _Table:
    """A table being read; a frame is one that holds other tables and is only there for layout."""

    number: int
    row: int = 0
    column: int = 0
    cell: Place | None = None
    taken: set[tuple[int, int]] = field(default_factory=set)
    is_frame: bool = False


def decode_page(data: bytes) -> str:
    """The text of a page in the encoding that it declares, else as plain text is decoded."""
    match = _CHARSET.search(data[:4000])
    if match is not None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = match[1].decode("ascii").lower()
        encoding = "gb18030" if name in ("gb2312", "gbk", "gb18030") else name
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def read_html(data: bytes) -> list[Line]:
    """The lines of a page in the order of the source."""
    reader = _Reader()
    text = decode_page(data)
    for n, (kind, token) in enumerate(_tokens(text)):
        if n > MOST_TOKENS:
            too_long(len(reader.lines), len(text))
        if kind == "tag":
            reader.tag(token)
        else:
            reader.text(token)
        if len(reader.lines) > MOST_LINES:
            too_long(len(reader.lines), len(text))
    reader.flush()
    frames = {table.number for table in reader.tables if table.is_frame}
    return [
        replace(line, place=replace(line.place, table=None)) if line.place.table in frames else line
        for line in reader.lines
    ]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Tags and texts one after the other; each sign is looked at a bounded number of times."""
    at = 0
    open_ended: set[str] = set()
    while at < len(text):
        start = text.find("<", at)
        if start < 0:
            yield "text", text[at:]
            return
        if start > at:
            yield "text", text[at:start]
        if text.startswith("<!--", start):
            at = _behind(text, "-->", start + 4, open_ended)
            continue
        end = text.find(">", start, start + 5000)
        following = text[start + 1 : start + 2]
        if end < 0 or not (following.isalpha() or following in "/!?"):
            yield "text", "<"
            at = start + 1
            continue
        tag = text[start + 1 : end]
        yield "tag", tag
        at = end + 1
        name = _NAME.match(tag)
        if name is not None and name[1].lower() in ("script", "style") and not tag.startswith("/"):
            at = _behind(text, f"</{name[1].lower()}", at, open_ended)


def _behind(text: str, sign: str, at: int, open_ended: set[str]) -> int:
    """The place of `sign` from `at` on; where it never comes, that is remembered."""
    if sign in open_ended:
        return at
    found = text.find(sign, at)
    if found < 0:
        found = text.lower().find(sign, at) if sign.startswith("</") else -1
    if found < 0:
        open_ended.add(sign)
        return at
    return found + (len(sign) if sign == "-->" else 0)


class _Reader:
    """Collects lines from tags and texts."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.parts: list[str] = []
        self.level: int | None = None
        self.silent: list[str] = []

    def text(self, text: str) -> None:
        if not self.silent and text:
            self.parts.append(html.unescape(text))

    def tag(self, tag: str) -> None:
        match = _NAME.match(tag)
        if match is None:
            return
        name, closing = match[1].lower(), tag.startswith("/")
        if name in _SILENT:
            self._silence(name, closing, tag)
            return
        if (
            self.silent
            and self.silent[0] in ("head", "title")
            and name in ("body", "div", "p", "table")
        ):
            self.silent.clear()  # a head that nobody closed
        if self.silent or name not in _BLOCKS:
            return
        self.flush()
        if len(name) == 2 and name[0] == "h" and name[1].isdigit():
            self.level = None if closing else int(name[1])
        elif name in ("table", "tr", "td", "th", "caption"):
            self._table(name, closing, tag)

    def _silence(self, name: str, closing: bool, tag: str) -> None:
        if closing:
            if self.silent and name in self.silent:
                del self.silent[self.silent.index(name) :]
        elif (
            not tag.endswith("/") and len(self.silent) < DEEPEST and name not in ("script", "style")
        ):
            self.silent.append(name)
        if name == "head" and closing:
            self.silent.clear()

    def _table(self, name: str, closing: bool, tag: str) -> None:
        if name == "table":
            if closing:
                if self.open:
                    self.open.pop()
            elif len(self.open) < DEEPEST:
                for outer in self.open:
                    outer.is_frame = True
                table = _Table(len(self.tables) + 1)
                self.tables.append(table)
                self.open.append(table)
            return
        if not self.open:
            return
        table = self.open[-1]
        if name == "tr":
            table.cell = None
            if not closing:
                table.row, table.column = table.row + 1, 0
        elif closing or name == "caption":
            table.cell = None
        else:
            self._cell(table, tag)

    def _cell(self, table: _Table, tag: str) -> None:
        table.row = max(table.row, 1)
        table.column += 1
        while (table.row, table.column) in table.taken:
            table.column += 1
        spans = {
            key.lower(): min(max(int(value), 1), MOST_SPAN) for key, value in _SPAN.findall(tag)
        }
        rows, columns = spans.get("rowspan", 1), spans.get("colspan", 1)
        if rows * columns > 1 and len(table.taken) < 100_000:
            table.taken |= {
                (table.row + r, table.column + c) for r in range(rows) for c in range(columns)
            }
        number = len(self.lines) + 1
        table.cell = Place(number, None, table.number, table.row, table.column, rows, columns)
        self.lines.append(Line("", table.cell))
        table.column += columns - 1

    def flush(self) -> None:
        """Ends the current line."""
        text = "".join(self.parts)
        self.parts.clear()
        if not text.strip():
            return
        cell = self.open[-1].cell if self.open else None
        if cell is not None:
            self.lines.append(Line(text, cell, opens=True))
        else:
            self.lines.append(Line(text, Place(len(self.lines) + 1), level=self.level))
