"""Reads `config/plans/words.yaml` into Words; a wrong file is named with its key."""

from functools import lru_cache
from pathlib import Path

from workflow.plans.words import Words
from workflow.wordlists import WordFile

_GROUPS = ("roles", "verbs", "columns", "indicators", "sections")
_LISTS = (
    "manner", "officials", "deadlines", "unit_endings", "functions", "party", "not_own", "units",
    "lower_is_better", "scopes", "soft",
)  # fmt: skip


@lru_cache(maxsize=4)
def load_words(path: Path) -> Words:
    """The words of a file. Raises ConfigError with file and key."""
    file = WordFile(path)
    groups = {name: file.groups(name) for name in _GROUPS}
    lists = {name: file.words(name) for name in _LISTS}
    return Words(**groups, **lists, aliases=file.lines("aliases"))  # type: ignore[arg-type]
