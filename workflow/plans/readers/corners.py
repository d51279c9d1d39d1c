"""How far the cells of an Excel sheet reach, told from its XML before it costs anything. Pure."""

import re
from functools import lru_cache

_REFERENCE = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')


@lru_cache(maxsize=1024)
def column_of(text: str) -> int:
    """The column that letters name, from 0."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def far_corner(sheet: bytes) -> tuple[int, int]:
    """Rows and columns of the rectangle that the cells span."""
    found = _REFERENCE.findall(sheet)
    rows = max((int(row) for row in {row for _, row in found}), default=0)
    columns = max((column_of(text.decode()) + 1 for text in {text for text, _ in found}), default=0)
    return rows, columns
