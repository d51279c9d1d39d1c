"""What people do with the papers of a ladder, and what the ladder does with their silence."""

from collections.abc import Callable

import pytest

from tests.flows.escalation.papers import (
    answer,
    drafts,
    fates,
    leap,
    overdue,
    people,
    rectify_clock,
    rows,
    sent,
    sign,
    tick,
    withhold,
)
from tests.flows.issues.walks import rectifying, submitted
from tests.world import World
from workflow.deadlines.shown import CLOCK
from workflow.errors import Invalid, NotAllowed, NotFound, Refused
from workflow.notices.queries import PAPER


def supervised(world: World) -> tuple[str, int]:
    """An issue that is overdue, and the draft of its supervision letter (Monday morning)."""
    number = overdue(world)
    tick(world)
    (paper,) = drafts(world)
    return number, paper.id


def test_a_signed_letter_reaches_its_addressee_and_copies(world: World) -> None:
    number, paper_id = supervised(world)
    before = world.case(number).version

    sign(world, paper_id, "gj.deputy")

    (paper,) = rows(world, PAPER)
    assert (paper.state, paper.settled_by_id) == ("signed", people(world)["gj.deputy"])
    received = [login for login, _ in sent(world, "paper_received")]
    assert received == ["qs.principal", "qs.deputy", "db.supervisor"]
    assert world.case(number).version == before + 1
    assert "paper_signed" in world.record(number)
    assert world.chain_is_whole(number)
    running = {row.kind: row for row in rows(world, CLOCK, subject="paper")}
    assert running["sign"].state == "done"
    assert (running["answer"].state, running["answer"].owner) == ("running", "principal@addressee")


def test_only_the_signer_signs_and_only_once(world: World) -> None:
    number, paper_id = supervised(world)
    for stranger in ("gj.dispatcher", "qs.principal", "db.principal"):
        with pytest.raises(NotAllowed):
            sign(world, paper_id, stranger)
    sign(world, paper_id, "gj.deputy")
    version = world.case(number).version
    with pytest.raises(Refused):
        sign(world, paper_id, "gj.deputy")
    with pytest.raises(Refused):
        withhold(world, paper_id, "gj.deputy")
    with pytest.raises(NotFound):
        sign(world, 999_999, "gj.deputy")
    assert world.case(number).version == version


def test_no_paper_passes_one_that_waits(world: World) -> None:
    number, _ = supervised(world)
    tick(world, days=60)
    assert [rung for _, rung, _ in fates(world, number)] == [0, 1, 2, 3]
    assert len(drafts(world)) == 1


@pytest.mark.parametrize("is_answered", [False, True])
def test_silence_brings_the_next_paper_forward(world: World, is_answered: bool) -> None:
    number, letter = supervised(world)
    sign(world, letter, "gj.deputy")
    tick(world, days=5)  # Sunday the 10th: the bulletin's own time, before the answer is due
    (bulletin,) = drafts(world)
    sign(world, bulletin.id, "db.principal")
    if is_answered:
        answer(world, bulletin.id, "qs.handler")

    # The answer is due on Friday the 15th, the admonition by itself on Sunday the 17th.
    tick(world, days=5)
    assert not drafts(world)
    tick(world, days=1)
    assert [paper.kind for paper in drafts(world)] == ([] if is_answered else ["admonition"])
    tick(world, days=1)
    assert [paper.kind for paper in drafts(world)] == ["admonition"]
    assert world.case(number).lamp == "red"


def test_after_an_outage_the_next_paper_waits_for_the_answer(world: World) -> None:
    number = overdue(world, days=100)
    tick(world)
    (letter,) = drafts(world)
    sign(world, letter.id, "gj.deputy")

    assert tick(world).is_idle  # the bulletin's own time is long past, but nothing leaps
    due = rows(world, CLOCK, kind="answer")[0].due_at
    assert rectify_clock(world, number).wake_at == due
    tick(world, days=12)
    assert [paper.kind for paper in drafts(world)] == ["bulletin"]


def test_an_answer_stops_the_answer_clock_and_no_other(world: World) -> None:
    number = overdue(world, days=100)
    tick(world)
    (letter,) = drafts(world)
    sign(world, letter.id, "gj.deputy")
    world.after(days=1)

    with pytest.raises(NotAllowed):
        answer(world, letter.id, "hk.handler")
    with pytest.raises(Invalid):
        answer(world, letter.id, "qs.handler", text="  ")
    answer(world, letter.id, "qs.handler")

    (paper,) = rows(world, PAPER)
    assert paper.answer == "已组织清运，月底前完成。"
    assert rows(world, CLOCK, kind="answer")[0].state == "done"
    assert sent(world, "state_changed") == [
        ("gj.deputy", "state_changed"),
        ("gj.dispatcher", "state_changed"),
    ]
    with pytest.raises(Refused):
        answer(world, letter.id, "qs.handler")
    # Answered, so the bulletin comes as long after the letter as the ladder says: five days.
    clock = rectify_clock(world, number)
    assert clock.state == "running"
    tick(world, days=3)
    assert not drafts(world)
    tick(world, days=3)
    assert [paper.kind for paper in drafts(world)] == ["bulletin"]
    assert world.chain_is_whole(number)


