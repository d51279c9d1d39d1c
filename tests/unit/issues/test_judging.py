"""The judgement of another unit, publicity and objections, closing, look-back, relapse, replies."""

from datetime import date

import pytest

from tests.unit.issues.desk import asked, case, clock, fault, faults, judge, source
from tests.unit.units.town import ID
from workflow.errors import Refused

ACCEPTOR = "eco.acceptor"
VERIFYING = case("verifying", original_due_on=date(2026, 3, 10))
PUBLIC = case("publicity", clocks=(clock("publicity", "7nd", is_period=True),))


@pytest.mark.parametrize(
    ("submitted", "original", "on_time"),
    [
        ("2026-03-10", date(2026, 3, 10), True),
        ("2026-03-11", date(2026, 3, 10), False),
        ("2026-03-11", None, True),
        (None, date(2026, 3, 10), False),
    ],
)
def test_on_time_counts_by_the_accepted_submission(
    submitted: str | None, original: date | None, on_time: bool
) -> None:
    facts = {"submitted": {"on": submitted}} if submitted else {}
    issue = case("verifying", original_due_on=original, facts=facts)

    assert judge(issue, "verify", ACCEPTOR).effect.facts["verified"]["on_time"] is on_time


def test_a_visit_lies_in_the_past() -> None:
    assert judge(VERIFYING, "verify", ACCEPTOR, visited_on="2026-03-02")
    assert faults(VERIFYING, "verify", ACCEPTOR, visited_on="2026-03-03") == {
        "visited_on": "2026-03-03还没有到，请填写实际发生的日期。"
    }


@pytest.mark.parametrize("action", ["verify", "reject"])
def test_who_worked_on_it_judges_it_not(action: str) -> None:
    error = fault(case("verifying", fixers=(ID[ACCEPTOR],)), action, ACCEPTOR)

    assert isinstance(error, Refused)
    assert "您曾代表责任单位一方办理本件" in (error.why_text() or "")
    assert judge(case("verifying", fixers=(ID["qs.handler"],)), action, ACCEPTOR)


@pytest.mark.parametrize(
    ("typed", "limit"),
    [(None, "5wd"), ("3个工作日", "3wd"), ("10日", "10nd"), ("２个月", "2mo"), ("48h", "48h")],
)
def test_a_rejection_sets_the_limit_to_submit_again(typed: str | None, limit: str) -> None:
    effect = judge(
        case("verifying", facts={"rejections": 1}), "reject", ACCEPTOR, resubmit=typed
    ).effect

    assert effect.limits == {"resubmit": limit}
    assert effect.facts["rejections"] == 2


@pytest.mark.parametrize("typed", ["soon", "2026-05-01", "12月底", "due", "0wd", "9999wd", "-3wd"])
def test_a_span_that_is_none(typed: str) -> None:
    assert list(faults(VERIFYING, "reject", ACCEPTOR, resubmit=typed)) == ["resubmit"]
    verified = case("verified")
    assert list(faults(verified, "publish", ACCEPTOR, period=typed)) == ["period"]


def test_publicity_has_text_phone_and_perhaps_a_period() -> None:
    effect = judge(case("verified"), "publish", ACCEPTOR).effect
    assert (effect.limits, effect.facts["publicities"]) == ({}, 1)
    assert judge(case("verified"), "publish", ACCEPTOR, period="10日").effect.limits == {
        "period": "10nd"
    }
    assert faults(case("verified"), "publish", ACCEPTOR, phone="找张三") == {
        "phone": "格式不正确，请检查后重新填写。"
    }


def test_one_objection_at_a_time() -> None:
    effect = judge(PUBLIC, "object", "office.dispatcher").effect
    assert effect.ask is not None
    assert (effect.ask.kind, effect.ask.reason) == ("objection", "仍有扬尘。")

    open_one = case("publicity", requests=(asked("objection"),))
    error = fault(open_one, "object", "office.dispatcher")
    assert error.why_text() == "已有一件异议等待裁定，请将新的情况作为佐证材料补充。"


def test_an_objection_blocks_closing_until_it_is_ruled_on() -> None:
    over = clock("publicity", "7nd", state="over", is_period=True)
    disputed = case("publicity", clocks=(over,), requests=(asked("objection"),))

    error = fault(disputed, "close", "office.principal")
    assert error.why_text() == "公示异议尚未裁定，须由验收单位先行裁定。"


@pytest.mark.parametrize(
    ("action", "outcome", "state"),
    [("dismiss_objection", "refused", "publicity"), ("uphold_objection", "granted", "rectifying")],
)
def test_an_objection_is_dismissed_or_sends_the_issue_back(
    action: str, outcome: str, state: str
) -> None:
    disputed = case("publicity", requests=(asked("objection"),))
    move = judge(disputed, action, ACCEPTOR)

    assert [(s.kind, s.outcome, s.reason) for s in move.effect.settles] == [
        ("objection", outcome, "经查。")
    ]
    assert move.target.name == state


def test_an_objection_is_ruled_on_by_somebody_who_did_not_work_on_it() -> None:
    assert fault(PUBLIC, "dismiss_objection", ACCEPTOR).why_text() == "没有待裁定的异议。"
    mine = case("publicity", requests=(asked("objection"),), fixers=(ID[ACCEPTOR],))
    assert "不能再验收" in (fault(mine, "dismiss_objection", ACCEPTOR).why_text() or "")


def test_what_is_found_afterwards_is_kept() -> None:
    before = case("closed", facts={"look_backs": [{"finding": "尚可。"}]})
    facts = judge(before, "look_back", "gov.supervisor").effect.facts
    assert [each["finding"] for each in facts["look_backs"]] == ["尚可。", "未反弹。"]

    closing = case("publicity", clocks=())
    facts = judge(closing, "close", "office.principal", filing_number="备2026-7").effect.facts
    assert facts["closed"]["filing_number"] == "备2026-7"
    assert judge(case("looked_back"), "archive", "gov.supervisor").effect.facts["archived"]


@pytest.mark.parametrize("state", ["closed", "looked_back", "archived"])
def test_a_relapse_is_found_at_any_time_after_closing(state: str) -> None:
    move = judge(case(state), "relapse", "gov.supervisor")

    assert (move.effect.relapses, move.target.name) == (True, "relapsed")


def test_a_reply_goes_to_one_source_and_once() -> None:
    issue = case("rectifying", sources=(source(1), source(2, replied=True)))

    assert judge(issue, "reply", "office.dispatcher").effect.replies_to == 1
    assert faults(issue, "reply", "office.dispatcher", source_id=2) == {
        "source_id": "这个来源已经答复过。"
    }
    assert faults(issue, "reply", "office.dispatcher", source_id=3) == {
        "source_id": "没有这个来源，请从列表中选择。"
    }
    assert faults(issue, "reply", "office.dispatcher", source_id=0) == {"source_id": "须大于0。"}


@pytest.mark.parametrize(
    ("sources", "closes"),
    [
        ((source(1),), False),
        ((source(1, replied=True),), True),
        ((source(1, contact=False),), True),
        ((source(1, replied=True), source(2)), False),
    ],
)
def test_a_petition_ends_when_every_source_with_a_contact_has_its_reply(
    sources: tuple[object, ...], closes: bool
) -> None:
    issue = case("replying", "petition", sources=sources)

    if closes:
        assert judge(issue, "close", "office.dispatcher")
    else:
        error = fault(issue, "close", "office.dispatcher")
        assert error.why_text() == "还有留下联系方式的来源未答复，请先逐件答复。"
