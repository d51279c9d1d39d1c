"""What goes wrong, as a page: a status, a sentence and a way on, in the reader's language."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from config.language import catalogue
from web.visit import language
from workflow.errors import (
    N_,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    WorkflowError,
)

_LOG = logging.getLogger("bihuan.web")
_STATUS: tuple[tuple[type[WorkflowError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Refused, 409),
    (Conflict, 409),
    (Invalid, 422),
)
_SENTENCES = {
    400: N_("这次提交的内容不完整或格式不对，没有办理。请回到页面重新提交。"),
    403: N_("您无权办理此事。"),
    404: N_("没有这个页面。请核对网址，或从首页重新进入。"),
    405: N_("这个网址不接受这种提交。请从页面上的按钮办理。"),
    413: N_("提交的内容太大，没有办理。单次上传请控制在 {limit} MB 以内，照片可先压缩。"),
    500: N_("系统出现意外，这次没有办理成功。请稍后再试；如反复出现，请联系管理员。"),
}
_TITLES = {
    403: N_("不能办理"),
    404: N_("没有找到"),
    409: N_("现在不能办理"),
    413: N_("内容太大"),
    422: N_("填写有误"),
    500: N_("系统意外"),
}


def status_of(error: WorkflowError) -> int:
    """The HTTP status of an error of the engine."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install(app: FastAPI) -> None:
    """Answer every error with a page."""
    app.add_exception_handler(WorkflowError, _page(_of_engine))
    app.add_exception_handler(HTTPException, _page(_of_http))
    app.add_exception_handler(RequestValidationError, _page(_of_input))
    app.add_exception_handler(Exception, _page(_of_surprise))


def _page(
    handler: Callable[[Request, Exception], Response],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        return handler(request, error)

    return answer


def _of_engine(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorkflowError)
    translate = catalogue(_lang(request)).gettext
    fields = error.field_texts(translate) if isinstance(error, Invalid) else {}
    return _answer(
        request,
        status_of(error),
        error.text(translate),
        error.why_text(translate)
        or "；".join(v for v in fields.values() if v != error.text(translate)),
    )


def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    translate = catalogue(_lang(request)).gettext
    sentence = _SENTENCES.get(error.status_code, _SENTENCES[400])
    limit = request.app.state.runtime.settings.max_upload_mb
    return _answer(request, error.status_code, translate(sentence).format(limit=limit))


def _of_input(request: Request, error: Exception) -> Response:
    del error
    return _answer(request, 422, catalogue(_lang(request)).gettext(_SENTENCES[400]))


def _of_surprise(request: Request, error: Exception) -> Response:
    _LOG.exception("web.failed", extra={"path": request.url.path}, exc_info=error)
    return _answer(request, 500, catalogue(_lang(request)).gettext(_SENTENCES[500]))


def _answer(request: Request, status: int, sentence: str, why: str | None = None) -> Response:
    lang = _lang(request)
    title = catalogue(lang).gettext(_TITLES.get(status, _TITLES[422]))
    body = request.app.state.pages.text(
        "error.html", lang, title=title, sentence=sentence, why=why or ""
    )
    return Response(body, status, media_type="text/html")


def _lang(request: Request) -> str:
    return language(request, None, request.app.state.runtime.settings.lang)
