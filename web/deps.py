"""How a page is answered: who asks, one transaction, one thread, no form from elsewhere.

A page that reads gets a reading transaction, a form that writes gets the writing one. Both run in
one hop to a worker thread, so that the event loop never waits for the database.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import denials
from web.visit import LANGUAGE_COOKIE, Visit, open_visit
from workflow.errors import N_, NotAllowed, WorkflowError

Endpoint = Callable[[Request], Awaitable[Response]]
_YEAR = 365 * 24 * 3600
_FIELDS = 400
_FILES = 20
_TEXT_BYTES = 200_000


Reader = Callable[[Visit], Response]
"""Answers a visit that only reads."""
Writer = Callable[[Visit, FormData], Response]
"""Answers a form with a redirection; whatever it raises undoes everything."""
Again = Callable[[Visit, FormData, WorkflowError], Response]
"""Shows the form again with what was typed, and beside it what was wrong."""
Prepare = Callable[[Request, FormData], None]
"""Works on a form's files before the writing transaction is opened."""


def reading(handler: Reader, *, anonymous: bool = False) -> Endpoint:
    """An endpoint that reads. Somebody who is not logged in is sent to the log-in page."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_read, request, handler, anonymous)

    return endpoint


def _read(request: Request, handler: Reader, anonymous: bool) -> Response:
    runtime = request.app.state.runtime
    try:
        with runtime.database.reading() as tx:
            visit = open_visit(request, tx, now=runtime.now())
            if visit.person is None and not anonymous:
                return to_login(request)
            response = handler(visit)
    except WorkflowError as error:
        denials.note(runtime, request, error, door="web")
        raise
    remember_language(request, response)
    return response


def writing(
    handler: Writer,
    *,
    again: Again | None = None,
    prepare: Prepare | None = None,
) -> Endpoint:
    """An endpoint that writes. `prepare` works on the form before the transaction is opened."""

    async def endpoint(request: Request) -> Response:
        refuse_foreign(request)
        form = await request.form(max_files=_FILES, max_fields=_FIELDS, max_part_size=_TEXT_BYTES)
        try:
            return await run_in_threadpool(_write, request, form, handler, again, prepare)
        finally:
            await form.close()

    return endpoint


def _write(
    request: Request,
    form: FormData,
    handler: Writer,
    again: Again | None,
    prepare: Prepare | None,
) -> Response:
    runtime = request.app.state.runtime
    now = runtime.now()
    try:
        if prepare is not None:
            with runtime.database.reading() as tx:
                if open_visit(request, tx, now=now).person is None:
                    return to_login(request)
            prepare(request, form)
        with runtime.database.transaction() as tx:
            visit = open_visit(request, tx, now=now, for_update=True)
            if visit.person is None:
                return to_login(request)
            return handler(visit, form)
    except WorkflowError as error:
        denials.note(runtime, request, error, door="web")
        if again is None:
            raise
        with runtime.database.reading() as tx:
            visit = open_visit(request, tx, now=now)
            return again(visit, form, error)


def to_login(request: Request) -> Response:
    """Send to the log-in page, and from there back to the page that was asked for."""
    wanted = request.url.path if request.method == "GET" else ""
    if wanted and request.url.query:
        wanted += f"?{request.url.query}"
    suffix = f"?next={quote(wanted, safe='')}" if wanted not in ("", "/") else ""
    return RedirectResponse(f"/login{suffix}", 303)


def local_path(text: str) -> str:
    """A path of this site, or the start page for anything that leads elsewhere."""
    parts = urlsplit(text)
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text
    return text if plain and not parts.scheme and not parts.netloc and text.isprintable() else "/"


def remember_language(request: Request, response: Response) -> None:
    """Keep the language that the address asked for."""
    wanted = request.query_params.get("lang")
    if wanted in ("zh", "en"):
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=_YEAR, samesite="lax", httponly=True)


def refuse_foreign(request: Request) -> None:
    """Refuse a form that another site sent.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin. A request that
    says neither carries no browser's cookies unless somebody put them there.

    Raises:
        NotAllowed: the form does not come from a page of this installation.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
    elif urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host"):
        return
    raise NotAllowed(
        N_("这次提交不是从本系统的页面发出的，没有办理。请回到页面重新提交。"), code="foreign_form"
    )
