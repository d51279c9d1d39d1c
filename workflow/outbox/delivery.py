"""One claimed message and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this relay may deliver until its lease ends."""

    id: int
    key: str
    """Never used twice; goes to the outside as Message-ID, so that a repeat can be recognised."""
    token: int
    """Fencing token; an outcome counts only while it is the row's own."""
    issue_id: int | None
    person_id: int
    channel: str
    message: str
    urgent: bool
    payload: Mapping[str, Any]
    created_at: datetime
    attempts: int
    """How often delivery has failed so far."""


@dataclass(frozen=True, slots=True)
class InboxText:
    """What the in-app inbox shows."""

    subject: str
    body: str


State = Literal["sent", "merged", "waiting", "dead"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed message.

    ``merged``: it left inside the digest of another one.  ``waiting``: it is tried again at
    ``not_before``; with an ``error`` that was a failure, without one it was only postponed.
    ``dead``: it will not be tried again, and the office sees that.
    """

    claimed: Claimed
    state: State
    not_before: datetime | None = None
    error: str | None = None
    inbox: InboxText | None = None
    """To be recorded in the person's inbox, in the transaction that records the outcome."""


def sent(claimed: Claimed, inbox: InboxText | None = None) -> Outcome:
    """The channel took it."""
    return Outcome(claimed, "sent", inbox=inbox)


def merged(claimed: Claimed) -> Outcome:
    """It left inside a digest."""
    return Outcome(claimed, "merged")


def postponed(claimed: Claimed, until: datetime) -> Outcome:
    """Nothing was tried: quiet hours, or the day's budget is used up."""
    return Outcome(claimed, "waiting", not_before=until)
