"""What a quarantine looks like: on pages, to machines, at the terminal."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cli.main import app
from tests.flows.issues.walks import assigned
from tests.operations import plants
from tests.operations.plants import ORIGIN, REASON, Plant
from tests.web.conftest import Visitor, WorldRuntime
from web.app import create_app
from workflow.operations import queries
from workflow.operations.findings import ChannelReading, Readings, judge

lite = plants.lite


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
