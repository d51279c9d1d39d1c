"""The in-app inbox (收件箱)."""

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.deps import local_path, reading, writing
from web.visit import Visit, form_text
from workflow.errors import N_, Invalid
from workflow.outbox import actions, queries

_PAGE = 30
_LONGEST_ID = 18


def page(visit: Visit) -> Response:
    """The newest messages first."""
    after = visit.request.query_params.get("after", "")
    if after and not (after.isdecimal() and len(after) <= _LONGEST_ID):
        raise Invalid.at("after", N_("翻页位置无效，请从第一页重新查看。"))
    items = queries.inbox(
        visit.tx,
        person_id=visit.actor.person_id or 0,
        before=int(after) if after else None,
        limit=_PAGE + 1,
    )
    shown = items[:_PAGE]
    response: Response = visit.render(
        visit,
        "inbox.html",
        items=shown,
        newest=shown[0].id if shown else 0,
        after=str(shown[-1].id) if len(items) > _PAGE else None,
    )
    return response


def read(visit: Visit, form: FormData) -> Response:
    """Mark one message as read, or all that were shown."""
    person_id = visit.actor.person_id or 0
    item, up_to = form_text(form, "item"), form_text(form, "up_to")
    if item.isdecimal() and len(item) <= _LONGEST_ID:
        actions.mark_read(visit.tx, person_id=person_id, item_id=int(item), now=visit.now)
    elif up_to.isdecimal() and len(up_to) <= _LONGEST_ID:
        actions.mark_all_read(visit.tx, person_id=person_id, up_to=int(up_to), now=visit.now)
    else:
        raise Invalid.at("item", N_("没有指明哪一条消息，请回到收件箱重新操作。"))
    return RedirectResponse(local_path(form_text(form, "next") or "/inbox"), 303)


ROUTES = (("/inbox", reading(page), ["GET"]), ("/inbox/read", writing(read), ["POST"]))
