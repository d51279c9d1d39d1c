"""Writes small PDF files by hand, so that no engine is needed: text at places, and ruled tables.

The font is Chinese, named but not embedded, with the table that tells which character each code
means; office software writes such files too.
"""

import io
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

SIZE = 14
LINE = 24
LEFT = 80
WIDTH = 440
TOP = 780
LAST = 70


class Pages:
    """Writes lines at places, and the lines of tables, page by page."""

    def __init__(self) -> None:
        self.pages: list[list[str]] = [[]]
        self.at = float(TOP)
        self.used: set[str] = set()

    def text(self, x: float, y: float, text: str, size: float = SIZE) -> None:
        self.used |= set(text)
        code = "".join(f"{ord(char):04X}" for char in text)
        self.pages[-1].append(f"BT /F1 {size} Tf {x:.1f} {y:.1f} Td <{code}> Tj ET")

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.pages[-1].append(f"0.5 w {x1:.1f} {y1:.1f} m {x2:.1f} {y2:.1f} l S")

    def page(self) -> None:
        number = len(self.pages)
        self.text(LEFT + WIDTH / 2, 40, f"- {number} -", 10)
        self.pages.append([])
        self.at = float(TOP)

    def paragraph(self, text: str, *, indent: int = 2, centred: bool = False) -> None:
        """A paragraph broken at the right margin, its first line indented."""
        room = WIDTH // SIZE
        if centred:
            self._line(LEFT + (WIDTH - len(text) * SIZE) / 2, text)
            return
        first = room - indent
        lines = [text[:first], *(text[n : n + room] for n in range(first, len(text), room))]
        for n, line in enumerate(lines):
            self._line(LEFT + (indent * SIZE if n == 0 else 0), line)

    def _line(self, x: float, text: str) -> None:
        if self.at < LAST:
            self.page()
        self.text(x, self.at, text)
        self.at -= LINE

    def table(
        self, widths: Sequence[int], rows: Iterable[Sequence[str]], spans: dict[int, int]
    ) -> None:
        """A ruled table; `spans` maps a row to how many rows its first two cells go down."""
        size = 10
        grid = list(rows)
        edges = [LEFT + sum(widths[:n]) for n in range(len(widths) + 1)]
        covered = {row + n for row, count in spans.items() for n in range(1, count)}
        for n, cells in enumerate(grid):
            broken = [
                [
                    cell[k : k + max(1, (width - 6) // size)]
                    for k in range(0, len(cell), max(1, (width - 6) // size))
                ]
                for cell, width in zip(cells, widths, strict=True)
            ]
            height = max(1, *(len(lines) for lines in broken)) * (size + 4) + 6
            if self.at - height < LAST:
                self.rule(edges[0], self.at, edges[-1], self.at)
                self.page()
            from_column = 2 if n in covered else 0
            self.rule(edges[from_column], self.at, edges[-1], self.at)
            for lines, x in zip(broken, edges, strict=False):
                for k, line in enumerate(lines):
                    self.text(x + 3, self.at - 13 - k * (size + 4), line, size)
            for x in edges:
                self.rule(x, self.at, x, self.at - height)
            self.at -= height
        self.rule(edges[0], self.at, edges[-1], self.at)
        self.at -= LINE

    def write(self, path: Path) -> Path:
        """The file."""
        path.write_bytes(_pdf(self.pages, self.used))
        return path


def _pdf(pages: Sequence[Sequence[str]], used: set[str]) -> bytes:
    chars = sorted(used)
    cmap = "".join(f"<{ord(char):04X}> <{ord(char):04X}>\n" for char in chars)
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "/CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        + "".join(
            f"{len(part)} beginbfchar\n{''.join(part)}endbfchar\n"
            for n in range(0, len(chars), 100)
            if (part := cmap.splitlines(keepends=True)[n : n + 100])
        )
        + "endcmap end end"
    ).encode()
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (7 + 2 * n) for n in range(len(pages))), len(pages)),
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
            b"/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
            b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 "
            b"/FontDescriptor 5 0 R >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 "
            b"/FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(unicode_map), unicode_map),
    ]
    for n, page in enumerate(pages):
        content = zlib.compress("\n".join(page).encode())
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (8 + 2 * n)
        )
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
            % (len(content), content)
        )
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    places = []
    for n, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    )
    return out.getvalue()
