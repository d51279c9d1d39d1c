"""`bihuan migrate`: the database gets the schema of this version of the program."""

import json
from typing import Annotated

import typer

from cli.lines import read_settings, refuse, say
from tasks.installation import open_database
from workflow import migrate as schema
from workflow.db import Database
from workflow.errors import N_, WorkflowError


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="只看是否需要升级：需要则退出码为 1，不作改动。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
    draft: Annotated[
        str | None,
        typer.Option(metavar="MESSAGE", help="开发用：比较数据库与模型，起草一个迁移脚本。"),
    ] = None,
) -> None:
    """把数据库升级到本程序的结构版本；全部完成或全不改动。"""
    settings = read_settings()
    database = open_database(settings)
    try:
        if draft is not None:
            typer.echo(schema.draft(database, draft))
            return
        before, after = _look(database) if check else schema.upgrade(database)
    except WorkflowError as fault:
        refuse(fault, settings)
    finally:
        database.close()
    if as_json:
        typer.echo(json.dumps({"before": before, "schema": after, "head": schema.head()}))
    elif before == after == schema.head():
        typer.echo(say(N_("数据库结构已是最新：{after}。"), settings, after=after))
    elif check:
        sentence = N_("数据库结构是 {before}，需要升级到 {head}：请运行 bihuan migrate。")
        typer.echo(say(sentence, settings, before=before or "-", head=schema.head()), err=True)
    else:
        sentence = N_("数据库结构已升级：{before} → {after}。")
        typer.echo(say(sentence, settings, before=before or "-", after=after))
    if after != schema.head():
        raise typer.Exit(1)


def _look(database: Database) -> tuple[str | None, str | None]:
    schema.state(database)
    found = schema.current(database)
    return found, found
