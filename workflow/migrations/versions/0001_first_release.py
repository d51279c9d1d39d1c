"""The schema of the first release."""

import sqlalchemy as sa
from alembic import op

from workflow.audit import guards
from workflow.issues import search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("mime", sa.String(64), nullable=False),
        sa.Column("copy_sha256", sa.String(64), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", BIG, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("last_event_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("no", name=op.f("uq_checkpoint_no")),
    )
    op.create_table(
        "ladder_version",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("rungs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ladder_version")),
    )
    op.create_table(
        "loop_version",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_loop_version")),
    )
    op.create_index(op.f("ix_loop_version_name"), "loop_version", ["name"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", BIG, nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("email", sa.String(255), nullable=True),
        sa.Column("phone", sa.String(32), nullable=True),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "stamp",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamp")),
    )
    op.create_table(
        "unit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("successor_id", BIG, nullable=True),
        sa.Column("abolished_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "level in ('city','county','township','village','group')", name=op.f("ck_unit_level")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["unit.id"], name=op.f("fk_unit_successor_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "inbox_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("outbox_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inbox_item_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_item")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_inbox_item_outbox_id")),
    )
    op.create_index("ix_inbox_item_person", "inbox_item", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_inbox_item_unread",
        "inbox_item",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("read_at is null"),
        postgresql_where=sa.text("read_at is null"),
    )
    op.create_table(
        "issue",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("loop", sa.String(32), nullable=False),
        sa.Column("loop_version", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("place_unit_id", BIG, nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("speed", sa.String(16), nullable=False),
        sa.Column("task", sa.String(32), nullable=True),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("root_id", BIG, nullable=True),
        sa.Column("recurs_of_id", BIG, nullable=True),
        sa.Column("merged_into_id", BIG, nullable=True),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("owner_unit_id", BIG, nullable=True),
        sa.Column("owner_post", sa.String(32), nullable=True),
        sa.Column("move_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("lamp", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("counts_as", sa.String(16), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("responsible_unit_id", BIG, nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("fixers", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_issue_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["loop_version"], ["loop_version.hash"], name=op.f("fk_issue_loop_version_loop_version")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["issue.id"], name=op.f("fk_issue_merged_into_id_issue")
        ),
        sa.ForeignKeyConstraint(
            ["owner_unit_id"], ["unit.id"], name=op.f("fk_issue_owner_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["issue.id"], name=op.f("fk_issue_parent_id_issue")),
        sa.ForeignKeyConstraint(
            ["place_unit_id"], ["unit.id"], name=op.f("fk_issue_place_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["recurs_of_id"], ["issue.id"], name=op.f("fk_issue_recurs_of_id_issue")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_unit_id"], ["unit.id"], name=op.f("fk_issue_responsible_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["root_id"], ["issue.id"], name=op.f("fk_issue_root_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("number", name=op.f("uq_issue_number")),
    )
    op.create_index(
        "ix_issue_due",
        "issue",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_issue_merged_into",
        "issue",
        ["merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id is not null"),
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_index(
        "ix_issue_owner", "issue", ["owner_unit_id", "owner_post", "move_due_at"], unique=False
    )
    op.create_index("ix_issue_parent", "issue", ["parent_id"], unique=False)
    op.create_index("ix_issue_recent", "issue", ["id", "state"], unique=False)
    op.create_index(
        "ix_issue_recurs_of",
        "issue",
        ["recurs_of_id"],
        unique=False,
        sqlite_where=sa.text("recurs_of_id is not null"),
        postgresql_where=sa.text("recurs_of_id is not null"),
    )
    op.create_index(
        op.f("ix_issue_responsible_unit_id"), "issue", ["responsible_unit_id"], unique=False
    )
    op.create_index("ix_issue_root", "issue", ["root_id"], unique=False)
    op.create_index("ix_issue_state", "issue", ["is_open", "state", "lamp"], unique=False)
    op.create_index("ix_issue_task", "issue", ["task"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_login_session_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(
        op.f("ix_login_session_person_id"), "login_session", ["person_id"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting','leased','sent','merged','dead')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outbox_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_dead",
        "outbox",
        ["settled_at"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index("ix_outbox_issue", "outbox", ["issue_id"], unique=False)
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "not_before"],
        unique=False,
        sqlite_where=sa.text("state in ('waiting','leased')"),
        postgresql_where=sa.text("state in ('waiting','leased')"),
    )
    op.create_index(
        "ix_outbox_rung",
        "outbox",
        ["person_id", "channel", "settled_at"],
        unique=False,
        sqlite_where=sa.text("state = 'sent' and not urgent and channel not in ('inbox','file')"),
        postgresql_where=sa.text(
            "state = 'sent' and not urgent and channel not in ('inbox','file')"
        ),
    )
    op.create_table(
        "post",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("post", sa.String(32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_post_person_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_person", "post", ["person_id"], unique=False)
    op.create_index("ix_post_unit", "post", ["unit_id", "post"], unique=False)
    op.create_table(
        "reporter_access",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reporter_access_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporter_access")),
    )
    op.create_table(
        "route",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=True),
        sa.Column("category", sa.String(32), nullable=True),
        sa.Column("place_unit_id", BIG, nullable=True),
        sa.Column("issuer_unit_id", BIG, nullable=False),
        sa.Column("acceptance_unit_id", BIG, nullable=True),
        sa.Column("supervising_unit_id", BIG, nullable=True),
        sa.Column("closing_unit_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["acceptance_unit_id"], ["unit.id"], name=op.f("fk_route_acceptance_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["closing_unit_id"], ["unit.id"], name=op.f("fk_route_closing_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_unit_id"], ["unit.id"], name=op.f("fk_route_issuer_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["place_unit_id"], ["unit.id"], name=op.f("fk_route_place_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["supervising_unit_id"], ["unit.id"], name=op.f("fk_route_supervising_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
    )
    op.create_table(
        "clock",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("is_period", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("owner_unit_id", BIG, nullable=True),
        sa.Column("limit_text", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("calendar_version", sa.String(64), nullable=False),
        sa.Column("ladder", sa.String(64), nullable=True),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("next_rung", sa.Integer(), nullable=False),
        sa.Column("lamp", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("blocked_by", BIG, nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('running','held','paused','over','done')", name=op.f("ck_clock_state")
        ),
        sa.CheckConstraint("subject in ('issue','request','paper')", name=op.f("ck_clock_subject")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_clock_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint(
            "subject",
            "subject_id",
            "kind",
            "seq",
            name=op.f("uq_clock_subject_subject_id_kind_seq"),
        ),
    )
    op.create_index("ix_clock_issue", "clock", ["issue_id"], unique=False)
    op.create_index(
        "ix_clock_wake",
        "clock",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("wake_at is not null"),
        postgresql_where=sa.text("wake_at is not null"),
    )
    op.create_table(
        "event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_unit_id", BIG, nullable=True),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_event_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("issue_id", "seq", name=op.f("uq_event_issue_id_seq")),
    )
    op.create_index(op.f("ix_event_at"), "event", ["at"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("caption", sa.String(200), nullable=True),
        sa.Column("added_by_id", BIG, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_evidence_added_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_evidence_issue_id_issue")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_evidence_sha256_blob")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_blob", "evidence", ["sha256"], unique=False)
    op.create_index("ix_evidence_issue", "evidence", ["issue_id"], unique=False)
    op.create_table(
        "issue_search",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("grams", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_issue_search_issue_id_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issue_search")),
    )
    op.create_table(
        "issue_unit",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_issue_unit_issue_id_issue")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_issue_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("issue_id", "unit_id", "relation", name=op.f("pk_issue_unit")),
    )
    op.create_index("ix_issue_unit_unit", "issue_unit", ["unit_id", "issue_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("decider_unit_id", BIG, nullable=False),
        sa.Column("decider_post", sa.String(32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind in ('extension','suspension','objection')", name=op.f("ck_request_kind")
        ),
        sa.CheckConstraint(
            "state in ('open','granted','refused','withdrawn')", name=op.f("ck_request_state")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_request_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_request_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decider_unit_id"], ["unit.id"], name=op.f("fk_request_decider_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_request_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(
        "ix_request_decider", "request", ["decider_unit_id", "decider_post", "state"], unique=False
    )
    op.create_index("ix_request_issue", "request", ["issue_id"], unique=False)
    op.create_index(
        "uq_request_open",
        "request",
        ["issue_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "source",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("own_number", sa.String(64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_source_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_index("ix_source_issue", "source", ["issue_id"], unique=False)
    op.create_table(
        "paper",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("addressee_unit_id", BIG, nullable=True),
        sa.Column("to_posts", sa.JSON(), nullable=False),
        sa.Column("copy_posts", sa.JSON(), nullable=False),
        sa.Column("signer_unit_id", BIG, nullable=False),
        sa.Column("signer_post", sa.String(32), nullable=False),
        sa.Column("answer_by", sa.String(32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", BIG, nullable=True),
        sa.Column("reason", sa.String(1000), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(2000), nullable=True),
        sa.CheckConstraint("state in ('draft','signed','withheld')", name=op.f("ck_paper_state")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_paper_clock_id_clock")),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_paper_issue_id_issue")),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_paper_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("ix_paper_issue", "paper", ["issue_id"], unique=False)
    op.create_index(
        "ix_paper_signer", "paper", ["signer_unit_id", "signer_post", "state"], unique=False
    )
    op.create_table(
        "reporter",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("name", sa.String(64), nullable=True),
        sa.Column("contact", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_reporter_source_id_source")
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_reporter")),
    )
    op.create_table(
        "rung_taken",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("lamp", sa.String(16), nullable=True),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("paper_id", BIG, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome in ('taken','merged','skipped')", name=op.f("ck_rung_taken_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_rung_taken_clock_id_clock")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rung_taken")),
        sa.UniqueConstraint(
            "clock_id", "round", "rung", name=op.f("uq_rung_taken_clock_id_round_rung")
        ),
    )
    op.create_index("ix_rung_taken_issue", "rung_taken", ["issue_id"], unique=False)
    # What no table definition says: the record's guards and the index of the search table.
    guards.put_up(op.get_bind())
    for statement in search.STATEMENTS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in search.REMOVALS[op.get_bind().dialect.name]:
        op.execute(statement)
    guards.take_down(op.get_bind())
    op.drop_table("rung_taken")
    op.drop_table("reporter")
    op.drop_table("paper")
    op.drop_table("source")
    op.drop_table("request")
    op.drop_table("issue_unit")
    op.drop_table("issue_search")
    op.drop_table("evidence")
    op.drop_table("event")
    op.drop_table("clock")
    op.drop_table("route")
    op.drop_table("reporter_access")
    op.drop_table("post")
    op.drop_table("outbox")
    op.drop_table("login_session")
    op.drop_table("issue")
    op.drop_table("inbox_item")
    op.drop_table("unit")
    op.drop_table("stamp")
    op.drop_table("person")
    op.drop_table("loop_version")
    op.drop_table("ladder_version")
    op.drop_table("checkpoint")
    op.drop_table("blob")
