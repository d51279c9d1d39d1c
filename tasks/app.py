"""The Celery application: the same for one process on a laptop and for many on servers.

The broker carries hints.  Every deadline and every message is a row; losing a task costs the time
until the next sweep and nothing else.
"""

import secrets
from typing import Any

from celery import Celery, Task

from config.settings import Settings
from tasks import inproc

SOFT = 5 / 6
"""Share of its time after which a task is asked to end, before it is killed."""
MEMORY = 400_000
"""KiB after which a worker's process is replaced by a fresh one."""
STALE = 60
"""Seconds after which a hint that nobody took has become pointless: a later one says the same."""


class SafeTask(Task):
    """A task in which SystemExit is an error like any other.

    Let through, it would leave the message unacknowledged for ever or end the worker.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        try:
            return super().__call__(*args, **kwargs)
        except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
            raise RuntimeError(f"task raised {error!r}") from error


def make_app(settings: Settings) -> Celery:
    """The application for these settings; it becomes the default one of the process."""
    broker = f"{inproc.SCHEME}://localhost" if settings.embedded else settings.broker_url
    app = Celery("bihuan", broker=broker, task_cls=SafeTask, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        # Where the pool can kill one.
        task_time_limit=settings.task_limit_seconds,
        task_soft_time_limit=int(settings.task_limit_seconds * SOFT),
        task_serializer="json",
        accept_content=["json"],
        # In memory the number of waiting hints is bounded by those who give them.
        worker_prefetch_multiplier=0 if settings.embedded else 1,
        worker_max_tasks_per_child=500,
        worker_max_memory_per_child=MEMORY,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_eta_task_limit=100,
        enable_utc=True,
        timezone="UTC",
        broker_connection_retry_on_startup=True,
        # After a hundred tries the worker would end; it waits for as long as it takes.
        broker_connection_max_retries=None,
        task_default_queue=_queue(settings),
        broker_transport_options={} if settings.embedded else _redis_options(settings),
    )
    # What a task starts in a worker thread would otherwise go to an application without a broker.
    app.set_default()
    return app


def _queue(settings: Settings) -> str:
    # Queues in memory outlive a connection: two installations in one process must not share them.
    return f"{inproc.SCHEME}-{secrets.token_hex(4)}" if settings.embedded else "bihuan"


def _redis_options(settings: Settings) -> dict[str, Any]:
    return {
        # After so long an unfinished task is handed out again.
        "visibility_timeout": settings.visibility_seconds,
        # Otherwise a lost task is looked for only every hundred seconds.
        "unacked_restore_throttle": 1,
        # A publisher gives up soon; the sweep finds the row anyway.
        "socket_connect_timeout": 0.5,
        "max_retries": 1,
        "interval_start": 0,
        "socket_timeout": 30,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
