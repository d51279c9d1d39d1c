"""Units, people, the posts that people hold, and the table that routes a new issue."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.db import big_id, ref


class Unit(SQLModel, table=True):
    """An office, a department, a township … one node of the unit tree."""

    __table_args__ = (
        CheckConstraint("level in ('city','county','township','village','group')", name="level"),
    )

    id: int | None = big_id()
    code: str = Field(max_length=32, unique=True)
    name: str = Field(unique=True, max_length=100)
    aliases: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: str = Field(max_length=32)
    level: str = Field(max_length=16)
    parent_id: int | None = ref("unit", nullable=True, index=True)
    successor_id: int | None = ref("unit", nullable=True)
    abolished_on: date | None = None


class Person(SQLModel, table=True):
    """Somebody who can log in."""

    id: int | None = big_id()
    login: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=64)
    password_hash: str | None = Field(default=None, max_length=255)
    email: str | None = Field(default=None, max_length=255)
    phone: str | None = Field(default=None, max_length=32)
    lang: str = Field(default="zh", max_length=8)
    active: bool = True


class Post(SQLModel, table=True):
    """A person holds a post in a unit from one day to another; an acting post is a row too."""

    __table_args__ = (
        Index("ix_post_unit", "unit_id", "post"),
        Index("ix_post_person", "person_id"),
    )

    id: int | None = big_id()
    person_id: int = ref("person")
    unit_id: int = ref("unit")
    post: str = Field(max_length=32)
    from_on: date
    until_on: date | None = None
    acting: bool = False


class Route(SQLModel, table=True):
    """Which unit issues (交办) what comes from this source, of this kind, in this place."""

    id: int | None = big_id()
    rank: int = 0
    source: str | None = Field(default=None, max_length=32)
    category: str | None = Field(default=None, max_length=32)
    place_unit_id: int | None = ref("unit", nullable=True)
    issuer_unit_id: int = ref("unit")
    acceptance_unit_id: int | None = ref("unit", nullable=True)
    supervising_unit_id: int | None = ref("unit", nullable=True)
    closing_unit_id: int | None = ref("unit", nullable=True)


class LoginSession(SQLModel, table=True):
    """A person is logged in at one browser; the cookie's token is kept as a hash only."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = big_id()
    token_hash: str = Field(max_length=64)
    person_id: int = ref("person", index=True)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
