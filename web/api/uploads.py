"""One file of a multipart form: read, examined and sealed before the transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.visit import Runtime
from workflow.errors import N_, Invalid
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage
from workflow.issues.inputs import is_storable
from workflow.plans.reading import Prepared

FIELD = "file"
_LONGEST_NAME = 200
_TEXT_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """A plan that was read, and the running plan whose place it is to take."""

    found: Prepared
    revises: int | None


@asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The request's form. Raises HTTPException for what is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise HTTPException(415)
    async with request.form(max_files=1, max_fields=1, max_part_size=_TEXT_BYTES) as form:
        yield form


def take(request: Request, runtime: Runtime, form: FormData) -> tuple[Upload, bytes]:
    """Seal the file; with it what tells this request from another.

    Raises Invalid: there is not exactly the one file, or it is neither photograph nor document.
    """
    name, data = one_file(form)
    upload = evidence.seal(storage(runtime), data, name, zone=runtime.settings.zone)
    return upload, f"{upload.sha256} {name}".encode()


def one_file(form: FormData, also: str | None = None) -> tuple[str, bytes]:
    """Name and content of the one file; `also` may be there once. Raises Invalid for the rest."""
    file = form.get(FIELD)
    names = [name for name, _ in form.multi_items() if name != also]
    if len(names) != 1 or not isinstance(file, UploadFile) or not file.filename:
        raise Invalid.at(FIELD, N_("请在 file 一项中上传一个文件，附文件名，不要有其他项。"))
    name = file.filename.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:]
    if not is_storable(name):
        raise Invalid.at(FIELD, N_("文件名含有无法保存的字符，请改名后重新上传。"))
    return name, file.file.read()


def storage(runtime: Runtime) -> Storage:
    """The installation's folder of evidence."""
    return Storage(runtime.settings.data_dir / "evidence")
