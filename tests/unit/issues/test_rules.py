"""Who may do what now, and why not: rights first, then the state of things, then the form."""

from datetime import timedelta

import pytest

from tests.unit.issues.desk import HOUSE, NOW, asked, case, clock, fault, judge, part, somebody
from tests.unit.units.town import OFFICE, QINGSHAN
from workflow.errors import Invalid, NotAllowed, Refused
from workflow.issues import rules
from workflow.loops.semantics import Order
from workflow.units.rules import SYSTEM


def test_an_action_that_the_loop_has_not_is_a_wrong_input() -> None:
    error = fault(case(), "fly", "office.dispatcher")

    assert isinstance(error, Invalid)
    assert error.field_texts() == {"action": "流程中没有“fly”这一操作，请从页面列出的操作中选择。"}


def test_an_action_of_another_state_names_the_state() -> None:
    error = fault(case("assigned"), "verify", "eco.acceptor")

    assert isinstance(error, Refused)
    assert (error.action, error.state) == ("verify", "assigned")
    assert str(error) == "现在不能“验收通过”。"
    assert error.why_text() == "问题目前为“待签收”，这一环节没有此项操作。"


def test_an_action_of_somebody_else_names_whose_it_is() -> None:
    error = fault(case("planning"), "plan", "office.dispatcher")

    assert isinstance(error, NotAllowed)
    assert error.why_text() == "此项须由青山镇人民政府经办人或青山镇人民政府科室负责人办理。"


def test_a_relation_that_nobody_stands_in_is_named_by_its_word() -> None:
    issue = case("investigating", units=case("investigating").units | {"cooperating": []})
    error = fault(issue, "progress", "eco.acceptor")

    assert "配合单位经办人" in (error.why_text() or "")


def test_rights_come_before_the_state_of_things_and_both_before_the_form() -> None:
    running = case("rectifying", parts=(part(1),))

    assert isinstance(fault(running, "submit", "eco.acceptor", data={}), NotAllowed)
    assert isinstance(fault(running, "submit", "qs.handler", data={}), Refused)
    assert isinstance(fault(case("rectifying"), "submit", "qs.handler", data={}), Invalid)


def test_a_guard_that_does_not_hold_says_what_is_missing() -> None:
    error = fault(case("investigating", parts=(part(1),)), "find_unfounded", "qs.handler")

    assert error.why_text() == "本件已拆分，须待分办件办结后再办。"


def test_nothing_ends_while_parts_of_it_run() -> None:
    error = fault(case("assigned", parts=(part(1),)), "cancel", "office.principal")

    assert error.why_text() == "还有分办件未办结，须待其办结后再办。"
    assert judge(case("assigned", parts=(part(1, "merged"),)), "cancel", "office.principal")


@pytest.mark.parametrize("state", ["running", "held"])
def test_what_a_period_opens_waits_for_its_end(state: str) -> None:
    period = clock("publicity", "7nd", state=state, is_period=True)
    error = fault(case("publicity", clocks=(period,)), "close", "office.principal")

    assert error.why_text() == "期限未满，期满后方可办理。"


def test_when_the_period_is_over_it_is_open() -> None:
    over = clock("publicity", "7nd", state="over", is_period=True, wake_at=None)
    move = judge(case("publicity", clocks=(over,)), "close", "office.principal")

    assert move.target.name == "closed"
    assert move.orders[:1] == (Order("stop", "publicity"),)


def test_the_role_in_which_somebody_acts_is_known() -> None:
    step = judge(case("planning"), "plan", "qs.section_head").step

    assert (str(step.role), step.for_unit) == ("section_head@responsible", QINGSHAN)


def test_the_head_of_a_unit_does_the_work_of_its_vacant_post() -> None:
    step = judge(case("publicity", clocks=()), "close", "office.principal").step
    assert (str(step.role), step.for_unit) == ("supervisor@closing", OFFICE)


def test_a_request_that_nobody_can_decide_any_more_is_withdrawn() -> None:
    issue = case("rectifying", requests=(asked("extension", until="2026-05-01"),))
    move = judge(issue, "submit", "qs.handler")

    assert [(s.kind, s.outcome) for s in move.effect.settles] == [("extension", "withdrawn")]


def test_a_request_that_can_still_be_decided_stays_open() -> None:
    issue = case("planning", requests=(asked("extension", until="2026-05-01"),))

    assert judge(issue, "plan", "qs.handler").effect.settles == ()


def test_a_reply_in_a_form_answers_every_source() -> None:
    assert judge(case("verifying"), "verify", "eco.acceptor", reply="已办。").effect.replies_to_all
    assert not judge(case("verifying"), "verify", "eco.acceptor").effect.replies_to_all


def test_a_period_takes_its_action_without_rights_or_form() -> None:
    suspended = case("suspended", clocks=(clock("suspension", "10nd", is_period=True),))
    move = rules.by_system(suspended, "resume", NOW, HOUSE, SYSTEM)

    assert move.target.name == "rectifying"
    assert move.orders == (Order("stop", "suspension"),)
    with pytest.raises(Refused):
        rules.by_system(case("rectifying"), "resume", NOW, HOUSE, SYSTEM)


def test_what_is_offered_is_what_is_accepted() -> None:
    issue = case("assigned", clocks=(clock("accept", "1wd", ago=0),))
    offers = {o.action: o for o in rules.offered(issue, somebody("qs.handler"), NOW, HOUSE)}

    assert {name for name, offer in offers.items() if offer.allowed} == {"accept", "return"}
    late = rules.offered(issue, somebody("qs.handler"), NOW + timedelta(days=4), HOUSE)
    assert {offer.action for offer in late if offer.allowed} == {"accept"}


def test_labels_come_in_the_language_of_the_reader() -> None:
    transition = case().loop.actions["take_up"]

    assert rules.label(transition) == "受理"
    assert rules.label(transition, "en") == "Take up"
    assert rules.label(transition, "fr") == "受理"
