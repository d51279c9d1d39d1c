"""`bihuan token`: with which programs act in the name of a person."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.lines import read_settings, say
from cli.opening import opened
from config.settings import Settings
from workflow.errors import N_
from workflow.tokens import actions, queries
from workflow.tokens.queries import TokenView
from workflow.units import queries as units
from workflow.units.directory import Directory

app = typer.Typer(no_args_is_help=True, help="接口令牌：其他系统凭它以某个人的身份办事。")

DOOR = "cli"
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]


@app.command("add")
def add(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="令牌代表谁，例如 qingshan.zhang")],
    days: Annotated[int, typer.Option(min=1, max=actions.MOST_DAYS, help="有效天数。")] = 90,
    label: Annotated[str, typer.Option(help="用途，例如“12345 平台对接”。")] = "",
    as_json: AsJson = False,
) -> None:
    """发一个令牌，只显示这一次；权限与此人当天的岗位相同。"""
    settings = read_settings()
    with opened(settings) as database, database.transaction() as tx:
        made = actions.add(tx, login=login, days=days, label=label, now=_now(), door=DOOR)
    if as_json:
        shown = {"id": made.id, "token": made.secret, "expires_at": made.expires_at.isoformat()}
        typer.echo(json.dumps(shown))
        return
    until = made.expires_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
    typer.echo(made.secret)
    typer.echo(
        say(
            N_("令牌 {id} 已发给“{login}”，有效至 {until}。请立即保存，以后无法再次显示。"),
            settings,
            id=made.id,
            login=login,
            until=until,
        ),
        err=True,
    )


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """列出全部令牌：代表谁、用途、有效期；令牌本身不在其中。"""
    settings = read_settings()
    now = _now()
    with opened(settings) as database, database.reading() as tx:
        found, directory = queries.every(tx), units.directory(tx)
    if as_json:
        typer.echo(json.dumps([_as_json(each, directory, now) for each in found], indent=2))
        return
    if not found:
        typer.echo(say(N_("还没有发过令牌。"), settings))
    for each in found:
        typer.echo(_line(each, directory, now, settings))


@app.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="编号，见 token list。")],
) -> None:
    """撤销一个令牌，立即生效。"""
    settings = read_settings()
    with opened(settings) as database, database.transaction() as tx:
        actions.revoke(tx, token_id=token_id, now=_now(), door=DOOR)
    typer.echo(say(N_("已撤销令牌 {id}。"), settings, id=token_id))


def _line(each: TokenView, directory: Directory, now: datetime, settings: Settings) -> str:
    if each.revoked_at is not None:
        sentence = N_("{id}  {login}  已撤销  {label}")
    elif not each.is_good(now):
        sentence = N_("{id}  {login}  已过期  {label}")
    else:
        sentence = N_("{id}  {login}  有效至 {until}  {label}")
    return say(
        sentence,
        settings,
        id=each.id,
        login=directory.person(each.person_id).login,
        until=each.expires_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M"),
        label=each.label,
    ).rstrip()


def _as_json(each: TokenView, directory: Directory, now: datetime) -> dict[str, object]:
    return {
        "id": each.id,
        "login": directory.person(each.person_id).login,
        "label": each.label,
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
        "good": each.is_good(now),
    }


def _now() -> datetime:
    return datetime.now(UTC)
