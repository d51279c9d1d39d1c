"""What may be done with a case, by whom, and why not: the one answer for buttons and refusals.

Pure and fast: no session, no clock, no I/O.  ``decide`` answers for one action, ``offered`` for all
actions of the case's state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from workflow.errors import N_, Invalid, NotAllowed, Refused, WorkflowError
from workflow.issues.case import Case
from workflow.issues.effect import Effect, House, Settle, Step
from workflow.issues.fields import FormField, form, read
from workflow.issues.guards import unmet
from workflow.issues.kinds import RULES
from workflow.loops.loop import Role, State, Transition
from workflow.loops.semantics import Order, orders, withdrawn
from workflow.loops.vocabulary import POSTS, RELATIONS
from workflow.units.rules import Actor, desk_of, standing

_NO_VALUES: Mapping[str, Any] = {}


class Move(NamedTuple):
    """A decision: this transition, into this state, with these effects and orders to the clocks."""

    step: Step
    target: State
    effect: Effect
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One action of the case's state as one person sees it: its form, or why it is not possible."""

    action: str
    transition: Transition
    fields: tuple[FormField, ...]
    refusal: WorkflowError | None

    @property
    def allowed(self) -> bool:
        """Whether the person may do it now."""
        return self.refusal is None


def decide(case: Case, action: str, by: Actor, now: datetime, house: House) -> Step:
    """Return the step that ``action`` would be, its form still empty.

    Raises:
        Refused: the state has no such action, or something is missing first; ``why`` says what.
        NotAllowed: the action is somebody else's.
    """
    transition = case.loop.by_state[case.state].get(action)
    if transition is None:
        raise _no_such_action(case, action)
    stands = standing(house.directory, transition.by, case.units, by)
    if stands is None:
        raise _not_yours(case, transition, by, house)
    step = Step(case, transition, _NO_VALUES, by, now, house, stands[0], stands[1])
    why = _early(case, transition) or unmet(case, transition.when) or _parts_open(case, transition)
    if why is not None:
        raise Refused(
            N_("现在不能“{action}”。"),
            action=action,
            state=case.state,
            why=why,
            params={"action": label(transition)},
        )
    RULES[transition.kind].before(step)
    return step


def judge(
    case: Case, action: str, data: Mapping[str, Any], by: Actor, now: datetime, house: House
) -> Move:
    """Decide, read the form and say what is to happen.

    Raises:
        Refused, NotAllowed: as ``decide``.
        Invalid: the form, with one sentence a field at fault.
    """
    step = decide(case, action, by, now, house)
    step.values = read(step.transition, data)
    return move(step)


def by_system(case: Case, action: str, now: datetime, house: House, system: Actor) -> Move:
    """Return the move that an expired period takes by itself, form and rights aside."""
    transition = case.loop.by_state[case.state].get(action)
    if transition is None:
        raise _no_such_action(case, action)
    return move(Step(case, transition, _NO_VALUES, system, now, house))


def move(step: Step) -> Move:
    """Say what a step with its form filled changes."""
    case, transition = step.case, step.transition
    target = case.loop.states[transition.target or case.state]
    effect = _with_withdrawals(step, target, RULES[transition.kind].effect(step))
    if "reply" in step.values and effect.replies_to is None:
        effect = effect._replace(replies_to_all=True)
    return Move(
        step, target, effect, orders(case.loop, case.clock_states(), transition.name, target)
    )


def _with_withdrawals(step: Step, target: State, effect: Effect) -> Effect:
    """Add the requests that nobody can decide any more once the issue has moved on."""
    settled = {settle.kind for settle in effect.settles}
    opened = [request.kind for request in step.case.requests if request.kind not in settled]
    gone = withdrawn(step.case.loop, opened, step.case.state, target.name) if opened else ()
    if not gone:
        return effect
    settles = (*effect.settles, *(Settle(kind, "withdrawn") for kind in gone))
    return effect._replace(settles=settles)


def offered(case: Case, by: Actor, now: datetime, house: House) -> tuple[Offer, ...]:
    """Return every action of the state with its form, or with the reason why not."""
    return tuple(
        Offer(name, transition, form(transition), refusal(case, name, by, now, house))
        for name, transition in case.loop.by_state[case.state].items()
    )


def refusal(
    case: Case, action: str, by: Actor, now: datetime, house: House
) -> WorkflowError | None:
    """Return why this person cannot take this action now, or None."""
    try:
        decide(case, action, by, now, house)
    except WorkflowError as error:
        return error
    return None


def label(transition: Transition, lang: str = "zh") -> str:
    """Return the action's name in a language that the definition has, Chinese otherwise."""
    return transition.labels.get(lang) or transition.labels["zh"]


def who(case: Case, roles: tuple[Role, ...], by: Actor, house: House) -> str:
    """Name the desks that may do something, for a sentence."""
    names: list[str] = []
    for role in roles:
        desk = desk_of(house.directory, role, case.units, by.on)
        post = POSTS[role.post]
        unit = house.directory.unit(desk[0]).name if desk else RELATIONS[role.relation]
        names.append(f"{unit}{post}")
    return "或".join(dict.fromkeys(names))


def _no_such_action(case: Case, action: str) -> WorkflowError:
    transition = case.loop.actions.get(action)
    state = case.loop.states[case.state].labels["zh"]
    if transition is None:
        return Invalid.at(
            "action", N_("流程中没有“{action}”这一操作，请从页面列出的操作中选择。"), action=action
        )
    return Refused(
        N_("现在不能“{action}”。"),
        action=action,
        state=case.state,
        why=N_("问题目前为“{state}”，这一环节没有此项操作。"),
        params={"action": label(transition), "state": state},
    )


def _not_yours(case: Case, transition: Transition, by: Actor, house: House) -> NotAllowed:
    return NotAllowed(
        N_("您不能“{action}”。"),
        why=N_("此项须由{who}办理。"),
        params={"action": label(transition), "who": who(case, transition.by, by, house)},
    )


def _early(case: Case, transition: Transition) -> str | None:
    """An action that a period opens waits for the period's end."""
    if transition.opened_by is None:
        return None
    clock = case.clock(transition.opened_by)
    return None if clock is None or clock.state == "over" else N_("期限未满，期满后方可办理。")


def _parts_open(case: Case, transition: Transition) -> str | None:
    """Nothing ends while parts of it run."""
    if not case.parts:
        return None
    target = case.loop.states.get(transition.target or "")
    if target is not None and target.final and any(part.is_open for part in case.parts):
        return N_("还有分办件未办结，须待其办结后再办。")
    return None
