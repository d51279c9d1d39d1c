"""What the responsible unit does: investigate, judge, plan, progress, submit; its suspension."""

from datetime import timedelta

from workflow.errors import N_, Invalid
from workflow.issues.effect import Effect, Step
from workflow.issues.kinds import checks


def investigate(step: Step) -> Effect:
    """Look into the facts on site."""
    return Effect(facts={"investigated": step.noted()}, evidence=step.values.get("evidence", ()))


def verdict(step: Step) -> Effect:
    """Founded, partly founded or unfounded; the last needs a review one level up."""
    return Effect(
        facts={
            "verdict": step.noted(verdict=step.option("verdict"), finding=step.values["finding"])
        },
        evidence=step.values.get("evidence", ()),
    )


def review(step: Step) -> Effect:
    """Uphold or overturn an unfounded verdict."""
    return Effect(
        facts={"review": step.noted(outcome=step.option("review"), reason=step.values["reason"])}
    )


def plan(step: Step) -> Effect:
    """Hand in the plan of rectification (整改方案)."""
    return Effect(
        facts={"plan": step.noted(text=step.values["plan"])},
        evidence=step.values.get("evidence", ()),
    )


def approve_plan(step: Step) -> Effect:
    """Approve the plan or send it back."""
    return Effect(
        facts={
            "plan_ruling": step.noted(
                outcome=step.transition.name, reason=step.values.get("reason")
            )
        }
    )


def progress(step: Step) -> Effect:
    """Report how far the rectification is; cooperating units may add theirs."""
    percent = step.values.get("percent", step.case.facts.get("progress", {}).get("percent"))
    return Effect(
        facts={"progress": step.noted(note=step.values["note"], percent=percent)},
        evidence=step.values.get("evidence", ()),
    )


def submit(step: Step) -> Effect:
    """Claim that the rectification is done."""
    return Effect(
        facts={
            "submitted": step.noted(
                on=step.today.isoformat(),
                result=step.values["result"],
                remaining=step.values.get("remaining"),
            ),
            "submissions": step.case.times("submissions") + 1,
        },
        evidence=step.values.get("evidence", ()),
    )


def suspend(step: Step) -> Effect:
    """Stop for a cause from the list, until a date."""
    until = step.values["until"]
    if until < step.today + timedelta(days=1):
        raise Invalid.at("until", N_("挂起截止日期须在明天或以后。"))
    cause = step.values["cause"]
    check_cause(step, cause)
    checks.suspended_within_bound(step, until)
    return Effect(
        facts={"suspended": step.noted(cause=cause, until=until.isoformat())},
        limits={"until": until.isoformat()},
    )


def check_cause(step: Step, cause: str) -> None:
    """Refuse a cause that the loop does not list."""
    rule = step.case.loop.requests.get("suspension")
    if rule is not None and rule.causes and cause not in rule.causes:
        raise Invalid.at(
            "cause", N_("请从列出的原因中选择：{causes}。"), causes="、".join(rule.causes)
        )


def resume(step: Step) -> Effect:
    """Go on after a suspension."""
    return Effect(facts={"resumed": step.noted()})
