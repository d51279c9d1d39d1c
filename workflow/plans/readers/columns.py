"""The order in which the pieces of a page are read: two columns one after the other. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar


class _Placed(Protocol):
    @property
    def left(self) -> float: ...
    @property
    def right(self) -> float: ...
    @property
    def top(self) -> float: ...
    @property
    def bottom(self) -> float: ...


P = TypeVar("P", bound=_Placed)


def in_order(pieces: Sequence[P]) -> list[P]:
    """Pieces from top to bottom; where the page has two columns, the left one first."""
    ordered = sorted(pieces, key=lambda piece: (-piece.top, piece.left))
    if len(ordered) < 12:
        return _by_rows(ordered)
    left = min(piece.left for piece in ordered)
    right = max(piece.right for piece in ordered)
    middle = (left + right) / 2
    wide = right - left
    sides = [_side(piece, middle, wide) for piece in ordered]
    if sides.count("left") < 5 or sides.count("right") < 5 or sides.count("both") > len(sides) // 4:
        return _by_rows(ordered)
    return _in_columns(ordered, sides)


def _side(piece: _Placed, middle: float, wide: float) -> str:
    if piece.right <= middle + wide * 0.02:
        return "left"
    return "right" if piece.left >= middle - wide * 0.02 else "both"


def _in_columns(ordered: Sequence[P], sides: Sequence[str]) -> list[P]:
    """Between lines that go across the page, first everything left, then everything right."""
    found: list[P] = []
    held: dict[str, list[P]] = {"left": [], "right": []}
    for piece, side in zip(ordered, sides, strict=True):
        if side == "both":
            found += held["left"] + held["right"]
            held = {"left": [], "right": []}
            found.append(piece)
        else:
            held[side].append(piece)
    return found + held["left"] + held["right"]


def _by_rows(ordered: Sequence[P]) -> list[P]:
    """Pieces of one row from left to right although their tops differ a little."""
    rows: list[list[P]] = []
    for piece in ordered:
        last = rows[-1][0] if rows else None
        overlap = last is not None and min(piece.top, last.top) - max(piece.bottom, last.bottom)
        if last is not None and overlap and overlap > 0.5 * (piece.top - piece.bottom):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    found = [piece for row in rows for piece in sorted(row, key=lambda piece: piece.left)]
    assert all(a is not b for a, b in pairwise(found))
    return found
