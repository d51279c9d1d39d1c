"""Reading a plan in: a short document at once, a long one with a page that says how far it is."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.forms import Shown, Told, uploads
from web.pages.plans_review import id_of
from web.readings import Reading, Readings, begin, sentences
from web.readings import Told as AtStage
from web.uploads import storage
from web.visit import Runtime, Visit, form_text, open_visit
from workflow.errors import N_, Invalid
from workflow.evidence.storage import Storage
from workflow.plans import staging, store
from workflow.plans.reading import Prepared, prepare
from workflow.plans.vocabulary import load_words
from workflow.plans.words import Words
from workflow.units import queries as units
from workflow.units.rules import actor

SUBJECT = "plan"
FILE = "file"
MEGABYTE = 1024 * 1024
_SHORT_TEXT = 150_000
_SHORT_CONTAINER = 20_000
"""Bytes up to which a document is read while the browser waits; PDF, Word and Excel unpack."""
STAGES: Mapping[str, str] = {
    "waiting": N_("排队等候"),
    "pages": N_("读取各页文字"),
    "tasks": N_("辨认任务、单位、时限、指标"),
    "filing": N_("存为草稿"),
}


def upload_field(visit: Visit, error: Told | None) -> Shown:
    """The field for the file, with what was wrong with the last one."""
    gettext = visit.catalogue.gettext
    hint = gettext(N_("可读取 txt、docx、pdf（文字版）、xlsx、html。扫描件请先做文字识别。"))
    return Shown(
        id=FILE,
        name=FILE,
        label=gettext(N_("计划文件")),
        widget="file",
        required=True,
        hint=hint,
        fault=error.fields.get(FILE, "") if error else "",
    )


@lru_cache(maxsize=4)
def _words(folder: Path) -> Words:
    return load_words(folder / "plans" / "words.yaml")


def take(request: Request, form: FormData) -> None:
    """Read the document before any transaction is opened, or begin to if it is long.

    Raises:
        Invalid: at the field, what is wrong with the file and what to do.
        NotAllowed: the person dispatches for no unit.
    """
    files = uploads(form, FILE)
    if not files:
        raise Invalid.at(FILE, N_("请先选择计划文件。"))
    runtime = request.app.state.runtime
    name = (files[0].filename or "").replace("\\", "/").rpartition("/")[2]
    data = files[0].file.read()
    words = _words(runtime.settings.config_dir)
    with runtime.database.reading() as tx:
        by = open_visit(request, tx, now=runtime.now()).actor
    staging.may_issue(by)
    if not _is_short(data):
        assert by.person_id is not None
        person = by.person_id
        revises = form_text(form, "revises")
        revised = id_of(revises) if revises else None
        request.state.reading = begin(
            runtime,
            work=lambda told: _file(runtime, data, name, words, person, revised, told),
            name=name,
            person_id=person,
            subject=SUBJECT,
            revises=revised,
        )
        return
    try:
        request.state.plan = prepare(storage(request), data, name, words)
    except Invalid as fault:
        if not fault.fields:
            fault.fields = {FILE: fault.message}
        raise


def _file(
    runtime: Runtime,
    data: bytes,
    name: str,
    words: Words,
    person: int,
    revises: int | None,
    told: AtStage,
) -> Mapping[str, Any]:
    """Read a long document and stage it as a draft."""
    sealed = Storage(runtime.settings.data_dir / "evidence")
    found = prepare(sealed, data, name, words, told)
    told("filing", 0, 0)
    now = runtime.now()
    with runtime.database.transaction() as tx:
        staged = staging.stage(
            tx,
            runtime.office,
            found=found,
            revises=revises,
            by=actor(units.directory(tx), person, runtime.office.timing.day(now)),
            now=now,
            door="web",
        )
    return {"plan_id": staged.id, "is_new": staged.is_new}


def _is_short(data: bytes) -> bool:
    packed = b"%PDF-" in data[:1024] or data.startswith(b"PK\x03\x04")
    return len(data) <= (_SHORT_CONTAINER if packed else _SHORT_TEXT)


def upload(visit: Visit, form: FormData) -> Response:
    """Stage what was read as a draft; the same file again leads to the draft that there is."""
    begun: Reading | None = getattr(visit.request.state, "reading", None)
    if begun is not None:
        return RedirectResponse(f"/plans/reading/{begun.id}", 303)
    found: Prepared = visit.request.state.plan
    revises = form_text(form, "revises")
    staged = staging.stage(
        visit.tx,
        visit.office,
        found=found,
        revises=id_of(revises) if revises else None,
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return _to_review(staged.id, is_new=staged.is_new)


def _to_review(plan_id: int, *, is_new: bool) -> Response:
    return RedirectResponse(f"/plans/{plan_id}/review?done={'read' if is_new else 'again'}", 303)


def waited_for(visit: Visit) -> list[Reading]:
    """The documents that are being read for this person."""
    assert visit.person is not None
    return Readings(visit.settings.data_dir).of(visit.person.id, SUBJECT, now=visit.now)


def page(visit: Visit) -> Response:
    """How far a document is; read, it leads to its review; failed, it says why and how to go on."""
    key = visit.request.path_params["reading"]
    reading = Readings(visit.settings.data_dir).find(key, now=visit.now)
    if reading is None or visit.person is None or reading.person_id != visit.person.id:
        raise store.not_found()
    if reading.plan_id is not None:
        return _to_review(reading.plan_id, is_new=reading.is_new)
    names = list(STAGES)
    if reading.stage != "pages" and not reading.name.lower().endswith(".pdf"):
        names.remove("pages")
    response: Response = visit.render(
        visit,
        "plan_reading.html",
        reading=reading,
        stages=STAGES,
        names=names,
        at=names.index(reading.stage) if reading.stage in names else 0,
        share=_share(reading),
        sentences=sentences(visit, reading),
        upload=upload_field(visit, None),
        most_bytes=visit.settings.max_upload_mb * MEGABYTE,
        most=visit.settings.max_upload_mb,
    )
    return response


def _share(reading: Reading) -> int:
    """How much is done, in per cent: reading the pages is most of the work."""
    if reading.stage == "pages":
        return 80 * reading.done // max(reading.total, 1)
    return {"waiting": 0, "tasks": 80, "filing": 95}.get(reading.stage, 0)
