"""The data of an event, a request or a typed form as names and texts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from config.language import catalogue
from workflow.audit.timeline import EventView
from workflow.deadlines.limits import parse_limit
from workflow.errors import N_, Invalid
from workflow.issues.fields import AMENDABLE, FIELDS

Pairs = tuple[tuple[str, str], ...]
_NAMES: Mapping[str, str] = {
    "clock": N_("时限名称"),
    "to": N_("发往"),
    "copy": N_("抄送"),
    "paper": N_("文书"),
    "title": N_("标题"),
    "description": N_("问题描述"),
    "category": N_("问题类别"),
    "place": N_("地点"),
    "answer": N_("答复内容"),
    "answer_by": N_("答复期限"),
    "old": N_("原内容"),
    "new": N_("新内容"),
    "successors": N_("承接单位"),
    "clocks": N_("重算结果"),
    "own_number": N_("来文（来件）编号"),
    "merged": N_("并入的问题"),
    "reporter_name": N_("举报人姓名"),
    "reporter_contact": N_("举报人联系方式"),
    "place_unit": N_("所在乡镇、街道或村"),
}
_BIRTH = frozenset({"title", "description", "category", "place", "source", "loop", "due"})
_STEP = N_("环节")
_TO_SIGN = N_("（待{who}签发）")


class Speaker(Protocol):
    """What turns keys into words (``web.words.Words``)."""

    @property
    def lang(self) -> str: ...

    def day(self, day: date | str | None) -> str:
        """A civil day."""

    def moment(self, at: datetime | None) -> str:
        """A moment."""

    def label(self, subject: str, key: str | None) -> str:
        """A word of the office's lists."""

    def clock(self, version: str, kind: str) -> str:
        """The name of a clock."""

    def state(self, version: str, state: str) -> str:
        """The name of a state."""

    def recorded_desk(self, text: str) -> str:
        """``post@code`` in words."""


def of_event(words: Speaker, version: str, event: EventView) -> Pairs:
    """What an event says besides who did what and when."""
    data = dict(event.data)
    if event.kind == "report":
        data = {name: value for name, value in data.items() if name not in _BIRTH}
    if event.kind.startswith("paper_"):
        data.pop("text", None)
    if event.kind == "rung":
        return _climbed(words, version, data)
    before, after = data.pop("from", None), data.get("to")
    steps: Pairs = ()
    if isinstance(before, str) and isinstance(after, str):
        data.pop("to")
        way = f"{words.state(version, before)} → {words.state(version, after)}"
        steps = ((catalogue(words.lang).gettext(_STEP), way),)
    elif isinstance(after, str):
        data.pop("to")
    return (*pairs(words, data, version), *steps)


def _climbed(words: Speaker, version: str, data: Mapping[str, Any]) -> Pairs:
    """One line for what the clock did: which limit, what was sent, to whom, who is to sign."""
    translate = catalogue(words.lang).gettext
    sent = _rungs(words, data.get("rungs", ()), version)
    if paper := data.get("paper"):
        draft = words.label("papers", str(paper))
        signer = _desks(words, data.get("sign", ""), version)
        sent = " ".join(filter(None, (sent, f"{draft}{translate(_TO_SIGN).format(who=signer)}")))
    reached = _desks(words, data.get("to", ()), version)
    way = " → ".join(filter(None, (sent, reached)))
    return ((words.clock(version, str(data.get("clock", ""))), way),)


def pairs(words: Speaker, data: Mapping[str, Any], version: str = "") -> Pairs:
    """Name and text of each value that has a name; what has none is the record's own business."""
    translate = catalogue(words.lang).gettext
    found: list[tuple[str, str]] = []
    for name, value in data.items():
        label = FIELDS[name].zh if name in FIELDS else _NAMES.get(name)
        if label is None or name == "evidence" or value in (None, "", [], {}):
            continue
        if text := _text(words, name, value, version):
            found.append((translate(label), text))
    return tuple(found)


def _text(words: Speaker, name: str, value: Any, version: str) -> str:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(words, value, version)
    if isinstance(value, Mapping):
        return str(value.get(words.lang) or value.get("zh") or "")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _joined(words, (_text(words, name, item, version) for item in value))
    return str(value)


def _joined(words: Speaker, texts: Any) -> str:
    return (", " if words.lang == "en" else "、").join(filter(None, texts))


def _day(words: Speaker, value: Any, _: str) -> str:
    try:
        return words.day(str(value))
    except ValueError:
        return str(value)


def _when(words: Speaker, value: Any, version: str) -> str:
    text = str(value)
    if "T" not in text:
        return _day(words, value, version)
    try:
        return words.moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _span(words: Speaker, value: Any, _: str) -> str:
    try:
        return parse_limit(value).label("en" if words.lang == "en" else "zh")
    except Invalid:
        return str(value)


def _desks(words: Speaker, value: Any, _: str) -> str:
    texts = [value] if isinstance(value, str) else list(value)
    return _joined(words, (words.recorded_desk(str(text)) for text in texts))


def _rungs(words: Speaker, value: Any, _: str) -> str:
    return _joined(
        words,
        (
            " ".join(
                filter(
                    None,
                    (
                        words.label("messages", rung.get("message")),
                        words.label("lamps", rung.get("lamp")),
                    ),
                )
            )
            for rung in value
            if isinstance(rung, Mapping)
        ),
    )


def _parts(words: Speaker, value: Any, version: str) -> str:
    if isinstance(value, str):
        return value
    if all(isinstance(part, str) for part in value):
        return _joined(words, value)
    return "\n".join(
        " · ".join(
            filter(
                None,
                (
                    part.get("responsible"),
                    part.get("title"),
                    part.get("due") and _day(words, part["due"], version),
                ),
            )
        )
        for part in value
        if isinstance(part, Mapping)
    )


def _recounted(words: Speaker, value: Any, version: str) -> str:
    if not isinstance(value, Mapping):
        return ""
    return "\n".join(
        f"{words.clock(version, kind)} {_when(words, moved.get('from'), version)}"
        f" → {_when(words, moved.get('to'), version)}"
        for kind, moved in value.items()
        if isinstance(moved, Mapping)
    )


def _taken_over(words: Speaker, value: Any, _: str) -> str:
    if not isinstance(value, Mapping):
        return ""
    return _joined(words, (f"{old} → {new}" for old, new in value.items()))


_SPECIAL: Mapping[str, Callable[[Speaker, Any, str], str]] = {
    "due": _day,
    "until": _day,
    "visited_on": _day,
    "answer_by": _when,
    "resubmit": _span,
    "period": _span,
    "to": _desks,
    "copy": _desks,
    "parts": _parts,
    "clocks": _recounted,
    "successors": _taken_over,
    "clock": lambda words, value, version: words.clock(version, str(value)),
    "paper": lambda words, value, _: words.label("papers", str(value)),
    "category": lambda words, value, _: words.label("categories", str(value)),
    "speed": lambda words, value, _: words.label("speeds", str(value)),
    "field": lambda words, value, _: catalogue(words.lang).gettext(
        AMENDABLE.get(str(value), str(value))
    ),
}
