"""Who is told when something is wrong with the installation."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.db import Tx
from workflow.operations import queries
from workflow.operations.actions import Audience
from workflow.units.queries import directory


@dataclass(frozen=True, slots=True)
class Audiences:
    """The administrators of the day, over the channels of this installation."""

    zone: ZoneInfo
    channels: tuple[str, ...]
    place: str

    def of(self, tx: Tx, now: datetime) -> Audience:
        """Who that is today."""
        today = now.astimezone(self.zone).date()
        return Audience(queries.admins(directory(tx), today), self.channels, self.place)
