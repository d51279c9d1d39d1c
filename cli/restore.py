"""`bihuan restore FILE`: an installation from a backup, verified first, in quarantine after."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli.backup import EVIDENCE, Keys, keys_of, shown
from cli.lines import read_settings, refuse, say, stop
from cli.startup import only_server
from config.settings import Settings
from tasks.installation import open_database
from tasks.loop import first_line
from workflow.audit.keys import PRIVATE, public_bytes, public_key
from workflow.backup.archive import Progress
from workflow.backup.layout import BackupError
from workflow.backup.load import RESTORED, Target, check_empty, load
from workflow.backup.verify import Backup, opened
from workflow.errors import N_, WorkflowError
from workflow.evidence.storage import Storage


def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="备份文件。", dir_okay=False, exists=True)
    ],
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="只查验，不恢复；不写入任何东西。")
    ] = False,
    other_key: Annotated[
        bool, typer.Option("--other-key", help="做备份时的密钥确实找不回，用这里的密钥恢复。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """从备份恢复到空的地方：先查验，再恢复，全部成功或全不改动；恢复后先行隔离。"""
    settings = read_settings()
    keys = keys_of(settings)
    try:
        if verify_only:
            with file.open("rb") as content, shown(2 * file.stat().st_size, file.name) as progress:
                backup = _opened(content, keys, progress)
        else:
            backup = _restore(file, settings, keys, other_key=other_key)
    except WorkflowError as fault:
        refuse(fault, settings)
    except SQLAlchemyError as fault:
        sentence = N_("数据库没有答应：{error}。什么都没有写入。")
        raise stop(say(sentence, settings, error=first_line(fault))) from fault
    except OSError as fault:
        sentence = N_("读写文件失败：{problem}（{path}）。什么都没有恢复。")
        problem = fault.strerror or fault
        raise stop(say(sentence, settings, problem=problem, path=fault.filename or file)) from fault
    if as_json:
        typer.echo(json.dumps(_as_json(backup, restored=not verify_only), ensure_ascii=False))
        return
    for line in _said(backup, settings, keys, restored=not verify_only):
        typer.echo(line)


def _opened(content: BinaryIO, keys: Keys | None, progress: Progress) -> Backup:
    return opened(
        content,
        key=keys.seal if keys else None,
        fingerprint=keys.fingerprint if keys else None,
        progress=progress,
    )


def _restore(file: Path, settings: Settings, keys: Keys | None, *, other_key: bool) -> Backup:
    is_sqlite = settings.database_url.startswith("sqlite")
    # A file is not restored under a server that may still open it.
    lock = only_server(settings, "bihuan restore") if is_sqlite else nullcontext()
    with lock:
        database = open_database(settings)
        target = Target(database, Storage(settings.data_dir / EVIDENCE), settings.data_dir)
        try:
            check_empty(target)
            with file.open("rb") as content, shown(3 * file.stat().st_size, file.name) as progress:
                backup = _opened(content, keys, progress)
                if not backup.is_ours and not other_key:
                    raise _other_key(backup, settings, keys)
                load(backup, target, now=datetime.now(UTC), progress=progress)
                return backup
        finally:
            database.close()


def _other_key(backup: Backup, settings: Settings, keys: Keys | None) -> BackupError:
    """The key lies in an envelope: whoever has not fetched it should, whoever cannot must know."""
    message = (
        N_(
            "这里没有密钥（BIHUAN_SECRET_KEY 或 {folder}/secret.key），什么都没有恢复。"
            "没有做备份时的密钥，此前 {events} 条记录的印记和备份的印记都不能查验，自查会逐条报告"
            "不符；事件链和检查点的签名仍可查验。请放回原来的密钥再恢复；"
            "确实找不回的，加 --other-key。"
        )
        if keys is None
        else N_(
            "这里的密钥不是做备份时的密钥，什么都没有恢复。"
            "没有做备份时的密钥，此前 {events} 条记录的印记和备份的印记都不能查验，自查会逐条报告"
            "不符；事件链和检查点的签名仍可查验。请放回原来的密钥再恢复；"
            "确实找不回的，加 --other-key。"
        )
    )
    params = {"folder": settings.data_dir.resolve(), "events": backup.manifest.heads.events}
    return BackupError(message, code="other_key", params=params)


def _said(backup: Backup, settings: Settings, keys: Keys | None, *, restored: bool) -> list[str]:
    manifest = backup.manifest
    facts = {
        "taken": manifest.taken_at.astimezone(settings.zone).isoformat(" ", "minutes"),
        "issues": manifest.heads.issues,
        "events": manifest.heads.events,
        "files": manifest.files.count,
    }
    if not restored:
        sentence = N_(
            "备份完好：{taken} 的 {issues} 个问题、{events} 条记录、{files} 个附件。"
            "没有写入任何东西。"
        )
        return [say(sentence, settings, **facts), *_concerns(backup, settings, keys)]
    sentence = N_("已恢复 {taken} 的备份：{issues} 个问题、{events} 条记录、{files} 个附件。")
    folder = settings.data_dir.resolve()
    return [
        say(sentence, settings, **facts),
        *_concerns(backup, settings, keys),
        say(
            N_("原来的设置和配置文件放在 {folder}，供核对，不会自动生效。"),
            settings,
            folder=folder / RESTORED,
        ),
        say(
            N_(
                "系统在隔离中：除站内消息外什么都不发出。启动后运行 bihuan quarantine，核对后解除。"
            ),
            settings,
        ),
    ]


def _concerns(backup: Backup, settings: Settings, keys: Keys | None) -> list[str]:
    """What the backup cannot give: keys, and what was wrong when it was taken."""
    manifest, lines = backup.manifest, []
    folder = settings.data_dir.resolve()
    if keys is None:
        sentence = N_(
            "启动以前请放回原来的密钥：BIHUAN_SECRET_KEY，或 {folder}/secret.key。"
            "用别的密钥，此前记录的印记无法查验，备份的印记也未查验。"
        )
        lines.append(say(sentence, settings, folder=folder))
    elif not backup.is_ours:
        sentence = N_(
            "注意：这里的密钥不是做备份时的密钥，此前记录的印记将无法查验，备份的印记也未查验。"
            "请在启动以前放回原来的 BIHUAN_SECRET_KEY。"
        )
        lines.append(say(sentence, settings))
    if backup.public_key is not None and not _signs(settings.data_dir, backup.public_key):
        sentence = N_(
            "启动以前请放回原来的签名密钥 {folder}/keys/checkpoint.key；没有它，会另生成一对，"
            "此前的检查点须用备份里的公钥查验。"
        )
        lines.append(say(sentence, settings, folder=folder))
    if manifest.missing:
        sentence = N_("注意：做备份时已有 {count} 个附件找不到，这里也没有。")
        lines.append(say(sentence, settings, count=len(manifest.missing)))
    if manifest.heads.broken:
        sentence = N_("注意：做备份时已有办理记录不完好，例如 {number}。")
        lines.append(say(sentence, settings, number=manifest.heads.broken[0]))
    return lines


def _signs(data_dir: Path, public: bytes) -> bool:
    """Whether the key that signs checkpoints is back in its place."""
    try:
        found = public_key(data_dir) if (data_dir / "keys" / PRIVATE).exists() else None
    except WorkflowError:
        return False
    return found is not None and public_bytes(found) == public


def _as_json(backup: Backup, *, restored: bool) -> dict[str, object]:
    manifest = backup.manifest
    return {
        "restored": restored,
        "digest": backup.reader.digest,
        "taken_at": manifest.taken_at.isoformat(),
        "schema": manifest.revision,
        "issues": manifest.heads.issues,
        "events": manifest.heads.events,
        "files": manifest.files.count,
        "same_key": backup.is_ours,
        "missing": list(manifest.missing),
        "broken": list(manifest.heads.broken),
        "quarantine": restored,
    }
