"""`bihuan audit`: export the record, sign it, and check that it is as it was written."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.lines import WRONG_USAGE, read_settings, refuse, say, stop
from cli.opening import opened
from config.language import catalogue
from config.settings import Settings, SettingsError, secret_key
from tasks.installation import derived
from workflow.audit import actions, queries
from workflow.audit.chain import moment
from workflow.audit.keys import key_pair, load_public
from workflow.audit.proof import Report
from workflow.errors import N_, WorkflowError

app = typer.Typer(no_args_is_help=True, help="办理记录：导出、签名、查验。")

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="导出到这个文件；- 为标准输出。")],
) -> None:
    """导出全部记录（JSON Lines），外人凭公钥即可查验：docs/verify_export.py。"""
    settings = read_settings()
    with opened(settings) as database, database.reading() as tx:
        lines = queries.export(tx, now=_now())
        if str(file) == "-":
            for line in lines:
                typer.echo(line, nl=False)
            return
        count = _write(file, lines, queries.size(tx), settings)
    pair = key_pair(settings.data_dir)
    typer.echo(say(N_("已导出 {count} 行到 {file}。"), settings, count=count, file=file))
    typer.echo(say(N_("公钥：{path}（请另行交给查验人）"), settings, path=pair.public_file))


@app.command("checkpoint")
def checkpoint(as_json: AsJson = False) -> None:
    """给记录签一个检查点；把编号和哈希抄送外单位，之后谁也改不了此前的记录。"""
    settings = read_settings()
    last = None
    with opened(settings) as database:
        pair = key_pair(settings.data_dir)
        while True:
            with database.transaction() as tx:
                signed = actions.checkpoint(tx, key=pair.private, now=_now())
            if signed is None:
                break
            last = signed
    if as_json:
        shown = last and {"no": last.no, "at": moment(last.at), "hash": last.hash}
        typer.echo(json.dumps({"checkpoint": shown}))
    elif last is None:
        typer.echo(say(N_("自上一个检查点以来没有新记录，无需再签。"), settings))
    else:
        typer.echo(say(N_("检查点 {no}:{hash}"), settings, no=last.no, hash=last.hash))


@app.command("verify")
def verify(
    exported: Annotated[
        Path | None, typer.Option("--export", help="查验导出的文件，而不是本机数据库。")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="查验导出文件所用的公钥（PEM）。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """查验记录：每一条是否原样、有无缺失、检查点签名是否有效。有问题则退出码为 1。"""
    settings = read_settings()
    if exported is not None and key is None:
        raise stop(say(N_("查验导出的文件需要公钥：--key FILE。"), settings), code=WRONG_USAGE)
    report = _verify_own(settings) if exported is None else _verify_export(exported, key, settings)
    if as_json:
        typer.echo(json.dumps(_as_json(report, settings), ensure_ascii=False, indent=2))
    else:
        _show(report, settings)
    if not report.is_sound:
        raise typer.Exit(1)


def _verify_own(settings: Settings) -> Report:
    if settings.secret_key is None and not (settings.data_dir / "secret.key").exists():
        raise stop(say(N_("找不到密钥，无法查验印记：请设置 BIHUAN_SECRET_KEY。"), settings))
    try:
        mac_key = derived(secret_key(settings, loopback=True).encode(), "event-mac")
    except SettingsError as fault:
        refuse(fault, settings)
    with opened(settings) as database, database.reading() as tx:
        public = key_pair(settings.data_dir).public
        return queries.verify(tx, key=mac_key, public_key=public)


def _verify_export(path: Path, key: Path | None, settings: Settings) -> Report:
    assert key is not None
    try:
        public = load_public(key)
        with path.open(encoding="utf-8") as lines:
            return queries.verify_export(lines, public_key=public)
    except WorkflowError as fault:
        refuse(fault, settings)
    except (OSError, UnicodeDecodeError) as fault:
        raise stop(say(N_("读不出文件 {path}。"), settings, path=path)) from fault


def _write(path: Path, lines: Iterator[str], length: int, settings: Settings) -> int:
    """Write all or nothing; what stood there before stays until the new file is whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with (
            draft.open("w", encoding="utf-8", newline="\n") as file,
            typer.progressbar(lines, length=length, label=path.name) as shown,
        ):
            for line in shown:
                file.write(line)
                count += 1
        draft.replace(path)
    except OSError as fault:
        sentence = N_("写不进文件 {path}（{problem}）。")
        raise stop(say(sentence, settings, path=path, problem=fault.strerror)) from fault
    finally:
        draft.unlink(missing_ok=True)
    return count


def _show(report: Report, settings: Settings) -> None:
    translate = catalogue(settings.lang).gettext
    for finding in report.findings:
        typer.echo(finding.text(translate), err=True)
    if report.more:
        typer.echo(say(N_("另有 {more} 处。"), settings, more=report.more), err=True)
    verdict = N_("记录完好。") if report.is_sound else N_("记录有问题，第一处见上。")
    typer.echo(say(verdict, settings), err=not report.is_sound)
    counts = N_("共 {events} 条记录、{issues} 个问题、{checkpoints} 个检查点。")
    typer.echo(
        say(
            counts,
            settings,
            events=report.events,
            issues=report.issues,
            checkpoints=report.checkpoints,
        )
    )
    if report.last is not None:
        typer.echo(
            say(
                N_(
                    "签名证明到检查点 {no}（{at}）为止的 {proved} 条；"
                    "其后 {rest} 条已成链，待签名。"
                ),
                settings,
                no=report.last.no,
                at=report.last.at.astimezone(settings.zone).isoformat(timespec="seconds"),
                proved=report.proved,
                rest=report.events - report.proved,
            )
        )
    else:
        typer.echo(say(N_("还没有检查点：请运行 bihuan audit checkpoint。"), settings))


def _as_json(report: Report, settings: Settings) -> dict[str, Any]:
    translate = catalogue(settings.lang).gettext
    last = report.last
    return {
        "sound": report.is_sound,
        "events": report.events,
        "issues": report.issues,
        "checkpoints": report.checkpoints,
        "proved": report.proved,
        "last": last and {"no": last.no, "at": moment(last.at), "hash": last.hash},
        "findings": [
            {
                "issue": finding.issue,
                "seq": finding.seq,
                "checkpoint": finding.checkpoint,
                "message": finding.text(translate),
            }
            for finding in report.findings
        ],
        "more": report.more,
    }


def _now() -> datetime:
    return datetime.now(UTC)
