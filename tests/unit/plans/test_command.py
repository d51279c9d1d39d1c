"""`bihuan plan parse` as a person and as a program call it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.plans.measure import ROOT

SAMPLE = ROOT / "tests" / "plans" / "samples" / "brackets.txt"
RUNNER = CliRunner()


def test_json_is_the_agreed_mapping() -> None:
    result = RUNNER.invoke(app, ["plan", "parse", str(SAMPLE), "--json"])
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert shown["document"]["number"] == "海政〔2023〕26号"
    assert shown["tasks"][0]["cooperating"][1] == "市自然资源和规划局"
    assert shown["tasks"][0]["milestones"][0]["due"] == "2024-12-31"


def test_people_read_tasks_units_dates_and_doubts() -> None:
    result = RUNNER.invoke(app, ["plan", "parse", str(SAMPLE)])
    assert result.exit_code == 0
    for part in (
        "海陵市打好柴油货车污染治理攻坚战实施方案",
        "7项任务",
        "牵头：市发展和改革委员会",
        "2024-12-31",
        "! ",
    ):
        assert part in result.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "没有读到文字"), (b"%PDF-1.7", "损坏"), (bytes(range(128, 256)), "编码")],
)
def test_what_cannot_be_read_ends_with_a_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    result = RUNNER.invoke(app, ["plan", "parse", str(path), "--json"])
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["absent.txt", "."])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["plan", "parse", str(tmp_path / name)])
    assert result.exit_code == 1
    assert "读不到文件" in result.stderr


def test_wrong_usage() -> None:
    assert RUNNER.invoke(app, ["plan", "parse"]).exit_code == 2


def test_a_damaged_list_of_words_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "config"
    (folder / "plans").mkdir(parents=True)
    (folder / "plans" / "words.yaml").write_text("roles: [甲]\n", encoding="utf-8")
    monkeypatch.setenv("BIHUAN_CONFIG_DIR", str(folder))
    result = RUNNER.invoke(app, ["plan", "parse", str(SAMPLE)])
    assert result.exit_code == 1
    assert "words.yaml" in result.stderr
    assert "roles" in result.stderr
