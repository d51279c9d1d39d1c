"""A mapping becomes a loop, or a list of sentences about its words."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from workflow.deadlines.limits import parse_limit
from workflow.loops.definition import read, version_of
from workflow.loops.load import parse
from workflow.loops.loop import Loop, Role
from workflow.loops.soundness import prove
from workflow.loops.spans import is_span, read_limit

Read = Callable[[Mapping[str, Any]], Loop]


def codes(content: Mapping[str, Any]) -> list[str]:
    found = read(content)
    assert not isinstance(found, Loop)
    return [problem.code for problem in found]


def test_words_of_a_definition_become_a_loop(mini: dict[str, Any], loop: Read) -> None:
    made = loop(mini)
    assert (made.name, made.prefix, made.initial, made.born_by) == (
        "mini",
        "MN",
        "reported",
        "report",
    )
    assert made.labels == {"zh": "小流程", "en": "小流程"}
    assert made.states["fixing"].owner == Role("handler", "responsible")
    assert made.states["fixing"].held_to == ("rectify",)
    assert made.clocks["rectify"].owner == Role("handler", "responsible")
    assert made.clocks["rectify"].stops == {"verify", "hand_in"}
    assert made.by_state["fixing"]["hand_in"].kind == "submit"
    assert made.definition == mini


def test_a_form_is_what_the_kind_asks_plus_what_the_definition_asks(
    mini: dict[str, Any], loop: Read
) -> None:
    assign = loop(mini).actions["assign"]
    assert assign.needs == ("responsible", "acceptance", "due")
    assert assign.takes == ("lead", "cooperating", "speed", "requirement")
    mini["transitions"][0]["takes"] = ["speed"]
    assert loop(mini).actions["assign"].takes == ("speed",)
    mini["transitions"][0]["takes"] = []
    assert loop(mini).actions["assign"].takes == ()


def test_labels_come_from_the_kind_unless_given(mini: dict[str, Any], loop: Read) -> None:
    assert loop(mini).actions["assign"].labels == {"zh": "交办", "en": "Assign"}
    mini["transitions"][0] |= {"zh": "派单"}
    assert loop(mini).actions["assign"].labels == {"zh": "派单", "en": "派单"}
    mini["transitions"][0] |= {"en": "Send out"}
    assert loop(mini).actions["assign"].labels == {"zh": "派单", "en": "Send out"}


def test_from_open_is_every_state_that_counts_as_nothing_yet(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    assert set(loop.actions["amend"].sources) == {
        name for name, state in loop.states.items() if state.counts_as is None
    }
    assert "closed" not in loop.actions["amend"].sources


def test_periods_mark_the_action_that_they_open(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    assert {t.name: t.opened_by for t in loop.transitions if t.opened_by} == {"close": "publicity"}
    assert loop.clocks["suspension"].takes == "resume"


def test_the_version_is_the_content_and_nothing_else(mini: dict[str, Any], loop: Read) -> None:
    same = dict(reversed(list(deepcopy(mini).items())))
    assert loop(mini).version == loop(same).version == version_of(mini)
    assert len(version_of(mini)) == 64
    changed = deepcopy(mini)
    changed["clocks"]["triage"]["limit"] = "2wd"
    assert loop(changed).version != loop(mini).version


def test_all_problems_are_named_at_once_with_their_place(mini: dict[str, Any]) -> None:
    mini["states"]["fixing"]["owner"] = "handler@responsable"
    mini["transitions"][1]["when"] = ["sunny"]
    mini["clocks"]["triage"]["limit"] = "soon"
    found = read(mini)
    assert not isinstance(found, Loop)
    assert {(problem.code, problem.where) for problem in found} == {
        ("unknown_role", ("states", "fixing", "owner")),
        ("unknown_guard", ("transitions", 1, "when", 0)),
        ("bad_limit", ("clocks", "triage", "limit")),
    }
    assert "handler@responsible" in found[0].text()
    assert "did you mean" in found[0].text("en")


@pytest.mark.parametrize(
    "change",
    [
        {"states": []},
        {"states": {}},
        {"transitions": {}},
        {"transitions": []},
        {"transitions": [1]},
        {"clocks": None},
        {"labels": "整改"},
        {"labels": {"en": "No Chinese"}},
        {"labels": {"zh": "两\n行"}},
        {"labels": {"zh": "长" * 41}},
        {"labels": {"zh": " "}},
        {"prefix": "wt"},
        {"loop": "../x"},
        {"born_by": "accident"},
        {"accept_by_superior": ["galaxy"]},
        {"accept_by_superior": "village"},
        {"requests": {"holiday": {}}},
        {"states": {"Bad Name": {"zh": "坏"}}},
        {"states": {"a": {"zh": "甲", "final": "yes"}}},
        {"clocks": {"a": {"zh": "甲", "limit": [1], "from": "x", "to": "y"}}},
        {"clocks": {"a": {"zh": "甲", "limit": "1wd", "from": [], "to": "y"}}},
        {"exhaustive": "all"},
    ],
    ids=str,
)
def test_a_wrong_form_is_a_sentence_and_no_accident(
    mini: dict[str, Any], change: dict[str, Any]
) -> None:
    found = read(mini | change)
    assert not isinstance(found, Loop)
    assert {problem.code for problem in found} == {"bad_format"}
    for problem in found:
        assert problem.text().endswith("。")
        assert problem.text("en").endswith(".")
        assert problem.where[0] in change


@pytest.mark.parametrize(
    "content", [{}, {"a": 1}, {"loop": None}, {"loop": "x", "states": {"a": None}}]
)
def test_almost_nothing_is_refused_with_what_is_missing(content: dict[str, Any]) -> None:
    assert set(codes(content)) <= {"bad_format", "unknown_key"}


@pytest.mark.parametrize("text", ["1s", "30min", "4h", "1wd", "7nd", "2mo", "120mo", "2500wd"])
def test_spans_are_limits_of_the_deadlines_too(text: str) -> None:
    assert is_span(text)
    assert str(parse_limit(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0h", "1", "h", "-1h", "1.5h", "2501wd", "1 wd", "1WD", "４h"]
)
def test_no_spans(text: str) -> None:
    assert not is_span(text)
    assert read_limit(text) is None


def test_limits_name_a_field_of_a_form() -> None:
    limit = read_limit("resubmit|5wd")
    assert limit is not None
    assert (limit.span, limit.field) == ("5wd", "resubmit")
    limit = read_limit("until")
    assert limit is not None
    assert (limit.span, limit.field) == (None, "until")
    assert read_limit("weather|5wd") is None
    assert read_limit("resubmit|due") is None


DESIGN = """
loop: snapshot                       # 随手拍: short, one unit
labels: {zh: 随手拍, en: Snapshot report}
initial: reported
states:
  reported:  {zh: 待研判, owner: dispatcher@issuer,    held_to: triage}
  assigned:  {zh: 待签收, owner: handler@responsible,  held_to: accept}
  fixing:    {zh: 整改中, owner: handler@responsible,  held_to: rectify}
  checking:  {zh: 待验收, owner: acceptor@acceptance,  held_to: verify}
  closed:    {zh: 已销号, final: true, counts_as: closed}
  dismissed: {zh: 不予受理, final: true, counts_as: withdrawn}
