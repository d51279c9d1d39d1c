"""The table of mechanisms: all forty-eight, and what it names exists."""

import re
from pathlib import Path

import typer

from cli.main import app
from web.pages import ROUTES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plan-coverage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| M")
]
NAMED = sorted(set(re.findall(r"`([^`]+)`", PAGE)))


def test_all_mechanisms_are_there_once_and_in_order() -> None:
    assert [row[0] for row in ROWS] == [f"M{n}" for n in range(1, 49)]


def test_each_says_how_it_stands_how_it_runs_and_where() -> None:
    for number, what, today, how, where in ROWS:
        assert today in ("runs", "partly", "not yet"), number
        assert what, number
        assert len(how) > 20, number
        assert "`" in where, number


def test_what_does_not_run_says_what_is_missing() -> None:
    silent = [row[0] for row in ROWS if row[2] == "not yet" and not re.search("No|Nothing", row[3])]
    assert silent == []


def test_every_page_exists() -> None:
    known = {path for path, _, _ in ROUTES}
    pages = [name for name in NAMED if name.startswith("/")]
    assert pages
    assert [name for name in pages if name not in known] == []


def test_every_command_exists() -> None:
    named = [name.split()[1:] for name in NAMED if name.startswith("bihuan ")]
    assert named
    for words in named:
        command = typer.main.get_command(app)
        for word in words:
            commands = getattr(command, "commands", {})
            assert word in commands, words
            command = commands[word]


def test_every_file_exists() -> None:
    files = [name for name in NAMED if not name.startswith(("/", "bihuan "))]
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []
