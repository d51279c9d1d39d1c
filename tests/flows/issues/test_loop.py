"""Real problems walk the shipped loops, as the posts of a city would walk them."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.world import World
from workflow.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from workflow.issues import actions


def assigned(world: World, **data: Any) -> str:
    """An issue that waits for 青山镇 to accept it."""
    number = world.report(**data)
    world.act(number, "take_up", "gj.dispatcher")
    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="市生态环境局",
        due=world.day(40),
    )
    return number


def rectifying(world: World, **data: Any) -> str:
    """An issue that 青山镇 is rectifying under an approved plan."""
    number = assigned(world, **data)
    world.act(number, "accept", "qs.handler")
    world.act(number, "find_founded", "qs.handler", finding="现场核查属实。")
    world.act(number, "plan", "qs.handler", plan="建设全封闭料棚。")
    world.act(number, "approve_plan", "db.supervisor")
    return number


def submitted(world: World, number: str, by: str = "qs.handler") -> None:
    """The responsible unit claims that it is done, with a photo."""
    world.act(number, "submit", by, result="料棚已建成。", evidence=[world.photo()])


def closed(world: World, **data: Any) -> str:
    """An issue that has been publicised and closed."""
    number = rectifying(world, **data)
    submitted(world, number)
    world.act(number, "verify", "hb.acceptor", opinion="符合要求。")
    world.act(number, "publish", "hb.acceptor", text="整改情况公示", phone="0371-60000000")
    world.after(days=9)
    world.end_periods()
    world.act(number, "close", "gj.supervisor")
    return number


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


def test_an_extension_moves_the_due_date_and_keeps_the_original(world: World) -> None:
    number = rectifying(world)
    original = world.case(number).due_on

    world.act(
        number, "request_extension", "qs.handler", reason="雨季无法施工。", until=world.day(60)
    )
    with pytest.raises(Refused):  # one open at a time
        world.act(number, "request_extension", "qs.handler", reason="再申请", until=world.day(70))
    world.act(number, "grant_extension", "gj.dispatcher")

    case = world.case(number)
    rectify = case.clock("rectify")
    assert rectify is not None
    assert (case.original_due_on, case.due_on) == (original, rectify.due_on)
    assert rectify.round == 2
    assert [clock.kind for clock in case.clocks] == ["rectify"]
    with pytest.raises(Refused):  # and once only
        world.act(number, "request_extension", "qs.handler", reason="再申请", until=world.day(90))


def test_a_refused_extension_changes_nothing_but_its_own_row(world: World) -> None:
    number = rectifying(world)
    before = world.case(number)

    world.act(number, "request_extension", "qs.handler", reason="来不及。", until=world.day(60))
    world.act(number, "refuse_extension", "gj.deputy", reason="时间充足。")

    case = world.case(number)
    assert (case.due_on, case.requests) == (before.due_on, ())
    assert case.clock("rectify") == before.clock("rectify")


def test_nobody_decides_what_he_asked_for(world: World) -> None:
    number = rectifying(world)
    world.act(number, "request_extension", "qs.handler", reason="来不及。", until=world.day(60))

    with pytest.raises(NotAllowed):
        world.act(number, "grant_extension", "qs.handler")


def test_submitting_withdraws_an_open_extension(world: World) -> None:
    number = rectifying(world)
    world.act(number, "request_extension", "qs.handler", reason="来不及。", until=world.day(60))

    submitted(world, number)

    assert world.case(number).requests == ()
    with world.database.reading() as tx:
        states = tx.execute(text("select state from request")).scalars().all()
    assert states == ["withdrawn"]


def test_a_suspension_pauses_the_clock_and_moves_the_due_day(world: World) -> None:
    number = rectifying(world)
    due = world.case(number).due_on
    world.act(
        number,
        "suspend",
        "gj.dispatcher",
        cause="资金未到位",
        until=world.day(10),
        reason="专项资金未拨付。",
    )
    paused = world.case(number).clock("rectify")
    assert paused is not None
    assert paused.state == "paused"
    assert paused.wake_at is None

    world.after(days=10, hours=16)
    world.end_periods()

    case = world.case(number)
    assert case.state == "rectifying"
    assert due is not None
    assert case.due_on is not None
    assert (case.due_on - due).days >= 10
    assert case.original_due_on == due


def test_a_rejection_opens_a_resubmit_limit_that_alone_speaks(world: World) -> None:
    number = rectifying(world)
    submitted(world, number)
    assert world.case(number).clock("rectify").state == "held"  # type: ignore[union-attr]

    world.act(number, "reject", "hb.acceptor", reason="东侧未封闭。", resubmit="3个工作日")

    case = world.case(number)
    rectify, resubmit = case.clock("rectify"), case.clock("resubmit")
    assert rectify is not None
    assert resubmit is not None
    assert (rectify.state, rectify.muted, rectify.wake_at) == ("running", True, None)
    assert resubmit.limit_text == "3wd"
    assert case.move_due_at == resubmit.due_at


def test_who_acted_for_the_responsible_side_does_not_verify(world: World) -> None:
    number = rectifying(world)
    world.appoint("qs.handler", "huanbao", "acceptor")
    submitted(world, number)

    with pytest.raises(Refused):
        world.act(number, "verify", "qs.handler", opinion="好")


def test_closing_waits_for_the_publicity_and_the_ruling_on_an_objection(world: World) -> None:
    number = rectifying(world)
    submitted(world, number)
    world.act(number, "verify", "hb.acceptor", opinion="符合要求。")
    world.act(number, "publish", "hb.acceptor", text="公示", phone="0371-60000000", period="7日")
    with pytest.raises(Refused):
        world.act(number, "close", "gj.supervisor")
    world.act(number, "object", "gj.dispatcher", reason="群众反映仍有扬尘。")
    world.after(days=9)
    world.end_periods()
    with pytest.raises(Refused):
        world.act(number, "close", "gj.supervisor")

    world.act(number, "uphold_objection", "hb.acceptor2", reason="现场属实。")

    case = world.case(number)
    assert case.state == "rectifying"
    assert case.clock("publicity") is None


def test_a_relapse_is_a_new_issue_supervised_one_level_higher(world: World) -> None:
    number = closed(world)
    before = world.case(number)

    world.act(number, "relapse", "gj.dispatcher", finding="再次露天堆放。")

    assert world.case(number).state == "relapsed"
    with world.database.reading() as tx:
        new = tx.execute(
            text("select number from issue where recurs_of_id = :id"), {"id": before.id}
        ).scalar_one()
    case = world.case(new)
    assert case.state == "reported"
    assert case.units["supervising"] == [world.unit("city")]


def test_parts_settle_before_their_parent_is_submitted(world: World) -> None:
    number = rectifying(world)
    world.act(
        number,
        "split",
        "gj.dispatcher",
        parts=[
            {"responsible": "河口镇", "due": world.day(20)},
            {"responsible": "石岭镇", "due": world.day(20)},
        ],
    )
    with pytest.raises(Refused):
        submitted(world, number)
    first, second = f"{number}-01", f"{number}-02"
    for part, who in ((first, "hk.handler"), (second, "sh.handler")):
        world.act(part, "accept", who)
        submitted(world, part, who)
        world.act(part, "verify", "hb.acceptor", opinion="合格。")

    submitted(world, number)

    assert world.case(first).counts_as == "settled"
    assert world.case(number).state == "verifying"


def test_a_part_is_due_before_its_parent_with_time_in_reserve(world: World) -> None:
    number = rectifying(world)
    bound = world.case(number).due_on
    assert bound is not None

    with pytest.raises(Invalid) as invalid:
        world.act(
            number,
            "split",
            "gj.dispatcher",
            parts=[{"responsible": "河口镇", "due": bound.isoformat()}],
        )

    assert list(invalid.value.fields) == ["parts"]


def test_merging_hands_over_all_sources(world: World) -> None:
    first, second = world.report(), world.report(title="同一处堆料")

    world.act(second, "merge", "gj.dispatcher", into=first, reason="同一问题。")

    assert world.case(second).counts_as == "merged"
    assert len(world.case(first).sources) == 2
    assert world.chain_is_whole(first)


def test_a_reporter_with_a_contact_is_answered_before_a_snapshot_ends(world: World) -> None:
    number = world.report(source="snapshot", reporter_name="某市民", reporter_contact="13800000000")
    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="市生态环境局",
        due=world.day(5),
    )
    world.act(number, "accept", "qs.handler")
    submitted(world, number)
    with pytest.raises(Invalid):
        world.act(number, "verify", "hb.acceptor", opinion="合格。")

    world.act(number, "verify", "hb.acceptor", opinion="合格。", reply="已覆盖，感谢监督。")

    assert all(source.replied for source in world.case(number).sources)
    assert "某市民" not in world.record(number)
    assert "13800000000" not in world.record(number)
