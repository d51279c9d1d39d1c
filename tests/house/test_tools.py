"""What the ready-made tools say, and what no file of the repository may contain."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checks import ROOT

BIN = Path(sys.executable).parent
SKIPPED = {".git", ".venv", "data", "__pycache__"}
# One-letter classes, so that this file does not find itself; a container's cache is no machine.
FORBIDDEN = re.compile(
    r"/[r]oot/(?!\.cache)|/[h]ome/\w+/|/[w]ork/(?:main|shared)|/[U]sers/\w+/"
    r"|[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(?:org|com)|index-[u]rl [a-z]|--[f]ind-links [a-z/]"
)


@pytest.mark.parametrize(
    "command",
    [
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "lint-imports --no-logo",
    ],
)
def test_tool_is_content(command: str) -> None:
    program, *arguments = command.split()
    run = subprocess.run(
        [BIN / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def repository_files() -> list[Path]:
    """Tracked files; in a copy without Git all that are not products of a run."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)
    ]


def places(path: Path) -> list[str]:
    """Lines that tie the file to one machine or one package host."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    lines = enumerate(text.splitlines(), 1)
    return [f"{path}:{number}: {line[:120]}" for number, line in lines if FORBIDDEN.search(line)]


def test_no_file_names_a_machine_or_a_package_host() -> None:
    found = [line for path in repository_files() for line in places(path)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "see " + "/root" + "/x",
        "in " + "/work" + "/main/x",
        "a = 'files.python" + "hosted.org/a.whl'",
        "pip install --extra-index" + "-url here",
    ],
)
def test_fires_on(tmp_path: Path, line: str) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text(f"fine\n{line}\n")
    assert len(places(bad)) == 1
