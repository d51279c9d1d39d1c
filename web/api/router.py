"""How a request is answered: one thread, one transaction, any error as problem JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from web import denials
from web.api import auth, errors, inputs, once, uploads
from web.api.route import FileReply, Given, Reply, Route
from web.api.uploads import Document
from web.visit import Runtime, Visit
from workflow.evidence.actions import Upload
from workflow.labels import Labels
from workflow.tokens import replies

PREFIX = "/api/v1"
_TRIES = 3
_FILE_POLICY = "default-src 'none'; sandbox"


@dataclass(frozen=True)
class Address:
    """One address with its methods."""

    runtime: Runtime
    labels: Labels
    routes: Mapping[str, Route]

    async def answer(self, request: Request) -> Response:
        """Answer a request by the route of its method."""
        route = self.routes["GET" if request.method == "HEAD" else request.method]
        try:
            if route.method == "GET":
                return await run_in_threadpool(self._read, request, route)
            if route.takes_file:
                return await self._take_file(request, route)
            content = await request.body()
            return await run_in_threadpool(self._write, request, route, content)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets problem JSON
            return await run_in_threadpool(self._fail, request, error)

    def _fail(self, request: Request, error: Exception) -> Response:
        try:
            denials.note(self.runtime, request, error, door="api")
        except DBAPIError as worse:
            error = worse
        return problem(self.runtime, request, error)

    def _read(self, request: Request, route: Route) -> Response:
        with self.runtime.database.reading() as tx:
            visit = auth.open_visit(request, self.runtime, self.labels, tx, self.runtime.now())
            given = Given(request.path_params, inputs.read_query(request, route.query))
            reply = route.handler(visit, given)
        return _response(reply)

    async def _take_file(self, request: Request, route: Route) -> Response:
        """The file is examined and sealed before the transaction, for a known person only."""
        await run_in_threadpool(self._is_known, request)
        async with uploads.form_of(request) as form:
            taker = route.taker or uploads.take
            upload, content = await run_in_threadpool(taker, request, self.runtime, form)
        return await run_in_threadpool(self._write, request, route, content, upload)

    def _is_known(self, request: Request) -> None:
        with self.runtime.database.reading() as tx:
            auth.open_visit(request, self.runtime, self.labels, tx, self.runtime.now())

    def _write(
        self,
        request: Request,
        route: Route,
        content: bytes,
        upload: Upload | Document | None = None,
    ) -> Response:
        for left in reversed(range(_TRIES)):
            try:
                return self._write_once(request, route, content, upload)
            except DBAPIError as error:
                if not left or not errors.is_passing(error):
                    raise
        raise AssertionError("the last try returns or raises")

    def _write_once(
        self, request: Request, route: Route, content: bytes, upload: Upload | Document | None
    ) -> Response:
        now = self.runtime.now()
        with self.runtime.database.transaction() as tx:
            visit = auth.open_visit(request, self.runtime, self.labels, tx, now)
            given = self._given(request, route, content, upload)
            if (key := once.key_of(request)) is None:
                return _response(route.handler(visit, given))
            asked = once.fingerprint(request, content)
            claim = _claim(visit, key, asked)
            if isinstance(claim, replies.Kept):
                return once.again(claim, asked)
            reply = route.handler(visit, given)
            response = _response(reply)
            replies.keep(
                tx,
                claim,
                status=response.status_code,
                body=bytes(response.body).decode(),
                location=response.headers.get("location"),
            )
            return response

    def _given(
        self, request: Request, route: Route, content: bytes, upload: Upload | Document | None
    ) -> Given:
        query = inputs.read_query(request, None)
        body: dict[str, Any] = {}
        if route.body is not None:
            body = inputs.read_body(inputs.read_json(request, content), route.body)
        return Given(request.path_params, query, body, upload)


def problem(runtime: Runtime, request: Request, error: Exception) -> Response:
    """An error as the caller is told of it."""
    lang = getattr(request.state, "lang", None) or auth.language(request, runtime.settings.lang)
    return errors.answer(error, lang=lang, limit_mb=runtime.settings.max_upload_mb)


def _claim(visit: Visit, key: str, asked: str) -> int | replies.Kept:
    assert visit.person is not None
    return replies.claim(
        visit.tx, person_id=visit.person.id, key=key, fingerprint=asked, now=visit.now
    )


def _response(reply: Reply | FileReply) -> Response:
    if isinstance(reply, Reply):
        return once.json_response(reply.status, to_json(reply.body), reply.location)
    return Response(
        reply.content,
        media_type=reply.mime,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(reply.name, safe='')}",
            "content-security-policy": _FILE_POLICY,
        },
    )


def troubled(runtime: Runtime) -> Any:
    """Answers what goes wrong outside the routes: an address or a method that there is none for."""

    async def answer(request: Request, error: Exception) -> Response:
        return problem(runtime, request, error)

    return answer
