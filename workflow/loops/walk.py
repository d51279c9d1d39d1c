"""Walking a loop: every position that an issue can reach, by the rules that the engine obeys.

A position is what a decision can depend on: state, clocks, open requests, which relations are set,
how the parts stand.  What only a person or the calendar knows (a limit that has passed, who may do
what) is left open: such a step is *possible*, yet nothing may depend on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Literal, NamedTuple

from workflow.loops import semantics
from workflow.loops.loop import Loop, Transition
from workflow.loops.notes import OVER
from workflow.loops.semantics import ClockState
from workflow.loops.vocabulary import BIRTHS, DATED, EXHAUSTIVE, KINDS, OPTIONAL_RELATIONS

Parts = Literal["none", "running", "running_again", "settled", "void"]
"""``running_again``: split anew after a part was settled, which stays settled."""

RUNNING = ("running", "running_again")

Ending = Literal["settled", "void"]
"""How a part ended, as far as its parent minds: rectified, or unfounded or merged."""

Endings = Mapping[Ending, tuple[str, ...]]
"""How a part can end → a shortest walk of it, each step named ``part:<action>``."""

ENDINGS: Endings = MappingProxyType({"settled": ("part:settled",), "void": ("part:void",)})
"""Stands in for a part whose loop is not at hand."""

PART = "part:"
RETURNS_BEFORE_RISING = 2
"""As ``issues/guards``: the third return goes one level up."""


class Position(NamedTuple):
    """Where an issue can stand."""

    state: str
    clocks: tuple[tuple[str, ClockState], ...]
    bound: frozenset[str]
    """Relations that are set on the way here."""
    met: frozenset[str]
    """``due``: the due date is set; ``reviewed``: an unfounded verdict was upheld one level up."""
    requests: frozenset[str]
    parts: Parts
    returns: int
    at_once: bool
    unanswered: bool


class Step(NamedTuple):
    """One way on: the names that a trace shows for it, and where it leads.

    ``sure`` tells whether the end of the loop may depend on it.
    """

    names: tuple[str, ...]
    transition: Transition | None
    to: Position
    sure: bool


TRUTH: Mapping[str, Callable[[Position], bool]] = MappingProxyType(
    {
        "no_parts": lambda p: p.parts == "none",
        "has_parts": lambda p: p.parts != "none",
        "parts_ready": lambda p: p.parts in ("none", "settled"),
        "parts_settled": lambda p: p.parts == "settled",
        "parts_void": lambda p: p.parts == "void",
        "parts_running": lambda p: p.parts in RUNNING,
        "no_objection": lambda p: "objection" not in p.requests,
        "open_objection": lambda p: "objection" in p.requests,
        "sources_replied": lambda p: not p.unanswered,
        "sources_unanswered": lambda p: p.unanswered,
        "third_return": lambda p: p.returns >= RETURNS_BEFORE_RISING,
        "early_return": lambda p: p.returns < RETURNS_BEFORE_RISING,
        "at_once": lambda p: p.at_once,
        "not_at_once": lambda p: not p.at_once,
    }
)
"""Guards whose truth a position knows; any other may hold or not."""

PART_GUARDS = frozenset(guard for guard in TRUTH if "parts" in guard)
_RETURN_GUARDS = frozenset({"third_return", "early_return"})
_SPEED_GUARDS = frozenset({"at_once", "not_at_once"})
_SOURCE_GUARDS = frozenset({"sources_replied", "sources_unanswered"})


class _Lead(NamedTuple):
    """Where a transition leads as far as parts, requests and the other facts do not matter."""

    transition: Transition | None
    names: tuple[str, ...]
    state: str
    clocks: tuple[tuple[str, ClockState], ...]
    bound: frozenset[str]
    met: frozenset[str]


class Walker:
    """Knows every way on from a position of one loop; keeps what it has computed.

    ``endings`` says how a part of it can end; without any, nothing is split.
    """

    def __init__(self, loop: Loop, endings: Endings | None = ENDINGS) -> None:
        self.loop = loop
        self.endings: Endings = endings or {}
        self.can_split = endings is not None
        self.promises_replies = any(
            _SOURCE_GUARDS & set(t.when) or (t.kind != "reply" and "reply" in t.needs)
            for t in loop.transitions
        )
        """The loop says that no issue ends before its sources have their replies."""
        self._minds = _guards_ahead(loop)
        self._relied = frozenset(
            guard for group in loop.exhaustive if group in EXHAUSTIVE for guard in group
        )
        self._leads: dict[tuple[object, ...], tuple[_Lead, ...]] = {}

    def starts(self) -> Iterator[Position]:
        """Yield where a new issue can stand."""
        loop = self.loop
        is_part = loop.born_by == "split"
        clocks = _wind(loop, (), loop.born_by, loop.initial)
        for at_once, unanswered in product((False, True), (False, True)):
            if (unanswered and not self.promises_replies) or (
                at_once and not (is_part and self._minds[loop.initial] & _SPEED_GUARDS)
            ):
                continue
            yield Position(
                loop.initial,
                clocks,
                frozenset(BIRTHS[loop.born_by]),
                frozenset({"due"}) if loop.born_by in DATED else frozenset(),
                frozenset(),
                "none",
                0,
                at_once,
                unanswered,
            )

    def steps(self, position: Position) -> Iterator[Step]:
        """Yield every way on from a position: actions, ends of periods, ends of parts."""
        for lead in self._leads_from(position):
            transition = lead.transition
            if transition is None:
                yield Step(
                    lead.names,
                    None,
                    position._replace(state=lead.state, clocks=lead.clocks),
                    True,
                )
            elif self.allowed(position, transition):
                for after in self._afters(position, lead, transition):
                    yield Step(lead.names, transition, after, self.is_sure(transition))
        if position.parts in RUNNING:
            for ending, names in self.endings.items():
                parts: Parts = "settled" if position.parts == "running_again" else ending
                yield Step(names, None, position._replace(parts=parts), True)

    def allowed(self, position: Position, transition: Transition) -> bool:
        """Return whether nothing that the position knows forbids the transition."""
        asked, decided = semantics.asks(transition), semantics.decides(transition)
        if asked is not None and asked in position.requests:
            return False
        if decided is not None and decided not in position.requests:
            return False
        if transition.kind == "reply" and self.promises_replies and not position.unanswered:
            return False
        if position.parts in RUNNING:
            target = self.loop.states.get(transition.target or "")
            if target is not None and target.final:
                return False
        return all(TRUTH[g](position) for g in transition.when if g in TRUTH)

    def is_sure(self, transition: Transition) -> bool:
        """Return whether people can count on a transition whenever its guards hold.

        A guard outside the declared groups may stay false for ever; a return has a time limit.
        """
        return transition.kind != "return" and all(g in self._relied for g in transition.when)

    def _leads_from(self, position: Position) -> tuple[_Lead, ...]:
        key = position[:4]
        leads = self._leads.get(key)
        if leads is None:
            leads = self._leads[key] = tuple(self._find_leads(position))
        return leads

    def _find_leads(self, position: Position) -> Iterator[_Lead]:
        loop, clocks = self.loop, dict(position.clocks)
        for transition in loop.by_state[position.state].values():
            if transition.kind == "split" and not self.can_split:
                continue
            if clocks.get(transition.opened_by or "", "over") == "over":
                yield self._lead(position, transition, (transition.name,))
        for name, rule in loop.clocks.items():
            if not rule.is_period or clocks.get(name) != "running":
                continue
            end = f"{name}{OVER}"
            if rule.takes is None:
                over = tuple(semantics.over(clocks, name).items())
                wound = _wind(loop, over, end, position.state)
                yield _Lead(None, (end,), position.state, wound, position.bound, position.met)
            elif rule.takes in loop.by_state[position.state]:
                taken = loop.by_state[position.state][rule.takes]
                yield self._lead(position, taken, (end,))

    def _lead(self, position: Position, transition: Transition, names: tuple[str, ...]) -> _Lead:
        state = transition.target or position.state
        kind = KINDS[transition.kind]
        fields = (*transition.needs, *transition.takes)
        bound = position.bound.union(kind.binds, OPTIONAL_RELATIONS.intersection(fields))
        met = position.met
        if "due" in transition.needs:
            met |= {"due"}
        if transition.kind == "review" and transition.options.get("review") == "upheld":
            met |= {"reviewed"}
        elif transition.kind == "verdict":
            met -= {"reviewed"}
        clocks = _wind(self.loop, position.clocks, transition.name, state)
        return _Lead(transition, names, state, clocks, bound, met)

    def _afters(
        self, position: Position, lead: _Lead, transition: Transition
    ) -> Iterator[Position]:
        minds = self._minds[lead.state]
        parts = position.parts
        if transition.kind == "split":
            again = parts in ("settled", "running_again")
            parts = "running_again" if again else "running"
        returns = position.returns + (transition.kind == "return")
        if not minds & _RETURN_GUARDS:
            returns = 0
        speeds: tuple[bool, ...] = (position.at_once,)
        if "speed" in (*transition.needs, *transition.takes):
            speeds = (False, True)
        if not minds & _SPEED_GUARDS:
            speeds = (False,)
        for at_once in speeds:
            for unanswered in self._replies(position, transition):
                yield Position(
                    lead.state,
                    lead.clocks,
                    lead.bound,
                    lead.met,
                    self._requests(position, transition, lead.state),
                    parts,
                    min(returns, RETURNS_BEFORE_RISING),
                    at_once,
                    unanswered,
                )

    def _replies(self, position: Position, transition: Transition) -> tuple[bool, ...]:
        if not position.unanswered or not self.promises_replies:
            return (False,)
        if transition.kind == "reply":
            return (False, True)
        return (False,) if "reply" in transition.needs else (True,)

    def _requests(self, position: Position, transition: Transition, state: str) -> frozenset[str]:
        requests = position.requests
        if (asked := semantics.asks(transition)) is not None:
            requests |= {asked}
        if (decided := semantics.decides(transition)) is not None:
            requests -= {decided}
        if not requests:
            return requests
        return requests.difference(semantics.withdrawn(self.loop, requests, position.state, state))


def _wind(
    loop: Loop, clocks: tuple[tuple[str, ClockState], ...], action: str, state: str
) -> tuple[tuple[str, ClockState], ...]:
    """Return the clocks after an action, by the rule that the engine obeys."""
    table = dict(clocks)
    wound = semantics.after(table, semantics.orders(loop, table, action, loop.states[state]))
    return tuple(sorted(wound.items()))


def _guards_ahead(loop: Loop) -> Mapping[str, frozenset[str]]:
    """Return, per state, the guards that can matter there or later; other facts are forgotten."""
    ahead = {
        state: {guard for t in table.values() for guard in t.when}
        for state, table in loop.by_state.items()
    }
    changed = True
    while changed:
        changed = False
        for state, table in loop.by_state.items():
            before = len(ahead[state])
            for transition in table.values():
                ahead[state] |= ahead[transition.target or state]
            changed = changed or len(ahead[state]) > before
    return {state: frozenset(guards) for state, guards in ahead.items()}


def replay(
    loop: Loop, trace: Sequence[str], *, given: Sequence[str] = (), endings: Endings = ENDINGS
) -> Position:
    """Walk a trace from the beginning and return where it ends.

    Where a step can turn out in several ways (an assignment may be 立行立改 or not), ``given``
    names guards that hold at the end.

    Raises:
        ValueError: no issue can take these steps; names the first impossible one.
    """
    if not trace or trace[0] != loop.born_by:
        raise ValueError(f"a trace of {loop.name} begins with {loop.born_by}")
    walker = Walker(loop, endings)
    reached: dict[int, list[Position]] = {1: list(dict.fromkeys(walker.starts()))}
    for at in range(1, len(trace)):
        for position in reached.get(at, ()):
            for step in walker.steps(position):
                end = at + len(step.names)
                if tuple(trace[at:end]) == step.names:
                    found = reached.setdefault(end, [])
                    if step.to not in found:
                        found.append(step.to)
    for position in reached.get(len(trace), ()):
        if all(TRUTH[guard](position) for guard in given):
            return position
    furthest = max(reached)
    if furthest < len(trace):
        raise ValueError(f"step {furthest + 1} ({trace[furthest]}) is not possible")
    raise ValueError(f"after {' → '.join(trace)} there is no case with {', '.join(given)}")
