"""A restored installation keeps silent until an operator has looked: real relay, mail and files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cli.main import app
from config.mail import MailServer
from config.settings import load_settings
from tasks import quarantine as lifting
from tasks.audience import Audiences
from tasks.channels import Channels
from tasks.channels.file import NAME, File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from tasks.installation import Installation
from tasks.quarantine import Lifted
from tasks.relay import Relay
from tasks.render import Renderer
from tasks.sanity import Sanity
from tasks.sweep import Sweeper
from tasks.times import Times
from tests.databases import SQLite
from tests.flows.escalation.papers import drafts, fates, rectify_clock
from tests.flows.issues.walks import assigned, rectifying
from tests.mail import Sink
from tests.operations.backups import back_up_of, restore
from tests.web.conftest import Visitor, WorldRuntime
from tests.world import CONFIG, START, World, build
from web.app import create_app
from workflow import migrate
from workflow.db import Database
from workflow.errors import Conflict, Invalid, NotAllowed
from workflow.evidence.storage import Storage
from workflow.issues.opening import open_office
from workflow.labels import load_labels
from workflow.operations import actions, quarantine, queries
from workflow.operations.findings import ChannelReading, Finding, Readings, judge
from workflow.operations.invariants import check
from workflow.operations.quarantine import Held, Outcome
from workflow.outbox import actions as outbox
from workflow.outbox.policy import Manners
from workflow.units.queries import mark_changed

ORIGIN = "ab" * 32
CHANNELS = ("inbox", "mail", "file")
REASON = "原系统昨天下午停机，已核对"


@dataclass
class Plant:
    """An installation with every channel, and what has come out of it."""

    world: World
    installation: Installation
    relay: Relay
    sweeper: Sweeper
    sink: Sink
    folder: Path

    def run(self, seconds: float = 61) -> None:
        """Let time pass, sweep, deliver."""
        self.world.after(seconds=seconds)
        self.sweeper.sweep()
        self.relay.run()

    def mails(self) -> list[tuple[str, str]]:
        """Recipient and Message-ID of every mail that has arrived."""
        pairs = zip(self.sink.envelopes, self.sink.messages, strict=True)
        return [(envelope.rcpt_tos[0], mail["Message-ID"]) for envelope, mail in pairs]

    def files(self) -> list[str]:
        """The keys of the messages written to the file channel."""
        path = self.folder / NAME
        if not path.exists():
            return []
        return [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]

    def restored(self) -> Held:
        """What `bihuan restore` does last."""
        with self.world.database.transaction() as tx:
            return quarantine.begin(
                tx,
                origin=ORIGIN,
                taken_at=self.world.now - timedelta(hours=8),
                now=self.world.now,
            )

    def lift(self, outcome: Outcome, login: str = "root", reason: str = REASON) -> Lifted:
        """What `bihuan quarantine --lift` does."""
        by = self.world.actor(login)
        return lifting.lift(
            self.installation, outcome=outcome, by=by, reason=reason, now=self.world.now
        )

    def states(self, channel: str) -> list[str]:
        """The states of all messages of a channel."""
        return [
            row[0] for row in self.ask("select state from outbox where channel = :c", c=channel)
        ]

    def ask(self, sql: str, **params: object) -> list[Any]:
        with self.world.database.reading() as tx:
            asked = text(sql)
            if "at" in params:
                asked = asked.bindparams(bindparam("at", type_=UTCDateTime()))
            return [tuple(row) for row in tx.execute(asked, params)]


@contextmanager
def opened(url: str, sink: Sink, folder: Path) -> Iterator[Plant]:
    """The small city with every channel, in a database that says that it has been migrated."""
    database = Database(url, pool_size=5)
    build(database)
    with database.transaction() as tx:
        tx.exec_driver_sql("create table alembic_version (version_num varchar(32) not null)")
        tx.exec_driver_sql(f"insert into alembic_version values ('{migrate.head()}')")
        tx.execute(text("update person set email = login || '@example.gov.cn'"))
        mark_changed(tx)
    try:
        yield plant_of(database, sink, folder)
    finally:
        database.close()


def plant_of(database: Database, sink: Sink, folder: Path, now: datetime = START) -> Plant:
    """An installation on this database, as a process builds it."""
    office = open_office(database, CONFIG, mac_key=b"k" * 32, now=now)
    world = World(database, replace(office, channels=CHANNELS), now)
    settings = load_settings(env_file=None, data_dir=folder)
    channels: Channels = {
        "inbox": Inbox(),
        "mail": Mail(MailServer.parse(sink.url)),
        "file": File(folder / "outgoing"),
    }
    installation = Installation(settings, database, world.office, channels, b"k" * 32)
    times = Times(now=lambda: world.now, steady=lambda: 0.0, server=lambda _tx: world.now)
    audiences = Audiences(world.office.timing.zone, CHANNELS, "https://bihuan.example.gov.cn")
    sanity = Sanity(database, times, audiences)
    sanity.is_frozen = lambda: False  # type: ignore[method-assign]
    relay = Relay(
        database,
        channels,
        Renderer(settings.zone, load_labels(CONFIG / "labels")),
        Manners(settings.zone, daily_budget=1000),
        base_url="https://bihuan.example.gov.cn",
        now=lambda: world.now,
    )
    sweeper = Sweeper(installation, times, sanity)
    return Plant(world, installation, relay, sweeper, sink, folder / "outgoing")


@pytest.fixture
def plant(database_url: str, mail_sink: Sink, tmp_path: Path) -> Iterator[Plant]:
    """On each database."""
    with opened(database_url, mail_sink, tmp_path) as found:
        yield found


@pytest.fixture
def lite(sqlite_url: str, mail_sink: Sink, tmp_path: Path) -> Iterator[Plant]:
    """Where both databases do the same."""
    with opened(sqlite_url, mail_sink, tmp_path) as found:
        yield found


def waiting_for_mail(plant: Plant) -> str:
    """An issue of which everybody has been told, and another one of which nobody has."""
    number = rectifying(plant.world)
    plant.run()
    assert plant.mails()
    assert plant.files()
    assigned(plant.world)
    assert "waiting" in plant.states("mail")
    return number


# -- nothing leaves --------------------------------------------------------------------------------


def test_nothing_leaves_and_the_inbox_goes_on(plant: Plant) -> None:
    waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    plant.restored()
    assigned(plant.world)
    for _ in range(3):
        plant.run(600)
    assert (plant.mails(), plant.files()) == (mails, files)
    assert set(plant.states("inbox")) == {"sent"}


def test_urgent_messages_wait_too(lite: Plant) -> None:
    lite.restored()
    with lite.world.database.transaction() as tx:
        audience = actions.Audience((1,), CHANNELS)
        found = Finding("channel_down", "red", lite.world.now, "sms", {"channel": "sms"})
        actions.raise_one(tx, found, now=lite.world.now, audience=audience)
    lite.run()
    assert (lite.mails(), lite.files()) == ([], [])


def test_no_rung_is_taken_and_no_period_ends(plant: Plant) -> None:
    number = rectifying(plant.world)
    plant.restored()
    before = rectify_clock(plant.world, number)
    plant.run(43 * 86_400)
    plant.sweeper.daily()
    assert fates(plant.world, number) == []
    assert drafts(plant.world) == []
    assert rectify_clock(plant.world, number) == before
    assert plant.ask("select count(*) from checkpoint") == [(0,)]


def test_claims_of_the_old_installation_end_and_are_told_apart(plant: Plant) -> None:
    assigned(plant.world)
    plant.world.after(minutes=2)
    with plant.world.database.transaction() as tx:
        claimed = outbox.claim(
            tx, channel="mail", limit=1, now=plant.world.now, lease=timedelta(hours=9)
        )
    assert len(claimed) == 1
    held = plant.restored()
    waiting = plant.states("mail").count("waiting")
    assert held.pending["mail"] == [waiting, 1]
    assert plant.states("mail").count("leased") == 0
    with plant.world.database.transaction() as tx:
        assert outbox.renew(tx, claimed, now=plant.world.now, lease=timedelta(hours=1)) == []


# -- lifting ---------------------------------------------------------------------------------------


def test_released_messages_leave_once_and_what_was_sent_before_never_again(plant: Plant) -> None:
    number = waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    plant.restored()
    plant.run(43 * 86_400)
    done = plant.lift("released")
    assert done.messages["mail"] == done.messages["file"] > 0
    for _ in range(3):
        plant.run()
    assert plant.mails()[: len(mails)] == mails
    assert len(plant.mails()) > len(mails)
    assert len(set(plant.mails())) == len(plant.mails())
    assert plant.files()[: len(files)] == files
    assert len(set(plant.files())) == len(plant.files())
    assert not {"waiting", "void"} & set(plant.states("file"))
    assert "taken" in [outcome for _, _, outcome in fates(plant.world, number)]


def test_discarded_messages_never_leave_and_what_fell_due_is_told_in_app_only(
    plant: Plant,
) -> None:
    number = waiting_for_mail(plant)
    mails, files = plant.mails(), plant.files()
    held = plant.restored()
    fresh = assigned(plant.world, title="恢复以后登记的问题")
    fell_due = plant.world.after(seconds=1)
    plant.run(43 * 86_400)
    done = plant.lift("discarded")
    assert done.messages["mail"] > 0
    assert done.taken > 0
    for _ in range(3):
        plant.run()
    # Only what was put after the restore has left, and each of it once.
    left = [key for key in plant.files() if key not in files]
    known = plant.ask("select key from outbox where id > :id", id=held.last_outbox_id)
    assert left
    assert {*left} <= {row[0] for row in known}
    assert len(set(plant.files())) == len(plant.files())
    assert len(plant.mails()) > len(mails)
    told = plant.ask("select distinct channel from outbox where created_at > :at", at=fell_due)
    assert told == [("inbox",)]
    assert "taken" in [outcome for _, _, outcome in fates(plant.world, number)]
    voided = plant.ask("select distinct channel, last_error from outbox where state = 'void'")
    assert set(voided) == {("mail", REASON), ("file", REASON)}
    assert plant.world.chain_is_whole(number)
    assert plant.world.chain_is_whole(fresh)


def test_after_lifting_everything_is_as_usual(lite: Plant) -> None:
    number = rectifying(lite.world)
    lite.restored()
    lite.lift("discarded")
    lite.run()
    count = len(lite.mails())
    lite.run(43 * 86_400)
    lite.run()
    assert len(lite.mails()) > count
    assert drafts(lite.world)
    assert lite.world.chain_is_whole(number)
    lite.sweeper.daily()
    assert lite.ask("select count(*) from checkpoint") == [(1,)]


def test_who_lifted_it_why_and_what_became_of_the_messages_is_on_record(lite: Plant) -> None:
    assigned(lite.world)
    lite.restored()
    lite.world.after(hours=1)
    lite.lift("discarded", reason=f" {REASON} ")
    with lite.world.database.reading() as tx:
        assert quarantine.current(tx) is None
    ((by, reason, outcome, origin),) = lite.ask(
        "select lifted_by_id, reason, outcome, origin from quarantine"
    )
    assert by == lite.world.actor("root").person_id
    assert (reason, outcome, origin) == (REASON, "discarded", ORIGIN)


@pytest.mark.parametrize(
    ("login", "reason", "fault"),
    [("gj.dispatcher", REASON, NotAllowed), ("root", " ", Invalid), ("root", "由" * 501, Invalid)],
    ids=["no administrator", "no reason", "too long a reason"],
)
def test_only_an_administrator_lifts_it_and_says_why(
    lite: Plant, login: str, reason: str, fault: type[Exception]
) -> None:
    rectifying(lite.world)
    lite.restored()
    lite.world.after(days=43)
    for outcome in ("released", "discarded"):
        with pytest.raises(fault):
            lite.lift(outcome, login, reason)
    lite.run()
    assert lite.files() == []
    assert lite.ask("select count(*) from rung_taken") == [(0,)]


def test_without_a_quarantine_there_is_nothing_to_lift(lite: Plant) -> None:
    with pytest.raises(Invalid, match="不在隔离中"):
        lite.lift("released")


def test_time_has_to_be_right_before_what_fell_due_is_put_on_record(lite: Plant) -> None:
    lite.restored()
    with lite.world.database.transaction() as tx:
        jump = Finding("clock_jump", "red", lite.world.now, params={"seconds": 900})
        actions.raise_one(tx, jump, now=lite.world.now, audience=actions.Audience())
    with pytest.raises(Conflict, match="clock-ok"):
        lite.lift("discarded")


# -- a real backup, a real restore, the same mail server -------------------------------------------


@pytest.mark.parametrize("outcome", ["released", "discarded"])
def test_nothing_that_was_sent_before_a_backup_is_sent_again_after_its_restore(
    plant: Plant, outcome: Outcome, mail_sink: Sink, sqlite: SQLite, tmp_path: Path
) -> None:
    waiting_for_mail(plant)
    storage = Storage(tmp_path / "evidence")
    file = tmp_path / "city.bihuan"
    back_up_of(plant.world.database, storage, file, plant.world.now)
    sent, waiting = plant.mails(), plant.states("mail").count("waiting")
    if outcome == "discarded":  # the old installation goes on for a while
        plant.run()
    known = plant.mails()
    with sqlite.fresh(tmp_path, schema=False) as url:
        database = Database(url, pool_size=5)
        try:
            restore(file, database, tmp_path / "new", plant.world.now)
            again = plant_of(database, mail_sink, tmp_path / "new", plant.world.now)
            for _ in range(3):
                again.run()
            assert again.mails() == known
            again.lift(outcome)
            for _ in range(3):
                again.run()
            after = again.mails()
            assert again.states("mail").count("void") == (waiting if outcome == "discarded" else 0)
            assert "waiting" not in again.states("mail")
            with database.reading() as tx:
                assert check(tx, again.world.now) == ()
        finally:
            database.close()
    assert len(set(after)) == len(after)
    assert after[: len(known)] == known
    if outcome == "discarded":
        assert after == known
        assert len(known) > len(sent)
    else:
        assert len(after) > len(sent)
    assert again.files() == [] if outcome == "discarded" else again.files()


# -- what is shown ---------------------------------------------------------------------------------


def test_it_is_red_and_what_is_held_on_purpose_is_not_late(lite: Plant) -> None:
    now = lite.world.now
    late = now - timedelta(days=2)
    channels = (ChannelReading("mail", 3, late, late, late), ChannelReading("inbox", 1, late))
    found = Readings(
        now,
        timedelta(seconds=10),
        quarantined_since=late,
        rung_due_since=late,
        channels=channels,
    )
    assert [(each.kind, each.subject) for each in judge(found)] == [
        ("quarantine", ""),
        ("message_late", "inbox"),
    ]
    lite.restored()
    with lite.world.database.reading() as tx:
        seen = queries.readings(tx, at=now, sweep=timedelta(seconds=10))
    assert seen.quarantined_since == now


def test_pages_say_it_to_administrators_and_machines(lite: Plant) -> None:
    world = lite.world
    assigned(world)
    settings = lite.installation.settings.model_copy(update={"demo": True})
    with TestClient(
        create_app(WorldRuntime(world, settings)), base_url="http://127.0.0.1:8000"
    ) as client:
        admin = Visitor(client, world).enter("root")
        assert "隔离中" not in admin.client.get("/").text
        lite.restored()
        assert "隔离中，什么都不发出" in admin.client.get("/").text
        page = admin.client.get("/health").text
        assert "备份时待发" in page
        assert "bihuan quarantine --lift --discard --as root" in page
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["quarantine"]["state"] == "red"
        Visitor(client, world).enter("gj.dispatcher")
        assert "隔离中" not in client.get("/").text


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def shell(lite: Plant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """A terminal at the machine of the lite."""
    url = lite.world.database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("BIHUAN_DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BIHUAN_FILE_CHANNEL", str(tmp_path / "outgoing"))
    return CliRunner()


def test_the_command_shows_what_is_held_and_lifts(lite: Plant, shell: CliRunner) -> None:
    free = shell.invoke(app, ["quarantine"])
    assert (free.exit_code, free.stdout) == (0, "系统不在隔离中。\n")
    assigned(lite.world)
    count = lite.states("mail").count("waiting")
    lite.restored()
    shown = shell.invoke(app, ["quarantine"])
    assert shown.exit_code == 1
    assert f"mail：备份时待发 {count} 条" in shown.stdout
    said = shell.invoke(app, ["quarantine", "--json"])
    held = json.loads(said.stdout)["quarantine"]
    assert held["channels"]["file"] == {"before": count, "in_flight": 0, "since": 0}
    assert held["origin"] == ORIGIN

    for words in (
        [],
        ["--release", "--discard", "--as", "root", "--reason", REASON],
        ["--discard"],
        ["--discard", "--as", "root"],
    ):
        assert shell.invoke(app, ["quarantine", "--lift", *words]).exit_code == 2
    who = ["--as", "gj.dispatcher", "--reason", REASON]
    refused = shell.invoke(app, ["quarantine", "--lift", "--discard", *who])
    assert (refused.exit_code, "系统管理员" in refused.stderr) == (1, True)

    who = ["--as", "root", "--reason", REASON]
    lifted = shell.invoke(app, ["quarantine", "--lift", "--discard", *who])
    assert lifted.exit_code == 0, lifted.stderr
    assert f"{2 * count} 条消息作废" in lifted.stdout
    again = shell.invoke(app, ["quarantine", "--lift", "--discard", *who])
    assert (again.exit_code, "无须解除" in again.stderr) == (1, True)
