"""Whatever is done to the record is found and located: by the installation and by a stranger."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests.flows.audit.records import DATA, KEY, NOW, add_events, add_issue, opened
from workflow.audit import actions, guards, queries
from workflow.audit.actions import append, chained
from workflow.audit.chain import GENESIS, Entry, link
from workflow.audit.keys import key_pair, load_public, public_bytes
from workflow.audit.proof import Report
from workflow.db import Database, Tx
from workflow.errors import Invalid, WorkflowError

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Path(__file__).resolve().parents[3] / "docs" / "verify_export.py"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


def sign(database: Database, minutes: int = 0) -> None:
    with database.transaction() as tx:
        actions.checkpoint(tx, key=SIGNER, now=NOW + timedelta(days=1, minutes=minutes))


def check(database: Database) -> Report:
    with database.reading() as tx:
        return queries.verify(tx, key=KEY, public_key=SIGNER.public_key())


def damage(database: Database, *statements: str) -> None:
    """What somebody does who owns the database: drop the guards, write, put them up again."""
    with database.transaction() as tx:
        guards.take_down(tx)
        if not database.is_sqlite:
            tx.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        for statement in statements:
            tx.execute(text(statement))
        guards.put_up(tx)


def first(report: Report) -> tuple[str | None, int | None]:
    assert not report.is_sound
    return report.findings[0].issue, report.findings[0].seq


def lines(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(queries.export(tx, now=NOW))


def stranger(tmp_path: Path, record: list[str], *more: str) -> tuple[int, str]:
    """The verdict of the verifier that shares no code."""
    (tmp_path / "record.jsonl").write_text("".join(record), encoding="utf-8")
    (tmp_path / "key.pub").write_bytes(public_bytes(SIGNER.public_key()))
    run = subprocess.run(
        [sys.executable, "-I", STRANGER, tmp_path / "record.jsonl", tmp_path / "key.pub", *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def test_a_record_as_it_was_written_is_proved(database: Database, tmp_path: Path) -> None:
    sign(database)
    with database.transaction() as tx:
        add_events(tx, 2, 3)
    report = check(database)
    assert report.findings == []
    assert (report.events, report.issues, report.checkpoints, report.proved) == (27, 3, 1, 24)
    code, said = stranger(tmp_path, lines(database))
    assert code == 0
    assert "PROVED: 24 events of 3 issues, 1 checkpoints" in said
    assert "after it: 3 events" in said
    assert queries.verify_export(lines(database), public_key=SIGNER.public_key()).is_sound


FIELDS = {
    "at": "at = '2020-01-01 00:00:00+00:00'",
    "by_id": "by_id = 2",
    "no by_id": "by_id = NULL",
    "unknown by_id": "by_id = 77",
    "by_unit_id": "by_unit_id = 2",
    "no by_unit_id": "by_unit_id = NULL",
    "door": "door = 'web'",
    "action": "action = 'close'",
    "kind": "kind = 'close'",
    "data": """data = '{"note": "别的"}'""",
    "prev": f"prev = '{GENESIS[:-1]}1'",
    "hash": f"hash = '{GENESIS[:-1]}1'",
    "mac": f"mac = '{GENESIS[:-1]}1'",
    "seq": "seq = 99",
    "issue_id": "issue_id = 3, seq = 44",
}


@pytest.mark.parametrize("change", FIELDS.values(), ids=FIELDS.keys())
def test_every_changed_field_is_found_where_it_is(database: Database, change: str) -> None:
    """Event 4 of issue 2 was made by person 1 for unit 1."""
    sign(database)
    damage(database, f"UPDATE event SET {change} WHERE issue_id = 2 AND seq = 4")
    issue, seq = first(check(database))
    assert (issue, seq) == ("S-2026-0002", 4)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["DELETE FROM event WHERE issue_id = 2 AND seq = 4"], ("S-2026-0002", 4)),
        (["DELETE FROM event WHERE issue_id = 2 AND seq >= 6"], ("S-2026-0002", 6)),
        (["DELETE FROM event WHERE issue_id = 2 AND seq = 1"], ("S-2026-0002", 1)),
        (["DELETE FROM event WHERE issue_id = 2"], ("S-2026-0002", None)),
        (
            [
                "UPDATE event SET seq = 100 WHERE issue_id = 2 AND seq = 4",
                "UPDATE event SET seq = 4 WHERE issue_id = 2 AND seq = 5",
                "UPDATE event SET seq = 5 WHERE issue_id = 2 AND seq = 100",
            ],
            ("S-2026-0002", 4),
        ),
        (
            [
                "UPDATE event SET seq = -seq WHERE issue_id = 2 AND seq > 4",
                "UPDATE event SET seq = 1 - seq WHERE issue_id = 2 AND seq < 0",
                """INSERT INTO event
                (issue_id, seq, at, door, action, kind, data, prev, hash, mac)
                SELECT issue_id, 5, at, door, action, kind, data, prev, hash, mac
                FROM event WHERE issue_id = 2 AND seq = 4""",
            ],
            ("S-2026-0002", 5),
        ),
        (["UPDATE person SET login = 'other' WHERE id = 1"], ("S-2026-0001", 1)),
        (["UPDATE unit SET code = 'other' WHERE id = 1"], ("S-2026-0001", 1)),
        (["UPDATE issue SET number = 'S-other' WHERE id = 2"], ("S-other", 1)),
        (["UPDATE issue SET head = 'x' WHERE id = 2"], ("S-2026-0002", 8)),
        (["UPDATE issue SET version = 7 WHERE id = 2"], ("S-2026-0002", 8)),
    ],
    ids=[
        "delete",
        "cut tail",
        "cut head",
        "delete chain",
        "swap",
        "insert",
        "login",
        "unit code",
        "number",
        "head",
        "version",
    ],
)
def test_every_other_damage_is_found_where_it_is(
    database: Database, statements: list[str], found: tuple[str, int | None]
) -> None:
    sign(database)
    damage(database, *statements)
    assert first(check(database)) == found


def forge(tx: Tx, issue_id: int, since: int, key: bytes) -> None:
    """Write an issue's events anew from one of them on, with hashes that fit."""
    rows = tx.execute(
        text("SELECT * FROM event WHERE issue_id = :id ORDER BY seq"), {"id": issue_id}
    ).all()
    numbers = dict(tx.execute(text("SELECT id, number FROM issue")).all())
    logins = dict(tx.execute(text("SELECT id, login FROM person")).all())
    codes = dict(tx.execute(text("SELECT id, code FROM unit")).all())
    prev = rows[since - 2].hash if since > 1 else GENESIS
    kept = [row for row in rows if row.seq >= since]
    tx.execute(
        text("DELETE FROM event WHERE issue_id = :id AND seq >= :seq"),
        {"id": issue_id, "seq": since},
    )
    for row in kept:
        entry = Entry(
            issue=numbers[issue_id],
            seq=row.seq,
            at=NOW,
            by=logins.get(row.by_id, "system"),
            door=row.door,
            action="forged",
            kind=row.kind,
            data={"forged": True},
            unit=codes.get(row.by_unit_id, ""),
        )
        event = chained(
            entry,
            issue_id=issue_id,
            prev=prev,
            key=key,
            by_id=row.by_id,
            by_unit_id=row.by_unit_id,
        )
        append(tx, [event])
        prev = event.hash
    tx.execute(text("UPDATE issue SET head = :head WHERE id = :id"), {"head": prev, "id": issue_id})


