"""Files of words that an office edits, in YAML; what is wrong is named with file and key."""

from pathlib import Path
from typing import Any

import yaml

from workflow import yamltext
from workflow.errors import N_, ConfigError

MOST = 2000
"""Words in one list: more is no list of words."""
# YAML takes these for truth values where they stand bare.
_BARE = {True: "YES", False: "NO"}


def content_of(path: Path) -> Any:
    """What a YAML file says. Raises ConfigError with file and line."""
    try:
        return yamltext.content(path.read_text(encoding="utf-8"), str(path))
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


class WordFile:
    """A file of named lists of words. Every method raises ConfigError with file and key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = content_of(path)
        if not isinstance(self.content, dict):
            raise ConfigError(N_("词表应为“类别: [词, 词]”。"), file=str(path))

    def words(self, key: str) -> tuple[str, ...]:
        """The list of a key: at least one word, at most `MOST`."""
        return self._words(key, self.content.get(key))

    def groups(self, key: str) -> dict[str, tuple[str, ...]]:
        """The named lists below a key."""
        value = self.content.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key)
        return {str(name): self._words(f"{key}.{name}", words) for name, words in value.items()}

    def lines(self, key: str) -> tuple[tuple[str, ...], ...]:
        """The lists of lists below a key; there may be none."""
        value = self.content.get(key)
        if not isinstance(value, list):
            raise self.wrong(key)
        return tuple(self._words(f"{key}.{n}", line) for n, line in enumerate(value))

    def pairs(self, key: str) -> dict[str, str]:
        """Word to code; there may be none."""
        value = self.content.get(key)
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise self.wrong(key)
        return {str(word): code for word, code in value.items()}

    def text(self, key: str) -> str:
        """The one text of a key."""
        value = self.content.get(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(key)
        return value

    def wrong(self, key: str) -> ConfigError:
        """The refusal of a key."""
        return ConfigError(
            N_("词表的“{key}”应是一列词，写成 [词, 词]，不能为空。"),
            file=str(self.path),
            key=key,
            params={"key": key},
        )

    def _words(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or len(value) > MOST:
            raise self.wrong(key)
        words = [_BARE[word] if isinstance(word, bool) else word for word in value]
        if not all(isinstance(word, str) and word.strip() for word in words):
            raise self.wrong(key)
        return tuple(str(word).strip() for word in words)
