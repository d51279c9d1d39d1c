"""The languages of the product: Chinese msgids, and one .po file for each other language.

The catalogue is read as it is written, so nothing has to be compiled and nothing can be stale.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

SOURCE = "zh"
LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language by their Chinese msgid."""

    lang: str
    messages: Mapping[str, str]

    def gettext(self, msgid: str) -> str:
        """The sentence in this language; the Chinese one where it has not been translated."""
        return self.messages.get(msgid) or msgid

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Chinese has one form; a translated pair is kept under the two msgids."""
        return self.gettext(one if n == 1 else many)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(lang: str) -> Catalogue:
    """The catalogue of `lang`; an unknown language is answered in Chinese."""
    path = FOLDER / f"{lang}.po"
    if lang == SOURCE or lang not in LANGUAGES or not path.exists():
        return Catalogue(SOURCE, MappingProxyType({}))
    return Catalogue(lang, MappingProxyType(read_po(path.read_text(encoding="utf-8"))))


def read_po(text: str) -> dict[str, str]:
    """Msgid to msgstr of a .po file. Raises ValueError that names a line at fault."""
    return {msgid: msgstr for msgid, msgstr in _pairs(text) if msgid and msgstr}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    parts = {"msgid": "", "msgstr": ""}
    current = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word in parts:
            if word == "msgid" and current:
                yield parts["msgid"], parts["msgstr"]
                parts = {"msgid": "", "msgstr": ""}
            current, line = word, rest.strip()
        if not current or not (line.startswith('"') and line.endswith('"')):
            raise ValueError(f"line {number}: {raw!r}")
        parts[current] += str(json.loads(line))
    if current:
        yield parts["msgid"], parts["msgstr"]


def preferred(header: str) -> str | None:
    """The first of our languages in an Accept-Language header, or None."""
    wanted: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, _, weight = item.partition(";q=")
        lang = tag.strip().lower().split("-")[0]
        try:
            wanted.append((-float(weight or 1), lang))
        except ValueError:
            continue
    wanted.sort(key=lambda entry: entry[0])
    return next((lang for weight, lang in wanted if lang in LANGUAGES and weight < 0), None)
