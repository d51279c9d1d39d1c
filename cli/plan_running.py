"""`bihuan plan import|list|show`: a plan is filed, confirmed as far as that goes, and looked at."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.desk import Desk, at_desk
from cli.lines import REFUSED, stop
from workflow.db import Tx
from workflow.errors import N_, Invalid, NotFound, Refused
from workflow.evidence.storage import Storage
from workflow.plans import actions, activation, queries, staging
from workflow.plans.activation import Activated
from workflow.plans.readers.limits import MOST_BYTES, too_large
from workflow.plans.reading import Prepared, prepare
from workflow.plans.reviewing import Review
from workflow.plans.staging import Staged
from workflow.plans.views import Change, MilestoneView, PlanPage, PlanRow
from workflow.plans.vocabulary import load_words
from workflow.units import queries as units
from workflow.units.rules import Actor

DOOR = "cli"
WORDS = Path("plans") / "words.yaml"
STATES = {
    "draft": N_("草稿"),
    "running": N_("执行中"),
    "replaced": N_("已被修订"),
    "discarded": N_("已作废"),
}
WHATS = {
    "task": N_("任务"),
    "milestone": N_("节点"),
    "target": N_("指标"),
    "unit": N_("单位"),
    "title": N_("名称"),
}
As = Annotated[
    str | None,
    typer.Option("--as", metavar="LOGIN", help="以谁的身份；只有一名交办员时可以不写。"),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="计划文件：txt、docx、pdf、xlsx 或 html")
]


def import_plan(
    file: File,
    login: As = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="没有疑问的任务视为已核对；全部核对完毕即导入执行。")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept-doubts", help="与 --yes 同用：疑问按读出的内容处理。")
    ] = False,
    create: Annotated[
        bool, typer.Option("--create-units", help="与 --yes 同用：不认识的单位一律新建。")
    ] = False,
    revises: Annotated[
        int | None, typer.Option("--revises", metavar="ID", help="修订哪一份执行中的计划。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """导入一份计划：先存为草稿，列出须核对之处；核对完毕才开始计时、督办。"""
    with at_desk("plan import") as desk:
        found = _read(desk, file)
        with desk.installation.database.transaction() as tx:
            by = _person(desk, tx, login)
            staged = staging.stage(
                tx,
                desk.installation.office,
                found=found,
                revises=revises,
                by=by,
                now=desk.now,
                door=DOOR,
            )
        done, why = None, None
        if yes and staged.state == "draft":
            done, why = _confirm(desk, staged, by, accept=accept, create=create)
        with desk.installation.database.reading() as tx:
            directory = units.directory(tx)
            review = queries.review(tx, directory, by, plan_id=staged.id)
            changes = queries.changes(tx, directory, by, plan_id=staged.id)
        if as_json:
            told = _imported(staged, review, done)
            typer.echo(_json(told | {"changes": [asdict(each) for each in changes]}))
        else:
            _tell(desk, staged, review, done)
            if done is None:
                _show_changes(desk, changes)
        if yes and staged.state == "draft" and done is None:
            raise stop(
                desk.say(N_("尚未导入执行：{why}请核对后再导入。"), why=why or ""), code=REFUSED
            )


def list_plans(login: As = None, as_json: AsJson = False) -> None:
    """列出此人看得到的计划，新的在前。"""
    with at_desk("plan list") as desk, desk.installation.database.reading() as tx:
        by = _person(desk, tx, login)
        rows = queries.page(tx, units.directory(tx), by, today=by.on)
        if as_json:
            typer.echo(_json({"plans": [asdict(row) for row in rows]}))
            return
        if not rows:
            typer.echo(desk.say(N_("没有看得到的计划。")))
        for row in rows:
            typer.echo(_line(desk, row))


def show_plan(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="计划的序号或编号")],
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """一份计划：各行动进度、下一批时限、指标、须核对之处。"""
    with at_desk(f"plan show {plan}") as desk, desk.installation.database.reading() as tx:
        by = _person(desk, tx, login)
        directory = units.directory(tx)
        plan_id = _id(tx, desk, by, plan)
        head = queries.visible_head(tx, directory, by, plan_id)
        if head.state in ("draft", "discarded"):
            review = queries.review(tx, directory, by, plan_id=plan_id)
            if as_json:
                typer.echo(_json({"plan": asdict(head), **_doubts(review)}))
            else:
                _show_review(desk, review)
            return
        page = queries.progress(tx, directory, by, plan_id=plan_id, today=by.on)
        if as_json:
            typer.echo(_json(_progress(page)))
        else:
            _show(desk, page)


def _read(desk: Desk, file: Path) -> Prepared:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            too_large(size, MOST_BYTES)
        data = file.read_bytes()
    except OSError as fault:
        problem = fault.strerror or type(fault).__name__
        sentence = N_("读不到文件 {file}：{problem}。请检查路径和权限。")
        raise stop(desk.say(sentence, file=file, problem=problem)) from fault
    storage = Storage(desk.settings.data_dir / "evidence")
    return prepare(storage, data, file.name, load_words(desk.settings.config_dir / WORDS))


def _person(desk: Desk, tx: Tx, login: str | None) -> Actor:
    """Who is named; without a name the one dispatcher of the installation."""
    if login is not None:
        return desk.person(tx, login)
    directory = units.directory(tx)
    today = desk.now.astimezone(desk.settings.zone).date()
    found = sorted(
        person.login
        for person in directory.people.values()
        if person.active
        and any(post.post == "dispatcher" for post in directory.posts_of(person.id, today))
    )
    if len(found) != 1:
        raise Invalid.at(
            "--as",
            N_("请用 --as 写明以谁的身份。交办员：{logins}。"),
            logins="、".join(found[:10]) or "—",
        )
    return desk.person(tx, found[0])


def _confirm(
    desk: Desk, staged: Staged, by: Actor, *, accept: bool, create: bool
) -> tuple[Activated | None, str | None]:
    """Confirm what may be confirmed, then put it into force; else say why not."""
    office = desk.installation.office
    common: dict[str, Any] = {
        "plan_id": staged.id,
        "version": None,
        "by": by,
        "now": desk.now,
        "door": DOOR,
    }
    with desk.installation.database.transaction() as tx:
        review = queries.review(tx, units.directory(tx), by, plan_id=staged.id)
        if create:
            for name in review.units:
                if name.decision == "open":
                    actions.decide_unit(
                        tx, office, plan_unit_id=name.id, decision="create", **common
                    )
        if accept:
            actions.confirm(tx, office, task_id=None, **common)
            for task in review.tasks:
                if task.doubts:
                    actions.confirm(tx, office, task_id=task.id, **common)
        actions.confirm_clear(tx, office, **common)
    try:
        with desk.installation.database.transaction() as tx:
            return activation.activate(tx, office, **common), None
    except Refused as refused:
        return None, refused.why_text()


def _id(tx: Tx, desk: Desk, by: Actor, plan: str) -> int:
    """A plan's id; of a code the one in force, else the newest."""
    if plan.isascii() and plan.isdecimal():
        return int(plan)
    states = tuple(STATES)
    rows = queries.page(tx, units.directory(tx), by, today=by.on, states=states, limit=500)
    mine = [row for row in rows if row.code == plan.upper()]
    mine.sort(key=lambda row: row.state != "running")
    if not mine:
        raise NotFound(N_("没有这份计划，或您无权查看。请从计划列表中选择。"))
    return mine[0].id


