"""Whether the process answers, and whether it can work."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from workflow.units import queries as units


async def healthz(request: Request) -> Response:
    """The process is there; asks no database."""
    del request
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The database answers and has the schema."""
    return await run_in_threadpool(_ready, request)


def _ready(request: Request) -> Response:
    runtime = request.app.state.runtime
    try:
        with runtime.database.reading() as tx:
            units.version(tx)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises means: not ready
        return JSONResponse({"database": type(error).__name__}, 503)
    return JSONResponse({"database": "ok"})


ROUTES = (("/healthz", healthz, ["GET"]), ("/readyz", readyz, ["GET"]))
