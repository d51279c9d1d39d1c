"""`bihuan issue`, as somebody types it: the same engine, the same refusals, exit codes."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from cli.main import app

Run = Callable[..., Result]
WORLD = Path(__file__).parents[2] / "world.yaml"
FOUND = {
    "title": "砂石厂物料露天堆放",
    "description": "厂区物料露天堆放，未苫盖。",
    "category": "dust",
    "source": "snapshot",
    "place_unit": "青山镇",
}
ASSIGNED = {"responsible": "青山镇", "acceptance": "市生态环境局", "due": "2099-12-31"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation with the small city, to be copied."""
    folder = tmp_path_factory.mktemp("city")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("BIHUAN_DATA_DIR", str(folder))
        for command in (("migrate",), ("unit", "import", str(WORLD))):
            assert CliRunner().invoke(app, command).exit_code == 0
    return folder


@pytest.fixture
def run(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command for an installation in a folder of its own, with the small city."""
    shutil.copytree(city, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, arguments)


@pytest.fixture
def number(run: Run) -> str:
    """A problem that an inspector has just filed."""
    filed = run("issue", "report", "--as", "hb.inspector", "--data", json.dumps(FOUND))
    assert filed.exit_code == 0
    return filed.output.strip()


def do(run: Run, number: str, action: str, login: str, **data: str) -> Result:
    return run("issue", "do", number, action, "--as", login, "--data", json.dumps(data))


def test_an_issue_is_moved_from_the_command_line(run: Run, number: str) -> None:
    done = do(run, number, "assign", "gj.dispatcher", **ASSIGNED)

    assert done.exit_code == 0
    assert f"已办理：{number} 现为“待签收”，第 2 条记录。" in done.output


def test_the_events_name_person_and_door(run: Run, number: str, tmp_path: Path) -> None:
    do(run, number, "assign", "gj.dispatcher", **ASSIGNED)

    run("audit", "export", str(tmp_path / "record.jsonl"))

    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    events = [line for line in lines if line.get("issue") == number]
    assert [(e["by"], e["door"]) for e in events] == [
        ("hb.inspector", "cli"),
        ("gj.dispatcher", "cli"),
    ]


def test_a_refusal_says_why_on_stderr_and_exits_with_1(run: Run, number: str) -> None:
    refused = do(run, number, "assign", "hb.inspector", **ASSIGNED)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "此项须由市环委会攻坚办交办员办理。" in refused.stderr


def test_a_field_at_fault_is_named(run: Run, number: str) -> None:
    refused = do(run, number, "assign", "gj.dispatcher", **{**ASSIGNED, "due": "2001-01-01"})

    assert refused.exit_code == 1
    assert "due: 2001-01-01已经过去" in refused.stderr


def test_without_data_the_form_is_listed(run: Run, number: str) -> None:
    asked = run("issue", "do", number, "assign", "--as", "gj.dispatcher")

    assert asked.exit_code == 2
    assert "responsible  责任单位  必填" in asked.stderr


def test_broken_json_is_wrong_usage(run: Run, number: str) -> None:
    wrong = run("issue", "do", number, "assign", "--as", "gj.dispatcher", "--data", "{oops")

    assert (wrong.exit_code, "JSON" in wrong.stderr) == (2, True)


def test_a_foreign_person_finds_nothing(run: Run, number: str) -> None:
    for command in (("show", number), ("do", number, "assign", "--data", "{}")):
        refused = run("issue", *command, "--as", "hk.handler")
        assert refused.exit_code == 1
        assert "没有编号为" in refused.stderr
    assert "没有符合条件的问题" in run("issue", "list", "--as", "hk.handler").output


def test_what_the_command_line_denies_is_on_record(run: Run, number: str, tmp_path: Path) -> None:
    assert run("issue", "show", number, "--as", "lw.handler").exit_code == 1
    assert do(run, number, "assign", "hb.inspector", **ASSIGNED).exit_code == 1
    # Who is nobody in particular was denied nothing.
    assert do(run, number, "take_up", "nobody", reason="属实").exit_code == 1
    with closing(sqlite3.connect(tmp_path / "bihuan.db")) as database:
        found = database.execute(
            "select p.login, d.door, d.path, d.code from denied_access d"
            " join person p on p.id = d.person_id order by d.no"
        ).fetchall()
    assert found == [
        ("lw.handler", "cli", f"issue show {number}", "not_found"),
        ("hb.inspector", "cli", f"issue do {number} assign", "not_allowed"),
    ]
    report = json.loads(run("doctor", "--invariants", "--json").stdout)
    assert [each for each in report["violations"] if each["invariant"] == "I12"] == []


def test_a_stale_version_is_refused(run: Run, number: str) -> None:
    do(run, number, "assign", "gj.dispatcher", **ASSIGNED)

    stale = run("issue", "do", number, "accept", "--as", "qs.handler", "--version", "1")

    assert (stale.exit_code, "新的办理记录" in stale.stderr) == (1, True)


def test_an_unknown_login_is_named(run: Run, number: str) -> None:
    refused = run("issue", "show", number, "--as", "nobody")

    assert (refused.exit_code, "nobody" in refused.stderr) == (1, True)


def test_files_come_with_an_action(run: Run, number: str, tmp_path: Path) -> None:
    do(run, number, "assign", "gj.dispatcher", **ASSIGNED)
    do(run, number, "accept", "qs.handler")
    Image.new("RGB", (64, 48), "green").save(tmp_path / "料棚.jpg")
    typed = (
        "issue",
        "do",
        number,
        "submit",
        "--as",
        "qs.handler",
        "--data",
        '{"result": "完成。"}',
    )

    without = run(*typed)
    assert (without.exit_code, "evidence: 此项必填。" in without.stderr) == (1, True)
    done = run(*typed, "--file", str(tmp_path / "料棚.jpg"))

    assert done.exit_code == 0
    shown = json.loads(run("issue", "show", number, "--as", "hb.acceptor", "--json").output)
    assert [each["name"] for each in shown["issue"]["evidence"]] == ["料棚.jpg"]
    assert [each["kind"] for each in shown["issue"]["clocks"] if each["state"] == "running"] == [
        "verify"
    ]


def test_a_file_that_is_no_evidence_is_refused_and_nothing_happens(
    run: Run, number: str, tmp_path: Path
) -> None:
    (tmp_path / "virus.jpg").write_bytes(b"MZ not a picture")
    data = json.dumps(ASSIGNED)

    refused = run(
        "issue", "do", number, "assign", "--as", "gj.dispatcher", "--data", data,
        "--file", str(tmp_path / "virus.jpg"),
    )  # fmt: skip

    assert refused.exit_code == 1
    shown = json.loads(run("issue", "show", number, "--as", "gj.dispatcher", "--json").output)
    assert shown["issue"]["state"] == "reported"


def test_a_locked_database_is_told_in_one_line(
    run: Run, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.db._BUSY_TIMEOUT_MS", 50)
    with closing(sqlite3.connect(tmp_path / "bihuan.db")) as server:
        server.execute("begin immediate")
        refused = do(run, number, "assign", "gj.dispatcher", **ASSIGNED)

    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert "数据库没有答应" in refused.stderr


def test_a_server_that_writes_is_waited_for(run: Run, number: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bihuan.db", check_same_thread=False)) as server:
        server.execute("begin immediate")
        done = Timer(0.3, server.commit)
        done.start()
        moved = do(run, number, "assign", "gj.dispatcher", **ASSIGNED)
        done.join()

    assert moved.exit_code == 0


def test_without_a_schema_the_way_to_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))

    refused = CliRunner().invoke(app, ["issue", "list", "--as", "root"])

    assert (refused.exit_code, "bihuan migrate" in refused.stderr) == (1, True)


def test_lists_and_shows_for_machines(run: Run, number: str) -> None:
    listed = json.loads(run("issue", "list", "--as", "city.leader", "--q", "砂石", "--json").output)
    shown = json.loads(run("issue", "show", number, "--as", "gj.dispatcher", "--json").output)

    assert [row["number"] for row in listed["issues"]] == [number]
    offers = {each["action"]: each for each in shown["actions"]}
    assert offers["assign"]["allowed"] is True
    assert offers["withdraw"]["why"] == "此项须由市生态环境局巡查员办理。"
