"""The judgement of another unit: verify, reject; then publicity and objections."""

from datetime import date

from workflow.errors import N_, Refused
from workflow.issues.effect import Ask, Effect, Settle, Step
from workflow.issues.kinds import checks, milestones

USUAL_RESUBMIT = "5wd"
"""How long a rejected unit has unless the verifier says otherwise (DESIGN §6)."""


def before_verdict(step: Step) -> None:
    """Who ever acted for the responsible side of this issue may not judge it."""
    if step.by.person_id is not None and step.by.person_id in step.case.fixers:
        raise Refused(
            N_("不能由您验收。"),
            action=step.transition.name,
            state=step.case.state,
            why=N_("您曾代表责任单位一方办理本件，不能再验收，请由验收单位其他人员验收。"),
        )


def verify(step: Step) -> Effect:
    """Confirm that it is rectified; on time counts by the submission that is accepted."""
    visited = checks.not_future(step, "visited_on", step.values.get("visited_on"))
    submitted = step.case.facts.get("submitted", {}).get("on")
    original = step.case.original_due_on
    on_time = submitted is not None and (
        original is None or date.fromisoformat(submitted) <= original
    )
    effect = Effect(
        facts={
            "verified": step.noted(
                opinion=step.values["opinion"],
                visited_on=visited.isoformat() if visited else None,
                on_time=on_time,
            )
        },
        evidence=step.values.get("evidence", ()),
    )
    if "recurring" in step.transition.when:
        more = milestones.next_period(step)
        return more._replace(facts={**effect.facts, **more.facts}, evidence=effect.evidence)
    return effect


def reject(step: Step) -> Effect:
    """Not rectified: back to work, at the unchanged due date, with a limit to submit again."""
    return Effect(
        facts={
            "rejections": step.case.times("rejections") + 1,
            "rejected": step.noted(reason=step.values["reason"]),
        },
        limits={"resubmit": checks.span(step, "resubmit") or USUAL_RESUBMIT},
        evidence=step.values.get("evidence", ()),
    )


def publish(step: Step) -> Effect:
    """Put the result before the public: text, period and phone."""
    period = checks.span(step, "period")
    return Effect(
        facts={
            "publicity": step.noted(
                text=step.values["text"], phone=step.values["phone"], period=period
            ),
            "publicities": step.case.times("publicities") + 1,
        },
        limits={"period": period} if period else {},
    )


def before_objection(step: Step) -> None:
    """One open objection at a time; a second one is added to the first as evidence."""
    if step.case.request("objection") is not None:
        raise Refused(
            N_("现在不能这样办。"),
            action=step.transition.name,
            state=step.case.state,
            why=N_("已有一件异议等待裁定，请将新的情况作为佐证材料补充。"),
        )


def lodge(step: Step) -> Effect:
    """Somebody objects to the publicised result; closing waits for the ruling."""
    return Effect(
        ask=Ask("objection", step.values["reason"]), evidence=step.values.get("evidence", ())
    )


def before_ruling(step: Step) -> None:
    """There must be an objection to rule on, and its ruler must not have fixed the issue."""
    if step.case.request("objection") is None:
        raise Refused(
            N_("现在不能这样办。"),
            action=step.transition.name,
            state=step.case.state,
            why=N_("没有待裁定的异议。"),
        )
    before_verdict(step)


def rule_objection(step: Step) -> Effect:
    """Dismissed: the period runs on.  Upheld: back to rectification, publicity starts anew."""
    upheld = step.option("objection") == "upheld"
    outcome = "granted" if upheld else "refused"
    return Effect(settles=(Settle("objection", outcome, step.values["reason"]),))
