"""A document is filed, looked at, corrected and put into force; nothing counts before."""

import pytest

from tests.flows.plans.conftest import PLAN, WORDS, Desk
from workflow.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from workflow.issues import counts, lists
from workflow.issues.views import Filters
from workflow.plans import queries
from workflow.plans.reading import prepare
from workflow.units import queries as units
from workflow.units.rules import Scope


def test_a_draft_holds_what_was_read_and_nothing_runs(desk: Desk) -> None:
    staged = desk.stage()
    assert (staged.tasks, staged.milestones, staged.targets) == (4, 5, 3)
    assert (staged.state, staged.is_new, staged.open_units) == ("draft", True, 1)
    again = desk.stage()
    assert (again.id, again.is_new) == (staged.id, False)

    review = desk.review(staged.id)
    assert review.may_edit
    assert review.lines[0].text.startswith("云泽市人民政府办公室关于印发")
    assert [task.no for task in review.tasks] == [1, 2, 3, 4]
    assert review.by_doubt[0].no == 3, "the one with a doubt comes first"
    first = review.tasks[0]
    assert [duty.name for duty in first.units("lead")] == ["市水利局"]
    assert [duty.name for duty in first.units("responsible")] == [
        "青山镇人民政府",
        "河口镇人民政府",
    ]
    assert [m.due.isoformat() for m in first.milestones if m.due] == ["2024-12-31", "2025-12-31"]
    terms = {m.kind: m for task in review.tasks for m in task.milestones}
    assert terms["recurring"].every == "month:25"
    assert terms["relative"].due is not None
    assert terms["relative"].due.isoformat() == "2024-10-18", "30 working days over a holiday"
    assert review.units[0].name == "市水文中心"
    assert review.units[0].proposed
    assert review.obstacles[0] == "还有2处疑问未处理。"
    with desk.world.database.reading() as tx:
        found = lists.work_list(tx, desk.world.actor("hb.handler"))
    assert found.total == 0


def test_a_reviewer_corrects_and_every_old_value_is_kept(desk: Desk) -> None:
    staged = desk.stage()
    review = desk.review(staged.id)
    task = review.tasks[0]
    target = next(t for t in task.targets if t.name == "整治率")
    milestone = task.milestones[0]
    for subject, key, field, value in (
        ("plan", None, "title", "云泽市河湖行动"),
        ("plan", None, "organiser", "市水利局"),
        ("task", task.id, "title", "整治排污口"),
        ("milestone", milestone.id, "due", "2024-11-30"),
        ("target", target.id, "value", "96"),
    ):
        desk.act("correct", staged.id, subject=subject, subject_id=key, field=field, value=value)
    desk.act("add_milestone", staged.id, task_id=task.id, due="2025-06-30", content="整治过半")
    desk.act(
        "add_target", staged.id, task_id=task.id, name="排口", comparator="<=", value="3",
        unit="个", due=None,
    )  # fmt: skip
    desk.act("set_duty", staged.id, task_id=task.id, role="lead", names=["市生态环境局", "新单位"])
    review = desk.review(staged.id)
    task = review.tasks[0]
    assert (review.head.title, review.head.organiser_unit_id) == (
        "云泽市河湖行动", desk.world.unit("shuili"),
    )  # fmt: skip
    assert [m.due.isoformat() for m in task.milestones if m.due] == [
        "2024-11-30", "2025-06-30", "2025-12-31",
    ]  # fmt: skip
    assert [duty.name for duty in task.units("lead")] == ["市生态环境局", "新单位"]
    kept = [record.data for record in review.records if record.action == "correct"]
    assert {"old": "95", "new": "96"}.items() <= kept[0].items()
    assert {"old": "2024-12-31", "new": "2024-11-30"}.items() <= kept[1].items()
    assert review.head.version == 9 == len(review.records)


def test_bad_input_gets_a_sentence_and_changes_nothing(desk: Desk) -> None:
    staged = desk.stage()
    task = desk.review(staged.id).tasks[0]
    for field, value, sentence in (
        ("due", "2024-13-40", "日期"),
        ("due", "", "必填"),
        ("due", "2024-12-31", "与原内容相同"),
        ("content", "a\0b", "无法保存"),
        ("nonsense", "x", "没有可以更正的"),
    ):
        with pytest.raises(Invalid) as fault:
            desk.act(
                "correct", staged.id, subject="milestone", subject_id=task.milestones[0].id,
                field=field, value=value,
            )  # fmt: skip
        assert sentence in "".join(fault.value.field_texts().values())
    with pytest.raises(NotFound):
        desk.act("correct", staged.id, subject="task", subject_id=10**30, field="title", value="x")
    for note in (999, 10**30, -1):
        with pytest.raises(NotFound):
            desk.act("resolve", staged.id, note_id=note)
    with pytest.raises(Invalid, match="是否指"):
        desk.act(
            "decide_unit", staged.id, plan_unit_id=desk.review(staged.id).units[0].id,
            decision="chosen", unit="市水文局",
        )  # fmt: skip
    with pytest.raises(Conflict):
        desk.act("discard", staged.id, version=7)
    assert desk.review(staged.id).head.version == 1
    with pytest.raises(Invalid):
        prepare(desk.storage, b"%PDF-1.4 broken", "a.pdf", WORDS)


