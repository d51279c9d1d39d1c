"""`bihuan worker` and `bihuan clock`: the parts beside the pages, each a process of its own."""

import logging
import signal
import threading
from typing import Annotated

import typer
from celery import signals

from cli.lines import read_settings
from cli.startup import open_part
from tasks.worker import SignsStep


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="同时办理的任务数。")] = 2,
) -> None:
    """只启动后台任务：到期检查、消息投递。可以启动多个。"""
    runtime = open_part(read_settings(), part="worker")

    # Connections and threads do not survive a fork: each child opens its own.
    def _forked(**_: object) -> None:
        runtime.database.forked()
        runtime.start(worker=False, clock=False, watch=False)

    signals.worker_process_init.connect(_forked, weak=False)
    SignsStep.install(runtime.app, runtime.watch.signs)
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
    runtime.watch.signs.leave()
    raise typer.Exit(started.exitcode or 0)


def clock() -> None:
    """只启动时钟：定时提醒后台任务检查到期事项。可以启动多个，同一时刻只有一个在走。"""
    runtime = open_part(read_settings(), part="clock")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    runtime.start(worker=False)
    stopping.wait()
    runtime.stop()
