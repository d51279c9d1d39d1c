"""What was measured: a figure beside what must hold and what is aimed at."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.rounds import Rounds


@dataclass(frozen=True)
class Result:
    """One figure. Smaller is better unless `more` says otherwise."""

    subject: str
    what: str
    where: str
    value: float
    floor: float
    aim: float | None = None
    more: bool = False
    unit: str = "×"
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the floor holds."""
        return self.value >= self.floor if self.more else self.value <= self.floor

    @property
    def is_aim(self) -> bool:
        """Whether the aim is reached; without an aim the floor is the aim."""
        aim = self.floor if self.aim is None else self.aim
        return self.value >= aim if self.more else self.value <= aim

    @property
    def verdict(self) -> str:
        """One word for the table."""
        return "aim" if self.is_aim else "holds" if self.holds else "MISSES"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        sign = "≥" if self.more else "≤"
        aim = "" if self.aim is None else f"{sign} {_told(self.aim, self.unit)}"
        return (
            self.what,
            self.where,
            _told(self.value, self.unit),
            f"{sign} {_told(self.floor, self.unit)}",
            aim,
            self.verdict,
            self.note,
        )


HEADS = ("figure", "on", "measured", "floor", "aim", "verdict", "in one round, per operation")


def against_raw(
    rounds: Rounds,
    *,
    subject: str,
    what: str,
    where: str,
    floor: float,
    aim: float | None,
    count: int = 1,
    ours: str = "engine",
    raw: str = "raw",
) -> Result:
    """The ratio of two sides of the same rounds; `count` operations made up one round."""
    least, most = rounds.spread(ours, raw)
    note = (
        f"{least:.2f}–{most:.2f}; {_duration(rounds.median(ours) / count)}"
        f" to {_duration(rounds.median(raw) / count)}"
    )
    return Result(subject, what, where, rounds.ratio(ours, raw), floor, aim, note=note)


def table(results: Iterable[Result]) -> str:
    """A table in Markdown."""
    rows = [HEADS, ("---",) * len(HEADS), *(result.cells() for result in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _told(value: float, unit: str) -> str:
    if unit == "×":
        return f"{value:.2f}×"
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"


def _duration(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
