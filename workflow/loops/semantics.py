"""What an action does to the clocks: one rule for the engine and for the proof.

The engine (``issues/rules``) and the soundness proof ask the same function, so that a trace printed
by the proof is a trace that the engine can walk.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from workflow.loops.loop import ClockRule, Loop, State, Transition

ClockState = Literal["running", "held", "paused", "over"]
"""``over`` is a period whose end has opened its action and that waits for it."""

Verb = Literal["stop", "start", "hold", "release", "pause", "resume"]


class Order(NamedTuple):
    """Do this to that clock of the issue."""

    verb: Verb
    clock: str


def orders(
    loop: Loop, clocks: Mapping[str, ClockState], action: str, target: State
) -> tuple[Order, ...]:
    """Return what ``action`` into ``target`` does to the issue's ``clocks``, in order of execution.

    ``action`` is an action's name or ``<clock>_over``, the end of a period.  A clock that is
    started while it runs starts afresh.  A final state stops everything.
    """
    if target.final:
        return tuple([Order("stop", name) for name in clocks])
    return tuple(
        [
            Order(verb, rule.name)
            for rule in loop.touched_by.get(action, ())
            if (verb := _verb(rule, clocks.get(rule.name), action)) is not None
        ]
    )


def _verb(rule: ClockRule, state: ClockState | None, action: str) -> Verb | None:
    if action in rule.starts:
        return "start"
    if state is None:
        return None
    if action in rule.stops:
        return "stop"
    if state == "running" and action in rule.held_by:
        return "hold"
    if state == "running" and action in rule.paused_by:
        return "pause"
    if state == "held" and _releases(rule.held_by, action):
        return "release"
    if state == "paused" and _releases(rule.paused_by, action):
        return "resume"
    return None


def _releases(table: Mapping[str, frozenset[str]], action: str) -> bool:
    return any(action in releases for releases in table.values())


_AFTER: Mapping[Verb, ClockState | None] = {
    "stop": None,
    "start": "running",
    "hold": "held",
    "release": "running",
    "pause": "paused",
    "resume": "running",
}


def after(clocks: Mapping[str, ClockState], executed: tuple[Order, ...]) -> dict[str, ClockState]:
    """Return the clocks as they stand once the orders are executed."""
    result = dict(clocks)
    for order in executed:
        state = _AFTER[order.verb]
        if state is None:
            result.pop(order.clock, None)
        else:
            result[order.clock] = state
    return result


def over(clocks: Mapping[str, ClockState], clock: str) -> dict[str, ClockState]:
    """Return the clocks once a period has run out."""
    return {**clocks, clock: "over"}


def muted(loop: Loop, clocks: Mapping[str, ClockState]) -> frozenset[str]:
    """Return the clocks that take no rung because another clock speaks for them."""
    return frozenset(
        name for rule in loop.muting if clocks.get(rule.name) == "running" for name in rule.mutes
    )


def holding(state: State, clocks: Mapping[str, ClockState]) -> Iterator[str]:
    """Yield the clocks that hold the owner of ``state`` to the move, those that run first."""
    for wanted in ("running", "over"):
        for name in state.held_to:
            if clocks.get(name) == wanted:
                yield name


def withdrawn(loop: Loop, requests: Iterable[str], source: str, target: str) -> tuple[str, ...]:
    """Return the open requests that end undecided when the issue moves on.

    A request is withdrawn when the issue enters a state in which nobody can decide it: a submission
    withdraws an open extension since an issue under verification has none to grant.
    """
    if source == target:
        return ()
    decided = {decides(transition) for transition in loop.by_state[target].values()}
    return tuple(kind for kind in requests if kind not in decided)


def decides(transition: Transition) -> str | None:
    """Return the kind of request that a transition decides, if it decides one."""
    if transition.kind == "rule_objection":
        return "objection"
    return transition.options.get("request") if transition.kind == "decide" else None


def asks(transition: Transition) -> str | None:
    """Return the kind of request that a transition opens, if it opens one."""
    if transition.kind == "object":
        return "objection"
    return transition.options.get("request") if transition.kind == "request" else None
