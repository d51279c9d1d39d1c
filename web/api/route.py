"""What a route of the API is: who may take it, what comes in, what goes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel
from starlette.datastructures import FormData
from starlette.requests import Request

from web.api.uploads import Document
from web.visit import Runtime, Visit
from workflow.errors import N_
from workflow.evidence.actions import Upload

Permission = Literal["anyone", "person", "scope", "post"]
PERMISSIONS: Mapping[Permission, str] = MappingProxyType(
    {
        "anyone": N_("无需令牌"),
        "person": N_("凭令牌；只涉及本人的待办、各单位名称等人人可见的内容"),
        "scope": N_("凭令牌；只限本人职务范围内的问题，范围外的一律查无此件"),
        "post": N_("凭令牌；须在范围内，并由流程规定的岗位办理"),
    }
)
"""What a route asks of whoever calls it; every route declares one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a request brought, checked: parts of the address, its query, its content, its file."""

    path: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    upload: Upload | Document | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; `location` is the address of what was made."""

    body: Mapping[str, Any]
    status: int = 200
    location: str | None = None


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file as an answer."""

    content: bytes
    mime: str
    name: str


Handler = Callable[[Visit, Given], Reply | FileReply]
Taker = Callable[[Request, Runtime, FormData], tuple[Upload | Document, bytes]]
"""Reads and seals the file of a form, and says what tells this request from another."""


@dataclass(frozen=True)
class Route:
    """One method of one address below ``/api/v1``.

    `query` and `body` are the models that the request must fit; `answers` is the shape of the
    answer, or the types of file that it can be; `problems` the statuses besides those that every
    route of its sort has.
    """

    method: Literal["GET", "POST"]
    path: str
    permission: Permission
    name: str
    summary: str
    handler: Handler
    answers: Any
    status: int = 200
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    takes_file: bool = False
    taker: Taker | None = None
    """How its file is taken; by default as evidence."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schemas of what its form may hold besides the file."""
    problems: tuple[int, ...] = ()
