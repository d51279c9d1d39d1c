"""`bihuan restore`, as somebody types it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.operations.backups import City


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """A terminal at a new machine."""
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("BIHUAN_SECRET_KEY", "s" * 40)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_restores_and_says_what_is_still_to_be_done(
    city: City, shell: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.bihuan"
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(city.folder))
    assert shell("backup", path).exit_code == 0
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path / "new"))

    done = shell("restore", path)
    assert done.exit_code == 0, done.output
    assert "3 个问题" in done.stdout
    assert "隔离" in done.stdout
    assert "checkpoint.key" in done.stdout
    assert "印记也未查验" not in done.stdout
    held = shell("quarantine", "--json")
    assert held.exit_code == 1
    assert json.loads(held.stdout)["quarantine"]["channels"]["mail"]["before"] > 0
    again = shell("restore", path)
    assert (again.exit_code, "已有附件" in again.stderr) == (1, True)

    monkeypatch.setenv("BIHUAN_SECRET_KEY", "t" * 40)
    other = shell("restore", path, "--verify-only")
    assert other.exit_code == 0
    assert "不是做备份时的密钥" in other.stdout
    monkeypatch.delenv("BIHUAN_SECRET_KEY")
    keyless = shell("restore", path, "--verify-only", "--json")
    assert json.loads(keyless.stdout)["same_key"] is False
    assert not (tmp_path / "new" / "secret.key").exists()


def test_another_key_is_refused_unless_it_is_asked_for(
    city: City, shell: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, new = tmp_path / "city.bihuan", tmp_path / "new"
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(city.folder))
    assert shell("backup", path).exit_code == 0
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(new))
    for key, said in (("t" * 40, "不是做备份时的密钥"), ("", "这里没有密钥")):
        monkeypatch.setenv("BIHUAN_SECRET_KEY", key)
        if not key:
            monkeypatch.delenv("BIHUAN_SECRET_KEY")
        done = shell("restore", path)
        assert (done.exit_code, said in done.stderr) == (1, True), done.output
        assert "--other-key" in done.stderr
        assert not (new / "bihuan.db").exists()
        assert not (new / "secret.key").exists()

    monkeypatch.setenv("BIHUAN_SECRET_KEY", "t" * 40)
    (new / "keys").mkdir(mode=0o700)
    shutil.copy(city.folder / "keys" / "checkpoint.key", new / "keys")
    done = shell("restore", path, "--other-key")
    assert done.exit_code == 0, done.output
    assert "印记将无法查验" in done.stdout
    assert "checkpoint.key" not in done.stdout  # it is back in its place


def test_the_command_refuses_with_one_sentence(
    backup: Path, shell: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "cut.bihuan"
    path.write_bytes(backup.read_bytes()[:-1])
    for words in (("restore", path), ("restore", path, "--verify-only")):
        done = shell(*words)
        assert done.exit_code == 1
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
    assert shell("restore", tmp_path / "none").exit_code == 2
    left = [each.name for each in (tmp_path / "new").iterdir()]
    assert left == ["bihuan.db.lock"]
