"""Both README files show the loop of the shipped file, and name only what exists."""

import re
from pathlib import Path

import pytest
import typer

from cli.main import app
from workflow.loops.export import mermaid
from workflow.loops.registry import load_all

ROOT = Path(__file__).parents[2]
PICTURE = re.compile(
    r"<!-- picture: (\w+) -->\n```mermaid\n(.*?)```\n<!-- end of picture -->", re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(r"^\| `(.+)` \|", re.MULTILINE)
README = pytest.mark.parametrize("name", ["README.md", "README.zh.md"])


@README
def test_the_picture_is_the_one_of_the_file(name: str) -> None:
    pictures = dict(PICTURE.findall((ROOT / name).read_text(encoding="utf-8")))

    loops = load_all(ROOT / "config" / "loops")
    assert pictures == {"snapshot": mermaid(loops["snapshot"])}


@README
def test_every_link_leads_somewhere(name: str) -> None:
    links = LINK.findall((ROOT / name).read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@README
def test_every_command_exists(name: str) -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

    rows = COMMAND.findall((ROOT / name).read_text(encoding="utf-8"))[1:]
    named = {words.split()[0] for row in rows for words in re.split(r"`[,、] ?`", row)}
    assert {"serve", "loop", "issue", "audit"} <= named
    assert named - known == set()


def test_both_readmes_have_the_same_sections() -> None:
    sections = [
        (ROOT / name).read_text(encoding="utf-8").count("\n## ")
        for name in ("README.md", "README.zh.md")
    ]

    assert sections[0] == sections[1]
