"""The English catalogue: complete for what pages show, and with the same places as the Chinese."""

import re

from config.language import catalogue
from tests.msgids import of_code, of_pages

ENGLISH = catalogue("en").messages
PAGES = of_pages() | {
    text: place for text, place in of_code("web").items() if not place.startswith("web/api")
}
ENGINE = of_code("web", "workflow", "tasks", "cli", "config")
ENGLISH_ONLY = {"{millions}"}
"""Chinese counts in 万, English in millions: the error carries both."""
PLACES = re.compile(r"\{[^{}]*\}|%\([a-z_]+\)s")


def test_every_sentence_of_a_page_is_there_in_english() -> None:
    missing = {text: place for text, place in PAGES.items() if text not in ENGLISH}
    assert not missing


def test_translations_keep_the_places() -> None:
    wrong = {
        chinese: english
        for chinese, english in ENGLISH.items()
        if not set(PLACES.findall(english)) <= {*PLACES.findall(chinese), *ENGLISH_ONLY}
    }
    assert not wrong


def test_nothing_is_translated_that_nobody_says() -> None:
    stale = set(ENGLISH) - set(PAGES) - set(ENGINE)
    assert not stale
