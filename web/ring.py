"""How far round the loop a state is: milestones that lie on every way to it. Pure.

Nothing is written down by hand: a milestone is behind a state if the state cannot be reached
without an action of that kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.loops.loop import Loop

MILESTONES = ("report", "assign", "submit", "verify", "publish", "close", "look_back")


@dataclass(frozen=True, slots=True)
class Ring:
    """The milestone kinds of a loop, and for each state whether each of them lies behind it."""

    milestones: tuple[str, ...]
    passed: Mapping[str, tuple[bool, ...]]


def ring(loop: Loop) -> Ring:
    """The ring of one version of a loop; computed once."""
    found = _rings.get(loop.version)
    if found is None:
        found = _rings[loop.version] = _ring(loop)
    return found


_rings: dict[str, Ring] = {}


def _ring(loop: Loop) -> Ring:
    kinds = {transition.kind for transition in loop.transitions} | {"report"}
    milestones = tuple(kind for kind in MILESTONES if kind in kinds)
    reached = {kind: _reached(loop, without=kind) for kind in milestones}
    return Ring(
        milestones,
        {
            state: tuple(kind == "report" or state not in reached[kind] for kind in milestones)
            for state in loop.states
        },
    )


def _reached(loop: Loop, without: str) -> frozenset[str]:
    seen = {loop.initial}
    waiting = [loop.initial]
    while waiting:
        for transition in loop.by_state[waiting.pop()].values():
            target = transition.target
            if transition.kind != without and target is not None and target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)
