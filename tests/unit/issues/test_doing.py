"""What the responsible unit does, asks for and is granted; corrections and merges on the way."""

from datetime import date
from typing import Any

import pytest

from tests.unit.issues.desk import DIGEST, asked, case, clock, fault, faults, judge
from workflow.errors import Refused

RECTIFYING = case("rectifying", clocks=(clock("rectify", "2026-04-01", ago=9),))
HANDLER, DISPATCHER = "qs.handler", "office.dispatcher"


def test_every_step_is_noted_with_time_and_person() -> None:
    noted = {
        "accept": ("assigned", "accepted"),
        "investigate": ("investigating", "investigated"),
        "plan": ("planning", "plan"),
        "progress": ("rectifying", "progress"),
        "submit": ("rectifying", "submitted"),
    }
    for action, (state, fact) in noted.items():
        facts = judge(case(state), action, HANDLER).effect.facts
        assert facts[fact]["by"] == "qs.handler"
        assert facts[fact]["at"].startswith("2026-03-02T09:00")


@pytest.mark.parametrize(
    ("action", "speed", "verdict"),
    [
        ("find_founded", "limited", "founded"),
        ("find_partly", "staged", "partly"),
        ("find_founded_at_once", "at_once", "founded"),
        ("find_unfounded", "limited", "unfounded"),
    ],
)
def test_a_verdict_and_the_speed_that_it_goes_with(action: str, speed: str, verdict: str) -> None:
    facts = judge(case("investigating", speed=speed), action, HANDLER).effect.facts

    assert (facts["verdict"]["verdict"], facts["verdict"]["finding"]) == (verdict, "属实。")


def test_the_review_is_recorded_as_it_is_called() -> None:
    review = case("unfounded_review")

    assert (
        judge(review, "uphold_unfounded", "gov.supervisor").effect.facts["review"]["outcome"]
        == "upheld"
    )
    assert isinstance(fault(review, "overturn_at_once", "gov.supervisor"), Refused)


def test_the_ruling_on_a_plan() -> None:
    approved = judge(case("plan_review"), "approve_plan", "gov.supervisor").effect
    assert approved.facts["plan_ruling"]["outcome"] == "approve_plan"
    assert faults(case("plan_review"), "send_back_plan", "gov.supervisor", data={}) == {
        "reason": "此项必填。"
    }


def test_progress_keeps_the_share_that_was_reported_last() -> None:
    before = case("rectifying", facts={"progress": {"percent": 30}})

    assert (
        judge(before, "progress", HANDLER, percent=None).effect.facts["progress"]["percent"] == 30
    )
    assert (
        judge(before, "progress", HANDLER, percent="60").effect.facts["progress"]["percent"] == 60
    )
    assert faults(before, "progress", HANDLER, percent=101) == {"percent": "不得大于100。"}
    assert faults(before, "progress", HANDLER, percent=-1) == {"percent": "不得小于0。"}
    assert faults(before, "progress", HANDLER, percent="一半") == {"percent": "请填写整数。"}


def test_a_submission_is_dated_counted_and_shown() -> None:
    move = judge(
        case("rectifying", facts={"submissions": 1}), "submit", HANDLER, remaining="绿化。"
    )

    assert move.effect.facts["submissions"] == 2
    assert move.effect.facts["submitted"]["on"] == "2026-03-02"
    assert move.effect.facts["submitted"]["remaining"] == "绿化。"
    assert move.effect.evidence == [DIGEST]
    assert faults(case("rectifying"), "submit", HANDLER, evidence=[]) == {"evidence": "此项必填。"}


@pytest.mark.parametrize(
    ("form", "fault_"),
    [
        ({"until": "2026-03-02"}, {"until": "挂起截止日期须在明天或以后。"}),
        (
            {"cause": "太忙"},
            {
                "cause": "请从列出的原因中选择："
                "司法程序未结、资金未到位、汛期或冬季无法施工、上级方案未定。"
            },
        ),
    ],
)
def test_a_suspension_has_a_listed_cause_and_an_end(form: Any, fault_: dict[str, str]) -> None:
    assert faults(RECTIFYING, "suspend", DISPATCHER, **form) == fault_


def test_a_suspension_runs_to_its_end() -> None:
    effect = judge(RECTIFYING, "suspend", DISPATCHER, until="2026-03-03").effect

    assert effect.limits == {"until": "2026-03-03"}
    assert effect.facts["suspended"]["cause"] == "资金未到位"


def test_a_suspension_carries_no_part_past_its_bound() -> None:
    wanted = asked("suspension", cause="资金未到位", until="2026-03-20")
    bound = date(2026, 4, 20)
    mine = case(
        "rectifying", "part", requests=(wanted,), clocks=RECTIFYING.clocks, latest_part_bound=bound
    )

    # Suspended from the 2nd up to the 20th, the 1st of April becomes the 20th.
    assert judge(mine, "grant_suspension", DISPATCHER, until="2026-03-20")
    found = faults(mine, "grant_suspension", DISPATCHER, until="2026-03-21")
    assert found["until"].startswith("分办件的时限不得晚于2026-04-20")


