"""Six messy workbooks, read: what is written down by hand here must come out."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.ledger.conftest import Read
from tests.unit.ledger.workbooks import WORKBOOKS
from workflow.ledger import mapping

ROWS: Mapping[str, list[tuple[Any, ...]]] = {
    "county": [
        # cell, number, due, due_text, done, lead, responsible
        ("台账!D6", "1", "2024-11-30", "2024年11月底前", False,
         ["市生态环境局", "市水利局"], ["青山镇人民政府", "河口镇人民政府"]),
        ("台账!D8", "2", None, "立行立改", True, [], ["河口镇人民政府", "石岭镇人民政府"]),
        ("台账!D10", "3", "2024-12-31", "2024-12-31", None, [], ["石岭镇人民政府"]),
        ("台账!D12", "5", None, "长期坚持", False, [], ["青山镇柳湾村"]),
    ],
    "side_by_side": [
        ("左右两栏!B3", "1", "2024-11-04", "2024-11-04", True, [], ["市城管局"]),
        ("左右两栏!B4", "2", "2024-11-15", "2024.11.15", False, [], ["市城管局", "市公安局"]),
        ("左右两栏!B5", "3", "2024-12-31", "20241231", None, [], ["市城管局"]),
        ("左右两栏!H3", "4", "2024-12-31", "12月底前", False, [], ["市住建局"]),
        ("左右两栏!H4", "5", "2024-12-05", "2024/12/5", True, [], ["市住建局", "市水利局"]),
    ],
    "petitions": [
        ("第3批!C5", "1", None, "", True, [], ["青山镇人民政府"]),
        ("第3批!C6", "2", None, "", False, [], ["河口镇人民政府"]),
    ],
    "form": [
        ("交办单!B3", "邓督〔2024〕3号", "2024-10-15", "2024年10月15日前", None, [], ["市城管局"]),
        ("交办单!B9", "邓督〔2024〕4号", None, "立行立改", None, [], ["市水利局"]),
    ],
    "formulas": [
        ("公式!C2", "1", "2024-10-01", "2024-10-01", None, [], ["市水利局"]),
        ("公式!C3", "2", "2024-12-31", "2024-12-31", True, [], ["市住建局"]),
        ("公式!C6", "4", None, "", None, [], ["市住建局"]),
        ("公式!C8", "+1", None, "2024年2月30日", None, [], ["市生态环境局"]),
    ],
    "wide": [
        ("2024年责任清单!D7", "问题1", "2024-06-30", "6月底前", True, ["市水利局"], []),
        ("2024年责任清单!D8", "问题2", "2024-12-31", "年底前", False, ["市住建局"], []),
        ("2024年责任清单!D9", "问题3", None, "每年10月底前", None, [], ["各乡镇政府", "相关部门"]),
    ],
}  # fmt: skip
PROBLEMS = {
    "county": ["台账!D11"],
    "petitions": ["统计!A1"],
    "formulas": ["公式!C5", "公式!C7"],
}
KEYS = ["cell", "number", "due", "due_text", "done", "lead", "responsible"]


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_is_read_as_people_read_it(reading: Read, name: str) -> None:
    found = reading(WORKBOOKS[name]()).as_json()

    assert [tuple(row[key] for key in KEYS) for row in found["rows"]] == ROWS[name]
    assert [problem["cell"] for problem in found["problems"]] == PROBLEMS.get(name, [])
    assert set(found) == {"mapping", "rows", "problems"}
    assert all(
        list(row) == ["cell", "number", "description", "source", "category", "responsible", "lead",
                      "due", "due_text", "done", "notes"]
        for row in found["rows"]
    )  # fmt: skip


def test_what_is_no_problem_is_named_and_left_out(reading: Read) -> None:
    found = reading(WORKBOOKS["county"]())

    assert [problem.cell for problem in found.skipped] == [
        "台账!A5", "台账!A9", "台账!A13", "台账!A14", "台账!A15",
    ]  # fmt: skip
    assert found.rows[1].description == "散煤复燃"


def test_measures_and_verbs_find_their_place(reading: Read) -> None:
    county, wide = reading(WORKBOOKS["county"]()), reading(WORKBOOKS["wide"]())

    assert county.rows[0].more["measures"] == "全部苫盖\n安装喷淋"
    assert wide.rows[0].units["cooperating"] == ("市财政局", "市住建局")
    assert wide.rows[1].units["cooperating"] == ("市城管局",)


def test_a_mapping_says_another_thing(reading: Read) -> None:
    first = reading(WORKBOOKS["side_by_side"]())
    content = first.mapping()
    content["tables"][0]["columns"] = {"A": "number", "E": "description"}

    again = reading(WORKBOOKS["side_by_side"](), mapping.given(content))

    assert [row.description for row in again.rows][:2] == ["已完成", "正在整改"]
    assert again.rows[0].units == {}


def test_a_heading_that_was_confirmed_is_known_everywhere(reading: Read) -> None:
    given = mapping.given(
        {"headings": {"整改情况": "", "隐患描述": "measures", "整改期限": "description"}}
    )

    found = reading(WORKBOOKS["side_by_side"](), given)

    assert found.rows[0].description == "45600"
    assert found.rows[0].done is None
    assert found.rows[0].more == {"measures": "厂区未设围挡"}
