"""The clauses ``states``, ``transitions`` and ``requests`` of a definition, each word checked."""

from collections.abc import Mapping
from types import MappingProxyType

from workflow.loops.loop import RequestRule, State, Transition
from workflow.loops.notes import Notes
from workflow.loops.problems import Where
from workflow.loops.semantics import asks, decides
from workflow.loops.shape import LoopShape, TransitionShape
from workflow.loops.spans import is_span
from workflow.loops.vocabulary import COUNTS_AS, GUARDS, KINDS, OPTIONS, Kind

OPEN = "open"
"""``from: open`` stands for every state that counts as nothing yet."""


def read_states(shape: LoopShape, notes: Notes) -> dict[str, State]:
    """Return the states; a final one has an outcome and no owner, any other the reverse."""
    states: dict[str, State] = {}
    for name, entry in shape.states.items():
        where: Where = ("states", name)
        if name == OPEN:
            notes.add("bad_format/reserved", where, name=name)
        owner = notes.role(entry.owner, (*where, "owner")) if entry.owner else None
        for i, clock in enumerate(entry.held_to):
            notes.clock(clock, (*where, "held_to", i))
        if entry.counts_as is not None:
            notes.known("unknown_outcome", entry.counts_as, COUNTS_AS, (*where, "counts_as"))
        if entry.final:
            if entry.counts_as is None:
                notes.add("bad_final", where, state=name, choices="、".join(COUNTS_AS))
            if entry.owner or entry.held_to:
                notes.add("bad_final/owner", where, state=name)
        else:
            if not entry.owner:
                notes.add("no_owner", where, state=name)
            if not entry.held_to:
                notes.add("no_clock", where, state=name)
        states[name] = State(
            name, _frozen(entry.labels), owner, entry.held_to, entry.counts_as, entry.final
        )
    return states


def read_transitions(
    shape: LoopShape, notes: Notes, states: Mapping[str, State]
) -> tuple[Transition, ...]:
    """Return the transitions in their order; those of an unknown kind are left out."""
    transitions = [
        transition
        for i, entry in enumerate(shape.transitions)
        if (transition := _transition(entry, ("transitions", i), notes, states)) is not None
    ]
    _check_names(transitions, notes)
    return tuple(transitions)


def _transition(
    entry: TransitionShape, where: Where, notes: Notes, states: Mapping[str, State]
) -> Transition | None:
    choices = (name for name in KINDS if name != "report")
    if not notes.known("unknown_kind", entry.do, choices, (*where, "do")):
        return None
    kind = KINDS[entry.do]
    name = entry.name or entry.do
    _check_move(entry, kind, where, notes)
    _check_options(entry, name, where, notes)
    for i, guard in enumerate(entry.when):
        notes.known("unknown_guard", guard, GUARDS, (*where, "when", i))
    needs, takes = _form(entry, kind, name, where, notes)
    zh = entry.zh or kind.zh
    return Transition(
        name=name,
        kind=kind.name,
        sources=_sources(entry, where, notes, states),
        target=entry.target,
        by=notes.roles(entry.by, (*where, "by")),
        labels=_frozen({"zh": zh, "en": entry.en or (zh if entry.zh else kind.en)}),
        needs=needs,
        takes=takes,
        when=entry.when,
        options=_frozen(entry.options),
    )


def _sources(
    entry: TransitionShape, where: Where, notes: Notes, states: Mapping[str, State]
) -> tuple[str, ...]:
    if entry.sources == (OPEN,):
        return tuple(s.name for s in states.values() if not s.final and s.counts_as is None)
    return tuple(
        name for i, name in enumerate(entry.sources) if notes.state(name, (*where, "from", i))
    )


def _check_move(entry: TransitionShape, kind: Kind, where: Where, notes: Notes) -> None:
    if entry.target is not None:
        notes.state(entry.target, (*where, "to"))
    if kind.moves == "must" and entry.target is None:
        notes.add("bad_move", where, kind=kind.name)
    if kind.moves == "never" and entry.target is not None:
        notes.add("bad_move/never", (*where, "to"), kind=kind.name)


def _check_options(entry: TransitionShape, name: str, where: Where, notes: Notes) -> None:
    expected = OPTIONS.get(entry.do, {})
    for option, choices in expected.items():
        if entry.options.get(option) not in choices:
            place = (*where, option) if option in entry.options else where
            notes.add(
                "unknown_option", place, action=name, name=option, choices=" / ".join(choices)
            )
    for option in entry.options.keys() - expected.keys():
        notes.add("unknown_option/foreign", (*where, option), kind=entry.do, name=option)


def _form(
    entry: TransitionShape, kind: Kind, name: str, where: Where, notes: Notes
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    usable = (*kind.needs, *kind.takes)
    for key, fields in (("needs", entry.needs), ("takes", entry.takes or ())):
        for i, field in enumerate(fields):
            notes.known("unknown_field", field, usable, (*where, key, i), action=name)
    needs = tuple(dict.fromkeys((*kind.needs, *entry.needs)))
    takes = kind.takes if entry.takes is None else entry.takes
    return needs, tuple(field for field in takes if field not in needs)


def _check_names(transitions: list[Transition], notes: Notes) -> None:
    seen: set[tuple[str, str]] = set()
    first: dict[str, Transition] = {}
    for index, transition in enumerate(transitions):
        where: Where = ("transitions", index)
        if transition.name == notes.born_by:
            notes.add("duplicate/birth", where, action=transition.name)
        for source in transition.sources:
            if (source, transition.name) in seen:
                notes.add("duplicate", where, state=source, action=transition.name)
            seen.add((source, transition.name))
        other = first.setdefault(transition.name, transition)
        for what in ("kind", "options", "needs", "takes", "labels"):
            if getattr(other, what) != getattr(transition, what):
                notes.add("mixed_action", where, action=transition.name, what=what)


def read_requests(
    shape: LoopShape, notes: Notes, transitions: tuple[Transition, ...]
) -> dict[str, RequestRule]:
    """Return the rules of the requests; each is asked for and decided by some action."""
    rules: dict[str, RequestRule] = {}
    for kind, entry in shape.requests.items():
        where: Where = ("requests", kind)
        decider = notes.role(entry.decider, (*where, "decider"))
        if not is_span(str(entry.limit)):
            notes.add("bad_limit", (*where, "limit"), text=entry.limit)
        if not (any(asks(t) == kind for t in transitions) and _decided(kind, transitions)):
            notes.add("unknown_request/unused", where, name=kind)
        if decider is not None:
            rules[kind] = RequestRule(
                kind=kind,
                labels=_frozen(entry.labels),
                decider=decider,
                limit=str(entry.limit),
                most=entry.most,
                causes=entry.causes,
                ladder=entry.ladder,
            )
    for i, transition in enumerate(transitions):
        about = asks(transition) or decides(transition)
        if about is not None and about not in shape.requests:
            notes.add("unknown_request", ("transitions", i), action=transition.name, name=about)
    return rules


def _decided(kind: str, transitions: tuple[Transition, ...]) -> bool:
    return any(decides(t) == kind for t in transitions)


def _frozen(labels: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(labels))
