"""What the proof sees beyond the corpus of broken definitions."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from workflow.loops import graph
from workflow.loops.graph import Graph, endings_of, explore
from workflow.loops.loop import Loop
from workflow.loops.soundness import prove
from workflow.loops.vocabulary import EXHAUSTIVE, GUARDS, JUDGEMENTS, KINDS, OPTIONS
from workflow.loops.walk import TRUTH, Walker, replay

Read = Callable[[Mapping[str, Any]], Loop]


def test_a_small_definition_is_sound(mini: dict[str, Any], loop: Read) -> None:
    assert prove(loop(mini)) == ()


def test_a_definition_with_too_many_positions_is_refused(
    shipped: Mapping[str, Loop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MOST_POSITIONS", 20)
    assert [problem.code for problem in prove(shipped["rectification"])] == ["too_large"]


def test_the_nearest_counter_example_comes_first(mini: dict[str, Any], loop: Read) -> None:
    mini["states"]["fixing"]["held_to"] = "triage"
    mini["clocks"]["rectify"]["owner"] = "handler@responsible"
    mini["clocks"]["triage"]["owner"] = "dispatcher@issuer"
    problems = prove(loop(mini))
    assert [len(problem.trace) for problem in problems] == sorted(
        len(problem.trace) for problem in problems
    )
    assert ("report", "assign") in [problem.trace for problem in problems]


def test_positions_are_found_in_the_order_of_their_distance(shipped: Mapping[str, Loop]) -> None:
    found = explore(shipped["rectification"], shipped["part"])
    lengths = [len(found.trace(index)) for index, _ in found]
    assert lengths == sorted(lengths)
    assert lengths[0] == 1


def test_every_walk_to_a_position_can_be_replayed(shipped: Mapping[str, Loop]) -> None:
    for name in ("snapshot", "part", "petition"):
        loop = shipped[name]
        part = shipped.get(loop.part_loop or "")
        endings = endings_of(part) if part else {}
        found = Graph(Walker(loop, endings))
        for index, position in found:
            given = [guard for guard, holds in TRUTH.items() if holds(position)]
            end = replay(loop, found.trace(index), given=given, endings=endings)
            assert end.state == position.state


def test_a_part_can_end_well_and_void(shipped: Mapping[str, Loop]) -> None:
    endings = endings_of(shipped["part"])
    assert endings["settled"] == ("part:accept", "part:submit", "part:verify")
    assert endings["void"] == ("part:merge",)


def test_a_part_that_ends_so_only_after_a_split_is_found_too(
    shipped: Mapping[str, Loop], loop: Read
) -> None:
    content = deepcopy(dict(shipped["part"].definition))
    content["transitions"] = [t for t in content["transitions"] if t["do"] != "merge"]
    for transition in content["transitions"]:
        if transition.get("as") == "find_unfounded":
            transition["when"] = ["has_parts"]
    endings = endings_of(loop(content))
    assert "part:part:accept" in endings["void"]
    for transition in content["transitions"]:
        if transition.get("as") == "find_unfounded":
            transition["when"] = ["parts_void"]
    # A void part would need a void part before it.
    assert set(endings_of(loop(content))) == {"settled"}


def test_replay_refuses_what_nobody_can_do(mini: dict[str, Any], loop: Read) -> None:
    made = loop(mini)
    assert replay(made, ["report"]).state == "reported"
    assert replay(made, ["report", "assign", "verify"]).state == "closed"
    with pytest.raises(ValueError, match="begins with report"):
        replay(made, ["assign"])
    with pytest.raises(ValueError, match=r"step 2 \(verify\) is not possible"):
        replay(made, ["report", "verify"])
    with pytest.raises(ValueError, match="no case with third_return"):
        replay(made, ["report"], given=["third_return"])


RHYTHM = frozenset({"once", "recurring"})
"""No position knows them: a milestone has its rhythm from birth."""


def test_words_about_guards_and_kinds_fit_together() -> None:
    assert set(TRUTH) == set(GUARDS) - {"has_superior"} - RHYTHM
    assert all(group <= set(GUARDS) for group in EXHAUSTIVE)
    assert set(OPTIONS) <= set(KINDS)
    assert set(KINDS) >= JUDGEMENTS
    for group in EXHAUSTIVE:
        assert group <= set(TRUTH) or group == RHYTHM


def test_of_an_exhaustive_group_one_guard_always_holds(shipped: Mapping[str, Loop]) -> None:
    for loop in shipped.values():
        for position in explore(loop, shipped.get(loop.part_loop or "")).positions:
            for group in set(EXHAUSTIVE) - {RHYTHM}:
                assert any(TRUTH[guard](position) for guard in group)
