"""Evidence through the application: whoever sees the issue sees its files, nobody else.

Photographs are shown as copies without metadata; the originals stay sealed.
"""

from urllib.parse import quote

from starlette.responses import Response

from web.deps import reading
from web.uploads import storage
from web.visit import Visit
from workflow.errors import N_, NotFound
from workflow.issues import queries

_LONGEST_ID = 18
_KEEP = "private, max-age=3600"


def file(visit: Visit) -> Response:
    """One file: a photograph to look at, anything else to keep."""
    text = visit.request.path_params["id"]
    if not (text.isdecimal() and len(text) <= _LONGEST_ID):
        raise NotFound(N_("没有这个文件，或您无权查看。"))
    found = queries.evidence(visit.tx, int(text), visit.scope)
    is_photo = found.copy_sha256 is not None
    content = storage(visit.request).get(found.copy_sha256 or found.sha256)
    name = f"{found.name.rpartition('.')[0] or found.name}.jpg" if is_photo else found.name
    way = "inline" if is_photo else "attachment"
    return Response(
        content,
        media_type="image/jpeg" if is_photo else found.mime,
        headers={
            "content-disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": _KEEP,
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


ROUTES = (("/evidence/{id}", reading(file), ["GET"]),)
