"""The cells of one table, addressed by the row and column that they cover. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow.plans.characters import GAP, clean, fold, joined
from workflow.plans.lines import Line, Place
from workflow.plans.numbering import mark_of
from workflow.plans.words import Words

MOST_CELLS = 200_000

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
                    and (words.ending.search(fold(whole[-14:])) or whole[-1] in "）)〕")
                ):
                    whole += "、" if not broken or _NEW_NAME.match(part) else ""
                whole += part
                broken = False
            broken = self.wrapped[n]
        return fold(whole)


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
