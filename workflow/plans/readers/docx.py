"""Word documents (.docx): paragraphs with their automatic numbers, tables with merged cells.

Deleted text of tracked changes is left out, inserted text is read. Text boxes follow the paragraph
in which they are anchored.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from workflow.errors import N_
from workflow.plans.lines import Line, Place
from workflow.plans.readers.limits import Container, refuse
from workflow.plans.readers.numbers import Numbering, W, read_numbering

DOCUMENT = "word/document.xml"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LEFT_OUT = frozenset(
    (
        f"{W}del",
        f"{W}moveFrom",
        f"{_MC}Fallback",
        f"{W}instrText",
        f"{W}delText",
        f"{W}rPr",
        f"{W}pPr",
    )
)
MOST_SPAN = 100
MOST_ROWS = 20_000


def read_docx(container: Container) -> list[Line]:
    """The lines of a document, one a paragraph. Raises Invalid for a damaged one."""
    tree = container.tree(DOCUMENT)
    body = None if tree is None else tree.find(f"{W}body")
    if body is None:
        refuse(N_("这个 Word 文件里没有正文。请用 Word 打开后另存为 .docx 再试。"), "damaged")
    return _Reader(container).read(body)


class _Reader:
    """Walks over the body; knows styles, lists, the page and the table that it is in."""

    def __init__(self, container: Container) -> None:
        self.numbering: Numbering = read_numbering(container.tree("word/numbering.xml"))
        self.styles = _styles(container.tree("word/styles.xml"))
        self.lines: list[Line] = []
        self.page = 1
        self.tables = 0

    def read(self, body: ET.Element) -> list[Line]:
        for block in _blocks(body):
            if block.tag == f"{W}tbl":
                self._table(block)
            else:
                for text, level in self._paragraph(block):
                    place = Place(len(self.lines) + 1, self.page)
                    self.lines.append(Line(text, place, opens=True, level=level))
        return self.lines

    def _paragraph(self, paragraph: ET.Element) -> Iterator[tuple[str, int | None]]:
        """The text of a paragraph with its number, then that of its text boxes."""
        boxes: list[ET.Element] = []
        text = self._text(paragraph, boxes)
        level, number = self._shape(paragraph)
        for n, part in enumerate(text.split("\n")):
            yield (number + part if n == 0 and part.strip() else part), level if n == 0 else None
        for box in boxes:
            for inner in _blocks(box):
                if inner.tag == f"{W}p":
                    yield self._text(inner, []), None

    def _text(self, element: ET.Element, boxes: list[ET.Element]) -> str:
        parts: list[str] = []
        waiting = [iter(element)]
        while waiting:
            child = next(waiting[-1], None)
            if child is None:
                waiting.pop()
                continue
            tag = child.tag
            if tag == f"{W}t":
                parts.append(child.text or "")
            elif tag in (f"{W}tab", f"{W}ptab"):
                parts.append("\t")
            elif tag in (f"{W}br", f"{W}cr"):
                is_page = child.get(f"{W}type") == "page"
                self.page += is_page
                parts.append("\n" if not is_page and child.get(f"{W}type") is None else "")
            elif tag == f"{W}lastRenderedPageBreak":
                self.page += 1
            elif tag == f"{W}noBreakHyphen":
                parts.append("-")
            elif tag == f"{W}txbxContent":
                boxes.append(child)
            elif tag not in _LEFT_OUT:
                waiting.append(iter(child))
        return "".join(parts)

    def _shape(self, paragraph: ET.Element) -> tuple[int | None, str]:
        """Level of the heading, and the number that Word shows before the text."""
        properties = paragraph.find(f"{W}pPr")
        style = _value(properties, "pStyle") or ""
        level, listed, depth = self.styles.get(style, (None, None, None))
        if properties is not None:
            outline = _value(properties, "outlineLvl")
            if outline is not None and outline.isdigit() and int(outline) < 9:
                level = int(outline) + 1
            list_properties = properties.find(f"{W}numPr")
            listed = _value(list_properties, "numId") or listed
            depth = _value(list_properties, "ilvl") or depth
        number = ""
        if listed is not None and listed != "0":
            number = self.numbering.next(listed, int(depth) if depth and depth.isdigit() else 0)
        return level, number

    def _table(self, table: ET.Element) -> None:
        self.tables += 1
        number = self.tables
        kept: dict[int, tuple[int, int]] = {}
        for row, element in enumerate(_rows(table), 1):
            if row > MOST_ROWS:
                return
            column = 1 + int(_number(element.find(f"{W}trPr"), "gridBefore") or 0)
            for cell in _cells(element):
                properties = cell.find(f"{W}tcPr")
                span = min(int(_number(properties, "gridSpan") or 1), MOST_SPAN)
                merge = None if properties is None else properties.find(f"{W}vMerge")
                goes_on = merge is not None and merge.get(f"{W}val") != "restart"
                if goes_on and column in kept:
                    self._longer(kept[column])
                else:
                    first = len(self.lines)
                    place = Place(first + 1, self.page, number, row, column, 1, span)
                    texts = list(self._cell_texts(cell)) or [""]
                    self.lines += [Line(text, place, opens=True) for text in texts]
                    kept[column] = (first, len(self.lines))
                    if merge is None:
                        kept.pop(column)
                column += span

    def _longer(self, span: tuple[int, int]) -> None:
        """One row more for the cell whose lines these are."""
        for n in range(*span):
            line = self.lines[n]
            place = line.place
            self.lines[n] = Line(
                line.text,
                Place(
                    place.line,
                    place.page,
                    place.table,
                    place.row,
                    place.column,
                    place.rows + 1,
                    place.columns,
                ),
                line.opens,
            )

    def _cell_texts(self, cell: ET.Element) -> Iterator[str]:
        for block in _blocks(cell):
            if block.tag == f"{W}tbl":
                for element in _rows(block):
                    yield "\u3000".join(
                        "".join(self._cell_texts(inner)) for inner in _cells(element)
                    )
            else:
                for text, _ in self._paragraph(block):
                    if text.strip():
                        yield text


def _blocks(element: ET.Element) -> Iterator[ET.Element]:
    """Paragraphs and tables, also those inside content controls and insertions."""
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (
            f"{W}sdt",
            f"{W}sdtContent",
            f"{W}ins",
            f"{W}customXml",
            f"{W}smartTag",
            f"{_MC}AlternateContent",
            f"{_MC}Choice",
        ):
            waiting.append(iter(child))


def _rows(table: ET.Element) -> Iterator[ET.Element]:
    yield from _inside(table, f"{W}tr")


def _cells(row: ET.Element) -> Iterator[ET.Element]:
    yield from _inside(row, f"{W}tc")


def _inside(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            waiting.append(iter(child))


def _value(properties: ET.Element | None, name: str) -> str | None:
    child = None if properties is None else properties.find(f"{W}{name}")
    return None if child is None else child.get(f"{W}val")


def _number(properties: ET.Element | None, name: str) -> str | None:
    value = _value(properties, name)
    return value if value and value.isascii() and value.isdigit() and len(value) < 4 else None


_Style = tuple[int | None, str | None, str | None]


def _styles(tree: ET.Element | None) -> dict[str, _Style]:
    """Style → level of heading, list and depth; what a style does not say its base says."""
    found: dict[str, _Style] = {}
    bases: dict[str, str] = {}
    if tree is None:
        return found
    for style in tree.iter(f"{W}style"):
        key = style.get(f"{W}styleId", "")
        properties = style.find(f"{W}pPr")
        outline = _value(properties, "outlineLvl")
        level = int(outline) + 1 if outline and outline.isdigit() and int(outline) < 9 else None
        listed = None if properties is None else properties.find(f"{W}numPr")
        found[key] = level, _value(listed, "numId"), _value(listed, "ilvl")
        if base := _value(style, "basedOn"):
            bases[key] = base
    for key in found:
        base, steps = bases.get(key), 0
        while base in found and steps < 10:
            own, above = found[key], found[base]
            found[key] = tuple(a if a is not None else b for a, b in zip(own, above, strict=True))  # type: ignore[assignment]
            base, steps = bases.get(base), steps + 1
    return found
