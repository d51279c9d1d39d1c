"""The in-app inbox (收件箱): the relay records it with the outcome, so nothing is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tasks.channels import Letter
from workflow.units.directory import PersonInfo


class Inbox:
    """Always there; cannot fail."""

    name: ClassVar[str] = "inbox"
    is_inbox: ClassVar[bool] = True
    timeout: ClassVar[float] = 1.0
    in_flight: ClassVar[int] = 200

    def address(self, person: PersonInfo) -> str:
        """The inbox of a person is theirs by login."""
        return person.login

    @contextmanager
    def session(self) -> Iterator["Inbox"]:
        """There is no other side."""
        yield self

    def send(self, letter: Letter) -> None:
        """The relay records it."""

    def flush(self) -> None:
        """The relay records it."""
