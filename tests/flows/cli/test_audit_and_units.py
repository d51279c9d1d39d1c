"""The commands for the record and for units, as somebody types them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from cli import audit, units
from config.settings import Settings, load_settings, secret_key
from tasks.installation import derived, open_database
from tests.flows.audit import records
from tests.flows.audit.records import add_events, add_issue, set_up
from workflow import migrate
from workflow.audit import guards
from workflow.units.queries import directory

Run = Callable[..., Result]
UNITS = """
units:
  - code: gov
    name: 青川市人民政府
    level: county
    people:
      - {name: 甲, posts: [principal]}
  - {code: qs, name: 青山镇, level: township, under: gov}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command for an installation in a folder of its own."""
    app = typer.Typer()
    app.add_typer(audit.app, name="audit")
    app.add_typer(units.user, name="user")
    app.add_typer(units.unit, name="unit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    runner = CliRunner()
    return lambda *arguments, given="": runner.invoke(app, arguments, input=given)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with its schema."""
    settings = load_settings(env_file=None, data_dir=tmp_path)
    database = open_database(settings)
    migrate.upgrade(database)
    database.close()
    return settings


def test_units_and_people_come_in_by_command(run: Run, settings: Settings) -> None:
    path = settings.data_dir / "units.yaml"
    path.write_text(UNITS, encoding="utf-8")
    tried = run("unit", "import", str(path), "--dry-run")
    assert (tried.exit_code, tried.stderr) == (0, "")
    assert "将新增 4" in tried.stdout
    done = run("unit", "import", str(path), "--json")
    assert json.loads(done.stdout) == {"new": 4, "changed": 0, "same": 0, "dry_run": False}

    person = ("user", "add", "qs.zhang", "--name", "某张", "--unit", "青山镇", "--post", "handler")
    added = run(*person, "--password-stdin", given="青山绿水2026\n")
    assert (added.exit_code, added.stderr) == (0, "")
    assert "已登记：某张（qs.zhang）" in added.stdout
    again = run(*person)
    assert again.exit_code == 1
    assert "登录名“qs.zhang”已被使用" in again.stderr
    nowhere = run("user", "add", "x.y", "--name", "某", "--unit", "青山县", "--post", "handler")
    assert nowhere.exit_code == 1
    assert "青山镇" in nowhere.stderr
    half = run("user", "add", "x.y", "--name", "某", "--unit", "青山镇")
    assert half.exit_code == 2

    database = open_database(settings)
    with database.reading() as tx:
        known = directory(tx)
    database.close()
    assert {one.login for one in known.people.values()} == {"gov.principal", "qs.zhang"}


def test_an_import_names_every_fault_and_stores_nothing(run: Run, settings: Settings) -> None:
    path = settings.data_dir / "units.csv"
    path.write_text("编码,名称,上级\na,甲,无此单位\nb,甲,\n", encoding="utf-8")
    done = run("unit", "import", str(path))
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "第2行 under：没有“无此单位”这个单位，请先登记。",
        "第3行 name：“甲”已是另一个单位（甲）的名称或别名。",
        "有2处错误，未导入任何内容。请修改后重新导入。",
    ]
    named = json.loads(run("unit", "import", str(path), "--json").stdout)
    assert [fault["row"] for fault in named["faults"]] == ["第2行", "第3行"]
    missing = run("unit", "import", str(settings.data_dir / "none.csv"))
    assert missing.exit_code == 1
    assert "none.csv" in missing.stderr


def test_without_a_schema_every_command_says_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("x" * 64)
    (tmp_path / "units.yaml").write_text(UNITS, encoding="utf-8")
    for command in (
        ("unit", "import", str(tmp_path / "units.yaml")),
        ("user", "add", "x.y", "--name", "某"),
        ("audit", "verify"),
        ("audit", "checkpoint"),
        ("audit", "export", str(tmp_path / "x.jsonl")),
    ):
        done = run(*command)
        assert done.exit_code == 1, command
        assert "bihuan migrate" in done.stderr


