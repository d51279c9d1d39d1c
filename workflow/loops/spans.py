"""Lengths of time as a definition writes them; ``deadlines/limits`` reads the same forms."""

import re
from dataclasses import dataclass

from workflow.loops.vocabulary import FIELDS

DUE = "due"
"""The issue's own due date."""

_SPAN = re.compile(r"([1-9][0-9]{0,8})(s|min|h|wd|nd|mo)")
_MOST = {
    "s": 315_360_000,
    "min": 5_256_000,
    "h": 87_600,
    "wd": 2_500,
    "nd": 3_660,
    "mo": 120,
}


@dataclass(frozen=True, slots=True)
class LimitText:
    """A clock's limit: a span, ``due``, or a form's field with or without a default span."""

    span: str | None = None
    field: str | None = None

    @property
    def is_due(self) -> bool:
        """Whether the clock runs to the issue's own due date."""
        return self.span == DUE


def is_span(text: str) -> bool:
    """Return whether ``text`` is a length such as ``3wd``, of ten years at most."""
    found = _SPAN.fullmatch(text)
    return found is not None and int(found[1]) <= _MOST[found[2]]


def read_limit(text: str) -> LimitText | None:
    """Read a clock's limit; None for what is none."""
    field, bar, default = text.partition("|")
    if bar:
        return LimitText(default, field) if field in FIELDS and is_span(default) else None
    if text == DUE or is_span(text):
        return LimitText(span=text)
    return LimitText(field=text) if text in FIELDS else None
