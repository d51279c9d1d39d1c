"""The text of a paper: a template per kind in ``templates/papers``, filled with plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "papers"
_BETWEEN = "\n---\n"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a paper says. Everything is text in Chinese, as it is to be printed."""

    number: str
    title: str
    """Of the issue."""
    owner: str
    """The unit that is late."""
    addressee: str
    issuer: str
    """The unit in whose name it is signed."""
    clock: str
    due: str
    today: str
    late: str
    """已逾期3日, or how long is left."""
    answer_by: str | None
    copies: Sequence[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A paper's title and body, in plain text."""

    title: str
    body: str


def kinds() -> tuple[str, ...]:
    """The kinds of papers that have a template."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.txt")))


def draft_text(kind: str, facts: Facts) -> Text:
    """Fill the template of that kind."""
    values = {each.name: getattr(facts, each.name) for each in fields(facts)}
    values["title"] = " ".join(facts.title.split())
    title, _, body = _template(kind).render(values).partition(_BETWEEN)
    return Text(title.strip()[:200], body.strip("\n"))


@lru_cache(maxsize=32)
def _template(kind: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        # Plain text: what shows it on a page escapes it there.
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{kind}.txt")
