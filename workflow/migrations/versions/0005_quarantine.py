"""An installation that was restored is in quarantine; a message can be void."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("lifted_at is null")
BEFORE = "state in ('waiting','leased','sent','merged','dead')"
AFTER = "state in ('waiting','leased','sent','merged','dead','void')"


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", BIG, nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_outbox_id", BIG, nullable=False),
        sa.Column("pending", sa.JSON(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", BIG, nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("outcome", sa.String(9), nullable=True),
        sa.Column("settled", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('released','discarded')", name=op.f("ck_quarantine_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["person.id"], name=op.f("fk_quarantine_lifted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(
        "ix_quarantine_open",
        "quarantine",
        ["began_at"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    _states(BEFORE, AFTER)


def downgrade() -> None:
    # The old schema knows no void message; such a one was given up.
    op.execute("UPDATE outbox SET state = 'dead' WHERE state = 'void'")
    _states(AFTER, BEFORE)
    op.drop_table("quarantine")


def _states(old: str, new: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_outbox_state"), "outbox", type_="check")
        op.create_check_constraint(op.f("ck_outbox_state"), "outbox", new)
        return
    # A check is no part of what lies on the disk: SQLite's own manual changes it by the text of the
    # schema, which spares the copy of what may be the largest table.
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table'"
        " AND name = 'outbox' AND instr(sql, ?) > 0",
        (old, new, old),
    )
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version={number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
