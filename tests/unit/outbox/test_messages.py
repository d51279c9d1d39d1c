"""Every message is a type with a payload of its own."""

import json
from dataclasses import fields

import pytest

from workflow.outbox.messages import MESSAGES, Message, NewWork, Reminder


def test_the_payload_leaves_out_what_is_unknown() -> None:
    reminder = Reminder(number="2025-7", title="露天焚烧秸秆", due="2025-10-15", level=0)
    assert reminder.payload() == {
        "number": "2025-7",
        "title": "露天焚烧秸秆",
        "due": "2025-10-15",
        "level": 0,
    }


@pytest.mark.parametrize("kind", MESSAGES)
def test_kind_fits_the_column_and_all_fields_fit_a_payload(kind: str) -> None:
    message = MESSAGES[kind]
    assert message.kind == kind
    assert len(kind) <= 32
    assert issubclass(message, Message)
    assert message.names == tuple(field.name for field in fields(message))
    full = message(**{name: f"<{name}>" for name in message.names})
    assert json.loads(json.dumps(full.payload())) == {name: f"<{name}>" for name in message.names}


def test_a_label_may_come_in_two_languages() -> None:
    work = NewWork(number="1", title="t", state={"zh": "待签收", "en": "To accept"})
    assert work.payload()["state"] == {"zh": "待签收", "en": "To accept"}
