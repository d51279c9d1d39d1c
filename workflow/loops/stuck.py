"""Can an issue always reach an end?  From which positions can it not, and why?"""

from collections.abc import Iterator

from workflow.loops.graph import Graph
from workflow.loops.loop import Transition
from workflow.loops.problems import Problem, problem
from workflow.loops.vocabulary import EXHAUSTIVE
from workflow.loops.walk import PART_GUARDS, TRUTH, Position


def ends(graph: Graph) -> Iterator[Problem]:
    """Yield one problem for each state in which an issue can be caught for good.

    A position is caught when no walk of steps that can be relied on leads from it to a final state.
    """
    caught = _caught(graph)
    if not caught:
        return
    seen: set[tuple[str, str]] = set()
    for index in sorted(caught):
        if not _stays(graph, index):
            continue
        found = _explain(graph, index)
        if (found.code, found.state or "") not in seen:
            seen.add((found.code, found.state or ""))
            yield found
    if not seen:
        index = min(caught)
        state = graph.positions[index].state
        yield problem("no_end/circle", ("states", state), state=state, trace=graph.trace(index))


def _caught(graph: Graph) -> set[int]:
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
    return set(range(len(graph.positions))) - saved


def _stays(graph: Graph, index: int) -> bool:
    """Whether no walk that can be relied on leaves the position's state."""
    state = graph.positions[index].state
    waiting, seen = [index], {index}
    while waiting:
        for edge in graph.edges[waiting.pop()]:
            if not edge.step.sure or edge.to in seen:
                continue
            if graph.positions[edge.to].state != state:
                return False
            seen.add(edge.to)
            waiting.append(edge.to)
    return True


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