def _tell(desk: Desk, staged: Staged, review: Review, done: Activated | None) -> None:
    if not staged.is_new:
        typer.echo(desk.say(N_("这份文件已经导入过。")))
    _show_review(desk, review)
    if done is not None:
        typer.echo(
            desk.say(
                N_("已导入执行：{milestones}个节点，其中{asked}个已过期，先问是否已经完成。"),
                milestones=done.milestones,
                asked=done.asked,
            )
        )


def _show_review(desk: Desk, review: Review) -> None:
    head = review.head
    typer.echo(f"{head.id}  {head.code}  {desk.say(STATES[head.state])}  {head.title}")
    typer.echo(
        desk.say(
            N_("{tasks}项任务，{milestones}个节点，{targets}项指标，{doubts}处疑问待处理。"),
            tasks=len(review.tasks),
            milestones=sum(len(task.milestones) for task in review.tasks),
            targets=len(review.targets) + sum(len(task.targets) for task in review.tasks),
            doubts=review.doubts,
        )
    )
    for note in review.notes:
        if not note.resolved:
            typer.echo(f"! {note.text()}")
    for task in review.by_doubt:
        for note in task.notes:
            if not note.resolved:
                typer.echo(f"! {task.label}{task.title}：{note.text()}")
    for name in review.units:
        if name.decision == "open":
            typer.echo("! " + desk.say(N_("单位未对应：{name}"), name=name.name))
    if head.state == "draft":
        for obstacle in review.obstacles:
            typer.echo(f"- {obstacle}")


