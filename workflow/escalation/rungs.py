"""Which rungs of a clock are due, which of them merge, which paper waits for another one.

Pure.
"""

from dataclasses import dataclass
from typing import Protocol

from workflow.deadlines.ladder import Ladder, Rung, coming

REMINDS = "reminder"
"""The message that only tells the late desk itself that a limit comes near."""


class Climbing(Protocol):
    """What the decision needs of a clock."""

    @property
    def schedule(self) -> tuple[int | None, ...]: ...
    @property
    def next_rung(self) -> int: ...
    @property
    def blocked_by(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Take:
    """What one look at a clock takes, and how the clock stands afterwards.

    Of the messages that are due the last one is sent, the others are `merged` into it. `paper` is
    drafted; it blocks the next one until somebody signs. `wake` is the next look in epoch seconds.
    """

    message: int | None
    merged: tuple[int, ...]
    paper: int | None
    next_rung: int
    schedule: tuple[int | None, ...]
    wake: int | None

    @property
    def is_empty(self) -> bool:
        """Nothing was due; the clock only goes back to sleep."""
        return self.message is None and self.paper is None


def due_rungs(clock: Climbing, ladder: Ladder, now: int, *, frozen: bool = False) -> Take:
    """The rungs that are due at `now` (epoch seconds), however long they have been.

    All messages, and the first paper unless one before it still waits for its signature.  While
    the time is in doubt (`frozen`) only what reminds: nobody is reported or admonished by mistake.
    """
    messages: list[int] = []
    paper: int | None = None
    waits = clock.blocked_by is not None
    for index in range(clock.next_rung, len(ladder.rungs)):
        at = clock.schedule[index]
        if at is None:
            continue
        if ladder.rungs[index].paper is None:
            if at <= now and (not frozen or ladder.rungs[index].message == REMINDS):
                messages.append(index)
        elif not waits:
            paper = index if at <= now and not frozen else None
            waits = True
    taken = set(messages)
    if paper is not None:
        taken.add(paper)
    return settle(
        clock, ladder, taken, messages=messages, paper=paper, blocked=_blocks(clock, paper)
    )


def leap(clock: Climbing, ladder: Ladder) -> tuple[Take, tuple[int, ...]] | None:
    """The next paper at once, and the rungs that are skipped on the way; None if there is none."""
    paper = next(
        (
            index
            for index in range(clock.next_rung, len(ladder.rungs))
            if ladder.rungs[index].paper and clock.schedule[index] is not None
        ),
        None,
    )
    if paper is None:
        return None
    skipped = tuple(
        index for index in range(clock.next_rung, paper) if clock.schedule[index] is not None
    )
    take = settle(clock, ladder, {*skipped, paper}, messages=[], paper=paper, blocked=True)
    return take, skipped


def settle(
    clock: Climbing,
    ladder: Ladder,
    taken: set[int],
    *,
    messages: list[int],
    paper: int | None,
    blocked: bool,
) -> Take:
    """The clock after `taken` rungs: those in front of the pointer are done, others are nulled."""
    times = clock.schedule
    following = clock.next_rung
    while following < len(times) and (following in taken or times[following] is None):
        following += 1
    ahead = [index for index in taken if index > following]
    if ahead:
        times = tuple(None if index in ahead else at for index, at in enumerate(times))
    return Take(
        messages[-1] if messages else None,
        tuple(messages[:-1]),
        paper,
        following,
        times,
        coming(ladder, times, following, blocked=blocked),
    )


def lit(rungs: list[Rung]) -> tuple[str, int] | None:
    """The lamp of the highest of these rungs that has one, with its level."""
    best = max((rung for rung in rungs if rung.lamp), key=lambda rung: rung.level, default=None)
    return None if best is None or best.lamp is None else (best.lamp, best.level)


def _blocks(clock: Climbing, paper: int | None) -> bool:
    return clock.blocked_by is not None or paper is not None
