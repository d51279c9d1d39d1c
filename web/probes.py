"""What machines ask: whether the process answers, whether all is well, and in figures."""

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tasks import metrics, readiness
from tasks.readiness import Verdict

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})


async def healthz(request: Request) -> Response:
    """The process is there; asks no database."""
    del request
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Every check, and 503 while one of them is red."""
    found = await run_in_threadpool(_verdict, request)
    return JSONResponse(found.as_json(), 503 if found.state == "red" else 200)


async def figures(request: Request) -> Response:
    """Figures for Prometheus; for this machine only, or for whoever has the token."""
    if not _may_read(request):
        return PlainTextResponse("403\n", 403)
    found = await run_in_threadpool(_verdict, request)
    body = await run_in_threadpool(metrics.exposition, found)
    return Response(body, media_type=metrics.CONTENT_TYPE)


def _verdict(request: Request) -> Verdict:
    runtime = request.app.state.runtime
    return readiness.verdict(runtime.database, runtime.settings, runtime.now())


def _may_read(request: Request) -> bool:
    token = request.app.state.runtime.settings.metrics_token
    if token is None:
        return request.client is not None and request.client.host in LOOPBACK
    said = request.headers.get("authorization", "")
    wanted = f"Bearer {token.get_secret_value()}"
    return hmac.compare_digest(said.encode(), wanted.encode())


ROUTES = (
    ("/healthz", healthz, ["GET"]),
    ("/readyz", readyz, ["GET"]),
    ("/metrics", figures, ["GET"]),
)
