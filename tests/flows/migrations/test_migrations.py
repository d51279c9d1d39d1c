"""Migrations lead to the schema of the models, there and back, on both databases."""

import re
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from workflow import migrate
from workflow.db import Database
from workflow.metadata import metadata

SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
POSTGRESQL = """
SELECT 'column', table_name || '.' || column_name, concat_ws(' ', ordinal_position, data_type,
       character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


@pytest.fixture
def database(bare_database_url: str) -> Iterator[Database]:
    database = Database(bare_database_url)
    yield database
    database.close()


def schema(database: Database) -> dict[tuple[str, str], str]:
    """Everything that the database says about its schema, but for Alembic's own table."""
    with database.reading() as tx:
        rows = tx.execute(text(SQLITE if database.is_sqlite else POSTGRESQL)).all()
    return {
        (kind, name): in_order(re.sub(r"\s+", " ", sql or ""))
        for kind, name, sql in rows
        if "alembic_version" not in f"{name} {sql}"
    }


def in_order(statement: str) -> str:
    """The statement with its named constraints sorted: their order means nothing."""
    columns, *constraints = statement.removesuffix(" )").split(", CONSTRAINT ")
    return "\n".join((columns, *sorted(constraints)))


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_migrations_make_the_schema_of_the_models(
    name: str, request: pytest.FixtureRequest
) -> None:
    maker = request.getfixturevalue(name)
    where = {"folder": request.getfixturevalue("tmp_path")} if name == "sqlite" else {}
    with maker.fresh(schema=False, **where) as bare, maker.fresh(**where) as full:
        migrated, created = Database(bare), Database(full)
        try:
            migrate.upgrade(migrated)
            left, right = schema(migrated), schema(created)
            assert left.keys() == right.keys()
            assert {key: left[key] for key in left if left[key] != right[key]} == {
                key: right[key] for key in left if left[key] != right[key]
            }
        finally:
            migrated.close()
            created.close()


def test_alembic_finds_nothing_left_to_do(database: Database) -> None:
    migrate.upgrade(database)
    with database.reading() as tx:
        context = MigrationContext.configure(tx, opts={"include_name": migrate.is_compared})
        assert compare_metadata(context, metadata) == []


def test_up_and_down_and_up_again(database: Database) -> None:
    assert migrate.state(database) == "empty"
    assert migrate.current(database) is None
    assert migrate.upgrade(database) == (None, migrate.head())
    first = schema(database)
    assert migrate.state(database) == "current"
    assert migrate.upgrade(database) == (migrate.head(), migrate.head())
    migrate.downgrade(database, "base")
    assert schema(database) == {}
    assert migrate.state(database) == "empty"
    migrate.upgrade(database)
    assert schema(database) == first


def test_a_failed_migration_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fault(Exception):
        pass

    def fail(*_: object) -> None:
        raise Fault

    monkeypatch.setattr("workflow.audit.guards.put_up", fail)
    with pytest.raises(Fault):
        migrate.upgrade(database)
    assert schema(database) == {}
    assert migrate.current(database) is None


def test_a_database_of_a_newer_program_is_refused_by_name(database: Database) -> None:
    migrate.upgrade(database)
    with database.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (migrate.state, migrate.upgrade, lambda db: migrate.downgrade(db, "base")):
        with pytest.raises(migrate.SchemaError) as caught:
            refused(database)
        assert caught.value.code == "schema_unknown"
        assert "9999" in caught.value.text()
        assert migrate.head() in caught.value.text()
    assert migrate.current(database) == "9999"
    with database.reading() as tx:
        assert inspect(tx).has_table("issue")


def test_processes_that_start_together_migrate_once(database: Database) -> None:
    results: list[tuple[str | None, str]] = []
    threads = [Thread(target=lambda: results.append(migrate.upgrade(database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head = migrate.head()
    assert sorted(results, key=str) == [(head, head)] * 3 + [(None, head)]


def test_the_command_migrates_and_says_so(tmp_path: object) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = "import typer, cli.migrate as m; a = typer.Typer(); a.command()(m.migrate); a()"
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env={"BIHUAN_DATA_DIR": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    behind = run("--check")
    assert behind.returncode == 1
    assert "bihuan migrate" in behind.stderr
    first = run("--json")
    assert first.returncode == 0, first.stderr
    assert f'"schema": "{migrate.head()}"' in first.stdout
    assert run("--check").returncode == 0
