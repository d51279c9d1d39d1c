"""Whole texts: tasks at the right level, rules for all, what is said where reading is doubtful."""

from pathlib import Path

import pytest

from tests.unit.plans.test_outline import lines
from workflow.errors import Invalid
from workflow.plans.found import Plan
from workflow.plans.lines import MOST_CHARACTERS, Line, Place
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_file
from workflow.plans.words import Words


def read(words: Words, text: str) -> Plan:
    return parse(lines(*text.strip().splitlines()), words)


def codes(plan: Plan) -> set[str]:
    return {note.code for note in plan.notes} | {n.code for task in plan.tasks for n in task.notes}


def test_units_once_for_all_reach_every_later_task(words: Words) -> None:
    plan = read(
        words,
        """
二、任务
1.推进甲项。正文。（市水利局牵头。以下均需各县（市、区）政府落实，不再列出）
2.推进乙项。正文。（市住建局牵头）
3.推进丙项。正文。（市城管局牵头，各县（市、区）政府负责落实）
""",
    )
    assert [task.units("responsible") for task in plan.tasks] == [("各县（市、区）政府",)] * 3


def test_a_bracket_of_its_own_below_the_last_item_belongs_to_their_heading(words: Words) -> None:
    plan = read(
        words,
        """
一、任务
1.完善预案体系
（1）编制预案。
（2）组织演练。
（责任单位：市应急局、市水利局）
2.健全指挥体系
（1）设立机构。
（2）建成平台。
（牵头单位：市应急局；责任单位：市公安局、民政局）
""",
    )
    assert [task.title for task in plan.tasks] == ["完善预案体系", "健全指挥体系"]
    assert plan.tasks[0].units("responsible") == ("市应急局", "市水利局")
    assert plan.tasks[1].units("responsible") == ("市公安局", "市民政局")


@pytest.mark.parametrize(
    ("title", "due"),
    [
        ("甲市2025年重点工作方案", "2025-09-30"),
        ("甲市重点工作方案", "2024-09-30"),
        ("甲市三年行动方案", None),
        ("甲市治理方案（2024—2026年）", None),
    ],
)
def test_a_date_without_a_year_takes_that_of_the_paper_and_asks(
    title: str, due: str | None, words: Words
) -> None:
    plan = read(words, f"{title}\n2024年3月5日\n一、任务\n1.治水。9月底前完成。（市水利局牵头）")
    dues = [milestone.due.isoformat() for task in plan.tasks for milestone in task.milestones]
    assert dues == ([due] if due else [])
    assert {"year_taken" if due else "no_year"} <= codes(plan)


def test_values_of_two_things_share_what_is_said_of_them(words: Words) -> None:
    text = "1.减排。到2025年，氮氧化物和挥发性有机物排放总量分别累计下降10%、8%。（市水利局负责）"
    targets = read(words, text).tasks[0].targets
    assert [(t.name, t.value) for t in targets] == [
        ("氮氧化物排放总量累计下降", "10"),
        ("挥发性有机物排放总量累计下降", "8"),
    ]


def test_a_figure_is_not_named_by_what_stands_behind_the_next_date(words: Words) -> None:
    plan = read(words, "1.整治。2024年10月底前完成80%、2025年底前全部完成整治。（市水利局负责）")
    assert [target.name for target in plan.tasks[0].targets if target.value == "80"] == [""]
    assert "no_object" in codes(plan)


def test_the_first_named_leads_where_the_plan_says_so(words: Words) -> None:
    plan = read(
        words,
        """
二、任务
各项任务责任分工中，排在首位的单位为牵头单位。
1.推进甲项。正文。（责任单位：市水利局、市住建局）
2.推进乙项。正文。（市城管局牵头，市财政局负责）
""",
    )
    assert [task.units("lead") for task in plan.tasks] == [("市水利局",), ("市城管局",)]
    assert [task.units("responsible") for task in plan.tasks] == [("市住建局",), ("市财政局",)]


def test_labels_below_the_last_of_several_items_belong_to_their_heading(words: Words) -> None:
    plan = read(
        words,
        """
一、主要任务
（一）治理扬尘
1.工地扬尘。落实措施。
2.道路扬尘。加强保洁。
责任单位：市住建局、市城管局
（二）治理散煤
1.动态排查。
2.依法处理。
责任单位：市发改委
""",
    )
    assert [(t.title, t.units("responsible")) for t in plan.tasks] == [
        ("治理扬尘", ("市住建局", "市城管局")),
        ("治理散煤", ("市发改委",)),
    ]
    assert "道路扬尘" in plan.tasks[0].text


