"""`bihuan quarantine`: what a restored installation holds back, and letting it go."""

import json
from typing import Annotated, Any

import typer

from cli.desk import Desk, at_desk
from cli.lines import WRONG_USAGE, say, stop
from config.settings import Settings
from tasks import quarantine
from tasks.quarantine import Lifted, Pending
from workflow.errors import N_
from workflow.operations.quarantine import Outcome


def quarantine_(
    lift: Annotated[bool, typer.Option("--lift", help="解除隔离。")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="解除时：备份时待发的消息照常发出。")
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="解除时：备份时待发的作废，此间到期的只记录、不外发。")
    ] = False,
    login: Annotated[str, typer.Option("--as", metavar="LOGIN", help="谁来解除：登录名。")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="原因，记录在案。")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """由备份恢复的系统先行隔离：看有什么待发，核对以后解除。在隔离中则退出码为 1。"""
    with at_desk("quarantine") as desk:
        if lift:
            outcome = _outcome(release, discard, login, reason, desk.settings)
            _lift(desk, outcome, login, reason, as_json=as_json)
            return
        with desk.installation.database.reading() as tx:
            found = quarantine.pending(tx, desk.now)
    if as_json:
        typer.echo(json.dumps({"quarantine": found and _as_json(found)}))
    elif found is None:
        typer.echo(desk.say(N_("系统不在隔离中。")))
    else:
        _show(desk, found)
    if found is not None:
        raise typer.Exit(1)


def _outcome(release: bool, discard: bool, login: str, reason: str, settings: Settings) -> Outcome:
    if release == discard:
        sentence = N_(
            "备份时待发的消息怎么办，请选一项：--discard 作废（原系统在备份以后还运行过，多半已经"
            "发出），或 --release 照常发出（备份以后原系统没有再运行）。"
        )
        raise stop(say(sentence, settings), code=WRONG_USAGE)
    if not login or not reason:
        sentence = N_("解除隔离要写明谁和为什么：--as LOGIN --reason TEXT。")
        raise stop(say(sentence, settings), code=WRONG_USAGE)
    return "released" if release else "discarded"


def _lift(desk: Desk, outcome: Outcome, login: str, reason: str, *, as_json: bool) -> None:
    with desk.installation.database.reading() as tx:
        by = desk.person(tx, login)
    done = quarantine.lift(desk.installation, outcome=outcome, by=by, reason=reason, now=desk.now)
    if as_json:
        shown = {"outcome": outcome, "messages": dict(done.messages), "taken": done.taken}
        typer.echo(json.dumps({"lifted": shown}))
        return
    for line in _done(desk, outcome, done):
        typer.echo(line)


def _done(desk: Desk, outcome: Outcome, done: Lifted) -> list[str]:
    count = sum(done.messages.values())
    if outcome == "discarded":
        sentence = N_(
            "隔离已解除：备份时待发的 {count} 条消息作废；此间到期的 {taken} 项已记录，"
            "只在站内通知。"
        )
    else:
        sentence = N_("隔离已解除：备份时待发的 {count} 条消息照常发出，到期事项照常办理。")
    return [desk.say(sentence, count=count, taken=done.taken)]


def _show(desk: Desk, found: Pending) -> None:
    held = found.quarantine
    zone = desk.settings.zone

    def moment(at: Any) -> str:
        return str(at.astimezone(zone).isoformat(sep=" ", timespec="minutes"))

    lines = [
        desk.say(
            N_("隔离中，自 {began} 起：系统由 {taken} 的备份恢复。"),
            began=moment(held.began_at),
            taken=moment(held.taken_at),
        ),
        desk.say(N_("除站内消息外什么都不发出，到期事项一律不办，直到有人解除隔离。")),
    ]
    for each in found.channels:
        sentence = N_(
            "  {channel}：备份时待发 {before} 条（其中 {flying} 条当时正在发送），"
            "此后新增 {since} 条"
        )
        lines.append(
            desk.say(
                sentence,
                channel=each.channel,
                before=each.before,
                flying=held.pending.get(each.channel, (0, 0))[1],
                since=each.since,
            )
        )
    lines += [
        desk.say(N_("  已到期未办：{due} 项"), due=found.due),
        desk.say(
            N_(
                "备份以后原系统还运行过，作废：bihuan quarantine --lift --discard --as LOGIN "
                "--reason TEXT"
            )
        ),
        desk.say(
            N_(
                "备份以后原系统没有再运行，发出：bihuan quarantine --lift --release --as LOGIN "
                "--reason TEXT"
            )
        ),
    ]
    for line in lines:
        typer.echo(line)


def _as_json(found: Pending) -> dict[str, Any]:
    held = found.quarantine
    return {
        "began_at": held.began_at.isoformat(),
        "taken_at": held.taken_at.isoformat(),
        "origin": held.origin,
        "channels": {
            each.channel: {
                "before": each.before,
                "in_flight": held.pending.get(each.channel, (0, 0))[1],
                "since": each.since,
            }
            for each in found.channels
        },
        "due": found.due,
    }
