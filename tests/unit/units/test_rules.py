"""Who may, whose move it is, who is above whom: on the snapshot alone."""

from dataclasses import dataclass
from datetime import date

import pytest

from tests.unit.units.town import (
    ECO,
    GOV,
    HEWANG,
    ID,
    ISSUE,
    OFFICE,
    OLD,
    ON,
    QINGSHAN,
    SHITAN,
    town,
)
from workflow.errors import NotAllowed, NotFound
from workflow.units.directory import Directory, PostInfo
from workflow.units.rules import (
    SYSTEM,
    actor,
    climb,
    desk_of,
    may,
    people_at,
    scope_of,
    units_in,
)


@dataclass(frozen=True, slots=True)
class Post:
    post: str
    relation: str


HANDLER = Post("handler", "responsible")


def allowed(known: Directory, login: str, role: Post) -> bool:
    return may(known, (role,), ISSUE, actor(known, ID[login], ON))


def test_a_role_is_a_post_in_a_unit_that_stands_in_the_relation() -> None:
    known = town()
    assert allowed(known, "qs.handler", HANDLER)
    assert not allowed(known, "hw.handler", HANDLER)
    assert not allowed(known, "eco.acceptor", HANDLER)
    assert not allowed(known, "qs.principal", HANDLER)
    assert not may(known, (HANDLER,), ISSUE, SYSTEM)
    assert may(
        known, (Post("acceptor", "acceptance"), HANDLER), ISSUE, actor(known, ID["qs.handler"], ON)
    )


@pytest.mark.parametrize(
    ("vacant", "falls_to"),
    [
        (("qs.handler",), "qs.principal"),
        (("qs.handler", "qs.principal"), "qs.section_head"),
        (("qs.handler", "qs.principal", "qs.section_head"), "office.dispatcher"),
        (
            ("qs.handler", "qs.principal", "qs.section_head", "office.dispatcher"),
            "office.principal",
        ),
    ],
)
def test_vacant_work_falls_to_the_head_then_to_the_dispatcher(
    vacant: tuple[str, ...], falls_to: str
) -> None:
    known = town(without=vacant)
    assert people_at(known, (QINGSHAN, "handler"), ON, units=ISSUE) == (ID[falls_to],)
    able = [login for login in ID if login not in vacant and allowed(known, login, HANDLER)]
    assert able == [falls_to]


def test_rights_are_not_inherited() -> None:
    known = town(without=("admin",))
    assert people_at(known, (QINGSHAN, "admin"), ON, units=ISSUE) == ()
    assert not any(
        may(known, (Post("auditor", "issuer"),), ISSUE, actor(known, person, ON))
        for person in ID.values()
    )


def test_the_people_at_a_desk_are_those_who_may() -> None:
    """Two answers to one question, in every combination of vacancies."""
    sets = [
        tuple(login for bit, login in enumerate(ID) if number >> bit & 1)
        for number in range(0, 1 << len(ID), 37)
    ]
    roles = [
        Post(post, relation)
        for post in ("handler", "acceptor", "dispatcher", "leader", "deputy")
        for relation in ("responsible", "acceptance", "issuer", "supervising", "above")
    ]
    for without in sets:
        known = town(without=without)
        for role in roles:
            desk = desk_of(known, role, ISSUE, ON)
            assert desk is not None
            expected = set(people_at(known, desk, ON, units=ISSUE))
            able = {
                person
                for person in ID.values()
                if may(known, (role,), ISSUE, actor(known, person, ON))
            }
            assert able == expected, (without, role)


def test_desks_hold_own_posts_and_vacant_ones() -> None:
    desks = actor(town(without=("qs.handler",)), ID["qs.principal"], ON).desks
    assert {(QINGSHAN, "principal"), (QINGSHAN, "handler"), (QINGSHAN, "deputy")} <= desks
    assert (QINGSHAN, "section_head") not in desks
    assert (QINGSHAN, "admin") not in desks
    assert actor(town(), ID["qs.handler"], ON).desks == {(QINGSHAN, "handler")}


def test_a_successor_works_at_the_desks_of_the_abolished_unit() -> None:
    known = town()
    assert (OLD, "acceptor") in actor(known, ID["eco.acceptor"], ON).desks
    units = {**ISSUE, "acceptance": (OLD,)}
    acceptor = Post("acceptor", "acceptance")
    assert may(known, (acceptor,), units, actor(known, ID["eco.acceptor"], ON))
    assert people_at(known, (OLD, "acceptor"), ON, units=units) == (ID["eco.acceptor"],)