def test_items_below_a_task_join_it(words: Words) -> None:
    plan = read(
        words,
        """
一、主要任务
（一）工业治理
1.提标改造。（1）2024年6月底前完成甲（市水利局负责）；
（2）2024年9月底前完成乙（市住建局负责）。
2.错峰生产。正文。（市工信局牵头）
3.清洁运输。正文。（市交通局牵头）
""",
    )
    assert [task.title for task in plan.tasks] == ["提标改造", "错峰生产", "清洁运输"]
    assert [m.due.month for m in plan.tasks[0].milestones] == [6, 9]
    assert plan.tasks[0].units("responsible") == ("市水利局", "市住建局")


def test_without_units_the_leaves_are_tasks_and_that_is_said(words: Words) -> None:
    plan = read(
        words, "一、主要任务\n1.推进甲项。正文。\n2.推进乙项。正文。\n二、保障措施\n1.加强领导。"
    )
    assert [task.title for task in plan.tasks] == ["推进甲项", "推进乙项"]
    assert "no_units" in codes(plan)
    assert [s.title for s in plan.sections if s.purpose == "safeguards"] == ["加强领导"]


def test_a_document_owed_is_a_term_of_its_section(words: Words) -> None:
    plan = read(
        words,
        "一、任务\n1.推进甲项。正文。（市水利局负责）\n二、保障措施\n（一）细化方案。各县区于方案印发后30个工作日内制定专项方案。",
    )
    (section,) = [s for s in plan.sections if s.undated]
    assert (section.undated[0].limit, section.undated[0].anchor) == ("30wd", "印发")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.推进甲项。正文。（市水利局等部门负责）", "open_list"),
        ("1.推进甲项。正文。（市水利局、市住建局）", "no_role"),
        ("1.推进甲项。正文。（市水利局牵头，水质改善负责）", "odd_unit"),
        ("1.推进甲项。正文。（市水利局牵头，市水利局配合）", "two_roles"),
        ("1.推进甲项。9月底前完成。（市水利局牵头）", "no_year"),
        ("1.推进甲项。2025年前完成。（市水利局牵头）", "before"),
        ("1.推进甲项。覆盖率达到80%。（市水利局牵头）", "target_without_date"),
        ("1.推进甲项。推广“3+5”模式。（市水利局牵头）", "numbers_left"),
        ("1.推进甲项。正文。（市水利局牵头）\n3.推进乙项。正文。（市水利局牵头）", "number_gap"),
        ("1.推进甲项。正文。\n完成时限：视情况而定\n责任单位：市水利局", "deadline_unread"),
    ],
)
def test_what_is_doubtful_becomes_a_note(text: str, code: str, words: Words) -> None:
    plan = read(words, f"一、任务\n{text}")
    assert code in codes(plan)


def test_every_note_of_a_task_has_words_and_a_place(words: Words) -> None:
    plan = read(words, "一、任务\n1.推进甲项。9月底前完成80%。（市水利局等部门）")
    for note in plan.tasks[0].notes:
        assert note.place is not None
        assert note.text().endswith(("。", "”", "？"))
        assert "{" not in note.text()


def test_the_printed_mapping_is_what_was_agreed(words: Words) -> None:
    shown = read(
        words, "甲市治理方案\n一、任务\n1.推进甲项。到2025年，达标率达到80%。（市水利局牵头）"
    ).as_json()
    assert set(shown) >= {"document", "actions", "tasks", "targets", "notes"}
    assert set(shown["document"]) >= {"title", "number", "issuer", "issued_on"}
    (task,) = shown["tasks"]
    assert set(task) >= {
        "no", "action", "title", "text", "lead", "cooperating", "responsible", "milestones",
        "targets", "notes",
    }  # fmt: skip
    assert task["milestones"][0]["due"] == "2025-12-31"
    assert task["targets"][0]["value"] == "80"
    assert all(isinstance(note, str) for note in task["notes"])


def test_nothing_at_all_is_said_to_be_nothing(words: Words) -> None:
    plan = read(words, "今天天气很好。")
    assert plan.tasks == ()
    assert "no_tasks" in codes(plan)


