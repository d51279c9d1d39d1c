"""What a server settles before it begins: who may reach it, its port, its place in the database."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from cli.lines import WRONG_USAGE, refuse, say, stop
from config.language import catalogue
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from tasks import guard
from tasks.guard import Unsafe
from tasks.installation import open_database
from tasks.loop import first_line
from tasks.runtime import Runtime, build
from tasks.signs import Part
from workflow.db import Database
from workflow.errors import N_, WorkflowError
from workflow.migrate import SchemaError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
BACKLOG = 512
TRIES = 100
"""Ports above the busy one that are looked at."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at this address."""
    return host in LOOPBACK


def check_separate(settings: Settings) -> None:
    """Parts that run one by one meet in PostgreSQL and Redis, or not at all."""
    if settings.embedded or settings.database_url.startswith("sqlite"):
        sentence = N_(
            "分开运行需要 PostgreSQL 和 Redis：请设置 BIHUAN_DATABASE_URL 和 BIHUAN_BROKER_URL；"
            "单机使用请运行 bihuan serve。"
        )
        raise stop(say(sentence, settings), code=WRONG_USAGE)


def open_part(settings: Settings, *, part: Part, loopback: bool = False) -> Runtime:
    """One part of an installation whose database `bihuan migrate` has made ready.

    What would lose data is refused with one line and exit 2.
    """
    check_separate(settings)
    configure_logging(settings)
    try:
        guard.check_settings(settings)
        database = open_database(settings)
        try:
            guard.check_schema(database)
        finally:
            database.close()
        return build(settings, loopback=loopback, part=part)
    except (WorkflowError, SettingsError, SQLAlchemyError) as fault:
        refuse_start(fault, settings)


def refuse_start(
    fault: WorkflowError | SettingsError | SQLAlchemyError, settings: Settings
) -> NoReturn:
    """End with one line: 2 where something has to be set right first, else 1."""
    if isinstance(fault, SQLAlchemyError):
        sentence = N_("数据库连接失败：{error}。请检查 BIHUAN_DATABASE_URL 和数据库服务。")
        raise stop(say(sentence, settings, error=first_line(fault))) from fault
    if isinstance(fault, Unsafe | SchemaError):
        raise stop(fault.text(catalogue(settings.lang).gettext), code=WRONG_USAGE) from fault
    refuse(fault, settings)


def check_demo_host(settings: Settings, host: str) -> None:
    """The demo lets everybody be anybody, so it never listens to another machine."""
    if settings.demo and not is_loopback(host):
        raise stop(
            say(
                N_(
                    "示范城市免密登录，只能在本机使用，不能绑定 {host}。请去掉 --host，"
                    "或去掉 --demo 正式部署。"
                ),
                settings,
                host=host,
            ),
            code=WRONG_USAGE,
        )


def with_address(settings: Settings, host: str, port: int) -> Settings:
    """Unless an address was set, links lead to where this server listens."""
    if "base_url" in settings.model_fields_set:
        return settings
    shown = f"[{host}]" if ":" in host else host
    return settings.model_copy(update={"base_url": f"http://{shown}:{port}"})


def listen(settings: Settings, host: str, port: int) -> socket.socket:
    """Take the port, or name the next free one and end.

    The socket listens from here on, so a page asked for while the server starts is answered late
    instead of refused.
    """
    try:
        return _bound(host, port)
    except OSError as error:
        free = next((p for p in range(port + 1, port + TRIES) if _is_free(host, p)), None)
        if free is None or not port:
            sentence = say(
                N_("无法监听 {host}:{port}：{error}。请用 --host 和 --port 指定其他地址。"),
                settings,
                host=host,
                port=port,
                error=error.strerror or error,
            )
        else:
            sentence = say(
                N_("端口 {port} 已被占用，可改用：bihuan serve {demo}--port {free}"),
                settings,
                port=port,
                free=free,
                demo="--demo " if settings.demo else "",
            )
        raise stop(sentence) from error


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Without it every answer on a kept connection waits 40 ms for the reader's acknowledgement.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken.bind((host, port))
        taken.listen(BACKLOG)
    except (OSError, OverflowError):
        taken.close()
        raise
    return taken


def _is_free(host: str, port: int) -> bool:
    try:
        _bound(host, port).close()
    except (OSError, OverflowError):
        return False
    return True


@contextmanager
def only_server(settings: Settings, url: str) -> Iterator[None]:
    """Be the one server of a SQLite file; the lock ends with the process, however that ends."""
    database = Database(settings.database_url)
    file = database.url.database
    database.close()
    if not database.is_sqlite or not file:
        yield
        return
    path = Path(f"{file}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise stop(_taken(settings, path)) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {url}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _taken(settings: Settings, lock: Path) -> str:
    pid, _, url = lock.read_text(encoding="utf-8").strip().partition(" ")
    return say(
        N_(
            "数据文件夹 {folder} 正由另一个服务使用（进程 {pid}，{url}）。一个数据文件只能由"
            "一个服务打开：请直接访问该地址，或先停止它，或用 --data-dir 另指文件夹。"
        ),
        settings,
        folder=lock.parent.resolve(),
        pid=pid or "?",
        url=url or "?",
    )
