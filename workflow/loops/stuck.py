"""Can an issue always reach an end?  From which positions can it not, and why?"""

from collections.abc import Iterator

from workflow.loops.graph import Graph
from workflow.loops.loop import Transition
from workflow.loops.problems import Problem, problem
from workflow.loops.vocabulary import EXHAUSTIVE
from workflow.loops.walk import PART_GUARDS, RUNNING, TRUTH, Position


def caught(graph: Graph) -> frozenset[int]:
    """Return the positions from which no walk that can be relied on leads to a final state."""
    states = graph.walker.loop.states
    before: list[list[int]] = [[] for _ in graph.positions]
    for index, edges in enumerate(graph.edges):
        for edge in edges:
            if edge.step.sure:
                before[edge.to].append(index)
    waiting = [i for i, position in graph if states[position.state].final]
    saved = set(waiting)
    while waiting:
        for index in before[waiting.pop()]:
            if index not in saved:
                saved.add(index)
                waiting.append(index)
    return frozenset(range(len(graph.positions))) - saved


def ends(graph: Graph, lost: frozenset[int]) -> Iterator[Problem]:
    """Yield one problem for each state in which an issue can be caught for good.

    ``lost`` are the positions that :func:`caught` found.
    """
    seen: set[tuple[str, str | None]] = set()
    for index in sorted(lost):
        position = graph.positions[index]
        # What holds an issue shows once its parts have ended.
        if position.parts in RUNNING or not _stays(graph, index):
            continue
        found = _explain(graph, index)
        if (found.code, found.state) not in seen:
            seen.add((found.code, found.state))
            yield found
    if lost and not seen:
        index = _circle(graph, min(lost))
        state = graph.positions[index].state
        yield problem("no_end/circle", ("states", state), state=state, trace=graph.trace(index))


def _stays(graph: Graph, index: int) -> bool:
    """Whether no walk that can be relied on leaves the position's state."""
    state = graph.positions[index].state
    return all(graph.positions[i].state == state for i in _ahead(graph, index))


def _circle(graph: Graph, index: int) -> int:
    """Return the nearest position of a circle that nothing leaves, ahead of ``index``."""
    while True:
        ahead = _ahead(graph, index)
        away = next((i for i in ahead if index not in _ahead(graph, i)), None)
        if away is None:
            return min(ahead)
        index = away


def _ahead(graph: Graph, index: int) -> set[int]:
    waiting, seen = [index], {index}
    while waiting:
        for edge in graph.edges[waiting.pop()]:
            if edge.step.sure and edge.to not in seen:
                seen.add(edge.to)
                waiting.append(edge.to)
    return seen


def _explain(graph: Graph, index: int) -> Problem:
    loop, position = graph.walker.loop, graph.positions[index]
    name = position.state
    leaving = [t for t in loop.by_state[name].values() if t.target is not None and t.target != name]
    guards = dict.fromkeys(guard for t in leaving for guard in t.when)
    where = ("states", name)
    trace = graph.trace(index)
    if not leaving:
        return problem("no_end", where, state=name, trace=trace)
    shown = "、".join(f"{t.name}: {', '.join(_conditions(t))}" for t in leaving)
    key = "join_stuck" if position.parts != "none" and PART_GUARDS & guards.keys() else ""
    return problem(
        key or "guarded_stuck",
        where,
        state=name,
        trace=trace,
        given=_given(position, guards),
        guards=shown,
    )


def _conditions(transition: Transition) -> Iterator[str]:
    yield from transition.when
    if transition.opened_by is not None:
        yield f"{transition.opened_by}_over"
    if transition.kind == "return":
        yield "return"


def _given(position: Position, guards: dict[str, None]) -> tuple[str, ...]:
    """Name what holds here, as far as it bears on the guards of the ways out."""
    related = {name for group in EXHAUSTIVE if group & guards.keys() for name in group}
    return tuple(sorted(name for name in related if name in TRUTH and TRUTH[name](position)))
