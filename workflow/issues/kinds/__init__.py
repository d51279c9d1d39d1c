"""Kind of action → what must hold before its form is shown, and what it does.

This table and ``loops/vocabulary.KINDS`` name the same kinds; a test keeps them equal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workflow.issues.effect import Effect, Step
from workflow.issues.kinds import (
    afterwards,
    assignment,
    fixing,
    intake,
    judging,
    milestones,
    requests,
)


def _nothing(_: Step) -> None:
    """No condition of its own."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """``before`` raises Refused while the action makes no sense; ``effect`` says what it does."""

    effect: Callable[[Step], Effect]
    before: Callable[[Step], None] = _nothing


RULES: Mapping[str, KindRule] = MappingProxyType(
    {
        "withdraw": KindRule(intake.end),
        "cancel": KindRule(intake.end),
        "triage": KindRule(intake.triage),
        "amend": KindRule(intake.amend),
        "merge": KindRule(intake.merge),
        "split": KindRule(intake.split),
        "assign": KindRule(assignment.assign),
        "accept": KindRule(assignment.accept),
        "return": KindRule(assignment.send_back, assignment.before_return),
        "rule_return": KindRule(assignment.rule_return),
        "investigate": KindRule(fixing.investigate),
        "verdict": KindRule(fixing.verdict),
        "review": KindRule(fixing.review),
        "plan": KindRule(fixing.plan),
        "approve_plan": KindRule(fixing.approve_plan),
        "progress": KindRule(fixing.progress),
        "request": KindRule(requests.ask, requests.before_request),
        "decide": KindRule(requests.decide, requests.before_decision),
        "suspend": KindRule(fixing.suspend),
        "resume": KindRule(fixing.resume),
        "submit": KindRule(fixing.submit),
        "verify": KindRule(judging.verify, judging.before_verdict),
        "reject": KindRule(judging.reject, judging.before_verdict),
        "publish": KindRule(judging.publish),
        "object": KindRule(judging.lodge, judging.before_objection),
        "rule_objection": KindRule(judging.rule_objection, judging.before_ruling),
        "close": KindRule(afterwards.close),
        "look_back": KindRule(afterwards.look_back),
        "archive": KindRule(afterwards.archive),
        "relapse": KindRule(afterwards.relapse),
        "reply": KindRule(afterwards.reply),
        "attest": KindRule(milestones.attest),
        "commence": KindRule(milestones.commence),
        "reschedule": KindRule(milestones.reschedule),
        "raise": KindRule(milestones.raise_issue, milestones.before_raise),
    }
)
"""Every kind but ``report``, which makes the case and so has none to judge."""
