"""`bihuan token` as somebody types it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from cli import token
from config.settings import Settings, load_settings
from tasks.installation import open_database
from workflow import migrate
from workflow.tokens import queries
from workflow.units import actions as units

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with one person."""
    settings = load_settings(env_file=None, data_dir=tmp_path)
    database = open_database(settings)
    migrate.upgrade(database)
    now = datetime.now(UTC)
    with database.transaction() as tx:
        units.add_person(tx, login="qs.zhang", name="某张", now=now, door="test")
    database.close()
    return settings


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command for this installation."""
    app = typer.Typer()
    app.add_typer(token.app, name="token")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(app, ["token", *arguments])


def test_a_token_is_shown_once_and_can_be_taken_away(run: Run, settings: Settings) -> None:
    made = run("add", "qs.zhang", "--days", "2", "--label", "热线平台")
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert secret.startswith("bihuan_")
    assert "请立即保存" in made.stderr
    assert secret not in made.stderr

    listed = run("list")
    assert "qs.zhang" in listed.stdout
    assert "热线平台" in listed.stdout
    assert secret not in listed.stdout
    [shown] = json.loads(run("list", "--json").stdout)
    assert (shown["login"], shown["good"], shown["revoked_at"]) == ("qs.zhang", True, None)

    database = open_database(settings)
    now = datetime.now(UTC)
    with database.reading() as tx:
        assert queries.find(tx, secret, now=now) is not None
    assert run("revoke", "1").exit_code == 0
    with database.reading() as tx:
        assert queries.find(tx, secret, now=now) is None
    database.close()
    assert "已撤销" in run("list").stdout
    again = run("revoke", "1")
    assert again.exit_code == 1
    assert "token list" in again.stderr


def test_what_cannot_be_given(run: Run) -> None:
    assert run("list").stdout.strip() == "还没有发过令牌。"
    nobody = run("add", "nobody")
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "没有登录名为“nobody”" in nobody.stderr
    assert run("add", "qs.zhang", "--days", "0").exit_code == 2
    assert run("add", "qs.zhang", "--label", "长" * 101).exit_code == 1
    made = json.loads(run("add", "qs.zhang", "--json").stdout)
    assert set(made) == {"id", "token", "expires_at"}
