"""The layouts of real ledgers: headings as published, one row below them."""

import pytest
from openpyxl import Workbook

from tests.unit.ledger.conftest import Read
from tests.unit.ledger.workbooks import saved, sheet_of

LAYOUTS = {
    "V1 信访件公开表": ("序号 受理编号 交办问题基本情况* 行政区域 污染类型 调查核实情况 是否属实 处理和整改情况 是否办结 责任人被处理情况", {}),
    "V4 隐患排查整改台账": ("检查日期 被检查单位 存在的安全隐患* 整改措施 整改时限 责任人 整改到位时间 销号时间 备注", {}),
    "V5 监督检查记录": ("受检单位 参加检查的单位及人员 检查主要内容 查出的问题* 检查组处理意见 整改结果", {}),
    "V6 隐患": ("发现时间 隐患描述* 整改类型 整改期限 整改责任人 整改责任单位+ 整改措施 验收责任人 验收责任单位", {}),
    "V7 清单问题": ("问题标题* 问题编码 整改责任单位+ 行业主管部门 问题来源 发生领域 督导状态 整改状态 临期/超期情况 督导后风险 整改期限 办结时间", {}),
    "V8 督察问题": ("类型/编号标签 问题名称 整改主体+ 问题内容* 整改措施 问题编号 整改状态 督导状态 督导后风险 整改时限", {}),
    "V9 线索": ("线索标题 编号 行政区划 领域 来源 发现时间 发现情况* 状态 是否已形成问题", {}),
    "V10 督导单": ("督导日期 督导人员 督导方式 督导对象+ 是否交办 核查总体评价 核查情况*", {}),
    "V11 议定事项": ("议定事项* 牵头区领导 责任单位+ 有关要求 完成时间 状态 销号人 销号时间", {}),
    "V12 公示": ("整改任务（序号）* 整改目标 整改完成情况 公示时间 联系单位 联系电话", {}),
    "V14 交办单": ("工作事项* 工作要求 责任单位+ 责任人 时限要求 交办单编号", {}),
    "V15 督办": ("督办标题 下发日期 截止日期 督办事项* 督办对象+ 督办点位 督办类型 督办函标题 督办函内容", {}),
    "V17 督察整改": ("企业编码 问题类型 问题描述* 整改期限 责任人 验收标准 督察轮次", {}),
    "V18 整改台账": ("序号 问题来源 交办文号/时间 问题类型 具体问题* 点位/经纬度 整改目标 整改措施 整改时限 责任单位+ 责任人 督导单位 包案领导 进展情况 完成率 是否完成 是否验收 是否销号 销号时间 备注", {}),
    "V19 四张清单": ("序号 问题* 任务 标准 责任+ 时限", {}),
}  # fmt: skip
STATISTICS = {
    "V2 污染类型统计": "乡镇（街道）、区直部门 移交件数 水 大气 土壤 生态 噪声 其他污染 合计",
    "V3 交办数量": "行政区域 当日交办数量（件） 累计交办数量（件）",
    "V16 考评通报": "单位 总工单数 得分 排名 单位 总工单数 得分 排名",
}
DUE = ("时限", "期限", "完成时间", "截止日期")


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_problem_is_found_under_its_heading(reading: Read, name: str) -> None:
    heads = LAYOUTS[name][0].split()
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(["某市台账"])
    sheet.append([head.rstrip("*+") for head in heads])
    values = [_value(head) for head in heads]
    sheet.append(values)

    found = reading(saved(book)).as_json()

    assert [row["description"] for row in found["rows"]] == ["沿河堆放垃圾"]
    row = found["rows"][0]
    assert row["responsible"] == (["市水利局"] if any(h.endswith("+") for h in heads) else [])
    assert row["due"] == ("2024-12-31" if any(map(_is_due, heads)) else None)
    assert found["problems"] == []


def _value(head: str) -> str:
    if head.endswith("*"):
        return "沿河堆放垃圾"
    if head.endswith("+"):
        return "市水利局"
    if _is_due(head):
        return "2024年12月底前"
    return "某"


def _is_due(head: str) -> bool:
    return head.endswith(DUE)


@pytest.mark.parametrize("name", STATISTICS)
def test_statistics_are_no_ledger(reading: Read, name: str) -> None:
    heads = STATISTICS[name].split()
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(heads)
    sheet.append(["青山镇", *range(len(heads) - 1)])

    found = reading(saved(book)).as_json()

    assert found["rows"] == []
    assert found["problems"]


def test_blocks_of_text(reading: Read) -> None:
    """V13: labels and sentences in one column, as published."""
    book = Workbook()
    sheet = sheet_of(book)
    for text in (
        "整改进展清单",
        "一、问题原文：污水处理厂超标排放。",
        "整改进展情况：已完成，长期坚持。1.完成提标改造。",
        "二、问题原文：矿山未复绿。",
        "整改进展情况：正在推进，达到序时进度。",
    ):
        sheet.append([text])

    rows = reading(saved(book)).as_json()["rows"]

    assert [(row["description"], row["done"]) for row in rows] == [
        ("污水处理厂超标排放。", True),
        ("矿山未复绿。", False),
    ]


def test_minutes_of_admonitions_need_a_person(reading: Read) -> None:
    """V20 has no column for the problem: one is asked for, with the cell."""
    book = Workbook()
    sheet = sheet_of(book, "约谈")
    sheet.append(["约谈通知书编号", "单位全称", "行业", "法定代表人", "联系电话", "发起部门"])
    sheet.append(["2025-Q3-007", "某公司", "化工", "某", "123", "某局"])

    found = reading(saved(book)).as_json()

    assert [p["cell"] for p in found["problems"]] == ["约谈!A1"]
