"""Who has to do it: assign, return and its ruling, split into parts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.issues.desk import HOUSE, TODAY, case, clock, fault, faults, judge, part
from tests.unit.units.town import ECO, HEWANG, OFFICE, QINGSHAN, REFORM, UNITS
from workflow.errors import Refused
from workflow.units.directory import Directory, UnitInfo

TRIAGED = case("triaged")


def test_assigning_sets_units_due_and_speed() -> None:
    effect = judge(
        TRIAGED, "assign", "office.dispatcher", speed="at_once", requirement="尽快。"
    ).effect

    assert effect.units == {
        "responsible": [QINGSHAN],
        "acceptance": [ECO],
        "lead": [QINGSHAN],
        "cooperating": [],
    }
    assert effect.due_on == date(2026, 4, 1)
    assert effect.columns == {"speed": "at_once"}
    assert effect.facts["assigned"]["requirement"] == "尽快。"


def test_a_named_lead_stays_and_cooperating_units_are_named_once() -> None:
    effect = judge(
        TRIAGED, "assign", "office.dispatcher", lead=["市发改委"], cooperating=["河王村", "hw"]
    ).effect

    assert (effect.units["lead"], effect.units["cooperating"]) == ([REFORM], [HEWANG])


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        (
            {"due": "2026-03-01"},
            "due",
            "2026-03-01已经过去，请填写今天（2026-03-02）或以后的日期。",
        ),
        ({"due": None}, "due", "此项必填。"),
        ({"responsible": "青山县"}, "responsible", "没有名为“青山县”的单位。"),
        ({"responsible": "xyz"}, "responsible", "没有名为“xyz”的单位，请从单位列表中选择。"),
        (
            {"responsible": "石滩村"},
            "responsible",
            "石滩村还没有经办人，无法签收。请先由管理员为其配备经办人。",
        ),
        (
            {"acceptance": "青山镇"},
            "acceptance",
            "青山镇人民政府是责任单位本身或其下级，不能验收自己的整改。请另选验收单位。",
        ),
        ({"acceptance": "河王村"}, "acceptance", "河王村是责任单位本身或其下级"),
        (
            {"acceptance": "市政府"},
            "acceptance",
            "青川市人民政府是责任单位的上级，本流程不允许上级直接验收。请另选验收单位。",
        ),
        ({"lead": ["火星"]}, "lead", "没有名为“火星”的单位"),
        ({"speed": "slow"}, "speed", "请从列出的选项中选择。"),
    ],
)
def test_an_assignment_that_cannot_be(form: dict[str, Any], field: str, sentence: str) -> None:
    found = faults(TRIAGED, "assign", "office.dispatcher", **form)

    assert list(found) == [field]
    assert found[field].startswith(sentence)


def test_a_unit_without_successor_does_no_more_work() -> None:
    gone = UnitInfo(99, "gone", "某开发区", level="township", abolished_on=TODAY)
    units = Directory(1, (*UNITS, gone), HOUSE.directory.people.values(), (), ())
    found = faults(
        TRIAGED,
        "assign",
        "office.dispatcher",
        acceptance="某开发区",
        house=replace(HOUSE, directory=units),
    )

    assert found == {"acceptance": "某开发区已撤销，请选择承接其职责的单位。"}


def test_a_superior_accepts_the_work_of_a_village() -> None:
    move = judge(TRIAGED, "assign", "office.dispatcher", responsible="河王村", acceptance="青山镇")

    assert move.effect.units["acceptance"] == [QINGSHAN]


def test_a_due_date_leaves_running_parts_their_time() -> None:
    parted = case("triaged", parts=(part(1, due="2026-03-30"), part(2, "settled", "2026-08-01")))

    found = faults(parted, "assign", "office.dispatcher")
    assert found == {
        "due": "分办件WT-2026-00001-01的时限是2026-03-30，"
        "而按主件的这一时限，分办件最晚为2026-03-25。请填写更晚的日期，或先调整分办件。"
    }
    assert judge(parted, "assign", "office.dispatcher", due="2026-04-06")


def test_a_return_is_counted_and_keeps_its_evidence() -> None:
    returned = case("assigned", clocks=(clock("accept", "1wd", ago=0),), facts={"returns": 1})
    effect = judge(returned, "return", "qs.handler", evidence=["b" * 64]).effect

    assert effect.facts["returns"] == 2
    assert effect.facts["returned"]["reason"] == "不在辖区。"
    assert effect.evidence == ["b" * 64]


def test_a_return_is_made_within_the_limit_of_acceptance() -> None:
    accept = clock("accept", "1wd", ago=0)
    issue = case("assigned", clocks=(accept,))
    assert accept.due_at is not None

    assert judge(issue, "return", "qs.handler", now=accept.due_at)
    error = fault(issue, "return", "qs.handler", now=accept.due_at + timedelta(seconds=1))
    assert isinstance(error, Refused)
    assert str(error) == "退回时限已过。"


@pytest.mark.parametrize(("returns", "action"), [(0, "return"), (1, "return"), (2, "return_third")])
def test_the_third_return_goes_up(returns: int, action: str) -> None:
    issue = case("assigned", facts={"returns": returns})

    assert judge(issue, action, "qs.handler").effect.facts["returns"] == returns + 1
    other = {"return": "return_third", "return_third": "return"}[action]
    assert isinstance(fault(issue, other, "qs.handler"), Refused)


def test_reassigning_takes_a_stand_in_lead_along_and_leaves_a_named_one() -> None:
    issue = case("return_ruling")
    effect = judge(issue, "reassign", "office.dispatcher", responsible="河王村").effect
    assert effect.units == {"responsible": [HEWANG], "acceptance": [ECO], "lead": [HEWANG]}
    assert effect.due_on is None

    led = case("return_ruling", units=issue.units | {"lead": [REFORM]})
    effect = judge(led, "reassign", "office.dispatcher", responsible="河王村").effect
    assert effect.units["lead"] == [REFORM]


def test_reassigning_to_the_same_unit_is_no_reassigning() -> None:
    found = faults(case("return_ruling"), "reassign", "office.dispatcher", responsible="青山镇")

    assert found == {"responsible": "改派须交给另一个单位；如仍由原单位办理，请选择“驳回退回”。"}


def test_a_part_is_not_reassigned_past_its_parent() -> None:
    bound = case("return_ruling", "part", latest_part_bound=date(2026, 4, 10))
    units = dict(bound.units, issuer=[OFFICE])
    bound = case("return_ruling", "part", latest_part_bound=date(2026, 4, 10), units=units)

    found = faults(bound, "reassign", "office.dispatcher", responsible="hw", due="2026-04-11")
    assert found["due"].startswith("分办件的时限不得晚于2026-04-10")
    assert judge(bound, "reassign", "office.dispatcher", responsible="hw", due="2026-04-10")


@pytest.mark.parametrize("action", ["uphold_return", "refer_up"])
def test_a_ruling_that_reassigns_nothing_asks_for_nothing_more(action: str) -> None:
    issue = case("return_ruling")

    effect = judge(issue, action, "office.dispatcher").effect
    assert (effect.units, effect.due_on) == ({}, None)
    found = faults(issue, action, "office.dispatcher", due="2026-05-01")
    assert found == {"due": "没有这一项，请删除后重新提交。"}


def split(issue: Any, *parts: dict[str, str]) -> Any:
    return judge(issue, "split", "office.dispatcher", parts=list(parts))


def test_a_part_stands_between_its_unit_and_the_lead_of_the_whole() -> None:
    [made] = split(case("assigned"), {"responsible": "河王村"}).effect.parts

    assert made.units["issuer"] == [QINGSHAN]
    assert (made.units["responsible"], made.units["lead"]) == ([HEWANG], [HEWANG])
    assert made.units["acceptance"] == [ECO]
    assert (made.title, made.description) == ("露天堆料", "未苫盖。")
    # Due 1 April, minus the part's own five working days of verification.
    assert made.due_on == date(2026, 3, 25)


def test_what_is_split_before_it_is_assigned_gets_the_first_unit_as_its_lead() -> None:
    move = split(
        TRIAGED,
        {"responsible": "青山镇", "acceptance": "生态环境局", "due": "2026-03-20"},
        {"responsible": "河王村", "acceptance": "生态环境局", "due": "2026-03-20"},
    )

    assert move.effect.units == {"responsible": [QINGSHAN], "lead": [QINGSHAN]}
    assert [made.units["issuer"] for made in move.effect.parts] == [[OFFICE], [OFFICE]]


@pytest.mark.parametrize(
    ("issue", "part_", "sentence"),
    [
        (TRIAGED, {}, "主件还没有验收单位，请为每个分办件写明验收单位。"),
        (TRIAGED, {"acceptance": "eco"}, "主件还没有整改时限，请为第1件写明时限。"),
        (case("assigned"), {"due": "2026-03-26"}, "第1件的时限不得晚于2026-03-25"),
        (case("assigned"), {"due": "2026-03-01"}, "2026-03-01已经过去"),
        (case("assigned"), {"responsible": "石滩村"}, "石滩村还没有经办人"),
        (case("assigned"), {"acceptance": "hw"}, "河王村是责任单位本身或其下级"),
        (case("assigned"), {"due": "soon"}, "第1件填写不全或有误：须写明责任单位"),
        (case("assigned"), {"who": "hw"}, "第1件填写不全或有误：须写明责任单位"),
    ],
)
def test_a_part_that_cannot_be(issue: Any, part_: dict[str, str], sentence: str) -> None:
    parts = [{"responsible": "河王村"} | part_]
    found = faults(issue, "split", "office.dispatcher", parts=parts)

    assert list(found) == ["parts"]
    assert found["parts"].startswith(sentence)


def test_how_many_parts() -> None:
    found = faults(case("assigned"), "split", "office.dispatcher", parts=[])
    assert found == {"parts": "此项必填。"}
    many = [{"responsible": "河王村"}] * 51
    assert faults(case("assigned"), "split", "office.dispatcher", parts=many) == {
        "parts": "最多50项。"
    }