def test_a_chain_written_anew_is_found_by_its_seals(database: Database) -> None:
    """Without any checkpoint, by somebody who recomputes hashes and heads but has no key."""
    with database.transaction() as tx:
        guards.take_down(tx)
        forge(tx, 2, 5, b"some other key")
    report = check(database)
    assert [(finding.issue, finding.seq) for finding in report.findings] == [
        ("S-2026-0002", seq) for seq in (5, 6, 7, 8)
    ]


def test_a_chain_written_anew_with_the_key_is_found_by_the_checkpoints(
    database: Database, tmp_path: Path
) -> None:
    sign(database)
    with database.transaction() as tx:
        add_events(tx, 2, 4)
    sign(database, 1)
    with database.transaction() as tx:
        guards.take_down(tx)
        forge(tx, 2, 10, KEY)
    # Between two checkpoints nobody can say more: events 9 to 12 were signed together.
    assert first(check(database)) == ("S-2026-0002", 9)
    code, said = stranger(tmp_path, lines(database))
    assert code == 1
    assert "issue S-2026-0002: rewritten from event 9 or later" in said


def test_checkpoints_name_what_changed_and_hang_together(database: Database) -> None:
    with database.transaction() as tx:
        one = actions.checkpoint(tx, key=SIGNER, now=NOW)
        assert one is not None
        assert set(one.heads) == {"S-2026-0001", "S-2026-0002", "S-2026-0003"}
        assert actions.checkpoint(tx, key=SIGNER, now=NOW) is None
        add_events(tx, 3, 1)
        two = actions.checkpoint(tx, key=SIGNER, now=NOW)
    assert two is not None
    assert (two.no, two.prev, set(two.heads)) == (2, one.hash, {"S-2026-0003"})
    assert check(database).last == two


