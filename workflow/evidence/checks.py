"""What a file is by its content, whatever its name says; what is refused, and why. Pure.

Later also the checks for fraud (``domain.md`` 3.3); each of those is a question to a person, while
what is refused here never gets in.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from workflow.errors import N_, Invalid

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
MOST_UNPACKED = 200 * MEGABYTE
MOST_MEMBERS = 2_000
MOST_RATIO = 100
"""Unpacked to packed size; only beyond 20 MB unpacked, since short tables pack very well."""

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PDF, MP4 = "application/pdf", "video/mp4"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHOTOS = frozenset({JPEG, PNG, WEBP})

ENDINGS: Mapping[str, tuple[str, ...]] = {
    JPEG: PHOTO_ENDINGS,  # chat programs rename pictures freely
    PNG: PHOTO_ENDINGS,
    WEBP: PHOTO_ENDINGS,
    PDF: (".pdf",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    MP4: (".mp4", ".m4v"),
}
NAMES: Mapping[str, str] = {
    JPEG: "JPG",
    PNG: "PNG",
    WEBP: "WebP",
    PDF: "PDF",
    DOCX: "Word",
    XLSX: "Excel",
    MP4: "MP4",
}

NOT_KNOWN = N_(
    "“{name}”不是能识别的照片或文件。"
    "请上传 JPG、PNG、WebP 照片，PDF、Word、Excel 文件，或 MP4 视频。"
)
NO_PHOTO = N_("“{name}”不是照片，只是文件名像照片。请上传 JPG、PNG 或 WebP 照片。")
OTHER_ENDING = N_("“{name}”的内容是 {found} 格式，与文件名的后缀不符。请改正文件名后重新上传。")
NEARLY: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"....ftyp(?:hei[cxms]|hev[cx]|mif1|msf1|avif)", re.DOTALL),
        N_(
            "“{name}”是苹果手机的 HEIC 照片，暂不支持。请先转成 JPG，"
            "或在手机“设置→相机→格式”中选“兼容性最佳”后重拍。"
        ),
    ),
    (
        re.compile(rb"....ftypqt  ", re.DOTALL),
        N_("“{name}”是 MOV 视频，暂不支持。请转成 MP4 后上传。"),
    ),
    (
        re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        N_("“{name}”是旧版或加密的 Office 文件。请另存为不加密的 .docx、.xlsx 或 PDF 后上传。"),
    ),
    (
        re.compile(rb"(?:GIF8|BM|II\*\0|MM\0\*)"),
        N_("“{name}”这种图片暂不支持。请转成 JPG 后上传。"),
    ),
)
# Names as they stand in a PDF; what hides inside packed streams is not seen.
ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch)\b")
VIDEO = re.compile(rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|3gp[4-9])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept."""

    mime: str

    @property
    def is_photo(self) -> bool:
        """Whether pages show a copy of it."""
        return self.mime in PHOTOS


def check_file(content: bytes, name: str, *, most: int = MOST_BYTES) -> Checked:
    """Tell what a file is. Raises Invalid, under `evidence`, for what is not taken."""
    if not content:
        raise refused(N_("“{name}”是空文件，请重新选择。"), name)
    if len(content) > most:
        raise refused(
            N_("“{name}”有 {size} MB，超过上限 {most} MB。请压缩后再上传。"),
            name,
            size=-(-len(content) // MEGABYTE),
            most=most // MEGABYTE,
        )
    mime = mime_of(content, name)
    if mime is None:
        raise _unknown(content, name)
    ending = PurePath(name).suffix.lower()
    if ending and ending not in ENDINGS[mime]:
        if ending in PHOTO_ENDINGS:
            raise refused(NO_PHOTO, name)
        raise refused(OTHER_ENDING, name, found=NAMES[mime])
    if mime == PDF:
        _check_pdf(content, name)
    return Checked(mime)


def mime_of(content: bytes, name: str = "") -> str | None:
    """The type of a content among those that are taken; None for any other."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return PDF
    if VIDEO.match(content):
        return MP4
    if content.startswith(b"PK\x03\x04"):
        return _office(content, name)
    return None


def refused(sentence: str, name: str, **params: object) -> Invalid:
    """The refusal of one file."""
    return Invalid.at("evidence", sentence, name=name, **params)


def _unknown(content: bytes, name: str) -> Invalid:
    for pattern, sentence in NEARLY:
        if pattern.match(content):
            return refused(sentence, name)
    is_photo = name.lower().endswith(PHOTO_ENDINGS)
    return refused(NO_PHOTO if is_photo else NOT_KNOWN, name)


def _check_pdf(content: bytes, name: str) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise refused(N_("“{name}”不完整（PDF 没有结尾）。请重新生成或重新上传。"), name)
    if ACTIVE_PDF.search(content):
        raise refused(N_("“{name}”带有脚本。请打印成不带脚本的 PDF 后上传。"), name)


def _office(content: bytes, name: str) -> str | None:
    """A Word or Excel file, looked at without unpacking it; None for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, zlib.error):
        return None
    names = {member.filename for member in members}
    parts = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
    found = next((mime for mime, part in parts.items() if part in names), None)
    if found is None or "[Content_Types].xml" not in names:
        return None
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if (
        len(members) > MOST_MEMBERS
        or len(names) != len(members)
        or unpacked > MOST_UNPACKED
        or (unpacked > 20 * MEGABYTE and unpacked / packed > MOST_RATIO)
    ):
        raise refused(N_("“{name}”解开后异常庞大，不予接收。请另存一份后重试。"), name)
    if any(one.startswith("/") or ".." in one.split("/") or "\\" in one for one in names):
        raise refused(N_("“{name}”内部结构异常，不予接收。请用 Word 或 Excel 另存一份。"), name)
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise refused(N_("“{name}”带有宏。请另存为不带宏的 .docx、.xlsx 后上传。"), name)
    return found
