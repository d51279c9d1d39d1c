"""Reads `config/ledger/words.yaml` into LedgerWords; a wrong file is named with its key."""

from functools import lru_cache
from pathlib import Path

from workflow.ledger.words import FIELDS, LedgerWords
from workflow.wordlists import WordFile

FILE = Path("ledger") / "words.yaml"
_LISTS = ("statistics", "totals", "notes", "done", "open", "closed")
_MAPS = ("categories", "sources")
_TEXTS = ("default_category", "default_source", "at_once")


@lru_cache(maxsize=4)
def load_ledger_words(path: Path) -> LedgerWords:
    """The words of a file. Raises ConfigError with file and key."""
    file = WordFile(path)
    columns = file.groups("columns")
    if not columns.keys() <= set(FIELDS):
        raise file.wrong("columns")
    return LedgerWords(
        columns=columns,
        **{name: file.words(name) for name in _LISTS},  # type: ignore[arg-type]
        **{name: file.pairs(name) for name in _MAPS},  # type: ignore[arg-type]
        **{name: file.text(name) for name in _TEXTS},  # type: ignore[arg-type]
    )
