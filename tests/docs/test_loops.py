"""docs/loops.md says all that a definition can use, and its pictures are those of the files."""

import re
from pathlib import Path

import pytest

from workflow.loops.export import mermaid
from workflow.loops.registry import load_all
from workflow.loops.sentences import SENTENCES
from workflow.loops.shape import (
    ClockShape,
    LoopShape,
    RequestShape,
    StateShape,
    TransitionShape,
)
from workflow.loops.vocabulary import (
    COUNTS_AS,
    EXHAUSTIVE,
    GUARDS,
    KINDS,
    OPTIONS,
    POSTS,
    RELATIONS,
)

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "loops.md").read_text(encoding="utf-8")
LOOPS = ROOT / "config" / "loops"
PICTURE = re.compile(
    r"<!-- picture: (\w+) -->\n```mermaid\n(.*?)```\n<!-- end of picture -->", re.DOTALL
)
FILE = re.compile(r"<!-- file: (\w+) -->\n```yaml\n(.*?)```\n<!-- end of file -->", re.DOTALL)
PICTURES = dict(PICTURE.findall(TEXT))


def test_there_are_pictures() -> None:
    assert {"rectification", "snapshot"} <= set(PICTURES)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_the_one_of_its_file(name: str) -> None:
    drawn = mermaid(load_all(LOOPS)[name])
    assert PICTURES[name] == drawn, f"paste the output of: bihuan loop export {name}"


def test_the_example_is_the_shipped_file() -> None:
    files = dict(FILE.findall(TEXT))
    assert set(files) == {"snapshot"}
    for name, text in files.items():
        assert text == (LOOPS / f"{name}.yaml").read_text(encoding="utf-8")


def test_every_word_of_the_vocabulary_is_explained() -> None:
    words = {*KINDS, *GUARDS, *POSTS, *RELATIONS, *COUNTS_AS}
    words |= {word for table in OPTIONS.values() for choices in table.values() for word in choices}
    words |= {field for kind in KINDS.values() for field in (*kind.needs, *kind.takes)}
    missing = {word for word in words if f"`{word}`" not in TEXT}
    assert missing == set()


def test_every_key_is_explained() -> None:
    shapes = (LoopShape, StateShape, TransitionShape, ClockShape, RequestShape)
    keys = {
        field.alias or name for shape in shapes for name, field in shape.model_fields.items()
    } - {"request", "outcome", "verdict", "review", "ruling", "objection"}
    assert {key for key in keys if f"`{key}`" not in TEXT} == set()


def test_every_group_of_guards_is_listed() -> None:
    listed = [
        frozenset(re.findall(r"`(\w+)`", line)) for line in TEXT.splitlines() if line[:3] == "- `"
    ]
    assert set(EXHAUSTIVE) <= set(listed)


def test_every_code_is_explained() -> None:
    codes = {key.partition("/")[0] for key in SENTENCES} | {"alias", "bad_yaml", "misnamed"}
    assert {code for code in codes if f"| `{code}` |" not in TEXT} == set()


def test_every_loop_is_named() -> None:
    assert all(f"`{name}`" in TEXT for name in load_all(LOOPS))
