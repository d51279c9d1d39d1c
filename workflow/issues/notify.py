"""Who is told of a move: the next owner, who asked, who decides, who waits for the parts.

Pure: returns notices for the outbox.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from workflow.issues.case import Case
from workflow.issues.effect import House
from workflow.issues.rules import Move
from workflow.loops.loop import Role, State
from workflow.outbox import messages
from workflow.outbox.actions import Notice
from workflow.units.rules import Desk, desk_of, people_at

_DISPATCHER = Role("dispatcher", "issuer")
_BY_KIND: Mapping[str, type[messages.Returned] | type[messages.Rejected]] = {
    "return": messages.Returned,
    "reject": messages.Rejected,
}


def of_move(
    move: Move, *, seq: int, units: Mapping[str, list[int]], desk: Desk | None, due: datetime | None
) -> list[Notice]:
    """Return what a move has to tell, each person once."""
    return [
        *_new_owner(move, seq, units, desk, due),
        *_settled_requests(move, seq),
        *_objection(move, seq),
    ]


def _new_owner(
    move: Move, seq: int, units: Mapping[str, list[int]], desk: Desk | None, due: datetime | None
) -> Iterator[Notice]:
    case, step = move.step.case, move.step
    if desk is None or move.target.name == case.state:
        return
    people = without(people_at(step.directory, desk, step.today, units=units), step.by.person_id)
    if not people:
        return
    common: dict[str, Any] = {
        "number": case.number,
        "title": case.title,
        "by": unit_name(step.house, step.for_unit),
        "due": due.isoformat() if due else None,
    }
    special = _BY_KIND.get(step.transition.kind)
    message: messages.Message
    if special is not None:
        message = special(**common, reason=step.values.get("reason"))
    else:
        message = messages.NewWork(
            **common, state=dict(move.target.labels), action=dict(step.transition.labels)
        )
    yield notice(f"issue:{case.id}:{seq}:owner", message, people, case.id)


def _settled_requests(move: Move, seq: int) -> Iterator[Notice]:
    case, step = move.step.case, move.step
    for settle in move.effect.settles:
        request = case.request(settle.kind)
        if request is None or request.asked_by_id in (None, step.by.person_id):
            continue
        until = move.effect.extend_to
        message = messages.RequestDecided(
            number=case.number,
            title=case.title,
            request=_request_label(case, settle.kind),
            outcome={"zh": _OUTCOME_ZH[settle.outcome], "en": settle.outcome},
            by=unit_name(step.house, step.for_unit),
            reason=settle.reason,
            due=until.isoformat() if until else None,
        )
        assert request.asked_by_id is not None
        yield notice(f"issue:{case.id}:{seq}:decided", message, (request.asked_by_id,), case.id)


_OUTCOME_ZH = {"granted": "同意", "refused": "不同意", "withdrawn": "已撤回"}


def _objection(move: Move, seq: int) -> Iterator[Notice]:
    if move.effect.ask is None or move.effect.ask.kind != "objection":
        return
    case, step = move.step.case, move.step
    desk = (case.owner_unit_id, case.owner_post)
    if desk[0] is None or desk[1] is None:
        return
    people = people_at(step.directory, (desk[0], desk[1]), step.today, units=case.units)
    message = messages.PublicityObjection(
        number=case.number, title=case.title, reason=move.effect.ask.reason
    )
    yield notice(
        f"issue:{case.id}:{seq}:objection", message, without(people, step.by.person_id), case.id
    )


def request_to_decide(
    move: Move, request_id: int, desk: Desk, due: datetime | None, units: Mapping[str, list[int]]
) -> Notice:
    """Tell the decider of a request."""
    case, step = move.step.case, move.step
    ask = move.effect.ask
    assert ask is not None
    message = messages.RequestToDecide(
        number=case.number,
        title=case.title,
        request=_request_label(case, ask.kind),
        by=unit_name(step.house, step.for_unit),
        reason=ask.reason,
        until=ask.data.get("until"),
        due=due.isoformat() if due else None,
    )
    people = people_at(step.directory, desk, step.today, units=units)
    return notice(f"request:{request_id}:asked", message, people, case.id)


def new_issue(
    *,
    issue_id: int,
    number: str,
    title: str,
    state: State,
    desk: Desk | None,
    units: Mapping[str, list[int]],
    house: House,
    today: date,
    due: datetime | None,
    by_person: int | None,
) -> list[Notice]:
    """Tell the first owner of an issue that is new."""
    if desk is None:
        return []
    people = without(people_at(house.directory, desk, today, units=units), by_person)
    message = messages.NewWork(
        number=number,
        title=title,
        state=dict(state.labels),
        due=due.isoformat() if due else None,
    )
    return [notice(f"issue:{issue_id}:1:owner", message, people, issue_id)] if people else []


def period_over(
    case: Case, clock: str, seq: int, due: datetime | None, house: House, now: datetime
) -> list[Notice]:
    """Tell the owner that a period is over and what it has opened."""
    if case.owner_unit_id is None or case.owner_post is None:
        return []
    desk = (case.owner_unit_id, case.owner_post)
    opened = case.loop.actions.get(case.loop.clocks[clock].opens or "")
    people = people_at(house.directory, desk, house.timing.day(now), units=case.units)
    message = messages.NewWork(
        number=case.number,
        title=case.title,
        state=dict(case.loop.states[case.state].labels),
        opens=dict(opened.labels) if opened else None,
        due=due.isoformat() if due else None,
    )
    return [notice(f"issue:{case.id}:{seq}:owner", message, people, case.id)] if people else []


def recalculated(case: Case, seq: int, house: House, now: datetime) -> list[Notice]:
    """Show the dispatcher that a newly published calendar has moved due dates of the issue."""
    today = house.timing.day(now)
    desk = desk_of(house.directory, _DISPATCHER, case.units, today)
    people = people_at(house.directory, desk, today, units=case.units) if desk else ()
    message = messages.StateChanged(
        number=case.number,
        title=case.title,
        action={"zh": "日历更新，时限重新计算", "en": "Due dates recalculated for a new calendar"},
    )
    return [notice(f"issue:{case.id}:{seq}:recalculated", message, people, case.id)]


def part_ended(part: Case, parent: Case, state: State, house: House, today: date) -> list[Notice]:
    """Tell the owner of the parent that one of its parts has come to an end."""
    if parent.owner_unit_id is None or parent.owner_post is None:
        return []
    desk = (parent.owner_unit_id, parent.owner_post)
    people = people_at(house.directory, desk, today, units=parent.units)
    message = messages.StateChanged(
        number=parent.number,
        title=parent.title,
        state=dict(state.labels),
        note=part.number,
        by=unit_name(house, part.responsible_unit_id),
    )
    return [notice(f"part:{part.id}:ended", message, people, parent.id)] if people else []


def relapsed(
    old: Case, number: str, issue_id: int, finding: str, people: tuple[int, ...]
) -> Notice:
    """Tell those who closed it that it is back."""
    message = messages.Relapse(
        number=number, title=old.title, recurs_of=old.number, finding=finding
    )
    return notice(f"issue:{issue_id}:relapse", message, people, issue_id, urgent=True)


def notice(
    effect: str,
    message: messages.Message,
    people: tuple[int, ...],
    issue_id: int,
    *,
    urgent: bool = False,
) -> Notice:
    """Return a message as the outbox takes it."""
    return Notice(effect, message.kind, message.payload(), people, issue_id, urgent)


def without(people: tuple[int, ...], person: int | None) -> tuple[int, ...]:
    """Nobody is told of what he did himself."""
    return tuple(p for p in people if p != person)


def unit_name(house: House, unit_id: int | None) -> str | None:
    """Return a unit's name, if there is a unit."""
    return None if unit_id is None else house.directory.unit(unit_id).name


def _request_label(case: Case, kind: str) -> dict[str, str]:
    return dict(case.loop.requests[kind].labels)
