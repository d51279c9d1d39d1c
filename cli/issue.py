"""`bihuan issue`: list, look at, file and move issues, with the rights of the --as person."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli.lines import REFUSED, WRONG_USAGE, read_settings, say, stop
from config.language import catalogue
from config.settings import Settings
from tasks.installation import Installation, open_installation
from workflow import migrate
from workflow.db import Tx
from workflow.errors import N_, Invalid, NotFound, WorkflowError
from workflow.issues import actions, lists, queries, rules, store
from workflow.issues.fields import form
from workflow.issues.record import plain
from workflow.issues.views import Filters, IssueRow, IssueView
from workflow.labels import Labels, load_labels
from workflow.units import queries as units
from workflow.units.rules import Actor, actor, scope_of

app = typer.Typer(no_args_is_help=True, help="问题：列出、查看、登记、办理。")

DOOR = "cli"
As = Annotated[str, typer.Option("--as", metavar="LOGIN", help="以谁的身份：登录名。")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]
Data = Annotated[
    str | None, typer.Option("--data", metavar="JSON", help="表单内容；不写则列出要填的各项。")
]


@dataclass(frozen=True)
class Desk:
    """One installation, and the person who acts at this command line."""

    settings: Settings
    installation: Installation
    now: datetime
    labels: Labels

    def person(self, tx: Tx, login: str) -> Actor:
        """The person of a login, with today's posts. Raises NotFound."""
        directory = units.directory(tx)
        found = directory.person_by_login(login)
        if found is None:
            raise NotFound(N_("没有“{login}”这个登录名。"), params={"login": login})
        return actor(directory, found.id, self.now.astimezone(self.settings.zone).date())

    def say(self, msgid: str, **params: object) -> str:
        """A sentence in the language of the settings."""
        return say(msgid, self.settings, **params)


@contextmanager
def _desk() -> Iterator[Desk]:
    """Open the installation; what the engine refuses ends the command with its reason."""
    settings = read_settings()
    installation = None
    try:
        installation = open_installation(settings, now=datetime.now(UTC))
        if migrate.state(installation.database) != "current":
            raise stop(say(N_("数据库尚未建好或结构不是最新。请先运行 bihuan migrate。"), settings))
        labels = load_labels(settings.config_dir / "labels")
        yield Desk(settings, installation, datetime.now(UTC), labels)
    except WorkflowError as fault:
        raise _refusal(fault, settings) from fault
    finally:
        if installation is not None:
            installation.close()


def _refusal(fault: WorkflowError, settings: Settings) -> typer.Exit:
    """What is wrong, why, and for each field of the form its own sentence; all on stderr."""
    translate = catalogue(settings.lang).gettext
    lines = [fault.text(translate)]
    if why := fault.why_text(translate):
        lines.append(why)
    if isinstance(fault, Invalid):
        lines += [f"  {name}: {text}" for name, text in fault.field_texts(translate).items()]
    return stop("\n".join(dict.fromkeys(lines)), code=REFUSED)


@app.command("list")
def list_issues(
    login: As,
    state: Annotated[str, typer.Option(help="环节，例如 rectifying；几个用逗号分开。")] = "",
    unit: Annotated[str, typer.Option(help="责任单位。")] = "",
    lamp: Annotated[str, typer.Option(help="亮灯，例如 red。")] = "",
    q: Annotated[str, typer.Option(help="查找的文字。")] = "",
    after: Annotated[str | None, typer.Option(help="接着上一页的游标。")] = None,
    as_json: AsJson = False,
) -> None:
    """列出此人看得到的问题，新的在前，一页二十件。"""
    with _desk() as desk, desk.installation.database.reading() as tx:
        by, directory = desk.person(tx, login), units.directory(tx)
        place = directory.find(unit) if unit else None
        if unit and place is None:
            raise Invalid.at("unit", N_("没有名为“{text}”的单位，请从单位列表中选择。"), text=unit)
        filters = Filters(
            states=tuple(filter(None, state.split(","))),
            unit=place.id if place else None,
            lamp=lamp or None,
            q=q or None,
        )
        found = lists.page(
            tx, scope_of(directory, by), filters, directory=directory, today=by.on, after=after
        )
        if as_json:
            rows = [_row(row) for row in found.rows]
            typer.echo(_json({"issues": rows, "after": found.after}))
            return
        if not found.rows:
            typer.echo(desk.say(N_("没有符合条件的问题。")))
        for row in found.rows:
            responsible = row.responsible_unit_id
            name = directory.unit(responsible).name if responsible else "—"
            words = (_state(desk, row.loop, row.state), desk.labels.text("lamps", row.lamp), name)
            typer.echo("  ".join((row.number, *words, row.title)))
        if found.after:
            typer.echo(desk.say(N_("还有更多：加上 --after {cursor}"), cursor=found.after))