def test_the_silence_of_the_signer_goes_to_the_signers_superior(world: World) -> None:
    supervised(world)
    tick(world, days=2)
    assert ("gj.principal", "overdue") in sent(world, "overdue")
    tick(world, days=5)
    assert ("city.leader", "warning") in sent(world) or ("db.supervisor", "warning") in sent(world)


def test_a_withheld_paper_stops_the_later_ones_until_somebody_skips(world: World) -> None:
    number, paper_id = supervised(world)
    with pytest.raises(Invalid):
        withhold(world, paper_id, "gj.deputy", reason=" ")
    withhold(world, paper_id, "gj.deputy")
    assert ("gj.dispatcher", "state_changed") in sent(world)
    tick(world, days=60)
    assert not drafts(world)

    clock = rectify_clock(world, number)
    with pytest.raises(NotAllowed):
        leap(world, clock.id, "qs.handler")
    with pytest.raises(Invalid):
        leap(world, clock.id, "db.supervisor", reason="")
    new = leap(world, clock.id, "db.supervisor")

    assert [(paper.id, paper.kind) for paper in drafts(world)] == [(new, "bulletin")]
    assert "skip_upward" in world.record(number)
    assert world.chain_is_whole(number)


def test_skipping_upward_sets_the_waiting_draft_aside_and_records_what_it_skips(
    world: World,
) -> None:
    number = rectifying(world)
    clock = rectify_clock(world, number)
    first = leap(world, clock.id, "gj.dispatcher")
    assert fates(world, number) == [(1, n, "skipped") for n in range(3)] + [(1, 3, "taken")]
    assert world.case(number).lamp == "orange"

    second = leap(world, clock.id, "gj.dispatcher")
    papers = {paper.id: paper for paper in rows(world, PAPER)}
    assert papers[first].state == "withheld"
    assert "越级" in papers[first].reason
    assert papers[second].kind == "bulletin"
    leap(world, clock.id, "gj.dispatcher")
    with pytest.raises(Refused):
        leap(world, clock.id, "gj.dispatcher")
    assert world.chain_is_whole(number)


def test_a_draft_lapses_when_its_clock_gets_a_new_due_date(world: World) -> None:
    number = rectifying(world)
    world.after(days=30)
    world.act(number, "request_extension", "qs.handler", reason="雨季施工困难", until=world.day(60))
    tick(world, days=13)
    (paper,) = drafts(world)
    world.act(number, "grant_extension", "gj.dispatcher")

    (lapsed,) = rows(world, PAPER)
    assert lapsed.state == "withheld"
    with pytest.raises(Refused):
        sign(world, paper.id, "gj.deputy")
    clock = rectify_clock(world, number)
    assert (clock.round, clock.blocked_by, clock.lamp) == (2, None, "none")
    assert {row.state for row in rows(world, CLOCK, subject="paper")} == {"done"}
    # The rungs of the first round stay on record, those of the second are due afresh.
    tick(world, days=60)
    assert [fate for fate in fates(world, number) if fate[0] == 1] == [
        (1, 0, "merged"),
        (1, 1, "merged"),
        (1, 2, "taken"),
        (1, 3, "taken"),
    ]
    assert (2, 3, "taken") in fates(world, number)


def test_a_draft_may_be_signed_while_the_acceptor_has_the_move(world: World) -> None:
    number, paper_id = supervised(world)
    submitted(world, number)
    sign(world, paper_id, "gj.deputy")
    clock = rectify_clock(world, number)
    assert (clock.state, clock.wake_at, clock.blocked_by) == ("held", None, None)


@pytest.mark.parametrize("act", [sign, withhold])
def test_a_draft_of_a_cancelled_issue_is_nobodys_work(
    world: World, act: Callable[[World, int, str], None]
) -> None:
    number, paper_id = supervised(world)
    world.act(number, "cancel", "gj.deputy", reason="重复登记")
    with pytest.raises(Refused):
        act(world, paper_id, "gj.deputy")
    assert {row.state for row in rows(world, CLOCK)} == {"done"}
