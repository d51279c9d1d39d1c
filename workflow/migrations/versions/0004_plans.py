"""Plans: what was read, what was made of it, and the milestones that run as issues."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("issuer", sa.String(100), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("organiser", sa.String(100), nullable=True),
        sa.Column("supervisor", sa.String(100), nullable=True),
        sa.Column("issuer_unit_id", BIG, nullable=False),
        sa.Column("organiser_unit_id", BIG, nullable=True),
        sa.Column("supervising_unit_id", BIG, nullable=True),
        sa.Column("revises_id", BIG, nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged_by_id", BIG, nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state in ('draft','running','replaced','discarded')", name=op.f("ck_plan_state")
        ),
        sa.ForeignKeyConstraint(
            ["activated_by_id"], ["person.id"], name=op.f("fk_plan_activated_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_unit_id"], ["unit.id"], name=op.f("fk_plan_issuer_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["organiser_unit_id"], ["unit.id"], name=op.f("fk_plan_organiser_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["revises_id"], ["plan.id"], name=op.f("fk_plan_revises_id_plan")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_plan_sha256_blob")),
        sa.ForeignKeyConstraint(
            ["staged_by_id"], ["person.id"], name=op.f("fk_plan_staged_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["supervising_unit_id"], ["unit.id"], name=op.f("fk_plan_supervising_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("code", "revision", name=op.f("uq_plan_code_revision")),
    )
    op.create_index("ix_plan_state", "plan", ["state"], unique=False)
    op.create_index(
        "uq_plan_content",
        "plan",
        ["issuer_unit_id", "sha256"],
        unique=True,
        sqlite_where=sa.text("state in ('draft','running')"),
        postgresql_where=sa.text("state in ('draft','running')"),
    )

    op.create_table(
        "plan_action",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_action_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_action")),
    )
    op.create_index("ix_plan_action_plan", "plan_action", ["plan_id"], unique=False)

    op.create_table(
        "plan_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_login", sa.String(64), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_plan_record_by_id_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_record_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_record")),
        sa.UniqueConstraint("plan_id", "seq", name=op.f("uq_plan_record_plan_id_seq")),
    )
    op.create_table(
        "plan_section",
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_section_plan_id_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "rank", name=op.f("pk_plan_section")),
    )
    op.create_table(
        "plan_text",
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_text_plan_id_plan")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_text")),
    )
    op.create_table(
        "plan_unit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("decision", sa.String(9), nullable=False),
        sa.Column("is_general", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "decision in ('open','matched','chosen','create','created','name_only')",
            name=op.f("ck_plan_unit_decision"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_unit_plan_id_plan")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_unit")),
        sa.UniqueConstraint("plan_id", "name", name=op.f("uq_plan_unit_plan_id_name")),
    )
    op.create_index("ix_plan_unit_unit", "plan_unit", ["unit_id"], unique=False)

    op.create_table(
        "plan_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("action_id", BIG, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.CheckConstraint("state in ('active','struck')", name=op.f("ck_plan_task_state")),
        sa.ForeignKeyConstraint(
            ["action_id"], ["plan_action.id"], name=op.f("fk_plan_task_action_id_plan_action")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_plan_task_confirmed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_task_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_plan_task_plan_id_code")),
    )
    op.create_index("ix_plan_task_code", "plan_task", ["code"], unique=False)

    op.create_table(
        "plan_duty",
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("plan_unit_id", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("printed", sa.String(), nullable=False),
        sa.Column("once_for_all", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role in ('lead','cooperating','responsible','supervising','acceptance')",
            name=op.f("ck_plan_duty_role"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_unit_id"], ["plan_unit.id"], name=op.f("fk_plan_duty_plan_unit_id_plan_unit")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["plan_task.id"], name=op.f("fk_plan_duty_task_id_plan_task")
        ),
        sa.PrimaryKeyConstraint("task_id", "role", "plan_unit_id", name=op.f("pk_plan_duty")),
    )
    op.create_index("ix_plan_duty_unit", "plan_duty", ["plan_unit_id"], unique=False)

    op.create_table(
        "plan_milestone",
        sa.Column("id", BIG, nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("printed", sa.String(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("every", sa.String(32), nullable=True),
        sa.Column("limit_text", sa.String(32), nullable=True),
        sa.Column("anchor", sa.String(64), nullable=True),
        sa.Column("begins", sa.Date(), nullable=True),
        sa.Column("state", sa.String(6), nullable=False),
        sa.CheckConstraint(
            "kind in ('date','recurring','relative','immediate','standing','season','start')",
            name=op.f("ck_plan_milestone_kind"),
        ),
        sa.CheckConstraint("state in ('active','struck')", name=op.f("ck_plan_milestone_state")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["plan_task.id"], name=op.f("fk_plan_milestone_task_id_plan_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_milestone")),
    )
    op.create_index("ix_plan_milestone_task", "plan_milestone", ["task_id"], unique=False)

    op.create_table(
        "plan_note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("task_id", BIG, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("resolved_by_id", BIG, nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_note_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["person.id"], name=op.f("fk_plan_note_resolved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["plan_task.id"], name=op.f("fk_plan_note_task_id_plan_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_note")),
    )
    op.create_index("ix_plan_note_plan", "plan_note", ["plan_id"], unique=False)

    op.create_table(
        "plan_target",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("task_id", BIG, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("comparator", sa.String(32), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("soft", sa.JSON(), nullable=False),
        sa.Column("baseline", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.CheckConstraint("state in ('active','struck')", name=op.f("ck_plan_target_state")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_target_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["plan_task.id"], name=op.f("fk_plan_target_task_id_plan_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_target")),
    )
    op.create_index("ix_plan_target_plan", "plan_target", ["plan_id"], unique=False)
    op.create_index("ix_plan_target_task", "plan_target", ["task_id"], unique=False)

    op.create_table(
        "plan_observation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("target_id", BIG, nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_plan_observation_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["plan_target.id"],
            name=op.f("fk_plan_observation_target_id_plan_target"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_observation")),
    )
    op.create_index(
        "ix_plan_observation_target", "plan_observation", ["target_id", "observed_on"], unique=False
    )

    op.add_column("issue", sa.Column("milestone_id", BIG, nullable=True))
    op.create_index(
        "uq_issue_milestone",
        "issue",
        ["milestone_id"],
        unique=True,
        sqlite_where=sa.text("milestone_id is not null"),
        postgresql_where=sa.text("milestone_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("uq_issue_milestone", table_name="issue")
    op.drop_column("issue", "milestone_id")
    op.drop_table("plan_observation")
    op.drop_table("plan_target")
    op.drop_table("plan_note")
    op.drop_table("plan_milestone")
    op.drop_table("plan_duty")
    op.drop_table("plan_task")
    op.drop_table("plan_unit")
    op.drop_table("plan_text")
    op.drop_table("plan_section")
    op.drop_table("plan_record")
    op.drop_table("plan_action")
    op.drop_table("plan")
