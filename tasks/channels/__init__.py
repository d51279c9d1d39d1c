"""One sender a file: outbox message to the outside world."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from workflow.errors import N_, DeliveryError
from workflow.units.directory import PersonInfo

UNREACHABLE = "unreachable"
"""Code of a DeliveryError that says: the other side is away, the rest need not be tried now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, rendered, on its way to one person."""

    key: str
    """Never used for anything else; the outside can recognise a repeat by it."""
    kind: str
    issue_id: int | None
    person_id: int
    name: str
    address: str | None
    """The person's address on this channel; the login where a channel has no addresses."""
    subject: str
    body: str
    url: str | None
    urgent: bool
    at: datetime


class Session(Protocol):
    """An open way to the other side."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises DeliveryError."""

    def flush(self) -> None:
        """Make sure that what was sent has arrived, before it is recorded. Raises DeliveryError."""


class Channel(Protocol):
    """A way to reach people."""

    name: ClassVar[str]
    is_inbox: ClassVar[bool]
    """The letter is recorded in the person's inbox, in the transaction that settles it."""
    timeout: ClassVar[float]
    """Seconds that handing over one letter may take; the lease is a multiple of it."""
    in_flight: ClassVar[int]
    """Letters that may be handed over before they are recorded: a kill sends so many once more."""

    def address(self, person: PersonInfo) -> str | None:
        """Where this channel reaches a person; None: it cannot."""

    def session(self) -> AbstractContextManager[Session]:
        """Open the way; one session serves a batch. Raises DeliveryError."""


Channels = Mapping[str, Channel]


def no_address(channel: str) -> DeliveryError:
    """The person cannot be reached over this channel, today or tomorrow."""
    return DeliveryError(
        N_("收件人没有登记 {channel} 地址，请在人员资料中补充。"),
        permanent=True,
        code="no_address",
        params={"channel": channel},
    )
