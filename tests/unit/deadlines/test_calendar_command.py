import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from typer.testing import CliRunner, Result

from cli.calendar import app

NOVEMBER_2026 = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    # The settings come from the defaults, not from where the tests happen to run.
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return call


def test_due_prints_the_date_and_the_way_to_it(run):
    result = run("due", "2024-09-27", "3wd")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "到期日：2024年10月8日（周二），至当日24:00止"
    assert "  第1个工作日：9月29日（周日，调休上班）" in lines
    assert "  10月1日—7日（国庆节放假）不计" in lines


def test_due_as_json(run):
    shown = json.loads(run("due", "2024-09-27", "3个工作日", "--json").stdout)
    assert shown["due"] == "2024-10-08"
    assert shown["at"] == "2024-10-08T16:00:00Z"
    assert shown["provisional"] is False
    assert shown["limit"] == "3wd"
    assert [step["code"] for step in shown["steps"]] == [
        "start",
        "rest",
        "working",
        "working",
        "rest",
        "working",
        "due_day",
    ]


def test_due_of_an_hour_limit_is_a_time(run):
    shown = json.loads(run("due", "2024-09-27T16:30", "4h", "--json").stdout)
    assert shown["due"] == "2024-09-27T20:30:00+08:00"


def test_a_start_in_another_zone(run):
    shown = json.loads(run("due", "2024-09-29T17:00Z", "1nd", "--json").stdout)
    assert shown["due"] == "2024-10-01"


def test_a_provisional_date_says_so_in_the_first_line(run):
    result = run("due", "2026-12-25", "10wd")
    assert result.exit_code == 0
    assert "暂定" in result.stdout.splitlines()[0]
    assert "2027年的放假安排尚未录入日历" in result.stdout


def test_the_rules_are_options(run):
    words = ("due", "2024-09-24", "7nd", "--json")
    assert json.loads(run(*words, "--roll", "second").stdout)["due"] == "2024-10-09"
    assert json.loads(run(*words, "--starts", "same_day").stdout)["due"] == "2024-09-30"
    assert "working day" in run("due", "2024-09-27", "3wd", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("due", "2024-09-27"), 2),
        (("due", "gestern", "3wd"), 2),
        (("due", "2024-02-30", "3wd"), 2),
        (("due", "2024-09-27", "3x"), 2),
        (("due", "2024-09-27", "3wd", "--roll", "sideways"), 2),
        (("due", "2024-09-27", "due"), 1),
        (("due", "9999-12-31", "3wd"), 1),
    ],
)
def test_wrong_usage_is_2_and_a_refusal_1_with_the_reason_on_stderr(run, words, code):
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.strip()


def test_check_lists_the_years_and_names_the_missing_one(run):
    with time_machine.travel(NOVEMBER_2026, tick=False):
        result = run("check")
    assert result.exit_code == 0
    assert (
        "2024年：已公布，工作日251天，放假28天，调休上班8天，依据国办发明电〔2023〕7号"
        in result.stdout
    )
    assert "2027年的放假安排尚未录入" in result.stderr
    assert "2026年的放假安排尚未录入" not in result.stderr


def test_check_as_json(run):
    with time_machine.travel(NOVEMBER_2026, tick=False):
        shown = json.loads(run("check", "--json").stdout)
    assert shown["missing"] == [2027]
    assert [year["working"] for year in shown["years"]][-4:] == [249, 251, 248, 248]


def test_check_names_the_line_at_fault(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "office" / "calendars"
    folder.mkdir(parents=True)
    (folder / "2027.yaml").write_text("year: 2027\nstatus: perhaps\n", encoding="utf-8")
    monkeypatch.setenv("BIHUAN_CONFIG_DIR", str(tmp_path / "office"))
    result = run("check")
    assert result.exit_code == 1
    assert "2027.yaml:2" in result.stderr
