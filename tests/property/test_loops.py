"""Random definitions and random walks: the proof against a second interpreter."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.loop_model import Issue, names
from workflow.loops.definition import read
from workflow.loops.load import load
from workflow.loops.loop import Loop
from workflow.loops.problems import Problem
from workflow.loops.soundness import prove
from workflow.loops.walk import TRUTH, Position, Walker, replay

FOLDER = Path(__file__).parents[2] / "config" / "loops"
CONTENTS = {path.stem: load(path).content for path in sorted(FOLDER.glob("*.yaml"))}
SMALL = ("snapshot", "part", "petition")


def same(position: Position, issue: Issue) -> bool:
    parts = {
        "none": not issue.parts,
        "running": "running" in issue.parts and "settled" not in issue.parts,
        "running_again": "running" in issue.parts and "settled" in issue.parts,
        "settled": bool(issue.parts) and "running" not in issue.parts and "settled" in issue.parts,
        "void": bool(issue.parts) and not {"running", "settled"} & set(issue.parts),
    }
    return (
        position.state == issue.state
        and dict(position.clocks) == issue.clocks
        and position.requests == issue.requests
        and parts[position.parts]
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_walk_of_the_proof_is_the_walk_of_a_second_interpreter(data: st.DataObject) -> None:
    content = CONTENTS[data.draw(st.sampled_from(sorted(CONTENTS)))]
    loop = read(content)
    assert isinstance(loop, Loop)
    walker = Walker(loop)
    position = data.draw(st.sampled_from(list(walker.starts())))
    issue = Issue(dict(content), at_once=position.at_once, unanswered=position.unanswered)
    for _ in range(data.draw(st.integers(1, 40))):
        steps = list(walker.steps(position))
        possible = {step.names[0] for step in steps}
        ways = set(issue.ways())
        if "reply" in ways and not issue.unanswered:
            ways.discard("reply")
            possible.discard("reply")
        # One part at a time is what the proof follows; the rest goes on as it stands.
        if issue.parts.count("running") > 1:
            return
        assert possible == ways
        if not steps:
            assert issue.final()
            return
        assert issue.final() or any(issue.clocks.get(c) == "running" for c in issue.holders())
        step = data.draw(st.sampled_from(steps))
        issue.do(step.names[0])
        position = step.to
        issue.unanswered = position.unanswered if walker.promises_replies else issue.unanswered
        # The proof forgets facts that no later guard asks for; only then may they differ.
        if any(g in ("at_once", "not_at_once") for t in loop.transitions for g in t.when):
            issue.at_once = position.at_once
        assert same(position, issue)


def drop(items: list[Any], data: st.DataObject) -> None:
    items.pop(data.draw(st.integers(0, len(items) - 1)))


def mutate(content: dict[str, Any], data: st.DataObject) -> None:
    """Make one change that a tired person could make."""
    transitions, clocks = content["transitions"], content["clocks"]
    states = sorted(content["states"])
    transition = data.draw(st.sampled_from(transitions))
    clock = clocks[data.draw(st.sampled_from(sorted(clocks)))]
    match data.draw(
        st.sampled_from(
            [
                "transition",
                "target",
                "source",
                "when",
                "guard",
                "from",
                "to",
                "hold",
                "group",
                "held",
            ]
        )
    ):
        case "transition":
            drop(transitions, data)
        case "target" if "to" in transition:
            transition["to"] = data.draw(st.sampled_from(states))
        case "source":
            transition["from"] = data.draw(st.sampled_from(states))
        case "when":
            transition.pop("when", None)
        case "guard":
            transition["when"] = [data.draw(st.sampled_from(sorted(TRUTH)))]
        case "from" | "to" as key:
            listed = names(clock[key])
            if len(listed) > 1:
                drop(listed, data)
            clock[key] = listed
        case "hold":
            clock.pop(data.draw(st.sampled_from(["held_by", "paused_by", "mutes"])), None)
        case "group" if content.get("exhaustive"):
            drop(content["exhaustive"], data)
        case "held":
            state = content["states"][data.draw(st.sampled_from(states))]
            if "held_to" in state:
                state["held_to"] = data.draw(st.sampled_from(sorted(clocks)))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_every_counter_example_holds_in_a_second_interpreter(data: st.DataObject) -> None:
    content = deepcopy(dict(CONTENTS[data.draw(st.sampled_from(SMALL))]))
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(content, data)
    loop = read(content)
    if not isinstance(loop, Loop):
        assert all(problem.text() and problem.text("en") for problem in loop)
        return
    for problem in prove(loop):
        if problem.trace:
            confirm(loop, content, problem)


def confirm(loop: Loop, content: dict[str, Any], problem: Problem) -> None:
    """Walk the trace in the second interpreter and see there what the proof says."""
    end = replay(loop, problem.trace, given=problem.given)
    assert end.state == problem.state
    issue = walked(content, problem)
    assert issue is not None, problem
    if problem.code == "no_clock":
        assert not any(issue.clocks.get(name) == "running" for name in issue.holders())
    if problem.code in ("guarded_stuck", "join_stuck", "no_end"):
        assert not issue.final()


def walked(content: dict[str, Any], problem: Problem) -> Issue | None:
    """Try the facts that a trace leaves open until it can be walked."""
    for at_once in (False, True):
        for unanswered in (False, True):
            issue = Issue(content, at_once=at_once, unanswered=unanswered)
            for step in problem.trace[1:]:
                if step not in issue.ways():
                    break
                issue.do(step)
            else:
                if issue.state == problem.state and all(issue.guard(g) for g in problem.given):
                    return issue
    return None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_the_proof_lets_pass_never_gets_stuck(data: st.DataObject) -> None:
    content = deepcopy(dict(CONTENTS[data.draw(st.sampled_from(SMALL))]))
    mutate(content, data)
    loop = read(content)
    if not isinstance(loop, Loop) or prove(loop):
        return
    issue = Issue(content, at_once=data.draw(st.booleans()), unanswered=data.draw(st.booleans()))
    for _ in range(60):
        ways = issue.ways()
        if issue.final() and not ways:
            return
        assert ways
        assert issue.final() or any(issue.clocks.get(c) == "running" for c in issue.holders())
        issue.do(data.draw(st.sampled_from(ways)))
