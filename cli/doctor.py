"""`bihuan doctor`: what works, what needs attention, what must be mended."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.lines import read_settings, say
from tasks.health import Finding, examine
from workflow.errors import N_

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
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="检查示范城市。")] = False,
) -> None:
    """检查系统是否健康；有故障时退出码为 1。"""
    settings = read_settings(demo=demo or None)
    broken = False

    def _sentence(finding: Finding) -> str:
        return say(finding.text, settings, **finding.params)

    findings = []
    for finding in examine(settings, now=datetime.now(UTC)):
        broken = broken or finding.state == "broken"
        if as_json:
            line = {"subject": finding.subject, "state": finding.state}
            findings.append({**line, "text": _sentence(finding)})
        else:
            mark, subject = say(MARKS[finding.state], settings), SUBJECTS[finding.subject]
            typer.echo(f"[{mark}] {say(subject, settings)}：{_sentence(finding)}")
    if as_json:
        typer.echo(json.dumps({"healthy": not broken, "findings": findings}, ensure_ascii=False))
    if broken:
        raise typer.Exit(1)
