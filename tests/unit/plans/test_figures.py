"""Figures and states: name, sign, value, unit, baseline, scope, date, soft words."""

# ruff: noqa: E501 - tables of examples are easier to read with one a line

from typing import Any

import pytest

from workflow.plans.characters import fold
from workflow.plans.figures import find_figures
from workflow.plans.found import Target
from workflow.plans.states import find_states
from workflow.plans.terms import find_terms
from workflow.plans.words import Words


def read(text: str, words: Words) -> list[Target]:
    folded = fold(text)
    return find_figures(folded, find_terms(folded), words)


FIGURES: dict[str, list[tuple[str, str, str, str]]] = {
    "细颗粒物浓度达到39微克/立方米，重污染天比例不高于1.2%": [
        ("细颗粒物浓度", "<=", "39", "微克/立方米"), ("重污染天比例", "<=", "1.2", "%"),
    ],
    "细颗粒物浓度低于40微克/立方米": [("细颗粒物浓度", "<", "40", "微克/立方米")],
    "废旧农膜回收处理率稳定在97%以上": [("废旧农膜回收处理率", ">=", "97", "%")],
    "公路货物周转量占比较2022年下降2.5个百分点": [("公路货物周转量占比较2022年下降", ">=", "2.5", "个百分点")],
    "铁水联运量年均增长15%以上": [("铁水联运量年均增长", ">=", "15", "%")],
    "进水浓度高于100毫克/升的污水处理厂占比达到90%以上": [
        ("进水浓度高于100毫克/升的污水处理厂占比", ">=", "90", "%"),
    ],
    "完成265公顷矿山修复治理": [("矿山修复治理", ">=", "265", "公顷")],
    "完成湿地恢复(建设)20平方公里": [("湿地恢复（建设）", ">=", "20", "平方公里")],
    "建成2条省级和5条市级示范段": [("省级示范段", ">=", "2", "条"), ("市级示范段", ">=", "5", "条")],
    "淘汰2台32万千瓦燃煤机组": [("燃煤机组", ">=", "2", "台"), ("燃煤机组", "=", "32", "万千瓦")],
    "年运量150万吨以上的物流园区": [("年运量", ">=", "150", "万吨")],
    "市政污泥100%无害化处置": [("市政污泥无害化处置", ">=", "100", "%")],
    "退出168个城市后20名": [("", "退出后", "20", "名")],
    "降尘量不得高于7吨/月·平方公里": [("降尘量", "<=", "7", "吨/月·平方公里")],
    "PM10和PM2.5平均浓度分别不高于53和32微克/立方米": [
        ("PM10平均浓度", "<=", "53", "微克/立方米"), ("PM2.5平均浓度", "<=", "32", "微克/立方米"),
    ],
    "森林覆盖率提高到26.5%，煤耗降至300克/千瓦时": [
        ("森林覆盖率", ">=", "26.5", "%"), ("煤耗", "<=", "300", "克/千瓦时"),
    ],
    "新购环卫车３０辆": [("新购环卫车", ">=", "30", "辆")],
    "抽查率达到百分之三十以上": [("抽查率", ">=", "30", "%")],
    "完成投资1.2亿元": [("投资", ">=", "1.2", "亿元")],
    "覆盖率达到10—15%": [("覆盖率", ">=", "10—15", "%")],
    "引进不少于200名紧缺专家": [("紧缺专家", ">=", "200", "名")],
    "培养1万名工匠": [("工匠", ">=", "1", "万名")],
    "清水河、白沙河下泄流量分别不低于0.85立方米/秒、0.32立方米/秒": [
        ("清水河下泄流量", ">=", "0.85", "立方米/秒"), ("白沙河下泄流量", ">=", "0.32", "立方米/秒"),
    ],
    "新能源公交比例由2024年的82%提高到96%": [("新能源公交比例", ">=", "96", "%")],
    "处置能力由10吨/日提升到18吨/日": [("处置能力", ">=", "18", "吨/日")],
    "建设“15分钟亲绿圈”": [],
    "平均审理天数压缩至45天以内": [("平均审理天数", "<=", "45", "天")],
    "整治企业112家，其中城东35家、城南28家": [
        ("整治企业", ">=", "112", "家"), ("城东", ">=", "35", "家"), ("城南", ">=", "28", "家"),
    ],
    "完成投资1000亿元，增长20%左右": [("投资", ">=", "1000", "亿元"), ("投资增长", ">=", "20", "%")],
    "为1380艘渔船配齐装置": [("渔船配齐装置", ">=", "1380", "艘")],
    "严格执行GB 16297标准，PM2.5和PM10协同": [],
    "根据《标准（GB 3095—2012）》第3章": [],
}  # fmt: skip


@pytest.mark.parametrize("text", FIGURES)
def test_figures(text: str, words: Words) -> None:
    found = [(t.name, t.comparator, t.value, t.unit) for t in read(text, words)]
    assert found == FIGURES[text]


def test_baseline_scope_and_soft_words_are_kept(words: Words) -> None:
    (target,) = read("到2025年，力争全市周转量占比较2022年下降10个百分点", words)
    assert (target.baseline, target.scope, target.soft) == ("2022年", "全市", ("力争",))
    assert target.due is not None
    assert target.due.year == 2025


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("完成6489亩", "no_object"),
        ("收集率较2020年提高5%以上", "points_or_percent"),
        ("细颗粒物浓度达到39微克/立方米", "lower"),
        ("浓度控制在29微克/立方米以下，力争达到27微克/立方米", "name_taken"),
    ],
)
def test_doubts(text: str, doubt: str, words: Words) -> None:
    assert doubt in {doubt for target in read(text, words) for doubt in target.doubts}


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023年底前完成80%溯源及30%整治，2024年底前完成70%整治", [2023, 2023, 2024]),
        ("2024年、2025年治理率分别达到60%、70%", [2024, 2025]),
        ("到2025年，甲率达到1%；乙率达到2%", [2025, 2025]),
        ("甲率达到1%；2025年底前乙率达到2%", [None, 2025]),
        ("2023年底前甲率达到1%;乙率达到2%", [2023, None]),
        ("新建充电桩500个，2024年12月底前完成", [2024]),
    ],
)
def test_which_date_holds(text: str, years: list[int | None], words: Words) -> None:
    assert [t.due.year if t.due else None for t in read(text, words)] == years


STATES: dict[str, list[tuple[str, str]]] = {
    "劣V类断面基本消除": [("劣V类断面", "基本消除")],
    "基本消除劣V类断面": [("劣V类断面", "基本消除")],
    "国省控断面稳定达标": [("国省控断面", "稳定达标")],
    "干渠水质稳定达到II类": [("干渠水质", "稳定达到II类")],
    "上游水质保持或优于II类": [("上游水质", "保持或优于II类")],
    "全市钢铁企业全部退出": [("钢铁企业", "全部退出")],
    "新购公务用车基本实现新能源化": [("新购公务用车", "基本实现新能源化")],
    "乡镇驻地基本实现设施全覆盖": [("乡镇驻地", "基本实现设施全覆盖")],
    "新建项目达到A级绩效水平": [("新建项目", "达到A级绩效水平")],
    "国有企业原则上全部使用新能源货车": [("国有企业", "原则上全部使用新能源货车")],
    "土壤安全利用得到有效保障": [("土壤安全利用", "得到有效保障")],
    "加强日常监督管理": [],
    "提升治理能力": [],
}


@pytest.mark.parametrize("text", STATES)
def test_states(text: str, words: Words) -> None:
    found: Any = [(t.name, t.value) for t in find_states(fold(text), (), words)]
    assert found == STATES[text]
