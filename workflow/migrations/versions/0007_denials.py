"""Denied accesses are on record, numbered without a gap."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "denied_access",
        sa.Column("no", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_denied_access_person_id_person")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_denied_access")),
    )
    op.create_index("ix_denied_access_person", "denied_access", ["person_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_denied_access_person", table_name="denied_access")
    op.drop_table("denied_access")
