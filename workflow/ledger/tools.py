"""What importing needs besides the office: the words, and the names of categories and sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow.issues.office import Office
from workflow.labels import Labels, load_labels
from workflow.ledger.cells import read_book
from workflow.ledger.mapping import Given
from workflow.ledger.progress import Progress, nothing
from workflow.ledger.reading import Reading, read
from workflow.ledger.vocabulary import FILE, load_ledger_words
from workflow.ledger.words import LedgerWords, plain
from workflow.plans.vocabulary import load_words
from workflow.plans.words import Words

PLAN_WORDS = Path("plans") / "words.yaml"
LOOP = "ledger"


@dataclass(frozen=True, eq=False)
class Tools:
    """Made once for each process."""

    office: Office
    words: LedgerWords
    plan_words: Words
    categories: Mapping[str, str]
    sources: Mapping[str, str]
    """Name as a ledger writes it, folded, to the office's own code."""

    def read(self, data: bytes, given: Given, told: Progress = nothing) -> Reading:
        """What a workbook says. Raises Invalid for one that cannot be opened."""
        return read(read_book(data), self.words, self.plan_words, given, told)


def open_tools(office: Office, config_dir: Path, labels: Labels | None = None) -> Tools:
    """The tools of an office. Raises ConfigError for a wrong file of words."""
    words = load_ledger_words(config_dir / FILE)
    labels = labels or load_labels(config_dir / "labels")
    known: dict[str, dict[str, str]] = {"categories": {}, "sources": {}}
    for subject, named, codes in (
        ("categories", words.categories, office.categories),
        ("sources", words.sources, frozenset(office.sources)),
    ):
        for key, text in labels.choices(subject):
            known[subject][plain(text)] = key
        known[subject] |= {plain(word): code for word, code in named.items() if code in codes}
    return Tools(
        office, words, load_words(config_dir / PLAN_WORDS), known["categories"], known["sources"]
    )
