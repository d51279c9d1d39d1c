"""`bihuan doctor --invariants`: whether the rows keep every promise, and which do not."""

import json
from collections.abc import Iterator
from datetime import timedelta

import typer

from cli.lines import refuse, say
from cli.opening import opened
from config.language import catalogue
from config.settings import Settings, SettingsError, secret_key
from tasks.audience import Audiences
from tasks.installation import derived, open_channels
from tasks.times import Times
from workflow.audit import queries as audit
from workflow.audit.keys import public_key
from workflow.db import Tx
from workflow.errors import N_, WorkflowError
from workflow.evidence.storage import Storage
from workflow.operations.invariants import MOST, RULES, Violation, check
from workflow.operations.invariants.actions import record
from workflow.operations.invariants.files import damaged

INCOMPLETE = 3
"""Exit code: what was looked at is sound, but not everything could be looked at."""
_HASHED = "{finding}"
_UNCHECKED = {
    "seals": N_(
        "没有核对记录的印记：这里没有密钥（BIHUAN_SECRET_KEY 或 {folder}/secret.key）。"
        "请在有密钥的机器上再查一次。"
    ),
    "signatures": N_("没有核对检查点的签名：{folder}/keys 里没有签名密钥。"),
}


def examine(settings: Settings, *, as_json: bool) -> None:
    """Look at rows, chain and files; raise or clear the alarm.

    Exit 1 if anything is broken, 3 if nothing is but a key was missing to tell.
    """
    times = Times()
    audiences = Audiences(settings.zone, tuple(open_channels(settings)), settings.base_url)
    unchecked: list[str] = []
    with opened(settings) as database:
        with database.reading() as tx:
            sweep = timedelta(seconds=settings.tick_seconds)
            found = [*check(tx, times.shared(tx), sweep=sweep)]
            found += _beyond_sql(tx, settings, unchecked)
        if found or not unchecked:  # half a look ends no alarm
            with database.transaction() as tx:
                now = times.shared(tx)
                record(tx, found, now=now, audience=audiences.of(tx, now))
    translate = catalogue(settings.lang).gettext
    if as_json:
        shown = [each.as_json(translate) for each in found]
        report = {
            "holds": not found,
            "complete": not unchecked,
            "unchecked": unchecked,
            "rules": len(RULES),
            "violations": shown,
        }
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _print(found, unchecked, settings)
    if found:
        raise typer.Exit(1)
    if unchecked:
        raise typer.Exit(INCOMPLETE)


def _beyond_sql(tx: Tx, settings: Settings, unchecked: list[str]) -> Iterator[Violation]:
    """What takes arithmetic or a disk: the hashes of the chain, and those of the files."""
    key = _seal_key(settings)
    try:
        public = public_key(settings.data_dir)
    except WorkflowError as fault:
        refuse(fault, settings)
    report = audit.verify(tx, key=key, public_key=public)
    if key is None and report.events:
        unchecked.append("seals")
    if public is None and report.checkpoints:
        unchecked.append("signatures")
    translate = catalogue(settings.lang).gettext
    for each in report.findings[:MOST]:
        ids = {"seq_id": each.seq, "checkpoint_id": each.checkpoint}
        told = {"finding": each.text(translate)}
        yield Violation("I7", "hash", each.issue or "", _HASHED, ids, told)
    yield from damaged(tx, Storage(settings.data_dir / "evidence"))


def _seal_key(settings: Settings) -> bytes | None:
    try:
        return derived(secret_key(settings, loopback=False).encode(), "event-mac")
    except SettingsError:
        return None


def _print(found: list[Violation], unchecked: list[str], settings: Settings) -> None:
    translate = catalogue(settings.lang).gettext
    for each in found:
        ids = " ".join(f"{name}={value}" for name, value in each.ids.items() if value is not None)
        typer.echo(f"[{each.invariant}] {each.text(translate)}" + (f"  {ids}" if ids else ""))
    if found:
        sentence = N_(
            "有 {count} 处不符（每条规矩最多列 {most} 处）。处理办法见 docs/operations.md。"
        )
        typer.echo(say(sentence, settings, count=len(found), most=MOST))
    elif unchecked:
        sentence = N_("{rules} 条规矩都守住了，但没有全部核对：")
        typer.echo(say(sentence, settings, rules=len(RULES)))
    else:
        sentence = N_("{rules} 条规矩都守住了：记录、时限、消息、归属和附件相符。")
        typer.echo(say(sentence, settings, rules=len(RULES)))
    for name in unchecked:
        typer.echo(say(_UNCHECKED[name], settings, folder=settings.data_dir.resolve()))
