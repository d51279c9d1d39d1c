"""Ledgers: imported workbooks, their rows, what an office has confirmed of its headings.

The type of a Word or Excel file has 65 characters and more, which PostgreSQL did not take.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _mime(64, 128)
    op.create_table(
        "ledger_import",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('staging','staged','activating','active','discarded')",
            name=op.f("ck_ledger_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_ledger_import_confirmed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_ledger_import_sha256_blob")
        ),
        sa.ForeignKeyConstraint(
            ["staged_by_id"], ["person.id"], name=op.f("fk_ledger_import_staged_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_ledger_import_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    with op.batch_alter_table("ledger_import", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_import_state", ["state"], unique=False)
        batch_op.create_index(
            "uq_ledger_import_content",
            ["unit_id", "sha256"],
            unique=True,
            sqlite_where=sa.text("state != 'discarded'"),
            postgresql_where=sa.text("state != 'discarded'"),
        )

    op.create_table(
        "ledger_mapping",
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_ledger_mapping_saved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_ledger_mapping_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_ledger_mapping")),
    )
    op.create_table(
        "ledger_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("cell", sa.String(200), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("issue_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state in ('staged','active','double')", name=op.f("ck_ledger_row_state")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_ledger_row_import_id_ledger_import")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_ledger_row_issue_id_issue")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_row")),
        sa.UniqueConstraint("import_id", "seq", name=op.f("uq_ledger_row_import_id_seq")),
    )
    with op.batch_alter_table("ledger_row", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_row_identity", ["identity", "nth"], unique=False)
        batch_op.create_index(
            "ix_ledger_row_issue",
            ["issue_id"],
            unique=False,
            sqlite_where=sa.text("issue_id is not null"),
            postgresql_where=sa.text("issue_id is not null"),
        )


def downgrade() -> None:
    _mime(128, 64)
    with op.batch_alter_table("ledger_row", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ledger_row_issue",
            sqlite_where=sa.text("issue_id is not null"),
            postgresql_where=sa.text("issue_id is not null"),
        )
        batch_op.drop_index("ix_ledger_row_identity")

    op.drop_table("ledger_row")
    op.drop_table("ledger_mapping")
    with op.batch_alter_table("ledger_import", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ledger_import_content",
            sqlite_where=sa.text("state != 'discarded'"),
            postgresql_where=sa.text("state != 'discarded'"),
        )
        batch_op.drop_index("ix_ledger_import_state")

    op.drop_table("ledger_import")


def _mime(old: int, new: int) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE blob ALTER COLUMN mime TYPE VARCHAR({new}) USING left(mime, {new})"
        )
        return
    # SQLite keeps to no length: the text of the schema is all that changes.
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'blob'"
        " AND instr(sql, ?) > 0",
        (f"mime VARCHAR({old})", f"mime VARCHAR({new})", f"mime VARCHAR({old})"),
    )
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version={number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