def test_an_extension_is_asked_once_for_a_later_day_and_in_time() -> None:
    effect = judge(RECTIFYING, "request_extension", HANDLER).effect
    assert effect.ask is not None
    assert (effect.ask.kind, effect.ask.reason) == ("extension", "来不及。")
    assert effect.ask.data == {"until": "2026-05-01"}

    assert faults(RECTIFYING, "request_extension", HANDLER, until="2026-04-01") == {
        "until": "延期后的日期须晚于现时限2026-04-01。"
    }
    assert faults(RECTIFYING, "request_extension", HANDLER, until=None) == {"until": "此项必填。"}


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        (
            case("rectifying", requests=(asked("extension"),)),
            "已有一件同类申请等待审批，请等待审批结果。",
        ),
        (
            case("rectifying", facts={"granted_extension": 1}),
            "同类申请已批准过，达到次数上限，不能再申请。",
        ),
        (case("rectifying", due_on=None), "本件没有整改时限，无须申请延期。"),
        (
            case("rectifying", due_on=date(2026, 3, 1)),
            "延期须在整改时限届满前提出，时限已过。",
        ),
    ],
)
def test_an_extension_that_cannot_be_asked_for(issue: Any, why: str) -> None:
    assert fault(issue, "request_extension", HANDLER).why_text() == why


def test_on_the_due_day_an_extension_can_still_be_asked_for() -> None:
    assert judge(case("rectifying", due_on=date(2026, 3, 2)), "request_extension", HANDLER)


def test_a_suspension_is_asked_for_with_cause_and_end() -> None:
    effect = judge(RECTIFYING, "request_suspension", HANDLER, cause="上级方案未定").effect
    assert effect.ask is not None
    assert effect.ask.data == {"until": "2026-05-01", "cause": "上级方案未定"}
    found = faults(RECTIFYING, "request_suspension", HANDLER, cause="太忙", until="2026-03-20")
    assert list(found) == ["cause"]
    found = faults(
        RECTIFYING, "request_suspension", HANDLER, cause="上级方案未定", until="2026-03-01"
    )
    assert list(found) == ["until"]


def test_a_grant_moves_the_due_day_to_the_day_asked_for_or_given() -> None:
    wanted = case("rectifying", requests=(asked("extension", until="2026-05-01"),))

    effect = judge(wanted, "grant_extension", DISPATCHER).effect
    assert effect.extend_to == date(2026, 5, 1)
    assert effect.facts["granted_extension"] == 1
    assert [(s.kind, s.outcome) for s in effect.settles] == [("extension", "granted")]
    assert judge(
        wanted, "grant_extension", DISPATCHER, until="2026-04-15"
    ).effect.extend_to == date(2026, 4, 15)
    assert list(faults(wanted, "grant_extension", DISPATCHER, until="2026-04-01")) == ["until"]


def test_a_grant_is_bound_by_the_parent_of_a_part() -> None:
    mine = case(
        "rectifying",
        "part",
        requests=(asked("extension", until="2026-05-01"),),
        latest_part_bound=date(2026, 4, 20),
    )

    assert list(faults(mine, "grant_extension", DISPATCHER)) == ["until"]
    assert judge(mine, "grant_extension", DISPATCHER, until="2026-04-20")


def test_a_refusal_says_why_and_changes_nothing() -> None:
    wanted = case("rectifying", requests=(asked("extension", until="2026-05-01"),))

    effect = judge(wanted, "refuse_extension", DISPATCHER, reason="时间充足。").effect
    assert [(s.outcome, s.reason) for s in effect.settles] == [("refused", "时间充足。")]
    assert (effect.extend_to, dict(effect.facts)) == (None, {})
    assert faults(wanted, "refuse_extension", DISPATCHER, data={}) == {"reason": "此项必填。"}


def test_a_granted_suspension_runs_to_its_end() -> None:
    wanted = asked("suspension", cause="资金未到位", until="2026-03-20")
    issue = case("rectifying", requests=(wanted,))

    effect = judge(issue, "grant_suspension", DISPATCHER, until="2026-03-10").effect
    assert effect.limits == {"until": "2026-03-10"}
    assert effect.facts["suspended"]["cause"] == "资金未到位"
    assert list(faults(issue, "grant_suspension", DISPATCHER, until="2026-03-01")) == ["until"]


def test_nobody_decides_what_nobody_asked_for_or_what_they_asked_for_themselves() -> None:
    assert fault(RECTIFYING, "grant_extension", DISPATCHER).why_text() == "没有等待审批的申请。"
    mine = case("rectifying", requests=(asked("extension", DISPATCHER, until="2026-05-01"),))
    error = fault(mine, "grant_extension", DISPATCHER)
    assert error.why_text() == "不能审批本人提出的申请，请由其他有权人员审批。"


def test_a_correction_keeps_old_and_new() -> None:
    effect = judge(case(), "amend", DISPATCHER).effect

    assert effect.columns == {"title": "另一个标题"}
    assert effect.said == {
        "field": "title",
        "old": "露天堆料",
        "new": "另一个标题",
        "reason": "笔误。",
    }


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"value": "露天堆料"}, "value"),
        ({"value": "长" * 121}, "value"),
        ({"field": "category", "value": "love"}, "value"),
        ({"field": "number"}, "field"),
        ({"field": "task", "value": "长" * 33}, "value"),
    ],
)
def test_a_correction_that_cannot_be(form: dict[str, str], field: str) -> None:
    assert list(faults(case(), "amend", DISPATCHER, **form)) == [field]


def test_nothing_is_merged_into_itself() -> None:
    assert faults(case(), "merge", DISPATCHER, into="WT-2026-00001") == {
        "into": "不能并入自身，请填写另一件问题的编号。"
    }
    assert judge(case(), "merge", DISPATCHER).effect.merges_into == "WT-2026-00002"


@pytest.mark.parametrize("action", ["cancel", "dismiss"])
def test_an_end_by_decision_has_its_reason(action: str) -> None:
    who = {"cancel": "office.principal", "dismiss": DISPATCHER}[action]

    assert faults(case("triaged"), action, who, data={}) == {"reason": "此项必填。"}
    assert judge(case("triaged"), action, who, data={"reason": "重复。"}).effect.facts
