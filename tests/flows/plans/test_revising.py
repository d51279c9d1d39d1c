"""A revised text: what changed is shown, and applied without losing what runs."""

from pathlib import Path

import pytest

from tests.flows.plans.conftest import PLAN, WORDS, Desk
from workflow.errors import Conflict, NotFound, Refused
from workflow.issues import queries
from workflow.plans import observing
from workflow.plans.parse import parse
from workflow.plans.readers.text import read_text
from workflow.plans.reading import prepare
from workflow.units.rules import Scope

SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
EVERYTHING = Scope(everything=True, units=frozenset())
REVISED = (
    PLAN.replace("2024年12月底前，完成入河排污口排查", "2025年3月底前，完成入河排污口排查")
    .replace("整治率达到95%以上", "整治率达到98%以上")
    .replace("牵头单位：河口镇人民政府", "牵头单位：青山镇人民政府")
    .replace("配合单位：市水利局、市水文中心", "配合单位：市水利局")
    .replace(
        "4.编制专项方案。在本计划印发后30个工作日内，制定黑臭水体治理专项方案。",
        "4.推广节水器具。2025年6月底前，公共机构节水器具普及率达到100%。",
    )
)


def test_the_same_text_again_changes_nothing(desk: Desk) -> None:
    plan_id, _ = desk.run()
    assert desk.stage(revises=plan_id).id == plan_id, "the very same file is the plan itself"
    draft = desk.stage(PLAN + "\n", revises=plan_id)
    assert (draft.is_new, draft.revision, draft.open_units) == (True, 2, 0)
    assert desk.changes(draft.id) == []
    before = {n: [m.number for m in t.milestones] for n, t in desk.tasks(plan_id).items()}
    desk.confirm_all(draft.id)
    done = desk.act("activate", draft.id)
    assert (done.milestones, done.carried, done.changes) == (0, 5, 0)
    after = {n: [m.number for m in t.milestones] for n, t in desk.tasks(draft.id).items()}
    assert after == before
    with pytest.raises(Refused):
        desk.stage(PLAN + "\n\n", revises=plan_id)


def test_a_revision_is_shown_and_applied_without_losing_what_runs(desk: Desk) -> None:
    plan_id, _ = desk.run()
    world, was = desk.world, desk.tasks(plan_id)
    progress = was[1].milestones[0].number or ""
    cleaning = was[2].milestones[0].number or ""
    gone = was[4].milestones[0].number or ""
    world.act(progress, "progress", "hb.handler", note="完成一半。")
    target = next(t for t in was[1].targets if t.name == "整治率")
    with world.database.transaction() as tx:
        observing.observe(
            tx, world.office, target_id=target.id, value="60", observed_on="2024-09-01",
            source="月报", by=world.actor("sl.handler"), now=world.now, door="test",
        )  # fmt: skip

    draft = desk.stage(REVISED, revises=plan_id)
    found = desk.changes(draft.id)
    assert ("changed", "milestone", "due", "2024-12-31", "2025-03-31") in found
    assert ("added", "unit", "lead", "", "青山镇人民政府") in found
    assert ("removed", "unit", "lead", "河口镇人民政府", "") in found
    assert ("removed", "unit", "cooperating", "市水文中心", "") in found
    assert any(c[:3] == ("changed", "target", "value") and "98" in c[4] for c in found)
    assert ("added", "task", "", "", "推广节水器具") in found
    assert ("removed", "task", "", "编制专项方案", "") in found
    with pytest.raises(Refused, match="不能这样办"):
        desk.stage(REVISED + "\n", revises=plan_id)

    desk.confirm_all(draft.id)
    done = desk.act("activate", draft.id)
    assert (done.carried, done.milestones) == (4, 1)
    now_is = desk.tasks(draft.id)
    assert now_is[1].milestones[0].number == progress
    assert now_is[1].code == was[1].code
    assert now_is[4].code not in {task.code for task in was.values()}
    with world.database.reading() as tx:
        moved, cleaned, dropped = (
            queries.get(tx, number, EVERYTHING) for number in (progress, cleaning, gone)
        )
    assert moved.due_on is not None
    assert moved.due_on.isoformat() == "2025-03-31"
    assert moved.facts["progress"]["note"] == "完成一半。"
    assert cleaned.responsible_unit_id == cleaned.owner_unit_id == world.unit("qingshan")
    assert all(
        c.owner_unit_id == world.unit("qingshan") for c in cleaned.clocks if not c.stopped_at
    )
    assert (dropped.state, dropped.is_open) == ("dropped", False)
    kept = next(t for t in now_is[1].targets if t.name == "整治率")
    assert [o.value for o in kept.observations] == ["60"]
    for number in (progress, cleaning, gone):
        assert world.chain_is_whole(number)
    world.act(cleaning, "submit", "qs.handler", result="已清理。", evidence=[world.photo()])
    assert desk.page(plan_id).head.state == "replaced"
    with pytest.raises(Refused):
        desk.stage(PLAN + "\n", revises=plan_id)


