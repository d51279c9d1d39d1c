"""`bihuan user` and `bihuan unit`: people and units from the command line."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.lines import WRONG_USAGE, read_settings, refuse, say, stop
from cli.opening import opened
from config.language import catalogue
from config.settings import Settings
from tasks.installation import open_installation
from workflow.db import Tx
from workflow.errors import N_, ConfigError, Invalid
from workflow.issues.upkeep import succeed_unit
from workflow.units import actions, queries
from workflow.units.entries import Faulty
from workflow.units.importing import read_units
from workflow.units.rules import SYSTEM

user = typer.Typer(no_args_is_help=True, help="人员账号。")
unit = typer.Typer(no_args_is_help=True, help="单位。")

DOOR = "cli"
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]


@user.callback()
def users() -> None:
    """人员账号。"""  # with a callback the one command of a group keeps its name


@unit.callback()
def units() -> None:
    """单位。"""


@user.command("add")
def add_user(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="登录名，例如 qingshan.zhang")],
    name: Annotated[str, typer.Option("--name", help="姓名。")],
    unit_name: Annotated[
        str | None, typer.Option("--unit", help="任职单位：编码、名称或简称。")
    ] = None,
    post: Annotated[str | None, typer.Option("--post", help="岗位，例如 handler、admin。")] = None,
    from_on: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="任职起始日；默认今天。")
    ] = None,
    until_on: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="任职最后一日。")
    ] = None,
    acting: Annotated[bool, typer.Option("--acting", help="临时代理。")] = False,
    email: Annotated[str | None, typer.Option(help="邮箱。")] = None,
    phone: Annotated[str | None, typer.Option(help="电话。")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="从标准输入读密码；不给则在终端上询问。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """登记一个人，可同时任命到一个单位的岗位。"""
    settings = read_settings()
    if (unit_name is None) != (post is None):
        raise stop(say(N_("--unit 和 --post 要一起给。"), settings), code=WRONG_USAGE)
    password = _password(settings, password_stdin)
    now = datetime.now(UTC)
    begin = from_on.date() if from_on else _today(settings, now)
    with opened(settings) as database, database.transaction() as tx:
        person_id = actions.add_person(
            tx,
            login=login,
            name=name,
            password=password,
            email=email,
            phone=phone,
            now=now,
            door=DOOR,
        )
        if unit_name is not None and post is not None:
            actions.appoint(
                tx,
                person_id=person_id,
                unit_id=_unit_id(tx, unit_name),
                post=post,
                from_on=begin,
                until_on=until_on.date() if until_on else None,
                acting=acting,
                now=now,
                door=DOOR,
            )
    if as_json:
        typer.echo(json.dumps({"id": person_id, "login": login}))
    else:
        typer.echo(say(N_("已登记：{name}（{login}）。"), settings, name=name, login=login))
        if password is None:
            typer.echo(say(N_("没有设密码，此人暂不能登录。"), settings), err=True)


@unit.command("import")
def import_units(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="单位文件：.yaml（含人员、分派规则）或 .csv")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查并说明会改动多少，不写入。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """导入单位；已有的按编码更新。有一处错误就全部不导入，逐条指出。"""
    settings = read_settings()
    now = datetime.now(UTC)
    try:
        batch = read_units(file, on=_today(settings, now))
        with (
            opened(settings) as database,
            (database.reading if dry_run else database.transaction)() as tx,
        ):
            try:
                stored = actions.import_units(tx, batch, now=now, door=DOOR)
            except Faulty as fault:
                raise _named(fault, settings, as_json=as_json) from fault
    except Faulty as fault:
        raise _named(fault, settings, as_json=as_json) from fault
    except ConfigError as fault:
        refuse(fault, settings)
    if as_json:
        shown = {"new": stored.new, "changed": stored.changed, "same": stored.same}
        typer.echo(json.dumps(shown | {"dry_run": dry_run}))
        return
    sentence = (
        N_("检查通过：将新增 {new}，更新 {changed}，不变 {same}。未写入。")
        if dry_run
        else N_("已导入：新增 {new}，更新 {changed}，不变 {same}。")
    )
    typer.echo(say(sentence, settings, new=stored.new, changed=stored.changed, same=stored.same))


@unit.command("abolish")
def abolish_unit(
    name: Annotated[str, typer.Argument(metavar="UNIT", help="撤销的单位：编码、名称或简称。")],
    successor: Annotated[str, typer.Option("--successor", help="承接其职责的单位。")],
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="撤销之日，默认今天。")
    ] = None,
) -> None:
    """撤销单位：人员任职结束，未办结的问题逐件移交承接单位，每件留一条记录。"""
    settings = read_settings()
    now = datetime.now(UTC)
    with opened(settings) as database:
        with database.transaction() as tx:
            ended = actions.abolish(
                tx,
                unit_id=_unit_id(tx, name),
                successor_id=_unit_id(tx, successor),
                on=on.date() if on else _today(settings, now),
                now=now,
                door=DOOR,
            )
        with closing(open_installation(settings, now=now)) as installation:
            moved = succeed_unit(
                database,
                installation.office,
                unit_id=ended.unit_id,
                by=SYSTEM,
                now=now,
                door=DOOR,
            )
    typer.echo(
        say(
            N_("已撤销 {name}，移交问题 {moved} 件。"),
            settings,
            name=name,
            moved=moved,
        )
    )


def _named(fault: Faulty, settings: Settings, *, as_json: bool) -> typer.Exit:
    """Every fault on a line of its own, its place first."""
    translate: Callable[[str], str] = catalogue(settings.lang).gettext
    if as_json:
        found = [
            {
                "row": one.row,
                "field": one.field,
                "message": translate(one.sentence).format_map(one.params),
            }
            for one in fault.faults
        ]
        typer.echo(json.dumps({"faults": found}, ensure_ascii=False, indent=2))
    else:
        for one in fault.faults:
            sentence = translate(one.sentence).format_map(one.params)
            typer.echo(f"{one.place}：{sentence}", err=True)
    return stop(fault.text(translate)) if len(fault.faults) > 1 else typer.Exit(1)


def _password(settings: Settings, from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        return None
    prompt = say(N_("密码（留空则不设）"), settings)
    typed: str = typer.prompt(prompt, default="", hide_input=True, show_default=False)
    again: str = typer.prompt(
        say(N_("再输一次"), settings), default="", hide_input=True, show_default=False
    )
    if typed != again:
        raise stop(say(N_("两次输入的密码不一致，未登记。"), settings))
    return typed or None


def _unit_id(tx: Tx, name: str) -> int:
    known = queries.directory(tx)
    found = known.find(name)
    if found is None:
        near = "、".join(one.name for one in known.nearest(name))
        sentence = (
            N_("没有“{name}”这个单位。是否是：{near}？")
            if near
            else N_("没有“{name}”这个单位，请先登记。")
        )
        raise Invalid.at("unit", sentence, name=name, near=near)
    return found.id


def _today(settings: Settings, now: datetime) -> date:
    return now.astimezone(settings.zone).date()
