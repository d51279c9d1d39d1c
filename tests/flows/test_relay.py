"""The relay against real databases, a real mail server, real files and real kills."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

import tasks.relay
from config import settings
from config.mail import MailServer
from tasks.channels import UNREACHABLE, Channel, Letter
from tasks.channels.file import NAME, File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from tasks.relay import Relay
from tasks.render import Renderer
from tests.mail import Sink
from workflow.db import Database
from workflow.errors import DeliveryError
from workflow.labels import load_labels
from workflow.outbox import actions, queries
from workflow.outbox.actions import Notice
from workflow.outbox.messages import Overdue, Reminder
from workflow.outbox.policy import Manners
from workflow.units.directory import PersonInfo

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2025, 10, 15, 12, tzinfo=ZONE).astimezone(UTC)
MINUTE = timedelta(minutes=1)
RENDERER = Renderer(ZONE, load_labels(Path(settings.__file__).parent / "labels"))
PEOPLE = (
    ("wang", "王经办", "wang@example.gov.cn", "zh"),
    ("li", "李科长", "li@example.gov.cn", "en"),
    ("zhao", "赵无信箱", None, "zh"),
)


@dataclass
class Office:
    """A database with three people, and a clock to set."""

    database: Database
    now: datetime = NOON
    manners: Manners = field(default_factory=lambda: Manners(ZONE))

    def put(
        self, effect: str, *people: int, urgent: bool = False, channels: tuple[str, ...]
    ) -> None:
        message = (Overdue if urgent else Reminder)(
            number="2025-17", title="散煤复燃", owner="青山镇", due="2025-10-15"
        )
        notice = Notice(effect, message.kind, message.payload(), people, 7, urgent)
        with self.database.transaction() as tx:
            actions.put(tx, [notice], channels=channels, now=self.now)

    def relay(self, *channels: Channel, batch: int = 200) -> Relay:
        return Relay(
            self.database,
            {channel.name: channel for channel in channels},
            RENDERER,
            self.manners,
            base_url="https://bihuan.example.gov.cn",
            batch=batch,
            now=lambda: self.now,
        )

    def states(self) -> dict[str, str]:
        with self.database.reading() as tx:
            rows = tx.execute(text("select key, state from outbox order by id"))
            return {row.key: row.state for row in rows}

    def inbox(self, person: int) -> tuple[queries.Item, ...]:
        with self.database.reading() as tx:
            return queries.inbox(tx, person_id=person)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    database = Database(database_url)
    with database.transaction() as tx:
        for login, name, email, lang in PEOPLE:
            tx.execute(
                text(
                    "insert into person (login, name, email, lang, active)"
                    " values (:login, :name, :email, :lang, true)"
                ),
                {"login": login, "name": name, "email": email, "lang": lang},
            )
    yield Office(database)
    database.close()


def mail(sink: Sink) -> Mail:
    return Mail(MailServer.parse(sink.url))


def lines(folder: Path) -> list[dict[str, str]]:
    path = folder / NAME
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_message_arrives_in_the_inbox_in_the_readers_language(office: Office) -> None:
    office.put("a", 1, 2, channels=("inbox",))
    assert office.relay(Inbox()).run() == 2
    (chinese,), (english,) = office.inbox(1), office.inbox(2)
    assert chinese.subject == "提醒：散煤复燃，2025年10月15日到期"
    assert english.subject == "Reminder: 散煤复燃, due 15 Oct 2025"
    assert (chinese.issue_id, chinese.message, chinese.at) == (7, "reminder", NOON)
    assert office.relay(Inbox()).run() == 0


def test_the_inbox_knows_no_quiet_hours_and_no_digest(office: Office) -> None:
    office.manners = Manners(ZONE, quiet=(time(11), time(13)), daily_budget=1)
    for number in range(3):
        office.put(f"n{number}", 1, channels=("inbox",))
    office.relay(Inbox()).run()
    assert len(office.inbox(1)) == 3


def test_a_mail_says_who_what_and_where(office: Office, mail_sink: Sink) -> None:
    office.put("a", 1, urgent=True, channels=("mail",))
    office.relay(mail(mail_sink)).run()
    (message,) = mail_sink.to("wang@example.gov.cn")
    assert message["Subject"] == "逾期：散煤复燃，应于2025年10月15日前办结"
    assert message["From"] == "闭环 <bihuan@example.gov.cn>"
    assert message["To"] == "王经办 <wang@example.gov.cn>"
    assert message["Message-ID"].endswith("@example.gov.cn>")
    assert message["Date"].datetime == NOON
    body = message.get_content()
    assert "逾期单位：青山镇" in body
    assert "https://bihuan.example.gov.cn/issues/2025-17" in body
    assert office.states() == {"a:1:mail": "sent"}


def test_messages_of_one_minute_become_one_mail_and_stay_single_in_the_inbox(
    office: Office, mail_sink: Sink
) -> None:
    relay = office.relay(Inbox(), mail(mail_sink))
    for seconds in (5, 20, 55):
        office.now = NOON + timedelta(seconds=seconds)
        office.put(f"n{seconds}", 1, 2, channels=("inbox", "mail"))
        relay.run()
    assert mail_sink.messages == []
    assert len(office.inbox(1)) == 3
    office.now = NOON + MINUTE
    relay.run()
    assert [one["Subject"] for one in mail_sink.to("wang@example.gov.cn")] == ["汇总：3 条消息"]
    assert [one["Subject"] for one in mail_sink.to("li@example.gov.cn")] == ["Digest: 3 messages"]
    counts = sorted(state for key, state in office.states().items() if key.endswith("mail"))
    assert counts == ["merged"] * 4 + ["sent"] * 2


def test_urgent_mail_waits_for_no_window_no_morning_and_no_budget(
    office: Office, mail_sink: Sink
) -> None:
    office.now = NOON + timedelta(hours=10)
    office.manners = Manners(ZONE, quiet=(time(21), time(7, 30)), daily_budget=1)
    relay = office.relay(mail(mail_sink))
    office.put("calm", 1, channels=("mail",))
    for number in range(3):
        office.put(f"red{number}", 1, urgent=True, channels=("mail",))
    office.now += MINUTE
    relay.run()
    assert len(mail_sink.messages) == 3
    office.now = datetime(2025, 10, 16, 7, 30, 59, tzinfo=ZONE)
    relay.run()
    assert len(mail_sink.messages) == 3
    office.now = datetime(2025, 10, 16, 7, 31, tzinfo=ZONE)
    relay.run()
    assert [one["Subject"][:2] for one in mail_sink.messages] == ["逾期", "逾期", "逾期", "提醒"]


def test_what_is_over_the_budget_comes_in_one_mail_the_next_morning(
    office: Office, mail_sink: Sink
) -> None:
    office.manners = Manners(ZONE, daily_budget=2)
    relay = office.relay(mail(mail_sink))
    for number in range(5):
        office.put(f"n{number}", 1, channels=("mail",))
        office.now += MINUTE
        relay.run()
    assert len(mail_sink.messages) == 2
    office.now = datetime(2025, 10, 16, 0, 1, tzinfo=ZONE)
    relay.run()
    assert [one["Subject"] for one in mail_sink.messages][2:] == ["汇总：3 条消息"]


def test_a_refusal_for_now_is_tried_again_a_final_one_is_not(
    office: Office, mail_sink: Sink
) -> None:
    relay = office.relay(mail(mail_sink))
    mail_sink.refusals += ["451 try later", "550 no such user"]
    office.put("soft", 1, urgent=True, channels=("mail",))
    relay.run()
    office.now += timedelta(seconds=30)
    office.put("hard", 2, urgent=True, channels=("mail",))
    relay.run()
    assert office.states() == {"soft:1:mail": "waiting", "hard:2:mail": "dead"}
    with office.database.reading() as tx:
        (dead,) = queries.undelivered(tx)
    assert "550 no such user" in (dead.last_error or "")
    office.now = NOON + MINUTE
    relay.run()
    assert office.states()["soft:1:mail"] == "sent"
    assert len(mail_sink.messages) == 1


def test_who_has_no_address_is_named_as_undelivered(office: Office, mail_sink: Sink) -> None:
    office.put("a", 3, urgent=True, channels=("mail",))
    office.relay(mail(mail_sink)).run()
    with office.database.reading() as tx:
        (dead,) = queries.undelivered(tx)
    assert dead.last_error == "收件人没有登记 mail 地址，请在人员资料中补充。"


def test_a_mail_server_that_is_away_costs_one_try_and_no_message(
    office: Office, mail_sink: Sink
) -> None:
    server = MailServer("127.0.0.1", 1, "bihuan@example.gov.cn")
    for number in range(4):
        office.put(f"n{number}", 1, urgent=True, channels=("mail", "inbox"))
    office.relay(Mail(server), Inbox()).run()
    assert len(office.inbox(1)) == 4
    assert [one for one in office.states().values() if one == "waiting"] == ["waiting"] * 4
    office.now += MINUTE
    office.relay(mail(mail_sink)).run()
    assert len(mail_sink.messages) == 4


def test_the_file_channel_writes_a_line_a_message(office: Office, tmp_path: Path) -> None:
    office.put("a", 1, 2, channels=("file",))
    office.relay(File(tmp_path / "outgoing")).run()
    first, second = lines(tmp_path / "outgoing")
    assert (first["key"], first["name"], second["name"]) == ("a:1:file", "王经办", "李科长")
    assert first["url"] == "https://bihuan.example.gov.cn/issues/2025-17"


def test_a_file_that_cannot_be_written_is_tried_again(office: Office, tmp_path: Path) -> None:
    (tmp_path / "outgoing").write_text("a file where the folder should be")
    office.put("a", 1, channels=("file",))
    office.relay(File(tmp_path / "outgoing")).run()
    assert office.states() == {"a:1:file": "waiting"}


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
from tests.flows.test_relay import RENDERER, ZONE, channel_of
from workflow.db import Database
from workflow.outbox.policy import Manners

class Doomed(Relay):
    def _settle(self, work):
        os.kill(os.getpid(), signal.SIGKILL)

url, name, folder, mail, now = sys.argv[1:]
Doomed(Database(url), {name: channel_of(name, Path(folder), mail)}, RENDERER, Manners(ZONE),
       base_url="http://x", now=lambda: datetime.fromisoformat(now)).run()
"""


def channel_of(name: str, folder: Path, mail_url: str) -> Channel:
    return {"inbox": Inbox(), "file": File(folder), "mail": Mail(MailServer.parse(mail_url))}[name]


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
