"""Every version of a loop that an issue ever ran on, under its content hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class LoopVersion(SQLModel, table=True):
    """A definition as it was loaded; running issues stay on theirs."""

    __tablename__ = "loop_version"

    hash: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=64, index=True)
    definition: dict[str, Any] = Field(sa_type=JSON)
    loaded_at: datetime
