"""Asked and decided beside the state: extension (延期), suspension (挂起)."""

from datetime import date

from workflow.errors import N_, Invalid, Refused
from workflow.issues.effect import Ask, Effect, Settle, Step
from workflow.issues.kinds import checks
from workflow.issues.kinds.fixing import check_cause


def before_request(step: Step) -> None:
    """At most one open of a kind, at most so many granted, and an extension before the due day."""
    kind = step.option("request") or ""
    rule = step.case.loop.requests[kind]
    if step.case.request(kind) is not None:
        raise _refused(step, N_("已有一件同类申请等待审批，请等待审批结果。"))
    if rule.most is not None and step.case.times(f"granted_{kind}") >= rule.most:
        raise _refused(step, N_("同类申请已批准过，达到次数上限，不能再申请。"))
    if kind == "extension":
        if step.case.due_on is None:
            raise _refused(step, N_("本件没有整改时限，无须申请延期。"))
        if step.today > step.case.due_on:
            raise _refused(step, N_("延期须在整改时限届满前提出，时限已过。"))


def ask(step: Step) -> Effect:
    """Open the request; no other clock stops."""
    kind = step.option("request") or ""
    data: dict[str, str] = {}
    until: date | None = step.values.get("until")
    if kind in ("extension", "suspension"):
        if until is None:
            raise Invalid.at("until", N_("请填写截止日期。"))
        data["until"] = until.isoformat()
    if kind == "extension":
        _later(step, until)
    if kind == "suspension":
        cause = step.values.get("cause")
        if cause is None:
            raise Invalid.at("cause", N_("请选择挂起原因。"))
        check_cause(step, cause)
        checks.not_past(step, "until", until)
        data["cause"] = cause
    return Effect(
        ask=Ask(kind, step.values["reason"], data), evidence=step.values.get("evidence", ())
    )


def before_decision(step: Step) -> None:
    """There must be something to decide, and nobody decides what he asked for."""
    kind = step.option("request") or ""
    request = step.case.request(kind)
    if request is None:
        raise _refused(step, N_("没有等待审批的申请。"))
    if request.asked_by_id is not None and request.asked_by_id == step.by.person_id:
        raise _refused(step, N_("不能审批本人提出的申请，请由其他有权人员审批。"))


def decide(step: Step) -> Effect:
    """Grant or refuse; a granted extension moves the due date and opens a new round of rungs."""
    kind, outcome = step.option("request") or "", step.option("outcome") or "refused"
    request = step.case.request(kind)
    if request is None:
        raise _refused(step, N_("没有等待审批的申请。"))
    reason = step.values.get("reason")
    if outcome == "refused":
        if reason is None:
            raise Invalid.at("reason", N_("不予批准须写明理由。"))
        return Effect(settles=(Settle(kind, "refused", reason),))
    until = step.values.get("until") or date.fromisoformat(request.data["until"])
    granted = {f"granted_{kind}": step.case.times(f"granted_{kind}") + 1}
    settled = (Settle(kind, "granted", reason),)
    said = {**step.values, "until": until}
    if kind == "extension":
        return Effect(extend_to=_later(step, until), settles=settled, facts=granted, said=said)
    checks.not_past(step, "until", until)
    checks.suspended_within_bound(step, until)
    suspended = step.noted(cause=request.data.get("cause"), until=until.isoformat())
    return Effect(
        settles=settled,
        facts={**granted, "suspended": suspended},
        limits={"until": until.isoformat()},
        said=said,
    )


def _later(step: Step, until: date | None) -> date | None:
    due = step.case.due_on
    if until is not None and due is not None and until <= due:
        raise Invalid.at("until", N_("延期后的日期须晚于现时限{due}。"), due=due.isoformat())
    return checks.within_bound(step, "until", until)


def _refused(step: Step, why: str) -> Refused:
    return Refused(
        N_("现在不能这样办。"), action=step.transition.name, state=step.case.state, why=why
    )
