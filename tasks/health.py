"""The health of an installation: what works, what needs attention, what must be mended."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from tasks.app import make_app
from tasks.broker import look
from tasks.channels import Channel
from tasks.installation import open_channels
from tasks.loop import first_line
from tasks.readiness import TOLD
from workflow import migrate
from workflow.db import Database, Tx
from workflow.deadlines.calendars import load_calendar
from workflow.deadlines.ladders import load_ladders
from workflow.errors import N_, WorkflowError
from workflow.labels import load_labels
from workflow.loops import registry
from workflow.operations import queries as operations
from workflow.operations import words
from workflow.operations.findings import Finding as Judged
from workflow.operations.findings import judge
from workflow.outbox import queries as outbox
from workflow.units import queries as units

State = Literal["ok", "attention", "broken"]
SAFE_SQLITE = (3, 51, 3)
"""Earlier ones can damage a file when two connections write and check-point at the same moment."""
SLOW = timedelta(minutes=5)
"""A message that has been due for longer means that nobody delivers."""
NAMED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `text` is a msgid with places for `params`."""

    subject: str
    state: State
    text: str
    params: dict[str, Any]
    advice: str = ""
    """A msgid: what to do about it, where the text does not say so."""


def found(subject: str, state: State, sentence: str, **params: Any) -> Finding:
    """A finding, its params as keywords."""
    return Finding(subject, state, sentence, params)


