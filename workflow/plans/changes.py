"""What a revision changes: the same tasks, milestones and figures found again, and what differs.

Pure. Two plans are compared as they were read; a task is known by its code, which a revision
inherits when it is staged.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from workflow.plans.views import Change

K = TypeVar("K", bound=Hashable)
L = TypeVar("L", bound=Hashable)

ALIKE = 0.5
"""Share of common pairs of characters from which on two texts are taken for the same."""
MOST_COMPARED = 40_000
"""Pairs of texts that are compared; in larger plans only equal ones are found again."""
_NOISE = re.compile(r"[\d\s，。、；：（）()《》“”\"'—\-年月日前底到]+")

ROLES = ("lead", "cooperating", "responsible", "supervising", "acceptance")


@dataclass(frozen=True, slots=True)
class Point:
    """A milestone as it is compared."""

    id: int
    kind: str
    due: date | None
    every: str | None
    content: str

    @property
    def day(self) -> str:
        """The day, or the words of the rhythm or the term."""
        return self.due.isoformat() if self.due else self.every or self.kind


@dataclass(frozen=True, slots=True)
class Figure:
    """A target as it is compared."""

    id: int
    name: str
    scope: str
    comparator: str
    value: str
    unit: str
    due: date | None

    @property
    def said(self) -> str:
        """What has to be reached, in a few signs."""
        until = f"（{self.due.isoformat()}）" if self.due else ""
        return f"{self.comparator}{self.value}{self.unit}{until}"


@dataclass(frozen=True, slots=True)
class Facts:
    """A task, or under the empty code the plan as a whole."""

    code: str
    title: str
    content: str = ""
    units: Mapping[str, tuple[str, ...]] | None = None
    points: tuple[Point, ...] = ()
    figures: tuple[Figure, ...] = ()


T = TypeVar("T", Point, Figure)


def same(old: Sequence[tuple[K, str]], new: Sequence[tuple[L, str]]) -> dict[L, K]:
    """Which new texts continue which old ones: equal ones first, then the most alike."""
    found: dict[L, K] = {}
    waiting: dict[str, list[K]] = {}
    for key, text in old:
        waiting.setdefault(text, []).append(key)
    for mine, text in new:
        if waiting.get(text):
            found[mine] = waiting[text].pop(0)
    taken = set(found.values())
    left = [(key, _pairs(text)) for key, text in old if key not in taken]
    open_ = [(mine, _pairs(text)) for mine, text in new if mine not in found]
    if len(left) * len(open_) <= MOST_COMPARED:
        scores = [
            (-alike, n, k)
            for n, (_, pairs) in enumerate(open_)
            for k, (_, others) in enumerate(left)
            if (alike := _alike(pairs, others)) >= ALIKE
        ]
        for _, n, k in sorted(scores):
            if open_[n][0] not in found and left[k][0] not in taken:
                found[open_[n][0]] = left[k][0]
                taken.add(left[k][0])
    return found


def same_points(old: Sequence[Point], new: Sequence[Point]) -> dict[int, int]:
    """New milestone → the old one that it continues; another rhythm is another milestone."""
    found: dict[int, int] = {}
    for every in {point.every for point in new}:
        found |= _in_rounds(
            [point for point in old if point.every == every],
            [point for point in new if point.every == every],
            lambda p: f"{p.day} {p.content}",
            lambda p: p.content,
        )
    return found


def same_figures(old: Sequence[Figure], new: Sequence[Figure]) -> dict[int, int]:
    """New target → the old one that it continues."""
    return _in_rounds(
        old, new, lambda f: f"{f.scope} {f.name} {f.said}", lambda f: f"{f.scope} {f.name}"
    )


def _in_rounds(
    old: Sequence[T], new: Sequence[T], whole: Callable[[T], str], gist: Callable[[T], str]
) -> dict[int, int]:
    """Those that are wholly equal, then those of like words."""
    waiting: dict[str, list[int]] = {}
    for each in old:
        waiting.setdefault(whole(each), []).append(each.id)
    found: dict[int, int] = {}
    for each in new:
        if waiting.get(whole(each)):
            found[each.id] = waiting[whole(each)].pop(0)
    taken = set(found.values())
    return found | same(
        [(each.id, gist(each)) for each in old if each.id not in taken],
        [(each.id, gist(each)) for each in new if each.id not in found],
    )


def compare(old: Sequence[Facts], new: Sequence[Facts]) -> tuple[Change, ...]:
    """Everything that differs, in the order of the new plan; what was removed comes last."""
    before = {facts.code: facts for facts in old}
    after = {facts.code for facts in new}
    changes: list[Change] = []
    for facts in new:
        if facts.code in before:
            changes += _of_task(before[facts.code], facts)
        else:
            changes.append(Change("added", "task", facts.title, new=facts.title))
    changes += [
        Change("removed", "task", facts.title, old=facts.title)
        for facts in old
        if facts.code not in after
    ]
    return tuple(changes)


def _of_task(old: Facts, new: Facts) -> Iterator[Change]:
    for field in ("title", "content"):
        if getattr(old, field) != getattr(new, field):
            yield Change(
                "changed", "task", new.title, field, getattr(old, field), getattr(new, field)
            )
    yield from _of_units(old, new)
    yield from _of_points(old, new)
    yield from _of_figures(old, new)


def _of_units(old: Facts, new: Facts) -> Iterator[Change]:
    for role in ROLES:
        had, has = (facts.units or {} for facts in (old, new))
        left = [name for name in had.get(role, ()) if name not in has.get(role, ())]
        came = [name for name in has.get(role, ()) if name not in had.get(role, ())]
        for name in left:
            yield Change("removed", "unit", new.title, role, old=name)
        for name in came:
            yield Change("added", "unit", new.title, role, new=name)


def _of_points(old: Facts, new: Facts) -> Iterator[Change]:
    pairs = same_points(old.points, new.points)
    before = {point.id: point for point in old.points}
    for point in new.points:
        was = before.get(pairs.get(point.id, -1))
        if was is None:
            yield Change("added", "milestone", new.title, new=f"{point.day} {point.content}")
            continue
        if was.day != point.day:
            yield Change("changed", "milestone", new.title, "due", was.day, point.day)
        if was.content != point.content:
            yield Change("changed", "milestone", new.title, "content", was.content, point.content)
    for was in old.points:
        if was.id not in pairs.values():
            yield Change("removed", "milestone", new.title, old=f"{was.day} {was.content}")


def _of_figures(old: Facts, new: Facts) -> Iterator[Change]:
    pairs = same_figures(old.figures, new.figures)
    before = {figure.id: figure for figure in old.figures}
    for figure in new.figures:
        was = before.get(pairs.get(figure.id, -1))
        if was is None:
            yield Change("added", "target", new.title, new=f"{figure.name}{figure.said}")
        elif was.said != figure.said or was.name != figure.name:
            yield Change(
                "changed",
                "target",
                new.title,
                "value" if was.name == figure.name else "name",
                f"{was.name}{was.said}",
                f"{figure.name}{figure.said}",
            )
    for was in old.figures:
        if was.id not in pairs.values():
            yield Change("removed", "target", new.title, old=f"{was.name}{was.said}")


def _pairs(text: str) -> frozenset[str]:
    bare = _NOISE.sub("", text)
    return frozenset(bare[n : n + 2] for n in range(len(bare) - 1)) or frozenset({bare})


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient."""
    return 2 * len(one & other) / (len(one) + len(other))
