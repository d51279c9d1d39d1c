"""Who calls: a bearer token stands for a person with the posts and the scope they have today."""

import re
from datetime import datetime
from typing import Any, NoReturn

from starlette.requests import Request

from config.language import preferred
from web.api.errors import Unauthorized
from web.visit import Runtime, Visit
from workflow.db import Tx
from workflow.errors import N_
from workflow.labels import Labels
from workflow.tokens import queries as tokens
from workflow.units import queries as units

_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]{20,100})", re.ASCII | re.IGNORECASE)


def open_visit(request: Request, runtime: Runtime, labels: Labels, tx: Tx, now: datetime) -> Visit:
    """The request of the token's person; one statement for the token and the directory's version.

    Raises Unauthorized without a token that is known, in force and an active person's. Cookies
    count for nothing here, so no other site can make a browser speak for somebody.
    """
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise Unauthorized(
            N_("请在 Authorization 头中写明“Bearer 令牌”。令牌由管理员用 bihuan token add 发放。")
        )
    bearer = tokens.find(tx, found[1], now=now)
    directory = None if bearer is None else units.directory_at(tx, bearer.directory_version)
    person = directory.people.get(bearer.person_id) if bearer and directory else None
    if directory is None or person is None or not person.active:
        raise Unauthorized(N_("令牌无效、已过期或已撤销。请向管理员申请新的令牌。"))
    request.state.lang = lang = language(request, person.lang)
    request.state.person_id = person.id  # for web/denials.py
    return Visit(
        request=request,
        runtime=runtime,
        labels=labels,
        tx=tx,
        now=now,
        lang=lang,
        session=None,
        directory=directory,
        person=person,
        render=_no_page,
    )


def language(request: Request, default: str) -> str:
    """The language that the caller asks for, else the person's or the office's own."""
    return preferred(request.headers.get("accept-language", "")) or default


def _no_page(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("the API shows no pages")
