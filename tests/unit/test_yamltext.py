"""A file that somebody wrote ends no process, whatever is in it."""

import pytest
import yaml

from workflow import yamltext
from workflow.errors import ConfigError


def test_plain_values_come_out() -> None:
    assert yamltext.content("a: [1, 甲]\nb: {c: true}\n", "x.yaml") == {
        "a": [1, "甲"],
        "b": {"c": True},
    }


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a: &x [1]\nb: *x\n", 2, "引用"),
        ("a: 1\nb: " + "[" * 21 + "]" * 21, 2, "超过 20 层"),
        # The C parser, left to itself, ends the process with a segmentation fault.
        ("[" * 200_000 + "]" * 200_000, 1, "超过 20 层"),
        ("- " * 200_000, 1, "超过 20 层"),
        ("{a: " * 200_000, 1, "超过 20 层"),
    ],
)
def test_what_grows_or_has_no_bottom_is_refused_with_its_line(
    text: str, line: int, sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        yamltext.content(text, "x.yaml")
    assert sentence in caught.value.text()
    assert (caught.value.file, caught.value.line) == ("x.yaml", line)


@pytest.mark.parametrize(
    "text",
    ["a: !!python/object/apply:os.getcwd []", "a: 2024-13-45", f"a: {'9' * 5000}", "a: ]"],
)
def test_what_makes_no_value_is_no_yaml(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        yamltext.content(text, "x.yaml")
