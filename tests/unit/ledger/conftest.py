"""The words of the office, and a reader that knows them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.ledger.cells import read_book
from workflow.ledger.mapping import Given
from workflow.ledger.reading import Reading, read
from workflow.ledger.vocabulary import load_ledger_words
from workflow.ledger.words import LedgerWords
from workflow.plans.vocabulary import load_words
from workflow.plans.words import Words

CONFIG = Path(__file__).parents[3] / "config"
Read = Callable[..., Reading]


@pytest.fixture(scope="session")
def words() -> LedgerWords:
    """The shipped words."""
    return load_ledger_words(CONFIG / "ledger" / "words.yaml")


@pytest.fixture(scope="session")
def plan_words() -> Words:
    """The shipped words of plans, which know how units are written."""
    return load_words(CONFIG / "plans" / "words.yaml")


@pytest.fixture
def reading(words: LedgerWords, plan_words: Words) -> Read:
    """Reads the bytes of a workbook."""
    return lambda data, given=Given(): read(read_book(data), words, plan_words, given)  # noqa: B008
