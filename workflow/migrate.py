"""Brings a database to the schema of this version of the program, in one transaction.

Alembic does the work on the connection of ``Database.transaction``; nothing is configured by files.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from workflow.db import Database, Tx
from workflow.errors import N_, WorkflowError

SCRIPTS = Path(__file__).parent / "migrations"
State = Literal["empty", "behind", "current"]

_SEARCH_INDEX = ("issue_search_fts", "ix_issue_search_grams")  # workflow/issues/search.py
# Two processes that start together migrate one after the other (SQLite has one writer anyway).
_LOCK = text("SELECT pg_advisory_xact_lock(7207201)")


class SchemaError(WorkflowError):
    """The database does not fit this version of the program."""

    default_code = "schema"


def head() -> str:
    """The schema of this version of the program."""
    return _scripts().get_current_head() or "base"


def current(database: Database) -> str | None:
    """The schema of the database; None for one without tables."""
    with database.reading() as tx:
        return _current(tx)


def state(database: Database) -> State:
    """Whether the database is ready. Raises SchemaError for one from a newer program."""
    with database.reading() as tx:
        return _state(tx)


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the database to the head; the schemas before and after.

    All or nothing. Raises SchemaError, which names both, for a database from a newer program.
    """
    with database.transaction() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(_LOCK)
        before = _current(tx)
        if _state(tx) != "current":
            command.upgrade(_config(tx), "head")
        return before, head()


def downgrade(database: Database, revision: str) -> None:
    """Go back to an earlier schema, ``base`` for none; what it cannot hold is lost."""
    with database.transaction() as tx:
        _state(tx)
        command.downgrade(_config(tx), revision)


def is_known(found: str) -> bool:
    """Whether this version of the program knows a schema."""
    return found in {script.revision for script in _scripts().walk_revisions()}


def revision(tx: Tx) -> str:
    """The schema of the database. Raises SchemaError for one from a newer program, or for none."""
    if _state(tx) == "empty":
        raise SchemaError(N_("数据库里还没有数据。"), code="schema_empty")
    return str(_current(tx))


def raise_to(tx: Tx, revision: str = "head") -> None:
    """Bring the database to a schema, within a transaction that does more."""
    command.upgrade(_config(tx), revision)


def clear(tx: Tx) -> None:
    """Remove every table of ours, with what is in it, within a transaction that does more."""
    if _state(tx) != "empty":
        command.downgrade(_config(tx), "base")


def draft(database: Database, message: str) -> Path:
    """Write the migration from this database's schema to the models'; for developers to go over."""
    number = len(list(_scripts().walk_revisions())) + 1
    with database.transaction() as tx:
        script = command.revision(_config(tx), message, autogenerate=True, rev_id=f"{number:04}")
    _scripts.cache_clear()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares this with the models: not what makes up the search index."""
    return not (kind in ("table", "index") and str(name).startswith(_SEARCH_INDEX))


def _state(tx: Tx) -> State:
    found = _current(tx)
    if found is None:
        return "empty"
    if not is_known(found):
        raise SchemaError(
            N_(
                "数据库的结构版本是 {found}，本程序只认识到 {head}。"
                "请使用更新版本的程序，或恢复与本程序相配的备份。"
            ),
            code="schema_unknown",
            params={"found": found, "head": head()},
        )
    return "current" if found == head() else "behind"


def _current(tx: Tx) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()


@lru_cache(maxsize=1)
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(tx: Tx | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config
