"""At every position: is there an owner, a running clock, and everybody whom it speaks of?"""

from collections.abc import Iterator

from workflow.loops import semantics
from workflow.loops.graph import Graph
from workflow.loops.loop import Role, Transition
from workflow.loops.problems import Problem, Where, problem
from workflow.loops.spans import DUE
from workflow.loops.vocabulary import OPTIONAL_RELATIONS
from workflow.loops.walk import Position

_KEEPS_SOURCES = ("merge", "withdraw")
"""A merged issue hands its sources on; a withdrawn one is withdrawn by who reported it."""


def duties(graph: Graph) -> Iterator[Problem]:
    """Yield what is missing at some position, the nearest of each kind and place only."""
    seen: set[tuple[str, str | None, Where]] = set()
    for index, position in graph:
        for found in _at(graph, index, position):
            key = (found.code, found.state, found.where)
            if key not in seen:
                seen.add(key)
                yield found


def _at(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    yield from _clocks(graph, index, position)
    yield from _people(graph, index, position)
    yield from _periods(graph, index, position)
    yield from _requests(graph, index, position)
    yield from _steps(graph, index, position)


def _clocks(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    state = graph.walker.loop.states[position.state]
    clocks = dict(position.clocks)
    if not state.final and not any(clocks.get(name) == "running" for name in state.held_to):
        where = ("states", state.name, "held_to")
        yield problem(
            "no_clock/stopped",
            where,
            state=state.name,
            trace=graph.trace(index),
            clocks="、".join(state.held_to),
        )


def _people(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    loop, name = graph.walker.loop, position.state
    owner = loop.states[name].owner
    if owner is not None:
        yield from _bound(graph, index, position, (owner,), ("states", name, "owner"))
    for clock, _ in position.clocks:
        owner = loop.clocks[clock].owner
        yield from _bound(graph, index, position, (owner,), ("clocks", clock, "owner"))
    for number, transition in enumerate(loop.transitions):
        if name not in transition.sources:
            continue
        yield from _bound(graph, index, position, transition.by, ("transitions", number, "by"))
        asked = semantics.asks(transition)
        if asked is not None:
            decider = loop.requests[asked].decider
            yield from _bound(graph, index, position, (decider,), ("requests", asked, "decider"))


def _bound(
    graph: Graph,
    index: int,
    position: Position,
    roles: tuple[Role, ...],
    where: Where,
) -> Iterator[Problem]:
    for role in roles:
        if role.relation not in position.bound:
            yield problem(
                "unbound_relation",
                where,
                state=position.state,
                trace=graph.trace(index),
                role=role,
                relation=role.relation,
            )
    if all(role.relation in OPTIONAL_RELATIONS for role in roles):
        yield problem(
            "unbound_relation/optional",
            where,
            state=position.state,
            trace=graph.trace(index),
            role=roles[0],
        )


def _periods(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    loop = graph.walker.loop
    for name, state in position.clocks:
        taken = loop.clocks[name].takes
        if state != "running" or taken is None:
            continue
        transition = loop.by_state[position.state].get(taken)
        if transition is None or not graph.walker.allowed(position, transition):
            yield problem(
                "period_lost",
                ("clocks", name, "then"),
                state=position.state,
                trace=graph.trace(index),
                clock=name,
                action=taken,
            )


def _requests(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    for kind in sorted(position.requests):
        decided = any(
            edge.step.sure
            and edge.step.transition is not None
            and semantics.decides(edge.step.transition) == kind
            for edge in graph.edges[index]
        )
        if not decided:
            yield problem(
                "request_stuck",
                ("requests", kind),
                state=position.state,
                trace=graph.trace(index),
                name=kind,
            )


def _steps(graph: Graph, index: int, position: Position) -> Iterator[Problem]:
    loop = graph.walker.loop
    if graph.is_birth(index):
        yield from _dueless(graph, (loop.born_by,), loop.born_by, position)
    for edge in graph.edges[index]:
        step, transition = edge.step, edge.step.transition
        if transition is None:
            continue
        if DUE not in step.to.met:
            trace = (*graph.trace(index), *step.names)
            yield from _dueless(graph, trace, transition.name, step.to)
        if semantics.asks(transition) == "extension":
            yield from _extends(graph, index, position, transition)
        if "objection" in position.requests - step.to.requests:
            yield from _lost(graph, index, transition)
        if loop.states[step.to.state].final:
            yield from _ended(graph, (*graph.trace(index), *step.names), transition, step.to)


def _place(graph: Graph, transition: Transition) -> Where:
    return ("transitions", graph.walker.loop.transitions.index(transition))


def _dueless(
    graph: Graph, trace: tuple[str, ...], action: str, after: Position
) -> Iterator[Problem]:
    started = dict(after.clocks)
    for name, rule in graph.walker.loop.clocks.items():
        if DUE not in after.met and rule.limit == DUE and action in rule.starts and name in started:
            where = ("clocks", name, "limit")
            yield problem(
                "no_due", where, state=after.state, trace=trace, clock=name, action=action
            )


def _extends(
    graph: Graph, index: int, position: Position, transition: Transition
) -> Iterator[Problem]:
    clocks = graph.walker.loop.clocks
    if not any(clocks[name].limit == DUE for name, _ in position.clocks):
        yield problem(
            "no_due/extension",
            _place(graph, transition),
            state=position.state,
            trace=graph.trace(index),
            action=transition.name,
        )


def _lost(graph: Graph, index: int, transition: Transition) -> Iterator[Problem]:
    if transition.kind != "rule_objection":
        yield problem(
            "objection_lost",
            _place(graph, transition),
            state=graph.positions[index].state,
            trace=graph.trace(index),
            action=transition.name,
        )


def _ended(
    graph: Graph, trace: tuple[str, ...], transition: Transition, after: Position
) -> Iterator[Problem]:
    state = graph.walker.loop.states[after.state]
    if state.counts_as == "unfounded" and "reviewed" not in after.met:
        yield problem("unreviewed", _place(graph, transition), state=state.name, trace=trace)
    if after.unanswered and transition.kind not in _KEEPS_SOURCES:
        where, name = _place(graph, transition), transition.name
        yield problem("unanswered", where, state=state.name, trace=trace, action=name)
