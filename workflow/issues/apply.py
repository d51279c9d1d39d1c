"""Carrying out a move: every row that it changes, in one place and one order.

The issue row first, since its version check is the lock; then the event, the clocks, requests,
units, evidence, the issues that the move makes, and last the messages.
"""

from typing import Any

from sqlalchemy import bindparam, insert, update

from workflow.audit import actions as audit
from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.evidence import actions as evidence
from workflow.issues import clockwork, create, notify, offspring, search, store
from workflow.issues.case import Case
from workflow.issues.clockwork import Wound
from workflow.issues.models import Request, Source
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.issues.rules import Move
from workflow.notices import actions as papers
from workflow.outbox import actions as outbox
from workflow.outbox.actions import Notice
from workflow.units.rules import Desk, desk_of

_REQUEST = Request.__table__  # type: ignore[attr-defined]
_SOURCE = Source.__table__  # type: ignore[attr-defined]
_ASK = insert(_REQUEST)
_SETTLE = (
    update(_REQUEST)
    .where(_REQUEST.c.id == bindparam("at_id"), _REQUEST.c.state == "open")
    .values(
        state=bindparam("outcome"),
        decided_by_id=bindparam("by"),
        decided_at=bindparam("at"),
        decision_reason=bindparam("why"),
    )
)
_REPLIED = (
    update(_SOURCE).where(_SOURCE.c.id == bindparam("at_id")).values(replied_at=bindparam("at"))
)
_ALL_REPLIED = (
    update(_SOURCE)
    .where(_SOURCE.c.issue_id == bindparam("at_id"), _SOURCE.c.replied_at.is_(None))
    .values(replied_at=bindparam("at"))
)
_RESPONSIBLE_SIDE = frozenset({"responsible", "lead", "cooperating"})


def carry_out(tx: Tx, office: Office, move: Move, *, door: str) -> int:
    """Write everything that a move changes; return the issue's new version.

    Raises:
        Conflict: somebody else wrote the issue since it was loaded.
    """
    step, case = move.step, move.step.case
    units = {**case.units, **move.effect.units}
    first_due = move.effect.due_on or move.effect.extend_to or case.due_on
    wound = clockwork.wind(move, units, first_due, office.ladders)
    target = move.target
    desk = desk_of(step.directory, target.owner, units, step.today) if target.owner else None
    said = Said(step.transition.name, step.transition.kind, step.by, door, step.for_unit)
    happened = event(
        issue_id=case.id,
        number=case.number,
        seq=case.version + 1,
        prev=case.head,
        said=said,
        data=dict(move.effect.said or step.values) | _moved(move),
        at=step.now,
        directory=step.directory,
        key=office.mac_key,
    )
    store.save(tx, case, _columns(office, move, units, desk, wound, happened.hash))
    audit.append(tx, [happened])
    lapsed = clocks.write(tx, wound.drafts, wound.changes, now=step.now)
    if lapsed:
        papers.lapse(tx, lapsed, now=step.now)
    notices = _beside(tx, office, move, units)
    if move.effect.units:
        store.set_units(tx, case.id, units)
    if move.effect.evidence:
        evidence.attach(
            tx,
            issue_id=case.id,
            event_seq=case.version + 1,
            digests=move.effect.evidence,
            by_id=step.by.person_id,
            now=step.now,
        )
    if move.effect.columns.keys() & {"title", "description", "place"}:
        _index(tx, case, move.effect.columns)
    notices += offspring.make(tx, office, move, units=units, said=said)
    notices += notify.of_move(
        move, seq=case.version + 1, units=units, desk=desk, due=wound.move_due_at
    )
    outbox.put(tx, notices, channels=office.channels, now=step.now)
    return case.version + 1


def _moved(move: Move) -> dict[str, Any]:
    """From where to where, for a reader of the record."""
    if move.target.name == move.step.case.state:
        return {}
    return {"from": move.step.case.state, "to": move.target.name}


