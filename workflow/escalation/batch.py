"""One batch of the tick: the due rungs of some clocks.

Everything is computed in a reading transaction, which nobody waits for; then one short writing
transaction holds the issues, leaves those that have changed meanwhile, and writes the rest with one
statement a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from workflow.audit import actions as audit
from workflow.db import Database, Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import climbing
from workflow.deadlines import queries as clock_queries
from workflow.deadlines.climbing import DueClock
from workflow.deadlines.ladder import Ladder
from workflow.escalation import compose, drafting
from workflow.escalation.compose import Look, Plan
from workflow.escalation.drafting import Signing
from workflow.escalation.rungs import due_rungs
from workflow.escalation.scene import Scene
from workflow.issues import heads
from workflow.issues.heads import HeadRow
from workflow.issues.office import Office
from workflow.notices import actions as papers
from workflow.outbox import actions as outbox
from workflow.outbox.actions import Notice

_BY_ISSUE = attrgetter("clock.issue_id")
_NO_LADDER = Ladder("none", ())


@dataclass(slots=True)
class Tally:
    """What a batch, or a whole tick, has done; `clocks` were looked at."""

    clocks: int = 0
    taken: int = 0
    merged: int = 0
    papers: int = 0
    notices: int = 0
    held: int = 0
    """Clocks of which nothing may be taken while the time is in doubt."""

    def add(self, other: "Tally") -> None:
        self.clocks += other.clocks
        self.taken += other.taken
        self.merged += other.merged
        self.papers += other.papers
        self.notices += other.notices
        self.held += other.held


@dataclass
class Clerk:
    """Takes batches at one moment, and remembers from one to the next whom rungs reach."""

    database: Database
    office: Office
    now: datetime
    frozen: bool = False
    """The time is in doubt: only what reminds is taken."""
    _scene: Scene | None = None

    def take(self, due: Sequence[tuple[int, int]]) -> Tally:
        """Take what is due of these clocks (id, issue id); what others change meanwhile is left."""
        with self.database.reading() as tx:
            self._scene = scene = Scene.of(tx, self.office, self.now, self._scene)
            looks = _looks(scene, due, frozen=self.frozen)
            taking = [each for each in looks if not (self.frozen and each.take.is_empty)]
            held = len(looks) - len(taking)
            plans = [compose.plan(scene, list(group)) for _, group in groupby(taking, _BY_ISSUE)]
        if not plans:
            return Tally(held=held)
        with self.database.brief_transaction() as tx:
            version = heads.hold(tx, [each.head.id for each in plans])
            valid = [each for each in plans if version.get(each.head.id) == each.head.version]
            tally = _write(tx, scene, valid) if valid else Tally()
        tally.held = held
        return tally


def _looks(scene: Scene, due: Sequence[tuple[int, int]], *, frozen: bool) -> list[Look]:
    tx, now = scene.tx, int(scene.now.timestamp())
    of_issue = heads.read(tx, {issue for _, issue in due})
    found = climbing.read(tx, [clock for clock, _ in due], scene.now)
    return [_look(tx, clock, of_issue[clock.issue_id], now, frozen=frozen) for clock in found]


def _look(tx: Tx, clock: DueClock, head: HeadRow, now: int, *, frozen: bool) -> Look:
    ladder = clock_queries.ladder(tx, clock.ladder) if clock.ladder else _NO_LADDER
    return Look(clock, head, ladder, due_rungs(clock, ladder, now, frozen=frozen))


def _write(tx: Tx, scene: Scene, plans: Sequence[Plan]) -> Tally:
    now = scene.now
    if not heads.save(tx, [change for plan in plans for change in plan.changes], now):
        raise AssertionError("an issue changed although it is held")
    audit.append(tx, [event for plan in plans for event in plan.events])
    climbed = [each for plan in plans for each in plan.climbed]
    fates = [each for plan in plans for each in plan.fates]
    notices = [each for plan in plans for each in plan.notices]
    asked = [look for plan in plans for look in plan.asked]
    if asked:
        for look, paper_id in _drafted(tx, scene, asked, notices):
            climbed.append(compose.climbed_to(look, paper_id))
            fates.extend(compose.fates(look, paper_id))
    climbing.record(tx, climbed, fates, now=now)
    outbox.put(tx, notices, channels=scene.office.channels, now=now)
    return Tally(
        clocks=sum(plan.clocks for plan in plans),
        taken=sum(fate.outcome == "taken" for fate in fates),
        merged=sum(fate.outcome == "merged" for fate in fates),
        papers=len(asked),
        notices=len(notices),
    )


def _drafted(
    tx: Tx, scene: Scene, looks: Sequence[Look], notices: list[Notice]
) -> list[tuple[Look, int]]:
    """Store the drafts, start the clocks of their signers, and tell those."""
    drafts = [look.asked.draft for look in looks if look.asked]
    found = list(zip(looks, papers.draft(tx, drafts, now=scene.now), strict=True))
    signing = Signing(scene)
    waiting = []
    for look, paper_id in found:
        if look.asked is not None:
            clock = signing.clock(paper_id, look.asked.draft)
            waiting.append(clock)
            notices.append(drafting.to_sign(scene, look.head, paper_id, look.asked, clock))
    clocks.write(tx, waiting, now=scene.now)
    return found
