"""What a revision changes, as its reviewer reads it: by task, and in a text only what differs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from workflow.plans.views import Change

_LONGEST = 2_000
"""Signs up to which two texts are compared sign by sign."""
_ALIKE = 0.5
_TOKEN = re.compile(r"\d[\d.,\-]*|.", re.DOTALL)
"""A number and a day stay whole."""
_SIGNS = (("<=", "≤"), (">=", "≥"))
_FEW = 2
"""Equal signs between two differences that are not worth reading by themselves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: ``same``, ``del`` of the old one or ``ins`` of the new one."""

    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference with the words that it is about."""

    change: Change
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The differences of one task; without a title those of the plan as a whole."""

    task: str
    changes: tuple[Shown, ...]


def grouped(changes: Sequence[Change]) -> tuple[Group, ...]:
    """Every difference, in the order in which it was found."""
    return tuple(
        Group(task, tuple(Shown(each, pieces(_plain(each.old), _plain(each.new))) for each in own))
        for task, own in groupby(changes, key=lambda each: each.task)
    )


def _plain(text: str) -> str:
    for typed, printed in _SIGNS:
        text = text.replace(typed, printed)
    return text


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """How one text becomes the other; two that have little in common stand one after the other."""
    apart = tuple(Piece(how, text) for how, text in (("del", old), ("ins", new)) if text)
    if not old or not new or max(len(old), len(new)) > _LONGEST:
        return apart
    was, is_ = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, was, is_, autojunk=False)
    if matcher.ratio() < _ALIKE and len(was) > 1:
        return apart
    found: list[Piece] = []
    gone = come = ""
    for how, a, b, c, d in matcher.get_opcodes():
        ends = a == 0 or b == len(was)
        if how == "equal" and (b - a > _FEW or ends):
            found += _told(gone, come)
            gone = come = ""
            found.append(Piece("same", "".join(was[a:b])))
        else:
            gone, come = gone + "".join(was[a:b]), come + "".join(is_[c:d])
    return (*found, *_told(gone, come))


def _told(gone: str, come: str) -> list[Piece]:
    return [Piece(how, text) for how, text in (("del", gone), ("ins", come)) if text]
