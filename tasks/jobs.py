"""The tasks: each a few lines that call what does the work."""

from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery

from tasks.hints import Hints
from tasks.relay import Relay

RELAY = "bihuan.relay"
SWEEP = "bihuan.sweep"
DAILY = "bihuan.daily"
CANARY = "bihuan.canary"
LEDGERS = "bihuan.ledgers"


@dataclass(frozen=True, slots=True)
class Work:
    """What the tasks need, made once per process."""

    relay: Relay
    sweep: Callable[[], object]
    daily: Callable[[], object]
    finish_canaries: Callable[[], object]
    ledgers: Callable[[], bool] = bool
    """Makes some issues of confirmed ledgers; whether any are left."""


def register(app: Celery, work: Work, hints: Hints) -> None:
    """Declare every task on `app`."""

    @app.task(name=RELAY, shared=False)
    def relay() -> None:
        hints.taken(RELAY)
        work.relay.run()

    @app.task(name=SWEEP, shared=False)
    def sweep() -> None:
        hints.taken(SWEEP)
        work.sweep()
        if work.ledgers():
            hints.give(LEDGERS)

    @app.task(name=LEDGERS, shared=False)
    def ledgers() -> None:
        hints.taken(LEDGERS)
        if work.ledgers():
            hints.give(LEDGERS)

    @app.task(name=DAILY, shared=False)
    def daily() -> None:
        work.daily()

    @app.task(name=CANARY, shared=False)
    def canary() -> None:
        hints.taken(CANARY)
        work.finish_canaries()
