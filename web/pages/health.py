"""Whether the process answers, and whether it can work."""

import logging
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.visit import Runtime
from workflow import migrate
from workflow.deadlines import shown
from workflow.outbox import queries as outbox

_LOG = logging.getLogger("bihuan.web")
_INBOX = "inbox"
PATIENCE = timedelta(minutes=2)
"""How long a due clock or message may wait before somebody should look."""


async def healthz(request: Request) -> Response:
    """The process is there; asks no database."""
    del request
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The database answers, with its schema; clocks are taken and messages delivered."""
    return await run_in_threadpool(_ready, request)


def _ready(request: Request) -> Response:
    try:
        checks = _checks(request.app.state.runtime)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises means: not ready
        _LOG.warning("web.not_ready", extra={"error": type(error).__name__})
        checks = {"database": type(error).__name__}
    ready = all(told == "ok" for told in checks.values())
    return JSONResponse(checks, 200 if ready else 503)


def _checks(runtime: Runtime) -> dict[str, str]:
    now = runtime.now()
    state = migrate.state(runtime.database)
    with runtime.database.reading() as tx:
        woken = shown.first_wake(tx)
        due = outbox.oldest_due(tx, channel=_INBOX)
    return {
        "database": "ok",
        "schema": "ok" if state == "current" else state,
        "sweep": _lag(woken, now),
        "delivery": _lag(due, now),
    }


def _lag(since: datetime | None, now: datetime) -> str:
    if since is None or now - since <= PATIENCE:
        return "ok"
    return f"{int((now - since).total_seconds())} s behind"


ROUTES = (("/healthz", healthz, ["GET"]), ("/readyz", readyz, ["GET"]))
