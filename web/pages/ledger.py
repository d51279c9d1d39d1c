"""Ledgers (台账): upload, look at what was read, correct, confirm, watch, take out again."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.deps import reading, writing
from web.errors import status_of
from web.forms import Told, told
from web.pages import ledger_reading
from web.pages.issues import asked_of, filters_of
from web.pages.ledger_words import CHOICES, DONE, FIELD_NAMES, STATES, WAYS
from web.readings import SILENT
from web.uploads import storage
from web.visit import Visit, form_text, open_visit
from workflow.errors import N_, WorkflowError
from workflow.evidence.checks import XLSX
from workflow.ledger import actions, export, queries, staging
from workflow.ledger.mapping import CREATE
from workflow.ledger.tools import Tools
from workflow.ledger.views import ImportView, RowView

ROWS_A_PAGE = 50
_LONGEST_ID = 18
_MOST_UNITS = 100
"""Unknown names that a page asks about at once."""
_MOST_FIELDS = 380


def page(visit: Visit) -> Response:
    """The imports of the person's office, and the way to bring in one more."""
    return _list(visit)


def _list(visit: Visit, error: Told | None = None) -> Response:
    response: Response = visit.render(
        visit,
        "ledger.html",
        status=error.status if error else 200,
        imports=queries.imports(visit.tx, visit.scope),
        states=STATES,
        may=ledger_reading.may_import(visit),
        readings=ledger_reading.waited_for(visit),
        error=error,
        **ledger_reading.upload_field(visit, error),
        done=DONE.get(visit.request.query_params.get("done", "")),
    )
    return response


# -- bringing in -----------------------------------------------------------------------------------


def list_again(visit: Visit, _form: FormData, error: WorkflowError) -> Response:
    """The list with what was wrong with the file."""
    if visit.person is None:
        raise error
    return _list(visit, told(error, status_of(error), visit.catalogue.gettext))


# -- one import ------------------------------------------------------------------------------------


def one(visit: Visit) -> Response:
    """What was read, while it waits; how far it is; what it has become."""
    return _one(visit, _found(visit))


def _one(visit: Visit, found: ImportView, error: Told | None = None) -> Response:
    tools = _tools(visit)
    after = visit.request.query_params.get("after", "")
    rows = queries.rows(
        visit.tx,
        tools,
        found,
        visit.actor,
        visit.now,
        after=int(after) if after.isdecimal() and len(after) <= _LONGEST_ID else -1,
        limit=ROWS_A_PAGE,
    )
    # All rows are looked at for it: on the first page only.
    waits = found.state == "staged" and not after
    response: Response = visit.render(
        visit,
        "ledger_import.html",
        status=error.status if error else 200,
        found=found,
        rows=rows,
        next=rows[-1].seq if len(rows) == ROWS_A_PAGE else None,
        preview=queries.preview(visit.tx, tools, found, visit.actor, visit.now) if waits else None,
        states=STATES,
        ways=WAYS,
        fields=FIELD_NAMES,
        tables=_shown_tables(found),
        choices=CHOICES,
        create=CREATE,
        most_units=_MOST_UNITS,
        error=error,
        remarks=_remarks(visit, rows),
        told=[
            (cell, _said(visit, text, params))
            for cell, text, params in (*found.problems, *found.skipped)[:ROWS_A_PAGE]
        ],
        problems=len(found.problems),
        is_being_read=found.state == "staging" and visit.now - found.staged_at < SILENT,
        done=_done(visit, found),
    )
    return response


def _done(visit: Visit, found: ImportView) -> str | None:
    """What the last click has come to; what the page itself says by now is not said twice."""
    done = visit.request.query_params.get("done", "")
    return None if done == "confirmed" and found.state == "active" else DONE.get(done)


def _shown_tables(found: ImportView) -> list[Mapping[str, Any]]:
    """As many tables as one form can hold."""
    shown: list[Mapping[str, Any]] = []
    fields = 0
    for table in found.mapping.get("tables", ()):
        fields += len(table["headings"])
        if fields > _MOST_FIELDS:
            break
        shown.append(table)
    return shown


def _remarks(visit: Visit, rows: list[RowView]) -> Mapping[int, list[str]]:
    """What to look at in each row, in the language of the visit."""
    found: dict[int, list[str]] = {}
    for row in rows:
        notes = [*row.row.notes, *((row.way.why,) if row.way and row.way.why else ())]
        found[row.seq] = [_said(visit, note.sentence, note.params) for note in notes]
    return found


def _said(visit: Visit, sentence: str, params: Mapping[str, Any]) -> str:
    shown = visit.catalogue.gettext(sentence)
    return shown.format_map(params) if params else shown


