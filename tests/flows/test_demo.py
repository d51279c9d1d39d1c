"""The demo city, seeded for the worst moments: what a newcomer sees, and that it moves at once."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from cli.demo import DemoReport, seed
from config.settings import Settings, load_settings
from tasks.installation import Installation, open_installation
from tests import databases
from workflow.audit import queries as audit
from workflow.audit.keys import key_pair
from workflow.db import Database
from workflow.deadlines.models import RungTaken
from workflow.errors import ConfigError
from workflow.escalation import actions as escalation
from workflow.evidence.storage import Storage
from workflow.issues.models import Issue
from workflow.issues.office import Office
from workflow.loops.vocabulary import COUNTS_AS
from workflow.notices.models import Paper
from workflow.operations.invariants import check
from workflow.outbox.models import InboxItem, Outbox
from workflow.plans.models import Plan, PlanTask

ISSUE, RUNG, PAPER = Issue.__table__, RungTaken.__table__, Paper.__table__
OUTBOX, INBOX = Outbox.__table__, InboxItem.__table__
PLAN, TASK = Plan.__table__, PlanTask.__table__
ZONE = ZoneInfo("Asia/Shanghai")
CONFIG = Path(__file__).resolve().parents[2] / "config"
HOLIDAY = datetime(2025, 10, 1, 3, tzinfo=ZONE)
UNPUBLISHED = datetime(2031, 3, 5, 15, tzinfo=ZONE)

NOT_SHOWN = {
    ("petition", "return_raised"): "the third return is shown on a rectification",
    ("petition", "cancelled"): "cancelling is shown on a rectification",
    ("part", "return_raised"): "the third return is shown on a rectification",
    ("milestone", "submitted"): "a milestone is verified as an issue is",
    ("milestone", "dropped"): "only a revision of the plan drops one",
    ("part", "merged"): "merging is shown on a rectification, a petition and a snapshot",
}
"""Reachable states without an example, and why."""
NO_LEDGER = "ledger"
"""The loop of what comes in from a workbook; the demo city brings in none."""


@dataclass
class Process:
    """What a serving process has at hand, at a moment that a test chooses."""

    installation: Installation
    at: datetime

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
        return self.at

    def rows(self, statement: Any) -> list[Any]:
        """What a statement finds."""
        with self.database.reading() as tx:
            return list(tx.execute(statement))


def opened(url: str, data_dir: Path, at: datetime, config: Path = CONFIG) -> Process:
    """A process of the demo over a database that has its tables."""
    settings = load_settings(
        env_file=None, demo=True, data_dir=data_dir, database_url=url, config_dir=config
    )
    at = at.astimezone(UTC)
    return Process(open_installation(settings, now=at), at)


@dataclass
class Seeded:
    """A seeded city: its file, to be copied by whoever changes it."""

    file: Path
    data_dir: Path
    at: datetime
    report: DemoReport


@pytest.fixture(scope="module", params=[HOLIDAY, UNPUBLISHED], ids=["1-october-3am", "2031"])
def seeded(
    request: pytest.FixtureRequest,
    sqlite: databases.SQLite,
    tmp_path_factory: pytest.TempPathFactory,
) -> Seeded:
    """The city, seeded once a moment for all tests of this file."""
    folder = tmp_path_factory.mktemp("demo")
    with sqlite.fresh(folder) as url:
        process = opened(url, folder / "data", request.param)
        report = seed(process)
        process.installation.close()
        return Seeded(Path(url.removeprefix("sqlite:///")), folder / "data", process.at, report)


@pytest.fixture
def process(seeded: Seeded, tmp_path: Path) -> Iterator[Process]:
    """A copy of the seeded city, opened."""
    copy = shutil.copyfile(seeded.file, tmp_path / "bihuan.db")
    found = opened(f"sqlite:///{copy}", seeded.data_dir, seeded.at)
    yield found
    found.installation.close()


def test_every_state_that_can_be_reached_has_an_example(process: Process) -> None:
    shown = {tuple(row) for row in process.rows(select(ISSUE.c.loop, ISSUE.c.state))}
    loops = [loop for loop in process.office.loops.values() if loop.name != NO_LEDGER]
    states = {(loop.name, state) for loop in loops for state in loop.states}
    assert states - shown == NOT_SHOWN.keys()


def test_every_lamp_burns_and_every_outcome_is_counted(process: Process) -> None:
    lamps = Counter(row.lamp for row in process.rows(select(ISSUE.c.lamp).where(ISSUE.c.is_open)))
    assert lamps.keys() == process.office.lamps.keys()
    outcomes = {row.counts_as for row in process.rows(select(ISSUE.c.counts_as))}
    assert outcomes - {None} == set(COUNTS_AS)


def test_about_sixty_issues_besides_their_parts(process: Process, seeded: Seeded) -> None:
    is_problem = ISSUE.c.parent_id.is_(None) & ISSUE.c.milestone_id.is_(None)
    rows = process.rows(select(ISSUE.c.id).where(is_problem))
    assert 55 <= len(rows) <= 70
    assert seeded.report.issues == len(rows)
    assert len(seeded.report.accounts) > 150


def test_the_plan_runs_and_names_the_tasks_of_the_issues(process: Process) -> None:
    [plan] = process.rows(select(PLAN).where(PLAN.c.state == "running"))
    tasks = {row.code for row in process.rows(select(TASK.c.code))}
    assert len(tasks) == 25
    named = {
        row.task for row in process.rows(select(ISSUE.c.task).where(ISSUE.c.task.is_not(None)))
    }
    assert named <= tasks
    assert len(named) > 10
    states = Counter(
        row.state
        for row in process.rows(select(ISSUE.c.state).where(ISSUE.c.milestone_id.is_not(None)))
    )
    assert states["asked"] == 1, "one is left to be answered"
    assert states["running"] >= 10
    assert states["accepted"] >= 1
    assert plan.organiser_unit_id is not None
    assert plan.supervising_unit_id is not None


def test_the_one_to_walk_waits_for_the_township_to_accept_it(
    process: Process, seeded: Seeded
) -> None:
    [walk] = process.rows(select(ISSUE).where(ISSUE.c.number == seeded.report.walk_number))
    assert (walk.state, walk.owner_post, walk.lamp) == ("assigned", "handler", "none")
    first = seeded.report.accounts[0]
    assert (first.login, first.unit) == ("qingshan.handler", "青山镇")
    assert walk.move_due_at.astimezone(UTC) > process.at + timedelta(hours=1)


def test_every_invariant_holds(process: Process) -> None:
    with process.database.reading() as tx:
        assert [violation.text() for violation in check(tx, process.at)] == []


def test_all_chains_verify_and_hold_no_reporter(process: Process) -> None:
    keys = key_pair(process.settings.data_dir)
    with process.database.reading() as tx:
        report = audit.verify(tx, key=process.office.mac_key, public_key=keys.public)
        told = "".join(audit.export(tx, now=process.at))
    assert report.is_sound, report.findings
    assert "住户甲" not in told
    assert "热线转办" not in told


def test_nothing_lies_in_the_future_and_nothing_is_overdue_for_the_clock(process: Process) -> None:
    for table, column in (("event", "at"), ("rung_taken", "at"), ("outbox", "created_at")):
        latest = process.rows(text(f"select max({column}) from {table}"))[0][0]
        assert datetime.fromisoformat(latest).replace(tzinfo=UTC) <= process.at
    report = escalation.tick(process.database, process.office, process.at)
    assert report.is_idle


def test_old_messages_have_arrived_and_been_read(process: Process) -> None:
    fresh = process.at - timedelta(minutes=10)
    waiting = process.rows(select(OUTBOX.c.created_at).where(OUTBOX.c.state == "waiting"))
    assert all(row.created_at >= fresh for row in waiting)
    assert len(waiting) <= 20, "the relay would flood the first minute"
    unread = process.rows(select(INBOX.c.at).where(INBOX.c.read_at.is_(None)))
    assert all(row.at >= process.at - timedelta(hours=10) for row in unread)
    arrived = process.rows(select(func.count()).select_from(INBOX))[0][0]
    assert arrived > 300
    at = process.rows(select(func.min(INBOX.c.at)))[0][0]
    assert at < process.at - timedelta(days=90), "messages keep the time at which they were sent"


def test_within_two_minutes_it_reminds_escalates_and_drafts_a_paper(process: Process) -> None:
    for seconds in range(10, 121, 10):
        now = process.at + timedelta(seconds=seconds)
        report = escalation.tick(process.database, process.office, now)
        assert report.failed == 0
    since = process.at
    rungs = process.rows(select(RUNG.c.level).where(RUNG.c.at > since, RUNG.c.outcome == "taken"))
    assert {row.level for row in rungs} >= {1, 2, 3}
    assert len(rungs) >= 6
    sent = {
        row.message
        for row in process.rows(select(OUTBOX.c.message).where(OUTBOX.c.created_at > since))
    }
    assert sent >= {"reminder", "overdue", "warning", "paper_to_sign"}
    drafts = process.rows(
        select(PAPER.c.kind).where(PAPER.c.created_at > since, PAPER.c.state == "draft")
    )
    assert "supervision" in {row.kind for row in drafts}


def test_papers_of_every_stage_wait_or_are_answered(process: Process) -> None:
    found = {(row.kind, row.state) for row in process.rows(select(PAPER.c.kind, PAPER.c.state))}
    assert found >= {
        ("supervision", "signed"),
        ("supervision", "draft"),
        ("bulletin", "signed"),
        ("admonition", "draft"),
    }
    answered = process.rows(select(PAPER.c.id).where(PAPER.c.answered_at.is_not(None)))
    assert answered


def test_photographs_lie_in_the_storage(process: Process) -> None:
    storage = Storage(process.settings.data_dir / "evidence")
    files = process.rows(
        text("select e.name, b.copy_sha256 from evidence e join blob b using (sha256)")
    )
    assert len(files) > 40
    assert {row.name for row in files} == {"现场.jpg", "整改后.jpg"}
    assert storage.get(files[0].copy_sha256).startswith(b"\xff\xd8")


def test_a_second_start_finds_the_city_and_leaves_it_alone(
    process: Process, seeded: Seeded
) -> None:
    before = process.rows(text("select count(*), max(id) from event"))
    again = seed(process, now=process.at + timedelta(days=3))
    assert not again.seeded
    assert again.counts == {}
    assert again.walk_number == seeded.report.walk_number
    assert process.rows(text("select count(*), max(id) from event")) == before


def few_stories(folder: Path, *names: str) -> Path:
    """The configuration with some files of stories only."""
    config = Path(shutil.copytree(CONFIG, folder / "config"))
    for path in (config / "demo" / "issues").glob("*.yaml"):
        if path.name not in names:
            path.unlink()
    return config


def test_the_city_stands_on_postgresql_too(postgres_url: str, tmp_path: Path) -> None:
    config = few_stories(tmp_path, "2-infrastructure.yaml", "5-mines.yaml")
    process = opened(postgres_url, tmp_path / "data", HOLIDAY, config)
    report = seed(process)
    assert report.counts["issues"] == report.issues == 14
    tick = escalation.tick(process.database, process.office, process.at + timedelta(minutes=2))
    assert tick.failed == 0
    assert tick.tally.taken > 0
    process.installation.close()


def test_a_step_that_the_engine_refuses_is_named_and_nothing_stays(
    sqlite_url: str, tmp_path: Path
) -> None:
    config = few_stories(tmp_path, "2-infrastructure.yaml")
    path = config / "demo" / "issues" / "2-infrastructure.yaml"
    said = path.read_text(encoding="utf-8")
    wrong = said.replace("{until: +40d,", "{untill: +40d,", 1)
    assert wrong != said
    path.write_text(wrong, encoding="utf-8")
    process = opened(sqlite_url, tmp_path / "data", HOLIDAY, config)
    with pytest.raises(ConfigError) as caught:
        seed(process)
    assert caught.value.file == "2-infrastructure.yaml"
    assert caught.value.key == "pipe-wx.request_extension"
    assert "untill" in caught.value.text()
    assert process.rows(select(ISSUE.c.id)) == []
    path.write_text(said, encoding="utf-8")
    assert seed(process).seeded
    process.installation.close()
