"""Formulas that were saved without a result: the few that ledgers use are worked out. Pure.

``=ROW()-3``, ``=A4+1``, ``=DATE(2024,12,31)``, ``=C5+30``, ``="市"&"水利局"``. Anything else stays
unknown: what a reader guesses would count as what somebody wrote.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from workflow.ledger.sheet import Spot, spot

LONGEST = 200
DEEPEST = 2000
"""Cells that refer to one another: a column of =A4+1 is as deep as it is long."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"(?:[^\"]|\"\")*\")|(?P<name>[A-Za-z]+)(?=\()"
    r"|(?P<cell>\$?[A-Za-z]{1,3}\$?\d{1,7})(?!\()|(?P<sign>[-+*&(),]))"
)
Look = Callable[[Spot], Any]


class Unknown(Exception):
    """The formula is none of those that are understood."""


def result(formula: str, at: Spot, look: Look) -> Any:
    """The value of a formula in a cell; `look` tells that of others. Raises Unknown."""
    if len(formula) > LONGEST:
        raise Unknown
    parser = _Parser(_tokens(formula.lstrip("=")), at, look)
    found = parser.joined()
    if parser.left:
        raise Unknown
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Unknown
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], at: Spot, look: Look) -> None:
        self.left = tokens[::-1]
        self.at = at
        self.look = look

    def take(self, *signs: str) -> str | None:
        if self.left and self.left[-1][0] == "sign" and self.left[-1][1] in signs:
            return self.left.pop()[1]
        return None

    def joined(self) -> Any:
        found = self.sum()
        while self.take("&"):
            found = _text(found) + _text(self.sum())
        return found

    def sum(self) -> Any:
        found = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            found = _added(found, other if sign == "+" else -_number(other))
        return found

    def product(self) -> Any:
        found = self.single()
        while self.take("*"):
            found = _number(found) * _number(self.single())
        return found

    def single(self) -> Any:
        if self.take("("):
            found = self.joined()
            self.expect(")")
            return found
        if self.take("-"):
            return -_number(self.single())
        if not self.left:
            raise Unknown
        kind, text = self.left.pop()
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "cell" and (other := spot(text)) is not None:
            return self.look(other)
        if kind == "name":
            return self.call(text.upper())
        raise Unknown

    def call(self, name: str) -> Any:
        self.expect("(")
        values: list[Any] = []
        if not self.take(")"):
            values.append(self.joined())
            while self.take(","):
                values.append(self.joined())
            self.expect(")")
        if name == "ROW" and not values:
            return self.at[0] + 1
        if name == "COLUMN" and not values:
            return self.at[1] + 1
        if name == "DATE" and len(values) == 3:
            try:
                return date(*(int(_number(value)) for value in values))
            except (ValueError, OverflowError):
                raise Unknown from None
        if name in ("TRIM", "TEXT", "CLEAN") and len(values) == 1:
            return _text(values[0]).strip()
        raise Unknown

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise Unknown


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unknown
    if abs(value) > 1e12:
        raise Unknown
    return value


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, datetime | date):
        try:
            return one + timedelta(days=int(_number(other)))
        except OverflowError:
            raise Unknown from None
    if one == "":
        one = 0
    return _number(one) + _number(other)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:1000]
