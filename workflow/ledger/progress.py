"""How whoever waits is told how far something is. Pure."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


def nothing(_done: int, _of: int) -> None:
    """No progress is shown."""
