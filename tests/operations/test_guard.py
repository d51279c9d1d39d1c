"""What a process refuses to start with: one line that says what to set right, and exit 2."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from config.settings import Settings, load_settings
from tasks import guard
from tasks.app import make_app
from tasks.guard import Unsafe
from tests.conftest import own_server
from tests.operations.processes import KEY
from tests.servers import free_port, start_valkey
from workflow import migrate
from workflow.db import Database

PARTS = ("web", "worker", "clock")


def refused(*words: str) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    result = CliRunner().invoke(app, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr.strip()


def started(part: str, *words: str) -> tuple[int, str]:
    return refused(part, *(("--port", str(free_port())) if part == "web" else ()), *words)


@pytest.fixture
def installed(
    postgresql: object, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """Settings with which every part would start."""
    with postgresql.fresh(schema=False) as url:  # type: ignore[attr-defined]
        for name, value in {
            "DATABASE_URL": url,
            "BROKER_URL": redis_url,
            "SECRET_KEY": KEY,
            "DATA_DIR": str(tmp_path / "data"),
        }.items():
            monkeypatch.setenv(f"BIHUAN_{name}", value)
        monkeypatch.chdir(tmp_path)
        database = Database(url)
        migrate.upgrade(database)
        yield database
        database.close()


@pytest.fixture
def evicting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis of our own that throws away what it likes."""
    with own_server(lambda: start_valkey(tmp_path)) as url:
        with Redis.from_url(url) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        monkeypatch.setenv("BIHUAN_BROKER_URL", url)
        yield


def one_line(said: str, *words: str) -> None:
    assert len(said.splitlines()) == 1, said
    for word in words:
        assert word in said


@pytest.mark.parametrize("part", PARTS)
def test_a_redis_that_evicts_is_refused(installed: Database, evicting: None, part: str) -> None:
    code, said = started(part)
    assert code == 2
    one_line(said, "allkeys-lru", "noeviction")


@pytest.mark.parametrize("part", PARTS)
def test_a_newer_schema_is_refused_by_name(installed: Database, part: str) -> None:
    with installed.transaction() as tx:
        tx.execute(text("update alembic_version set version_num = '9999'"))
    code, said = started(part)
    assert code == 2
    one_line(said, "9999", migrate.head())


@pytest.mark.parametrize("part", PARTS)
def test_a_schema_that_is_behind_wants_to_be_migrated_first(installed: Database, part: str) -> None:
    migrate.downgrade(installed, "0001")
    code, said = started(part)
    assert code == 2
    one_line(said, "0001", "bihuan migrate")


@pytest.mark.parametrize("part", PARTS)
def test_a_task_may_not_be_handed_out_again_while_it_is_worked_on(
    installed: Database, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setenv("BIHUAN_TASK_LIMIT_SECONDS", "600")
    code, said = started(part)
    assert code == 2
    one_line(said, "BIHUAN_VISIBILITY_SECONDS（300）", "BIHUAN_TASK_LIMIT_SECONDS（600）")


@pytest.mark.parametrize("part", PARTS)
def test_parts_do_not_meet_in_a_file(
    installed: Database, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", "sqlite:///data/bihuan.db")
    code, said = started(part)
    assert code == 2
    one_line(said, "PostgreSQL", "bihuan serve")


@pytest.mark.parametrize(
    ("part", "words"), [("web", ("--host", "0.0.0.0")), ("worker", ()), ("clock", ())]
)
def test_nobody_serves_others_with_a_key_of_their_own_making(
    installed: Database, monkeypatch: pytest.MonkeyPatch, part: str, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("BIHUAN_SECRET_KEY")
    code, said = started(part, *words)
    assert code == 2
    one_line(said, "BIHUAN_SECRET_KEY")


def test_a_database_that_does_not_answer_is_one_line_and_no_trace(
    installed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x")
    code, said = started("clock")
    assert code == 1
    one_line(said, "BIHUAN_DATABASE_URL")


def test_serve_refuses_a_newer_schema_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bihuan.db")
    migrate.upgrade(database)
    with database.transaction() as tx:
        tx.execute(text("update alembic_version set version_num = '9999'"))
    database.close()
    code, said = refused("serve", "--port", str(free_port()), "--data-dir", str(tmp_path))
    assert code == 2
    one_line(said, "9999", migrate.head())


# -- Celery by the book ----------------------------------------------------------------------------


@pytest.fixture(params=["inproc://", "redis://127.0.0.1:1/0"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings with each kind of broker; neither is spoken to."""
    return load_settings(env_file=None, broker_url=request.param)


def test_what_is_made_keeps_every_rule(settings: Settings) -> None:
    guard.check_celery(make_app(settings), settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", False),
        ("task_reject_on_worker_lost", False),
        ("task_ignore_result", False),
        ("task_time_limit", None),
        ("accept_content", ["json", "pickle"]),
    ],
)
def test_a_setting_that_loses_tasks_is_named(settings: Settings, name: str, value: object) -> None:
    app = make_app(settings)
    app.conf.update({name: value})
    with pytest.raises(Unsafe, match=name):
        guard.check_celery(app, settings)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("worker_prefetch_multiplier", {"worker_prefetch_multiplier": 4}),
        ("broker_connection_max_retries", {"broker_connection_max_retries": 100}),
        (
            "visibility_timeout",
            {
                "broker_transport_options": {
                    "visibility_timeout": 119,
                    "unacked_restore_throttle": 1,
                }
            },
        ),
        (
            "unacked_restore_throttle",
            {
                "broker_transport_options": {
                    "visibility_timeout": 300,
                    "unacked_restore_throttle": 10,
                }
            },
        ),
    ],
)
def test_a_setting_that_loses_tasks_on_redis_is_named(
    name: str, changed: dict[str, object]
) -> None:
    settings = load_settings(env_file=None, broker_url="redis://127.0.0.1:1/0")
    app = make_app(settings)
    app.conf.update(changed)
    with pytest.raises(Unsafe, match=name):
        guard.check_celery(app, settings)


def test_a_broker_that_is_away_is_waited_for() -> None:
    settings = load_settings(env_file=None, broker_url="redis://127.0.0.1:1/0")
    guard.check_broker(make_app(settings), settings)
