"""The office's own words: in order, in two languages, wrong files named with their place."""

from pathlib import Path

import pytest

from workflow.errors import ConfigError
from workflow.issues.fields import SPEEDS
from workflow.labels import load_labels
from workflow.loops.vocabulary import COUNTS_AS, POSTS, RELATIONS

LABELS = Path(__file__).parents[2] / "config" / "labels"


def test_shipped_words_cover_what_code_knows() -> None:
    labels = load_labels(LABELS)
    assert set(POSTS) <= set(labels.keys("posts"))
    assert set(RELATIONS) <= set(labels.keys("relations"))
    assert set(COUNTS_AS) <= set(labels.keys("outcomes"))
    assert set(SPEEDS) == set(labels.keys("speeds"))
    assert len(labels.marked("categories", "six")) == 6
    assert labels.more("sources", "snapshot", "loop") == "snapshot"
    for subject, entries in labels.subjects.items():
        for key, label in entries.items():
            assert label.texts.keys() == {"zh", "en"}, (subject, key)


def test_words_keep_their_order_and_fall_back(tmp_path: Path) -> None:
    (tmp_path / "colours.yaml").write_text("b: {zh: 乙, en: B}\na: {zh: 甲, rank: 2}\n", "utf-8")
    labels = load_labels(tmp_path)
    assert labels.choices("colours", "en") == (("b", "B"), ("a", "甲"))
    assert labels.text("colours", "a", "en") == "甲"
    assert labels.text("colours", "unknown") == "unknown"
    assert labels.text("nothing", None) == ""
    assert labels.more("colours", "a", "rank") == 2
    assert labels.more("colours", "x", "rank") is None


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("a: {zh: 甲\nb: 1\n", 2, None),
        ("- a\n", None, None),
        ("a: {en: A}\n", None, "a"),
        ("a: 甲\n", None, "a"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(
    tmp_path: Path, text: str, line: int | None, key: str | None
) -> None:
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_labels(tmp_path)
    assert Path(refused.value.file).name == "x.yaml"
    assert (refused.value.line, refused.value.key) == (line, key)
