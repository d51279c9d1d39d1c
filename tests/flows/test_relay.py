"""The relay against real databases, a real mail server, real files and real kills."""

from datetime import datetime, time, timedelta
from pathlib import Path

from config.mail import MailServer
from tasks.channels.file import File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from tests.flows import relays
from tests.flows.relays import MINUTE, NOON, ZONE, Office, lines, mail
from tests.mail import Sink
from workflow.outbox import queries
from workflow.outbox.policy import Manners

office = relays.office


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
