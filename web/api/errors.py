"""What goes wrong, as problem JSON (RFC 9457): what, why, and which fields are at fault."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from config.language import catalogue
from tasks.loop import first_line
from web.api.models import Problem
from web.errors import status_of
from workflow.errors import N_, Invalid, WorkflowError

_LOG = logging.getLogger("bihuan.api")
MEDIA_TYPE = "application/problem+json"
_AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout)
_PASSING = frozenset({"40001", "40P01"})
"""PostgreSQL's serialization failure and deadlock: nothing happened, the next try will do."""
_SENTENCES: Mapping[int, str] = {
    400: N_("请求内容不是正确的 JSON 或表单，没有办理。请检查格式后重新提交。"),
    404: N_("没有这个接口。请核对地址；全部接口见 /api/docs。"),
    405: N_("这个接口不接受这种方法。可用的方法见 Allow 头。"),
    413: N_("提交的内容太大，没有办理。文件不超过 {limit} MB，JSON 不超过 1 MB。"),
    415: N_("内容类型不对，没有办理。请按 /api/docs 所列的 Content-Type 提交。"),
    500: N_("系统出现意外，这次没有办理成功。请稍后再试；如反复出现，请联系管理员。"),
    503: N_("数据库暂时不可用，没有办理。请稍后用同一个 Idempotency-Key 重试。"),
}
TITLES: Mapping[int, str] = {
    400: N_("格式错误"),
    401: N_("令牌无效"),
    403: N_("不能办理"),
    404: N_("没有找到"),
    405: N_("方法不对"),
    409: N_("现在不能办理"),
    413: N_("内容太大"),
    415: N_("内容类型不对"),
    422: N_("填写有误"),
    500: N_("系统意外"),
    503: N_("暂时不可用"),
}


class Unauthorized(WorkflowError):
    """No token, or one that opens nothing."""

    default_code = "unauthorized"


def is_passing(error: DBAPIError) -> bool:
    """Whether the database only asks to try the whole transaction again."""
    return getattr(error.orig, "sqlstate", None) in _PASSING


def answer(error: Exception, *, lang: str, limit_mb: int) -> Response:
    """Any error as a response; what nobody foresaw is logged, and tells nothing of itself."""
    translate = catalogue(lang).gettext
    if isinstance(error, WorkflowError):
        return _of_engine(error, translate)
    if isinstance(error, HTTPException):
        return _of_http(error, translate, limit_mb)
    if isinstance(error, _AWAY):
        # A line each: with a trace, an hour without a database would fill the disk.
        _LOG.warning("api.failed", extra={"status": 503, "error": first_line(error)})
        return _surprise(503, translate, {"retry-after": "1"})
    _LOG.error("api.failed", extra={"status": 500}, exc_info=error)
    return _surprise(500, translate, {})


def _surprise(status: int, translate: Callable[[str], str], headers: Mapping[str, str]) -> Response:
    return _response(_problem(status, translate, detail=translate(_SENTENCES[status])), headers)


def _of_engine(error: WorkflowError, translate: Callable[[str], str]) -> Response:
    status = 401 if isinstance(error, Unauthorized) else status_of(error)
    headers = {"www-authenticate": 'Bearer realm="bihuan"'} if status == 401 else {}
    if status == 500:
        _LOG.error("api.failed", extra={"status": status}, exc_info=error)
    told = _problem(
        status,
        translate,
        detail=error.text(translate),
        code=error.code,
        why=error.why_text(translate),
        fields=error.field_texts(translate) if isinstance(error, Invalid) else {},
    )
    return _response(told, headers)


def _of_http(error: HTTPException, translate: Callable[[str], str], limit_mb: int) -> Response:
    sentence = translate(_SENTENCES.get(error.status_code, _SENTENCES[400]))
    told = _problem(error.status_code, translate, detail=sentence.format(limit=limit_mb))
    return _response(told, error.headers or {})


def _problem(
    status: int,
    translate: Callable[[str], str],
    *,
    detail: str,
    code: str | None = None,
    why: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Problem:
    code = code or HTTPStatus(status).name.lower()
    return {
        "type": f"urn:bihuan:problem:{code}",
        "title": translate(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
        "code": code,
        "why": why,
        "fields": dict(fields or {}),
    }


def _response(problem: Problem, headers: Mapping[str, str]) -> Response:
    return Response(to_json(problem), problem["status"], dict(headers), MEDIA_TYPE)
