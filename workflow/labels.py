"""The words that an office may change: sources, categories, posts … in Chinese and English.

One YAML file a subject in ``config/labels``; a key that has no label is shown as it is, so that an
old record never breaks a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workflow.errors import N_, ConfigError
from workflow.wordlists import content_of

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """One word in each language, and what else its file says about it."""

    key: str
    texts: Mapping[str, str]
    more: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The word in `lang`, else in Chinese."""
        return self.texts.get(lang) or self.texts["zh"]


@dataclass(frozen=True, slots=True)
class Labels:
    """Every label by subject and key, in the order of the files."""

    subjects: Mapping[str, Mapping[str, Label]]

    def text(self, subject: str, key: str | None, lang: str = "zh") -> str:
        """The word for `key`; the key itself where nothing is known about it."""
        if not key:
            return ""
        label = self.subjects.get(subject, {}).get(key)
        return label.text(lang) if label else key

    def keys(self, subject: str) -> tuple[str, ...]:
        """The keys of a subject, in the order of its file."""
        return tuple(self.subjects.get(subject, {}))

    def choices(self, subject: str, lang: str = "zh") -> tuple[tuple[str, str], ...]:
        """Key and word of a subject, in the order of its file."""
        return tuple((key, label.text(lang)) for key, label in self.subjects[subject].items())

    def marked(self, subject: str, mark: str) -> tuple[str, ...]:
        """The keys of a subject whose entry has a true `mark`."""
        return tuple(k for k, label in self.subjects[subject].items() if label.more.get(mark))

    def more(self, subject: str, key: str, name: str) -> Any:
        """What the entry says under `name`, or None."""
        label = self.subjects.get(subject, {}).get(key)
        return label.more.get(name) if label else None


def load_labels(folder: Path) -> Labels:
    """Read every file of `folder`. Raises ConfigError with file, line and key."""
    return Labels(
        MappingProxyType({path.stem: _subject(path) for path in sorted(folder.glob("*.yaml"))})
    )


def _subject(path: Path) -> Mapping[str, Label]:
    entries = content_of(path)
    if not isinstance(entries, dict):
        raise ConfigError(N_("应为“键: {zh: 中文, en: English}”的列表。"), file=str(path))
    return MappingProxyType({str(key): _label(path, str(key), e) for key, e in entries.items()})


def _label(path: Path, key: str, entry: Any) -> Label:
    if not isinstance(entry, dict) or not isinstance(entry.get("zh"), str):
        raise ConfigError(
            N_("缺少中文名称。请写成“{key}: {{zh: 中文, en: English}}”。"),
            file=str(path),
            key=key,
            params={"key": key},
        )
    texts = {lang: str(entry[lang]) for lang in LANGUAGES if lang in entry}
    more = {name: value for name, value in entry.items() if name not in LANGUAGES}
    return Label(key, MappingProxyType(texts), MappingProxyType(more))
