"""When a message may ring a bell, which ones become a digest, when a failure is tried again.

The in-app inbox and the file channel ring no bell: they take everything, at once and singly.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from workflow.outbox.delivery import Claimed, Outcome, postponed

SILENT = frozenset({"inbox", "file"})
"""Channels that disturb nobody."""

DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)
"""Waits between attempts; the last attempt is a day after the first, then the office is told."""

DIGEST_LIMIT = 50
"""Messages in one digest; more become several."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What the office asks of its channels."""

    zone: ZoneInfo
    quiet: tuple[time, time] | None = None
    """From, until; may span midnight."""
    daily_budget: int = 20
    """Deliveries a person, channel and day; urgent ones are free and do not count against it."""
    window: timedelta = timedelta(minutes=1)
    """Messages of one window leave together."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message, or several in a digest, to one person over one channel."""

    parts: tuple[Claimed, ...]

    @property
    def is_digest(self) -> bool:
        return len(self.parts) > 1


def collected_until(manners: Manners, channel: str, now: datetime) -> datetime:
    """Only messages that came due before this moment leave now; urgent ones need not wait.

    A window begins at a whole multiple of its length, so that all processes agree on it.
    """
    length = manners.window.total_seconds()
    if channel in SILENT or length <= 0:
        return now
    epoch = now.timestamp()
    return datetime.fromtimestamp(epoch - epoch % length, now.tzinfo)


def quiet_until(manners: Manners, now: datetime) -> datetime | None:
    """End of the quiet hours that `now` lies in, or None outside of them."""
    if manners.quiet is None:
        return None
    start, end = manners.quiet
    local = now.astimezone(manners.zone)
    clock = local.time()
    if start <= end:
        inside, days = start <= clock < end, 0
    else:
        inside, days = clock >= start or clock < end, int(clock >= start)
    if not inside:
        return None
    return _at(local + timedelta(days=days), end, manners.zone)


def next_opening(manners: Manners, now: datetime) -> datetime:
    """When tomorrow's messages may begin to leave."""
    tomorrow = now.astimezone(manners.zone) + timedelta(days=1)
    midnight = _at(tomorrow, time(), manners.zone)
    return quiet_until(manners, midnight) or midnight


def day_start(manners: Manners, now: datetime) -> datetime:
    """The midnight from which today's budget counts."""
    return _at(now.astimezone(manners.zone), time(), manners.zone)


def retry_at(failures: int, now: datetime) -> datetime | None:
    """When to try again after so many failures; None: not any more."""
    return now + DELAYS[failures - 1] if failures <= len(DELAYS) else None


def failed(claimed: Claimed, error: str, *, permanent: bool, now: datetime) -> Outcome:
    """The channel did not take it."""
    again = None if permanent else retry_at(claimed.attempts + 1, now)
    if again is None:
        return Outcome(claimed, "dead", error=error)
    return Outcome(claimed, "waiting", not_before=again, error=error)


def sort_out(
    batch: Sequence[Claimed], used: Mapping[int, int], manners: Manners, now: datetime
) -> tuple[tuple[Delivery, ...], tuple[Outcome, ...]]:
    """Divide one channel's claimed messages into what leaves now and what is postponed.

    `used` is how much of today's budget each person has used on this channel.
    """
    alone = tuple(Delivery((claimed,)) for claimed in batch if _rings_freely(claimed))
    rest = sorted(
        (claimed for claimed in batch if not _rings_freely(claimed)),
        key=lambda claimed: (claimed.person_id, claimed.id),
    )
    quiet = quiet_until(manners, now)
    if quiet is not None:
        return alone, tuple(postponed(claimed, quiet) for claimed in rest)
    deliveries: list[Delivery] = list(alone)
    late: list[Outcome] = []
    for person, group in groupby(rest, key=lambda claimed: claimed.person_id):
        left = manners.daily_budget - used.get(person, 0)
        for digest in _portions(group):
            if left > 0:
                deliveries.append(Delivery(digest))
                left -= 1
            else:
                late.extend(postponed(claimed, next_opening(manners, now)) for claimed in digest)
    return tuple(deliveries), tuple(late)


def _rings_freely(claimed: Claimed) -> bool:
    return claimed.urgent or claimed.channel in SILENT


def _portions(group: Iterable[Claimed]) -> Iterator[tuple[Claimed, ...]]:
    whole = tuple(group)
    for start in range(0, len(whole), DIGEST_LIMIT):
        yield whole[start : start + DIGEST_LIMIT]


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), clock, tzinfo=zone)