def test_above_is_the_nearest_unit_above_where_the_post_is_filled() -> None:
    village = {**ISSUE, "responsible": (HEWANG,)}
    known = town()
    assert units_in(known, "above", village, post="principal", on=ON) == (QINGSHAN,)
    assert units_in(known, "above", village, post="deputy", on=ON) == (GOV,)
    assert units_in(known, "above", village, post="inspector", on=ON) == (OFFICE,)
    assert units_in(known, "above", {"issuer": (OFFICE,)}, post="deputy", on=ON) == (OFFICE,)


def test_lead_and_closing_have_a_stand_in() -> None:
    known = town()
    both = {**ISSUE, "responsible": (HEWANG, SHITAN)}
    assert units_in(known, "lead", both, post="handler", on=ON) == (HEWANG,)
    assert units_in(known, "closing", both, post="leader", on=ON) == (OFFICE,)
    assert units_in(known, "cooperating", both, post="handler", on=ON) == ()
    assert desk_of(known, Post("handler", "cooperating"), both, ON) is None


@pytest.mark.parametrize(
    ("owner", "relative", "reached"),
    [
        (QINGSHAN, "owner", (QINGSHAN, "handler")),
        (QINGSHAN, "section_head@owner", (QINGSHAN, "section_head")),
        (QINGSHAN, "deputy@owner", (QINGSHAN, "principal")),
        (QINGSHAN, "party_principal@owner", (GOV, "leader")),
        (HEWANG, "section_head@owner", (QINGSHAN, "section_head")),
        (HEWANG, "deputy@owner", (QINGSHAN, "principal")),
        (HEWANG, "principal@above", (QINGSHAN, "principal")),
        (HEWANG, "deputy@above", (QINGSHAN, "principal")),
        (QINGSHAN, "deputy@above", (GOV, "deputy")),
        (GOV, "deputy@above", (OFFICE, "principal")),
        (OFFICE, "principal@above", (GOV, "supervisor")),
        (QINGSHAN, "dispatcher@issuer", (OFFICE, "dispatcher")),
        (QINGSHAN, "supervisor@supervising", (GOV, "supervisor")),
        (QINGSHAN, "leader@supervising", (GOV, "leader")),
        (QINGSHAN, "acceptor@acceptance", (ECO, "acceptor")),
    ],
)
def test_escalation_rises_from_the_owner_and_skips_empty_posts(
    owner: int, relative: str, reached: tuple[int, str]
) -> None:
    known = town()
    if relative == "party_principal@owner":
        known = town(without=("gov.supervisor",))
    assert climb(known, owner, relative, ISSUE, ON) == reached


def test_escalation_never_lands_on_the_unit_complained_of() -> None:
    known = town()
    avoid = frozenset({QINGSHAN})
    assert climb(known, HEWANG, "section_head@owner", ISSUE, ON, avoid=avoid) == (GOV, "deputy")
    everything = frozenset({QINGSHAN, GOV, OFFICE})
    assert climb(known, HEWANG, "section_head@owner", ISSUE, ON, avoid=everything) is None
    assert climb(known, HEWANG, "deputy@cooperating", {}, ON) is None


def test_the_late_desk_itself_keeps_its_post() -> None:
    known = town()
    late = climb(known, ECO, "owner", ISSUE, ON, owner_post="acceptor")
    assert late == (ECO, "acceptor")


def test_scope_is_the_own_units_and_all_below() -> None:
    known = town()
    assert scope_of(known, actor(known, ID["hw.handler"], ON)).units == {HEWANG}
    assert scope_of(known, actor(known, ID["qs.handler"], ON)).units == {QINGSHAN, HEWANG, SHITAN}
    assert scope_of(known, actor(known, ID["eco.deputy"], ON)).units == {ECO, OLD}
    leader = scope_of(known, actor(known, ID["gov.leader"], ON))
    assert leader.everything
    assert leader.units == set(known.units)


def test_admin_and_the_clock_see_no_content() -> None:
    known = town()
    scope = scope_of(known, actor(known, ID["admin"], ON))
    assert not scope.everything
    assert scope.units == frozenset()
    assert scope_of(known, SYSTEM).units == frozenset()


def test_who_is_closed_or_unknown_does_not_act() -> None:
    known = town(inactive=("qs.handler",))
    with pytest.raises(NotAllowed):
        actor(known, ID["qs.handler"], ON)
    with pytest.raises(NotFound):
        actor(known, 99, ON)


def test_yesterday_and_tomorrow_are_other_days() -> None:
    person = ID["hw.handler"]
    known = town(more=(PostInfo(person, SHITAN, "handler", date(2026, 3, 3), date(2026, 3, 3)),))
    assert (SHITAN, "handler") not in actor(known, person, date(2026, 3, 2)).desks
    assert (SHITAN, "handler") in actor(known, person, date(2026, 3, 3)).desks
    assert (SHITAN, "handler") not in actor(known, person, date(2026, 3, 4)).desks
