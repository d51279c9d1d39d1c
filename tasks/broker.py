"""What the broker says of itself: whether it answers, and whether it would throw tasks away."""

from dataclasses import dataclass
from typing import Literal

from celery import Celery

from tasks.loop import first_line

PATIENCE = 2.0
"""Seconds for an answer; one that is frozen takes connections and says nothing."""
KEEPS = "noeviction"
State = Literal["ok", "away", "evicts"]


@dataclass(frozen=True, slots=True)
class BrokerReading:
    """One look at the broker."""

    state: State
    policy: str = KEEPS
    error: str = ""


def look(app: Celery) -> BrokerReading:
    """Ask Redis for its policy. `INFO` is answered where `CONFIG` is forbidden, too."""
    # Through Celery, which loads the Redis client only where one is used.
    try:
        with app.connection_for_write(transport_options={"socket_timeout": PATIENCE}) as connection:
            said = connection.default_channel.client.info("memory")
    except Exception as error:  # noqa: BLE001 - each client of a broker has errors of its own
        return BrokerReading("away", error=first_line(error))
    policy = str(said.get("maxmemory_policy", KEEPS))
    return BrokerReading("ok" if policy == KEEPS else "evicts", policy)
