"""Every form of responsibility that plans write (domain reference, 8.1), one clause each."""

# ruff: noqa: E501 - tables of examples are easier to read with one a line

import pytest

from workflow.plans.characters import fold
from workflow.plans.duties import clauses, is_clause, read_clause
from workflow.plans.words import Words

L, C, R, S = "lead", "cooperating", "responsible", "supervising"
FORMS: dict[str, list[tuple[str, list[str]]]] = {
    "市水利局、财政局牵头,市公安局、林业局配合,各县区政府负责落实": [
        (L, ["市水利局", "市财政局"]), (C, ["市公安局", "市林业局"]), (R, ["各县区政府"]),
    ],
    "市工业和信息化局牵头,市发展和改革委、市政府国资委按职责分工落实行业主体责任,各县区政府负责落实": [
        (L, ["市工业和信息化局"]), (R, ["市发展和改革委", "市政府国资委"]), (R, ["各县区政府"]),
    ],
    "…领导小组办公室牵头，市级各有关部门及各县市区政府按职责分工负责": [
        (L, ["…领导小组办公室"]), (R, ["市级各有关部门", "各县市区政府"]),
    ],
    "市发展改革委、工业和信息化局按照职责分工负责,市交通运输局配合": [
        (R, ["市发展改革委", "市工业和信息化局"]), (C, ["市交通运输局"]),
    ],
    "牵头单位：省发展改革委；责任单位：省编办、省财政厅": [(L, ["省发展改革委"]), (R, ["省编办", "省财政厅"])],
    "发改局牵头，经信局、住建局，二连供电局配合": [(L, ["发改局"]), (C, ["经信局", "住建局", "二连供电局"])],
    "牵头单位:市环保局,配合单位:市财政局、市水利局": [(L, ["市环保局"]), (C, ["市财政局", "市水利局"])],
    "责任单位：区发改局、财政局；牵头单位：区住建局": [(R, ["区发改局", "区财政局"]), (L, ["区住建局"])],
    "牵头部门：市发改委 配合部门：市工信局": [(L, ["市发改委"]), (C, ["市工信局"])],
    "主办单位：市城管局；协办单位：市住建局": [(L, ["市城管局"]), (C, ["市住建局"])],
    "责任单位：市生态环境局（牵头）、市公安局": [(L, ["市生态环境局"]), (R, ["市公安局"])],
    "市委组织部牵头，市人社局、市委编办配合": [(L, ["市委组织部"]), (C, ["市人社局", "市委编办"])],
    "市生态环境局会同市财政局、水利局负责": [(L, ["市生态环境局"]), (C, ["市财政局", "市水利局"])],
    "市生态环境局牵头督导，市公安局参与": [(L, ["市生态环境局"]), (C, ["市公安局"])],
    "市生态环境局牵头负责、市公安局配合、各乡镇（街道）落实": [
        (L, ["市生态环境局"]), (C, ["市公安局"]), (R, ["各乡镇（街道）"]),
    ],
    "由市城管局负责，市住建局、交通局等部门配合": [(R, ["市城管局"]), (C, ["市住建局", "市交通局"])],
    "市生态环境局指导，各县（市、区）政府负责落实": [(S, ["市生态环境局"]), (R, ["各县（市、区）政府"])],
    "市文化广电和旅游局、文物局牵头；市自然资源和规划局负责": [
        (L, ["市文化广电和旅游局", "市文物局"]), (R, ["市自然资源和规划局"]),
    ],
    "责任单位：省农业农村厅、生态环境厅按职责分工负责": [(R, ["省农业农村厅", "省生态环境厅"])],
    "市场监管局牵头，公安局按职责分工负责": [(L, ["市场监管局"]), (R, ["公安局"])],
    "责任单位：市林业局，市水利局参与": [(R, ["市林业局"]), (C, ["市水利局"])],
    "责任单位：由县住建局会同县水利局负责": [(L, ["县住建局"]), (C, ["县水利局"])],
    "责任单位：县农业农村局牵头，各乡镇（街道）配合": [(L, ["县农业农村局"]), (C, ["各乡镇（街道）"])],
    "牵头：市水利局；配合：市财政局、住建局；落实：沿河各乡镇": [
        (L, ["市水利局"]), (C, ["市财政局", "市住建局"]), (R, ["沿河各乡镇"]),
    ],
    "责任单位:市经信局、市财政局(列第一位者为工作牵头单位,下同)": [(R, ["市经信局", "市财政局"])],
    "市水利局牵头，市公安局、应急管理局配合": [(L, ["市水利局"]), (C, ["市公安局", "市应急管理局"])],
    "市水利局、林业局共同组织实施": [(R, ["市水利局", "市林业局"])],
    "市水利局牵头，各县区具体组织落实": [(L, ["市水利局"]), (R, ["各县区"])],
    "市住建局牵头，市公安局、统筹城乡办配合": [(L, ["市住建局"]), (C, ["市公安局", "统筹城乡办"])],
    "市住建局牵头;城投公司实施": [(L, ["市住建局"]), (R, ["城投公司"])],
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_forms(text: str, words: Words) -> None:
    clause = read_clause(fold(text), words)
    assert [(duty.role, list(duty.units)) for duty in clause.duties] == FORMS[text]
    assert not clause.odd or "…" in text


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("以下均需各县（市、区）落实，不再列出", "各县（市、区）"),
        ("以下各项任务均由各乡镇人民政府负责落实，不再单列", "各乡镇人民政府"),
        ("各县（市、区）人民政府负责落实，下同", "各县（市、区）人民政府"),
        ("具体任务均涉及相关市（州）人民政府，不再做分工，下同", "相关市（州）人民政府"),
    ],
)
def test_rules_said_once_for_all(text: str, unit: str, words: Words) -> None:
    (rule,) = read_clause(text, words).once
    assert (rule.role, rule.units, rule.once_for_all) == ("responsible", (unit,), True)


