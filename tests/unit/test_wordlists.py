"""What is wrong in an office's file of words is said with the key; nobody finds out by a crash."""

from pathlib import Path

import pytest

from workflow.errors import ConfigError
from workflow.wordlists import WordFile, content_of


def file(folder: Path, text: str) -> WordFile:
    path = folder / "words.yaml"
    path.write_text(text, encoding="utf-8")
    return WordFile(path)


def test_reads_what_it_is_asked_for(tmp_path: Path) -> None:
    found = file(
        tmp_path, "a: [ 甲 , 乙]\nb: {x: [丙]}\nc: [[丁, 戊]]\nd: {己: code}\ne: 庚\nf: [N]\n"
    )

    assert found.words("a") == ("甲", "乙")
    assert found.groups("b") == {"x": ("丙",)}
    assert found.lines("c") == (("丁", "戊"),)
    assert found.pairs("d") == {"己": "code"}
    assert found.text("e") == "庚"


def test_a_bare_truth_value_is_the_word_that_it_was(tmp_path: Path) -> None:
    assert file(tmp_path, "a: [yes, no]").words("a") == ("YES", "NO")


@pytest.mark.parametrize(
    ("ask", "text", "key"),
    [
        ("words", "a: []", "a"),
        ("words", "a: 甲", "a"),
        ("words", "a: [甲, 1]", "a"),
        ("words", "a: [甲, ' ']", "a"),
        ("words", "b: [甲]", "a"),
        ("words", f"a: [{'甲,' * 2001}]", "a"),
        ("groups", "a: [甲]", "a"),
        ("groups", "a: {x: 甲}", "a.x"),
        ("lines", "a: {x: [甲]}", "a"),
        ("lines", "a: [[甲], []]", "a.1"),
        ("pairs", "a: {甲: 1}", "a"),
        ("text", "a: [甲]", "a"),
    ],
)
def test_names_the_key(tmp_path: Path, ask: str, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        getattr(file(tmp_path, text), ask)("a")
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"- a\n- b", None), (b"\xff\xfe\x00", None), (b"a: 1\nb: ]", 2), (b"a: [2024-13-45]", None)],
)
def test_names_the_file(tmp_path: Path, content: bytes, line: int | None) -> None:
    path = tmp_path / "words.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        WordFile(path)
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="读不到"):
        content_of(tmp_path / "none.yaml")
