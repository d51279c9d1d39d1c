"""Uploaded files: examined and sealed before the form's transaction, named after it."""

from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request

from web.forms import uploads
from web.visit import Visit
from workflow.errors import N_, Invalid
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage

FIELD = "evidence"
KEPT = "kept"
"""Hidden fields of a form that is shown again: hash and name of what has been uploaded already."""
_MOST = 20
_HASH_LENGTH = 64


def storage(request: Request) -> Storage:
    """The installation's folder of evidence."""
    return Storage(request.app.state.runtime.settings.data_dir / "evidence")


def take(request: Request, form: FormData) -> None:
    """Seal what was uploaded; ``names(visit)`` tells afterwards what there is.

    Good files are kept even if another one is refused, so that nobody uploads twice.

    Raises:
        Invalid: a file is neither a photograph nor a document, or there are too many.
    """
    runtime = request.app.state.runtime
    request.state.files = found = _kept(form)
    files = uploads(form, FIELD)
    if len(files) + len(found) > _MOST:
        raise Invalid.at(FIELD, N_("一次最多上传 {most} 个文件，请分次上传。"), most=_MOST)
    sealed: list[Upload] = []
    refused: Invalid | None = None
    for file in files:
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        try:
            upload = evidence.seal(
                storage(request), file.file.read(), name, zone=runtime.settings.zone
            )
        except Invalid as error:
            refused = error
            continue
        sealed.append(upload)
        found[upload.sha256] = name
    if sealed:
        with runtime.database.transaction() as tx:
            evidence.record(tx, sealed, now=runtime.now())
    if refused is not None:
        raise refused


def names(visit: Visit) -> Mapping[str, str]:
    """Hash and name of every file of the form."""
    found: Mapping[str, str] = getattr(visit.request.state, "files", {})
    return found


def _kept(form: FormData) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in form.getlist(KEPT):
        digest, _, name = str(value).partition(" ")
        if len(digest) == _HASH_LENGTH and name:
            found[digest] = name
    return found
