"""The operators' page names every alarm, every refusal's setting, and commands that exist."""

import re
from pathlib import Path

import typer

from cli.main import app
from config.settings import Settings
from tasks.readiness import CHECKS
from workflow.operations import words

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_alarm_is_explained_by_the_name_that_the_page_shows() -> None:
    for kind in words.WORDS:
        assert f"| `{kind}` {words.title(kind)['zh']} |" in PAGE, kind


def test_no_alarm_is_explained_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` ", PAGE, re.MULTILINE)) == set(words.WORDS)


def test_every_setting_exists() -> None:
    known = {f"BIHUAN_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"BIHUAN_[A-Z_]+", PAGE)) <= known


def test_every_command_exists() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    named = "web|worker|clock|migrate|doctor|unit|user|serve|backup|restore|quarantine"
    assert set(re.findall(rf"bihuan ({named})", PAGE)) <= known


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_alarm_speaks_against_a_check() -> None:
    assert set().union(*CHECKS.values()) == set(words.WORDS)