def test_a_checkpoint_takes_a_bounded_number_of_events(database: Database) -> None:
    for _ in range(3):
        with database.transaction() as tx:
            actions.checkpoint(tx, key=SIGNER, now=NOW, most=10)
    with database.transaction() as tx:
        assert actions.checkpoint(tx, key=SIGNER, now=NOW) is None
    report = check(database)
    assert report.is_sound
    assert (report.checkpoints, report.proved) == (3, 24)


@pytest.mark.parametrize(
    "change",
    [
        "at = '2020-01-01 00:00:00+00:00'",
        "heads = '{}'",
        f"prev = '{GENESIS}'",
        f"hash = '{GENESIS}'",
        f"signature = '{GENESIS}{GENESIS}'",
        "signature = 'no hex'",
        "last_event_id = 1",
        "no = 7",
    ],
)
def test_a_changed_checkpoint_is_named(database: Database, tmp_path: Path, change: str) -> None:
    for number in range(3):
        sign(database, number)
        with database.transaction() as tx:
            add_events(tx, 1, 1)
    damage(database, f"UPDATE checkpoint SET {change} WHERE no = 2")
    report = check(database)
    named = {finding.checkpoint for finding in report.findings} - {None}
    assert min(number for number in named if number is not None) in (2, 3)
    code, said = stranger(tmp_path, lines(database))
    assert code == 1
    assert "checkpoint" in said


def test_another_key_proves_nothing(database: Database) -> None:
    sign(database)
    with database.reading() as tx:
        other = Ed25519PrivateKey.generate().public_key()
        report = queries.verify(tx, key=KEY, public_key=other)
    assert [finding.checkpoint for finding in report.findings] == [1]
    assert report.last is None


Lines = list[dict[str, object]]


def drop(where: Callable[[dict[str, object]], bool]) -> Callable[[Lines], Lines]:
    return lambda record: [one for one in record if not where(one)]


def is_event(one: dict[str, object], issue: int, seq: int) -> bool:
    return (one.get("issue"), one.get("seq")) == (f"S-2026-{issue:04}", seq)


def change_event(field: str, value: object) -> Callable[[Lines], Lines]:
    return lambda record: [{**one, field: value} if is_event(one, 2, 4) else one for one in record]


def swap(record: Lines) -> Lines:
    at = next(n for n, one in enumerate(record) if is_event(one, 2, 4))
    record[at], record[at + 1] = record[at + 1], record[at]
    return record


def rewrite(record: Lines) -> Lines:
    """Fresh data and hashes that fit, from event 4 of issue 2 to its end."""
    prev = ""
    for one in record:
        if one.get("issue") == "S-2026-0002":
            if int(str(one["seq"])) >= 4:
                one |= {"data": {"forged": True}, "prev": prev}
                facts = {name: one[name] for name in ("issue", "by", "door", "action", "kind")}
                entry = queries._link_of({**one, **facts}).entry
                one["hash"] = link(prev, entry)
            prev = str(one["hash"])
    return record


