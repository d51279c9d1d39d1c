"""The six loops that come with the product: sound, quick to prove, and what DESIGN says."""

import time
from collections.abc import Mapping

import pytest

from workflow.deadlines.limits import parse_limit
from workflow.loops.graph import endings_of
from workflow.loops.loop import Loop, Role
from workflow.loops.soundness import prove
from workflow.loops.walk import replay

NAMES = ("ledger", "milestone", "part", "petition", "rectification", "snapshot")


def test_these_are_shipped(shipped: Mapping[str, Loop]) -> None:
    assert set(shipped) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound(shipped: Mapping[str, Loop], name: str) -> None:
    loop = shipped[name]
    assert prove(loop, shipped.get(loop.part_loop or "")) == ()


@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound_whatever_its_parts_run_on(shipped: Mapping[str, Loop], name: str) -> None:
    assert prove(shipped[name]) == ()


def test_a_proof_is_quick(shipped: Mapping[str, Loop]) -> None:
    def spent() -> float:
        before = time.process_time()
        prove(shipped["rectification"], shipped["part"])
        return time.process_time() - before

    assert min(spent() for _ in range(3)) < 0.2


@pytest.mark.parametrize("name", NAMES)
def test_every_word_has_both_languages(shipped: Mapping[str, Loop], name: str) -> None:
    loop = shipped[name]
    named = (*loop.states.values(), *loop.transitions, *loop.clocks.values())
    for labels in (loop.labels, *(x.labels for x in (*named, *loop.requests.values()))):
        assert set(labels) == {"zh", "en"}
        assert labels["en"].isascii()
        assert not labels["zh"].isascii()


@pytest.mark.parametrize("name", NAMES)
def test_actions_of_a_state_have_different_labels(shipped: Mapping[str, Loop], name: str) -> None:
    for actions in shipped[name].by_state.values():
        for lang in ("zh", "en"):
            labels = [transition.labels[lang] for transition in actions.values()]
            assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_is_one_that_deadlines_can_run(shipped: Mapping[str, Loop], name: str) -> None:
    limits = [clock.limit for clock in shipped[name].clocks.values()]
    limits += [rule.limit for rule in shipped[name].requests.values()]
    for limit in limits:
        default = limit.rpartition("|")[2]
        if default != "until":
            assert str(parse_limit(default)) == default


def test_prefixes_tell_numbers_apart(shipped: Mapping[str, Loop]) -> None:
    assert len({loop.prefix for loop in shipped.values()}) == len(shipped)


