"""Holds what the programs were told, and what the outside received, against what is on record.

Nothing here asks the product what it thinks of itself, but for the last two questions: its own
chain check and its own invariants.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from tasks.channels.file import NAME
from tests.chaos.clients import PATIENCE, Fault, Sent
from tests.chaos.killer import Blow
from tests.chaos.site import RUNGS, Site, moment
from workflow.audit import queries as audit
from workflow.audit.keys import key_pair
from workflow.db import Tx
from workflow.operations.invariants import check

MOST = 40
"""Wrongs that a failure names."""
LATEST = 90.0
"""Seconds after which a rung must be on record, 99 of 100 times."""
IN_FLIGHT = {"file": 200, "mail": 1}
"""Messages that a killed worker may have sent without recording it."""
SLACK = 12.0
"""Seconds after a blow within which its victims may still be slow, or without a database."""
STARTING = 60.0
"""Seconds that a part may take to start again."""
BREAKS = ("web", "serve", "database")
"""What a program cannot work without."""
_EVENTS = text(
    "select issue.number, event.seq, event.action, event.door, event.data, issue.title"
    " from event join issue on issue.id = event.issue_id order by event.id"
)
_RUNGS = text(
    "select issue.number, clock.round, rung_taken.rung, rung_taken.due_at, rung_taken.at"
    " from rung_taken join clock on clock.id = rung_taken.clock_id"
    " join issue on issue.id = rung_taken.issue_id where clock.kind = 'accept'"
)


@dataclass
class Verdict:
    """What was found."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    events: int = 0
    unknown: int = 0
    """Requests that nobody ever answered, and that are on record."""
    rungs: int = 0
    late: float = 0.0
    """The 99th of 100 rungs, in seconds from due to record."""
    sends: dict[str, int] = field(default_factory=dict)
    extra: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.doubled, *self.strange]

    def told(self) -> str:
        """The first of these, a line each."""
        return "\n".join([f"{len(self.wrong)} wrong:", *self.wrong[:MOST]])


def verdict(site: Site, sent: Sequence[Sent], blows: Sequence[Blow]) -> Verdict:
    """Look at everything."""
    found = Verdict()
    with site.database.reading() as tx:
        _transitions(tx, sent, found)
        _rungs(tx, site, found)
        _deliveries(tx, site, len(blows), found)
        key = key_pair(site.settings.data_dir)
        report = audit.verify(tx, key=site.installation.office.mac_key, public_key=key.public)
        found.strange += [f"chain: {finding}" for finding in report.findings]
        found.strange += [f"invariant: {violation}" for violation in check(tx, moment())]
    return found


def _transitions(tx: Tx, sent: Iterable[Sent], found: Verdict) -> None:
    """Each event of a program is one request's, and each request one event at most."""
    asked = {one.mark: one for one in sent}
    events: defaultdict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for number, seq, action, door, data, _ in tx.execute(_EVENTS):
        if door != "api":
            continue
        found.events += 1
        said = json.loads(data) if isinstance(data, str) else data
        marks = [mark for mark in _words(said) if mark in asked]
        if len(marks) != 1:
            found.strange.append(f"event {number}/{seq} {action} belongs to {marks}")
            continue
        events[marks[0]].append((number, seq, action))
    for mark, one in asked.items():
        on_record = events.get(mark, [])
        told = f"{one.action} {one.number or ''} version {one.version} key {mark}"
        if len(on_record) > 1:
            found.doubled.append(f"{told} is on record {len(on_record)} times: {on_record}")
        if one.acknowledged:
            right = (one.answer["number"], one.answer["version"], one.action)
            if not on_record:
                found.lost.append(f"{told} was acknowledged and is not on record")
            elif on_record[0] != right:
                found.strange.append(f"{told} was answered {right} and is {on_record[0]}")
        elif one.status is None:
            found.unknown += len(on_record)
        elif on_record:
            found.strange.append(f"{told} was refused ({one.status}) and is on record")


def _words(data: Any) -> Iterator[str]:
    """The last word of every text in an event's data, but for what it was before."""
    if isinstance(data, str):
        yield data.rpartition(" ")[2]
    elif isinstance(data, Mapping):
        for name, value in data.items():
            if name != "old":
                yield from _words(value)
    elif isinstance(data, list):
        for each in data:
            yield from _words(each)


def _rungs(tx: Tx, site: Site, found: Verdict) -> None:
    """Each rung of each seeded limit is on record once, and soon."""
    taken = [row for row in tx.execute(_RUNGS) if row.number in site.due]
    times = Counter((row.number, row.round, row.rung) for row in taken)
    for number in site.due:
        for rung in range(len(RUNGS)):
            count = times.pop((number, 1, rung), 0)
            if count != 1:
                kind = found.doubled if count else found.lost
                kind.append(f"rung {rung} of {number} is on record {count} times")
    found.strange += [f"rung {key} was never due" for key in times]
    found.rungs = len(taken)
    waits = sorted((_moment(row.at) - _moment(row.due_at)).total_seconds() for row in taken)
    if waits:
        found.late = waits[math.ceil(len(waits) * 0.99) - 1]
    if found.late > LATEST:
        found.strange.append(f"rungs came {found.late:.0f} s late")


def _deliveries(tx: Tx, site: Site, blows: int, found: Verdict) -> None:
    """Each message left at least once, each inbox has it once, and little left twice."""
    rows = tx.execute(text("select id, key, channel, state, attempts from outbox")).all()
    inbox = Counter(tx.execute(text("select outbox_id from inbox_item")).scalars())
    received = {"file": Counter(_file_keys(site)), "mail": Counter(_mail_ids(site))}
    lines = received["file"]
    for row in rows:
        if row.channel == "inbox" and (row.state != "sent" or inbox[row.id] != 1):
            found.strange.append(f"{row.key} is {row.state}, {inbox[row.id]} times in the inbox")
        if row.channel == "file" and row.state not in ("sent", "merged"):
            found.strange.append(f"{row.key} is {row.state}")
    written = {part for key in lines for part in key.split("+")}
    for row in rows:
        if row.channel == "file" and row.state == "sent" and row.key not in written:
            found.lost.append(f"{row.key} is called sent and never left")
    for channel, counted in received.items():
        found.sends[channel] = sum(counted.values())
        found.extra[channel] = sum(counted.values()) - len(counted)
        most = blows * IN_FLIGHT[channel]
        if found.extra[channel] > most:
            found.doubled.append(f"{found.extra[channel]} of {channel} were sent again, not {most}")


def _file_keys(site: Site) -> Iterator[str]:
    path = site.folder / "sent" / NAME
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)["key"]


def _mail_ids(site: Site) -> Iterator[str]:
    for message in site.sink.messages:
        yield str(message["Message-ID"])


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def unexcused(faults: Iterable[Fault], blows: Sequence[Blow], breaks: Sequence[str]) -> list[str]:
    """Requests that failed although nothing that they need was struck: Redis fails no request."""
    struck = [blow for blow in blows if blow.target.startswith(tuple(breaks))]
    return [
        f"{fault.status} {fault.said}"
        for fault in faults
        if not any(_explains(blow, fault) for blow in struck)
    ]


def _explains(blow: Blow, fault: Fault) -> bool:
    # Who is cut off has to wait until a process has started, on a busy machine, too.
    after = STARTING if fault.is_cut else SLACK
    return blow.began - PATIENCE <= fault.at <= blow.ended + after
