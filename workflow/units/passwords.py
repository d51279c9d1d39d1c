"""Passwords: argon2id hashes, and a check that takes as long for a login that does not exist."""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from workflow.errors import N_, Invalid

SHORTEST = 8
LONGEST = 128
"""Longer input is refused before it is hashed."""

_hasher = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """The hash to store. Raises Invalid for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid.at(
            "password",
            N_("密码须为{shortest}至{longest}个字符。"),
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; without a hash the same work is done for nothing."""
    if len(password) > LONGEST:
        return False
    try:
        matches = _hasher.verify(password, password_hash or _nobody())
    except UnknownHashError:
        return False
    return matches and password_hash is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
