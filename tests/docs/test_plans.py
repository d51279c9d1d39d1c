"""The page on reading plans names files, doubts and commands that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")
READING = "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "plans").glob("*.py"))
)


def test_every_file_exists() -> None:
    named = re.findall(r"`((?:workflow|tests|config)/[\w./]+)`", PAGE)
    assert named
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []
    beside = set(re.findall(r"`(\w+\.py)`", PAGE))
    known = {path.name for path in (ROOT / "workflow" / "plans").glob("*.py")}
    known |= {path.name for path in (ROOT / "tests" / "unit" / "plans").glob("*.py")}
    assert beside <= known


def test_every_doubt_is_one_that_the_reader_has() -> None:
    section = PAGE.partition("## Doubts")[2].partition("## Adding")[0]
    named = set(re.findall(r"`([a-z_]+)`", section)) - {"code"}
    assert len(named) > 20
    assert [code for code in sorted(named) if f'"{code}"' not in READING] == []
