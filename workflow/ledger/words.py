"""The words by which ledgers are read, as the office keeps them. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

FIELDS: Final = (
    "number", "own_number", "title", "description", "source", "category", "place", "district",
    "responsible", "lead", "cooperating", "acceptance", "supervising", "person", "due", "found_on",
    "measures", "target", "progress", "done", "closed", "closed_on", "percent", "speed", "remark",
)  # fmt: skip
"""What a column can hold."""

LIST_FIELDS: Final = ("responsible", "lead", "cooperating", "acceptance", "supervising")
"""Columns of units."""

_DROPPED = re.compile(r"[\s·、，,.。:：;；*※/／\\|\-—_~“”\"'《》<>]+")
_BRACKETS = re.compile(r"[（(〔\[【][^（）()〔〕\[\]【】]*[）)〕\]】]")
_ORDER = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,2})(?=[^\d一二三四五六七八九十])")


def plain(text: str) -> str:
    """A heading in one width and case, without spaces and signs."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text)).upper()


def heading(text: str) -> str:
    """`plain`, and without what stands in brackets."""
    folded = unicodedata.normalize("NFKC", text)
    return plain(_BRACKETS.sub("", folded)) or plain(folded)


@lru_cache(maxsize=65_536)
def _field(words: "LedgerWords", text: str) -> str | None:
    return words.find_field(text)


@lru_cache(maxsize=65_536)
def _counted(words: "LedgerWords", text: str) -> bool:
    return heading(text) in words.counts


@dataclass(frozen=True, eq=False)
class LedgerWords:
    """Every list of `config/ledger/words.yaml`; see there what each is for."""

    columns: Mapping[str, tuple[str, ...]]
    statistics: tuple[str, ...]
    totals: tuple[str, ...]
    notes: tuple[str, ...]
    done: tuple[str, ...]
    open: tuple[str, ...]
    closed: tuple[str, ...]
    categories: Mapping[str, str]
    sources: Mapping[str, str]
    default_category: str
    default_source: str
    at_once: str

    @cached_property
    def _field_of(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name in FIELDS:
            for word in self.columns.get(name, ()):
                found.setdefault(heading(word), name)
        return found

    @cached_property
    def _long(self) -> tuple[tuple[str, str], ...]:
        """Headings of three signs and more, the longest first, to be found inside others."""
        long = [(word, name) for word, name in self._field_of.items() if len(word) > 2]
        return tuple(sorted(long, key=lambda pair: -len(pair[0])))

    def field_of(self, text: str) -> str | None:
        """The field that a heading names, or None."""
        return _field(self, text)

    def find_field(self, text: str) -> str | None:
        """`field_of`, looked up anew."""
        for form in (plain(text), heading(text), _ORDER.sub("", heading(text))):
            if form and (found := self._field_of.get(form)) is not None:
                return found
        return None

    def likely_field_of(self, text: str) -> str | None:
        """The field whose heading is a part of this one, or None: 2024年度整改责任单位名称."""
        form = heading(text)
        if not 2 < len(form) <= 20:
            return None
        return next((name for word, name in self._long if word in form), None)

    def is_count(self, text: str) -> bool:
        """Whether a heading is one of statistics."""
        return len(text) < 20 and _counted(self, text)

    @cached_property
    def counts(self) -> frozenset[str]:
        """Headings of statistics."""
        return frozenset(map(heading, self.statistics))

    @cached_property
    def total(self) -> re.Pattern[str]:
        """The beginning of a row of sums."""
        return re.compile(rf"(?:{'|'.join(map(re.escape, self.totals))})(?:$|[:：（(]|\d|共)")

    @cached_property
    def note(self) -> re.Pattern[str]:
        """The beginning of a remark below a table."""
        longest = sorted(self.notes, key=len, reverse=True)
        return re.compile(rf"(?:{'|'.join(map(re.escape, longest))})\s*\d?\s*[:：.、（(]")
