"""Photographs: the copy without metadata that pages show, and when and where one was taken."""

import io
import struct
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from workflow.errors import N_, Invalid
from workflow.evidence.checks import refused

MOST_PIXELS = 50_000_000
COPY_SIDE = 1600
"""Pixels of the longer side of the copy."""
_QUALITY = 82
_FORMATS = ("JPEG", "PNG", "WEBP")
# What a damaged picture or damaged metadata raises in the library.
_DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    OverflowError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    struct.error,
)

# For the whole process: filters set for a moment are not safe among threads.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """The copy (JPEG), and what the original's metadata said."""

    copy: bytes
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def read_picture(content: bytes, name: str, *, zone: ZoneInfo) -> Picture:
    """Make the copy of a photograph; a time without zone is taken as one of `zone`.

    Raises Invalid for one that cannot be opened or has more than `MOST_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_many_pixels(name)
            taken_at, place = _metadata(image, zone)
            copy = _copy(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels(name) from None
    except Invalid:
        raise
    except (UnidentifiedImageError, *_DAMAGE) as fault:
        raise refused(
            N_("“{name}”打不开：照片已损坏或不完整。请重新拍摄或重新上传。"), name
        ) from fault
    return Picture(copy, taken_at, *place)


def _copy(image: Image.Image) -> bytes:
    image.draft("RGB", (COPY_SIDE, COPY_SIDE))  # a JPEG is decoded small at once
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((COPY_SIDE, COPY_SIDE))
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
    # Onto an empty sheet: nothing of the original's metadata comes along.
    sheet = Image.new("RGB", upright.size, "white")
    sheet.paste(upright.convert("RGB"), mask=upright if upright.mode == "RGBA" else None)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _metadata(
    image: Image.Image, zone: ZoneInfo
) -> tuple[datetime | None, tuple[float | None, float | None]]:
    """When and where, as far as it is told and possible; damaged metadata tells nothing."""
    taken_at, place = None, (None, None)
    with suppress(*_DAMAGE):
        taken_at = _taken_at(image.getexif().get_ifd(ExifTags.IFD.Exif), zone)
    with suppress(*_DAMAGE):
        return taken_at, _place(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    return taken_at, place


def _taken_at(told: dict[int, Any], zone: ZoneInfo) -> datetime:
    text = str(told[ExifTags.Base.DateTimeOriginal]).strip("\0 ")
    local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - zoned below
    offset = told.get(ExifTags.Base.OffsetTimeOriginal)
    if isinstance(offset, str):
        with suppress(ValueError):
            zoned = datetime.fromisoformat(f"{local.isoformat()}{offset.strip(chr(0) + ' ')}")
            if zoned.tzinfo is not None:
                return zoned.astimezone(UTC)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _place(told: dict[int, Any]) -> tuple[float, float]:
    gps = ExifTags.GPS
    return (
        _degrees(told[gps.GPSLatitude], told[gps.GPSLatitudeRef], 90),
        _degrees(told[gps.GPSLongitude], told[gps.GPSLongitudeRef], 180),
    )


def _degrees(parts: tuple[Any, Any, Any], ref: Any, most: float) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:  # also true for what is not a number
        raise ValueError(value)
    return -value if str(ref).strip("\0 ").upper() in ("S", "W") else value


def _too_many_pixels(name: str) -> Invalid:
    return refused(
        N_("“{name}”像素过大（超过 {most} 万像素），请缩小后再上传。"),
        name,
        most=MOST_PIXELS // 10_000,
        millions=MOST_PIXELS // 1_000_000,
    )
