"""`bihuan loop`: verdicts and exports as people and machines get them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.loop import app

BROKEN = Path(__file__).parent / "broken"


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` of the working directory."""
    monkeypatch.chdir(tmp_path)


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(args))
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("name", ["part", "petition", "rectification", "snapshot"])
def test_shipped_loops_are_sound(name: str) -> None:
    code, out, err = run("check", name)
    assert (code, err) == (0, "")
    assert f"（{name}）合理" in out
    assert run("check", name, "--lang", "en")[0] == 0
    code, out, err = run("check", name, "--json")
    assert (code, json.loads(out), err) == (0, {"sound": True, "problems": []}, "")


def test_an_unsound_loop_is_refused_with_place_code_sentence_and_trace() -> None:
    path = BROKEN / "guarded_stuck.yaml"
    code, out, err = run("check", str(path))
    assert (code, out) == (1, "")
    assert f"{path}:11:3 [guarded_stuck] 问题可能停在“assigned”" in err
    assert "report → assign" in err
    assert "not_at_once" in err
    code, out, err = run("check", str(path), "--json")
    assert (code, err) == (1, "")
    verdict = json.loads(out)
    assert verdict["sound"] is False
    assert verdict["problems"] == [
        {
            "code": "guarded_stuck",
            "state": "assigned",
            "trace": ["report", "assign"],
            "given": ["not_at_once"],
            "line": 11,
            "column": 3,
            "message": verdict["problems"][0]["message"],
        }
    ]


def test_a_file_that_is_no_yaml_is_refused_with_its_line() -> None:
    path = BROKEN / "alias_bomb.yaml"
    code, out, err = run("check", str(path))
    assert (code, out) == (1, "")
    assert err.startswith(f"{path}:3:4 不支持锚点和引用")
    code, out, _ = run("check", str(path), "--json")
    found = json.loads(out)
    assert (code, found["sound"]) == (1, False)
    assert found["problems"][0]["code"] == "alias"
    assert found["problems"][0]["trace"] == []


def test_what_does_not_exist_is_named() -> None:
    code, _, err = run("check", "rectifcation")
    assert (code, "是否指“rectification”" in err) == (1, True)
    code, _, err = run("check", "nowhere.yaml")
    assert (code, "没有这个文件" in err) == (1, True)
    assert run("check")[0] == 2


def test_exports() -> None:
    code, out, _ = run("export", "snapshot", "--format", "mermaid")
    assert (code, out.splitlines()[0]) == (0, "stateDiagram-v2")
    assert "待研判" in out
    assert "Awaiting triage" in run("export", "snapshot", "--lang", "en")[1]
    code, out, _ = run("export", "snapshot", "--format", "pnml")
    assert code == 0
    assert out.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert run("export", str(BROKEN / "no_end.yaml"))[0] == 0
    assert run("export", str(BROKEN / "unknown_kind.yaml"))[0] == 1


@pytest.mark.parametrize("format_", ["scxml", "bpmn"])
def test_formats_that_are_promised_say_not_yet(format_: str) -> None:
    code, out, err = run("export", "snapshot", "--format", format_)
    assert (code, out) == (1, "")
    assert "not yet" in err
    assert run("export", "snapshot", "--format", "svg")[0] == 2