@app.command("show")
def show(number: str, login: As, as_json: AsJson = False) -> None:
    """一件问题：基本情况、时限、此人能办什么、不能办的为什么。"""
    with _desk() as desk, desk.installation.database.reading() as tx:
        by = desk.person(tx, login)
        view = queries.get(tx, number, scope_of(units.directory(tx), by))
        offers = _offers(desk, tx, number, by)
        if as_json:
            typer.echo(_json({"issue": _view(view), "actions": offers}))
            return
        typer.echo(f"{view.number}  {view.title}")
        typer.echo(f"{_state(desk, view.loop, view.state)}  {view.place}")
        for clock in view.clocks:
            if clock.due_at and not clock.stopped_at:
                typer.echo(f"  {clock.kind}: {clock.due_on or clock.due_at.isoformat()}")
        for offer in offers:
            mark = "✓" if offer["allowed"] else "·"
            typer.echo(
                f"  {mark} {offer['action']}  {offer['label']}  {offer['why'] or ''}".rstrip()
            )


@app.command("report")
def report(login: As, data: Annotated[str, typer.Option("--data", metavar="JSON")]) -> None:
    """登记一件问题；打印编号。"""
    with _desk() as desk, desk.installation.database.transaction() as tx:
        outcome = actions.report(
            tx,
            desk.installation.office,
            data=_object(data, desk.settings),
            by=desk.person(tx, login),
            now=desk.now,
            door=DOOR,
        )
    typer.echo(outcome.number)


@app.command("do")
def do(
    number: str,
    action: str,
    login: As,
    data: Data = None,
    version: Annotated[
        int | None, typer.Option(help="所见的版本号；问题已有新记录时拒绝办理。")
    ] = None,
) -> None:
    """办理页面上的任何一项操作；记录写明是谁、从命令行。"""
    with _desk() as desk:
        if data is None and (needed := _needed(desk, number, action, login)):
            raise stop(needed, code=WRONG_USAGE)
        with desk.installation.database.transaction() as tx:
            outcome = actions.act(
                tx,
                desk.installation.office,
                number=number,
                action=action,
                data=_object(data or "{}", desk.settings),
                version=version,
                by=desk.person(tx, login),
                now=desk.now,
                door=DOOR,
            )
            loop = store.load(tx, desk.installation.office, number=number).loop.name
        state = _state(desk, loop, outcome.state)
        typer.echo(
            desk.say(
                N_("已办理：{number} 现为“{state}”，第 {version} 条记录。"),
                number=number,
                state=state,
                version=outcome.version,
            )
        )


def _needed(desk: Desk, number: str, action: str, login: str) -> str | None:
    """The fields that the action's form must have, one a line; None if it can do without."""
    with desk.installation.database.reading() as tx:
        by = desk.person(tx, login)
        queries.get(tx, number, scope_of(units.directory(tx), by))
        case = store.load(tx, desk.installation.office, number=number)
    transition = case.loop.by_state[case.state].get(action)
    if transition is None or not transition.needs:
        return None
    lines = [desk.say(N_("此项操作要填写，请用 --data 给出 JSON："))]
    for field in form(transition):
        must = desk.say(N_("必填")) if field.required else desk.say(N_("可不填"))
        lines.append(f"  {field.spec.name}  {desk.say(field.spec.zh)}  {must}")
    return "\n".join(lines)


def _offers(desk: Desk, tx: Tx, number: str, by: Actor) -> list[dict[str, Any]]:
    office = desk.installation.office
    case = store.load(tx, office, number=number)
    house = office.house(units.directory_at(tx, case.directory_version))
    translate = catalogue(desk.settings.lang).gettext
    return [
        {
            "action": offer.action,
            "label": rules.label(offer.transition, desk.settings.lang),
            "allowed": offer.allowed,
            "why": offer.refusal
            and (offer.refusal.why_text(translate) or offer.refusal.text(translate)),
            "fields": {field.spec.name: field.required for field in offer.fields},
        }
        for offer in rules.offered(case, by, desk.now, house)
    ]


def _object(text: str, settings: Settings) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as fault:
        sentence = say(N_("--data 不是正确的 JSON：{problem}"), settings, problem=fault)
        raise stop(sentence, code=WRONG_USAGE) from fault
    if not isinstance(found, dict):
        raise stop(say(N_("--data 应为一个 JSON 对象。"), settings), code=WRONG_USAGE)
    return found


def _state(desk: Desk, loop: str, state: str) -> str:
    """The name of a state; of a loop that is no longer shipped, its key."""
    known = desk.installation.office.loops.get(loop)
    if known is None or state not in known.states:
        return state
    return known.states[state].labels.get(desk.settings.lang, state)


def _row(row: IssueRow) -> dict[str, Any]:
    return plain({name: getattr(row, name) for name in row.__dataclass_fields__})


def _view(view: IssueView) -> dict[str, Any]:
    plainly = ("relatives", "sources", "requests", "papers", "clocks", "evidence")
    facts = {n: getattr(view, n) for n in view.__dataclass_fields__ if n not in plainly}
    return plain(facts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
