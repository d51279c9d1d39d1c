"""``Idempotency-Key``: a request that is sent again does nothing again and is answered the same."""

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from workflow.errors import N_, Invalid
from workflow.tokens.replies import Kept

HEADER = "Idempotency-Key"
PATTERN = r"^[\x21-\x7e]{1,255}$"
REPLAYED = "idempotency-replayed"


def key_of(request: Request) -> str | None:
    """The request's key, if it has one. Raises Invalid for one that cannot be kept."""
    keys = request.headers.getlist(HEADER)
    if not keys:
        return None
    if len(keys) > 1 or not re.fullmatch(PATTERN.strip("^$"), keys[0]):
        raise Invalid.at(
            HEADER,
            N_("Idempotency-Key 应为 1 至 255 个可见的 ASCII 字符，例如一个 UUID，且只能有一个。"),
        )
    return keys[0]


def fingerprint(request: Request, content: bytes) -> str:
    """What tells a request from another one under the same key."""
    asked = f"{request.method} {request.url.path}\n".encode()
    return sha256(asked + content).hexdigest()


def again(kept: Kept, asked: str) -> Response:
    """The first answer once more. Raises Invalid if it was the answer to something else."""
    if kept.fingerprint != asked:
        raise Invalid(
            N_(
                "这个 Idempotency-Key 已用于内容不同的请求，没有办理。"
                "重试请提交原来的内容；新的请求请换新的键。"
            ),
            code="idempotency_mismatch",
        )
    return json_response(kept.status, kept.body.encode(), kept.location, {REPLAYED: "true"})


def json_response(
    status: int, body: bytes, location: str | None, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer."""
    told = dict(headers or {})
    if location is not None:
        told["location"] = location
    return Response(body, status, told, "application/json")
