"""Beside and behind the work: extension, suspension, rejection, publicity, objection, reply."""

import pytest
from sqlalchemy import text

from tests.flows.issues.walks import rectifying, submitted
from tests.world import World
from workflow.errors import Invalid, NotAllowed, Refused


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
