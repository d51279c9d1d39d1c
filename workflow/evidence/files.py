"""What an uploaded file is: a photograph with its copy without metadata, a document, or refused."""

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from workflow.errors import N_, Invalid

MOST_PIXELS = 50_000_000
COPY_SIDE = 1600
"""Pixels of the longer side of the copy that pages show."""
_QUALITY = 82
_PHOTOS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ZIP = b"PK\x03\x04"
_DOCUMENTS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (
        _ZIP,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
    ),
    (_ZIP, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", (".doc",)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel", (".xls",)),
)
_NOT_KNOWN = N_(
    "“{name}”不是能识别的照片或文件。请上传 JPG、PNG、WebP 照片，或 PDF、Word、Excel 文件。"
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a file; `copy` is what pages show of a photograph."""

    mime: str
    copy: bytes | None = None
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def examine(content: bytes, name: str, *, zone: ZoneInfo) -> Examined:
    """Look into a file by its content, whatever its name says.

    Raises Invalid, under `evidence`, for what is neither a photograph nor a document.
    """
    if not content:
        raise Invalid.at("evidence", N_("“{name}”是空文件，请重新选择。"), name=name)
    for start, mime, endings in _DOCUMENTS:
        if content.startswith(start) and name.lower().endswith(endings):
            return Examined(mime)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _photograph(content, name, zone)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels(name) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise Invalid.at("evidence", _NOT_KNOWN, name=name) from None


def _photograph(content: bytes, name: str, zone: ZoneInfo) -> Examined:
    with Image.open(io.BytesIO(content), formats=tuple(_PHOTOS)) as image:
        mime = _PHOTOS[str(image.format)]
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels(name)
        exif = image.getexif()
        taken_at = _taken_at(exif, zone)
        lat, lon = _where(exif)
        image.draft("RGB", (COPY_SIDE, COPY_SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((COPY_SIDE, COPY_SIDE))
        # Pasted onto an empty canvas: nothing of the original's metadata comes along.
        canvas = Image.new("RGB", upright.size, "white")
        canvas.paste(upright)
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Examined(mime, out.getvalue(), taken_at, lat, lon)


def _too_many_pixels(name: str) -> Invalid:
    return Invalid.at(
        "evidence",
        N_("“{name}”像素过大（超过 {most} 万像素），请缩小后再上传。"),
        name=name,
        most=MOST_PIXELS // 10_000,
    )


def _taken_at(exif: Image.Exif, zone: ZoneInfo) -> datetime | None:
    told = exif.get_ifd(ExifTags.IFD.Exif)
    text = told.get(ExifTags.Base.DateTimeOriginal)
    offset = told.get(ExifTags.Base.OffsetTimeOriginal)
    if not isinstance(text, str):
        return None
    with suppress(ValueError):
        local = datetime.strptime(text.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        if isinstance(offset, str):
            with suppress(ValueError):
                return datetime.fromisoformat(f"{local.isoformat()}{offset.strip()}").astimezone(
                    UTC
                )
        return local.replace(tzinfo=zone).astimezone(UTC)
    return None


def _where(exif: Image.Exif) -> tuple[float | None, float | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps[ExifTags.GPS.GPSLatitudeRef]), 90)
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps[ExifTags.GPS.GPSLongitudeRef]), 180)
        return lat, lon
    return None, None


def _degrees(parts: tuple[float, float, float], ref: str, most: float) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:
        raise ValueError(value)
    return -value if ref.strip("\0 ").upper() in ("S", "W") else value
