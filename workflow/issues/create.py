"""A new issue: reported, split off as a part, or come back as a relapse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow import stamps
from workflow.audit import actions as audit
from workflow.audit.chain import GENESIS
from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import running
from workflow.deadlines.ladder import limit as parse_limit
from workflow.deadlines.ladder import term_of
from workflow.deadlines.running import ClockDraft
from workflow.issues import notify, search, store
from workflow.issues.effect import House
from workflow.issues.models import Reporter, Source
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.loops import semantics
from workflow.loops.loop import Loop, State
from workflow.outbox import actions as outbox
from workflow.prepared import inserting
from workflow.units.rules import Desk, desk_of

_SOURCE = inserting(
    Source.__table__,  # type: ignore[attr-defined]
    ("issue_id", "kind", "own_number", "received_at", "has_contact"),
    returning="id",
)
_REPORTER = inserting(Reporter.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NewSource:
    """Where a new issue came from; the reporter's own data goes into a table that can be erased."""

    kind: str
    received_at: datetime
    own_number: str | None = None
    reporter_name: str | None = None
    reporter_contact: str | None = None


@dataclass(frozen=True, slots=True)
class NewIssue:
    """Everything that makes an issue."""

    loop: Loop
    title: str
    description: str
    category: str
    source: str
    units: Mapping[str, list[int]]
    place: str = ""
    place_unit_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    speed: str = "limited"
    task: str | None = None
    due_on: date | None = None
    original_due_on: date | None = None
    """The day that it had before, where that is past: imported, and asked about first."""
    parent_id: int | None = None
    root_id: int | None = None
    recurs_of_id: int | None = None
    milestone_id: int | None = None
    opening: str | None = None
    """An action that is taken with the birth, in the same event: ``not_done`` of a milestone."""
    number: str | None = None
    sources: Sequence[NewSource] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the first event records besides."""


@dataclass(frozen=True, slots=True)
class Created:
    """The row that was made."""

    id: int
    number: str


def create(
    tx: Tx, office: Office, house: House, new: NewIssue, *, said: Said, now: datetime
) -> Created:
    """Insert an issue with its first event, clocks, sources, search text and first message."""
    birth = born(office, house, new, now)
    number = new.number or next_number(tx, new.loop.prefix, birth.today.year)
    first = event(
        issue_id=0,
        number=number,
        seq=1,
        prev=GENESIS,
        said=said,
        data=told(new, house, birth),
        at=now,
        directory=house.directory,
        key=office.mac_key,
    )
    columns = columns_of(new, birth)
    issue_id = store.insert_issue(
        tx,
        {
            **columns,
            "number": number,
            "head": first.hash,
            "created_at": now,
            "created_by_id": said.by.person_id,
            "updated_at": now,
        },
    )
    audit.append(tx, [first._replace(issue_id=issue_id)])
    store.set_units(tx, issue_id, new.units, fresh=True)
    clocks.write(tx, [owned(draft, issue_id) for draft in birth.drafts], now=now)
    add_sources(tx, issue_id, new.sources)
    search.index(tx, issue_id, search_text(number, new.title, new.description, new.place))
    notices = notify.new_issue(
        issue_id=issue_id,
        number=number,
        title=new.title,
        state=birth.state,
        desk=birth.desk,
        units=new.units,
        house=house,
        today=birth.today,
        due=birth.due_at,
        by_person=said.by.person_id,
    )
    outbox.put(tx, notices, channels=office.channels, now=now)
    return Created(issue_id, number)


def next_number(tx: Tx, prefix: str, year: int) -> str:
    """Return the next number of a series, such as ``WT-2026-00012``; none is given twice."""
    value = stamps.rise(tx, f"number:{prefix}:{year}")
    return f"{prefix}-{year}-{value:05d}"


def add_sources(tx: Tx, issue_id: int, sources: Sequence[NewSource]) -> None:
    """Write where the issue came from, and apart from it who reported."""
    for source in sources:
        [(source_id,)] = _SOURCE.rows(
            tx,
            {
                "issue_id": issue_id,
                "kind": source.kind,
                "own_number": source.own_number,
                "received_at": source.received_at,
                "has_contact": bool(source.reporter_contact),
            },
        )
        if source.reporter_name or source.reporter_contact:
            reporter = {"name": source.reporter_name, "contact": source.reporter_contact}
            _REPORTER.run(tx, {"source_id": source_id, **reporter})


def search_text(number: str, title: str, description: str, place: str) -> str:
    """Return the text in which a search looks."""
    return "\n".join((number, title, description, place))


@dataclass(frozen=True, slots=True)
class Birth:
    """The first state with its owner, its clocks, and the moment of the first move."""

    today: date
    state: State
    desk: Desk | None
    drafts: tuple[ClockDraft, ...]
    due_at: datetime | None
    clocks: Mapping[str, int]


def born(office: Office, house: House, new: NewIssue, now: datetime) -> Birth:
    """The state and the clocks with which an issue begins."""
    today = house.timing.day(now)
    state = new.loop.states[new.loop.initial]
    started = semantics.after({}, semantics.orders(new.loop, {}, new.loop.born_by, state))
    if new.opening is not None:
        opening = new.loop.by_state[state.name][new.opening]
        state = new.loop.states[opening.target or state.name]
        started = semantics.after(started, semantics.orders(new.loop, started, opening.name, state))
    drafts = {name: _clock(new, name, office, house, now) for name in started}
    return Birth(
        today,
        state,
        desk_of(house.directory, state.owner, new.units, today) if state.owner else None,
        tuple(drafts.values()),
        next((drafts[name].due_at for name in semantics.holding(state, started)), None),
        dict.fromkeys(started, 1),
    )


def _clock(new: NewIssue, name: str, office: Office, house: House, now: datetime) -> ClockDraft:
    rule = new.loop.clocks[name]
    limit = parse_limit(rule.limit.rpartition("|")[2])
    desk = desk_of(house.directory, rule.owner, new.units, house.timing.day(now))
    due_on = new.due_on if limit.kind == "due" else None
    return running.start(
        name,
        issue_id=0,
        subject="issue",
        subject_id=0,
        seq=1,
        limit_text=rule.limit,
        limit=limit,
        owner=str(rule.owner),
        owner_unit_id=desk[0] if desk else None,
        now=now,
        timing=house.timing,
        ladder=office.ladders.pick(rule.ladder or name, term_of(now, due_on)),
        due_on=due_on,
        is_period=rule.is_period,
    )


def owned(draft: ClockDraft, issue_id: int) -> ClockDraft:
    """The draft of a clock, of an issue that has its id now."""
    return draft._replace(values={**draft.values, "issue_id": issue_id, "subject_id": issue_id})


def told(new: NewIssue, house: House, birth: Birth) -> dict[str, Any]:
    """What the first event says; nothing about the reporter."""
    names = {
        relation: [house.directory.unit(unit).name for unit in ids]
        for relation, ids in new.units.items()
        if ids
    }
    return {
        "title": new.title,
        "description": new.description,
        "category": new.category,
        "place": new.place or None,
        "source": new.source,
        "loop": new.loop.name,
        "loop_version": new.loop.version,
        "due": new.due_on,
        "units": names,
        **({"to": birth.state.name} if new.opening else {}),
        **new.said,
    }


def columns_of(new: NewIssue, birth: Birth) -> dict[str, Any]:
    """The columns of a new issue that do not depend on its number."""
    state = birth.state
    return {
        "loop": new.loop.name,
        "loop_version": new.loop.version,
        "state": state.name,
        "version": 1,
        "title": new.title,
        "description": new.description,
        "category": new.category,
        "source": new.source,
        "place": new.place,
        "place_unit_id": new.place_unit_id,
        "lat": new.lat,
        "lon": new.lon,
        "speed": new.speed,
        "task": new.task,
        "parent_id": new.parent_id,
        "root_id": new.root_id,
        "recurs_of_id": new.recurs_of_id,
        "milestone_id": new.milestone_id,
        "owner_unit_id": birth.desk[0] if birth.desk else None,
        "owner_post": birth.desk[1] if birth.desk else None,
        "move_due_at": birth.due_at,
        "due_on": new.due_on,
        "original_due_on": new.original_due_on or new.due_on,
        "counts_as": state.counts_as,
        "is_open": state.counts_as is None,
        "responsible_unit_id": next(iter(new.units.get("responsible", ())), None),
        "units": {name: list(ids) for name, ids in new.units.items() if ids},
        "fixers": [],
        "facts": {**new.facts, "clocks": dict(birth.clocks), "sources": len(new.sources)},
    }
