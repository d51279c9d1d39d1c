"""Whose move it is and what they would do: for the demo's bar, which offers to change the post."""

from dataclasses import dataclass

from web.acting import rank
from web.visit import Visit
from workflow.errors import N_
from workflow.issues import rules
from workflow.issues.case import Case
from workflow.units.rules import actor, people_at

_WAITS_FOR_PARTS = N_("等分办件办结")


@dataclass(frozen=True, slots=True)
class NextMove:
    """The next step round the loop; `action` is empty while only time can make it."""

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
    desk = (case.owner_unit_id, case.owner_post)
    people = people_at(visit.directory, desk, visit.today, units=case.units)
    mine = visit.person.id if visit.person else None
    who = mine if mine in people else next(iter(people), None)
    action = ""
    if who is not None:
        as_them = actor(visit.directory, who, visit.today)
        house = visit.office.house(visit.directory)
        able = [
            offer
            for offer in rules.offered(case, as_them, visit.now, house)
            if offer.allowed and offer.transition.target is not None
        ]
        if able:
            action = visit.words.transition(min(able, key=rank).transition)
    if not action and any(part.is_open for part in case.parts):
        action = visit.catalogue.gettext(_WAITS_FOR_PARTS)
    return NextMove(desk[0], desk[1], who, visit.words.person(who), action, who == mine)
