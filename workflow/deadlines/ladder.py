"""Ladders of escalation (升级阶梯): the rungs of one clock, and when each of them is due.

Pure.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Any, Literal

from workflow.deadlines.counting import Due
from workflow.deadlines.desk import Timing
from workflow.deadlines.limits import Limit, Offset, parse_limit, parse_offset
from workflow.deadlines.rungs import rung_time

Term = Literal["short", "limited", "long"]
TERMS: tuple[Term, ...] = ("short", "limited", "long")
ANY = "any"
"""The term of a ladder that holds for every length."""
OTHERWISE = "otherwise"
"""The ladder of limits that the file does not name."""
SHORT = timedelta(days=30)
LIMITED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: a message that leaves by itself, or a paper that waits for a signature.

    `at` is relative to the due time; `to`, `copy` and `sign` are recipients as in
    ``workflow.units.rules.climb``; `answer_by` is a limit that starts with the signature.
    """

    at: str
    level: int
    lamp: str | None = None
    message: str | None = None
    paper: str | None = None
    to: str = "owner"
    copy: tuple[str, ...] = ()
    sign: str | None = None
    answer_by: str | None = None


@dataclass(frozen=True)
class Ladder:
    """The rungs of a clock in the order in which they are due, under their content hash."""

    name: str
    rungs: tuple[Rung, ...]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        told = json.dumps([self.name, self.as_json()], ensure_ascii=False, sort_keys=True)
        object.__setattr__(self, "hash", sha256(told.encode()).hexdigest())

    def __hash__(self) -> int:
        return hash(self.hash)

    def as_json(self) -> list[dict[str, Any]]:
        """The rungs as plain values; `from_json` reads them back."""
        return [{**asdict(rung), "copy": list(rung.copy)} for rung in self.rungs]

    @classmethod
    def from_json(cls, name: str, rungs: Iterable[Mapping[str, Any]]) -> "Ladder":
        return cls(name, tuple(Rung(**{**rung, "copy": tuple(rung["copy"])}) for rung in rungs))


@dataclass(frozen=True)
class Ladders:
    """The ladders of an office: clock name → term (or ``any``) → ladder.

    A clock that is named with an empty list has none on purpose. `sign_within` is how long a draft
    may wait for its signature before the signer's own ladder begins to climb.
    """

    by_clock: Mapping[str, Mapping[str, Ladder]] = field(default_factory=dict)
    sign_within: str = "1wd"

    def pick(self, clock: str, term: str) -> Ladder | None:
        """The ladder of that clock and term, else that of clocks without a name; None for none."""
        terms = self.by_clock.get(clock)
        if terms is None:
            terms = self.by_clock.get(OTHERWISE, {})
        found = terms.get(term) or terms.get(ANY)
        return found if found and found.rungs else None

    def all(self) -> tuple[Ladder, ...]:
        """Every ladder that a clock may run on."""
        return tuple(
            ladder for terms in self.by_clock.values() for ladder in terms.values() if ladder.rungs
        )


def term_of(started: datetime, due_on: date | None) -> Term:
    """short up to 30 days, limited up to a year, else long; a limit in hours is short."""
    if due_on is None:
        return "short"
    span = due_on - started.date()
    return "short" if span <= SHORT else "limited" if span <= LIMITED else "long"


@lru_cache(maxsize=4096)
def schedule(ladder: Ladder, due: Due, timing: Timing) -> tuple[int, ...]:
    """The moment of every rung in epoch seconds, in the order of the ladder.

    A rung is never due before the one in front of it, whatever holidays do to days of two kinds.
    """
    found: list[int] = []
    for rung in ladder.rungs:
        at = rung_time(
            due, offset(rung.at), timing.calendar, zone=timing.zone, day_rung_at=timing.day_rung_at
        )
        found.append(max(ceil(at.timestamp()), found[-1] if found else 0))
    return tuple(found)


@lru_cache(maxsize=1024)
def offset(text: str) -> Offset:
    """`parse_offset`, remembered: ladders repeat themselves."""
    return parse_offset(text)


@lru_cache(maxsize=1024)
def limit(text: str) -> Limit:
    """`parse_limit`, remembered."""
    return parse_limit(text)


def next_paper(ladder: Ladder, after: int) -> int | None:
    """The index of the first paper from `after` on."""
    return next((i for i in range(after, len(ladder.rungs)) if ladder.rungs[i].paper), None)


def coming(
    ladder: Ladder, times: Sequence[int | None], next_rung: int, *, blocked: bool
) -> int | None:
    """When the next rung may be taken (epoch seconds), None if none is to come.

    Messages pass a paper that waits; a paper does not pass another.
    """
    earliest: int | None = None
    free = not blocked
    for index in range(next_rung, len(ladder.rungs)):
        at = times[index]
        if at is None:
            continue
        if ladder.rungs[index].paper:
            if not free:
                continue
            free = False
        if earliest is None or at < earliest:
            earliest = at
    return earliest
