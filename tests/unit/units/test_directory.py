"""The snapshot of the unit tree answers about names, places, posts and routes."""

from datetime import date

import pytest

from tests.unit.units.town import (
    ECO,
    GOV,
    HEWANG,
    ID,
    OFFICE,
    OLD,
    ON,
    QINGSHAN,
    REFORM,
    SHITAN,
    UNITS,
    town,
)
from workflow.errors import NotFound
from workflow.loops.vocabulary import POSTS as LOOP_POSTS
from workflow.units.directory import Directory, PostInfo, RouteInfo, UnitInfo
from workflow.units.posts import POSTS


def test_posts_are_those_that_loops_name() -> None:
    assert set(LOOP_POSTS) == POSTS


@pytest.mark.parametrize(
    "text",
    [
        "市发展和改革委员会",
        "市发展改革委",
        "市发展与改革委员会",
        "市发展改革委员会",
        "市发改委",
        " 市发 改委\u3000",
        "市发改委(员会)".replace("(员会)", "员会"),
        "REFORM",
        "ＲＥＦＯＲＭ",
    ],
)
def test_one_unit_has_many_spellings(text: str) -> None:
    found = town().find(text)
    assert found is not None
    assert found.id == REFORM


@pytest.mark.parametrize("text", ["", " ", "和", "市", "市发改", "青山"])
def test_a_part_of_a_name_is_no_name(text: str) -> None:
    assert town().find(text) is None


def test_a_name_that_two_units_share_finds_neither() -> None:
    twins = Directory(1, [UnitInfo(1, "a", "和平村"), UnitInfo(2, "b", "平村")])
    assert {twins.find("和平村"), twins.find("平村")} == {twins.unit(1), twins.unit(2)}
    same = Directory(1, [UnitInfo(1, "a", "甲", ("丙",)), UnitInfo(2, "b", "乙", ("丙",))])
    assert same.find("丙") is None


def test_the_name_of_an_abolished_unit_leads_to_its_successor() -> None:
    found = town().find("市环保局")
    assert found is not None
    assert found.id == ECO
    assert town().current(OLD) == ECO
    assert town().merged_into(ECO) == (OLD,)


def test_nearest_names_are_proposed() -> None:
    assert town().nearest("市生态环保局")[0].id == ECO
    assert town().nearest("青山乡人民政府")[0].id == QINGSHAN
    assert town().nearest("qqqq") == ()
    assert len(town().nearest("市", 2)) <= 2


def test_the_tree_is_walked_both_ways() -> None:
    known = town()
    assert known.ancestors(HEWANG) == (QINGSHAN, GOV)
    assert known.subtree(QINGSHAN) == {QINGSHAN, HEWANG, SHITAN}
    assert known.is_within(HEWANG, GOV)
    assert known.is_within(GOV, GOV)
    assert not known.is_within(GOV, HEWANG)
    assert {unit.id for unit in known.children(QINGSHAN)} == {HEWANG, SHITAN}
    assert OLD not in {unit.id for unit in known.children(GOV)}
    assert [unit.id for unit in known.children(None)] == [GOV]


def test_a_circle_in_bad_data_ends() -> None:
    ring = Directory(1, [UnitInfo(1, "a", "甲", parent_id=2), UnitInfo(2, "b", "乙", parent_id=1)])
    assert ring.ancestors(1) == (2,)
    assert ring.subtree(1) == {1, 2}


def test_what_is_unknown_is_not_found() -> None:
    with pytest.raises(NotFound):
        town().unit(99)
    with pytest.raises(NotFound):
        town().person(99)


def test_a_post_lasts_from_its_first_to_its_last_day() -> None:
    person = ID["hw.handler"]
    known = town(
        more=(
            PostInfo(person, SHITAN, "handler", date(2026, 3, 1), date(2026, 3, 31), acting=True),
        )
    )
    for day, held in ((28, ()), (31, (person,))):
        month = 2 if day == 28 else 3
        assert known.holders(SHITAN, "handler", date(2026, month, day)) == held
    assert known.holders(SHITAN, "handler", date(2026, 3, 1)) == (person,)
    assert known.holders(SHITAN, "handler", date(2026, 4, 1)) == ()
    assert [post.unit_id for post in known.posts_of(person, date(2026, 3, 2))] == [HEWANG, SHITAN]


def test_who_holds_a_post_comes_before_who_acts_for_it() -> None:
    acting = PostInfo(ID["eco.deputy"], QINGSHAN, "handler", date(2000, 1, 1), acting=True)
    assert town(more=(acting,)).holders(QINGSHAN, "handler", ON) == (
        ID["qs.handler"],
        ID["eco.deputy"],
    )


def test_an_inactive_person_holds_nothing() -> None:
    known = town(inactive=("qs.handler",))
    assert known.holders(QINGSHAN, "handler", ON) == ()
    assert known.posts_of(ID["qs.handler"], ON) == ()


def test_posts_of_an_abolished_unit_have_ended() -> None:
    assert town().holders(OLD, "handler", ON) == ()
    assert town().holders(OLD, "deputy", ON) == (ID["eco.deputy"],)


def test_the_most_specific_route_wins() -> None:
    routes = (
        RouteInfo(0, None, None, None, OFFICE),
        RouteInfo(0, None, "coal", None, REFORM),
        RouteInfo(0, "central", None, None, GOV),
        RouteInfo(0, "central", "coal", None, OFFICE, acceptance_unit_id=REFORM),
        RouteInfo(0, "snapshot", None, QINGSHAN, QINGSHAN),
        RouteInfo(0, "snapshot", None, HEWANG, HEWANG),
        RouteInfo(9, "snapshot", None, HEWANG, SHITAN),
    )
    known = town(routes=routes)

    def issuer(source: str | None, category: str | None, place: int | None) -> int | None:
        route = known.route(source, category, place)
        return route and route.issuer_unit_id

    assert issuer("patrol", "river", None) == OFFICE
    assert issuer("patrol", "coal", QINGSHAN) == REFORM
    assert issuer("central", "river", QINGSHAN) == GOV
    assert issuer("central", "coal", QINGSHAN) == OFFICE
    assert issuer("snapshot", "coal", SHITAN) == QINGSHAN
    assert issuer("snapshot", "coal", HEWANG) == HEWANG
    assert issuer("snapshot", "coal", ECO) == REFORM
    assert town().route("a", "b", None) is None


def test_a_route_to_an_abolished_unit_leads_to_its_successor() -> None:
    route = town(routes=(RouteInfo(0, None, None, None, OLD),)).route("a", "b", None)
    assert route is not None
    assert route.issuer_unit_id == ECO


def test_a_name_may_be_an_alias_of_its_own_unit() -> None:
    known = Directory(1, [UnitInfo(1, "a", "甲", ("甲", "甲 "))])
    assert known.find("甲") == known.unit(1)
    assert len(UNITS) == len(town().units)
