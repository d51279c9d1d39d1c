"""Papers that carry a name: drafts that wait for a signature, and what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Paper(SQLModel, table=True):
    """A supervision letter (督办函), a bulletin (通报) … drafted by a rung, waiting for a name."""

    __table_args__ = (
        CheckConstraint("state in ('draft','signed','withheld')", name="state"),
        Index("ix_paper_issue", "issue_id"),
        Index("ix_paper_signer", "signer_unit_id", "signer_post", "state"),
    )

    id: int | None = big_id()
    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id")
    clock_id: int = ref("clock")
    round: int
    rung: int
    kind: str = Field(max_length=32)
    state: str = Field(default="draft", max_length=8)
    title: str = Field(max_length=200)
    body: str
    addressee_unit_id: int | None = Field(default=None, sa_type=BIG)
    to_posts: list[Any] = Field(default_factory=list, sa_type=JSON)
    """[[unit id, post], …] who receive it once it is signed."""
    copy_posts: list[Any] = Field(default_factory=list, sa_type=JSON)
    signer_unit_id: int = Field(sa_type=BIG)
    signer_post: str = Field(max_length=32)
    answer_by: str | None = Field(default=None, max_length=32)
    created_at: datetime
    settled_at: datetime | None = None
    settled_by_id: int | None = ref("person", nullable=True)
    reason: str | None = Field(default=None, max_length=1000)
    answered_at: datetime | None = None
    answer: str | None = Field(default=None, max_length=2000)