EXPORTS: dict[str, tuple[Callable[[Lines], Lines], str, int | None]] = {
    **{
        f"change {field}": (change_event(field, value), "event 4", 4)
        for field, value in {
            "at": "2020-01-01T00:00:00.000000Z",
            "by": "eco.acceptor",
            "unit": "eco",
            "door": "web",
            "action": "close",
            "kind": "close",
            "data": {"note": "别的"},
            "prev": GENESIS,
            "hash": GENESIS,
            "seq": 5,
        }.items()
    },
    "delete": (drop(lambda one: is_event(one, 2, 4)), "event 4 is missing", 4),
    "cut tail": (
        drop(lambda one: one.get("issue") == "S-2026-0003" and int(str(one["seq"])) > 6),
        "event 7 and what follows were cut off",
        7,
    ),
    "cut the file": (lambda record: record[:20], "event 3 and what follows were cut off", 3),
    "delete chain": (
        drop(lambda one: one.get("issue") == "S-2026-0002"),
        "issue S-2026-0002, event 1",
        None,
    ),
    "swap": (swap, "event 4 is missing", 4),
    "insert": (
        lambda record: [
            copy for one in record for copy in ([one, one] if is_event(one, 2, 4) else [one])
        ],
        "event 5",
        5,
    ),
    "rewrite": (rewrite, "rewritten from event 1 or later", 1),
    "two places": (
        lambda record: [*record, *[one for one in record if is_event(one, 1, 1)]],
        "stands in two places",
        None,
    ),
}


@pytest.mark.parametrize(("change", "said", "seq"), EXPORTS.values(), ids=EXPORTS.keys())
def test_a_stranger_names_the_first_bad_event(
    sqlite_url: str,
    tmp_path: Path,
    change: Callable[[Lines], Lines],
    said: str,
    seq: int | None,
) -> None:
    with opened(sqlite_url) as database:
        sign(database)
        original = lines(database)
    changed = [
        json.dumps(one, ensure_ascii=False) + "\n" for one in change([*map(json.loads, original)])
    ]
    code, verdict = stranger(tmp_path, changed)
    assert code == 1
    assert said in verdict
    report = queries.verify_export(changed, public_key=SIGNER.public_key())
    assert not report.is_sound
    if seq is not None:
        assert report.findings[0].seq == seq