transitions:
  - {do: triage,  from: reported, to: dismissed, by: dispatcher@issuer, as: dismiss, needs: [reason, reply]}
  - {do: assign,  from: reported, to: assigned,  by: dispatcher@issuer, needs: [responsible, acceptance, due]}
  - {do: accept,  from: assigned, to: fixing,    by: handler@responsible}
  - {do: return,  from: assigned, to: reported,  by: handler@responsible, needs: [reason]}
  - {do: submit,  from: fixing,   to: checking,  by: handler@responsible, needs: [evidence]}
  - {do: reject,  from: checking, to: fixing,    by: acceptor@acceptance, needs: [reason]}
  - {do: verify,  from: checking, to: closed,    by: acceptor@acceptance, needs: [reply]}
clocks:
  triage:  {limit: 1wd, from: [report, return], to: [assign, dismiss]}
  accept:  {limit: 4h,  from: [assign], to: [accept, return]}
  rectify: {limit: due, from: [assign], to: [verify], held_by: {submit: [reject, verify]}}
  verify:  {limit: 3wd, from: [submit], to: [verify, reject]}
"""  # noqa: E501 - as it stands in the design


def test_the_example_of_the_design_is_read_and_sound(loop: Read) -> None:
    made = loop(parse(DESIGN, file="design.yaml").content)
    assert prove(made) == ()
    assert made.prefix == "SN"
    assert made.clocks["triage"].labels["zh"] == "triage"
