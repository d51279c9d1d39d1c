"""Tables of tasks (任务分解表) and of indicators; every other table becomes lines again. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflow.plans.characters import GAP, clean, fold, joined
from workflow.plans.lines import Line, Place
from workflow.plans.numbering import mark_of
from workflow.plans.words import Words

MOST_CELLS = 200_000
HEAD_ROWS = 8
"""Rows below which no head is looked for."""

_BRACKETED = re.compile("（[^（）]*）")
_NEW_NAME = re.compile("[市省县区州各]")
_ENUMERATED = frozenset("、，；：")


@dataclass(frozen=True)
class Cell:
    """A cell with everything that it spans."""

    place: Place
    lines: tuple[str, ...]
    wrapped: tuple[bool, ...] = ()
    """For each line whether the cell's edge broke it off."""

    @property
    def text(self) -> str:
        """The text of the cell as one paragraph."""
        return joined("".join(self.lines))

    @property
    def prose(self) -> str:
        """The paragraphs of the cell, one a line; what the edge broke is whole again."""
        whole = ""
        for n, line in enumerate(self.lines):
            goes_on = (
                n == 0 or self.wrapped[n - 1] or not (whole[-1:] in "。；" or mark_of(fold(line)))
            )
            if goes_on and n and not self.wrapped[n - 1] and len(whole.rsplit("\n", 1)[-1]) > 20:
                goes_on = False
            whole += line if goes_on else f"\n{line}"
        return joined(whole)

    def names(self, words: Words) -> str:
        """The text of a cell that lists names: one a line, or broken off anywhere by the edge."""
        whole = ""
        broken = False
        for n, line in enumerate(self.lines):
            for part in line.split(GAP):
                if (
                    whole
                    and whole[-1] not in _ENUMERATED
                    and words.ending.search(fold(whole[-14:]))
                ):
                    whole += "、" if not broken or _NEW_NAME.match(part) else ""
                whole += part
                broken = False
            broken = self.wrapped[n]
        return fold(whole)


@dataclass(frozen=True)
class Row:
    """One task of a table as it stands there; `heads` are the printed column headings."""

    number: str
    action: str
    title: str
    texts: tuple[str, ...]
    targets: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    deadlines: tuple[str, ...]
    officials: tuple[str, ...]
    remarks: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Indicator:
    """One row of a table of indicators: the value for each year or column."""

    name: str
    unit: str
    values: tuple[tuple[str, str], ...]
    place: Place


