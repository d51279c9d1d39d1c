"""Turn an outbox payload into the subject and the body of a message, in the reader's language."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from workflow.labels import Labels
from workflow.outbox.messages import MESSAGES, Digest

FOLDER = Path(__file__).parent.parent / "templates" / "messages"
SUBJECT_LENGTH = 200
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads. `link` is the path of the page, None where there is none."""

    subject: str
    body: str
    link: str | None = None


class Renderer:
    """All message texts; made once, used by every thread."""

    def __init__(self, zone: ZoneInfo, labels: Labels, folder: Path = FOLDER) -> None:
        self.zone = zone
        self.labels = labels
        self._texts = {lang: _environment(folder, self._words(lang)) for lang in ("zh", "en")}

    def text(self, kind: str, payload: Mapping[str, Any], lang: str) -> Text:
        """Subject and body of one message; an unknown language is answered in Chinese.

        Raises KeyError for a message that this version does not know.
        """
        known: dict[str, Any] = dict.fromkeys(MESSAGES[kind].names)
        context = {**known, **payload}
        number, title = context["number"], context["title"]
        context["issue"] = f"{title}（{number}）" if lang != "en" else f"{title} ({number})"
        link = context["link"] or (f"/issues/{number}" if number else None)
        return Text(
            one_line(self._render(kind, "subject", lang, context)),
            clean(self._render(kind, "body", lang, context)),
            link,
        )

    def digest(self, texts: Sequence[Text], lang: str, base_url: str) -> Text:
        """Several messages in one."""
        items = [
            {"subject": text.subject, "link": f"{base_url}{text.link}" if text.link else None}
            for text in texts
        ]
        return Text(
            one_line(self._render(Digest.kind, "subject", lang, {"items": items})),
            clean(self._render(Digest.kind, "body", lang, {"items": items})),
            "/inbox",
        )

    def _render(self, kind: str, part: str, lang: str, context: Mapping[str, Any]) -> str:
        environment = self._texts.get(lang, self._texts["zh"])
        suffix = ".en" if lang == "en" else ""
        return environment.get_template(f"{kind}/{part}{suffix}.txt").render(context)

    def _words(self, lang: str) -> dict[str, Callable[..., str]]:
        """What the templates of a language can call."""
        colon = ": " if lang == "en" else "："

        def say(label: Any, subject: str = "") -> str:
            if isinstance(label, Mapping):
                return str(label.get(lang) or label.get("zh") or "")
            return self.labels.text(subject, str(label), lang) if label else ""

        def when(moment: str | None) -> str:
            return moment_text(moment, lang, self.zone) if moment else ""

        def lines(*pairs: tuple[str, Any]) -> str:
            # One line each: what somebody wrote cannot pass for a line of ours.
            found = ((name, " ".join(say(value).split())) for name, value in pairs if value)
            return "\n".join(f"{name}{colon}{value}" for name, value in found)

        return {"say": say, "when": when, "lines": lines}


def moment_text(moment: str, lang: str, zone: ZoneInfo) -> str:
    """An ISO day or an ISO moment as people write it; any other text as it is.

    Midnight is the end of the day before: a due day lasts until 24:00.
    """
    try:
        if len(moment) <= len("2025-10-15"):
            return _day(date.fromisoformat(moment), lang)
        at = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    local = at.astimezone(zone) if at.tzinfo else at
    if local.time() == time():
        return _day(local.date() - timedelta(days=1), lang)
    return f"{_day(local.date(), lang)} {local:%H:%M}"


def one_line(text: str) -> str:
    """A subject: one line without control characters, so that no header can be smuggled in."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"


def clean(text: str) -> str:
    """A body: no control characters, no blank lines in a row or at the ends."""
    return re.sub(r"\n{3,}", "\n\n", _UNPRINTABLE.sub("", text)).strip()


def _day(day: date, lang: str) -> str:
    if lang == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def _environment(folder: Path, words: Mapping[str, Callable[..., str]]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - plain text; whoever shows it on a page escapes it there
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(words)
    environment.globals.update(words)
    return environment