def _columns(
    office: Office,
    move: Move,
    units: dict[str, list[int]],
    desk: Desk | None,
    wound: Wound,
    head: str,
) -> dict[str, Any]:
    step, case, target, effect = move.step, move.step.case, move.target, move.effect
    acts_for_fixers = step.role is not None and step.role.relation in _RESPONSIBLE_SIDE
    fixers = {*case.fixers, step.by.person_id} if acts_for_fixers else {*case.fixers}
    return {
        "state": target.name,
        "version": case.version + 1,
        "head": head,
        "part_count": case.part_count + len(effect.parts),
        "owner_unit_id": desk[0] if desk else None,
        "owner_post": desk[1] if desk else None,
        "move_due_at": wound.move_due_at,
        "due_on": wound.due_on,
        "original_due_on": case.original_due_on or effect.due_on,
        "lamp": office.worst(wound.lamps) if target.counts_as is None else "none",
        "level": case.level,
        "counts_as": target.counts_as,
        "is_open": target.counts_as is None,
        "responsible_unit_id": next(iter(units.get("responsible", ())), None),
        "units": units,
        "fixers": tuple(sorted(person for person in fixers if person is not None)),
        "facts": _facts(move, wound),
        "updated_at": step.now,
        **effect.columns,
    }


def _facts(move: Move, wound: Wound) -> dict[str, Any]:
    case, effect = move.step.case, move.effect
    settled = {settle.kind for settle in effect.settles}
    still_open = len({request.kind for request in case.requests} - settled)
    return {
        **case.facts,
        **effect.facts,
        "clocks": dict(wound.counts),
        "open_requests": still_open + (effect.ask is not None),
    }


def _beside(tx: Tx, office: Office, move: Move, units: dict[str, list[int]]) -> list[Notice]:
    """Requests that open or close with the move, and the reply to a source."""
    step, effect = move.step, move.effect
    for settle in effect.settles:
        _settle(tx, move, settle.kind, settle.outcome, settle.reason)
    if effect.replies_to is not None:
        tx.execute(_REPLIED, {"at_id": effect.replies_to, "at": step.now})
    if effect.replies_to_all:
        tx.execute(_ALL_REPLIED, {"at_id": step.case.id, "at": step.now})
    return _open_request(tx, office, move, units) if effect.ask else []


def _settle(tx: Tx, move: Move, kind: str, outcome: str, why: str | None) -> None:
    request = move.step.case.request(kind)
    if request is not None:
        tx.execute(
            _SETTLE,
            {
                "at_id": request.id,
                "outcome": outcome,
                "by": move.step.by.person_id,
                "at": move.step.now,
                "why": why,
            },
        )


def _open_request(tx: Tx, office: Office, move: Move, units: dict[str, list[int]]) -> list[Notice]:
    step, case, ask = move.step, move.step.case, move.effect.ask
    assert ask is not None
    rule = case.loop.requests[ask.kind]
    desk = desk_of(step.directory, rule.decider, units, step.today)
    if desk is None:
        raise AssertionError(f"the proof binds {rule.decider} in every state of {ask.kind}")
    key = tx.execute(
        _ASK,
        {
            "issue_id": case.id,
            "kind": ask.kind,
            "state": "open",
            "asked_by_id": step.by.person_id,
            "asked_at": step.now,
            "reason": ask.reason,
            "data": dict(ask.data),
            "decider_unit_id": desk[0],
            "decider_post": desk[1],
            "due_at": None,
        },
    ).inserted_primary_key
    assert key is not None
    draft = clockwork.request_clock(
        case, key[0], ask.kind, desk[0], step.now, step.house, office.ladders
    )
    clocks.write(tx, [draft], now=step.now)
    return [notify.request_to_decide(move, key[0], desk, draft.due_at, units)]


def _index(tx: Tx, case: Case, columns: Any) -> None:
    now_is = {
        name: columns.get(name, getattr(case, name)) for name in ("title", "description", "place")
    }
    search.index(tx, case.id, create.search_text(case.number, **now_is))