def test_only_the_issuing_dispatcher_reviews_and_admins_see_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.stage(by="hb.handler")
    with pytest.raises(NotAllowed):
        desk.stage(issuer="市水利局")
    staged = desk.stage()
    for login in ("hb.handler", "city.leader", "root", "sj.auditor"):
        with pytest.raises(NotFound):
            desk.review(staged.id, by=login)
        with pytest.raises(NotFound):
            desk.act("discard", staged.id, by=login)
    desk.act("discard", staged.id)
    assert desk.stage().id != staged.id, "a discarded file can be filed anew"


def test_activation_is_refused_until_everything_is_settled(desk: Desk) -> None:
    staged = desk.stage()
    unknown, doubted = desk.review(staged.id).units[0], desk.review(staged.id).tasks[2].id
    steps = (
        ("疑问未处理", lambda: desk.act("confirm", staged.id, task_id=None)),
        ("疑问未处理", lambda: desk.act("confirm", staged.id, task_id=doubted)),
        ("任务未核对", lambda: desk.act("confirm_clear", staged.id)),
        ("未对应", lambda: desk.act(
            "decide_unit", staged.id, plan_unit_id=unknown.id, decision="create"
        )),
    )  # fmt: skip
    for why, settle in steps:
        with pytest.raises(Refused) as refused:
            desk.act("activate", staged.id)
        assert why in (refused.value.why_text() or "")
        settle()
    done = desk.act("activate", staged.id)
    assert (done.milestones, done.asked, done.created_units) == (5, 1, ("市水文中心",))
    with pytest.raises(Refused):
        desk.act("activate", staged.id)
    with pytest.raises(Refused):
        desk.act("correct", staged.id, subject="plan", subject_id=None, field="title", value="x")
    assert desk.world.unit("市水文中心")


def test_milestones_are_no_problems_and_stand_in_their_units_work(desk: Desk) -> None:
    problem = desk.world.report()
    plan_id, _ = desk.run()
    world = desk.world
    everything = Scope(everything=True, units=frozenset())
    with world.database.reading() as tx:
        directory = units.directory(tx)
        page = lists.page(tx, everything, Filters(), directory=directory, today=world.today())
        assert [row.number for row in page.rows] == [problem]
        found = lists.page(
            tx, everything, Filters(q="排污口"), directory=directory, today=world.today()
        )
        assert found.rows == ()
        assert counts.overview(tx, everything, world.today()).total == 1
        work = lists.work_list(tx, world.actor("hk.handler"))
        assert [row.title for row in work.moves] == [
            "清理河道垃圾：每月25日前，完成一轮河道垃圾清理"
        ]
        codes = {task.code for task in desk.tasks(plan_id).values()}
        assert set(queries.task_titles(tx, [*codes, "X", None])) == codes
        assert len(queries.choices(tx, directory, world.actor("qs.handler"))) == 4
        rows = queries.page(tx, directory, world.actor("qs.handler"), today=world.today())
        assert [(row.tasks, row.milestones, row.late) for row in rows] == [(4, 5, 0)]
        for login in ("root", "sh.handler"):
            assert queries.page(tx, directory, world.actor(login), today=world.today()) == ()
            with pytest.raises(NotFound):
                desk.page(plan_id, by=login)
    seen = desk.tasks(plan_id, by="qs.handler")
    assert seen[1].milestones[0].number, "a responsible unit opens its own milestone"
    assert seen[3].milestones[0].number is None, "of another's it sees that it is there"
    assert desk.page(plan_id).sentences[seen[1].place["line"]].startswith("1.整治入河排污口")
    assert PLAN.startswith("云泽市")


def test_terms_in_safeguards_are_pointed_out(desk: Desk) -> None:
    closing = (
        "三、保障措施\n"
        "各单位要于2024年10月20日前制定方案，每两个月通报一次进展，2024年10月20日前成立专班。\n"
    )
    review = desk.review(desk.stage(PLAN + closing).id)
    (note,) = [note for note in review.notes if note.code == "section_term"]
    assert note.params["terms"] == "2024年10月20日前、每两个月"
    assert "未列入任何任务" in note.message
