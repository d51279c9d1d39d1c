"""Laws of the product that a definition cannot change: who may judge, what stays closed."""

from collections.abc import Iterator

from workflow.loops.loop import Loop, Transition
from workflow.loops.problems import Problem, problem
from workflow.loops.semantics import decides
from workflow.loops.vocabulary import JUDGEMENTS, PART_ENDS, RESPONSIBLE_SIDE

_AFTER_CLOSING = frozenset({"closed", "archived", "relapsed"})
_RELAPSES_FROM = frozenset({"closed", "archived"})


def laws(loop: Loop) -> Iterator[Problem]:
    """Yield what a definition does against the laws, place by place."""
    for index, transition in enumerate(loop.transitions):
        yield from _judge(transition, index)
        for source in transition.sources:
            yield from _leaves_final(loop, transition, index, source)
            yield from _reopens(loop, transition, index, source)
    yield from _idle_owners(loop)
    yield from _deciders(loop)
    yield from _ends(loop)


def _judge(transition: Transition, index: int) -> Iterator[Problem]:
    where = ("transitions", index, "by")
    if transition.kind in JUDGEMENTS:
        for role in transition.by:
            if role.relation in RESPONSIBLE_SIDE:
                yield problem("self_acceptance", where, action=_name(transition), role=role)
    if transition.kind == "review":
        for role in transition.by:
            if role.relation not in RESPONSIBLE_SIDE | {"above"}:
                yield problem("unreviewed/role", where, action=_name(transition), role=role)


def _leaves_final(loop: Loop, transition: Transition, index: int, source: str) -> Iterator[Problem]:
    state = loop.states[source]
    if not state.final:
        return
    target = loop.states.get(transition.target or "")
    is_relapse = (
        transition.kind == "relapse"
        and state.counts_as in _RELAPSES_FROM
        and target is not None
        and target.final
        and target.counts_as == "relapsed"
    )
    if not is_relapse:
        yield problem(
            "final_left",
            ("transitions", index, "from"),
            state=source,
            action=_name(transition),
        )


def _reopens(loop: Loop, transition: Transition, index: int, source: str) -> Iterator[Problem]:
    if loop.states[source].counts_as not in _AFTER_CLOSING or transition.target is None:
        return
    if loop.states[transition.target].counts_as not in _AFTER_CLOSING:
        yield problem(
            "closed_reopened",
            ("transitions", index, "to"),
            state=source,
            action=_name(transition),
            target=transition.target,
        )


def _idle_owners(loop: Loop) -> Iterator[Problem]:
    for name, state in loop.states.items():
        leading_on = [
            t for t in loop.by_state[name].values() if t.target is not None and t.target != name
        ]
        if state.owner is None or not leading_on:
            continue
        if not any(state.owner in t.by for t in leading_on):
            where = ("states", name, "owner")
            yield problem("no_owner/idle", where, state=name, owner=state.owner)


def _deciders(loop: Loop) -> Iterator[Problem]:
    for kind, rule in loop.requests.items():
        where = ("requests", kind, "decider")
        if rule.decider.relation in RESPONSIBLE_SIDE:
            yield problem("self_acceptance/decider", where, name=kind, role=rule.decider)
        for transition in loop.transitions:
            if decides(transition) == kind and rule.decider not in transition.by:
                yield problem(
                    "no_owner/decider",
                    where,
                    name=kind,
                    owner=rule.decider,
                    action=_name(transition),
                )


def _ends(loop: Loop) -> Iterator[Problem]:
    if not any(state.final for state in loop.states.values()):
        yield problem("no_end/none", ("states",))
    is_part = loop.born_by == "split"
    for name, state in loop.states.items():
        where = ("states", name, "counts_as")
        if is_part and state.final and state.counts_as not in PART_ENDS:
            choices = "、".join(sorted(PART_ENDS))
            yield problem("bad_end", where, state=name, choices=choices)
        if not is_part and state.counts_as == "settled":
            yield problem("bad_end/root", where, state=name)


def _name(transition: Transition) -> str:
    return transition.name
