"""Where a table begins: rows of headings, one or two deep, and which column holds what. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflow.ledger.sheet import Sheet
from workflow.ledger.values import shown
from workflow.ledger.words import LIST_FIELDS, LedgerWords, heading

LONGEST_HEADING = 40
DEEPEST = 4
WELL = 6
"""So many cells without one known heading, and the row is none of headings."""
LEAST = 2
"""Known headings that make a row one of headings."""


@dataclass(frozen=True, slots=True)
class Head:
    """The headings of one table: its rows and columns (from 0), and what was found in them."""

    top: int
    bottom: int
    left: int
    right: int
    labels: Mapping[int, str]
    fields: Mapping[int, str]
    is_count: bool = False
    """A table of sums: nothing in it is a problem of its own."""


def heads_at(sheet: Sheet, row: int, words: LedgerWords) -> list[Head]:
    """The tables whose headings begin in a row, from left to right."""
    if not _is_head(sheet, row, words):
        return []
    bottom = _bottom(sheet, row, words)
    labels = {c: _label(sheet, row, bottom, c) for c in range(sheet.width)}
    found = []
    for left, right in _blocks(labels, words):
        own = {c: labels[c] for c in range(left, right + 1) if labels[c]}
        fields = columns_of(own, words)
        counts = sum(1 for label in own.values() if words.is_count(label.rpartition("／")[2]))
        says = {"description", "title"} & set(fields.values())
        is_count = counts >= 1 and not says
        if len(fields) >= LEAST or is_count:
            found.append(Head(row, bottom, left, right, own, fields, is_count))
    return found


def _is_head(sheet: Sheet, row: int, words: LedgerWords) -> bool:
    marks: list[bool] = []
    for column in range(len(sheet.values[row])):
        place = sheet.first(row, column)
        value = sheet.values[row][column]
        if value in ("", None) or place != (row, column):
            continue
        is_short = isinstance(value, str) and len(value) <= LONGEST_HEADING
        marks.append(
            is_short
            and (
                words.field_of(value) is not None
                or words.is_count(value)
                or (place in sheet.wide and _below(sheet, row, column, words))
            )
        )
        if len(marks) == WELL and not any(marks):
            return False
    known = sum(marks)
    if known < LEAST or known * 2 < len(marks):
        return False
    # 责任单位 | 市水利局 | 责任人 | … is a line of a form.
    is_form = len(marks) % 2 == 0 and all(marks[::2]) and not any(marks[1::2])
    return not is_form


def _below(sheet: Sheet, row: int, column: int, words: LedgerWords) -> bool:
    """Whether an unknown heading is wide and has known ones below it."""
    right = sheet.wide[row, column]
    return row + 1 < len(sheet.values) and any(
        words.field_of(shown(sheet.value(row + 1, c))) is not None for c in range(column, right + 1)
    )


def _bottom(sheet: Sheet, row: int, words: LedgerWords) -> int:
    """The last row of headings: as deep as a heading is high, or has others below it."""
    bottom = row
    for (top, left), (low, right) in sheet.merged:
        if top != row or low >= len(sheet.values):
            continue
        text = shown(sheet.value(top, left))
        if low > top and low - top < DEEPEST and _is_heading(text, words):
            bottom = max(bottom, low)
        if right > left and low + 1 < len(sheet.values) and text:
            below = [shown(sheet.value(low + 1, c)) for c in range(left, right + 1)]
            named = [text for text in below if text and len(text) <= LONGEST_HEADING]
            if len(set(named)) == len(named) > 1 and any(_is_heading(t, words) for t in named):
                bottom = max(bottom, low + 1)
    return min(bottom, row + DEEPEST - 1)


def _is_heading(text: str, words: LedgerWords) -> bool:
    return words.field_of(text) is not None or words.likely_field_of(text) is not None


def _label(sheet: Sheet, top: int, bottom: int, column: int) -> str:
    """责任单位／牵头单位: the headings of a column from above to below, each once."""
    parts: list[str] = []
    places: set[tuple[int, int]] = set()
    for row in range(top, bottom + 1):
        place = sheet.first(row, column)
        text = " ".join(shown(sheet.value(row, column)).split())
        if text and place not in places and text not in parts:
            parts.append(text[:LONGEST_HEADING])
        places.add(place)
    return "／".join(parts)


def _last(label: str) -> str:
    return heading(label.rpartition("／")[2])


def _blocks(labels: Mapping[int, str], words: LedgerWords) -> list[tuple[int, int]]:
    """Tables side by side: parted by an empty column, or where the first headings come again."""
    filled = sorted(c for c, label in labels.items() if label)
    if not filled:
        return []
    starts = [filled[0]]
    first = _last(labels[filled[0]])
    for before, column in pairwise(filled):
        again = _last(labels[column]) == first and words.field_of(labels[column]) not in LIST_FIELDS
        gap = column - before > 1 and _repeats(labels, filled, starts[-1], column)
        if again or gap:
            starts.append(column)
            first = _last(labels[column])
    ends = [max(c for c in filled if c < after) for after in starts[1:]] + [filled[-1]]
    return list(zip(starts, ends, strict=True))


def _repeats(labels: Mapping[int, str], filled: Sequence[int], start: int, column: int) -> bool:
    """Whether behind a gap a heading stands that the block before it has too."""
    before = {_last(labels[c]) for c in filled if start <= c < column}
    return any(_last(labels[c]) in before for c in filled if c >= column)


def columns_of(labels: Mapping[int, str], words: LedgerWords) -> dict[int, str]:
    """Column to field. Of several columns for one field the one whose heading says it best."""
    wishes: dict[str, list[tuple[int, int]]] = {}
    for column, label in labels.items():
        if (found := _wish(label, words)) is not None:
            name, rank = found
            wishes.setdefault(name, []).append((rank, column))
    fields: dict[int, str] = {}
    for name, found_at in wishes.items():
        found_at.sort()
        chosen = found_at if name in LIST_FIELDS else found_at[:1]
        for _, column in chosen:
            fields[column] = name
    return dict(sorted(fields.items()))


def _wish(label: str, words: LedgerWords) -> tuple[str, int] | None:
    """The field of a label, its last heading first, and how well it says so (less is better)."""
    parts = label.split("／")[::-1]
    for distance, part in enumerate(parts):
        if (name := words.field_of(part)) is not None:
            own = [heading(word) for word in words.columns[name]]
            form = heading(part)
            return name, distance * 1000 + (own.index(form) if form in own else 900)
    for part in parts:
        if (name := words.likely_field_of(part)) is not None:
            return name, 5000
    return None
