"""Whoever kills and freezes parts and stores, in an order that a seed decides."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tasks.relay import SHORTEST_LEASE
from tests.chaos.site import Site, Slot
from tests.chaos.stores import tree
from tests.operations.processes import until


@dataclass(frozen=True, slots=True)
class Blow:
    """One act of violence."""

    kind: str
    target: str
    began: float
    ended: float


Act = Callable[["Killer", Slot | None], None]


@dataclass
class Killer:
    """Deals blows one after the other, each followed by a rest."""

    site: Site
    seed: int
    kinds: Sequence[str]
    rest: tuple[float, float]
    down: tuple[float, float]
    """Seconds for which something stays dead or frozen."""
    waits: bool = False
    """Strikes only who has come back from the blow before."""
    blows: list[Blow] = field(default_factory=list)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.thread = threading.Thread(target=self._run, name="killer", daemon=True)

    @property
    def is_done(self) -> bool:
        """Whether every blow was dealt."""
        return len(self.blows) == len(self.kinds) or self.error is not None

    def tally(self) -> Mapping[str, int]:
        """How many blows of each kind."""
        return Counter(blow.kind for blow in self.blows)

    def _run(self) -> None:
        try:
            for kind in self.kinds:
                if self.waits:
                    until(self.site.serves, what="coming back")
                time.sleep(self.chance.uniform(*self.rest))
                self._deal(kind)
        except BaseException as error:
            self.error = error
            raise

    def _deal(self, kind: str) -> None:
        part = kind.partition(" ")[0]
        slots = [slot for name, slot in self.site.slots.items() if name.startswith(part)]
        slot = self.chance.choice(slots) if slots else None
        began = time.monotonic()
        ACTS[kind](self, slot)
        self.blows.append(Blow(kind, slot.name if slot else part, began, time.monotonic()))

    def wait(self) -> None:
        """For as long as something stays dead or frozen."""
        time.sleep(self.chance.uniform(*self.down))


@contextmanager
def _held(slot: Slot) -> Iterator[Slot]:
    slot.held = True
    try:
        yield slot
    finally:
        slot.held = False


def _kill(killer: Killer, slot: Slot | None) -> None:
    """The process and its children at once."""
    assert slot is not None
    with _held(slot), suppress(ProcessLookupError):
        slot.running.send_all(signal.SIGKILL)
        killer.wait()


def _behead(killer: Killer, slot: Slot | None) -> None:
    """The process alone; its children have to notice."""
    assert slot is not None
    with _held(slot), suppress(ProcessLookupError):
        slot.running.send(signal.SIGKILL)
        killer.wait()


def _maim(killer: Killer, slot: Slot | None) -> None:
    """One child, as the system does when memory runs out."""
    assert slot is not None
    children = tree(slot.running.process.pid)[1:]
    if children:
        with suppress(ProcessLookupError):
            os.kill(killer.chance.choice(children), signal.SIGKILL)
    killer.wait()


def _freeze(killer: Killer, slot: Slot | None) -> None:
    _frozen(slot, killer.wait)


def _outlast(killer: Killer, slot: Slot | None) -> None:
    """Frozen until others have taken over what it had claimed; then it goes on sending."""
    del killer
    _frozen(slot, lambda: time.sleep(SHORTEST_LEASE + 5))


def _frozen(slot: Slot | None, wait: Callable[[], None]) -> None:
    assert slot is not None
    with _held(slot), suppress(ProcessLookupError):
        slot.running.send_all(signal.SIGSTOP)
        try:
            wait()
        finally:
            slot.running.send_all(signal.SIGCONT)


def _redis_kill(killer: Killer, _: Slot | None) -> None:
    valkey = killer.site.valkey
    assert valkey is not None
    valkey.stop()
    killer.wait()
    valkey.start()


def _redis_freeze(killer: Killer, _: Slot | None) -> None:
    valkey = killer.site.valkey
    assert valkey is not None
    valkey.freeze()
    killer.wait()
    valkey.thaw()


def _redis_wipe(killer: Killer, _: Slot | None) -> None:
    assert killer.site.valkey is not None
    killer.site.valkey.wipe()


def _redis_evict(killer: Killer, _: Slot | None) -> None:
    valkey = killer.site.valkey
    assert valkey is not None
    valkey.evict()
    killer.wait()
    valkey.keep()


def _database_kill(killer: Killer, _: Slot | None) -> None:
    postgresql = killer.site.postgresql
    assert postgresql is not None
    postgresql.kill()
    killer.wait()
    postgresql.start()


def _database_stop(killer: Killer, _: Slot | None) -> None:
    postgresql = killer.site.postgresql
    assert postgresql is not None
    postgresql.stop_at_once()
    killer.wait()
    postgresql.start()


def _database_freeze(killer: Killer, _: Slot | None) -> None:
    postgresql = killer.site.postgresql
    assert postgresql is not None
    postgresql.freeze()
    killer.wait()
    postgresql.thaw()


ACTS: Mapping[str, Act] = {
    "web kill": _kill,
    "web freeze": _freeze,
    "worker kill": _kill,
    "worker behead": _behead,
    "worker maim": _maim,
    "worker freeze": _freeze,
    "worker outlast": _outlast,
    "clock kill": _kill,
    "clock freeze": _freeze,
    "serve kill": _kill,
    "serve freeze": _freeze,
    "redis kill": _redis_kill,
    "redis freeze": _redis_freeze,
    "redis wipe": _redis_wipe,
    "redis evict": _redis_evict,
    "database kill": _database_kill,
    "database stop": _database_stop,
    "database freeze": _database_freeze,
}
CLUSTER: Mapping[str, int] = {
    "web kill": 2,
    "web freeze": 2,
    "worker kill": 1,
    "worker behead": 1,
    "worker maim": 2,
    "worker freeze": 1,
    "clock kill": 1,
    "clock freeze": 1,
    "redis kill": 2,
    "redis freeze": 1,
    "redis wipe": 2,
    "redis evict": 1,
    "database kill": 1,
    "database stop": 1,
    "database freeze": 2,
}
"""Twenty-one blows; every kind is among them but the one that takes long."""
LONG: Mapping[str, int] = {**CLUSTER, "worker outlast": 1}
SERVE: Mapping[str, int] = {"serve kill": 2, "serve freeze": 1}


def shuffled(counts: Mapping[str, int], seed: int, most: int) -> list[str]:
    """So many blows in an order that the seed decides, every kind in each turn."""
    chance, found = random.Random(seed), []
    while len(found) < most:
        turn = [kind for kind, count in counts.items() for _ in range(count)]
        chance.shuffle(turn)
        found += turn
    return found[:most]
