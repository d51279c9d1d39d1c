"""Sessions: a login, its token, its end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import text

from workflow.db import Database
from workflow.errors import Invalid
from workflow.units import actions, sessions
from workflow.units.passwords import is_password
from workflow.units.queries import version
from workflow.units.rules import SYSTEM

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
BY = {"by": SYSTEM, "now": NOW, "door": "cli"}
PASSWORD = "青山绿水2026"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def add_person(database: Database, password: str | None = PASSWORD) -> int:
    with database.transaction() as tx:
        return actions.add_person(tx, login="zhang", name="某张", password=password, **BY)


def log_in(database: Database, person: int) -> str:
    with database.transaction() as tx:
        return sessions.start(tx, person_id=person, now=NOW)


def find(database: Database, token: str, after: timedelta = timedelta()) -> sessions.Session | None:
    with database.reading() as tx:
        return sessions.find(tx, token, now=NOW + after)


def authenticate(database: Database, login: str, password: str) -> int | None:
    """As the door does it."""
    with database.reading() as tx:
        known = sessions.secret_of(tx, login)
    is_known = is_password(password, known[1] if known else None)
    return known[0] if known and is_known else None


def test_a_password_opens_and_nothing_else_does(database: Database) -> None:
    person = add_person(database)
    assert authenticate(database, "zhang", PASSWORD) == person
    for login, password in (
        ("zhang", PASSWORD + " "),
        ("zhang", ""),
        ("Zhang", PASSWORD),
        ("nobody", PASSWORD),
        ("nobody", "the password of nobody"),
        ("zhang", "x" * 1_000_000),
    ):
        assert authenticate(database, login, password) is None


def test_without_a_password_or_with_a_closed_account_nobody_gets_in(database: Database) -> None:
    person = add_person(database, None)
    assert authenticate(database, "zhang", "the password of nobody") is None
    with database.transaction() as tx:
        actions.set_password(tx, person_id=person, password=PASSWORD, **BY)
    assert authenticate(database, "zhang", PASSWORD) == person
    with database.transaction() as tx:
        actions.set_active(tx, person_id=person, active=False, **BY)
    assert authenticate(database, "zhang", PASSWORD) is None


def test_an_unknown_login_takes_as_long_as_a_wrong_password(database: Database) -> None:
    add_person(database)

    def took(login: str) -> float:
        begin = perf_counter()
        assert authenticate(database, login, "wrong password") is None
        return perf_counter() - begin

    took("nobody")
    pairs = [(took("zhang"), took("nobody")) for _ in range(5)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.3 < known / unknown < 3


def test_a_short_password_is_refused(database: Database) -> None:
    with pytest.raises(Invalid) as caught, database.transaction() as tx:
        actions.add_person(tx, login="li", name="某李", password="1234567", **BY)
    assert caught.value.field == "password"
    assert caught.value.field_texts()["password"] == "密码须为8至128个字符。"


def test_only_the_hash_of_a_token_is_stored(database: Database) -> None:
    token = log_in(database, add_person(database))
    with database.reading() as tx:
        rows = tx.execute(text("SELECT * FROM login_session")).all()
    assert token not in str(rows)
    assert sha256(token.encode()).hexdigest() in str(rows)
    assert find(database, token) is not None
    assert find(database, token + "x") is None
    assert find(database, sha256(token.encode()).hexdigest()) is None


def test_a_session_ends_after_its_time(database: Database) -> None:
    person = add_person(database)
    token = log_in(database, person)
    assert find(database, token, sessions.LASTS - timedelta(seconds=1)) is not None
    assert find(database, token, sessions.LASTS) is None
    with database.transaction() as tx:
        sessions.start(tx, person_id=person, now=NOW + sessions.LASTS)
        assert len(tx.execute(text("SELECT id FROM login_session")).all()) == 1


def test_a_session_notes_the_last_forms(database: Database) -> None:
    token = log_in(database, add_person(database))
    for number in range(30):
        with database.transaction() as tx:
            session = sessions.find(tx, token, now=NOW, for_update=True)
            assert session is not None
            sessions.note(tx, session, f"form{number}", "done", now=NOW)
    found = find(database, token)
    assert found is not None
    assert "form29" in found.data
    assert "form0" not in found.data


def test_the_directory_version_comes_with_the_session(database: Database) -> None:
    token = log_in(database, add_person(database))
    with database.reading() as tx:
        found = sessions.find(tx, token, now=NOW)
        assert found is not None
        assert found.directory_version == version(tx) == 1


def test_logging_out_and_closing_an_account_end_sessions(database: Database) -> None:
    person = add_person(database)
    first, second = log_in(database, person), log_in(database, person)
    assert first != second
    with database.transaction() as tx:
        sessions.end(tx, first)
    assert find(database, first) is None
    assert find(database, second) is not None
    with database.transaction() as tx:
        actions.set_active(tx, person_id=person, active=False, **BY)
    assert find(database, second) is None
    with database.transaction() as tx:
        actions.set_active(tx, person_id=person, active=True, **BY)
        sessions.end_all(tx, person_id=person)
    assert find(database, second) is None
