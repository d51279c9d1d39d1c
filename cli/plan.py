"""`bihuan plan`: what a plan document says, before anything of it counts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli import plan_running
from cli.lines import read_settings, refuse, say, stop
from config.settings import Settings
from workflow.errors import N_, WorkflowError
from workflow.plans.found import Milestone, Plan, Target, Task
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_file
from workflow.plans.vocabulary import load_words

app = typer.Typer(no_args_is_help=True, help="行动计划：把计划文件读成任务、单位、时限和指标。")

WORDS = Path("plans") / "words.yaml"


app.command("import")(plan_running.import_plan)
app.command("list")(plan_running.list_plans)
app.command("show")(plan_running.show_plan)


@app.callback()
def plan() -> None:
    """行动计划。"""


@app.command("parse")
def parse_plan(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="计划文件：txt、docx、pdf、xlsx 或 html")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """试读一份计划文件：列出任务、单位、时限、指标和需要核对的地方，不写入数据库。"""
    settings = read_settings()
    found = read_plan(file, settings)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        _show(found, settings)


def read_plan(file: Path, settings: Settings) -> Plan:
    """The plan in a file; ends the command with a sentence where it cannot be read."""
    try:
        return parse(read_file(file), load_words(settings.config_dir / WORDS))
    except OSError as fault:
        problem = fault.strerror or type(fault).__name__
        sentence = N_("读不到文件 {file}：{problem}。请检查路径和权限。")
        raise stop(say(sentence, settings, file=file, problem=problem)) from fault
    except WorkflowError as fault:
        refuse(fault, settings)


def _show(found: Plan, settings: Settings) -> None:
    head = found.head
    typer.echo(head.title or say(N_("（没有读到标题）"), settings))
    known = (head.number, head.issuer, head.issued_on and head.issued_on.isoformat())
    typer.echo("  ".join(part for part in known if part))
    figures = [*found.targets, *(t for task in found.tasks for t in task.targets)]
    typer.echo(
        say(
            N_(
                "{actions}个行动，{tasks}项任务，{milestones}个节点，{targets}项指标，{notes}处需要核对。"
            ),
            settings,
            actions=len(found.actions),
            tasks=len(found.tasks),
            milestones=sum(len(task.milestones) for task in found.tasks),
            targets=len(figures),
            notes=len(found.notes) + sum(len(task.notes) for task in found.tasks),
        )
    )
    for target in found.targets:
        typer.echo(f"  {_figure(target)}")
    action: int | None = None
    titles = {entry.no: f"{entry.label}{entry.title}" for entry in found.actions}
    for task in found.tasks:
        if task.action is not None and task.action != action:
            typer.echo(f"\n{titles[task.action]}")
        action = task.action
        _show_task(task, settings)
    for note in found.notes:
        typer.echo(f"! {note.text()}")


def _show_task(task: Task, settings: Settings) -> None:
    typer.echo(f"  {task.label}{task.title}")
    labels = (
        ("lead", N_("牵头")),
        ("cooperating", N_("配合")),
        ("responsible", N_("责任")),
        ("supervising", N_("督导")),
        ("acceptance", N_("验收")),
    )
    for role, label in labels:
        if units := task.units(role):
            typer.echo(f"      {say(label, settings)}：{'、'.join(units)}")
    for milestone in task.milestones:
        typer.echo(f"      {_day(milestone)}  {milestone.text}")
    for term in task.undated:
        typer.echo(f"      {term.printed}  {term.text}")
    for target in task.targets:
        typer.echo(f"      ◇ {_figure(target)}")
    for note in task.notes:
        typer.echo(f"      ! {note.text()}")


def _day(milestone: Milestone) -> str:
    return milestone.due.isoformat() + ("" if milestone.certain else "?")


def _figure(target: Target) -> str:
    sign = "" if target.kind == "state" else target.comparator
    due = f"（{target.due.isoformat()}）" if target.due else ""
    scope = f"〔{target.scope}〕" if target.scope else ""
    return f"{scope}{target.name} {sign}{target.value}{target.unit}{due}"
