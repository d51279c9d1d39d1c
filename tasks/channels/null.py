"""Takes everything and keeps nothing: to measure what is around a channel, and to rehearse."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tasks.channels import Letter
from workflow.units.directory import PersonInfo


class Null:
    """Cannot fail; the relay does all that it does for any other channel."""

    name: ClassVar[str] = "null"
    is_inbox: ClassVar[bool] = False
    timeout: ClassVar[float] = 1.0
    in_flight: ClassVar[int] = 200

    def address(self, person: PersonInfo) -> str:
        """Everybody can be told nothing."""
        return person.login

    @contextmanager
    def session(self) -> Iterator["Null"]:
        """There is no other side."""
        yield self

    def send(self, letter: Letter) -> None:
        """It is gone."""

    def flush(self) -> None:
        """Nothing is kept back."""
