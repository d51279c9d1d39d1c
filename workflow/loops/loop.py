"""A loop as the engine sees it: states, transitions, clocks and requests, all immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Role:
    """``post@relation``: a person with that post in a unit that stands in that relation."""

    post: str
    relation: str

    def __str__(self) -> str:
        return f"{self.post}@{self.relation}"


@dataclass(frozen=True, slots=True)
class State:
    """Where an issue stands, whose move it is and which clocks hold that owner to it."""

    name: str
    labels: Mapping[str, str]
    owner: Role | None = None
    held_to: tuple[str, ...] = ()
    counts_as: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One action that is possible from some states.

    ``target`` is None for an action beside the state.  ``options`` are the fixed words of the
    definition (``request: extension``, ``outcome: granted`` …) that tell the kind what to do.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[Role, ...]
    labels: Mapping[str, str]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    opened_by: str | None = None
    """The period whose end opens this action; before it the action is refused."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock's section: what starts, stops, holds and pauses it, whose it is, what its end does.

    ``limit`` is a limit (``3wd``), ``due`` for the issue's own due date, or ``field|default`` for a
    length that the starting action's form gives.  Holding keeps the due date, pausing moves it.
    """

    name: str
    labels: Mapping[str, str]
    limit: str
    owner: Role
    starts: frozenset[str]
    stops: frozenset[str]
    held_by: Mapping[str, frozenset[str]]
    paused_by: Mapping[str, frozenset[str]]
    is_period: bool = False
    opens: str | None = None
    takes: str | None = None
    mutes: frozenset[str] = frozenset()
    ladder: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRule:
    """A request beside the state: who decides it, within which limit, and how many there may be."""

    kind: str
    labels: Mapping[str, str]
    decider: Role
    limit: str
    most: int | None = None
    causes: tuple[str, ...] = ()
    ladder: str | None = None


@dataclass(frozen=True)
class Loop:
    """One version of a definition, proved sound before an issue runs on it."""

    name: str
    version: str
    labels: Mapping[str, str]
    initial: str
    born_by: str
    prefix: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    clocks: Mapping[str, ClockRule]
    requests: Mapping[str, RequestRule]
    exhaustive: tuple[frozenset[str], ...] = ()
    part_loop: str | None = None
    accept_by_superior: frozenset[str] = frozenset()
    definition: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The content that was read; ``version`` is its hash."""

    @cached_property
    def by_state(self) -> Mapping[str, Mapping[str, Transition]]:
        """State → action name → transition, in the order of the definition."""
        table: dict[str, dict[str, Transition]] = {state: {} for state in self.states}
        for transition in self.transitions:
            for source in transition.sources:
                table[source][transition.name] = transition
        return table

    @cached_property
    def actions(self) -> Mapping[str, Transition]:
        """Action name → its first transition; all transitions of a name share kind and form."""
        table: dict[str, Transition] = {}
        for transition in self.transitions:
            table.setdefault(transition.name, transition)
        return table

    @cached_property
    def touched_by(self) -> Mapping[str, tuple[ClockRule, ...]]:
        """Action, or ``<clock>_over`` → the clocks to which it can do anything, in their order."""
        table: dict[str, list[ClockRule]] = {}
        for rule in self.clocks.values():
            held, paused = rule.held_by, rule.paused_by
            releases = frozenset().union(*held.values(), *paused.values())
            for action in {*rule.starts, *rule.stops, *held, *paused, *releases}:
                table.setdefault(action, []).append(rule)
        return {action: tuple(rules) for action, rules in table.items()}

    @cached_property
    def due_clocks(self) -> tuple[str, ...]:
        """The clocks that run to the issue's own due date."""
        return tuple(name for name, rule in self.clocks.items() if rule.limit == "due")

    @cached_property
    def muting(self) -> tuple[ClockRule, ...]:
        """The clocks that speak for others while they run."""
        return tuple(rule for rule in self.clocks.values() if rule.mutes)