def correct(request: Request, form: FormData) -> None:
    """Read the file again by the columns that the person has chosen."""
    runtime = request.app.state.runtime
    with runtime.database.reading() as tx:
        visit = open_visit(request, tx, now=runtime.now())
        found = _found(visit)
        staging.ledger_unit(visit.actor)
    tables = [
        {
            **table,
            "columns": _columns(table, n, form),
        }
        for n, table in enumerate(found.mapping["tables"])
    ]
    headings = {
        label: table["columns"].get(letter, "")
        for table in tables
        for letter, label in table["headings"].items()
    }
    staging.read_again(
        runtime.database,
        ledger_reading.tools_of(request),
        found.id,
        data=storage(request).get(found.sha256),
        given={**found.mapping, "tables": tables, "headings": headings},
        now=runtime.now(),
    )


def _columns(table: Mapping[str, Any], n: int, form: FormData) -> dict[str, str]:
    """The fields of a table's columns; a column that the form does not name stays."""
    found: dict[str, str] = {}
    for letter in table["headings"]:
        key = f"t{n}-{letter}"
        name = form_text(form, key) if key in form else table["columns"].get(letter, "")
        if name:
            found[letter] = name
    return found


def corrected(visit: Visit, _form: FormData) -> Response:
    """Show it anew."""
    return _to(visit, "corrected")


def choose(visit: Visit, form: FormData) -> Response:
    """Note what the unknown names mean."""
    found = _found(visit)
    staging.ledger_unit(visit.actor)
    actions.choose_units(visit.tx, found.id, _chosen(form))
    return _to(visit, "units")


def _chosen(form: FormData) -> dict[str, str]:
    """The answer to each unknown name; a name of one's own comes before the proposals."""
    found: dict[str, str] = {}
    for n in range(_MOST_UNITS):
        if name := form_text(form, f"name-{n}"):
            found[name] = form_text(form, f"own-{n}") or form_text(form, f"unit-{n}")
    return found


def confirm(visit: Visit, form: FormData) -> Response:
    """Let it count; the issues are made in the background."""
    found = _found(visit)
    staging.ledger_unit(visit.actor)
    options = {"claimed": form_text(form, "claimed")}
    actions.confirm(
        visit.tx, _tools(visit), found.id, options=options, by=visit.actor, now=visit.now
    )
    return _to(visit, "confirmed")


def discard(visit: Visit, _form: FormData) -> Response:
    """Throw away what has not been confirmed."""
    found = _found(visit)
    staging.ledger_unit(visit.actor)
    staging.discard(visit.tx, found.id)
    return RedirectResponse("/ledger?done=discarded", 303)


def one_again(visit: Visit, _form: FormData, error: WorkflowError) -> Response:
    """The import with what was refused."""
    if visit.person is None:
        raise error
    return _one(visit, _found(visit), told(error, status_of(error), visit.catalogue.gettext))


# -- files -----------------------------------------------------------------------------------------


def original(visit: Visit) -> Response:
    """The file as it was uploaded."""
    found = _found(visit)
    return _file(storage(visit.request).get(found.sha256), found.file_name)


def filled(visit: Visit) -> Response:
    """The same workbook, with what its issues have become."""
    found = _found(visit)
    data = export.into_template(visit.tx, found, storage(visit.request).get(found.sha256))
    return _file(data, found.file_name)


def issues(visit: Visit) -> Response:
    """The issues of the list, with its filters, as a new workbook."""
    filters = filters_of(visit, asked_of(visit.request.query_params))
    data = export.into_new(
        visit.tx,
        _tools(visit),
        visit.labels,
        visit.scope,
        filters,
        title=visit.catalogue.gettext(N_("问题整改台账")),
        today=visit.today,
    )
    return _file(data, f"台账-{visit.today.isoformat()}.xlsx")


def _file(data: bytes, name: str) -> Response:
    return Response(
        data,
        media_type=XLSX,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


def _tools(visit: Visit) -> Tools:
    return ledger_reading.tools_of(visit.request)


def _found(visit: Visit) -> ImportView:
    text = visit.request.path_params["ledger"]
    number = int(text) if text.isdecimal() and len(text) <= _LONGEST_ID else 0
    return queries.get(visit.tx, number, visit.scope)


def _to(visit: Visit, done: str) -> Response:
    return RedirectResponse(f"/ledger/{visit.request.path_params['ledger']}?done={done}", 303)


ROUTES = (
    ("/ledger", reading(page), ["GET"]),
    (
        "/ledger",
        writing(ledger_reading.took, again=list_again, prepare=ledger_reading.take),
        ["POST"],
    ),
    ("/ledger/reading/{reading}", reading(ledger_reading.page), ["GET"]),
    ("/ledger/issues.xlsx", reading(issues), ["GET"]),
    ("/ledger/{ledger}", reading(one), ["GET"]),
    ("/ledger/{ledger}/columns", writing(corrected, again=one_again, prepare=correct), ["POST"]),
    ("/ledger/{ledger}/units", writing(choose, again=one_again), ["POST"]),
    ("/ledger/{ledger}/confirm", writing(confirm, again=one_again), ["POST"]),
    ("/ledger/{ledger}/discard", writing(discard, again=one_again), ["POST"]),
    ("/ledger/{ledger}/original", reading(original), ["GET"]),
    ("/ledger/{ledger}/filled", reading(filled), ["GET"]),
)
