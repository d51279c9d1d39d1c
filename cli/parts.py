"""`bihuan worker` and `bihuan clock`: the parts beside the pages, each a process of its own."""

import logging
import signal
import threading
from typing import Annotated

import typer
from celery import signals

from cli.lines import read_settings, refuse
from cli.serve import check_separate
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from tasks.runtime import Runtime, build
from workflow.errors import WorkflowError

LOG = logging.getLogger(__name__)


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="同时办理的任务数。")] = 2,
) -> None:
    """只启动后台任务：到期检查、消息投递。可以启动多个。"""
    runtime = _open(read_settings())

    # Connections and threads do not survive a fork: each child opens its own.
    def _forked(**_: object) -> None:
        runtime.database.engine.dispose(close=False)
        runtime.start(worker=False, clock=False)

    signals.worker_process_init.connect(_forked, weak=False)
    started = runtime.app.Worker(
        pool="prefork",
        concurrency=concurrency,
        loglevel=logging.getLogger().level,
        quiet=True,
        redirect_stdouts=False,
        without_gossip=True,
        without_mingle=True,
    )
    started.start()
    raise typer.Exit(started.exitcode or 0)


def clock() -> None:
    """只启动时钟：定时提醒后台任务检查到期事项。"""
    runtime = _open(read_settings())
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    runtime.start(worker=False)
    stopping.wait()
    runtime.stop()


def _open(settings: Settings) -> Runtime:
    check_separate(settings)
    configure_logging(settings)
    try:
        return build(settings, loopback=False)
    except (WorkflowError, SettingsError) as fault:
        refuse(fault, settings)
