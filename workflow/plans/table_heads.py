"""The head of a table of tasks: what stands below each heading, and where the head ends. Pure."""

import re
from collections.abc import Mapping

from workflow.plans.characters import fold, joined
from workflow.plans.grid import Grid
from workflow.plans.words import Words

HEAD_ROWS = 8
"""Rows below which no head is looked for."""
LONGEST_HEAD = 16
SHORTEST_TASK = 5
"""Characters that the cells of a column have on average if it may hold tasks."""
YEAR_HEAD = re.compile(
    r"(?:到|至)?(?P<year>20\d\d)年(?:度|底|末)?(?:工作|年度|阶段)?(?:目标|任务|指标|要求|计划|进度){0,2}(?:值|安排)?$"
)
BRACKETED = re.compile("（[^（）]*）")

Kinds = Mapping[int, tuple[str, str]]
"""Column → what stands in it, and its heading as printed."""


def kind_of_head(text: str, words: Words) -> str | None:
    """What stands below a heading of a column, None for a heading that says nothing known."""
    plain = BRACKETED.sub("", joined(fold(text))).strip("：* ")
    if not plain or len(plain) > LONGEST_HEAD:
        return None
    if words.role_head.fullmatch(plain):
        return "role"
    if plain in words.heads:
        return words.heads[plain]
    parts = [words.heads.get(part) for part in re.split("及|和|与|、|/|（", plain)]
    if any(parts):
        # 目标与任务 is the column of the tasks.
        return "title" if "title" in parts else next(part for part in parts if part)
    for kind in ("deadline", "official", "text", "title", "target"):
        if any(
            plain.endswith(word)
            for word, found in words.heads.items()
            if found == kind and len(word) > 1
        ):
            return kind
    return None


def head_of(grid: Grid, words: Words) -> tuple[Mapping[int, tuple[str, str]], int] | None:
    """Column → (kind, printed heading), and the first row below the head."""
    for row in grid.rows[:HEAD_ROWS]:
        kinds = kinds_of(grid, row, words)
        kinds |= _guessed(grid, row, kinds)
        found = {kind for kind, _ in kinds.values()}
        if not ({"title", "text"} & found and {"role", "deadline", "official"} & found):
            lower = kinds_of(grid, row + 1, words)
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
            kinds = {**kinds, **kinds_of(grid, row + 1, words)}
            return {**kinds, **_years(grid, row + 1)}, row + 2
        return {**kinds, **_years(grid, row)}, row + 1
    return None


def kinds_of(grid: Grid, row: int, words: Words) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for column in grid.columns:
        cell = grid.cells.get((row, column))
        if cell is not None and (kind := kind_of_head(cell.text, words)) is not None:
            found[column] = kind, joined(fold(cell.text))
    return found


def _years(grid: Grid, row: int) -> dict[int, tuple[str, str]]:
    """2024年 beside 2025年: what is to be reached in each."""
    found = {
        column: ("target", joined(fold(cell.text)))
        for column in grid.columns
        if (cell := grid.cells.get((row, column))) is not None
        and YEAR_HEAD.match(joined(fold(cell.text)))
    }
    return found if len(found) > 1 else {}


def _guessed(grid: Grid, row: int, kinds: Kinds) -> dict[int, tuple[str, str]]:
    """民生实事 and other headings that no list knows: the long cells beside units are the tasks."""
    known = {kind for kind, _ in kinds.values()}
    if {"title", "text"} & known or not ("role" in known and {"number", "deadline"} & known):
        return {}
    unknown: list[tuple[int, str]] = []
    for column in grid.columns:
        head = grid.cells.get((row, column))
        if column in kinds or head is None or not 2 <= len(head.text) <= LONGEST_HEAD:
            continue
        below = [grid.cells.get((r, column)) for r in grid.rows if r > row]
        lengths = [len(cell.text) for cell in below if cell is not None and cell.text]
        if lengths and sum(lengths) >= SHORTEST_TASK * len(lengths):
            unknown.append((column, joined(fold(head.text))))
    kind = ("title", "text")
    return {column: (kind[min(n, 1)], text) for n, (column, text) in enumerate(unknown)}


def _is_second_head(
    grid: Grid, row: int, kinds: Mapping[int, tuple[str, str]], words: Words
) -> bool:
    lower = kinds_of(grid, row, words)
    texts = [cell.text for cell in grid.row(row) if cell.text]
    return (
        len(lower) >= 2 and all(len(text) <= 12 for text in texts) and len(lower) * 2 > len(texts)
    )
