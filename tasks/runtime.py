"""Everything that runs in one process, built in one place and started and stopped in order."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from celery import Celery

from config.settings import Settings
from tasks import jobs
from tasks.app import make_app
from tasks.clock import Clock
from tasks.embedded import EmbeddedWorker
from tasks.hints import Hints
from tasks.installation import Installation, open_installation
from tasks.relay import Relay, utc_now
from tasks.render import Renderer
from tasks.turnstile import Turnstile
from tasks.watchdog import Patient, Watchdog
from workflow.audit import actions as audit
from workflow.audit.keys import key_pair
from workflow.db import Database
from workflow.escalation.actions import tick
from workflow.issues.office import Office
from workflow.issues.upkeep import recalculate_all
from workflow.labels import load_labels
from workflow.outbox.policy import Manners

LOG = logging.getLogger(__name__)


@dataclass
class Runtime:
    """One process of the product: database, office, broker and, embedded, worker and clock."""

    installation: Installation
    app: Celery
    hints: Hints
    relay: Relay
    worker: EmbeddedWorker
    clock: Clock
    watchdog: Watchdog = field(default_factory=lambda: Watchdog(()))

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @property
    def database(self) -> Database:
        return self.installation.database

    @property
    def office(self) -> Office:
        return self.installation.office

    def now(self) -> datetime:
        """The moment, aware."""
        return utc_now()

    def start(self, *, worker: bool = True, clock: bool = True) -> None:
        """From now on a commit with messages wakes the relay; take tasks and tick if so told."""
        self.database.nudge = self._nudge
        patients: list[Patient] = [self.hints]
        self.hints.start()
        if worker:
            self.worker.start()
            patients.append(self.worker)
        if clock:
            self.clock.start()
            patients.append(self.clock)
        self.watchdog = Watchdog(patients)
        self.watchdog.start()

    def _nudge(self) -> None:
        self.hints.give(jobs.RELAY)

    def stop(self) -> bool:
        """Stop in under three seconds; False if a task is still at it: end the process then."""
        self.watchdog.stop()
        self.clock.stop()
        self.database.nudge = None
        self.hints.stop()
        is_clean = self.worker.stop()
        self.installation.close()
        return is_clean


def build(settings: Settings, *, now: datetime | None = None, loopback: bool = True) -> Runtime:
    """Open the installation and make its parts; nothing runs before `start`.

    The schema is in place. Raises ConfigError and SettingsError, each with what to mend.
    """
    installation = open_installation(settings, now=now or utc_now(), loopback=loopback)
    app = make_app(settings)
    hints = Hints(app, embedded=settings.embedded)
    relay = _relay(installation)
    work = jobs.Work(
        relay=relay,
        sweep=partial(Turnstile().passed, partial(_sweep, installation)),
        daily=partial(_daily, installation),
    )
    jobs.register(app, work, hints)
    worker = EmbeddedWorker(app)
    clock = Clock(hints, tick_seconds=settings.tick_seconds, zone=settings.zone)
    return Runtime(installation, app, hints, relay, worker, clock)


def _relay(installation: Installation) -> Relay:
    settings = installation.settings
    return Relay(
        installation.database,
        installation.channels,
        Renderer(settings.zone, load_labels(settings.config_dir / "labels")),
        Manners(settings.zone, settings.quiet_hours, settings.daily_budget),
        base_url=settings.base_url,
    )


def _sweep(installation: Installation) -> int:
    """Take every due rung; how many clocks were looked at."""
    report = tick(installation.database, installation.office, utc_now())
    if report.batches or report.periods or report.failed:
        LOG.info(
            "swept",
            extra={
                "taken": report.tally.taken,
                "merged": report.tally.merged,
                "periods": report.periods,
                "left": report.left,
                "failed": report.failed,
            },
        )
    return report.tally.taken


def _daily(installation: Installation) -> None:
    """Count again what another calendar counted, and put the day under a checkpoint."""
    changed = recalculate_all(installation.database, installation.office, now=utc_now())
    if changed:
        LOG.info("recalculated", extra={"issues": changed})
    _checkpoint(installation)


def _checkpoint(installation: Installation) -> None:
    """Sign the heads of every chain that has grown, a transaction a batch."""
    key = key_pair(installation.settings.data_dir).private
    while True:
        with installation.database.transaction() as tx:
            if audit.checkpoint(tx, key=key, now=utc_now()) is None:
                return
