"""Alternating rounds: every side is timed in each round, and the order turns from round to round.

A machine that is slow for a minute is slow for all sides, so the ratio stays where seconds do not.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Side = Callable[[int], float]
"""Does the work of one round, given its number, and returns the seconds that count."""


@dataclass(frozen=True)
class Rounds:
    """Seconds of each side, one figure a round."""

    seconds: Mapping[str, tuple[float, ...]]

    def median(self, side: str) -> float:
        """The middle round of a side."""
        return median(self.seconds[side])

    def ratio(self, side: str, to: str) -> float:
        """How many times the median of `to` the median of `side` is."""
        return self.median(side) / self.median(to)

    def spread(self, side: str, to: str) -> tuple[float, float]:
        """The least and the greatest ratio of the two within one round."""
        each = [a / b for a, b in zip(self.seconds[side], self.seconds[to], strict=True)]
        return min(each), max(each)


def alternate(sides: Mapping[str, Side], rounds: int, *, slices: int = 1) -> Rounds:
    """Run every side once a round; the one that begins changes with each turn.

    With slices the sides take turns within a round, too, and are called with the number of the
    slice among those of all rounds: a disk or a neighbour that is slow for half a second, longer
    than one side's round, would otherwise fall on that side alone.
    """
    names = list(sides)
    seconds = {name: [0.0] * rounds for name in names}
    for number in range(rounds):
        gc.collect()
        for piece in range(number * slices, (number + 1) * slices):
            turn = piece % len(names)
            for name in (*names[turn:], *names[:turn]):
                seconds[name][number] += sides[name](piece)
    return Rounds({name: tuple(taken) for name, taken in seconds.items()})


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    begin = perf_counter()
    work()
    return perf_counter() - begin
