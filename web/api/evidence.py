"""Evidence: a file is stored first and named by its hash in an action; photographs are shown as
copies without metadata, the originals stay sealed.
"""

import re

from web.api.models import Stored
from web.api.route import FileReply, Given, Reply
from web.api.uploads import storage
from web.visit import Visit
from workflow.errors import N_, NotFound
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.issues import files

_DIGEST = re.compile(r"[0-9a-f]{64}")
_COPY = "image/jpeg"


def store(visit: Visit, given: Given) -> Reply:
    """Write down a file that was sealed; the same content is stored once."""
    upload = given.upload
    assert isinstance(upload, Upload)
    evidence.record(visit.tx, [upload], now=visit.now)
    body: Stored = {
        "sha256": upload.sha256,
        "mime": upload.mime,
        "size": upload.size,
        "is_photo": upload.copy_sha256 is not None,
        "taken_at": upload.taken_at,
        "lat": upload.lat,
        "lon": upload.lon,
    }
    return Reply(body, 201)


def fetch(visit: Visit, given: Given) -> FileReply:
    """A file of an issue in the scope; of a photograph its copy."""
    digest = given.path["sha256"]
    if not _DIGEST.fullmatch(digest):
        raise NotFound(N_("没有这个文件，或您无权查看。"))
    found = files.by_digest(visit.tx, digest, visit.scope)
    is_photo = found.copy_sha256 is not None
    content = storage(visit.runtime).get(found.copy_sha256 or found.sha256)
    name = f"{found.name.rpartition('.')[0] or found.name}.jpg" if is_photo else found.name
    return FileReply(content, _COPY if is_photo else found.mime, name)
