"""Bringing a ledger in: a short one is read at once, a long one with a page that says how far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.forms import Shown, Told, uploads
from web.readings import Reading, Readings, begin, sentences
from web.readings import Told as AtStage
from web.visit import Runtime, Visit, open_visit
from workflow.errors import N_, Invalid
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.ledger import kinds, staging, store
from workflow.ledger.staging import Staged
from workflow.ledger.tools import Tools, open_tools
from workflow.units import queries as units
from workflow.units.rules import Actor, actor

SUBJECT = "ledger"
FILE = "file"
MEGABYTE = 1024 * 1024
_SHORT = 40_000
"""Bytes up to which a workbook is read while the browser waits: some hundreds of rows."""
STAGES: Mapping[str, str] = {
    "waiting": N_("排队等候"),
    "rows": N_("读取各行"),
    "filing": N_("保存读到的内容"),
}
_SHARES: Mapping[str, tuple[int, int]] = {"waiting": (0, 0), "rows": (5, 60), "filing": (65, 35)}
"""Where a stage begins and how much of the whole it is, in per cent."""


def nobody(_stage: str, _done: int, _of: int) -> None:
    """Nobody is told."""


def tools_of(request: Request) -> Tools:
    """What reading and importing needs besides the office."""
    state = request.app.state
    return open_tools(state.runtime.office, state.runtime.settings.config_dir, state.labels)


def may_import(visit: Visit) -> bool:
    """Whether the person may bring in ledgers; the engine asks again."""
    return any(post.post in staging.MAY for post in visit.actor.held)


def upload_field(visit: Visit, error: Told | None) -> Mapping[str, Any]:
    """The field for the file, with what was wrong with the last one."""
    gettext = visit.catalogue.gettext
    field = Shown(
        id=FILE,
        name=FILE,
        label=gettext(N_("台账文件（.xlsx）")),
        widget="file",
        required=True,
        hint=gettext(N_("表头在第几行、有几张工作表都可以；读不懂的格子会逐一列出。")),
        fault=(error.fields.get(FILE) or error.fields.get("evidence", "")) if error else "",
    )
    most = visit.settings.max_upload_mb
    return {"upload": field, "most": most, "most_bytes": most * MEGABYTE}


def take(request: Request, form: FormData) -> None:
    """Read a workbook and lay its rows down, or begin to if it is long.

    Raises:
        Invalid: at the field, what the file is and what to do.
        NotAllowed: the person may not bring in ledgers.
    """
    files = uploads(form, FILE)
    if not files:
        raise Invalid.at(FILE, N_("请选择台账文件。"))
    runtime = request.app.state.runtime
    now: datetime = runtime.now()
    with runtime.database.reading() as tx:
        by = open_visit(request, tx, now=now).actor
    staging.ledger_unit(by)
    name = (files[0].filename or "").replace("\\", "/").rpartition("/")[2]
    data = files[0].file.read()
    tools = tools_of(request)
    try:
        kinds.workbook(data, name)
        if len(data) > _SHORT:
            assert by.person_id is not None
            person = by.person_id
            request.state.reading = begin(
                runtime,
                work=lambda told: _work(runtime, tools, data, name, person, told),
                name=name,
                person_id=person,
                subject=SUBJECT,
            )
            return
        request.state.staged = _stage(runtime, tools, data, name, by, now)
    except Invalid as fault:
        if not fault.fields:
            fault.fields = {FILE: fault.message}
        raise


def _work(
    runtime: Runtime, tools: Tools, data: bytes, name: str, person: int, told: AtStage
) -> Mapping[str, Any]:
    """Read a long workbook and lay its rows down, for a person who waits or has gone on."""
    now = runtime.now()
    with runtime.database.reading() as tx:
        by = actor(units.directory(tx), person, runtime.office.timing.day(now))
    staged = _stage(runtime, tools, data, name, by, now, told)
    return {"import_id": staged.import_id, "is_new": not staged.again}


def _stage(
    runtime: Runtime,
    tools: Tools,
    data: bytes,
    name: str,
    by: Actor,
    now: datetime,
    told: AtStage = nobody,
) -> Staged:
    settings = runtime.settings
    sealed = Storage(settings.data_dir / "evidence")
    return staging.stage(
        runtime.database,
        tools,
        data=data,
        upload=evidence.seal(sealed, data, name, zone=settings.zone),
        name=name,
        given=None,
        by=by,
        now=now,
        read=lambda done, of: told("rows", done, of),
        progress=lambda done, of: told("filing", done, of),
    )


def took(visit: Visit, _form: FormData) -> Response:
    """Show what was read, or how far it is."""
    begun: Reading | None = getattr(visit.request.state, "reading", None)
    if begun is not None:
        return RedirectResponse(f"/ledger/reading/{begun.id}", 303)
    staged: Staged = visit.request.state.staged
    return _to_import(staged.import_id, is_new=not staged.again)


def _to_import(import_id: int, *, is_new: bool) -> Response:
    return RedirectResponse(f"/ledger/{import_id}?done={'read' if is_new else 'again'}", 303)


def waited_for(visit: Visit) -> list[Reading]:
    """The workbooks that are being read for this person."""
    if visit.person is None:
        return []
    return Readings(visit.settings.data_dir).of(visit.person.id, SUBJECT, now=visit.now)


def page(visit: Visit) -> Response:
    """How far a workbook is; read, it leads to its import; failed, it says why and how to go on."""
    key = visit.request.path_params["reading"]
    reading = Readings(visit.settings.data_dir).find(key, now=visit.now)
    if reading is None or visit.person is None or reading.person_id != visit.person.id:
        raise store.no_such_import(key)
    if reading.import_id is not None:
        return _to_import(reading.import_id, is_new=reading.is_new)
    first, share = _SHARES.get(reading.stage, (0, 0))
    names = list(STAGES)
    response: Response = visit.render(
        visit,
        "ledger_reading.html",
        reading=reading,
        stages=STAGES,
        names=names,
        at=names.index(reading.stage) if reading.stage in names else 0,
        share=first + share * reading.done // max(reading.total, 1),
        sentences=sentences(visit, reading),
        **upload_field(visit, None),
    )
    return response
