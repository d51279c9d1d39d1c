"""Real problems walk the shipped loops, as the posts of a city would walk them."""

import pytest

from tests.flows.issues.walks import assigned, closed, rectifying
from tests.world import World
from workflow.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from workflow.issues import actions


def test_a_problem_walks_from_report_to_archive(world: World) -> None:
    number = closed(world)

    assert world.case(number).state == "closed"
    assert [clock.kind for clock in world.case(number).clocks] == ["consolidation"]

    world.after(days=95)
    world.end_periods()
    world.act(number, "look_back", "db.supervisor", finding="现场未见反弹。")
    world.act(number, "archive", "gj.dispatcher")

    case = world.case(number)
    assert (case.state, case.counts_as, case.clocks) == ("archived", "archived", ())
    assert world.chain_is_whole(number)


def test_every_write_is_one_event_and_one_version(world: World) -> None:
    number = rectifying(world)

    case = world.case(number)
    assert world.events(number) == case.version == 7


def test_a_stale_version_is_a_conflict_and_changes_nothing(world: World) -> None:
    number = assigned(world)
    before = world.case(number)

    with pytest.raises(Conflict), world.database.transaction() as tx:
        actions.act(
            tx,
            world.office,
            number=number,
            action="accept",
            data={},
            version=before.version - 1,
            by=world.actor("qs.handler"),
            now=world.now,
            door="test",
        )

    assert world.case(number) == before


def test_what_is_not_yours_names_whose_it_is(world: World) -> None:
    number = assigned(world)

    with pytest.raises(NotAllowed) as refused:
        world.act(number, "accept", "hb.inspector")

    assert (
        refused.value.why_text() == "此项须由青山镇人民政府经办人或青山镇人民政府科室负责人办理。"
    )


def test_a_foreign_person_finds_nothing(world: World) -> None:
    number = assigned(world)

    with pytest.raises(NotFound):
        world.act(number, "accept", "hk.handler")


def test_an_action_of_another_state_says_where_the_issue_is(world: World) -> None:
    number = assigned(world)

    with pytest.raises(Refused) as refused:
        world.act(number, "verify", "hb.acceptor", opinion="好")

    assert "待签收" in str(refused.value.why_text())


def test_a_due_date_before_today_is_refused_beside_its_field(world: World) -> None:
    number = world.report()
    world.act(number, "take_up", "gj.dispatcher")

    with pytest.raises(Invalid) as invalid:
        world.act(
            number,
            "assign",
            "gj.dispatcher",
            responsible="青山镇",
            acceptance="市生态环境局",
            due=world.day(-1),
        )

    assert list(invalid.value.fields) == ["due"]


@pytest.mark.parametrize(
    ("responsible", "acceptance", "field"),
    [
        ("青山镇", "青山镇", "acceptance"),  # itself
        ("青山镇", "柳湾村", "acceptance"),  # below it
        ("青山镇", "云泽市", "acceptance"),  # above it, and no village
        ("无人村", "市生态环境局", "responsible"),  # nobody to handle it
        ("青岗镇", "市生态环境局", "responsible"),  # unknown
    ],
)
def test_who_may_not_be_responsible_or_accept(
    world: World, responsible: str, acceptance: str, field: str
) -> None:
    number = world.report()
    world.act(number, "take_up", "gj.dispatcher")

    with pytest.raises(Invalid) as invalid:
        world.act(
            number,
            "assign",
            "gj.dispatcher",
            responsible=responsible,
            acceptance=acceptance,
            due=world.day(20),
        )

    assert list(invalid.value.fields) == [field]


def test_a_superior_accepts_the_work_of_a_village(world: World) -> None:
    number = world.report()
    world.act(number, "take_up", "gj.dispatcher")

    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇柳湾村",
        acceptance="青山镇",
        due=world.day(20),
    )

    assert world.case(number).state == "assigned"


def test_the_third_return_goes_one_level_up(world: World) -> None:
    number = assigned(world)
    for _ in range(2):
        world.act(number, "return", "qs.handler", reason="不在我镇辖区。")
        world.act(number, "uphold_return", "gj.dispatcher", reason="经核实在你镇。")

    with pytest.raises(Refused):
        world.act(number, "return", "qs.handler", reason="仍不属我镇。")
    world.act(number, "return_third", "qs.handler", reason="仍不属我镇。")

    case = world.case(number)
    assert (case.state, case.owner_unit_id) == ("return_raised", world.unit("duban"))


def test_a_return_does_not_stop_the_rectification_clock(world: World) -> None:
    number = assigned(world)
    due = world.case(number).clock("rectify")

    world.act(number, "return", "qs.handler", reason="不在我镇辖区。")
    world.act(number, "reassign", "gj.dispatcher", responsible="河口镇", reason="位于河口镇。")

    after = world.case(number).clock("rectify")
    assert due is not None
    assert after is not None
    assert (after.id, after.due_at, after.state) == (due.id, due.due_at, "running")
    assert world.case(number).responsible_unit_id == world.unit("hekou")


def test_a_return_after_its_limit_is_refused(world: World) -> None:
    number = assigned(world)
    world.after(days=4)

    with pytest.raises(Refused) as refused:
        world.act(number, "return", "qs.handler", reason="不在我镇辖区。")

    assert "时限已过" in str(refused.value.why_text())


def test_unfounded_is_reviewed_by_the_nearest_unit_above(world: World) -> None:
    number = assigned(world)
    world.act(number, "accept", "qs.handler")
    world.act(number, "find_unfounded", "qs.handler", finding="现场无堆料。")

    case = world.case(number)
    # Above 青山镇 stands the city, which has no supervisor: the issuer reviews.
    assert case.owner_unit_id == world.unit("gongjian")
    world.act(number, "overturn_unfounded", "gj.supervisor", reason="照片显示有堆料。")
    assert world.case(number).state == "planning"
    assert world.case(number).clock("rectify").state == "running"  # type: ignore[union-attr]
