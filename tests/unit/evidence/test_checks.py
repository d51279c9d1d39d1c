"""A file is what its content says; what is not taken gets a sentence that says what to do."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from workflow.errors import Invalid
from workflow.evidence import checks
from workflow.evidence.checks import DOCX, JPEG, MP4, PDF, PNG, WEBP, XLSX, check_file

JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF"
PNG_HEAD = b"\x89PNG\r\n\x1a\n...."
WEBP_HEAD = b"RIFF\x10\x00\x00\x00WEBPVP8 "
MP4_HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00"
PDF_FILE = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer\n%%EOF\n"
TYPES = "[Content_Types].xml"


def package(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


WORD = {TYPES: b"<Types/>", "word/document.xml": b"<w:document/>"}
EXCEL = {TYPES: b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (JPEG_HEAD, "现场.jpg", JPEG),
        (JPEG_HEAD, "IMG_1.JPEG", JPEG),
        (PNG_HEAD, "截图.png", PNG),
        (PNG_HEAD, "微信图片.jpg", PNG),
        (WEBP_HEAD, "a.webp", WEBP),
        (JPEG_HEAD, "没有后缀", JPEG),
        (PDF_FILE, "批复.pdf", PDF),
        (package(WORD), "方案.docx", DOCX),
        (package(EXCEL), "台账.XLSX", XLSX),
        (MP4_HEAD, "现场.mp4", MP4),
    ],
)
def test_what_is_taken(content: bytes, name: str, mime: str) -> None:
    checked = check_file(content, name)
    assert checked.mime == mime
    assert checked.is_photo == mime.startswith("image/")


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "a.jpg", "空文件"),
    "text as photo": ("这是文字".encode(), "a.jpg", "不是照片"),
    "html as photo": (b"<html><script>", "a.png", "不是照片"),
    "pdf as photo": (PDF_FILE, "a.jpg", "不是照片"),
    "word as photo": (package(WORD), "a.webp", "不是照片"),
    "photo as pdf": (JPEG_HEAD, "a.pdf", "JPG 格式"),
    "word as pdf": (package(WORD), "a.pdf", "Word 格式"),
    "excel as word": (package(EXCEL), "a.docx", "Excel 格式"),
    "photo as program": (JPEG_HEAD, "a.jpg.exe", "后缀"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "不是能识别"),
    "html": (b"<!doctype html>", "a.html", "不是能识别"),
    "program": (b"MZ\x90\x00", "a.exe", "不是能识别"),
    "plain zip": (package({"a.txt": b"x"}), "a.zip", "不是能识别"),
    "zip as word": (package({"a.txt": b"x"}), "a.docx", "不是能识别"),
    "word without types": (package({"word/document.xml": b""}), "a.docx", "不是能识别"),
    "broken zip": (package(WORD)[:40], "a.docx", "不是能识别"),
    "pdf after html": (b"<html>" + PDF_FILE, "a.pdf", "不是能识别"),
    "zip after photo head": (b"\xff" + package(WORD), "a.docx", "不是能识别"),
    "cut pdf": (PDF_FILE[:20], "a.pdf", "不完整"),
    "script in pdf": (
        PDF_FILE.replace(b"<<", b"<</OpenAction <</S /JavaScript /JS (x)>> "),
        "a.pdf",
        "脚本",
    ),
    "program in pdf": (PDF_FILE.replace(b"<<", b"<</S /Launch "), "a.pdf", "脚本"),
    "macro": (package({**WORD, "word/vbaProject.bin": b"x"}), "a.docx", "宏"),
    "path out of the archive": (package({**WORD, "../../etc/x": b"x"}), "a.docx", "结构异常"),
    "absolute path": (package({**EXCEL, "/etc/x": b"x"}), "a.xlsx", "结构异常"),
    "bomb": (package({**WORD, "word/media/x": bytes(30 * 1024 * 1024)}), "a.docx", "异常庞大"),
    "too many members": (
        package({**WORD, **{f"x{n}": b"" for n in range(2_000)}}, zipfile.ZIP_STORED),
        "a.docx",
        "异常庞大",
    ),
    "heic": (b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00", "IMG.HEIC", "转成 JPG"),
    "heic as jpg": (b"\x00\x00\x00\x24ftypmif1\x00\x00\x00\x00", "IMG.jpg", "转成 JPG"),
    "mov": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "a.mov", "MP4"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "a.doc", "另存为"),
    "gif": (b"GIF89a", "a.gif", "转成 JPG"),
}


@pytest.mark.parametrize(("content", "name", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(content: bytes, name: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_file(content, name)
    assert caught.value.field == "evidence"
    sentence = caught.value.text()
    assert said in sentence
    assert name in sentence
    assert "{" not in sentence


def test_a_file_has_a_largest_size() -> None:
    with pytest.raises(Invalid, match="有 2 MB，超过上限 1 MB"):
        check_file(JPEG_HEAD + bytes(checks.MEGABYTE), "a.jpg", most=checks.MEGABYTE)
    exactly = JPEG_HEAD.ljust(checks.MEGABYTE, b"\0")
    assert check_file(exactly, "a.jpg", most=checks.MEGABYTE).mime == JPEG


def test_braces_in_a_name_are_no_places() -> None:
    with pytest.raises(Invalid) as caught:
        check_file(b"x", "{0}{name.__class__}.jpg")
    assert "{0}{name.__class__}.jpg" in caught.value.text()


def test_long_input_is_looked_at_quickly() -> None:
    """No pattern runs away on a megabyte of what nearly fits."""
    for piece in (b"ftyp", b"/JavaScrip", b"%PDF-", b"PK\x03\x04"):
        with pytest.raises(Invalid):
            check_file(piece * (checks.MEGABYTE // len(piece)), "a.pdf")
