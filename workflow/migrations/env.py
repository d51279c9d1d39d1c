"""What Alembic runs for every command; the connection comes from ``workflow/migrate.py``."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from workflow.db import BIG
from workflow.metadata import metadata
from workflow.migrate import is_compared


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write types as plain SQLAlchemy, so that an old migration depends on no other library."""
    if kind != "type":
        return False
    if item is BIG:
        return "BIG"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    if isinstance(item, TypeDecorator):
        raise TypeError(f"say here how {item!r} is written in a migration")
    return False


connection = context.config.attributes["connection"]
is_new = MigrationContext.configure(connection).get_current_revision() is None
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    # SQLite alters a table by copying it; a new one needs no copy.
    render_as_batch=not is_new,
    render_item=render_item,
    include_name=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
