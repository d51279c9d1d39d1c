"""Where a list goes on: a word that means something to the server only."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from workflow.errors import N_, Invalid

_MEANT: Mapping[str, re.Pattern[str]] = {
    "issues": re.compile(r"\d{1,18}", re.ASCII),
    "plans": re.compile(r"\d{1,9}", re.ASCII),
    "units": re.compile(r"\d{1,18}", re.ASCII),
    "events": re.compile(r"\d{1,9}", re.ASCII),
    "work": re.compile(r"[0-9T:.+-]{19,40}_\d{1,18}", re.ASCII),
}


def sealed(kind: str, place: object) -> str | None:
    """The cursor of a place in a list; None for no place."""
    if place is None:
        return None
    return urlsafe_b64encode(f"{kind} {place}".encode()).decode().rstrip("=")


def opened(kind: str, query: Mapping[str, Any]) -> str | None:
    """The place that a query's cursor means. Raises Invalid for one of another list, or none."""
    cursor = query.get("cursor")
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise _bad() from None
    name, _, place = text.partition(" ")
    if name != kind or not _MEANT[kind].fullmatch(place):
        raise _bad()
    return place


def _bad() -> Invalid:
    return Invalid.at("cursor", N_("翻页位置无效，请从第一页重新查看。"))
