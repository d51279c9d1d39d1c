"""What a process refuses to start with, because it would lose data sooner or later."""

import logging

from celery import Celery

from config.settings import Settings
from tasks import broker
from workflow import migrate
from workflow.db import Database
from workflow.errors import N_, WorkflowError

LOG = logging.getLogger(__name__)


class Unsafe(WorkflowError):
    """The process could start, and something would be lost."""

    default_code = "unsafe"


def check_settings(settings: Settings) -> None:
    """Raises Unsafe if a task would be handed out again while it is still being worked on."""
    if settings.visibility_seconds <= settings.task_limit_seconds:
        raise Unsafe(
            N_(
                "BIHUAN_VISIBILITY_SECONDS（{visibility}）必须大于 BIHUAN_TASK_LIMIT_SECONDS"
                "（{limit}）：否则还没办完的任务会被重复派发。"
            ),
            params={
                "visibility": settings.visibility_seconds,
                "limit": settings.task_limit_seconds,
            },
        )


def check_schema(database: Database) -> None:
    """Raises Unsafe for a database that has yet to be migrated, SchemaError for a newer one."""
    if migrate.state(database) != "current":
        raise Unsafe(
            N_("数据库结构是 {found}，本程序需要 {head}：请先运行 bihuan migrate。"),
            params={"found": migrate.current(database) or "-", "head": migrate.head()},
        )


def check_celery(app: Celery, settings: Settings) -> None:
    """Raises Unsafe if a killed worker, or a lost connection, could take a task along with it."""
    conf = app.conf
    kept = {
        "task_acks_late": conf.task_acks_late is True,
        "task_reject_on_worker_lost": conf.task_reject_on_worker_lost is True,
        "task_ignore_result": conf.task_ignore_result is True,
        "task_time_limit": bool(conf.task_time_limit),
        "accept_content": list(conf.accept_content) == ["json"],
    }
    if not settings.embedded:
        options = conf.broker_transport_options
        kept |= {
            "worker_prefetch_multiplier": conf.worker_prefetch_multiplier == 1,
            "broker_connection_max_retries": conf.broker_connection_max_retries is None,
            "visibility_timeout": options["visibility_timeout"] > (conf.task_time_limit or 0),
            "unacked_restore_throttle": options["unacked_restore_throttle"] == 1,
        }
    wrong = [name for name, is_kept in kept.items() if not is_kept]
    if wrong:
        raise Unsafe(
            N_("任务队列的设置会丢任务或重复派发：{names}。"), params={"names": "、".join(wrong)}
        )


def check_broker(app: Celery, settings: Settings) -> None:
    """Raises Unsafe for a Redis that evicts.

    One that is away is waited for: the parts work without it, and the auditor looks again.
    """
    if settings.embedded:
        return
    found = broker.look(app)
    if found.state == "away":
        LOG.warning("broker is away", extra={"error": found.error})
    elif found.state == "evicts":
        raise Unsafe(
            N_(
                "Redis 的 maxmemory-policy 是 {policy}，内存不足时会悄悄丢弃任务；"
                "请改为 noeviction 再启动。"
            ),
            params={"policy": found.policy},
        )
