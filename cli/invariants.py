"""`bihuan doctor --invariants`: whether the rows keep every promise, and which do not."""

import json
from collections.abc import Iterator
from datetime import timedelta

import typer

from cli.lines import say
from cli.opening import opened
from config.language import catalogue
from config.settings import Settings, SettingsError, secret_key
from tasks.audience import Audiences
from tasks.installation import derived, open_channels
from tasks.times import Times
from workflow.audit import queries as audit
from workflow.audit.keys import key_pair
from workflow.db import Tx
from workflow.errors import N_
from workflow.evidence.storage import Storage
from workflow.operations.invariants import MOST, RULES, Violation, check
from workflow.operations.invariants.actions import record
from workflow.operations.invariants.files import damaged

_HASHED = "{finding}"


def examine(settings: Settings, *, as_json: bool) -> None:
    """Look at rows, chain and files; raise or clear the alarm; exit 1 if anything is broken."""
    times = Times()
    audiences = Audiences(settings.zone, tuple(open_channels(settings)), settings.base_url)
    with opened(settings) as database:
        with database.reading() as tx:
            sweep = timedelta(seconds=settings.tick_seconds)
            found = [*check(tx, times.shared(tx), sweep=sweep), *_beyond_sql(tx, settings)]
        with database.transaction() as tx:
            now = times.shared(tx)
            record(tx, found, now=now, audience=audiences.of(tx, now))
    translate = catalogue(settings.lang).gettext
    if as_json:
        shown = [each.as_json(translate) for each in found]
        report = {"holds": not found, "rules": len(RULES), "violations": shown}
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _print(found, settings)
    if found:
        raise typer.Exit(1)


def _beyond_sql(tx: Tx, settings: Settings) -> Iterator[Violation]:
    """What takes arithmetic or a disk: the hashes of the chain, and those of the files."""
    try:
        key = derived(secret_key(settings, loopback=False).encode(), "event-mac")
    except SettingsError:
        return
    public = key_pair(settings.data_dir).public
    translate = catalogue(settings.lang).gettext
    for each in audit.verify(tx, key=key, public_key=public).findings[:MOST]:
        ids = {"seq_id": each.seq, "checkpoint_id": each.checkpoint}
        told = {"finding": each.text(translate)}
        yield Violation("I7", "hash", each.issue or "", _HASHED, ids, told)
    yield from damaged(tx, Storage(settings.data_dir / "evidence"))


def _print(found: list[Violation], settings: Settings) -> None:
    translate = catalogue(settings.lang).gettext
    for each in found:
        ids = " ".join(f"{name}={value}" for name, value in each.ids.items() if value is not None)
        typer.echo(f"[{each.invariant}] {each.text(translate)}" + (f"  {ids}" if ids else ""))
    if not found:
        sentence = N_("{rules} 条规矩都守住了：记录、时限、消息、归属和附件相符。")
        typer.echo(say(sentence, settings, rules=len(RULES)))
    else:
        sentence = N_(
            "有 {count} 处不符（每条规矩最多列 {most} 处）。处理办法见 docs/operations.md。"
        )
        typer.echo(say(sentence, settings, count=len(found), most=MOST))
