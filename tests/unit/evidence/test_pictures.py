"""A photograph's copy carries no metadata; time and place are read where they make sense."""

import io
import struct
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags, Image

from workflow.errors import Invalid
from workflow.evidence import pictures
from workflow.evidence.files import examine
from workflow.evidence.pictures import read_picture

ZONE = ZoneInfo("Asia/Shanghai")
GPS = {1: "N", 2: (34.0, 47.0, 24.0), 3: "E", 4: (113.0, 23.0, 6.0)}


def photo(
    size: tuple[int, int] = (80, 40),
    form: str = "JPEG",
    mode: str = "RGB",
    exif: Image.Exif | None = None,
    **more: object,
) -> bytes:
    image = Image.new(mode, size, "white")
    image.paste("red" if mode in ("RGB", "RGBA") else 0, (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    image.save(out, form, **({"exif": exif} if exif else {}), **more)
    return out.getvalue()


def exif(
    taken: str | None = "2026:03:02 09:15:00",
    offset: str | None = None,
    gps: dict[int, object] | None = None,
    orientation: int | None = None,
) -> Image.Exif:
    found = Image.Exif()
    found[ExifTags.Base.Make] = "SECRET-CAMERA-9"
    if orientation:
        found[ExifTags.Base.Orientation] = orientation
    told = found.get_ifd(ExifTags.IFD.Exif)
    if taken:
        told[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        told[ExifTags.Base.OffsetTimeOriginal] = offset
    if gps:
        found.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return found


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_copy_has_no_metadata(form: str) -> None:
    original = photo(form=form, exif=exif(gps=GPS))
    assert b"SECRET-CAMERA-9" in original
    found = read_picture(original, "a", zone=ZONE)
    assert b"SECRET-CAMERA-9" not in found.copy
    copy = opened(found.copy)
    assert copy.format == "JPEG"
    assert dict(copy.getexif()) == {}
    assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_time_and_place_become_fields() -> None:
    found = read_picture(photo(exif=exif(gps=GPS)), "a", zone=ZONE)
    assert found.taken_at == datetime(2026, 3, 2, 1, 15, tzinfo=UTC)
    assert found.lat == pytest.approx(34.79)
    assert found.lon == pytest.approx(113.385)


def test_a_zone_in_the_metadata_comes_first() -> None:
    found = read_picture(photo(exif=exif(offset="+00:00")), "a", zone=ZONE)
    assert found.taken_at == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    strange = read_picture(photo(exif=exif(offset="?")), "a", zone=ZONE)
    assert strange.taken_at == datetime(2026, 3, 2, 1, 15, tzinfo=UTC)


def test_south_and_west_are_negative() -> None:
    found = read_picture(photo(exif=exif(gps={**GPS, 1: "S", 3: "W"})), "a", zone=ZONE)
    assert found.lat == pytest.approx(-34.79)
    assert found.lon == pytest.approx(-113.385)


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (113.0, 0.0, 0.0)},
        {1: "N", 2: (34.0, 0.0, 0.0)},
        {2: (34.0, 0.0, 0.0), 4: (113.0, 0.0, 0.0)},
        {1: "N", 2: (34.0,), 3: "E", 4: (113.0,)},
    ],
)
def test_a_place_that_makes_no_sense_is_none(gps: dict[int, object]) -> None:
    found = read_picture(photo(exif=exif(gps=gps)), "a", zone=ZONE)
    assert (found.lat, found.lon) == (None, None)
    assert found.taken_at is not None


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", None])
def test_a_time_that_makes_no_sense_is_none(taken: str | None) -> None:
    assert read_picture(photo(exif=exif(taken, gps=GPS)), "a", zone=ZONE).taken_at is None


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns and goes on
def test_damaged_metadata_tells_nothing_and_refuses_nothing() -> None:
    good = photo(exif=exif(gps=GPS))
    start = good.index(b"Exif\0\0") + 6
    for at in range(start, start + 120):
        damaged = bytearray(good)
        damaged[at] ^= 0xFF
        assert read_picture(bytes(damaged), "a", zone=ZONE).copy


def test_the_copy_stands_upright() -> None:
    found = read_picture(photo((80, 40), exif=exif(orientation=6)), "a", zone=ZONE)
    copy = opened(found.copy).convert("RGB")
    assert copy.size == (40, 80)
    red, _, blue = copy.getpixel((35, 5))
    assert red > 200 > blue + 100


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    copy = opened(read_picture(out.getvalue(), "a", zone=ZONE).copy)
    assert copy.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_can_be_copied(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert read_picture(photo(form=form, mode=mode), "a", zone=ZONE).copy


def test_a_large_photo_gets_a_small_copy() -> None:
    found = read_picture(photo((4000, 1000)), "a", zone=ZONE)
    assert opened(found.copy).size == (pictures.COPY_SIDE, pictures.COPY_SIDE // 4)


def head_of_png(width: int, height: int) -> bytes:
    """The first bytes of a picture that claims to be large; nothing has to be decoded."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


@pytest.mark.parametrize("size", [(7_100, 7_100), (12_000, 12_000), (100_000, 100_000)])
def test_a_flood_of_pixels_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    whole = photo((64, 64), "PNG")
    claimed = head_of_png(*size) + whole[29:]
    with pytest.raises(Invalid, match="超过 5000 万像素"):
        read_picture(_with_checksum(claimed), "a.png", zone=ZONE)


def _with_checksum(content: bytes) -> bytes:
    return content[:29] + struct.pack(">I", zlib.crc32(content[12:29])) + content[33:]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_photo_is_refused_with_what_to_do(form: str) -> None:
    good = photo((300, 200), form)
    for content in (good[: len(good) // 2], good[:30]):
        with pytest.raises(Invalid) as caught:
            examine(content, f"a.{form.lower()}", zone=ZONE)
        assert "重新上传" in caught.value.text()
        assert caught.value.field == "evidence"


def test_a_document_is_kept_as_it_is() -> None:
    found = examine(b"%PDF-1.4\n%%EOF", "a.pdf", zone=ZONE)
    assert (found.mime, found.copy) == ("application/pdf", None)
