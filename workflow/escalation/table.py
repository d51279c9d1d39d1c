"""A paper or a ladder on the table: its issue locked, the person who acts, what is written.

Shared by what people do with papers; each action appends one event and raises the issue's version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.audit import actions as audit
from workflow.audit.actions import chained
from workflow.audit.chain import Entry
from workflow.db import Tx
from workflow.deadlines import queries as clock_queries
from workflow.deadlines import running
from workflow.deadlines.running import ClockChange
from workflow.errors import N_, Invalid, Refused
from workflow.escalation.reach import hashed
from workflow.escalation.scene import Scene
from workflow.issues import heads, store
from workflow.issues.heads import HeadChange, HeadRow
from workflow.issues.office import Office
from workflow.notices.queries import PaperRow
from workflow.outbox import actions as outbox
from workflow.outbox import messages
from workflow.outbox.actions import Notice
from workflow.units.rules import Actor, Desk, people_at

LONGEST = {"reason": 1000, "answer": 2000}


@dataclass(slots=True)
class Table:
    """A paper on the table: its issue locked, its clock read, the person who acts."""

    scene: Scene
    head: HeadRow
    by: Actor
    door: str

    @property
    def tx(self) -> Tx:
        return self.scene.tx

    @property
    def now(self) -> datetime:
        return self.scene.now

    def people(self, desks: Sequence[Desk]) -> tuple[int, ...]:
        """Who does the work of these desks today, each once."""
        directory, today = self.scene.reach.directory, self.scene.today
        return tuple(
            dict.fromkeys(
                person
                for desk in desks
                for person in people_at(directory, desk, today, units=self.head.units)
            )
        )

    def sits_at(self, desk: Desk) -> bool:
        """Whether the person does the work of that desk today."""
        return desk in self.by.desks or self.by.person_id in self.people([desk])

    def record(
        self,
        action: str,
        kind: str,
        data: Mapping[str, Any],
        *,
        unit_id: int | None,
        lamp: tuple[str, int] | None = None,
    ) -> None:
        """Append the event and raise the issue's version. Raises Conflict."""
        head, office = self.head, self.scene.office
        unit = "" if unit_id is None else self.scene.reach.directory.unit(unit_id).code
        entry = Entry(
            issue=head.number,
            seq=head.version + 1,
            at=self.now,
            by=self.by.login,
            door=self.door,
            action=action,
            kind=kind,
            data=data,
            unit=unit,
        )
        event = chained(
            entry,
            issue_id=head.id,
            prev=head.head,
            key=office.mac_key,
            by_id=self.by.person_id,
            by_unit_id=unit_id,
        )
        shown = office.worst((head.lamp, lamp[0])) if lamp else head.lamp
        level = max(head.level, lamp[1]) if lamp else head.level
        change = HeadChange(head.id, head.version, event.hash, shown, level)
        if not heads.save(self.tx, [change], self.now):
            raise store.stale(head.number)
        audit.append(self.tx, [event])

    def tell(self, notices: Sequence[Notice]) -> None:
        outbox.put(self.tx, notices, channels=self.scene.office.channels, now=self.now)

    def changed(
        self, effect: str, action: Mapping[str, str], note: str, desks: Sequence[Desk], unit: int
    ) -> Notice:
        """A notice that something happened to a paper."""
        message = messages.StateChanged(
            number=self.head.number,
            title=self.head.title,
            action=dict(action),
            note=note,
            by=self.scene.reach.name(unit),
        )
        people = tuple(p for p in self.people(desks) if p != self.by.person_id)
        return Notice(effect, message.kind, message.payload(), people, self.head.id)


def lay(tx: Tx, office: Office, issue_id: int, by: Actor, now: datetime, door: str) -> Table:
    """The issue, locked, and who acts at it. Raises NotFound."""
    head = heads.lock(tx, issue_id)
    if head is None:
        raise store.no_such_issue(issue_id)
    return Table(Scene.of(tx, office, now), head, by, door)


def refused(paper: PaperRow, action: str, why: str) -> Refused:
    """Say why the paper cannot be treated so any more."""
    return Refused(
        N_("这份文书现在不能这样处理。"), action=action, state=paper.state, why=why, code="paper"
    )


def said(field: str, text: str, missing: str) -> str:
    """A form's text without the space around it. Raises Invalid if it is empty or too long."""
    found = text.strip()
    if not found:
        raise Invalid.at(field, missing)
    if len(found) > LONGEST[field]:
        raise Invalid.at(field, N_("最多 {most} 字，请精简。"), most=LONGEST[field])
    return found


def stopped(tx: Tx, paper: PaperRow, kind: str, now: datetime) -> list[ClockChange]:
    """The clock of that kind that runs for the paper, stopped."""
    found = clock_queries.of_subject(tx, "paper", paper.id, kind)
    return [running.stop(found, now)] if found else []


def desks_of(table: Table, relatives: Sequence[str]) -> list[Desk]:
    """The desks of these ``post@relation`` of the issue, those that exist."""
    standing = hashed(table.head.units)
    responsible = next(iter(table.head.units.get("responsible", ())), None)
    found = (
        table.scene.reach.find(
            relative,
            owner="handler@responsible",
            owner_unit_id=responsible,
            units=table.head.units,
            standing=standing,
        ).desk
        for relative in relatives
    )
    return [each for each in found if each is not None]
