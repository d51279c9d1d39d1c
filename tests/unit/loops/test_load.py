"""Definitions are read without YAML's traps, and every mistake has a place."""

from pathlib import Path

import pytest

from workflow.errors import ConfigError
from workflow.loops.load import MAX_BYTES, MAX_DEPTH, MAX_NODES, Mark, load, parse


def refusal(text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, file="x.yaml")
    return caught.value


def test_values_are_text_whole_numbers_booleans_lists_and_mappings() -> None:
    document = parse(
        "a: 1\nb: [x, 'y', \"2\"]\nc: {d: true, e: false}\nf:\n  - g: -3\nh: ~\n", file="x.yaml"
    )
    assert document.content == {
        "a": 1,
        "b": ["x", "y", "2"],
        "c": {"d": True, "e": False},
        "f": [{"g": -3}],
        "h": None,
    }


def test_words_that_yaml_turns_into_something_else_stay_text() -> None:
    text = "no: yes\non: off\nday: 2024-10-01\ntime: 1:30\nsmall: 1.5\nhex: 0x10\nmerge: '<<'\n"
    assert parse(text, file="x.yaml").content == {
        "no": "yes",
        "on": "off",
        "day": "2024-10-01",
        "time": "1:30",
        "small": "1.5",
        "hex": "0x10",
        "merge": "<<",
    }


def test_every_value_knows_its_place() -> None:
    document = parse("a: 1\nb:\n  - {c: 2}\n", file="x.yaml")
    assert document.mark(("a",)) == Mark(1, 1)
    assert document.mark(("b", 0, "c")) == Mark(3, 6)
    assert document.mark(("b", 0, "missing")) == Mark(3, 5)
    assert document.mark(("nowhere",)) == Mark(1, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1\n", "alias", 1, 4),
        ("a: 1\nb: *x\n", "alias", 2, 4),
        ("a: 1\nb: 2\na: 3\n", "duplicate", 3, 1),
        ("a: !!python/object/apply:os.system ['x']\n", "bad_yaml", 1, 4),
        ("a: !thing 1\n", "bad_yaml", 1, 4),
        ("a: b: c\n", "bad_yaml", 1, 5),
        ("a: [1, 2\n", "bad_yaml", 2, 1),
        ("a: 1\n\tb: 2\n", "bad_yaml", 2, 1),
        ("a: 1\n---\nb: 2\n", "bad_yaml", 2, 1),
        ("- a\n", "bad_yaml", 1, 1),
        ("just words\n", "bad_yaml", 1, 1),
        ("? [a]\n: b\n", "bad_yaml", 1, 3),
    ],
)
def test_a_refusal_names_file_line_and_column(text: str, code: str, line: int, column: int) -> None:
    error = refusal(text)
    assert (error.code, error.file, error.line, error.column) == (code, "x.yaml", line, column)
    assert str(error).startswith(f"x.yaml:{line}:{column}: ")
    assert error.text().endswith("。")


@pytest.mark.parametrize("text", ["", "# only a remark\n", "---\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refusal(text).code == "bad_yaml"


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert refusal("\n".join(lines)).code == "alias"


def test_too_deep_too_many_too_large() -> None:
    assert refusal("a: " + "[" * 100_000).code == "too_large"
    nested = "x"
    for _ in range(MAX_DEPTH - 1):
        nested = f"[{nested}]"
    assert parse(f"a: {nested}", file="x.yaml").content
    assert refusal(f"a: [{nested}]").code == "too_large"
    assert refusal("a: [" + "x," * MAX_NODES + "]").code == "too_large"
    assert refusal("a: " + "x" * MAX_BYTES).code == "too_large"


def test_bytes_that_are_no_text_are_refused() -> None:
    for data in (b"\xff\xfea\x00", b"a: \xc3\x28", b"a: \x00", b"a: \x1b"):
        assert refusal(data).code == "bad_yaml"
    assert parse("\ufeffa: 好".encode(), file="x.yaml").content == {"a": "好"}


def test_files_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 整改\n", encoding="utf-8")
    assert load(path).content == {"a": "整改"}
    with pytest.raises(ConfigError, match="没有这个文件"):
        load(tmp_path / "b.yaml")
    with pytest.raises(ConfigError, match="读不出"):
        load(tmp_path)
    path.write_bytes(b"a: " + b"x" * (MAX_BYTES + 10))
    with pytest.raises(ConfigError, match="超过"):
        load(path)
