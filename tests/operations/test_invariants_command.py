"""`bihuan doctor --invariants`, and the same look once a night: its exit code, its alarm."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from tasks.audience import Audiences
from tasks.installation import derived
from tasks.selfcheck import EVERY, SelfCheck
from tests.flows.issues.walks import assigned
from tests.operations.conftest import Hands
from tests.world import World, build
from workflow import migrate
from workflow.db import Database
from workflow.operations import queries

ROOT_KEY = "11" * 32


def doctor(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor", "--invariants", *words])
    return result.exit_code, result.stdout


@pytest.fixture
def installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite: Any
) -> Iterator[tuple[World, str]]:
    """A real installation with one issue."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    with sqlite.fresh(tmp_path, schema=False) as url:
        monkeypatch.setenv("BIHUAN_DATABASE_URL", url)
        database = Database(url)
        migrate.upgrade(database)
        world = build(database)
        Path("data/secret.key").write_text(ROOT_KEY)
        seal = derived(ROOT_KEY.encode(), "event-mac")
        world.office = replace(world.office, mac_key=seal)
        yield world, assigned(world)
        database.close()


def change(world: World, statement: str) -> None:
    with world.database.transaction() as tx:
        tx.execute(text(statement))


def alarms(world: World) -> list[str]:
    with world.database.reading() as tx:
        return [alarm.kind for alarm in queries.open_alarms(tx)]


def test_sound_rows_are_said_to_be_sound(installed: tuple[World, str]) -> None:
    code, said = doctor()
    assert (code, said.count("\n")) == (0, 1)
    code, said = doctor("--json")
    found = json.loads(said)
    assert (code, found["holds"], found["complete"]) == (0, True, True)
    assert not Path("data/keys").exists()


def test_without_a_key_it_says_what_it_did_not_check(installed: tuple[World, str]) -> None:
    world, _ = installed
    Path("data/secret.key").unlink()
    code, said = doctor()
    assert code == 3
    assert "没有核对记录的印记" in said
    code, said = doctor("--json")
    found = json.loads(said)
    assert (code, found["holds"], found["unchecked"]) == (3, True, ["seals"])
    # What needs no key is looked at all the same.
    change(world, "drop trigger event_no_update")
    change(world, "update event set data = '{}' where seq = 2")
    code, said = doctor("--json")
    assert (code, "hash" in {each["rule"] for each in json.loads(said)["violations"]}) == (1, True)
    assert not Path("data/keys").exists()
    assert not Path("data/secret.key").exists()


def test_a_broken_row_is_named_and_is_an_alarm(installed: tuple[World, str]) -> None:
    world, number = installed
    change(world, "update issue set version = version + 1")
    code, said = doctor()
    assert code == 1
    assert f"[I1] 问题{number}登记为第 4 版" in said
    code, said = doctor("--json")
    (found,) = [each for each in json.loads(said)["violations"] if each["rule"] == "numbering"]
    assert (code, found["issue"], found["ids"]) == (1, number, {"issue_id": 1})
    assert found["found"] == {"version": 4, "events": 3, "last": 3}
    assert alarms(world) == ["invariant_broken"]

    change(world, "update issue set version = version - 1")
    change(world, "update alarm set seen_at = '2020-01-01 00:00:00'")
    assert doctor()[0] == 0
    assert alarms(world) == []


def test_a_chain_that_only_arithmetic_can_tell(installed: tuple[World, str]) -> None:
    _, number = installed
    Path("data/secret.key").write_text("00" * 32)
    code, said = doctor("--json")
    found = json.loads(said)["violations"]
    assert code == 1  # the events carry the seal of another key
    assert {(each["invariant"], each["rule"], each["issue"]) for each in found} == {
        ("I7", "hash", number)
    }


def test_once_a_night(world: World, hands: Hands) -> None:
    audiences = Audiences(world.office.timing.zone, ("inbox",), "here")
    check = SelfCheck(world.database, hands.times(), audiences, sweep=10)
    assigned(world)
    check.step()
    assert alarms(world) == []
    change(world, "update issue set head = '0'")
    hands.jump(3600)
    check.step()
    assert alarms(world) == []
    hands.jump(EVERY / timedelta(seconds=1))
    check.step()
    assert alarms(world) == ["invariant_broken"]
    change(world, "update issue set head = (select hash from event where seq = version)")
    hands.jump(EVERY / timedelta(seconds=1))
    check.step()
    assert alarms(world) == []
