"""Triggers that keep the record as it was written: no event or checkpoint is changed or deleted.

They stop mistakes and careless scripts. Who owns the database can drop them; the chain, its seals
and the checkpoints handed outside are for that.
"""

from collections.abc import Mapping

from sqlalchemy import DDL, Connection, Table, event

from workflow.audit.models import Checkpoint, Event

_TABLES: Mapping[str, Table] = {
    "event": Event.__table__,  # type: ignore[attr-defined]
    "checkpoint": Checkpoint.__table__,  # type: ignore[attr-defined]
}
TABLES = tuple(_TABLES)
REFUSAL = "the record is append-only"

_FUNCTION = f"""CREATE OR REPLACE FUNCTION bihuan_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"""


def _sqlite(table: str) -> tuple[str, ...]:
    return tuple(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
        for verb in ("UPDATE", "DELETE")
    )


def _postgresql(table: str) -> tuple[str, ...]:
    return (
        _FUNCTION,
        f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION bihuan_append_only()""",
    )


STATEMENTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    table: {"sqlite": _sqlite(table), "postgresql": _postgresql(table)} for table in TABLES
}
"""Table → database → what makes its guards; ``create_all`` runs them too."""

REMOVALS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    table: {
        "sqlite": (
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            f"DROP TRIGGER IF EXISTS {table}_no_delete",
        ),
        "postgresql": (f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",),
    }
    for table in TABLES
}
"""What undoes them."""


def put_up(connection: Connection) -> None:
    """Guard every table of the record; for migrations."""
    for table in TABLES:
        for statement in STATEMENTS[table][connection.dialect.name]:
            connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """Remove the guards; for migrations."""
    for table in TABLES:
        for statement in REMOVALS[table][connection.dialect.name]:
            connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS bihuan_append_only()")


for _name, _table in _TABLES.items():
    for _dialect, _statements in STATEMENTS[_name].items():
        for _statement in _statements:
            _ddl = DDL(_statement)
            event.listen(_table, "after_create", _ddl.execute_if(dialect=_dialect))
