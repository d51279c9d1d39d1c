"""What a reviewer may write: every field with its form, and the sentence for what does not fit."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from workflow.errors import N_, Invalid
from workflow.issues.fields import Day
from workflow.issues.inputs import is_storable, validated_value


def _text(most: int, least: int = 1) -> Any:
    return Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=least, max_length=most)
    ]


_STATE = Literal["active", "struck"]
_RHYTHM = r"^[a-z ]+(:(\d{1,2}-)?\d{1,2})?$"
_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "plan": {
        "title": _text(200),
        "number": _text(64) | None,
        "issuer": _text(100) | None,
        "issued_on": Day | None,
        "organiser": _text(100) | None,
        "supervisor": _text(100) | None,
    },
    "task": {"title": _text(200), "content": _text(20_000), "state": _STATE},
    "milestone": {
        "due": Day,
        "content": _text(2_000),
        "every": Annotated[str, StringConstraints(pattern=_RHYTHM, max_length=32)] | None,
        "state": _STATE,
    },
    "target": {
        "name": _text(200),
        "comparator": _text(32),
        "value": _text(200),
        "unit": _text(50, 0),
        "due": Day | None,
        "state": _STATE,
    },
    "duty": {"name": _text(100)},
    "note": {"resolution": _text(500, 0)},
    "observation": {
        "value": _text(64),
        "observed_on": Day,
        "source": _text(200),
        "note": _text(1_000, 0),
    },
}
FIELDS: Mapping[str, frozenset[str]] = {
    subject: frozenset(fields)
    for subject, fields in _FIELDS.items()
    if subject not in ("duty", "note", "observation")
}
"""Subject → the fields that ``actions.correct`` changes."""


def read_value(subject: str, field: str, value: str | None, *, at: str = "value") -> Any:
    """The value in its type. Raises Invalid at the field ``at`` of the form."""
    form = _FIELDS[subject][field]
    if value is not None and not value.strip():
        value = "" if field in ("unit", "resolution", "note") else None
    if not is_storable(value):
        raise Invalid.at(at, N_("含有无法保存的字符，请删除后重新填写。"))
    return validated_value(form, at, value)
