"""Forms: whatever is typed, each field at fault gets one sentence that can be translated."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from tests.unit.issues.desk import DIGEST, FORMS, LOOPS
from workflow.errors import Invalid
from workflow.issues.fields import FIELDS, form, model, read
from workflow.issues.inputs import validated
from workflow.issues.reporting import ReportForm
from workflow.issues.reporting import read as read_report
from workflow.loops.loop import Transition

REPORT = {"title": "堆料", "description": "未苫盖。", "category": "dust"}
ACTIONS = [(loop, transition) for loop in LOOPS.values() for transition in loop.transitions]


def transition(name: str, loop: str = "rectification") -> Transition:
    return LOOPS[loop].actions[name]


def faults(name: str, data: dict[str, Any], loop: str = "rectification") -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(transition(name, loop), data)
    return caught.value.field_texts()


def report_faults(**data: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read_report(REPORT | data)
    return caught.value.field_texts()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("reason", None, "此项必填。"),
        ("reason", "", "此项必填。"),
        ("reason", "  \n ", "此项必填。"),
        ("reason", 7, "请填写文字。"),
        ("reason", ["重复"], "请填写文字。"),
        ("reason", "长" * 1001, "超出长度，请控制在1000字以内。"),
        ("reason", "重复\0", "含有无法保存的字符，请删除后重新填写。"),
        ("reason", "重复\ud83d", "含有无法保存的字符，请删除后重新填写。"),
    ],
)
def test_a_text(name: str, data: Any, sentence: str) -> None:
    assert faults("cancel", {name: data}) == {name: sentence}


@pytest.mark.parametrize(
    "typed",
    ["明天", "2026/12/31", "20261231", "2026-12-31T09:00:00", "2026-13-01", "2026-02-29",
     1798675200, "1798675200", 1.5, True, [], {}, "２０２６-12-31", "99999-01-01"],
)  # fmt: skip
def test_a_date_is_a_day_and_nothing_like_one(typed: Any) -> None:
    found = faults("suspend", {"cause": "资金未到位", "reason": "等。", "until": typed})

    assert found == {"until": "此项必填。" if typed == [] else "日期格式应为 2026-12-31。"}


@pytest.mark.parametrize("typed", ["9999-12-31", "2200-01-01", "1899-12-31", "0026-12-31"])
def test_a_year_is_one_of_ours(typed: str) -> None:
    sentence = "年份有误，日期须在1900年至2199年之间。"
    assert faults("assign", FORMS["assign"] | {"due": typed}) == {"due": sentence}
    assert report_faults(due=typed) == {"due": sentence}


def test_a_date_may_stand_between_spaces_or_be_one() -> None:
    for typed in (" 2026-12-31 ", date(2026, 12, 31)):
        data = {"cause": "资金未到位", "reason": "等。", "until": typed}
        assert read(transition("suspend"), data)["until"] == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 64, "第1项填写有误，请检查后重新填写。"),
        ([DIGEST] * 21, "最多20项。"),
        ([DIGEST, "照片"], "第2项填写有误，请检查后重新填写。"),
    ],
)
def test_files_are_named_by_their_digests(typed: Any, sentence: str) -> None:
    found = faults("submit", {"result": "完成。", "evidence": typed})
    assert found == {
        "evidence": sentence if isinstance(typed, list) else "此项可填多个，请逐个列出。"
    }


def test_a_form_that_needs_files_has_one() -> None:
    assert faults("submit", {"result": "完成。", "evidence": []}) == {"evidence": "此项必填。"}
    assert faults("submit", {"result": "完成。"}) == {"evidence": "此项必填。"}


def test_units_are_named_one_by_one() -> None:
    data = FORMS["assign"] | {"cooperating": ["青山镇", " "]}
    assert faults("assign", data) == {"cooperating": "第2项填写有误，请检查后重新填写。"}
    data = FORMS["assign"] | {"lead": "青山镇"}
    assert faults("assign", data) == {"lead": "此项可填多个，请逐个列出。"}


def test_every_field_at_fault_is_named_at_once() -> None:
    found = faults("assign", {"due": "soon", "speed": "slow", "nonsense": 1})

    assert found == {
        "responsible": "此项必填。",
        "acceptance": "此项必填。",
        "due": "日期格式应为 2026-12-31。",
        "speed": "请从列出的选项中选择。",
        "nonsense": "没有这一项，请删除后重新提交。",
    }


def test_a_field_whose_name_cannot_be_shown_is_still_named() -> None:
    assert list(faults("cancel", {"reason": "重复。", "\ud83d": "x"})) == ["?"]


def test_what_is_left_empty_is_left_out() -> None:
    data = FORMS["assign"] | {"speed": "", "lead": [], "requirement": None}
    assert read(transition("assign"), data).keys() == {"responsible", "acceptance", "due"}


def test_sentences_are_translated_before_their_numbers_are_filled_in() -> None:
    with pytest.raises(Invalid) as caught:
        read(transition("progress"), {"note": "长" * 1001, "percent": 101, "evidence": ["x"]})

    english = {
        "超出长度，请控制在{max_length}字以内。": "Too long; at most {max_length} characters.",
        "不得大于{le}。": "At most {le}.",
        "第{index}项填写有误，请检查后重新填写。": "Item {index} is wrong; check it.",
    }
    assert caught.value.field_texts(english.__getitem__) == {
        "note": "Too long; at most 1000 characters.",
        "percent": "At most 100.",
        "evidence": "Item 1 is wrong; check it.",
    }


@pytest.mark.parametrize(
    ("data", "faults_"),
    [
        ({"title": ""}, {"title": "此项必填。"}),
        ({"title": "长" * 121}, {"title": "超出长度，请控制在120字以内。"}),
        ({"description": "长" * 5001}, {"description": "超出长度，请控制在5000字以内。"}),
        ({"lat": "91"}, {"lat": "不得大于90。"}),
        ({"lon": -181}, {"lon": "不得小于-180。"}),
        ({"lat": "北纬"}, {"lat": "请填写数字。"}),
        ({"lat": "nan"}, {"lat": "请填写数字。"}),
        ({"lon": float("inf")}, {"lon": "请填写数字。"}),
        ({"due": "年底"}, {"due": "日期格式应为 2026-12-31。"}),
        ({"state": "closed"}, {"state": "没有这一项，请删除后重新提交。"}),
        ({"reporter_contact": "1" * 65}, {"reporter_contact": "超出长度，请控制在64字以内。"}),
    ],
)
def test_a_report(data: dict[str, Any], faults_: dict[str, str]) -> None:
    assert report_faults(**data) == faults_


def told(attempt: Callable[[], object]) -> dict[str, str]:
    """The sentences of a refusal; none if there was none, and nothing else may happen."""
    try:
        attempt()
    except Invalid as error:
        return error.field_texts()
    return {}


NASTY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text()
    | st.sampled_from(["", " ", "\0", "\ud800", "2026-12-31", DIGEST, "青山镇", "9" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ACTIONS), st.data())
def test_nothing_but_a_sentence_comes_of_any_input(action: Any, data: st.DataObject) -> None:
    _, asked = action
    names = [field.spec.name for field in form(asked)]
    typed = data.draw(st.dictionaries(st.sampled_from(names) | st.text(), NASTY, max_size=6))
    usual = FORMS[asked.kind] if data.draw(st.booleans()) else {}

    for name, sentence in told(lambda: read(asked, usual | typed)).items():
        name.encode()
        assert sentence.endswith("。")
        assert "{" not in sentence


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ReportForm.model_fields)), NASTY, max_size=6))
def test_nothing_but_a_sentence_comes_of_any_report(typed: dict[str, Any]) -> None:
    for sentence in told(lambda: read_report(REPORT | typed)).values():
        assert sentence.endswith("。")


def test_the_schema_of_a_form_is_that_of_its_fields() -> None:
    schema = model(transition("assign")).model_json_schema()

    assert schema["required"] == ["responsible", "acceptance", "due"]
    assert schema["additionalProperties"] is False
    assert all(
        model(asked).model_fields.keys() == {field.spec.name for field in form(asked)}
        for _, asked in ACTIONS
    )


def test_one_kind_of_form_is_one_model() -> None:
    assert model(transition("verify")) is model(transition("verify"))
    assert model(transition("accept")) is model(transition("accept", "petition"))


def test_a_sentence_is_never_missing() -> None:
    class Odd(BaseModel):
        model_config = ConfigDict(extra="forbid")

        url: bytes = b""

    with pytest.raises(Invalid) as caught:
        validated(Odd, {"url": 7})
    assert caught.value.field_texts() == {"url": "填写有误，请检查后重新填写。"}


def test_every_type_of_a_field_takes_what_a_page_shows_for_it() -> None:
    shown = {
        "text": "文字", "long": "文字", "unit": "青山镇", "units": ["青山镇"], "date": "2026-12-31",
        "files": [DIGEST], "number": "7", "parts": [{"responsible": "青山镇"}],
    }  # fmt: skip
    for name, spec in FIELDS.items():
        value = next(iter(spec.choices)) if spec.choices else shown.get(spec.widget, "1")
        value = "0371-60000000" if name == "phone" else value
        asked = next(t for _, t in ACTIONS if name in {f.spec.name for f in form(t)})
        usual = FORMS[asked.kind] | {
            n: FORMS["submit"]["evidence"] for n in asked.needs if n == "evidence"
        }
        needed = {n: "2026-12-31" if n in ("due", "until") else "文字" for n in asked.needs}
        assert name in read(asked, needed | usual | {name: value}), name
