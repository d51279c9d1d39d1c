"""`bihuan issue`: list, look at, file and move issues, with the rights of the --as person."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.desk import Desk, at_desk
from cli.lines import WRONG_USAGE, say, stop
from config.language import catalogue
from config.settings import Settings
from workflow.db import Tx
from workflow.errors import N_, Invalid
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.issues import actions, lists, queries, rules, store
from workflow.issues.actions import Outcome
from workflow.issues.fields import form
from workflow.issues.record import plain
from workflow.issues.views import Filters
from workflow.units import queries as units
from workflow.units.rules import Actor, scope_of

app = typer.Typer(no_args_is_help=True, help="问题：列出、查看、登记、办理。")

DOOR = "cli"
As = Annotated[str, typer.Option("--as", metavar="LOGIN", help="以谁的身份：登录名。")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]
Data = Annotated[
    str | None, typer.Option("--data", metavar="JSON", help="表单内容；不写则列出要填的各项。")
]
Files = Annotated[
    list[Path] | None,
    typer.Option("--file", exists=True, dir_okay=False, readable=True, help="佐证材料；可写多次。"),
]


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
    with at_desk("issue list") as desk, desk.installation.database.reading() as tx:
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
            rows = [_plain(row) for row in found.rows]
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
    with at_desk(f"issue show {number}") as desk, desk.installation.database.reading() as tx:
        by = desk.person(tx, login)
        view = queries.get(tx, number, scope_of(units.directory(tx), by))
        offers = _offers(desk, tx, number, by)
        if as_json:
            typer.echo(_json({"issue": _plain(view), "actions": offers}))
            return
        typer.echo(f"{view.number}  {view.title}")
        typer.echo(f"{_state(desk, view.loop, view.state)}  {view.place}")
        for clock in view.clocks:
            if clock.due_at and not clock.stopped_at:
                at = clock.due_at.astimezone(desk.settings.zone)
                due = clock.due_on or at.isoformat(sep=" ", timespec="minutes")
                typer.echo(f"  {_clock(desk, view.loop, clock.kind)}：{due}")
        for offer in offers:
            mark = "✓" if offer["allowed"] else "·"
            typer.echo(
                f"  {mark} {offer['action']}  {offer['label']}  {offer['why'] or ''}".rstrip()
            )


@app.command("report")
def report(
    login: As,
    data: Annotated[str, typer.Option("--data", metavar="JSON")],
    files: Files = None,
) -> None:
    """登记一件问题；打印编号。"""
    with at_desk("issue report") as desk:
        names = _sealed(desk, login, files)
        with desk.installation.database.transaction() as tx:
            outcome = actions.report(
                tx,
                desk.installation.office,
                data=_with_files(_object(data, desk.settings), names),
                by=desk.person(tx, login),
                now=desk.now,
                door=DOOR,
            )
            _name(desk, tx, outcome, names)
    typer.echo(outcome.number)


@app.command("do")
def do(
    number: str,
    action: str,
    login: As,
    data: Data = None,
    files: Files = None,
    version: Annotated[
        int | None, typer.Option(help="所见的版本号；问题已有新记录时拒绝办理。")
    ] = None,
) -> None:
    """办理页面上的任何一项操作；记录写明是谁、从命令行。"""
    with at_desk(f"issue do {number} {action}") as desk:
        if data is None and (needed := _needed(desk, number, action, login)):
            raise stop(needed, code=WRONG_USAGE)
        given = _object(data or "{}", desk.settings)
        names = _sealed(desk, login, files)
        with desk.installation.database.transaction() as tx:
            outcome = actions.act(
                tx,
                desk.installation.office,
                number=number,
                action=action,
                data=_with_files(given, names),
                version=version,
                by=desk.person(tx, login),
                now=desk.now,
                door=DOOR,
            )
            loop = _name(desk, tx, outcome, names)
        typer.echo(
            desk.say(
                N_("已办理：{number} 现为“{state}”，第 {version} 条记录。"),
                number=number,
                state=_state(desk, loop, outcome.state),
                version=outcome.version,
            )
        )


def _sealed(desk: Desk, login: str, files: list[Path] | None) -> dict[str, str]:
    """Hash and name of each file, sealed in the storage and written down.

    Raises Invalid for a file that is neither a photograph nor a document.
    """
    if not files:
        return {}
    storage = Storage(desk.settings.data_dir / "evidence")
    zone = desk.settings.zone
    uploads = [evidence.seal(storage, path.read_bytes(), path.name, zone=zone) for path in files]
    with desk.installation.database.transaction() as tx:
        desk.person(tx, login)
        evidence.record(tx, uploads, now=desk.now)
    return {upload.sha256: path.name for upload, path in zip(uploads, files, strict=True)}


def _with_files(data: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if not names:
        return data
    given = data.get("evidence") or []
    return data | {"evidence": [*(given if isinstance(given, list) else [given]), *names]}


def _name(desk: Desk, tx: Tx, outcome: Outcome, names: dict[str, str]) -> str:
    """Give the files of the event their names; return the issue's loop."""
    case = store.load(tx, desk.installation.office, number=outcome.number)
    if names:
        evidence.name_files(tx, issue_id=case.id, event_seq=outcome.version, names=names)
    return case.loop.name


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


def _clock(desk: Desk, loop: str, kind: str) -> str:
    """The name of a clock, from its loop or from the office's words."""
    known = desk.installation.office.loops.get(loop)
    if known is not None and kind in known.clocks:
        return known.clocks[kind].labels.get(desk.settings.lang, kind)
    return desk.labels.text("clocks", kind, desk.settings.lang)


def _plain(view: Any) -> Any:
    """A view, and the views in it, as JSON can hold them."""
    if is_dataclass(view):
        return plain({field.name: _plain(getattr(view, field.name)) for field in fields(view)})
    return [_plain(each) for each in view] if isinstance(view, tuple) else view


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