def with_record(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    key = derived(secret_key(settings, loopback=True).encode(), "event-mac")
    monkeypatch.setattr(records, "KEY", key)
    database = open_database(settings)
    set_up(database)
    with database.transaction() as tx:
        add_issue(tx, 1)
        add_events(tx, 1, 5)
    database.close()


def test_the_record_is_signed_exported_and_verified(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_record(settings, monkeypatch)
    before = run("audit", "verify")
    assert before.exit_code == 0, before.stderr
    assert "还没有检查点" in before.stdout

    signed = json.loads(run("audit", "checkpoint", "--json").stdout)["checkpoint"]
    assert signed["no"] == 1
    assert "无需再签" in run("audit", "checkpoint").stdout
    verified = json.loads(run("audit", "verify", "--json").stdout)
    assert (verified["sound"], verified["proved"]) == (True, 5)

    path, key = settings.data_dir / "record.jsonl", settings.data_dir / "keys" / "checkpoint.pub"
    done = run("audit", "export", str(path))
    assert done.exit_code == 0, done.stderr
    assert str(key) in done.stdout
    assert len(path.read_text(encoding="utf-8").splitlines()) == 7
    assert run("audit", "export", "-").stdout.count("\n") == 7
    assert run("audit", "verify", "--export", str(path), "--key", str(key)).exit_code == 0
    script = Path(__file__).resolve().parents[3] / "docs" / "verify_export.py"
    stranger = subprocess.run(
        [sys.executable, "-I", script, path, key, "--anchor", f"1:{signed['hash']}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert stranger.returncode == 0, stranger.stdout

    path.write_text(path.read_text(encoding="utf-8").replace("散煤", "原煤"), encoding="utf-8")
    bad = run("audit", "verify", "--export", str(path), "--key", str(key))
    assert bad.exit_code == 1
    assert "第1条记录的内容被改过" in bad.stderr
    assert run("audit", "verify", "--export", str(path)).exit_code == 2
    assert run("audit", "verify", "--export", "none", "--key", str(key)).exit_code == 1
    assert run("audit", "verify", "--export", str(path), "--key", str(path)).exit_code == 1


def test_damage_in_the_database_is_named(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_record(settings, monkeypatch)
    run("audit", "checkpoint")
    database = open_database(settings)
    with database.transaction() as tx:
        guards.take_down(tx)
        tx.execute(text("UPDATE event SET action = 'close' WHERE seq = 3"))
    database.close()
    done = run("audit", "verify")
    assert done.exit_code == 1
    assert "问题S-2026-0001第3条记录的内容被改过。" in done.stderr
    found = json.loads(run("audit", "verify", "--json").stdout)
    assert (found["sound"], found["findings"][0]["seq"]) == (False, 3)


def test_without_the_key_nothing_is_verified(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_record(settings, monkeypatch)
    (settings.data_dir / "secret.key").unlink()
    done = run("audit", "verify")
    assert done.exit_code == 1
    assert "BIHUAN_SECRET_KEY" in done.stderr
    assert not (settings.data_dir / "secret.key").exists()


def test_an_abolished_unit_hands_over_what_is_open(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "units.yaml"
    file.write_text(UNITS + "  - {code: hk, name: 河口镇, level: township, under: gov}\n", "utf-8")
    assert run("unit", "import", str(file)).exit_code == 0

    done = run("unit", "abolish", "青山镇", "--successor", "河口镇")

    assert (done.exit_code, "已撤销 青山镇，移交问题 0 件。" in done.output) == (0, True)
    database = open_database(settings)
    with database.reading() as tx:
        known = directory(tx)
        gone = known.find("qs")
    database.close()
    assert gone is not None
    assert known.unit(known.current(gone.id)).name == "河口镇"


def test_an_abolished_unit_needs_another_successor(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "units.yaml"
    file.write_text(UNITS, "utf-8")
    run("unit", "import", str(file))

    refused = run("unit", "abolish", "qs", "--successor", "qs")

    assert (refused.exit_code, "接收单位" in refused.output) == (1, True)
