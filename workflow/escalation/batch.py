"""One batch of the tick: the due rungs of some clocks, taken in one transaction.

Everything is computed first and written with one statement a table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from workflow.audit import actions as audit
from workflow.audit.actions import NewEvent, chained
from workflow.audit.chain import Entry
from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import climbing
from workflow.deadlines import queries as clock_queries
from workflow.deadlines.climbing import Climbed, DueClock, Fate
from workflow.deadlines.ladder import Ladder, Rung, coming
from workflow.deadlines.running import ClockDraft
from workflow.escalation import drafting
from workflow.escalation.drafting import Asked, Signing
from workflow.escalation.reach import Reached, hashed
from workflow.escalation.rungs import Take, due_rungs, lit
from workflow.escalation.scene import Scene, moment_text
from workflow.issues import store
from workflow.issues.office import Office
from workflow.issues.store import HeadChange, HeadRow
from workflow.notices import actions as papers
from workflow.outbox import actions as outbox
from workflow.outbox import messages
from workflow.outbox.actions import Notice
from workflow.outbox.messages import MESSAGES

_BY_ISSUE = attrgetter("clock.issue_id")
_NO_LADDER = Ladder("none", ())


class Moved(Exception):
    """Somebody else wrote one of the issues; nothing of the batch may stand."""


@dataclass(slots=True)
class Tally:
    """What a batch, or a whole tick, has done."""

    clocks: int = 0
    taken: int = 0
    merged: int = 0
    papers: int = 0
    notices: int = 0

    def add(self, other: "Tally") -> None:
        self.clocks += other.clocks
        self.taken += other.taken
        self.merged += other.merged
        self.papers += other.papers
        self.notices += other.notices


@dataclass(slots=True)
class Look:
    """One clock with what falls due of it."""

    clock: DueClock
    head: HeadRow
    ladder: Ladder
    take: Take
    asked: Asked | None = None
    paper_id: int | None = None

    def rung(self, index: int) -> Rung:
        return self.ladder.rungs[index]

    @property
    def taken(self) -> list[int]:
        """The rungs that take effect, lowest first."""
        return [i for i in (self.take.message, self.take.paper) if i is not None]


@dataclass(slots=True)
class Said:
    """A message rung of one clock and whom it reaches."""

    look: Look
    index: int
    people: tuple[int, ...]
    desks: tuple[Reached, ...]


@dataclass(slots=True)
class Written:
    """Every row of the batch, table by table."""

    events: list[NewEvent] = field(default_factory=list)
    heads: list[HeadChange] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    climbed: list[Climbed] = field(default_factory=list)
    signing: list[ClockDraft] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def take_batch(tx: Tx, office: Office, due: Sequence[tuple[int, int]], *, now: datetime) -> Tally:
    """Take what is due of these clocks (id, issue id); those that somebody holds are left.

    Raises Moved if an issue was written meanwhile.
    """
    heads = store.load_heads(tx, {issue for _, issue in due}, wait=False)
    mine = [clock for clock, issue in due if issue in heads]
    found = climbing.claim(tx, mine, now) if mine else []
    if not found:
        return Tally()
    scene = Scene.of(tx, office, now)
    looks = [_look(tx, clock, heads[clock.issue_id], int(now.timestamp())) for clock in found]
    asked = list(_ask(scene, looks))
    ids = papers.draft(tx, [look.asked.draft for look in asked if look.asked], now=now)
    for look, paper_id in zip(asked, ids, strict=True):
        look.paper_id = paper_id
    written = _compose(scene, looks)
    audit.append(tx, written.events)
    if not store.save_heads(tx, written.heads, now):
        raise Moved
    climbing.record(tx, written.climbed, written.fates, now=now)
    clocks.write(tx, written.signing, now=now)
    outbox.put(tx, written.notices, channels=office.channels, now=now)
    return Tally(
        clocks=len(found),
        taken=sum(fate.outcome == "taken" for fate in written.fates),
        merged=sum(fate.outcome == "merged" for fate in written.fates),
        papers=len(ids),
        notices=len(written.notices),
    )


def _look(tx: Tx, clock: DueClock, head: HeadRow, now: int) -> Look:
    ladder = clock_queries.ladder(tx, clock.ladder) if clock.ladder else _NO_LADDER
    return Look(clock, head, ladder, due_rungs(clock, ladder, now))


def _ask(scene: Scene, looks: Sequence[Look]) -> Iterator[Look]:
    for look in looks:
        if look.take.paper is not None:
            index = look.take.paper
            look.asked = drafting.ask(scene, look.head, look.clock, index, look.rung(index))
            if look.asked is not None:
                yield look


def _compose(scene: Scene, looks: Sequence[Look]) -> Written:
    written = Written()
    signing = Signing(scene)
    for _, of_issue in groupby(looks, _BY_ISSUE):
        _compose_issue(scene, list(of_issue), written, signing)
    return written


def _compose_issue(scene: Scene, looks: Sequence[Look], written: Written, signing: Signing) -> None:
    """The rows of one issue: an event a clock, its lamp, and one notice a level."""
    head = looks[0].head
    standing = hashed(head.units)
    said: dict[int, list[Said]] = {}
    for look in looks:
        take = look.take
        lamp = lit([look.rung(index) for index in look.taken])
        written.climbed.append(_climbed(look, lamp))
        if take.is_empty:
            continue
        desks: tuple[Reached, ...] = ()
        if take.message is not None and look.rung(take.message).message:
            rung = look.rung(take.message)
            desks = _reached(scene, look, rung, standing)
            people = tuple(dict.fromkeys(p for each in desks for p in each.people))
            if people:
                said.setdefault(rung.level, []).append(Said(look, take.message, people, desks))
        event = _event(scene, head, look, desks)
        written.events.append(event)
        level = max(head.level, lamp[1]) if lamp else head.level
        shown = scene.office.worst((head.lamp, lamp[0])) if lamp else head.lamp
        written.heads.append(HeadChange(head.id, head.version, event.hash, shown, level))
        if look is not looks[-1]:
            version = head.version + 1
            head = head._replace(version=version, head=event.hash, lamp=shown, level=level)
        written.fates.extend(_fates(look))
        if look.asked is not None and look.paper_id is not None:
            draft = signing.clock(look.paper_id, look.asked.draft)
            written.signing.append(draft)
            written.notices.append(drafting.to_sign(scene, head, look.paper_id, look.asked, draft))
    written.notices.extend(_notice(scene, head, group) for group in said.values())


def _reached(scene: Scene, look: Look, rung: Rung, standing: object) -> tuple[Reached, ...]:
    clock, units = look.clock, look.head.units
    return tuple(
        [
            scene.reach.find(
                relative,
                owner=clock.owner,
                owner_unit_id=clock.owner_unit_id,
                units=units,
                standing=standing,
            )
            for relative in (rung.to, *rung.copy)
        ]
    )


def _climbed(look: Look, lamp: tuple[str, int] | None) -> Climbed:
    clock, take = look.clock, look.take
    wake = take.wake
    if take.paper is not None and look.paper_id is None:
        # Nobody in the whole city could sign it: the next one is not held up by it.
        waits = clock.blocked_by is not None
        wake = coming(look.ladder, take.schedule, take.next_rung, blocked=waits)
    is_higher = lamp is not None and lamp[1] >= clock.level
    return Climbed(
        id=clock.id,
        next_rung=take.next_rung,
        lamp=lamp[0] if lamp and is_higher else clock.lamp,
        level=lamp[1] if lamp and is_higher else clock.level,
        blocked_by=look.paper_id if look.paper_id is not None else clock.blocked_by,
        wake_at=None if wake is None else datetime.fromtimestamp(wake, UTC),
        schedule=None if take.schedule is clock.schedule else take.schedule,
    )


def _event(scene: Scene, head: HeadRow, look: Look, desks: Sequence[Reached]) -> NewEvent:
    """One event a look: which rungs were taken or merged, what left, whom it reached."""
    clock, take = look.clock, look.take
    data: dict[str, Any] = {"clock": clock.kind, "round": clock.round}
    if clock.subject != "issue":
        data["subject"], data["subject_id"] = clock.subject, clock.subject_id
    data["rungs"] = [_told(look, index) for index in look.taken]
    if take.merged:
        data["merged"] = list(take.merged)
    if desks:
        data["to"] = [scene.reach.told(each.desk) for each in desks if each.desk]
    if look.asked is not None:
        draft = look.asked.draft
        data["paper"] = draft.kind
        data["paper_id"] = look.paper_id
        data["sign"] = scene.reach.told((draft.signer_unit_id, draft.signer_post))
    entry = Entry(
        issue=head.number,
        seq=head.version + 1,
        at=scene.now,
        by="system",
        door="clock",
        action="rung",
        kind="rung",
        data=data,
    )
    return chained(entry, issue_id=head.id, prev=head.head, key=scene.office.mac_key)


def _told(look: Look, index: int) -> dict[str, Any]:
    rung = look.rung(index)
    told: dict[str, Any] = {"rung": index, "level": rung.level}
    if rung.lamp:
        told["lamp"] = rung.lamp
    if rung.message:
        told["message"] = rung.message
    return told


def _fates(look: Look) -> Iterator[Fate]:
    take = look.take
    for index in take.merged:
        yield _fate(look, index, "merged", take.message, None)
    if take.message is not None:
        yield _fate(look, take.message, "taken", None, None)
    if take.paper is not None:
        yield _fate(look, take.paper, "taken", None, look.paper_id)


def _fate(
    look: Look, index: int, outcome: str, merged_into: int | None, paper_id: int | None
) -> Fate:
    clock, rung = look.clock, look.rung(index)
    at = clock.schedule[index]
    if at is None:
        raise AssertionError("a rung that is taken has a time")
    return Fate(
        clock.id,
        clock.issue_id,
        clock.round,
        index,
        rung.level,
        rung.lamp,
        outcome,
        merged_into,
        paper_id,
        datetime.fromtimestamp(at, UTC),
    )


def _notice(scene: Scene, head: HeadRow, group: Sequence[Said]) -> Notice:
    """One notice per issue and level; several clocks at once are named together."""
    first = group[0]
    clock, rung = first.look.clock, first.look.rung(first.index)
    words = [scene.clock_words(head.loop_version, each.look.clock.kind) for each in group]
    message: messages.Rung = _MESSAGE[rung.message or ""](
        number=head.number,
        title=head.title,
        unit=scene.reach.name(head.responsible_unit_id),
        clock=words[0] if len(words) == 1 else _joined(words),
        owner=scene.reach.name(clock.owner_unit_id),
        due=moment_text(clock.due_at, clock.due_on),
        lamp=rung.lamp,
        level=rung.level,
    )
    people = (
        first.people
        if len(group) == 1
        else tuple(dict.fromkeys(p for each in group for p in each.people))
    )
    return Notice(
        f"issue:{head.id}:clock:{clock.id}:r{clock.round}:{first.index}",
        message.kind,
        message.payload(),
        people,
        head.id,
        urgent=rung.lamp is not None and rung.lamp == scene.worst_lamp,
    )


def _joined(words: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        "zh": "、".join(dict.fromkeys(each.get("zh", "") for each in words)),
        "en": ", ".join(dict.fromkeys(each.get("en", each.get("zh", "")) for each in words)),
    }


_MESSAGE: Mapping[str, type[messages.Rung]] = {
    kind: message for kind, message in MESSAGES.items() if issubclass(message, messages.Rung)
}
