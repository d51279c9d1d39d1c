"""How far round the loop a state is: milestones that lie on every way to it. Pure.

Nothing is written down by hand: a milestone is behind a state if the state cannot be reached
without an action of that kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from workflow.loops.loop import Loop

MILESTONES = ("report", "assign", "submit", "verify", "publish", "close", "look_back")
_GAP = 3
_ON = ' class="on"'


@dataclass(frozen=True, slots=True)
class Ring:
    """The milestone kinds of a loop, and for each state whether each of them lies behind it."""

    milestones: tuple[str, ...]
    passed: Mapping[str, tuple[bool, ...]]
    pictures: Mapping[str, Markup]
    """For each state a small ring, one arc a milestone."""


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
    passed = {
        state: tuple(kind == "report" or state not in reached[kind] for kind in milestones)
        for state in loop.states
    }
    return Ring(milestones, passed, {state: _picture(arcs) for state, arcs in passed.items()})


def _picture(arcs: Sequence[bool]) -> Markup:
    size = 100 / len(arcs)
    dashes = f"{size - _GAP:.2f} {100 + _GAP - size:.2f}"
    drawn = "".join(
        f'<circle cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="{dashes}" '
        f'stroke-dashoffset="{-n * size:.2f}"{_ON if is_behind else ""}/>'
        for n, is_behind in enumerate(arcs)
    )
    # Numbers and our own words only: nothing to escape.
    return Markup(f'<svg class="ring" viewBox="0 0 20 20" aria-hidden="true">{drawn}</svg>')  # noqa: S704


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
