"""The relay slow, taken over, broken off, killed: nothing is lost, nothing recorded twice."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import text

import tasks.relay
from tasks.channels import UNREACHABLE, Letter
from tasks.channels.mail import Mail
from tests.flows import relays
from tests.flows.relays import MINUTE, NOON, Office, channel_of, lines
from tests.mail import Sink
from workflow.errors import DeliveryError
from workflow.outbox import queries
from workflow.units.directory import PersonInfo

office = relays.office


class Sluggish:
    """A channel that does something before each letter; keeps their keys."""

    name: ClassVar[str] = "file"
    is_inbox: ClassVar[bool] = False
    timeout: ClassVar[float] = 1.0
    in_flight: ClassVar[int] = 200

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.before = before
        self.keys: list[str] = []

    def address(self, person: PersonInfo) -> str:
        return person.login

    @contextmanager
    def session(self) -> Iterator["Sluggish"]:
        yield self

    def send(self, letter: Letter) -> None:
        self.before()
        self.keys.append(letter.key)

    def flush(self) -> None:
        """Nothing is kept back."""


def test_a_slow_round_keeps_its_lease_by_beating(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six letters of 20 seconds each outlast a lease of 30 seconds; a rival looks in after each."""
    beats = iter((False, True) * 6)
    monkeypatch.setattr(tasks.relay, "is_beat", lambda _since: next(beats, False))
    for number in range(6):
        office.put(f"n{number}", 1, channels=("file",))
    rival = Sluggish()

    def _twenty_seconds() -> None:
        office.now += timedelta(seconds=20)
        office.relay(rival).run()

    slow = Sluggish(_twenty_seconds)
    office.relay(slow).run()
    assert rival.keys == []
    assert sorted(slow.keys) == [f"n{number}:1:file" for number in range(6)]
    assert set(office.states().values()) == {"sent"}


class Careful(Sluggish):
    """A channel that reaches people: at most one letter may be sent again after a kill."""

    in_flight: ClassVar[int] = Mail.in_flight


def test_what_reaches_people_is_recorded_before_the_next_letter_leaves(office: Office) -> None:
    recorded: list[int] = []
    channel = Careful(lambda: recorded.append(list(office.states().values()).count("sent")))
    for number in range(4):
        office.put(f"n{number}", 1, channels=("file",))
    office.relay(channel).run()
    assert recorded == [0, 1, 2, 3]
    assert set(office.states().values()) == {"sent"}


def test_a_zombie_finds_its_work_taken_and_records_nothing_twice(office: Office) -> None:
    for number in range(3):
        office.put(f"n{number}", 1, channels=("file",))
    heir = Sluggish()

    def _frozen() -> None:
        if not heir.keys:
            office.now += timedelta(minutes=5)
            office.relay(heir).run()

    zombie = Sluggish(_frozen)
    office.relay(zombie).run()
    assert len(heir.keys) == 3
    assert len(zombie.keys) == 3
    with office.database.reading() as tx:
        rows = tx.execute(text("select state, token from outbox")).all()
    assert {tuple(row) for row in rows} == {("sent", 2)}


def test_a_broken_channel_is_a_failure_and_no_crash(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def _broken() -> None:
        raise ZeroDivisionError("ours")

    office.put("a", 1, channels=("file",))
    office.relay(Sluggish(_broken)).run()
    with office.database.reading() as tx:
        (row,) = queries.of_issue(tx, issue_id=7)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "ZeroDivisionError: ours" in (row.last_error or "")
    assert "message cannot be sent" in caplog.text


def test_a_channel_that_goes_away_in_the_middle_keeps_what_was_sent(office: Office) -> None:
    sent: list[str] = []

    def _third_time() -> None:
        sent.append("x")
        if len(sent) == 3:
            raise DeliveryError("走了", permanent=False, code=UNREACHABLE)

    for number in range(5):
        office.put(f"n{number}", 1, channels=("file",))
    channel = Sluggish(_third_time)
    office.relay(channel).run()
    assert sorted(office.states().values()) == ["sent"] * 2 + ["waiting"] * 3
    office.now += MINUTE
    office.relay(channel).run()
    assert sorted(channel.keys) == [f"n{number}:1:file" for number in range(5)]


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tasks.relay import Relay
from tests.flows.relays import RENDERER, ZONE, channel_of
from workflow.db import Database
from workflow.outbox.policy import Manners

class Doomed(Relay):
    def _settle(self, work):
        os.kill(os.getpid(), signal.SIGKILL)

url, name, folder, mail, now = sys.argv[1:]
Doomed(Database(url), {name: channel_of(name, Path(folder), mail)}, RENDERER, Manners(ZONE),
       base_url="http://x", now=lambda: datetime.fromisoformat(now)).run()
"""


@pytest.mark.parametrize("name", ["inbox", "file", "mail"])
def test_killed_between_sending_and_settling_sends_once_more_and_records_once(
    office: Office, tmp_path: Path, mail_sink: Sink, name: str
) -> None:
    office.put("a", 1, urgent=True, channels=(name,))
    url = office.database.url.render_as_string(hide_password=False)
    words = [url, name, str(tmp_path), mail_sink.url, NOON.isoformat()]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words], check=False, cwd=Path(__file__).parents[2]
    )
    assert killed.returncode == -signal.SIGKILL
    relay = office.relay(channel_of(name, tmp_path, mail_sink.url))
    assert relay.run() == 0
    office.now += MINUTE
    assert relay.run() == 1
    assert relay.run() == 0
    assert office.states() == {f"a:1:{name}": "sent"}
    seen = {
        "inbox": lambda: [item.subject for item in office.inbox(1)],
        "file": lambda: [line["key"] for line in lines(tmp_path)],
        "mail": lambda: [one["Message-ID"] for one in mail_sink.messages],
    }[name]()
    # What is outside can tell the repeat by its key; the inbox is ours and shows it once.
    assert len(seen) == (1 if name == "inbox" else 2)
    assert len(set(seen)) == 1
