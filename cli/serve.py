"""`bihuan serve` and `bihuan web`: the pages, with or without worker and clock beside them."""

import logging
import os
import signal
import sys
import time
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from socket import socket
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from cli.demo.seeding import Account, DemoReport, seed
from cli.lines import read_settings, refuse, say
from cli.startup import (
    check_demo_host,
    is_loopback,
    listen,
    only_server,
    open_part,
    refuse_start,
    with_address,
)
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from tasks.installation import open_database
from tasks.runtime import Runtime, build
from web.app import create_app
from workflow import migrate
from workflow.errors import N_, WorkflowError

LOG = logging.getLogger(__name__)
GRACE = 1
"""Seconds that open connections have to end when the server stops."""
SHOWN = 3
"""Accounts that are named in the terminal."""

Host = Annotated[str, typer.Option(help="监听地址；默认只有本机能访问。")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="监听端口。")]
DataDir = Annotated[Path | None, typer.Option(help="数据文件夹。", file_okay=False)]


def serve(
    demo_city: Annotated[
        bool, typer.Option("--demo", help="打开示范城市：虚构的单位、人员和问题，免密登录。")
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = None,
) -> None:
    """启动系统：网页、后台任务和时钟都在这一个进程里。"""
    settings = read_settings(demo=demo_city or None, data_dir=data_dir)
    check_demo_host(settings, host)
    settings = with_address(settings, host, port)
    with only_server(settings, settings.base_url), listen(settings, host, port) as listener:
        configure_logging(settings)
        runtime = _open(settings, loopback=is_loopback(host))
        city = _city(runtime) if settings.demo else None
        _banner(settings, city.accounts if city else ())
        _run(runtime, listener, embedded=True, walk=city.walk_number if city else "")


def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """只启动网页；后台任务和时钟由 worker、clock 另行启动（PostgreSQL + Redis）。"""
    settings = with_address(read_settings(), host, port)
    with listen(settings, host, port) as listener:
        runtime = open_part(settings, part="web", loopback=is_loopback(host))
        _run(runtime, listener, embedded=False)


def _open(settings: Settings, *, loopback: bool) -> Runtime:
    try:
        database = open_database(settings)
        migrate.upgrade(database)
        database.close()
        return build(settings, loopback=loopback)
    except (WorkflowError, SettingsError, SQLAlchemyError) as fault:
        refuse_start(fault, settings)


def _city(runtime: Runtime) -> DemoReport:
    settings = runtime.settings
    typer.echo(say(N_("正在准备示范城市……"), settings), err=True)
    # The city is made up: who was stored in it is no news, least of all before the address.
    log = logging.getLogger("workflow")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        return seed(runtime)
    except WorkflowError as fault:
        refuse(fault, settings)
    finally:
        log.setLevel(level)


def _banner(settings: Settings, accounts: Sequence[Account]) -> None:
    lines = [N_("地址：{url}/")]
    if accounts:
        lines.append(N_("账号：打开网页点选岗位即可登录，不用密码；共 {count} 人，例如 {some}"))
    lines += [N_("数据：{folder}"), N_("停止：按 Ctrl+C")]
    if settings.demo:
        lines.append(N_("重来：停止后运行 make demo-reset（即删除 {folder}），再启动"))
    facts = {
        "url": settings.base_url,
        "folder": settings.data_dir.resolve(),
        "count": len(accounts),
        "some": "、".join(f"{one.unit}{one.name}（{one.login}）" for one in accounts[:SHOWN]),
    }
    for line in lines:
        typer.echo(say(line, settings, **facts))


def _run(runtime: Runtime, listener: socket, *, embedded: bool, walk: str = "") -> None:
    """Answer until the process is told to stop; ends within three seconds."""
    began = time.monotonic()
    clean: list[bool] = []
    lifespan = _lifespan(runtime, embedded=embedded, clean=clean)
    app = create_app(runtime, lifespan=lifespan, walk=walk)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            lifespan="on",
        )
    )
    # The server hands the signal on when it has stopped; to be told to stop is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])
    LOG.info("stopped", extra={"served_seconds": round(time.monotonic() - began, 1)})
    if not server.started:
        raise typer.Exit(1)
    if clean != [True]:
        # The interpreter would wait for the thread of the task that is still at it.
        sys.stdout.flush()
        logging.shutdown()
        os._exit(0)


def _lifespan(
    runtime: Runtime, *, embedded: bool, clean: list[bool]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        await to_thread(runtime.start, worker=embedded, clock=embedded)
        yield
        clean.append(await to_thread(runtime.stop))

    return lifespan
