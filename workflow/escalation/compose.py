"""The rows that the due rungs of one issue become; computed without holding anything.

A plan says what an issue's clocks take if the issue is still as it was read. What needs the id of a
paper that is not stored yet is finished once the papers are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from workflow.audit.actions import NewEvent, chained
from workflow.audit.chain import Entry
from workflow.deadlines.climbing import Climbed, DueClock, Fate
from workflow.deadlines.ladder import Ladder, Rung, coming
from workflow.escalation import drafting
from workflow.escalation.drafting import Asked
from workflow.escalation.reach import Reached, hashed
from workflow.escalation.rungs import Take, lit
from workflow.escalation.scene import Scene, moment_text
from workflow.issues.heads import HeadChange, HeadRow
from workflow.outbox import messages
from workflow.outbox.actions import Notice
from workflow.outbox.messages import MESSAGES


@dataclass(slots=True)
class Look:
    """One clock with what falls due of it."""

    clock: DueClock
    head: HeadRow
    ladder: Ladder
    take: Take
    asked: Asked | None = None

    def rung(self, index: int) -> Rung:
        return self.ladder.rungs[index]

    @property
    def taken(self) -> list[int]:
        """The rungs that take effect, lowest first."""
        return [i for i in (self.take.message, self.take.paper) if i is not None]


class Pattern(NamedTuple):
    """What the same rungs of the same clock come to for the same units; many issues share one."""

    lamp: tuple[str, int] | None
    data: dict[str, Any]
    """What the event says."""
    people: tuple[int, ...]
    message: str
    payload: dict[str, Any]
    """The message without the issue's own number, title and due time."""
    urgent: bool


@dataclass(slots=True)
class Plan:
    """Every row of one issue; valid as long as the issue has `version`."""

    head: HeadRow
    clocks: int
    events: list[NewEvent] = field(default_factory=list)
    changes: list[HeadChange] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    climbed: list[Climbed] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    asked: list[Look] = field(default_factory=list)


def plan(scene: Scene, looks: Sequence[Look]) -> Plan:
    """What the looks at one issue's clocks become: an event a clock, a notice a level."""
    head = looks[0].head
    found = Plan(head, len(looks))
    standing = hashed(head.units)
    said: dict[int, list[tuple[Look, Pattern]]] = {}
    for look in looks:
        take = look.take
        if take.is_empty:
            found.climbed.append(_climbed(look, None))
            continue
        if take.paper is not None:
            rung = look.rung(take.paper)
            look.asked = drafting.ask(scene, look.head, look.clock, take.paper, rung)
        pattern = _pattern(scene, look, standing)
        if take.message is not None and pattern.people:
            said.setdefault(look.rung(take.message).level, []).append((look, pattern))
        event = _event(scene, head, look, pattern)
        found.events.append(event)
        lamp, shown, level = pattern.lamp, head.lamp, head.level
        if lamp is not None:
            level = max(level, lamp[1])
            shown = scene.office.worst((shown, lamp[0]))
        found.changes.append(HeadChange(head.id, head.version, event.hash, shown, level))
        if look is not looks[-1]:
            version = head.version + 1
            head = head._replace(version=version, head=event.hash, lamp=shown, level=level)
        if look.asked is not None:
            found.asked.append(look)
        else:
            found.climbed.append(_climbed(look, lamp))
            found.fates.extend(fates(look, None))
    for group in said.values():
        found.notices.append(_notice(scene, head, group))
    return found


def climbed_to(look: Look, paper_id: int) -> Climbed:
    """The clock of a look whose paper is stored now."""
    lamp = lit([look.rung(index) for index in look.taken])
    return _climbed(look, lamp)._replace(blocked_by=paper_id)


def _pattern(scene: Scene, look: Look, standing: object) -> Pattern:
    clock, take, head = look.clock, look.take, look.head
    if take.paper is not None or clock.subject != "issue":
        return _made(scene, look, standing)
    key = (
        look.ladder.hash,
        clock.kind,
        clock.round,
        clock.owner,
        clock.owner_unit_id,
        take.message,
        take.merged,
        head.loop_version,
        head.responsible_unit_id,
        standing,
    )
    found = scene.patterns.get(key)
    if found is None:
        found = scene.patterns[key] = _made(scene, look, standing)
    return found


