"""`bihuan doctor`: what works, what needs attention, what must be mended."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli import invariants as invariants_command
from cli.lines import read_settings, say
from cli.opening import opened
from config.settings import Settings
from tasks.audience import Audiences
from tasks.health import Finding, examine
from tasks.installation import open_channels
from tasks.times import Times
from workflow.errors import N_
from workflow.operations import actions

MARKS = {"ok": N_("正常"), "attention": N_("注意"), "broken": N_("故障")}
SUBJECTS = {
    "settings": N_("设置"),
    "data": N_("数据"),
    "labels": N_("词语"),
    "loops": N_("流程"),
    "ladders": N_("阶梯"),
    "calendars": N_("日历"),
    "database": N_("数据库"),
    "schema": N_("表结构"),
    "delivery": N_("投递"),
    "posts": N_("岗位"),
    "broker": N_("队列"),
    "channel": N_("渠道"),
    "parts": N_("进程"),
    "clock": N_("时钟"),
    "alarm": N_("告警"),
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="检查示范城市。")] = False,
    clock_ok: Annotated[
        bool, typer.Option("--clock-ok", help="时间跳变以后：已核对各台机器的时间，恢复升级。")
    ] = False,
    invariants: Annotated[
        bool, typer.Option("--invariants", help="逐行核对：记录、时限、消息、归属、附件是否相符。")
    ] = False,
) -> None:
    """检查系统是否健康；有故障时退出码为 1。"""
    settings = read_settings(demo=demo or None)
    if invariants:
        invariants_command.examine(settings, as_json=as_json)
        return
    if clock_ok:
        _confirm_time(settings, as_json=as_json)
        return
    broken = False
    findings = []
    for finding in examine(settings, now=datetime.now(UTC)):
        broken = broken or finding.state == "broken"
        if as_json:
            findings.append(_as_json(finding, settings))
        else:
            _print(finding, settings)
    if as_json:
        typer.echo(json.dumps({"healthy": not broken, "findings": findings}, ensure_ascii=False))
    if broken:
        raise typer.Exit(1)


def _as_json(finding: Finding, settings: Settings) -> dict[str, str]:
    found = {
        "subject": finding.subject,
        "state": finding.state,
        "text": say(finding.text, settings, **finding.params),
    }
    return found | ({"advice": say(finding.advice, settings)} if finding.advice else {})


def _print(finding: Finding, settings: Settings) -> None:
    mark, subject = say(MARKS[finding.state], settings), say(SUBJECTS[finding.subject], settings)
    typer.echo(f"[{mark}] {subject}：{say(finding.text, settings, **finding.params)}")
    if finding.advice:
        typer.echo(f"       → {say(finding.advice, settings)}")


def _confirm_time(settings: Settings, *, as_json: bool) -> None:
    """Somebody at the machine says that the time is right: escalations go on."""
    times = Times()
    channels = tuple(open_channels(settings))
    audiences = Audiences(settings.zone, channels, settings.base_url)
    with opened(settings) as database, database.transaction() as tx:
        now = times.shared(tx)
        audience = audiences.of(tx, now)
        was_frozen = actions.confirm_time(tx, now=now, by=None, audience=audience)
    if as_json:
        typer.echo(json.dumps({"resumed": was_frozen}))
        return
    sentence = N_("已确认时间无误，升级恢复。") if was_frozen else N_("升级没有暂停，无须确认。")
    typer.echo(say(sentence, settings))