def test_a_revision_is_the_dispatchers_alone(desk: Desk) -> None:
    plan_id, _ = desk.run()
    with pytest.raises(NotFound):
        desk.stage(REVISED, by="sh.handler", revises=plan_id)
    with pytest.raises(NotFound):
        desk.stage(REVISED, revises=plan_id + 100)
    draft = desk.stage(REVISED, revises=plan_id)
    desk.act("discard", draft.id)
    with pytest.raises(Conflict):
        desk.act("confirm", desk.stage(REVISED, revises=plan_id).id, task_id=None, version=9)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real plans are not here")
@pytest.mark.parametrize(("name", "tasks"), [("000_", 25), ("003_", 24)])
def test_a_real_plan_runs(desk: Desk, name: str, tasks: int) -> None:
    [path] = SHARED.glob(f"{name}*.txt")
    text = path.read_text(encoding="utf-8")
    plan_id, done = desk.run(text)
    page = desk.page(plan_id)
    assert sum(len(action.tasks) for action in page.actions) == tasks
    assert len(page.actions) == 10
    read = parse(read_text(path.read_bytes()), WORDS)
    assert done.milestones == sum(
        len(t.milestones) + sum(u.every is not None for u in t.undated) for t in read.tasks
    )
    again = desk.stage(text + "\n", revises=plan_id)
    assert desk.changes(again.id) == []
    assert prepare(desk.storage, text.encode(), "x.txt", WORDS).plan.head.title == page.head.title


def test_corrections_go_on_where_the_words_are_the_same(desk: Desk) -> None:
    first = desk.stage()
    tasks = {task.no: task for task in desk.review(first.id).tasks}
    sort_out, stations = tasks[1], tasks[3]
    desk.act("set_duty", first.id, task_id=sort_out.id, role="lead", names=["市生态环境局"])
    due = {"subject": "milestone", "field": "due"}
    for milestone, day in zip(sort_out.milestones, ("2025-01-15", "2025-11-30"), strict=True):
        desk.act("correct", first.id, subject_id=milestone.id, value=day, **due)
    desk.act(
        "add_milestone", first.id, task_id=stations.id, due="2025-05-31", content="通过比对监测"
    )
    title = {"subject": "task", "field": "title"}
    desk.act("correct", first.id, subject_id=stations.id, value="建设水质监测站点", **title)
    desk.confirm_all(first.id)
    desk.act("activate", first.id)
    # The first day is printed anew, everything else is as it was.
    text = PLAN.replace("2024年12月底前，完成入河", "2025年3月底前，完成入河")
    second = desk.stage(text, revises=first.id)
    review = desk.review(second.id)
    tasks = {task.no: task for task in review.tasks}
    assert [duty.name for duty in tasks[1].units("lead")] == ["市生态环境局"]
    assert [str(each.due) for each in tasks[1].milestones] == ["2025-03-31", "2025-11-30"]
    assert [each.content for each in tasks[3].milestones][-1] == "通过比对监测"
    assert tasks[3].title == "建设水质监测站点"
    [record] = [each for each in review.records if each.action == "taken_over"]
    assert len(record.data["steps"]) == 4
    assert review.doubts == 0
    asked = {note.code for task in review.tasks for note in task.notes}
    assert asked, "what was settled is shown with who settled it"
    changed = {(how, what, field) for how, what, field, _, _ in desk.changes(second.id)}
    assert ("removed", "milestone", "") not in changed
    assert not any(what == "unit" for _, what, _ in changed)
    # And once more: what was taken over is taken over again.
    desk.confirm_all(second.id)
    desk.act("activate", second.id)
    third = desk.review(desk.stage(text + "\n", revises=second.id).id)
    again = {task.no: task for task in third.tasks}
    assert again[3].title == "建设水质监测站点"
    assert [str(each.due) for each in again[1].milestones] == ["2025-03-31", "2025-11-30"]
    assert len(again[3].milestones) == len(tasks[3].milestones)
