"""Whose move it is and what they would do: for the demo's bar, which offers to change the post."""

from dataclasses import dataclass

from web.acting import rank
from web.visit import Visit
from workflow.errors import N_
from workflow.issues import rules
from workflow.issues.case import Case
from workflow.units.rules import actor, people_at

_DECIDE = N_("办理{request}")
_WAITS_FOR_PARTS = N_("等分办件办结")
_WAITS_FOR_END = N_("等{period}届满")


@dataclass(frozen=True, slots=True)
class NextMove:
    """The next step round the loop; `action` says what it waits for where nobody can act."""

    unit_id: int
    post: str
    person_id: int | None
    person: str
    action: str
    is_me: bool


def next_move(visit: Visit, case: Case) -> NextMove | None:
    """Who moves next and how the action is called, None for an issue that is over."""
    if case.owner_unit_id is None or case.owner_post is None:
        return None
    owner = (case.owner_unit_id, case.owner_post)
    action = _main_action(visit, case, _who(visit, case, owner))
    if not action and case.requests:
        request = case.requests[0]
        kind = visit.words.label("requests", request.kind)
        asked = visit.catalogue.gettext(_DECIDE).format(request=kind)
        return _move(visit, case, (request.decider_unit_id, request.decider_post), asked)
    return _move(visit, case, owner, action or _waits(visit, case))


def _who(visit: Visit, case: Case, desk: tuple[int, str]) -> int | None:
    people = people_at(visit.directory, desk, visit.today, units=case.units)
    mine = visit.person.id if visit.person else None
    return mine if mine in people else next(iter(people), None)


def _move(visit: Visit, case: Case, desk: tuple[int, str], action: str) -> NextMove:
    who = _who(visit, case, desk)
    is_me = visit.person is not None and who == visit.person.id
    return NextMove(desk[0], desk[1], who, visit.words.person(who), action, is_me)


def _main_action(visit: Visit, case: Case, who: int | None) -> str:
    """What leads round the loop among what this person can do now."""
    if who is None:
        return ""
    as_them = actor(visit.directory, who, visit.today)
    house = visit.office.house(visit.directory)
    able = [
        offer
        for offer in rules.offered(case, as_them, visit.now, house)
        if offer.allowed and offer.transition.target is not None
    ]
    return visit.words.transition(min(able, key=rank).transition) if able else ""


def _waits(visit: Visit, case: Case) -> str:
    """What has to happen first, where nobody can do anything."""
    translate = visit.catalogue.gettext
    if any(part.is_open for part in case.parts):
        return translate(_WAITS_FOR_PARTS)
    period = next((c for c in case.clocks if c.is_period and c.state == "running"), None)
    if period is None:
        return ""
    name = visit.words.text(case.loop.clocks[period.kind].labels)
    return translate(_WAITS_FOR_END).format(period=name)
