"""Ruled lines of a page → the cells of its tables. Pure geometry, in points, y upwards."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NEAR = 3.0
"""Lines closer than this are one line."""
SHORTEST = 6.0
MOST_LINES = 3000
MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Ruled:
    """A line on the page: at `at` from `low` to `high`."""

    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Box:
    """A cell: its edges, its place in the grid (from 1) and what it spans."""

    left: float
    bottom: float
    right: float
    top: float
    row: int
    column: int
    rows: int
    columns: int


@dataclass
class RuledTable:
    """The boxes of one table and its outer edges."""

    left: float
    bottom: float
    right: float
    top: float
    boxes: list[Box] = field(default_factory=list)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in the table."""
        return self.left - 1 <= x <= self.right + 1 and self.bottom - 1 <= y <= self.top + 1

    def box_at(self, x: float, y: float) -> Box | None:
        """The cell in which a point lies."""
        for box in self.boxes:
            if box.left - 1 <= x <= box.right + 1 and box.bottom - 1 <= y <= box.top + 1:
                return box
        return None


def tables(across: Iterable[Ruled], upright: Iterable[Ruled]) -> list[RuledTable]:
    """The tables that lines draw, from top to bottom."""
    rows = _merged(across)
    columns = _merged(upright)
    if len(rows) + len(columns) > MOST_LINES or len(rows) * len(columns) > 400_000:
        return []
    found = [table for h, v in _together(rows, columns) if (table := _table(h, v)) is not None]
    return sorted(found, key=lambda table: -table.top)


def _merged(lines: Iterable[Ruled]) -> list[Ruled]:
    """Pieces of one line joined, double edges made one."""
    found: list[Ruled] = []
    for line in sorted(lines, key=lambda line: (round(line.at / NEAR), line.low)):
        last = found[-1] if found else None
        if last is not None and abs(last.at - line.at) <= NEAR and line.low <= last.high + NEAR:
            found[-1] = Ruled(last.at, last.low, max(last.high, line.high))
        else:
            found.append(line)
    return [line for line in found if line.high - line.low >= SHORTEST]


def _together(
    rows: Sequence[Ruled], columns: Sequence[Ruled]
) -> list[tuple[list[Ruled], list[Ruled]]]:
    """Lines that touch one another, group by group."""
    group = list(range(len(rows) + len(columns)))

    def top(n: int) -> int:
        while group[n] != n:
            group[n] = group[group[n]]
            n = group[n]
        return n

    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            if (
                row.low - NEAR <= column.at <= row.high + NEAR
                and column.low - NEAR <= row.at <= column.high + NEAR
            ):
                group[top(r)] = top(len(rows) + c)
    parts: dict[int, tuple[list[Ruled], list[Ruled]]] = {}
    for r, row in enumerate(rows):
        parts.setdefault(top(r), ([], []))[0].append(row)
    for c, column in enumerate(columns):
        parts.setdefault(top(len(rows) + c), ([], []))[1].append(column)
    return [part for part in parts.values() if len(part[0]) >= 2 and len(part[1]) >= 2]


def _positions(lines: Sequence[Ruled]) -> list[float]:
    found: list[float] = []
    for at in sorted(line.at for line in lines):
        if not found or at - found[-1] > NEAR:
            found.append(at)
    return found


def _table(rows: Sequence[Ruled], columns: Sequence[Ruled]) -> RuledTable | None:
    ys, xs = _positions(rows), _positions(columns)
    height, width = len(ys) - 1, len(xs) - 1
    if height < 1 or width < 1 or height * width < 2 or height * width > MOST_CELLS:
        return None
    table = RuledTable(xs[0], ys[0], xs[-1], ys[-1])
    walls_right = _walls(columns, xs, ys)
    walls_top = _walls(rows, ys, xs)
    taken: set[tuple[int, int]] = set()
    for y in range(height - 1, -1, -1):
        for x in range(width):
            if (x, y) in taken:
                continue
            right = x
            while (
                right + 1 < width
                and (right + 1, y) not in walls_right
                and (right + 1, y) not in taken
            ):
                right += 1
            low = y
            while low > 0 and all((low, n) not in walls_top for n in range(x, right + 1)):
                low -= 1
            taken |= {(n, m) for n in range(x, right + 1) for m in range(low, y + 1)}
            table.boxes.append(
                Box(
                    xs[x],
                    ys[low],
                    xs[right + 1],
                    ys[y + 1],
                    height - y,
                    x + 1,
                    y - low + 1,
                    right - x + 1,
                )
            )
    return table


def _walls(
    lines: Sequence[Ruled], at: Sequence[float], along: Sequence[float]
) -> set[tuple[int, int]]:
    """(n, m): a line stands at `at[n]` between `along[m]` and `along[m + 1]`."""
    found: set[tuple[int, int]] = set()
    for line in lines:
        n = min(bisect_left(at, line.at - NEAR), len(at) - 1)
        for m in range(len(along) - 1):
            middle = (along[m] + along[m + 1]) / 2
            if line.low - NEAR <= middle <= line.high + NEAR:
                found.add((n, m))
    return found
