"""From a decision to the clocks: what starts, stops, is held, and what the next owner is held to.

Pure: the orders of ``loops/semantics`` become drafts and changes of clock rows.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from workflow.deadlines import running
from workflow.deadlines.ladder import Ladder, Ladders, term_of
from workflow.deadlines.ladder import limit as parse_limit
from workflow.deadlines.running import ClockChange, ClockDraft, ClockRow
from workflow.issues.case import Case
from workflow.issues.effect import Effect, House
from workflow.issues.rules import Move
from workflow.loops import semantics
from workflow.loops.loop import ClockRule, State
from workflow.loops.semantics import ClockState, Order
from workflow.units.rules import desk_of

REQUEST_CLOCK = "decide_"
"""Prefix of the clock that holds the decider of a request."""


class Wound(NamedTuple):
    """The clocks after a move: rows to insert, rows to change, and the owner's due moment."""

    drafts: tuple[ClockDraft, ...]
    changes: tuple[ClockChange, ...]
    move_due_at: datetime | None
    due_on: date | None
    lamps: tuple[str, ...]
    """Lamps of the clocks that are not done."""
    counts: Mapping[str, int]
    """How often each clock has been started, kept in the issue's facts."""


def wind(
    move: Move, units: Mapping[str, list[int]], due_on: date | None, ladders: Ladders
) -> Wound:
    """Carry out a move's orders for an issue that now has these units and this due date."""
    step = move.step
    winder = _Winder(
        step.case,
        move.orders,
        move.target,
        move.effect,
        units,
        due_on,
        ladders,
        step.house,
        step.now,
    )
    winder.move_due_dates()
    winder.end_the_rest()
    return winder.result()


def wind_period(
    case: Case, orders: tuple[Order, ...], ladders: Ladders, house: House, now: datetime
) -> Wound:
    """Carry out what the end of a period starts and stops; the state stays."""
    target = case.loop.states[case.state]
    return _Winder(
        case, orders, target, Effect(), case.units, case.due_on, ladders, house, now
    ).result()


def counts_of(case: Case) -> dict[str, int]:
    """Return how often each clock of the issue was started."""
    return dict(case.facts.get("clocks", {}))