def test_the_whole_loop_is_walked_by_five_posts(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    walk = {
        "take_up": "dispatcher",
        "assign": "dispatcher",
        "accept": "handler",
        "find_founded_at_once": "handler",
        "progress": "handler",
        "submit": "handler",
        "verify": "acceptor",
        "publish": "acceptor",
        "close": "supervisor",
        "look_back": "supervisor",
        "archive": "supervisor",
    }
    for action, post in walk.items():
        assert post in {role.post for role in loop.actions[action].by}, action
    trace = [loop.born_by]
    for action in walk:
        trace += ["publicity_over", action] if action == "close" else [action]
    assert replay(loop, trace).state == "archived"


def test_a_hard_story_can_be_walked(shipped: Mapping[str, Loop]) -> None:
    loop, part = shipped["rectification"], shipped["part"]
    endings = endings_of(part)
    story = [
        "report",
        "take_up",
        "assign",
        "return",
        "reassign",
        "accept",
        "find_founded",
        "plan",
        "send_back_plan",
        "plan",
        "approve_plan",
        "split",
        "request_extension",
        "refuse_extension",
    ]
    story += [*endings["settled"], "submit", "reject", "submit", "verify", "publish", "object"]
    story += ["uphold_objection", "submit", "verify", "publish", "object", "publicity_over"]
    story += ["dismiss_objection", "close", "consolidation_over", "look_back", "relapse"]
    assert replay(loop, story, endings=endings).state == "relapsed"


def test_the_third_return_goes_one_level_up(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    twice = ["report", "take_up", "assign", "return", "reassign", "return", "uphold_return"]
    assert replay(loop, [*twice, "return_third"]).state == "return_raised"
    with pytest.raises(ValueError, match="return"):
        replay(loop, [*twice, "return"])
    owner = loop.states["return_raised"].owner
    assert owner == Role("supervisor", "supervising")


def test_a_parent_is_submitted_only_when_its_parts_are_settled(
    shipped: Mapping[str, Loop],
) -> None:
    loop, endings = shipped["rectification"], endings_of(shipped["part"])
    split = ["report", "take_up", "assign", "accept", "find_founded_at_once", "split"]
    for wrong in (["submit"], ["cancel"], [*endings["void"], "submit"]):
        with pytest.raises(ValueError, match="not possible"):
            replay(loop, [*split, *wrong], endings=endings)
    assert replay(loop, [*split, *endings["settled"], "submit"], endings=endings)
    void = [*split, *endings["void"], "report_void", "uphold_unfounded"]
    assert replay(loop, void, endings=endings).state == "unfounded"
    again = [*split, *endings["settled"], "split", *endings["void"], "submit"]
    assert replay(loop, again, endings=endings).state == "verifying"


def test_closing_waits_for_publicity_and_objections(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    public = [
        "report",
        "take_up",
        "assign",
        "accept",
        "find_founded_at_once",
        "submit",
        "verify",
        "publish",
    ]
    for wrong in (["close"], ["object", "publicity_over", "close"]):
        with pytest.raises(ValueError, match="not possible"):
            replay(loop, [*public, *wrong])
    assert replay(loop, [*public, "publicity_over", "close"]).state == "closed"
    anew = [*public, "publicity_over", "object", "uphold_objection", "submit", "verify", "publish"]
    assert dict(replay(loop, anew).clocks)["publicity"] == "running"


def test_what_is_closed_only_becomes_archived_or_relapsed(shipped: Mapping[str, Loop]) -> None:
    for loop in shipped.values():
        reached = {name for name, state in loop.states.items() if state.counts_as == "closed"}
        while True:
            more = {
                t.target for name in reached for t in loop.by_state[name].values() if t.target
            } - reached
            if not more:
                break
            reached |= more
        assert {loop.states[name].counts_as for name in reached} <= {
            "closed",
            "archived",
            "relapsed",
        }


def test_from_submission_to_verdict_the_rectify_clock_is_held(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    walk = ["report", "take_up", "assign", "accept", "find_founded_at_once", "submit"]
    assert dict(replay(loop, walk).clocks) == {"rectify": "held", "verify": "running"}
    assert dict(replay(loop, [*walk, "reject"]).clocks) == {
        "rectify": "running",
        "resubmit": "running",
    }
    assert loop.clocks["resubmit"].mutes == {"rectify"}


def test_a_suspension_ends_by_itself(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    walk = ["report", "take_up", "assign", "accept", "find_founded_at_once", "request_suspension"]
    position = replay(loop, [*walk, "grant_suspension"])
    assert dict(position.clocks) == {"rectify": "paused", "suspension": "running"}
    position = replay(loop, [*walk, "grant_suspension", "suspension_over"])
    assert (position.state, dict(position.clocks)) == ("rectifying", {"rectify": "running"})


def test_submitting_withdraws_an_open_extension(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    walk = ["report", "take_up", "assign", "accept", "find_founded_at_once", "request_extension"]
    assert replay(loop, walk).requests == {"extension"}
    assert replay(loop, [*walk, "submit"]).requests == frozenset()


@pytest.mark.parametrize("name", ["petition", "snapshot"])
def test_no_petition_ends_before_its_sources_have_a_reply(
    shipped: Mapping[str, Loop], name: str
) -> None:
    loop = shipped[name]
    for transition in loop.transitions:
        target = loop.states.get(transition.target or "")
        leaves_open = any(not loop.states[source].final for source in transition.sources)
        if target is None or not target.final or not leaves_open:
            continue
        answered = "sources_replied" in transition.when or "reply" in transition.needs
        assert answered or transition.kind in ("merge", "withdraw"), transition.name


def test_nobody_judges_their_own_work(shipped: Mapping[str, Loop]) -> None:
    for loop in shipped.values():
        for name in ("verify", "reject", "uphold_unfounded", "dismiss_objection", "close"):
            for role in loop.actions[name].by if name in loop.actions else ():
                assert role.relation not in ("responsible", "lead", "cooperating")