@pytest.mark.parametrize("count", [1, 60_000])
def test_a_text_longer_than_any_plan_is_refused(count: int, words: Words) -> None:
    text = "甲" * (MOST_CHARACTERS // count + 1)
    with pytest.raises(Invalid, match="太长"):
        parse([Line(text, Place(n)) for n in range(count)], words)


def test_more_headings_than_any_plan_are_refused(words: Words) -> None:
    with pytest.raises(Invalid, match="标题"):
        parse(lines(*(f"{n % 900 + 1}.推进。" for n in range(2500))), words)


def test_a_label_behind_a_full_stop_ends_the_text_of_its_task(words: Words) -> None:
    plan = read(
        words,
        """
一、任务
1.补齐短板。2025年底前新建管网12公里。责任单位：县住建局（牵头）、县财政局。
2.规范排水。2026年底前完成改造。牵头单位：县水利局；配合单位：县住建局。
""",
    )
    assert [task.units("lead") for task in plan.tasks] == [("县住建局",), ("县水利局",)]
    assert plan.tasks[0].units("responsible") == ("县财政局",)
    assert "责任单位" not in plan.tasks[0].text


def test_a_signature_below_the_last_task_is_no_milestone(words: Words) -> None:
    plan = read(
        words,
        """
一、任务
1.清理河道。2025年6月底前清理河道12公里。（市水利局负责）
2.新建泵站。2025年9月底前新建泵站3座。（市水利局牵头）
江口市人民政府办公室
2025年3月4日
（此件公开发布）
抄送：市委办公室，市人大常委会办公室。
江口市人民政府办公室　2025年3月5日印发
""",
    )
    assert [m.due.isoformat() for m in plan.tasks[1].milestones] == ["2025-09-30"]
    assert plan.head.issued_on is not None
    assert plan.head.issued_on.isoformat() == "2025-03-04"


def test_a_closing_paragraph_belongs_to_no_task(words: Words) -> None:
    plan = read(
        words,
        """
一、任务
1.治理甲。8月底前完成整治。
责任单位：市水利局
2.治理乙。9月底前完成整治。
责任单位：市住建局
3.治理丙。10月底前完成整治。
责任单位：市城管局
各单位要于2025年5月15日前制定方案，11月10日前报送总结。
""",
    )
    assert [m.due for m in plan.tasks[2].milestones] == []
    (closing,) = [section for section in plan.sections if section.purpose == "safeguards"]
    assert [m.due.isoformat() for m in closing.milestones] == ["2025-05-15", "2025-11-10"]


def test_a_clause_without_brackets_below_its_task(words: Words) -> None:
    plan = read(
        words,
        """
一、工程
工程一：修复草原
2025年完成40万亩。
州林草局牵头，州财政局配合，各县市人民政府组织实施。
工程二：防控鼠害
建立监测站点86个。
州林草局、州农牧局共同牵头，各县市人民政府组织实施。
""",
    )
    assert plan.tasks[1].units("lead") == ("州林草局", "州农牧局")
    assert [task.units("responsible") for task in plan.tasks] == [("各县市人民政府",)] * 2


def test_the_names_of_annexes_are_no_tasks(words: Words) -> None:
    plan = read(
        words,
        """
各区人民政府：
附件：1.重点工作责任分解
2.民生实事责任分解
某市人民政府办公室
2025年5月22日
附件1
一、重点工作
1.支持企业发展。减轻企业负担200亿元。
责任单位：市经信局、市财政局（列第一位者为牵头单位，下同）
2.推进项目建设。完成投资300亿元。
责任单位：市发改委、市住建局
""",
    )
    assert [task.title for task in plan.tasks] == ["支持企业发展", "推进项目建设"]
    assert [task.units("lead") for task in plan.tasks] == [("市经信局",), ("市发改委",)]


def test_goals_take_the_day_with_which_their_paragraph_opens(words: Words) -> None:
    plan = read(
        words,
        """
一、工作目标
到2025年，全面完成约束性指标。全市优良天数比率达到74.2%。
二、任务
1.健全体系。（市水利局负责）
""",
    )
    (target,) = [t for t in plan.targets if t.kind == "number"]
    assert target.due is not None
    assert target.due.isoformat() == "2025-12-31"


def test_a_column_that_says_nothing_known_is_shown_to_a_person(
    words: Words, tmp_path: Path
) -> None:
    page = tmp_path / "table.html"
    heads = ("序号", "工作任务", "责任单位", "完成时限", "资金来源")
    cells = ("1", "清理河道12公里", "市水利局", "2025年6月底前", "市级财政")
    rows = ("".join(f"<td>{cell}</td>" for cell in row) for row in (heads, cells))
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    page.write_text(f'<meta charset="utf-8"><table>{table}</table>', encoding="utf-8")
    (task,) = parse(read_file(page), words).tasks
    assert [note.params for note in task.notes if note.code == "remark"] == [{"remark": "市级财政"}]
