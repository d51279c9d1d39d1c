"""From the outbox to the channels: claim, render, send, settle, in batches.

A message is sent at least once and recorded exactly once.  What a killed relay had claimed is due
again when its lease ends; what it had sent but not settled is sent once more, under the same key.
How much that can be is the channel's to say: one letter where people are reached.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from tasks.channels import UNREACHABLE, Channel, Channels, Letter, Session, no_address
from tasks.render import Renderer, Text
from tasks.times import utc_now
from tasks.turnstile import Turnstile
from workflow.db import Database
from workflow.errors import N_, DeliveryError
from workflow.operations import quarantine
from workflow.outbox import actions, policy, queries
from workflow.outbox.delivery import Claimed, InboxText, Outcome, merged, sent
from workflow.outbox.policy import Delivery, Manners
from workflow.units.directory import Directory, PersonInfo
from workflow.units.queries import directory

LOG = logging.getLogger(__name__)
LEASES_PER_TIMEOUT = 6
SHORTEST_LEASE = 30.0
BEAT = 1.0
"""Seconds after which what was sent is recorded and the lease of the rest is renewed."""
SHIFT = 30.0
"""Seconds after which a relay hands over to the next sweep."""


@dataclass
class Round:
    """What is under way of one batch."""

    waiting: deque[Delivery]
    handed: list[Delivery] = field(default_factory=list)
    """Sent, but not flushed."""
    outcomes: list[Outcome] = field(default_factory=list)
    """To be recorded."""
    beat_at: float = field(default_factory=time.monotonic)


class Relay:
    """Delivers what is due on the channels of this installation."""

    def __init__(
        self,
        database: Database,
        channels: Channels,
        renderer: Renderer,
        manners: Manners,
        *,
        base_url: str,
        batch: int = 200,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self.channels = channels
        self.renderer = renderer
        self.manners = manners
        self.base_url = base_url
        self.batch = batch
        self.now = now
        self._turnstiles = {name: Turnstile() for name in channels}

    def run(self) -> int:
        """Deliver what is due on every channel, the inbox first; how many messages were claimed."""
        order = sorted(self.channels.values(), key=lambda channel: not channel.is_inbox)
        return sum(
            self._turnstiles[channel.name].passed(partial(self._drain, channel))
            for channel in order
        )

    def _drain(self, channel: Channel) -> int:
        done, until = 0, time.monotonic() + SHIFT
        while time.monotonic() < until and (batch := self._claim(channel)):
            self._deliver(channel, batch)
            done += len(batch)
        return done

    def _claim(self, channel: Channel) -> list[Claimed]:
        now = self.now()
        collected = policy.collected_until(self.manners, channel.name, now)
        if collected == now:
            collected += timedelta(microseconds=1)
        with self.database.reading() as tx:
            if not queries.is_due(tx, channel=channel.name, now=now, collected=collected):
                return []
            if not channel.is_inbox and quarantine.is_on(tx):
                return []
        with self.database.transaction() as tx:
            return actions.claim(
                tx,
                channel=channel.name,
                limit=self.batch,
                now=now,
                lease=_lease(channel),
                collected=collected,
            )

    def _deliver(self, channel: Channel, batch: Sequence[Claimed]) -> None:
        now = self.now()
        people, used = self._look_up(channel, batch, now)
        deliveries, late = policy.sort_out(batch, used, self.manners, now)
        work = Round(deque(deliveries), outcomes=list(late))
        fault: DeliveryError | None = None
        try:
            with channel.session() as session:
                fault = self._hand_over(channel, session, people, work)
                self._confirm(session, work)
        except DeliveryError as error:
            fault = error
        if fault is not None:
            LOG.warning("channel is away", extra={"channel": channel.name, "error": fault.text()})
            self._fail(work, (*work.handed, *work.waiting), fault)
        self._settle(work)

    def _look_up(
        self, channel: Channel, batch: Sequence[Claimed], now: datetime
    ) -> tuple[Directory, dict[int, int]]:
        counted: set[int] = set()
        if channel.name not in policy.SILENT:
            counted = {claimed.person_id for claimed in batch if not claimed.urgent}
        with self.database.reading() as tx:
            return directory(tx), queries.used_budget(
                tx,
                people=sorted(counted),
                channel=channel.name,
                since=policy.day_start(self.manners, now),
            )

    def _hand_over(
        self, channel: Channel, session: Session, people: Directory, work: Round
    ) -> DeliveryError | None:
        """Send what waits; returns the fault if the other side went away."""
        while work.waiting:
            if is_beat(work.beat_at):
                self._beat(channel, session, work)
                continue
            delivery = work.waiting[0]
            try:
                letter = self._letter(channel, delivery, people.person(delivery.parts[0].person_id))
                session.send(letter)
            except DeliveryError as error:
                if error.code == UNREACHABLE:
                    return error
                self._fail(work, (delivery,), error)
            except Exception as error:
                LOG.exception("message cannot be sent", extra={"key": delivery.parts[0].key})
                self._fail(work, (delivery,), _own_fault(error))
            else:
                if channel.is_inbox:
                    shown = InboxText(letter.subject, letter.body)
                    work.outcomes.append(sent(delivery.parts[0], shown))
                else:
                    work.handed.append(delivery)
            work.waiting.popleft()
            if len(work.handed) >= channel.in_flight:
                self._confirm(session, work)
                self._settle(work)
        return None

    def _letter(self, channel: Channel, delivery: Delivery, person: PersonInfo) -> Letter:
        address = channel.address(person)
        if address is None:
            raise no_address(channel.name)
        first = delivery.parts[0]
        texts = [
            self.renderer.text(part.message, part.payload, person.lang) for part in delivery.parts
        ]
        text = texts[0]
        if delivery.is_digest:
            text = self.renderer.digest(texts, person.lang, self.base_url)
        return Letter(
            key=_key(delivery),
            kind="digest" if delivery.is_digest else first.message,
            issue_id=None if delivery.is_digest else first.issue_id,
            person_id=first.person_id,
            name=person.name,
            address=address,
            subject=text.subject,
            body=text.body,
            url=self._url(text),
            urgent=first.urgent,
            at=first.created_at,
        )

    def _url(self, text: Text) -> str | None:
        return f"{self.base_url}{text.link}" if text.link else None

    def _beat(self, channel: Channel, session: Session, work: Round) -> None:
        """Record what was sent and keep the rest, less what somebody else has taken over."""
        self._confirm(session, work)
        self._settle(work)
        with self.database.transaction() as tx:
            held = actions.renew(
                tx,
                [part for delivery in work.waiting for part in delivery.parts],
                now=self.now(),
                lease=_lease(channel),
            )
        ours = {claimed.id for claimed in held}
        kept = (
            tuple(part for part in delivery.parts if part.id in ours) for delivery in work.waiting
        )
        work.waiting = deque(Delivery(parts) for parts in kept if parts)
        work.beat_at = time.monotonic()

    def _confirm(self, session: Session, work: Round) -> None:
        session.flush()
        for delivery in work.handed:
            first, *rest = delivery.parts
            work.outcomes += [sent(first), *map(merged, rest)]
        work.handed.clear()

    def _fail(self, work: Round, deliveries: Iterable[Delivery], error: DeliveryError) -> None:
        now, text = self.now(), error.text()
        work.outcomes += [
            policy.failed(part, text, permanent=error.permanent, now=now)
            for delivery in deliveries
            for part in delivery.parts
        ]

    def _settle(self, work: Round) -> None:
        if not work.outcomes:
            return
        with self.database.transaction() as tx:
            recorded = actions.settle(tx, work.outcomes, now=self.now())
        if len(recorded) < len(work.outcomes):
            lost = [one.claimed.id for one in work.outcomes if one.claimed.id not in recorded]
            LOG.warning("lease was lost before it was settled", extra={"outbox": lost})
        work.outcomes.clear()


def is_beat(since: float) -> bool:
    """Whether it is time to record and renew again."""
    return time.monotonic() - since >= BEAT


def _lease(channel: Channel) -> timedelta:
    return timedelta(seconds=max(SHORTEST_LEASE, LEASES_PER_TIMEOUT * channel.timeout))


def _key(delivery: Delivery) -> str:
    return "+".join(part.key for part in delivery.parts)


def _own_fault(error: Exception) -> DeliveryError:
    return DeliveryError(
        N_("程序出错，稍后重试：{error}"),
        permanent=False,
        params={"error": f"{type(error).__name__}: {error}"},
    )
