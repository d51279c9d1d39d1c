"""What the signature of a paper, and its answer, do to the clock that asked for the paper.

Pure. A paper that was signed late delays the next one; silence brings the next rung forward.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil

from workflow.deadlines.counting import Due
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladder import Ladder, schedule
from workflow.deadlines.running import ClockChange, ClockRow, Times, awake


def signed(
    clock: ClockRow,
    ladder: Ladder,
    *,
    rung: int,
    at: datetime,
    answer_due: datetime | None,
    timing: Timing,
) -> ClockChange:
    """The paper of `rung` left at `at`: the next rungs may come.

    A paper whose own time has passed waits for the answer, or for as long as the ladder leaves
    between the two. The silence of an addressee brings the next rung forward.
    """
    own = schedule(ladder, _as_due(clock), timing)
    times = _after_paper(clock.schedule, own, ladder, rung, at, answer_due)
    return ClockChange(awake(clock._replace(blocked_by=None, schedule=times), ladder), wide=True)


def answered(
    clock: ClockRow, ladder: Ladder, *, rung: int, at: datetime, timing: Timing
) -> ClockChange | None:
    """The paper of `rung`, signed at `at`, is answered: the next rung is due at its own time.

    None if a later paper is on its way already.
    """
    if any(ladder.rungs[index].paper for index in range(rung + 1, clock.next_rung)):
        return None
    own = schedule(ladder, _as_due(clock), timing)
    kept = tuple(
        new if old is not None and index >= clock.next_rung else old
        for index, (old, new) in enumerate(zip(clock.schedule, own, strict=True))
    )
    times = _after_paper(kept, own, ladder, rung, at, None)
    return ClockChange(awake(clock._replace(schedule=times), ladder), wide=True)


def _after_paper(
    times: Times,
    own: Sequence[int],
    ladder: Ladder,
    rung: int,
    at: datetime,
    answer_due: datetime | None,
) -> Times:
    found = list(times)
    later = [index for index in range(rung + 1, len(found)) if found[index] is not None]
    paper = next((index for index in later if ladder.rungs[index].paper), None)
    signing = ceil(at.timestamp())
    silence = None if answer_due is None else ceil(answer_due.timestamp())
    if paper is not None and own[paper] <= signing:
        found[paper] = signing + own[paper] - own[rung] if silence is None else silence
    if later and silence is not None:
        found[later[0]] = min(found[later[0]] or silence, silence)
    return tuple(found)


def _as_due(clock: ClockRow) -> Due:
    if clock.due_at is None:
        raise ValueError("a clock with a ladder has a due time")
    return Due(clock.due_at, clock.due_on, clock.provisional, clock.calendar_version, tuple)
