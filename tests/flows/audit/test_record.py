"""Whatever is done to the record is found and located: by the installation and by a stranger."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests.flows.audit import proofs
from tests.flows.audit.proofs import SIGNER, check, damage, first, lines, sign, stranger
from tests.flows.audit.records import DATA, KEY, NOW, add_events, add_issue
from workflow.audit import queries
from workflow.audit.actions import append, chained
from workflow.audit.chain import GENESIS, Entry
from workflow.audit.keys import key_pair, load_public, public_bytes
from workflow.db import Database
from workflow.errors import WorkflowError

database = proofs.database


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
        entry._replace(data={"x": {1: 2}}),
        entry._replace(data={"x": NOW}),
        entry._replace(data={"x": float("nan")}),
        entry._replace(at=NOW.replace(tzinfo=None)),
        entry._replace(unit="qs"),
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