def _show_changes(desk: Desk, changes: Sequence[Change]) -> None:
    """What a revision changes in the plan that runs."""
    if changes:
        typer.echo(desk.say(N_("与执行中的计划相比，有{count}处不同："), count=len(changes)))
    for each in changes:
        what = " ".join(filter(None, (each.task, desk.say(WHATS.get(each.what, each.what)))))
        typer.echo(f"± {what}：{each.old or '—'} → {each.new or '—'}")


def _line(desk: Desk, row: PlanRow) -> str:
    state = desk.say(STATES[row.state])
    done = f"{row.accepted}/{row.milestones}"
    return f"{row.id}  {row.code}  {state}  {done}  {row.title}"


def _show(desk: Desk, page: PlanPage) -> None:
    head = page.head
    typer.echo(f"{head.id}  {head.code}  {desk.say(STATES[head.state])}  {head.title}")
    for action in page.actions:
        typer.echo(f"{action.label}{action.title}  {action.accepted}/{action.milestones}")
        for task in action.tasks:
            typer.echo(f"  {task.code}  {task.title}")
            for milestone in task.milestones:
                typer.echo(f"    {_milestone(desk, milestone)}")
            for target in task.targets:
                seen = target.observations[0].value if target.observations else "—"
                typer.echo(
                    f"    ◇ {target.name} {target.comparator}{target.value}{target.unit}  {seen}"
                )


def _milestone(desk: Desk, milestone: MilestoneView) -> str:
    day = milestone.due_on or milestone.due or milestone.printed
    loop = desk.installation.office.loops["milestone"]
    state = loop.states.get(milestone.issue_state or "")
    words = state.labels[desk.settings.lang] if state else ""
    return "  ".join(filter(None, (str(day), milestone.number or "", words, milestone.content)))


def _doubts(review: Review) -> dict[str, Any]:
    return {
        "doubts": [
            {"task": task.code, "code": note.code, "text": note.text(), "sentence": note.sentence}
            for task in review.by_doubt
            for note in task.notes
            if not note.resolved
        ]
        + [
            {"task": None, "code": note.code, "text": note.text(), "sentence": note.sentence}
            for note in review.notes
            if not note.resolved
        ],
        "units": [asdict(name) for name in review.units if name.decision == "open"],
        "obstacles": list(review.obstacles),
    }


def _imported(staged: Staged, review: Review, done: Activated | None) -> dict[str, Any]:
    told = asdict(staged) | {"state": review.head.state, **_doubts(review)}
    return told | {"activated": asdict(done) if done else None}


def _progress(page: PlanPage) -> dict[str, Any]:
    return {
        "plan": asdict(page.head),
        "actions": [asdict(action) for action in page.actions],
        "targets": [asdict(target) for target in page.targets],
        "units": [asdict(unit) for unit in page.units],
        "problems": {code: asdict(each) for code, each in page.problems.items()},
    }


def _json(value: Any) -> str:
    def plain(each: object) -> str:
        return each.isoformat() if isinstance(each, date | datetime) else str(each)

    return json.dumps(value, ensure_ascii=False, indent=2, default=plain)
