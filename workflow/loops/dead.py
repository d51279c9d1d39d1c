"""What a definition holds and no walk ever uses: states, actions, clocks without start or stop."""

from collections.abc import Iterator, Mapping

from workflow.loops.graph import Graph
from workflow.loops.loop import ClockRule
from workflow.loops.notes import OVER
from workflow.loops.problems import Problem, problem
from workflow.loops.spans import DUE

Node = tuple[str, tuple[tuple[str, str], ...]]
"""A state with its clocks."""


def dead(graph: Graph, lost: frozenset[int]) -> Iterator[Problem]:
    """Yield what is never reached, taken, started or stopped.

    Clocks at the ``lost`` positions, which never reach an end, are left out: they are no news.
    """
    yield from _states(graph)
    yield from _actions(graph)
    yield from _clocks(graph, lost)


def _reached(graph: Graph) -> set[str]:
    return {position.state for position in graph.positions}


def _states(graph: Graph) -> Iterator[Problem]:
    reached = _reached(graph)
    for name in graph.walker.loop.states:
        if name not in reached:
            yield problem("unreachable", ("states", name), state=name)


def _actions(graph: Graph) -> Iterator[Problem]:
    taken = {
        (graph.positions[index].state, edge.step.transition.name)
        for index, edges in enumerate(graph.edges)
        for edge in edges
        if edge.step.transition is not None
    }
    reached = _reached(graph)
    for number, transition in enumerate(graph.walker.loop.transitions):
        for source in transition.sources:
            if source in reached and (source, transition.name) not in taken:
                where = ("transitions", number)
                yield problem("dead_action", where, state=source, action=transition.name)


def _clocks(graph: Graph, lost: frozenset[int]) -> Iterator[Problem]:
    loop = graph.walker.loop
    first: dict[Node, int] = {}
    for index, position in graph:
        first.setdefault((position.state, position.clocks), index)
    before = _steps_between(graph)
    running = {(node[0], name) for node in first for name, state in node[1] if state == "running"}
    for rule in loop.clocks.values():
        where = ("clocks", rule.name)
        present = [node for node in first if any(name == rule.name for name, _ in node[1])]
        if not present:
            yield problem("dead_clock/never", where, clock=rule.name)
            continue
        stopping = _can_stop(rule, before)
        endless = [n for n in present if n not in stopping and first[n] not in lost]
        if endless:
            node = min(endless, key=first.__getitem__)
            yield problem(
                "dead_clock",
                where,
                state=node[0],
                trace=graph.trace(first[node]),
                clock=rule.name,
                stops="、".join(sorted(rule.stops)),
            )
    for state in loop.states.values():
        for name in state.held_to:
            started = any(name == clock for node in first for clock, _ in node[1])
            if started and (state.name, name) not in running and state.name in _reached(graph):
                held_to = ("states", state.name, "held_to")
                yield problem("dead_clock/idle", held_to, state=state.name, clock=name)


def _steps_between(graph: Graph) -> Mapping[Node, set[tuple[Node, str]]]:
    """Return node → the nodes before it, with the action that leads over."""
    before: dict[Node, set[tuple[Node, str]]] = {}
    for index, edges in enumerate(graph.edges):
        position = graph.positions[index]
        source = (position.state, position.clocks)
        for edge in edges:
            step = edge.step
            target = (step.to.state, step.to.clocks)
            action = step.transition.name if step.transition else step.names[0]
            if step.transition is not None or action.endswith(OVER):
                before.setdefault(target, set()).add((source, action))
    return before


def _can_stop(rule: ClockRule, before: Mapping[Node, set[tuple[Node, str]]]) -> set[Node]:
    """Return the nodes from which a walk stops the clock before one starts it afresh.

    The issue's own due date runs through everything, a new assignment included.
    """
    afresh = frozenset() if rule.limit == DUE else rule.starts
    waiting = [
        source
        for sources in before.values()
        for source, action in sources
        if action in rule.stops and action not in afresh
    ]
    saved = set(waiting)
    while waiting:
        for source, action in before.get(waiting.pop(), ()):
            if source not in saved and action not in afresh:
                saved.add(source)
                waiting.append(source)
    return saved
