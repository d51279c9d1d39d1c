"""Reads `config/ledger/words.yaml` into LedgerWords; a wrong file is named with its key."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import N_, ConfigError
from workflow.ledger.words import FIELDS, LedgerWords

MOST = 2000
FILE = Path("ledger") / "words.yaml"
_LISTS = ("statistics", "totals", "notes", "done", "open", "closed")
_MAPS = ("categories", "sources")
_TEXTS = ("default_category", "default_source", "at_once")


@lru_cache(maxsize=4)
def load_ledger_words(path: Path) -> LedgerWords:
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
    return LedgerWords(
        columns=_columns(path, content.get("columns")),
        **{name: _list(path, name, content.get(name)) for name in _LISTS},  # type: ignore[arg-type]
        **{name: _map(path, name, content.get(name)) for name in _MAPS},  # type: ignore[arg-type]
        **{name: _text(path, name, content.get(name)) for name in _TEXTS},  # type: ignore[arg-type]
    )


def _columns(path: Path, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value.keys() <= set(FIELDS):
        raise _wrong(path, "columns")
    return {name: _list(path, f"columns.{name}", words) for name, words in value.items()}


def _list(path: Path, key: str, value: Any) -> tuple[str, ...]:
    # YAML reads 是 as text, but N, Y and NO as truth values where they stand bare.
    if not isinstance(value, list) or not value or len(value) > MOST:
        raise _wrong(path, key)
    words = tuple({True: "YES", False: "NO"}.get(w, w) if isinstance(w, bool) else w for w in value)
    if not all(isinstance(word, str) and word.strip() for word in words):
        raise _wrong(path, key)
    return tuple(str(word).strip() for word in words)


def _map(path: Path, key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise _wrong(path, key)
    return {str(word): code for word, code in value.items()}


def _text(path: Path, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(path, key)
    return value


def _wrong(path: Path, key: str) -> ConfigError:
    return ConfigError(
        N_("词表的“{key}”应是一列词，写成 [词, 词]，不能为空。"),
        file=str(path),
        key=key,
        params={"key": key},
    )
