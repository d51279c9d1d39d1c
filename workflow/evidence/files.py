"""What an uploaded file is: a photograph with its copy without metadata, a document, or refused."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.evidence.checks import MOST_BYTES, check_file
from workflow.evidence.pictures import read_picture


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a file; `copy` is what pages show of a photograph."""

    mime: str
    copy: bytes | None = None
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def examine(content: bytes, name: str, *, zone: ZoneInfo, most: int = MOST_BYTES) -> Examined:
    """Look into a file by its content, whatever its name says.

    Raises Invalid, under `evidence`, for what is neither a photograph nor a document.
    """
    checked = check_file(content, name, most=most)
    if not checked.is_photo:
        return Examined(checked.mime)
    picture = read_picture(content, name, zone=zone)
    return Examined(checked.mime, picture.copy, picture.taken_at, picture.lat, picture.lon)
