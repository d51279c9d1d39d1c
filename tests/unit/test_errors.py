"""Errors are said in the reader's language and survive a trip between processes."""

import pickle

import pytest

from workflow.errors import (
    ConfigError,
    Conflict,
    DeliveryError,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    WorkflowError,
)

REFUSED = Refused(
    "现在不能{action}。",
    action="close",
    state="publicised",
    why="异议尚未裁定（{count} 件）。",
    params={"action": "销号", "count": 2},
)


def test_translates_before_filling() -> None:
    english = {
        "现在不能{action}。": "Cannot {action} now.",
        "异议尚未裁定（{count} 件）。": "{count} open.",
    }
    assert str(REFUSED) == "现在不能销号。"
    assert REFUSED.text(english.__getitem__) == "Cannot 销号 now."
    assert REFUSED.why_text(english.__getitem__) == "2 open."


def test_braces_of_an_input_stay_as_they_are() -> None:
    assert str(WorkflowError("标题 {x} 过长")) == "标题 {x} 过长"


def test_names_each_field() -> None:
    error = Invalid.at("due", "完成期限不能早于今天（{today}）。", today="2025-10-15")
    assert error.field == "due"
    assert error.field_texts() == {"due": "完成期限不能早于今天（2025-10-15）。"}
    assert str(error) == error.field_texts()["due"]
    assert Invalid(fields={"a": "缺", "b": "长"}).field == "a"


def test_says_where_a_file_is_wrong() -> None:
    error = ConfigError("没有这个状态", file="loops/x.yaml", line=7, key="states.y")
    assert str(error) == "loops/x.yaml:7:states.y: 没有这个状态"
    assert str(ConfigError("不是 YAML", file="x.yaml")) == "x.yaml: 不是 YAML"


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        NotFound("没有这个问题"),
        NotAllowed("只有验收人可以验收", why="您的岗位是经办人"),
        Conflict("已被他人更新"),
        Invalid.at("photo", "不是照片"),
        ConfigError("坏了", file="a.yaml", line=1),
        DeliveryError("拒收", permanent=True),
    ],
    ids=lambda error: error.code,
)
def test_survives_a_trip(error: WorkflowError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)


def test_codes_differ() -> None:
    kinds = WorkflowError.__subclasses__()
    assert len({kind.default_code for kind in kinds} | {"error"}) == len(kinds) + 1
