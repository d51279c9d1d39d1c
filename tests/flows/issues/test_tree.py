"""Issues that concern other issues: parts, merging, relapse."""

import pytest
from sqlalchemy import text

from tests.flows.issues.walks import closed, rectifying, submitted
from tests.world import World
from workflow.errors import Invalid, Refused
from workflow.issues import counts
from workflow.units.rules import Scope


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
    assert case.units["reporting"] == [world.unit("gongjian")]  # who found it sees it


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


def test_what_was_received_and_what_is_handled_are_counted_apart(world: World) -> None:
    first, second = world.report(), world.report(title="同一处堆料", source="campaign")
    world.act(second, "merge", "gj.dispatcher", into=first, reason="同一问题。")

    with world.database.reading() as tx:
        seen = counts.overview(tx, Scope(True, frozenset()), world.today())

    source = world.case(first).source
    assert seen.received == {source: 1, "campaign": 1}
    assert seen.sources == {source: (1, 1, 0), "campaign": (1, 0, 0)}