@dataclass
class Tables:
    """The document with its tables sorted out."""

    segments: list[list[Line]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class Grid:
    """The cells of one table, addressed by the row and column that they cover."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        texts: dict[tuple[int, int], list[str]] = {}
        wrapped: dict[tuple[int, int], list[bool]] = {}
        places: dict[tuple[int, int], Place] = {}
        for line in lines:
            key = line.place.row, line.place.column
            places.setdefault(key, line.place)
            for part in line.text.split("\n"):
                if text := clean(part):
                    texts.setdefault(key, []).append(text)
                    wrapped.setdefault(key, []).append(line.full is True)
        for key, place in places.items():
            cell = Cell(place, tuple(texts.get(key, ())), tuple(wrapped.get(key, ())))
            for row in range(place.row, place.row + place.rows):
                for column in range(place.column, place.column + place.columns):
                    if len(self.cells) < MOST_CELLS:
                        self.cells.setdefault((row, column), cell)
        self.rows = sorted({row for row, _ in self.cells})
        self.columns = sorted({column for _, column in self.cells})

    def row(self, row: int) -> list[Cell]:
        """The cells of a row, each once, from left to right."""
        found = (self.cells.get((row, column)) for column in self.columns)
        return list(dict.fromkeys(cell for cell in found if cell is not None))


def sort_out(lines: Sequence[Line], words: Words) -> Tables:
    """Text lines apart from tables, tables of tasks and indicators read row by row."""
    found = Tables([[]])
    last: tuple[Mapping[int, tuple[str, str]], int] | None = None
    for table in _blocks(lines):
        if table[0].place.table is None:
            found.segments[-1] += table
            if any(len(line.text.strip()) > 12 for line in table):
                last = None
            continue
        grid = Grid(table)
        head = _head(grid, words)
        if head is None and last is not None and len(grid.columns) == last[1]:
            head = last[0], grid.rows[0]  # the table goes on behind a page break
        if head is None:
            if not _indicators(grid, words, found):
                found.segments[-1] += _flattened(grid, words)
            continue
        last = head[0], len(grid.columns)
        found.segments[-1] += _above(grid, head[1], words)
        _read_tasks(grid, *head, words, found)
        found.segments.append([])
    return found


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if block and block[-1].place.table != line.place.table:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def kind_of_head(text: str, words: Words) -> str | None:
    """What stands below a heading of a column, None for a heading that says nothing known."""
    plain = _BRACKETED.sub("", joined(fold(text))).strip("：* ")
    if not plain or len(plain) > 16:
        return None
    if words.role_head.fullmatch(plain):
        return "role"
    if plain in words.heads:
        return words.heads[plain]
    parts = [words.heads.get(part) for part in re.split("及|和|与|、|/|（", plain)]
    if any(parts):
        return next(part for part in parts if part)
    for kind in ("deadline", "official", "text", "title", "target"):
        if any(
            plain.endswith(word)
            for word, found in words.heads.items()
            if found == kind and len(word) > 1
        ):
            return kind
    return None


def _head(grid: Grid, words: Words) -> tuple[Mapping[int, tuple[str, str]], int] | None:
    """Column → (kind, printed heading), and the first row below the head."""
    for row in grid.rows[:HEAD_ROWS]:
        kinds = _kinds(grid, row, words)
        found = {kind for kind, _ in kinds.values()}
        if not ({"title", "text"} & found and {"role", "deadline", "official"} & found):
            lower = _kinds(grid, row + 1, words)
            both = {**kinds, **lower}
            found = {kind for kind, _ in both.values()}
            if not (kinds and lower and {"title", "text"} & found and "role" in found):
                continue
            return both, row + 2
        cells = grid.row(row)
        if sum(1 for cell in cells if cell.text) < 2:
            continue
        below = max((cell.place.row + cell.place.rows for cell in cells), default=row + 1)
        if below == row + 2 or (
            row + 1 in grid.rows and _is_second_head(grid, row + 1, kinds, words)
        ):
            kinds = {**kinds, **_kinds(grid, row + 1, words)}
            return kinds, row + 2
        return kinds, row + 1
    return None


def _above(grid: Grid, first: int, words: Words) -> Iterator[Line]:
    """Titles and remarks in the rows above a head."""
    for row in grid.rows:
        if row >= first or len(_kinds(grid, row, words)) >= 2:
            return
        for cell in grid.row(row):
            for text in cell.lines:
                if kind_of_head(text, words) is None:
                    yield Line(text, replace(cell.place, table=None), opens=True)


def _kinds(grid: Grid, row: int, words: Words) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for column in grid.columns:
        cell = grid.cells.get((row, column))
        if cell is not None and (kind := kind_of_head(cell.text, words)) is not None:
            found[column] = kind, joined(fold(cell.text))
    return found


def _is_second_head(
    grid: Grid, row: int, kinds: Mapping[int, tuple[str, str]], words: Words
) -> bool:
    lower = _kinds(grid, row, words)
    texts = [cell.text for cell in grid.row(row) if cell.text]
    return (
        len(lower) >= 2 and all(len(text) <= 12 for text in texts) and len(lower) * 2 > len(texts)
    )


def _read_tasks(
    grid: Grid, head: Mapping[int, tuple[str, str]], first: int, words: Words, found: Tables
) -> None:
    columns: dict[str, list[int]] = {}
    for column, (kind, _) in head.items():
        columns.setdefault(kind, []).append(column)
    printed = {kind_text for _, kind_text in head.values()}
    action = ""
    groups: list[tuple[str, list[int]]] = []
    above: tuple[Cell | None, Cell | None] = (None, None)
    for row in grid.rows:
        if row < first:
            continue
        cells = [cell for cell in grid.row(row) if cell.text]
        texts = [joined(fold(cell.text)) for cell in cells]
        if not cells or sum(1 for text in texts if text in printed) * 2 > len(texts):
            continue
        if len(cells) == 1 and (
            cells[0].place.columns > 2 or len(grid.row(row)) == 1 or _is_heading(texts[0])
        ):
            if re.match("注|说明|备注|合计|总计|填报|制表", texts[0]) or len(texts[0]) > 60:
                found.remarks.append(cells[0].text)
            else:
                action = cells[0].text
            continue
        key = _key(grid, row, columns)
        if (
            (groups and key[0] is None and (key[1] is None or key[1] == above[1]))
            or (groups and key[0] is not None and key[0] == above[0])
            or (groups and "number" not in columns and key[1] is not None and key[1] == above[1])
        ):
            groups[-1][1].append(row)
        else:
            groups.append((action, [row]))
        above = key[0] or above[0], key[1] or above[1]
    for title, rows in groups:
        found.rows.append(_row(grid, rows, columns, head, title, words))


def _is_heading(text: str) -> bool:
    mark = mark_of(text)
    return mark is not None and mark.form in ("cn", "cn_in_brackets", "chapter章")


def _key(grid: Grid, row: int, columns: Mapping[str, list[int]]) -> tuple[Cell | None, Cell | None]:
    """The cells that tell one task from the next: its number and its title, None if empty."""
    numbers = [grid.cells.get((row, column)) for column in columns.get("number", [])]
    titles = [grid.cells.get((row, c)) for c in columns.get("title", columns.get("text", []))]
    number = next((cell for cell in numbers if cell is not None and cell.text), None)
    title = next((cell for cell in titles if cell is not None and cell.text), None)
    return number, title


def _row(
    grid: Grid,
    rows: Sequence[int],
    columns: Mapping[str, list[int]],
    head: Mapping[int, tuple[str, str]],
    action: str,
    words: Words,
) -> Row:
    def cells(kind: str) -> list[tuple[int, Cell]]:
        found = [
            (column, cell)
            for row in rows
            for column in columns.get(kind, [])
            if (cell := grid.cells.get((row, column))) is not None and cell.text
        ]
        return list({id(cell): (column, cell) for column, cell in found}.values())

    title = "".join(cell.text for _, cell in cells("title"))
    texts = [cell.prose for _, cell in cells("text")]
    spanning = [cell for _, cell in cells("title") if cell.place.rows > len(rows)]
    if spanning and texts:
        action, title = title, ""
    if grouped := "".join(cell.text for _, cell in cells("action")):
        action = grouped
    return Row(
        number="".join(cell.text for _, cell in cells("number")[:1]),
        action=action,
        title=title,
        texts=tuple(texts),
        targets=tuple(cell.text for _, cell in cells("target")),
        roles=tuple((head[column][1], cell.names(words)) for column, cell in cells("role")),
        deadlines=tuple(joined(fold(cell.text)) for _, cell in cells("deadline")),
        officials=tuple(f"{head[column][1]}：{cell.text}" for column, cell in cells("official")),
        remarks=tuple(cell.text for _, cell in cells("remark")),
        place=grid.row(rows[0])[0].place,
    )


_VALUE_HEAD = re.compile(r"20\d\d年|目标|指标值|要求|任务值|“?十[四五]五")


def _indicators(grid: Grid, words: Words, found: Tables) -> bool:
    """Reads a table of indicators; false when it is none."""
    for row in grid.rows[:HEAD_ROWS]:
        heads = {
            c: joined(fold(cell.text)) for c in grid.columns if (cell := grid.cells.get((row, c)))
        }
        plain = {column: _BRACKETED.sub("", text) for column, text in heads.items()}
        names = [c for c, text in plain.items() if text in words.indicators["name"]]
        values = [
            c for c, text in heads.items()
            if c not in names and _VALUE_HEAD.search(text) and not re.search("现状|基期|完成情况|实际|基准", text)
        ]  # fmt: skip
        if not names or not values:
            continue
        units = [c for c, text in plain.items() if text in words.indicators["unit"]]
        for below in grid.rows[grid.rows.index(row) + 1 :]:
            cell = grid.cells.get((below, names[-1]))
            if cell is None or not cell.text or cell.text in heads.values():
                continue
            unit = "".join(u.text for c in units if (u := grid.cells.get((below, c))))
            pairs = [
                (heads[c], v.text) for c in values if (v := grid.cells.get((below, c))) and v.text
            ]
            found.indicators.append(Indicator(cell.text, unit, tuple(pairs), cell.place))
        return True
    return False


def _flattened(grid: Grid, words: Words) -> Iterator[Line]:
    """The cells of a table that is only a frame, row by row; a label and its value are one line."""
    done: set[int] = set()
    for row in grid.rows:
        cells = [cell for cell in grid.row(row) if id(cell) not in done]
        done |= {id(cell) for cell in cells}
        n = 0
        while n < len(cells):
            cell = cells[n]
            value = cells[n + 1] if n + 1 < len(cells) else None
            if value is not None and cell.text and _is_label(cell.text, words):
                yield Line(
                    f"{cell.text.rstrip('：:')}：{value.names(words)}", cell.place, opens=True
                )
                n += 2
                continue
            for text in cell.lines:
                yield Line(text, replace(cell.place, table=None), opens=True)
            n += 1


def _is_label(text: str, words: Words) -> bool:
    plain = fold(text).rstrip("：")
    match = words.label.match(plain)
    head = re.fullmatch(
        "(?:发文|成文|发布|印发|文件|信息|公文|制发|生成)?(?:字号|文号|机关|机构|日期|时间|标题|名称|单位)|标题|文号",
        plain,
    )
    return head is not None or (match is not None and match.end() == len(plain))
