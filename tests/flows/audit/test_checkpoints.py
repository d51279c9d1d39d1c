"""Checkpoints: what was written anew, key or no key, is found by them."""

from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from tests.flows.audit import proofs
from tests.flows.audit.proofs import SIGNER, check, damage, first, lines, sign, stranger
from tests.flows.audit.records import KEY, NOW, add_events, opened
from workflow.audit import actions, guards, queries
from workflow.audit.actions import append, chained
from workflow.audit.chain import GENESIS, Entry
from workflow.db import Database, Tx

database = proofs.database


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
