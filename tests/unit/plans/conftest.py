"""The words that the product ships, read once."""

import pytest

from tests.plans.measure import ROOT
from workflow.plans.vocabulary import load_words
from workflow.plans.words import Words


@pytest.fixture(scope="session")
def words() -> Words:
    """The words of config/plans/words.yaml."""
    return load_words(ROOT / "config" / "plans" / "words.yaml")
