"""Rungs whose time has come and that nobody has taken when their round ends. Pure.

The clock was stopped or moved before the next tick, or stood still meanwhile: nobody is told any
more, and nothing is passed over in silence.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol


class Overtaken(NamedTuple):
    """Such rungs (index, epoch seconds), to be put on record as skipped."""

    round: int
    ladder: str
    rungs: tuple[tuple[int, int], ...]

    def left(
        self, times: Sequence[int | None], next_rung: int
    ) -> tuple[tuple[int | None, ...], int]:
        """The times without them, and the next rung."""
        gone = {index for index, _ in self.rungs}
        kept = tuple(None if index in gone else at for index, at in enumerate(times))
        while next_rung < len(kept) and kept[next_rung] is None:
            next_rung += 1
        return kept, next_rung


class Climbing(Protocol):
    """What the question needs of a clock."""

    @property
    def round(self) -> int: ...
    @property
    def ladder(self) -> str | None: ...
    @property
    def schedule(self) -> tuple[int | None, ...]: ...
    @property
    def next_rung(self) -> int: ...


def overtaken(clock: Climbing, now: datetime) -> Overtaken | None:
    """What is due of it by time, whether the next tick would have found it or something held it."""
    if clock.ladder is None:
        return None
    until = now.timestamp()
    found = tuple(
        [
            (index, at)
            for index, at in enumerate(clock.schedule)
            if at is not None and at <= until and index >= clock.next_rung
        ]
    )
    return Overtaken(clock.round, clock.ladder, found) if found else None
