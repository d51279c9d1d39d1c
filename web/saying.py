"""The data of an event or a request as names and texts."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from config.language import catalogue
from workflow.errors import N_
from workflow.issues.fields import AMENDABLE, FIELDS
from workflow.labels import Labels

_NAMES: Mapping[str, str] = {
    "clock": N_("时限名称"),
    "level": N_("级别"),
    "lamp": N_("亮灯"),
    "message": N_("消息"),
    "paper": N_("文书"),
    "to": N_("发往"),
    "due": N_("时限"),
    "old": N_("原内容"),
    "new": N_("新内容"),
    "answer": N_("答复"),
    "title": N_("标题"),
    "merged": N_("并入的级别"),
    "remarks": N_("备注"),
}
_SUBJECTS = {
    "lamp": "lamps",
    "message": "messages",
    "paper": "papers",
    "category": "categories",
    "speed": "speeds",
}
HIDDEN = frozenset(
    {"evidence", "units", "loop_version", "version", "source_id", "clock_id", "paper_id"}
)
HIDDEN_AT_BIRTH = HIDDEN | {
    "title",
    "description",
    "category",
    "place",
    "source",
    "loop",
    "due",
}


class Speaker(Protocol):
    """What turns keys into words."""

    @property
    def lang(self) -> str: ...
    @property
    def labels(self) -> Labels: ...

    def day(self, day: Any) -> str:
        """A civil day."""

    def label(self, subject: str, key: str | None) -> str:
        """A word of the office's lists."""


def pairs(words: Speaker, data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name and text of each value that has a name; what has none is the record's own business."""
    translate = catalogue(words.lang).gettext
    found: list[tuple[str, str]] = []
    for name, value in data.items():
        label = FIELDS[name].zh if name in FIELDS else _NAMES.get(name)
        if label is None or value in (None, "", [], {}):
            continue
        text = _text(words, name, value)
        if text:
            found.append((translate(label), text))
    return tuple(found)


def _text(words: Speaker, name: str, value: Any) -> str:
    if name == "parts":
        return "\n".join(_part(words, part) for part in value if isinstance(part, Mapping))
    if isinstance(value, Mapping):
        return str(value.get(words.lang) or value.get("zh") or "")
    if isinstance(value, Sequence) and not isinstance(value, str):
        between = ", " if words.lang == "en" else "、"
        return between.join(_text(words, name, item) for item in value)
    if name in ("due", "until", "visited_on") and isinstance(value, str):
        try:
            return words.day(value)
        except ValueError:
            return value
    if name == "field":
        return catalogue(words.lang).gettext(AMENDABLE.get(str(value), str(value)))
    if name in _SUBJECTS:
        return words.label(_SUBJECTS[name], str(value))
    return str(value)


def _part(words: Speaker, part: Mapping[str, Any]) -> str:
    cells = (part.get("responsible"), part.get("title"), part.get("due") and words.day(part["due"]))
    return " · ".join(str(cell) for cell in cells if cell)
