"""Reads `config/plans/words.yaml` into Words; a wrong file is named with its key."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import N_, ConfigError
from workflow.plans.words import Words

MOST = 2000
"""Words in one list: more is no list of words."""
_GROUPS = ("roles", "verbs", "columns", "indicators", "sections")
_LISTS = (
    "manner", "officials", "deadlines", "unit_endings", "functions", "party", "not_own", "units",
    "lower_is_better", "scopes", "soft",
)  # fmt: skip


@lru_cache(maxsize=4)
def load_words(path: Path) -> Words:
    """The words of a file. Raises ConfigError with file and key."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            N_("读不到词表：{problem}。请检查文件是否存在、是否为 UTF-8 编码。"),
            file=str(path),
            params={"problem": getattr(error, "strerror", None) or error},
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(
            N_("不是正确的 YAML：{problem}。请检查这一行的缩进、冒号和引号。"),
            file=str(path),
            line=mark.line + 1 if mark else None,
            params={"problem": getattr(error, "problem", error)},
        ) from error
    if not isinstance(content, dict):
        raise ConfigError(N_("词表应为“类别: [词, 词]”。"), file=str(path))
    groups = {name: _group(path, name, content.get(name)) for name in _GROUPS}
    lists = {name: _list(path, name, content.get(name)) for name in _LISTS}
    aliases = content.get("aliases")
    if not isinstance(aliases, list):
        raise _wrong(path, "aliases")
    lines = tuple(_list(path, f"aliases.{n}", line) for n, line in enumerate(aliases))
    return Words(**groups, **lists, aliases=lines)  # type: ignore[arg-type]


def _group(path: Path, key: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _wrong(path, key)
    return {str(name): _list(path, f"{key}.{name}", words) for name, words in value.items()}


def _list(path: Path, key: str, value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or len(value) > MOST
        or not all(isinstance(word, str) and word.strip() for word in value)
    ):
        raise _wrong(path, key)
    return tuple(word.strip() for word in value)


def _wrong(path: Path, key: str) -> ConfigError:
    return ConfigError(
        N_("词表的“{key}”应是一列词，写成 [词, 词]，不能为空。"),
        file=str(path),
        key=key,
        params={"key": key},
    )
