"""The outside heartbeat: an address that is asked for as long as all is well, and only then.

Whoever watches it from outside learns what no part of the installation can say any more.
"""

import logging
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import Request, urlopen

from tasks.loop import Loop

LOG = logging.getLogger(__name__)
EVERY = 60.0
PATIENCE = 5.0


class Outside:
    """Asks for the address once a minute unless something is red."""

    def __init__(self, url: str, is_green: Callable[[], bool], *, every: float = EVERY) -> None:
        self.url = url
        self.is_green = is_green
        self.loop = Loop("outside", self.step, every)

    def step(self) -> bool:
        """Ask, if all is well; whether it was answered."""
        if not self.is_green():
            return False
        request = Request(self.url, headers={"user-agent": "bihuan"})  # noqa: S310 - checked
        try:
            with urlopen(request, timeout=PATIENCE):  # noqa: S310 - http or https, see settings
                return True
        except (URLError, OSError, ValueError) as error:
            LOG.warning("outside heartbeat is not answered", extra={"error": str(error)})
            return False
