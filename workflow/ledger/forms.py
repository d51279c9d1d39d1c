"""Forms and blocks of text instead of a table: a label with what it says beside or behind it. Pure.

责任单位 | 市水利局 in neighbouring cells, or 整改进展情况：已完成。 in one; a label that comes
again begins the next problem.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from workflow.ledger.heads import Head
from workflow.ledger.rows import Context, LedgerRow, TableReader, TableRows
from workflow.ledger.sheet import Sheet, Spot
from workflow.ledger.values import shown

LEAST = 2
"""Different labels that make a sheet a form."""
MOST = 20_000
"""Cells that are looked at."""

_ONCE = frozenset({"description", "title", "number", "own_number"})
"""A form has one of these; the next begins another form."""
_INLINE = re.compile(r"^(?P<label>[^：:\n]{2,16})[：:]\s*(?P<text>.+)$", re.DOTALL)
_ORDER = re.compile(r"^[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[）)、.．]\s*")


class Said(NamedTuple):
    """Where something stands, and what it says."""

    at: Spot
    value: Any


def read(sheet: Sheet, context: Context) -> TableRows:
    """The problems of a sheet of forms, empty where it holds none."""
    found = TableRows()
    form: dict[str, Said] = {}
    forms: list[dict[str, Said]] = []
    for name, said in _labels(sheet, context):
        if name in form and (name in _ONCE or name == next(iter(form))):
            forms.append(form)
            form = {}
        form.setdefault(name, said)
    forms.append(form)
    for form in forms:
        says = "description" in form or "title" in form
        if says and len(form) >= LEAST and (row := _row(sheet, form, context)) is not None:
            found.rows.append(row)
    return found


def _labels(sheet: Sheet, context: Context) -> Iterator[tuple[str, Said]]:
    seen = 0
    for row, values in enumerate(sheet.values):
        taken = -1
        for column, value in enumerate(values):
            seen += 1
            if seen > MOST:
                return
            text = shown(value)
            if not text or column <= taken:
                continue
            bare = _ORDER.sub("", text)
            name = context.words.field_of(bare.rstrip("：: ")) if len(bare) <= 20 else None
            if name is not None and (said := _beside(sheet, row, column, context)) is not None:
                taken = said.at[1]
                yield name, said
            elif (match := _INLINE.match(bare)) is not None:
                name = context.words.field_of(match["label"])
                if name is not None:
                    yield name, Said((row, column), match["text"])


def _beside(sheet: Sheet, row: int, column: int, context: Context) -> Said | None:
    """The cell to the right that says something, unless it is a label itself."""
    for other in range(column + 1, min(len(sheet.values[row]), column + 12)):
        text = shown(sheet.values[row][other])
        if text:
            is_label = context.words.field_of(text) is not None
            return None if is_label else Said((row, other), sheet.values[row][other])
    return None


def _row(sheet: Sheet, form: Mapping[str, Said], context: Context) -> LedgerRow | None:
    """The form laid out as a table of one row, and read as one."""
    labels = dict(enumerate(form))
    laid = Sheet(sheet.name, [list(form), [said.value for said in form.values()]])
    rows = TableReader(laid, Head(0, 0, 0, len(form) - 1, labels, labels), context).read(2).rows
    if not rows:
        return None
    row, column = (form.get("description") or form["title"]).at
    cell = sheet.address(row, column)
    return replace(rows[0], cell=cell, row=row + 1, last=row + 1)
