"""Tables of tasks (任务分解表) and of indicators; every other table becomes lines again. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflow.plans.characters import fold, joined
from workflow.plans.grid import Cell, Grid
from workflow.plans.lines import Line, Place
from workflow.plans.numbering import mark_of
from workflow.plans.table_heads import (
    BRACKETED,
    HEAD_ROWS,
    YEAR_HEAD,
    head_of,
    kind_of_head,
    kinds_of,
)
from workflow.plans.words import Words


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
        head = head_of(grid, words)
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


def _above(grid: Grid, first: int, words: Words) -> Iterator[Line]:
    """Titles and remarks in the rows above a head."""
    for row in grid.rows:
        if row >= first or len(kinds_of(grid, row, words)) >= 2:
            return
        for cell in grid.row(row):
            for text in cell.lines:
                if kind_of_head(text, words) is None:
                    yield Line(text, replace(cell.place, table=None), opens=True)


def _read_tasks(
    grid: Grid, head: Mapping[int, tuple[str, str]], first: int, words: Words, found: Tables
) -> None:
    columns: dict[str, list[int]] = {}
    for column, (kind, _) in head.items():
        columns.setdefault(kind, []).append(column)
    _part_titles(grid, columns, first)
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
            or (
                groups
                and key[0] is not None
                and key[0] == above[0]
                and not _is_other(key, above, columns)
            )
            or (groups and "number" not in columns and key[1] is not None and key[1] == above[1])
        ):
            groups[-1][1].append(row)
        else:
            groups.append((action, [row]))
        above = key[0] or above[0], key[1] or above[1]
    over_rows = any(_spans(grid, rows, columns) for _, rows in groups)
    for title, rows in groups:
        found.rows.append(_row(grid, rows, columns, head, title, over_rows, words))


def _part_titles(grid: Grid, columns: dict[str, list[int]], first: int) -> None:
    """主要任务 beside 全年目标任务: the first is the action if it stands over several rows, else the title."""
    titles = columns.get("title", [])
    if len(titles) < 2:
        return
    number = columns.get("number", titles[1:])[0]
    over_rows = any(
        cell is not None and beside is not None and cell.place.rows > beside.place.rows
        for row in grid.rows
        if row >= first
        for cell, beside in [(grid.cells.get((row, titles[0])), grid.cells.get((row, number)))]
    )
    if over_rows:
        columns.setdefault("action", []).insert(0, titles[0])
        titles = titles[1:]
    columns["title"] = titles[:1]
    columns["text"] = titles[1:] + columns.get("text", [])
    if not columns["text"]:
        del columns["text"]


def _spans(grid: Grid, rows: Sequence[int], columns: Mapping[str, list[int]]) -> bool:
    """Whether the title of a task stands beside other tasks too: it names their action."""
    titles = (grid.cells.get((rows[0], column)) for column in columns.get("title", []))
    return "text" in columns and any(
        cell and cell.text and cell.place.rows > len(rows) for cell in titles
    )


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


def _is_other(
    key: tuple[Cell | None, Cell | None],
    above: tuple[Cell | None, Cell | None],
    columns: Mapping[str, list[int]],
) -> bool:
    """Two titles beside one number are two tasks; two measures are not."""
    return "title" in columns and key[1] is not None and key[1] != above[1]


def _row(
    grid: Grid,
    rows: Sequence[int],
    columns: Mapping[str, list[int]],
    head: Mapping[int, tuple[str, str]],
    action: str,
    over_rows: bool,
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
    if over_rows and texts:
        action, title = title, ""
    if grouped := "".join(cell.text for _, cell in cells("action")):
        action = grouped
    return Row(
        number="".join(cell.text for _, cell in cells("number")[:1]),
        action=action,
        title=title,
        texts=tuple(texts),
        targets=tuple(_of_year(head[column][1], cell.text) for column, cell in cells("target")),
        roles=tuple(
            (head[column][1], cell.names(words))
            for column, cell in cells("role")
            if cell.text.strip("-—－/无 ")
        ),
        deadlines=tuple(joined(fold(cell.text)) for _, cell in cells("deadline")),
        officials=tuple(f"{head[column][1]}：{cell.text}" for column, cell in cells("official")),
        remarks=(*(cell.text for _, cell in cells("remark")), *_unread(grid, rows, head)),
        place=grid.row(rows[0])[0].place,
    )


def _unread(grid: Grid, rows: Sequence[int], head: Mapping[int, tuple[str, str]]) -> Iterator[str]:
    """What stands in columns whose heading says nothing known: shown to a person."""
    seen: set[int] = set()
    for row in rows:
        for column in grid.columns:
            cell = grid.cells.get((row, column))
            if column in head or cell is None or len(cell.text) < 2 or id(cell) in seen:
                continue
            seen.add(id(cell))
            if not any(
                known in head
                for known in range(cell.place.column, cell.place.column + cell.place.columns)
            ):
                yield cell.text


def _of_year(heading: str, value: str) -> str:
    """What a column for one year asks for, with its year; an empty sign asks for nothing."""
    year = YEAR_HEAD.match(heading)
    if year is None or value in ("/", "-", "—", "－"):
        return value
    return f"到{year['year']}年底，{value}"


_VALUE_HEAD = re.compile(r"20\d\d年|目标|指标值|要求|任务值|“?十[四五]五")


def _indicators(grid: Grid, words: Words, found: Tables) -> bool:
    """Reads a table of indicators; false when it is none."""
    for row in grid.rows[:HEAD_ROWS]:
        heads = {
            c: joined(fold(cell.text)) for c in grid.columns if (cell := grid.cells.get((row, c)))
        }
        plain = {column: BRACKETED.sub("", text) for column, text in heads.items()}
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
