"""How far round the loop a state is: milestones that lie on every way to it. Pure.

Nothing is written down by hand: a milestone is behind a state if the state cannot be reached
without an action of that kind.
"""

from functools import lru_cache

from workflow.loops.loop import Loop

MILESTONES = ("report", "assign", "submit", "verify", "publish", "close", "look_back")


@lru_cache(maxsize=64)
def milestones(loop: Loop) -> tuple[str, ...]:
    """The milestone kinds that this loop has, in the order of the way round."""
    kinds = {transition.kind for transition in loop.transitions}
    return tuple(kind for kind in MILESTONES if kind in kinds or kind == "report")


@lru_cache(maxsize=1024)
def passed(loop: Loop, state: str) -> tuple[bool, ...]:
    """For each milestone of the loop, whether it lies on every way to `state`."""
    return tuple(kind == "report" or state not in _reached(loop, kind) for kind in milestones(loop))


@lru_cache(maxsize=512)
def _reached(loop: Loop, without: str) -> frozenset[str]:
    seen = {loop.initial}
    waiting = [loop.initial]
    while waiting:
        state = waiting.pop()
        for transition in loop.by_state[state].values():
            target = transition.target
            if transition.kind != without and target is not None and target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)
