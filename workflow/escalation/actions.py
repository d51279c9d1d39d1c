"""Every write of the clock and of papers: tick, sign, withhold, answer, skip upward."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy.exc import OperationalError

from workflow.db import Database
from workflow.deadlines import climbing
from workflow.deadlines import queries as clock_queries
from workflow.escalation.batch import Clerk, Tally
from workflow.escalation.leaping import LEAPERS, skip_upward
from workflow.escalation.signing import answer, sign, withhold
from workflow.issues import actions as issues
from workflow.issues import heads
from workflow.issues.office import Office

__all__ = ["LEAPERS", "TickReport", "answer", "sign", "skip_upward", "tick", "withhold"]

log = logging.getLogger(__name__)

MOST_IDS = 10_000
"""Ids that one look at the clocks takes; the next look finds the rest."""
Due = tuple[int, int]


@dataclass(slots=True)
class TickReport:
    """What a tick has done. `left` were held or written by somebody else: the next tick's.

    `failed` could not be taken and are in the log; they stay due. `held` wait for somebody's word
    that the time is right.
    """

    tally: Tally = field(default_factory=Tally)
    periods: int = 0
    batches: int = 0
    left: int = 0
    failed: int = 0
    held: int = 0

    @property
    def is_idle(self) -> bool:
        """Nothing was due."""
        return self.batches == 0 and self.periods == 0


def tick(
    database: Database,
    office: Office,
    now: datetime,
    *,
    batch: int | None = None,
    frozen: bool = False,
) -> TickReport:
    """Take every rung and end every period that is due at `now`, however long it has been.

    Ids are read first; then come batches of at most `batch` clocks (`usual_batch`), each a
    transaction of its own, so that nobody waits for long. A clock that cannot be taken never keeps
    the others from it. While the time is in doubt (`frozen`) only reminders are taken and no
    period ends.
    """
    report, clerk = TickReport(), Clerk(database, office, now, frozen)
    seen: set[int] = set()
    while True:
        with database.reading() as tx:
            found = climbing.due(tx, now, most=MOST_IDS, skip=report.held)
        fresh = [each for each in found if each[0] not in seen]
        seen.update(each[0] for each in fresh)
        rungs = sorted((issue, clock) for clock, issue, is_period in fresh if not is_period)
        for part in _batches(rungs, batch or usual_batch(database)):
            _take(clerk, part, report)
            database.tidy()
        for clock, issue, is_period in fresh:
            if is_period and frozen:
                report.held += 1
            elif is_period:
                _end_period(database, office, clock, issue, now, report)
        if len(found) < MOST_IDS or not fresh:
            database.tidy()
            return report


def usual_batch(database: Database) -> int:
    """Clocks that one transaction takes, so that it keeps nobody waiting over a tenth of a second.

    Among a million issues one costs a fifth of a millisecond in a file, the fourfold on a server,
    whose commit moreover may wait for a disk that has more to write than this.
    """
    return 50 if database.is_sqlite else 12


def _batches(rungs: Sequence[Due], most: int) -> Iterator[list[Due]]:
    """Parts of (issue, clock), cut between issues where that is possible."""
    part: list[Due] = []
    for _, group in groupby(rungs, key=lambda each: each[0]):
        of_issue = list(group)
        if part and len(part) + len(of_issue) > most:
            yield part
            part = []
        part.extend(of_issue)
    if part:
        yield part


def _take(clerk: Clerk, part: Sequence[Due], report: TickReport) -> None:
    """One batch; if it cannot be taken as a whole, each issue alone."""
    try:
        tally = clerk.take([(clock, issue) for issue, clock in part])
    except OperationalError:
        raise  # the database itself: the next tick finds everything as it was
    except Exception:
        if len({issue for issue, _ in part}) == 1:
            log.exception("clock.failed issue=%s clocks=%d: still due", part[0][0], len(part))
            report.failed += len(part)
            return
        log.warning("clock.batch_failed clocks=%d: taking each issue alone", len(part))
        for _, group in groupby(part, key=lambda each: each[0]):
            _take(clerk, list(group), report)
    else:
        report.batches += 1
        report.left += len(part) - tally.clocks - tally.held
        report.held += tally.held
        report.tally.add(tally)


def _end_period(
    database: Database, office: Office, clock: int, issue: int, now: datetime, report: TickReport
) -> None:
    """A period has run out: its end takes or opens an action, in a transaction of its own."""
    try:
        with database.transaction() as tx:
            # The issue first: whoever writes it holds its row.
            heads.lock(tx, issue)
            found = clock_queries.clock(tx, clock)
            if found.wake_at is None or found.wake_at > now:
                return
            issues.period_over(tx, office, found, now=now)
    except OperationalError:
        raise
    except Exception:
        log.exception("clock.period_failed issue=%s clock=%s: still due", issue, clock)
        report.failed += 1
        return
    report.periods += 1