class _Winder:
    """Collects the new state of each clock; the last word about a clock counts."""

    def __init__(
        self,
        case: Case,
        orders: tuple[Order, ...],
        target: State,
        effect: Effect,
        units: Mapping[str, list[int]],
        due_on: date | None,
        ladders: Ladders,
        house: House,
        now: datetime,
    ) -> None:
        self.case, self.orders, self.target, self.effect = case, orders, target, effect
        self.units, self.due_on, self.ladders = units, due_on, ladders
        self.house, self.timing, self.now = house, house.timing, now
        self.states: dict[str, ClockState] = semantics.after(case.clock_states(), orders)
        self.muted = semantics.muted(case.loop, self.states)
        self.drafts: dict[str, ClockDraft] = {}
        self.changes: list[ClockChange] = []
        self.rows = {clock.id: clock for clock in case.clocks}
        self.ids = {c.kind: c.id for c in reversed(case.clocks) if c.subject == "issue"}
        self.counts = counts_of(case)
        for order in orders:
            self.obey(order)
        self.mute()

    def obey(self, order: Order) -> None:
        """Carry out one order."""
        if (clock := self.current(order.clock)) is not None:
            self.change(order, clock)
        if order.verb == "start":
            self.start(self.case.loop.clocks[order.clock])

    def change(self, order: Order, clock: ClockRow) -> None:
        """Change a clock that runs already; one that starts afresh ends first."""
        match order.verb:
            case "start" | "stop":
                self.put(running.stop(clock, self.now))
            case "hold":
                self.put(running.hold(clock, self.now))
            case "release":
                self.put(running.release(clock, self.now, muted=order.clock in self.muted))
            case "pause":
                self.put(running.pause(clock, self.now, self.reason()))
            case "resume":
                rule = self.case.loop.clocks[order.clock]
                ladder = self.ladder(rule, clock.due_on)
                self.put(
                    running.resume(
                        clock, self.now, self.timing, ladder, ended_at=self.end_of_pause()
                    )
                )

    def start(self, rule: ClockRule) -> None:
        """Start a clock for the issue itself."""
        limit_text = resolve_limit(rule.limit, self.effect.limits)
        limit = parse_limit(limit_text)
        due_on = self.due_on if limit.kind == "due" else limit.on
        desk = desk_of(self.house.directory, rule.owner, self.units, self.timing.day(self.now))
        self.counts[rule.name] = self.counts.get(rule.name, 0) + 1
        self.drafts[rule.name] = running.start(
            rule.name,
            issue_id=self.case.id,
            subject="issue",
            subject_id=self.case.id,
            seq=self.counts[rule.name],
            limit_text=limit_text,
            limit=limit,
            owner=str(rule.owner),
            owner_unit_id=desk[0] if desk else None,
            now=self.now,
            timing=self.timing,
            ladder=self.ladder(rule, due_on),
            due_on=due_on,
            is_period=rule.is_period,
            muted=rule.name in self.muted,
        )

    def move_due_dates(self) -> None:
        """An extension, or a new due set by the dispatcher, moves the clocks that run to it."""
        until = self.effect.extend_to or self.effect.due_on
        if until is None:
            return
        for name in self.case.loop.due_clocks:
            clock = self.current(name)
            if clock is not None and name not in self.drafts:
                ladder = self.ladder(self.case.loop.clocks[name], until)
                self.put(running.move_due(clock, until, self.now, self.timing, ladder))

    def end_the_rest(self) -> None:
        """Settled requests stop their clock; what has ended keeps none of requests or papers."""
        ended = self.target.counts_as is not None
        settled = {
            request.id
            for settle in self.effect.settles
            if (request := self.case.request(settle.kind)) is not None
        }
        for clock in self.case.clocks:
            of_request = clock.subject == "request" and clock.subject_id in settled
            if of_request or (ended and clock.subject != "issue"):
                self.put(running.stop(clock, self.now))

    def mute(self) -> None:
        """A clock that another one speaks for takes no rung while that one runs."""
        for name, state in self.states.items():
            clock = self.current(name)
            if clock is None or name in self.drafts or state != "running":
                continue
            if clock.muted != (name in self.muted):
                change = running.unmute if clock.muted else running.mute
                self.put(change(clock, self.now))

    def end_of_pause(self) -> datetime:
        """A suspension ends with its period, however late anybody notices."""
        ends = (
            clock.due_at
            for order in self.orders
            if order.verb == "stop"
            and self.case.loop.clocks[order.clock].takes is not None
            and (clock := self.case.clock(order.clock)) is not None
        )
        return min([self.now, *(end for end in ends if end is not None)])

    def reason(self) -> str:
        """Why a clock is suspended, for its list of pauses."""
        return str(self.effect.facts.get("suspended", {}).get("cause", ""))

    def current(self, name: str) -> ClockRow | None:
        """Return the issue's clock of that name as changed so far."""
        clock_id = self.ids.get(name)
        return None if clock_id is None else self.rows[clock_id]

    def put(self, change: ClockChange) -> None:
        """Keep a change, for the next one of the same clock to build on."""
        self.rows[change.id] = change.row
        self.changes.append(change)

    def ladder(self, rule: ClockRule, due_on: date | None) -> Ladder | None:
        """Return the ladder in force for a clock of that length."""
        return self.ladders.pick(rule.ladder or rule.name, term_of(self.now, due_on))

    def result(self) -> Wound:
        """Return everything that is to be written, and what the owner is held to."""
        return Wound(
            tuple(self.drafts.values()),
            tuple(self.changes),
            next(self.held_to(), None),
            self.due_day(),
            tuple(row.lamp for row in self.rows.values() if row.stopped_at is None),
            self.counts,
        )

    def held_to(self) -> Iterator[datetime]:
        """Yield the due moments of the clocks that hold the owner of the target state."""
        for name in semantics.holding(self.target, self.states):
            draft, clock = self.drafts.get(name), self.current(name)
            due_at = draft.due_at if draft else clock.due_at if clock else None
            if due_at is not None:
                yield due_at

    def due_day(self) -> date | None:
        """The issue's due day: a suspension has moved it together with its clock."""
        for name in self.case.loop.due_clocks:
            clock = self.current(name)
            if clock is not None and name not in self.drafts:
                return clock.due_on
        return self.due_on


def resolve_limit(text: str, given: Mapping[str, str]) -> str:
    """Return the limit that ``field|default`` stands for, given what the form said."""
    field, bar, default = text.partition("|")
    if bar:
        return given.get(field, default)
    return given.get(text, text)


def request_clock(
    case: Case,
    request_id: int,
    kind: str,
    owner_unit_id: int,
    now: datetime,
    house: House,
    ladders: Ladders,
) -> ClockDraft:
    """Return the clock that holds the decider of a request (DESIGN §4, Requests)."""
    rule = case.loop.requests[kind]
    limit = parse_limit(rule.limit)
    name = f"{REQUEST_CLOCK}{kind}"
    return running.start(
        name,
        issue_id=case.id,
        subject="request",
        subject_id=request_id,
        seq=1,
        limit_text=rule.limit,
        limit=limit,
        owner=str(rule.decider),
        owner_unit_id=owner_unit_id,
        now=now,
        timing=house.timing,
        ladder=ladders.pick(rule.ladder or name, "short"),
    )