def test_a_checkpoint_handed_outside_catches_what_the_file_hides(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Checkpoints are cut away together with the events that they cover."""
    with opened(sqlite_url) as database:
        sign(database)
        with database.transaction() as tx:
            add_events(tx, 3, 2)
            last = actions.checkpoint(tx, key=SIGNER, now=NOW + timedelta(days=2))
        whole = lines(database)
    assert last is not None
    short = [line for line in whole[:-2] if '"no":2' not in line]
    assert stranger(tmp_path, short)[0] == 0
    assert stranger(tmp_path, whole, "--anchor", f"2:{last.hash}")[0] == 0
    code, said = stranger(tmp_path, short, "--anchor", f"2:{last.hash}")
    assert (code, "checkpoint 2" in said) == (1, True)


@pytest.mark.parametrize(
    "text_of",
    [
        lambda record: ["no json\n"],
        lambda record: [],
        lambda record: ['{"type":"export","format":"other"}\n', *record[1:]],
        lambda record: [*record[:-1], record[-1][:50]],
        lambda record: [record[0], "[]\n"],
        lambda record: [record[0], '{"type":"event"}\n'],
        lambda record: [record[0], '{"type":"surprise"}\n'],
        lambda record: [record[0], '{"type":"event","issue":[],"seq":1}\n'],
    ],
)
def test_a_file_that_is_no_record_gets_a_sentence(
    sqlite_url: str, tmp_path: Path, text_of: Callable[[list[str]], list[str]]
) -> None:
    with opened(sqlite_url) as database:
        record = text_of(lines(database))
    if record:
        assert stranger(tmp_path, record)[0] == 1
    with pytest.raises(Invalid) as caught:
        queries.verify_export(record, public_key=SIGNER.public_key())
    assert caught.value.params["line"] in range(1, 40)


def test_the_database_refuses_to_change_the_record(database: Database) -> None:
    sign(database)
    statements = [
        f"{what} {table}{rest}"
        for table in ("event", "checkpoint")
        for what, rest in (("DELETE FROM", ""), ("UPDATE", " SET hash = 'x'"))
    ]
    if not database.is_sqlite:
        statements.append("TRUNCATE event")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), database.transaction() as tx:
            tx.execute(text(statement))
    assert check(database).is_sound


def test_two_events_cannot_have_one_number(database: Database) -> None:
    entry = Entry("S-2026-0001", 8, NOW, "system", "clock", "a", "b", {})
    event = chained(entry, issue_id=1, prev=GENESIS, key=KEY)
    with pytest.raises(IntegrityError), database.transaction() as tx:
        append(tx, [event])


def test_what_could_not_be_proved_later_is_not_chained() -> None:
    entry = Entry("S-1", 1, NOW, "qs.handler", "web", "a", "b", {})
    for wrong in (
        replace(entry, data={"x": {1: 2}}),
        replace(entry, data={"x": NOW}),
        replace(entry, data={"x": float("nan")}),
        replace(entry, at=NOW.replace(tzinfo=None)),
        replace(entry, unit="qs"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            chained(wrong, issue_id=1, prev=GENESIS, key=KEY, by_id=1)


def test_what_was_written_comes_back(database: Database) -> None:
    with database.reading() as tx:
        records = queries.of_issue(tx, 2)
    assert [record.entry.seq for record in records] == list(range(1, 9))
    assert records[3].entry.by == "qs.handler"
    assert records[3].entry.unit == "qs"
    assert records[2].entry.by == "system"
    assert records[0].entry.data == DATA[1]


def test_no_event_is_passed_over_by_a_checkpoint(postgres_url: str) -> None:
    """A transaction that got its event's id first and commits last is waited for."""
    with opened(postgres_url) as database:
        sign(database)
        written, go_on = Flag(), Flag()

        def write_slowly() -> None:
            with database.transaction() as tx:
                add_events(tx, 1, 1)
                written.set()
                go_on.wait(10)

        slow = Thread(target=write_slowly)
        slow.start()
        assert written.wait(10)
        with database.transaction() as tx:
            add_events(tx, 2, 1)
        signing = Thread(target=sign, args=(database, 1))
        signing.start()
        signing.join(0.3)
        assert signing.is_alive()
        go_on.set()
        slow.join(10)
        signing.join(10)
        report = check(database)
        assert report.is_sound
        assert report.proved == report.events == 26
        with database.transaction() as tx:
            assert actions.checkpoint(tx, key=SIGNER, now=NOW) is None


def test_writers_go_on_while_a_checkpoint_is_made(postgres_url: str) -> None:
    """The lock lasts for the look at the newest id, not for the transaction."""
    with opened(postgres_url) as database, database.transaction() as tx:
        assert actions.checkpoint(tx, key=SIGNER, now=NOW) is not None
        with database.transaction() as other:
            other.execute(text("SET LOCAL lock_timeout = '2s'"))
            add_events(other, 1, 1)


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first_pair = key_pair(tmp_path)
    assert ((tmp_path / "keys" / "checkpoint.key").stat().st_mode & 0o777) == 0o600
    assert public_bytes(key_pair(tmp_path).public) == public_bytes(first_pair.public)
    assert public_bytes(load_public(first_pair.public_file)) == public_bytes(first_pair.public)
    (tmp_path / "keys" / "checkpoint.key").write_text("damaged")
    with pytest.raises(WorkflowError, match=r"checkpoint\.key"):
        key_pair(tmp_path)
    with pytest.raises(WorkflowError):
        load_public(tmp_path / "none.pub")


def test_an_issue_without_record_is_named(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 9)
    assert first(check(database)) == ("S-2026-0009", None)