@pytest.mark.parametrize(
    "text",
    [
        "责任分解中，列第一位的责任单位为牵头单位或汇总单位",
        "责任单位中排在首位的为牵头单位",
        "注：列首位的单位为牵头单位",
    ],
)
def test_the_first_named_leads(text: str, words: Words) -> None:
    assert read_clause(text, words).first_leads


def test_deadlines_and_persons_beside_units(words: Words) -> None:
    clause = read_clause("责任领导：某某；责任单位：市水利局；完成时限：2024年12月底前", words)
    assert clause.deadlines == ["2024年12月底前"]
    assert clause.officials == ["责任领导：某某"]


def test_a_date_between_units_is_no_unit(words: Words) -> None:
    clause = read_clause("市水利局，2024年6月底前完成", words)
    assert clause.deadlines == ["2024年6月底前完成"]
    assert clause.duties[0].units == ("市水利局",)


def test_names_without_any_role_are_said_to_be_so(words: Words) -> None:
    clause = read_clause("市水利局、市住建局", words)
    assert clause.roleless
    assert clause.duties[0].role == "responsible"


@pytest.mark.parametrize(
    "text",
    [
        "县、乡两级", "含物流车", "集群", "独立建设或依托骨干企业", "可吸入颗粒物、细颗粒物", "改、扩",
        "煤矿矿井水除外", "2023—2025年", "建设", "镇、街道", "洛政办〔2023〕42号",
    ],
)  # fmt: skip
def test_other_brackets_are_no_clauses(text: str, words: Words) -> None:
    assert not is_clause(fold(text), words)


@pytest.mark.parametrize("pair", ["（）", "()", "〔〕", "【】", "[]", "［］", "〖〗"])
def test_brackets_of_every_sort(pair: str, words: Words) -> None:
    text = f"推进整治。{pair[0]}市水利局牵头，各县（市、区）政府负责落实{pair[1]}"
    ((start, end),) = clauses(fold(text), words)
    assert text[start:end] == text[5:]


def test_several_clauses_in_one_paragraph(words: Words) -> None:
    text = "完成甲。（市水利局牵头）完成乙。（市住建局负责）"
    assert len(list(clauses(text, words))) == 2
