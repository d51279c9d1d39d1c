"""Give a program a token, and take it away; who it is for is what the person's posts say each day.

Tokens belong to no issue and have no event chain: each write leaves one line in the log, with ids
only.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, update

from workflow.db import Tx
from workflow.errors import N_, Invalid, NotFound
from workflow.tokens.models import ApiToken
from workflow.tokens.queries import TOKEN, hash_of
from workflow.units import queries as units

MOST_DAYS = 3650
LONGEST_LABEL = 100
PREFIX = "bihuan_"
"""Lets a search for leaked secrets recognise one."""

log = logging.getLogger(__name__)

_ADD = insert(ApiToken.__table__).returning(TOKEN.c.id)  # type: ignore[attr-defined]
_REVOKE = (
    update(TOKEN)
    .where(TOKEN.c.id == bindparam("token_id"), TOKEN.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that has just been made. `secret` is known now and never again."""

    id: int
    secret: str
    expires_at: datetime


def add(tx: Tx, *, login: str, days: int, label: str = "", now: datetime, door: str) -> NewToken:
    """Give a program a token with which it acts as this person.

    Raises Invalid for a login that nobody active has, a term or a label that is too long.
    """
    person = units.directory(tx).person_by_login(login)
    if person is None or not person.active:
        raise Invalid.at(
            "login", N_("没有登录名为“{login}”的在用账号，请先用 user add 登记。"), login=login
        )
    if not 1 <= days <= MOST_DAYS:
        raise Invalid.at("days", N_("有效天数须在 1 至 {most} 之间。"), most=MOST_DAYS)
    if len(label) > LONGEST_LABEL:
        raise Invalid.at("label", N_("用途请控制在 {most} 字以内。"), most=LONGEST_LABEL)
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=days)
    row = {
        "token_hash": hash_of(secret),
        "person_id": person.id,
        "label": label,
        "created_at": now,
        "expires_at": expires_at,
    }
    token_id = int(tx.execute(_ADD, row).scalar_one())
    log.info("token.added", extra={"token": token_id, "person": person.id, "door": door})
    return NewToken(token_id, secret, expires_at)


def revoke(tx: Tx, *, token_id: int, now: datetime, door: str) -> None:
    """Take a token away; from now on it opens nothing. Raises NotFound."""
    if tx.execute(_REVOKE, {"token_id": token_id, "at": now}).rowcount != 1:
        raise NotFound(
            N_("没有编号为 {id} 的令牌，或已撤销。请用 token list 查看。"), params={"id": token_id}
        )
    log.info("token.revoked", extra={"token": token_id, "door": door})
