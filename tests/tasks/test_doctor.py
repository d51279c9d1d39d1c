"""What `bihuan doctor` finds, and that looking changes nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from tests.mail import Sink
from workflow import migrate
from workflow.db import Database
from workflow.outbox import actions, policy
from workflow.outbox.actions import Notice


def examined(*words: str) -> tuple[int, dict[str, list[str]]]:
    """Exit code, and subject → states."""
    result = CliRunner().invoke(app, ["doctor", "--json", *words])
    report: dict[str, Any] = json.loads(result.stdout)
    states: dict[str, list[str]] = {}
    for finding in report["findings"]:
        states.setdefault(finding["subject"], []).append(finding["state"])
    assert report["healthy"] == (result.exit_code == 0)
    return result.exit_code, states


@pytest.fixture
def installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_database_url: str
) -> Iterator[Database]:
    """A database with the schema, and the settings that lead to it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("BIHUAN_DATABASE_URL", bare_database_url)
    database = Database(bare_database_url)
    migrate.upgrade(database)
    yield database
    database.close()


def test_a_new_installation_is_healthy_and_lacks_people(installed: Database) -> None:
    code, states = examined()
    assert code == 0
    assert states["posts"] == ["attention"]
    assert states["schema"] == ["ok"]
    assert states["broker"] == ["ok"]


def test_looking_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, states = examined()
    assert code == 1
    assert states["data"] == ["broken"]
    assert states["database"] == ["broken"]
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_the_schema_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_database_url: str
) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", bare_database_url)
    if bare_database_url.startswith("sqlite"):
        Path(bare_database_url.removeprefix("sqlite:///")).touch()
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    code, states = examined()
    assert code == 1
    assert states["schema"] == ["broken"]


def test_servers_that_are_away_are_named(
    installed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIHUAN_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("BIHUAN_MAIL_URL", "smtp://127.0.0.1:1/?from=a@example.gov.cn")
    code, states = examined()
    assert code == 1
    assert states["broker"] == ["broken"]
    assert sorted(states["channel"]) == ["broken", "ok"]


def test_servers_that_answer_are_well(
    installed: Database, monkeypatch: pytest.MonkeyPatch, redis_url: str, mail_sink: Sink
) -> None:
    monkeypatch.setenv("BIHUAN_BROKER_URL", redis_url)
    monkeypatch.setenv("BIHUAN_MAIL_URL", mail_sink.url)
    with Redis.from_url(redis_url) as client:
        policy_before = client.config_get("maxmemory-policy")["maxmemory-policy"]
    code, states = examined()
    assert code == 0
    assert states["broker"] == ["ok" if policy_before == "noeviction" else "attention"]
    assert states["channel"] == ["ok", "ok"]


def test_messages_that_nobody_delivers_are_named(installed: Database) -> None:
    now = datetime.now(UTC)
    with installed.transaction() as tx:
        tx.execute(
            text("insert into person (login, name, lang, active) values ('a','甲','zh',true)")
        )
        person = tx.execute(text("select id from person")).scalar_one()
        for effect, since in (("late", timedelta(hours=1)), ("dead", timedelta(hours=2))):
            notice = Notice(effect, "reminder", {"number": "1", "title": "题"}, (person,), None)
            actions.put(tx, [notice], channels=("inbox",), now=now - since)
        (given_up,) = actions.claim(
            tx, channel="inbox", limit=1, now=now, lease=timedelta(minutes=1)
        )
        actions.settle(tx, [policy.failed(given_up, "x", permanent=True, now=now)], now=now)
    code, states = examined()
    assert code == 1
    assert states["delivery"] == ["attention", "broken"]
