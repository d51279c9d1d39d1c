"""A milestone of a plan: done before its import, begun, put off, missed."""

from datetime import date

from workflow.deadlines.rhythm import next_day
from workflow.errors import N_, Invalid, Refused
from workflow.issues.effect import Effect, Step
from workflow.issues.kinds import checks


def attest(step: Step) -> Effect:
    """It was done before the plan was imported; nobody had a clock running then."""
    done_on = checks.not_future(step, "done_on", step.values["done_on"])
    assert done_on is not None
    due = step.case.original_due_on
    return Effect(
        facts={
            "verified": step.noted(
                opinion=step.values["note"],
                done_on=done_on.isoformat(),
                on_time=due is None or done_on <= due,
            )
        },
        evidence=step.values.get("evidence", ()),
    )


def commence(step: Step) -> Effect:
    """The clock starts, late by as much as it is."""
    return Effect(facts={"commenced": step.noted(note=step.values.get("note"))})


def reschedule(step: Step) -> Effect:
    """The plan itself has changed its day; a promise of a superior is not the unit's to move."""
    due: date = step.values["due"]
    if due == step.case.due_on:
        raise Invalid.at("due", N_("与现在的时限相同，无须改期。"))
    old = step.case.due_on.isoformat() if step.case.due_on else None
    return Effect(
        due_on=due,
        columns={"original_due_on": due},
        facts={"rescheduled": step.noted(old=old, reason=step.values["reason"])},
        said={"old": old, "due": due, "reason": step.values["reason"]},
    )


def next_period(step: Step) -> Effect:
    """What the acceptance of one period changes besides: the next one begins, with its own day."""
    last = step.case.due_on or step.today
    due = next_day(str(step.case.facts["every"]), max(last, step.today))
    if due is None:
        raise AssertionError("a rhythm of unclear days never starts a milestone")
    return Effect(
        due_on=due,
        columns={"original_due_on": due},
        facts={"periods": step.case.times("periods") + 1, "raised": None},
    )


def before_raise(step: Step) -> None:
    """Once a period is enough."""
    if step.case.facts.get("raised"):
        raise Refused(
            N_("现在不能“{action}”。"),
            action=step.transition.name,
            state=step.case.state,
            why=N_("本节点已经转为问题，请在该问题中督办。"),
            params={"action": step.transition.labels["zh"]},
        )


def raise_issue(step: Step) -> Effect:
    """It was not done by its day: a problem of its own, to be triaged like any other."""
    return Effect(raises=True, facts={"raised": step.noted(reason=step.values.get("reason"))})
