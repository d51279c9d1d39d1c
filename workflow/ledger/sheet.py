"""A sheet as it was read: typed values, merged ranges, formulas without a result. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from workflow.plans.readers.corners import column_of

Spot = tuple[int, int]
"""Row and column, both from 0."""
Span = tuple[Spot, Spot]

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def spot(address: str) -> Spot | None:
    """Row and column of an address such as B12, or None."""
    found = _ADDRESS.fullmatch(address)
    return (int(found[2]) - 1, column_of(found[1])) if found else None


@dataclass(frozen=True)
class Sheet:
    """One sheet: `values` by row, ragged; `broken` says which cells hold no readable value."""

    name: str
    values: Sequence[Sequence[Any]]
    merged: Sequence[Span] = ()
    broken: Mapping[Spot, str] = field(default_factory=dict)
    """Cells whose formula has no result, or an error: the formula or the error as written."""

    @cached_property
    def origin(self) -> Mapping[Spot, Spot]:
        """For each cell of a merged range, but its first, the first."""
        found: dict[Spot, Spot] = {}
        for (top, left), (bottom, right) in self.merged:
            bottom = min(bottom, len(self.values) - 1)
            for row in range(top, bottom + 1):
                for column in range(left, min(right, left + 200) + 1):
                    if (row, column) != (top, left):
                        found[row, column] = (top, left)
        return found

    @cached_property
    def wide(self) -> Mapping[Spot, int]:
        """The first cell of each range of several columns, and its last column."""
        return {start: end[1] for start, end in self.merged if end[1] > start[1]}

    def first(self, row: int, column: int) -> Spot:
        """The cell that holds the value of this one."""
        return self.origin.get((row, column), (row, column)) if self.merged else (row, column)

    def value(self, row: int, column: int) -> Any:
        """What a person sees in a cell, a merged one included."""
        if self.merged:
            row, column = self.origin.get((row, column), (row, column))
        if row < len(self.values) and column < len(self.values[row]):
            return self.values[row][column]
        return ""

    @cached_property
    def width(self) -> int:
        """Columns of the widest row."""
        return max(map(len, self.values), default=0)

    def address(self, row: int, column: int) -> str:
        """台账!C5."""
        return f"{self.name}!{letters(column)}{row + 1}"


@dataclass(frozen=True)
class Book:
    """A workbook; `hidden` names the sheets that people do not see, which were not read."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()
    is_1904: bool = False
    """Whether its serial dates count from 1904."""