def examine(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """Look at everything; changes nothing. A part that cannot be looked at is a finding itself."""
    for name in settings.unknown_names:
        yield found("settings", "attention", N_("不认识的设置，已忽略：{name}"), name=name)
    yield _folder(settings)
    yield from _office(settings, now)
    # Not opened as a server does it: to look must not make a file or a folder.
    database = Database(settings.database_url)
    try:
        yield from _database(database, settings, now)
    finally:
        database.close()
    yield _broker(settings)
    for channel in open_channels(settings).values():
        yield _channel(channel)


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return found("data", "ok", N_("数据文件夹可用：{folder}"), folder=folder)
    return found(
        "data",
        "broken",
        N_("数据文件夹不存在或不可写：{folder}。请建立该文件夹并授予写权限。"),
        folder=folder,
    )


def _office(settings: Settings, now: datetime) -> Iterator[Finding]:
    folder = settings.config_dir
    readers: dict[str, Callable[[], object]] = {
        "labels": lambda: load_labels(folder / "labels"),
        "loops": lambda: registry.load_all(folder / "loops"),
        "ladders": lambda: [load_ladders(path) for path in (folder / "ladders").glob("*.yaml")],
        "calendars": lambda: load_calendar(folder / "calendars"),
    }
    for name, read in readers.items():
        try:
            read()
        except WorkflowError as fault:
            yield found(name, "broken", N_("{fault}"), fault=fault)
        else:
            yield found(name, "ok", N_("配置可用：{folder}"), folder=folder / name)
    yield from _calendar(settings, now)


def _calendar(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        calendar = load_calendar(settings.config_dir / "calendars")
    except WorkflowError:
        return  # said before
    year = now.astimezone(settings.zone).year
    for each in (year, year + 1):
        if not calendar.known(each):
            sentence = N_("{year}年的放假安排尚未录入，涉及该年的期限标为暂定。")
            yield found("calendars", "attention", sentence, year=each)


def _database(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    if database.is_sqlite and not Path(database.url.database or "").exists():
        sentence = N_("还没有数据库 {file}。请运行 bihuan migrate 或 bihuan serve。")
        yield found("database", "broken", sentence, file=database.url.database)
        return
    try:
        state = migrate.state(database)
        yield found("database", "ok", N_("{kind} 可以连接"), kind=kind)
        if state != "current":
            yield found("schema", "broken", N_("数据库结构不是最新，请运行 bihuan migrate。"))
            return
        yield found("schema", "ok", N_("结构版本 {head}"), head=migrate.head())
        with database.reading() as tx:
            if database.is_sqlite:
                yield from _sqlite(tx)
            yield from _delivery(tx, settings, now)
            yield from _operations(tx, settings, now)
            yield _vacancies(tx, settings, now)
    except WorkflowError as fault:
        yield found("schema", "broken", N_("{fault}"), fault=fault)
    except SQLAlchemyError as error:
        sentence = N_("{kind} 连接失败：{error}。请检查 BIHUAN_DATABASE_URL 和数据库服务。")
        yield found("database", "broken", sentence, kind=kind, error=first_line(error))


def _sqlite(tx: Tx) -> Iterator[Finding]:
    verdict = tx.execute(text("PRAGMA quick_check(1)")).scalar()
    if verdict == "ok":
        yield found("database", "ok", N_("数据文件完好"))
    else:
        sentence = N_("数据文件损坏：{verdict}。请停止服务，从备份恢复。")
        yield found("database", "broken", sentence, verdict=verdict)
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        sentence = N_(
            "SQLite {version} 早于 {wanted}：极少数情况下可能损坏数据文件，正式使用请升级或改用 "
            "PostgreSQL，并坚持备份。"
        )
        wanted = ".".join(map(str, SAFE_SQLITE))
        version = sqlite3.sqlite_version
        yield found("database", "attention", sentence, version=version, wanted=wanted)


def _delivery(tx: Tx, settings: Settings, now: datetime) -> Iterator[Finding]:
    dead = outbox.undelivered(tx, limit=NAMED)
    for each in dead:
        sentence = N_("{day} 的一条消息未能送达（{channel}）：{error}")
        day = each.created_at.astimezone(settings.zone).date()
        params = {"day": day, "channel": each.channel, "error": each.last_error or "-"}
        yield Finding("delivery", "attention", sentence, params)
    for name in open_channels(settings):
        oldest = outbox.oldest_due(tx, channel=name)
        if oldest is not None and now - oldest > SLOW:
            sentence = N_("{channel} 上有消息自 {since} 起应发未发：后台任务是否在运行？")
            since = oldest.astimezone(settings.zone).isoformat(" ", "minutes")
            yield found("delivery", "broken", sentence, channel=name, since=since)


def _operations(tx: Tx, settings: Settings, now: datetime) -> Iterator[Finding]:
    """What the auditor would say at this moment, and what only a person may clear."""
    readings = operations.readings(tx, at=now, sweep=timedelta(seconds=settings.tick_seconds))
    told = [
        Judged(alarm.kind, "red", alarm.since, alarm.subject, alarm.params)
        for alarm in operations.open_alarms(tx)
        if alarm.kind in TOLD
    ]
    if not readings.processes:
        yield found("parts", "attention", N_("没有进程在运行。"))
    for each in (*judge(readings), *told):
        if each.kind == "undelivered" or (each.kind == "clock_silent" and not readings.processes):
            continue  # named one by one; nothing runs, so nothing is silent
        said = words.of(each.kind)
        state: State = "broken" if each.severity == "red" else "attention"
        yield Finding("alarm", state, said.sentence, dict(each.params), said.advice)
    if readings.lead is not None and readings.lead.until > now:
        leader = {process.id: process.name for process in readings.processes}
        name = leader.get(readings.lead.holder, readings.lead.holder[:8])
        yield found("clock", "ok", N_("时钟在走：{name}"), name=name)


def _vacancies(tx: Tx, settings: Settings, now: datetime) -> Finding:
    directory, today = units.directory(tx), now.astimezone(settings.zone).date()
    vacant = [
        unit.name
        for unit in directory.units.values()
        if unit.abolished_on is None and not directory.holders(unit.id, "handler", today)
    ]
    if not directory.units:
        sentence = N_("还没有单位和人员。请运行 bihuan unit import FILE。")
        return found("posts", "attention", sentence)
    if not vacant:
        return found("posts", "ok", N_("每个单位都有经办人"))
    return found(
        "posts",
        "attention",
        N_("{count} 个单位没有经办人，不能向其交办：{names}"),
        count=len(vacant),
        names="、".join(vacant[:NAMED]) + ("……" if len(vacant) > NAMED else ""),
    )


def _broker(settings: Settings) -> Finding:
    if settings.embedded:
        return found("broker", "ok", N_("任务队列在服务进程之内"))
    seen = look(make_app(settings))
    if seen.state == "away":
        sentence = N_("Redis 连接失败：{error}。请检查 BIHUAN_BROKER_URL 和 Redis 服务。")
        return found("broker", "broken", sentence, error=seen.error)
    if seen.state == "evicts":
        said = words.of("broker_evicts")
        return Finding("broker", "broken", said.sentence, {"policy": seen.policy}, said.advice)
    return found("broker", "ok", N_("Redis 可以连接"))


def _channel(channel: Channel) -> Finding:
    try:
        with channel.session():
            return found("channel", "ok", N_("发送渠道可用：{name}"), name=channel.name)
    except WorkflowError as fault:
        sentence = N_("发送渠道 {name} 不可用：{fault}")
        return found("channel", "broken", sentence, name=channel.name, fault=fault)
