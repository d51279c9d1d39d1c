"""Everything that runs in one process, built in one place and started and stopped in order."""

import gc
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from celery import Celery

from config.settings import Settings
from tasks import guard, jobs
from tasks.app import make_app
from tasks.audience import Audiences
from tasks.auditor import AUDIT_LEASE, AUDIT_LENGTH, Auditor
from tasks.broker import look
from tasks.canary import Canaries, Helper
from tasks.clock import Clock
from tasks.embedded import EmbeddedWorker
from tasks.hints import Hints
from tasks.installation import Installation, open_installation
from tasks.lease import Leadership
from tasks.ledgers import Ledgers
from tasks.loop import Loop
from tasks.outside import Outside
from tasks.relay import Relay
from tasks.render import Renderer
from tasks.sanity import Sanity
from tasks.signs import BEAT, Part, Signs
from tasks.sweep import Sweeper
from tasks.times import Times
from tasks.watchdog import Patient, Watchdog
from workflow.db import Database
from workflow.issues.office import Office
from workflow.labels import load_labels
from workflow.operations.findings import CLOCK_LEASE
from workflow.outbox.policy import Manners


@dataclass
class Watch:
    """What a process does for the installation: signs of life, the audit, the outside heartbeat."""

    signs: Signs
    auditor: Auditor
    outside: Outside | None
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("watch", self.step, BEAT)

    def step(self) -> None:
        """A sign of life, and a look around."""
        self.signs.beat()
        self.auditor.step()

    def start(self) -> list[Patient]:
        """Show oneself at once, look around after one interval; what there is to look after."""
        self.signs.beat()
        self.loop.start()
        if self.outside is None:
            return [self.loop]
        self.outside.loop.start()
        return [self.loop, self.outside.loop]

    def stop(self) -> None:
        """Leave as one should."""
        if self.outside is not None:
            self.outside.loop.stop()
        self.loop.stop()
        self.auditor.lead.stop()
        self.signs.leave()


@dataclass
class Runtime:
    """One process of the product: database, office, broker and, embedded, worker and clock."""

    installation: Installation
    app: Celery
    times: Times
    hints: Hints
    relay: Relay
    sweeper: Sweeper
    worker: EmbeddedWorker
    lead: Leadership
    clock: Clock
    watch: Watch
    helper: Helper
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
        return self.times.now()

    def start(self, *, worker: bool = True, clock: bool = True, watch: bool = True) -> None:
        """From now on a commit with messages wakes the relay; take tasks and tick if so told."""
        gc.freeze()  # what stands by now stays: the collector need not walk it again and again
        self.database.nudge = self._nudge
        patients: list[Patient] = [self.hints]
        self.hints.start()
        if watch:
            patients += self.watch.start()
        if worker:
            self.worker.start()
            patients.append(self.worker)
        if clock:
            self.clock.start()
            self.lead.start()
            patients += [self.clock, self.lead]
        self.watchdog = Watchdog(patients)
        self.watchdog.start()

    def _nudge(self) -> None:
        self.hints.give(jobs.RELAY)

    def stop(self) -> bool:
        """Stop in under three seconds; False if a task is still at it: end the process then."""
        self.watchdog.stop()
        self.clock.stop()
        self.lead.stop()
        self.database.nudge = None
        self.hints.stop()
        is_clean = self.worker.stop()
        self.helper.wait(1.0)
        self.watch.stop()
        self.installation.close()
        return is_clean


def build(
    settings: Settings,
    *,
    now: datetime | None = None,
    loopback: bool = True,
    part: Part = "serve",
    times: Times | None = None,
) -> Runtime:
    """Open the installation and make its parts; nothing runs before `start`.

    The schema is in place. Raises ConfigError and SettingsError, each with what to mend, and Unsafe
    where something would be lost.
    """
    times = times or Times()
    guard.check_settings(settings)
    app = make_app(settings)
    guard.check_celery(app, settings)
    guard.check_broker(app, settings)
    installation = open_installation(settings, now=now or times.now(), loopback=loopback)
    database = installation.database
    audiences = Audiences(settings.zone, installation.office.channels, settings.base_url)
    hints = Hints(app, embedded=settings.embedded)
    relay = _relay(installation, times)
    sweeper = Sweeper(installation, times, Sanity(database, times, audiences))
    ledgers = Ledgers(installation, times)
    work = jobs.Work(relay, sweeper.sweep, sweeper.daily, sweeper.canaries, ledgers.go_on)
    jobs.register(app, work, hints)
    signs = Signs(database, times, part=part, file=settings.alive_file)
    audit_lead = Leadership(database, times, name=AUDIT_LEASE, holder=signs.id, length=AUDIT_LENGTH)
    auditor = Auditor(
        database,
        times,
        audiences,
        audit_lead,
        sweep=settings.tick_seconds,
        look_at_broker=None if settings.embedded else partial(look, app),
    )
    outside = settings.heartbeat_url and Outside(settings.heartbeat_url, lambda: auditor.is_green)
    lead, clock, helper = _clock(installation, times, sweeper, hints, relay, signs)
    return Runtime(
        installation=installation,
        app=app,
        times=times,
        hints=hints,
        relay=relay,
        sweeper=sweeper,
        worker=EmbeddedWorker(app),
        lead=lead,
        clock=clock,
        watch=Watch(signs, auditor, outside or None),
        helper=helper,
    )


def _clock(
    installation: Installation,
    times: Times,
    sweeper: Sweeper,
    hints: Hints,
    relay: Relay,
    signs: Signs,
) -> tuple[Leadership, Clock, Helper]:
    """The clock, its lease, and what it does while no worker works."""
    settings, database = installation.settings, installation.database
    lead = Leadership(
        database,
        times,
        name=CLOCK_LEASE,
        holder=signs.id,
        length=settings.lease_seconds,
        # The file of a SQLite installation is locked by its one server.
        by_force=settings.embedded and database.is_sqlite,
    )
    helper = Helper(sweeper.sweep, relay.run)
    clock = Clock(
        hints,
        tick_seconds=settings.tick_seconds,
        zone=settings.zone,
        leads=lambda: lead.leads,
        before=sweeper.sanity.is_frozen,
        after=Canaries(database, times, lead, hints, helper).step,
    )
    lead.is_fit = lambda: clock.is_well
    lead.on_gain = clock.take_over
    return lead, clock, helper


def _relay(installation: Installation, times: Times) -> Relay:
    settings = installation.settings
    return Relay(
        installation.database,
        installation.channels,
        Renderer(settings.zone, load_labels(settings.config_dir / "labels")),
        Manners(settings.zone, settings.quiet_hours, settings.daily_budget),
        base_url=settings.base_url,
        now=times.now,
    )
