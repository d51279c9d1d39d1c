"""`bihuan backup FILE`: one consistent file of everything, taken while the installation works."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli.lines import read_settings, refuse, say, stop
from config.settings import SECRETS, Settings, secret_key
from tasks.installation import derived, open_database
from tasks.loop import first_line
from workflow.audit.keys import PUBLIC
from workflow.backup.archive import Progress, Writer, whole_file
from workflow.backup.take import Source, Taken, View, take
from workflow.errors import N_, WorkflowError
from workflow.evidence.storage import Storage

EVIDENCE = "evidence"
UNSAID = (*SECRETS, "heartbeat_url")
"""Settings that stay out of a backup."""
LARGEST_CONFIG = 1 << 20


@dataclass(frozen=True, slots=True)
class Keys:
    """What this installation seals a backup with, and by what one is recognised as its own."""

    seal: bytes
    fingerprint: str


def keys_of(settings: Settings) -> Keys | None:
    """The keys, None where the installation has none yet; makes none."""
    if settings.secret_key is None and not (settings.data_dir / "secret.key").exists():
        return None
    root = secret_key(settings, loopback=True).encode()
    return Keys(derived(root, "backup"), derived(root, "fingerprint").hex()[:32])


@contextmanager
def shown(total: int, label: str) -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="写到这个文件。")],
    force: Annotated[bool, typer.Option("--force", help="文件已存在时覆盖。")] = False,
    without_missing: Annotated[
        bool, typer.Option("--without-missing", help="附件有找不回的，备份其余部分。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """备份全部数据到一个文件：数据库、附件、配置（不含密钥）。系统不用停。"""
    settings = read_settings()
    try:
        taken = _take(file, settings, force=force, without_missing=without_missing)
    except WorkflowError as fault:
        refuse(fault, settings)
    except FileExistsError as fault:
        sentence = N_("文件 {file} 已存在；要覆盖请加 --force。")
        raise stop(say(sentence, settings, file=file)) from fault
    except SQLAlchemyError as fault:
        sentence = N_("数据库没有答应：{error}。没有备份。")
        raise stop(say(sentence, settings, error=first_line(fault))) from fault
    except OSError as fault:
        sentence = N_("写不进文件 {path}（{problem}）。")
        raise stop(say(sentence, settings, path=file, problem=fault.strerror)) from fault
    if as_json:
        typer.echo(json.dumps(_as_json(file, taken), ensure_ascii=False))
    else:
        _show(file, taken, settings)
    if taken.manifest.heads.broken:
        raise typer.Exit(1)


def _take(file: Path, settings: Settings, *, force: bool, without_missing: bool) -> Taken:
    keys = keys_of(settings)
    if keys is None:
        raise WorkflowError(
            N_("找不到密钥，无法给备份封印：请设置 BIHUAN_SECRET_KEY。"), code="no_key"
        )
    database = open_database(settings)
    source = Source(
        database=database,
        storage=Storage(settings.data_dir / EVIDENCE),
        config=dict(_config(settings)),
        key=keys.seal,
        fingerprint=keys.fingerprint,
        program=version("bihuan"),
    )
    try:
        with whole_file(file, force=force) as written, database.reading() as tx:
            now = datetime.now(UTC)
            view = View(tx)
            with shown(view.steps, file.name) as progress:
                return take(
                    source,
                    view,
                    Writer(written),
                    now=now,
                    progress=progress,
                    without_missing=without_missing,
                )
    finally:
        database.close()


def _config(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Settings without secrets, the files that an office edits, the key that verifies."""
    said = settings.model_dump(mode="json", exclude=set(UNSAID))
    yield "settings.json", json.dumps(said, ensure_ascii=False, indent=1).encode()
    for path in sorted(settings.config_dir.rglob("*.yaml")):
        if path.stat().st_size <= LARGEST_CONFIG:
            yield path.relative_to(settings.config_dir).as_posix(), path.read_bytes()
    public = settings.data_dir / "keys" / PUBLIC
    if public.exists():
        yield PUBLIC, public.read_bytes()


def _show(file: Path, taken: Taken, settings: Settings) -> None:
    manifest = taken.manifest
    lines = [
        say(
            N_("已备份到 {file}：{issues} 个问题、{events} 条记录、{files} 个附件，共 {size} MB。"),
            settings,
            file=file,
            issues=manifest.heads.issues,
            events=manifest.heads.events,
            files=manifest.files.count,
            size=round(file.stat().st_size / 1e6, 1),
        ),
        say(N_("编号：{digest}"), settings, digest=taken.digest),
        say(
            N_(
                "备份里没有密钥，请另行妥善保管：BIHUAN_SECRET_KEY（或数据文件夹里的 secret.key）"
                "和 keys/checkpoint.key。没有前者，恢复以后无法查验记录的印记。"
            ),
            settings,
        ),
    ]
    for line in lines:
        typer.echo(line)
    if manifest.missing:
        sentence = N_("注意：有 {count} 个附件找不到，备份里也没有。")
        typer.echo(say(sentence, settings, count=len(manifest.missing)), err=True)
    if manifest.heads.broken:
        sentence = N_("注意：有问题的办理记录不完好，例如 {number}：请运行 bihuan audit verify。")
        typer.echo(say(sentence, settings, number=manifest.heads.broken[0]), err=True)


def _as_json(file: Path, taken: Taken) -> dict[str, object]:
    manifest = taken.manifest
    return {
        "file": str(file),
        "digest": taken.digest,
        "taken_at": manifest.taken_at.isoformat(),
        "schema": manifest.revision,
        "issues": manifest.heads.issues,
        "events": manifest.heads.events,
        "files": manifest.files.count,
        "missing": list(manifest.missing),
        "broken": list(manifest.heads.broken),
    }
