"""The clause ``clocks`` of a definition: whose they are, what moves them, what their end does."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from workflow.loops.loop import ClockRule, Role, State, Transition
from workflow.loops.notes import OVER, Notes
from workflow.loops.problems import Where
from workflow.loops.shape import ClockShape, LoopShape
from workflow.loops.spans import read_limit
from workflow.loops.vocabulary import KINDS


def read_clocks(
    shape: LoopShape,
    notes: Notes,
    states: Mapping[str, State],
    transitions: tuple[Transition, ...],
) -> dict[str, ClockRule]:
    """Return the clocks in their order, each word checked."""
    rules: dict[str, ClockRule] = {}
    for name, entry in shape.clocks.items():
        where: Where = ("clocks", name)
        owner = _owner(name, entry, where, notes, states)
        _check_limit(name, entry, where, notes, transitions)
        opens, takes = _then(name, entry, where, notes, transitions)
        for i, other in enumerate(entry.mutes):
            notes.clock(other, (*where, "mutes", i))
        rule = ClockRule(
            name=name,
            labels=_labels(name, entry),
            limit=str(entry.limit),
            owner=owner or Role("", ""),
            starts=_moments(entry.starts, (*where, "from"), notes),
            stops=_moments(entry.stops, (*where, "to"), notes),
            held_by=_releases(entry.held_by, (*where, "held_by"), notes),
            paused_by=_releases(entry.paused_by, (*where, "paused_by"), notes),
            is_period=entry.period,
            opens=opens,
            takes=takes,
            mutes=frozenset(entry.mutes),
            ladder=entry.ladder,
        )
        rules[name] = rule
    _check_ends(rules, notes)
    return rules


def _labels(name: str, entry: ClockShape) -> Mapping[str, str]:
    zh = entry.zh or name
    return MappingProxyType({"zh": zh, "en": entry.en or zh})


def _owner(
    name: str, entry: ClockShape, where: Where, notes: Notes, states: Mapping[str, State]
) -> Role | None:
    if entry.owner is not None:
        return notes.role(entry.owner, (*where, "owner"))
    owners = {
        state.owner
        for state in states.values()
        if name in state.held_to and state.owner is not None
    }
    if len(owners) == 1:
        return owners.pop()
    if any(found.where[:1] == ("states",) for found in notes.problems):
        return None  # which states are whose is not known yet
    names = "、".join(sorted(map(str, owners)))
    found = f"由它约束的环节属于 {names}" if owners else "没有环节受它约束"
    found_en = f"its states belong to {names}" if owners else "no state is held to it"
    notes.add("no_owner/clock", where, clock=name, found=found, found_en=found_en)
    return None


def _moments(names: Iterable[str], where: Where, notes: Notes) -> frozenset[str]:
    return frozenset(name for i, name in enumerate(names) if notes.moment(name, (*where, i)))


def _releases(
    table: Mapping[str, tuple[str, ...]], where: Where, notes: Notes
) -> Mapping[str, frozenset[str]]:
    for name in table:
        notes.moment(name, (*where, name))
    return MappingProxyType(
        {name: _moments(ends, (*where, name), notes) for name, ends in table.items()}
    )


def _check_limit(
    name: str,
    entry: ClockShape,
    where: Where,
    notes: Notes,
    transitions: tuple[Transition, ...],
) -> None:
    limit = read_limit(str(entry.limit))
    if limit is None:
        notes.add("bad_limit", (*where, "limit"), text=entry.limit)
        return
    if limit.field is None:
        return
    asked = {t.name: t.needs for t in transitions}
    offered = {t.name: (*t.needs, *t.takes) for t in transitions}
    forms = offered if limit.span else asked
    lacking = [start for start in entry.starts if limit.field not in forms.get(start, ())]
    if lacking and (limit.span is None or len(lacking) == len(entry.starts)):
        notes.add(
            "unknown_field/limit",
            (*where, "limit"),
            clock=name,
            name=limit.field,
            action=lacking[0],
        )


def _then(
    name: str,
    entry: ClockShape,
    where: Where,
    notes: Notes,
    transitions: tuple[Transition, ...],
) -> tuple[str | None, str | None]:
    if entry.then is None:
        return None, None
    place: Where = (*where, "then")
    if not entry.period:
        notes.add("bad_period", place, clock=name)
    for key, action in (("open", entry.then.open), ("take", entry.then.take)):
        if action is not None:
            notes.action(action, (*place, key))
    taken = [t for t in transitions if t.name == entry.then.take]
    for transition in taken[:1]:
        _check_taken(name, transition, place, notes)
    if any(t.when for t in taken):
        notes.add("bad_period/guard", place, clock=name, action=entry.then.take)
    return entry.then.open, entry.then.take


def _check_taken(name: str, transition: Transition, where: Where, notes: Notes) -> None:
    """What the system takes has no form to fill."""
    if not KINDS[transition.kind].system:
        choices = "、".join(kind.name for kind in KINDS.values() if kind.system)
        notes.add("bad_period/kind", where, clock=name, kind=transition.kind, choices=choices)
    if transition.needs:
        fields = "、".join(transition.needs)
        notes.add("bad_period/needs", where, clock=name, action=transition.name, fields=fields)


def _check_ends(rules: Mapping[str, ClockRule], notes: Notes) -> None:
    openers: dict[str, str] = {}
    for rule in rules.values():
        if rule.opens is not None and rule.opens in openers:
            notes.add(
                "bad_period/twice",
                ("clocks", rule.name, "then"),
                action=rule.opens,
                clock=openers[rule.opens],
                other=rule.name,
            )
        if rule.opens is not None:
            openers.setdefault(rule.opens, rule.name)
    taken = {f"{rule.name}{OVER}": rule for rule in rules.values() if rule.takes}
    for rule in rules.values():
        for end in sorted((rule.starts | rule.stops) & taken.keys()):
            ending = taken[end]
            notes.add(
                "bad_period/over", ("clocks", rule.name), clock=ending.name, action=ending.takes
            )
