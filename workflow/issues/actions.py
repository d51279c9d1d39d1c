"""Every write about issues, by name: report one, act on one, let a period run out.

``act`` is the one way through which a person changes an issue; what the action does is data in the
issue's loop and a kind in ``workflow/issues/kinds``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.audit import actions as audit
from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import running
from workflow.deadlines.running import ClockRow
from workflow.errors import N_, Conflict, Invalid, WorkflowError
from workflow.evidence import actions as evidence
from workflow.issues import apply, clockwork, create, notify, reporting, rules, store
from workflow.issues.case import Case
from workflow.issues.effect import House
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.loops import semantics
from workflow.outbox import actions as outbox
from workflow.units import queries as units
from workflow.units.rules import SYSTEM, Actor, scope_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an issue is after an action."""

    number: str
    version: int
    state: str
    action: str


def report(
    tx: Tx, office: Office, *, data: Mapping[str, Any], by: Actor, now: datetime, door: str
) -> Outcome:
    """File an issue (登记) and return its number.

    Raises:
        Invalid: with one sentence a field at fault; nothing is written.
        NotAllowed: the person may not report.
    """
    values = reporting.read(data)
    house = office.house(units.directory(tx))
    new = reporting.new_issue(values, office, house, by, now)
    said = Said("report", "report", by, door, new.units["reporting"][0])
    made = create.create(tx, office, house, new, said=said, now=now)
    if values.get("evidence"):
        evidence.attach(
            tx,
            issue_id=made.id,
            event_seq=1,
            digests=values["evidence"],
            by_id=by.person_id,
            now=now,
        )
    return Outcome(made.number, 1, new.loop.initial, "report")


def act(
    tx: Tx,
    office: Office,
    *,
    number: str,
    action: str,
    data: Mapping[str, Any],
    version: int | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Take one action of the issue's loop as a person.

    ``version`` is the one that the person saw; None skips the question (the command line).

    Raises:
        NotFound: no such issue, or none that the person may know of.
        Conflict: the issue has moved on since ``version``.
        Refused, NotAllowed, Invalid: as ``rules.judge``; nothing is written.
    """
    case = store.load(tx, office, number=number, for_update=True, action=action)
    house = office.house(units.directory_at(tx, case.directory_version))
    try:
        _current(case, version)
        move = rules.judge(case, action, data, by, now, house)
    except WorkflowError:
        if not store.is_seen(tx, scope_of(house.directory, by), case):
            raise store.no_such_issue(number) from None
        raise
    return Outcome(number, apply.carry_out(tx, office, move, door=door), move.target.name, action)


def _current(case: Case, version: int | None) -> None:
    if version is None or version == case.version:
        return
    if version > case.version:
        raise Invalid.at("version", N_("版本号有误，请刷新页面后重新提交。"))
    raise Conflict(
        N_("问题{number}刚刚有了新的办理记录，请刷新页面查看后再办。"),
        params={"number": case.number},
    )


def period_over(tx: Tx, office: Office, clock: ClockRow, *, now: datetime) -> bool:
    """Let a period end: it takes its action, or opens it for the owner.

    Returns whether anything was left to do; a clock that was stopped meanwhile is left alone.
    """
    case = store.load(tx, office, issue_id=clock.issue_id, for_update=True)
    running_clock = case.clock(clock.kind)
    if running_clock is None or running_clock.id != clock.id or running_clock.state != "running":
        return False
    house = office.house(units.directory_at(tx, case.directory_version))
    rule = case.loop.clocks[clock.kind]
    if rule.takes is not None:
        move = rules.by_system(case, rule.takes, now, house, SYSTEM)
        apply.carry_out(tx, office, move, door="clock")
    else:
        _open(tx, office, case, running_clock, house, now)
    return True


def _open(tx: Tx, office: Office, case: Case, clock: ClockRow, house: House, now: datetime) -> None:
    """The period's end opens an action, and starts the clocks that wait for it."""
    ended = running.end_period(clock, now)
    over = case._replace(clocks=tuple(ended.row if c.id == clock.id else c for c in case.clocks))
    orders = semantics.orders(
        case.loop, over.clock_states(), f"{clock.kind}_over", case.loop.states[case.state]
    )
    wound = clockwork.wind_period(over, orders, office.ladders, house, now)
    said = Said(f"{clock.kind}_over", "period_over", SYSTEM, "clock")
    happened = event(
        issue_id=case.id,
        number=case.number,
        seq=case.version + 1,
        prev=case.head,
        said=said,
        data={"clock": clock.kind, "opens": case.loop.clocks[clock.kind].opens},
        at=now,
        directory=house.directory,
        key=office.mac_key,
    )
    changed = {
        "version": case.version + 1,
        "head": happened.hash,
        "move_due_at": wound.move_due_at,
        "facts": {**case.facts, "clocks": dict(wound.counts)},
        "updated_at": now,
    }
    store.save(tx, case, changed)
    audit.append(tx, [happened])
    clocks.write(tx, wound.drafts, (ended, *wound.changes), now=now)
    told = notify.period_over(case, clock.kind, case.version + 1, wound.move_due_at, house, now)
    outbox.put(tx, told, channels=office.channels, now=now)
