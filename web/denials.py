"""What was denied is put on record before it is answered."""

from starlette.requests import Request

from web.visit import Runtime
from workflow.errors import NotAllowed, NotFound
from workflow.operations import denials


def note(runtime: Runtime, request: Request, error: Exception, *, door: str) -> None:
    """Record that a person was denied something; what nobody in particular asked for is not."""
    person_id: int | None = getattr(request.state, "person_id", None)
    if person_id is None or not isinstance(error, NotAllowed | NotFound):
        return
    with runtime.database.transaction() as tx:
        denials.record(
            tx,
            person_id=person_id,
            door=door,
            method=request.method,
            path="".join(each if each.isprintable() else "?" for each in request.url.path),
            code=error.code,
            now=runtime.now(),
        )
