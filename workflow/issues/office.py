"""The standing arrangements of one installation: an explicit argument of every action."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflow.db import Tx
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladder import Ladders
from workflow.issues.effect import House
from workflow.loops.loop import Loop
from workflow.units.directory import Directory


@dataclass(frozen=True)
class Office:
    """Calendar, loops, ladders, channels and labels as they are in force, and the record's key."""

    timing: Timing
    loops: Mapping[str, Loop]
    """The current version of each loop by name; running issues stay on theirs."""
    ladders: Ladders
    mac_key: bytes
    categories: frozenset[str]
    sources: Mapping[str, str]
    """Kind of source → the loop on which such an issue runs unless the form says otherwise."""
    lamps: Mapping[str, int]
    """Lamp → how bad it is; ``none`` is 0."""
    loop_of: Callable[[Tx, str], Loop]
    """Finds a loop by its version."""
    channels: tuple[str, ...] = ("inbox",)
    demo: bool = field(default=False)

    def house(self, directory: Directory) -> House:
        """Return what a decision may know."""
        return House(directory, self.timing, self.categories, self.loops)

    def worst(self, lamps: tuple[str, ...]) -> str:
        """Return the worst of several lamps."""
        return max(lamps, key=lambda lamp: self.lamps.get(lamp, 0), default="none")