def _made(scene: Scene, look: Look, standing: object) -> Pattern:
    lamp = lit([look.rung(index) for index in look.taken])
    rung = None if look.take.message is None else look.rung(look.take.message)
    if rung is None or rung.message is None:
        return Pattern(lamp, _data(scene, look, ()), (), "", {}, urgent=False)
    desks = _reached(scene, look, rung, standing)
    people = tuple(dict.fromkeys([person for each in desks for person in each.people]))
    clock, head = look.clock, look.head
    message: messages.Rung = _MESSAGE[rung.message](
        number="",
        title="",
        unit=scene.reach.name(head.responsible_unit_id),
        clock=scene.clock_words(head.loop_version, clock.kind),
        owner=scene.reach.name(clock.owner_unit_id),
        lamp=rung.lamp,
        level=rung.level,
    )
    urgent = rung.lamp is not None and rung.lamp == scene.worst_lamp
    data = _data(scene, look, desks)
    return Pattern(lamp, data, people, rung.message, message.payload(), urgent)


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


def _data(scene: Scene, look: Look, desks: Sequence[Reached]) -> dict[str, Any]:
    """What the event says: which rungs were taken or merged, what left, whom it reached."""
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
        data["sign"] = scene.reach.told((draft.signer_unit_id, draft.signer_post))
    return data


def _told(look: Look, index: int) -> dict[str, Any]:
    rung = look.rung(index)
    told: dict[str, Any] = {"rung": index, "level": rung.level}
    if rung.lamp:
        told["lamp"] = rung.lamp
    if rung.message:
        told["message"] = rung.message
    return told


def _event(scene: Scene, head: HeadRow, look: Look, pattern: Pattern) -> NewEvent:
    """One event a look."""
    entry = Entry(
        issue=head.number,
        seq=head.version + 1,
        at=scene.now,
        by="system",
        door="clock",
        action="rung",
        kind="rung",
        data=pattern.data,
    )
    return chained(entry, issue_id=head.id, prev=head.head, key=scene.office.mac_key)


def _climbed(look: Look, lamp: tuple[str, int] | None) -> Climbed:
    clock, take = look.clock, look.take
    wake = take.wake
    if take.paper is not None and look.asked is None:
        # Nobody in the whole city could sign it: the next one is not held up by it.
        waits = clock.blocked_by is not None
        wake = coming(look.ladder, take.schedule, take.next_rung, blocked=waits)
    is_higher = lamp is not None and lamp[1] >= clock.level
    return Climbed(
        id=clock.id,
        next_rung=take.next_rung,
        lamp=lamp[0] if lamp and is_higher else clock.lamp,
        level=lamp[1] if lamp and is_higher else clock.level,
        blocked_by=clock.blocked_by,
        wake_at=None if wake is None else datetime.fromtimestamp(wake, UTC),
        schedule=None if take.schedule is clock.schedule else take.schedule,
    )


def fates(look: Look, paper_id: int | None) -> Iterator[Fate]:
    """What became of the rungs of one look."""
    take = look.take
    for index in take.merged:
        yield _fate(look, index, "merged", take.message, None)
    if take.message is not None:
        yield _fate(look, take.message, "taken", None, None)
    if take.paper is not None:
        yield _fate(look, take.paper, "taken", None, paper_id)


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


def _notice(scene: Scene, head: HeadRow, group: Sequence[tuple[Look, Pattern]]) -> Notice:
    """One notice per issue and level; several clocks at once are named together."""
    look, pattern = group[0]
    clock, people = look.clock, pattern.people
    payload = {
        **pattern.payload,
        "number": head.number,
        "title": head.title,
        "due": moment_text(clock.due_at, clock.due_on),
    }
    if len(group) > 1:
        people = tuple(dict.fromkeys([each for _, other in group for each in other.people]))
        payload["clock"] = _joined(
            [scene.clock_words(head.loop_version, other.clock.kind) for other, _ in group]
        )
    return Notice(
        f"issue:{head.id}:clock:{clock.id}:r{clock.round}:{look.take.message}",
        pattern.message,
        payload,
        people,
        head.id,
        pattern.urgent,
    )


def _joined(words: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        "zh": "、".join(dict.fromkeys(each.get("zh", "") for each in words)),
        "en": ", ".join(dict.fromkeys(each.get("en", each.get("zh", "")) for each in words)),
    }


_MESSAGE: Mapping[str, type[messages.Rung]] = {
    kind: message for kind, message in MESSAGES.items() if issubclass(message, messages.Rung)
}
