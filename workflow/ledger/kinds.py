"""What a file is that somebody takes for a ledger: an .xlsx, or a sentence that says what to do."""

import re
from collections.abc import Mapping
from typing import NoReturn

from workflow.errors import N_, Invalid
from workflow.plans.readers.limits import MOST_BYTES, Container, encrypted, refuse

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""Excel puts a workbook with a password into a file of the old form."""
_BINARY = "xl/workbook.bin"
_WORKBOOK = "xl/workbook.xml"
_NO_WORKBOOK = N_("这不是 Excel 工作簿。请选择 .xlsx 格式的台账。")
_PARTS: Mapping[str, str] = {
    "word/document.xml": N_(
        "这是 Word 文件，不是 Excel 工作簿。请把其中的表格复制到 Excel，另存为 .xlsx 后再试。"
    ),
    "ppt/presentation.xml": N_("这是演示文稿，不是 Excel 工作簿。请选择 .xlsx 台账。"),
    "content.xml": N_("这是 OpenDocument 文件（.ods）。请另存为 .xlsx 后再试。"),
}
_BEGINNINGS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"%PDF-"),
        N_("这是 PDF 文件，不是 Excel 工作簿。请使用台账的 .xlsx 原件。"),
    ),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|II\*\x00|MM\x00\*|BM", re.DOTALL),
        N_("这是图片，不是 Excel 工作簿。请使用台账的 .xlsx 原件。"),
    ),
    (
        re.compile(rb"\s*<(?:\?xml|!doctype|html|table|meta)", re.IGNORECASE),
        N_("这是网页格式的表格，只是文件名像 Excel。请用 Excel 或 WPS 打开后，另存为 .xlsx 再试。"),
    ),
)


def workbook(data: bytes, name: str = "") -> Container:
    """The parts of an .xlsx. Raises Invalid with what the file is and what to do about it.

    `name` tells a CSV from other text.
    """
    if not data:
        refuse(N_("这是空文件，没有内容。请重新选择台账文件。"), "empty")
    if len(data) > MOST_BYTES:
        too_large(len(data))
    if data.startswith(_OLD_OFFICE):
        if _LOCKED in data:
            raise encrypted()
        refuse(
            N_("这是旧版 Excel 文件（.xls、.et）或设有密码的文件。请另存为不加密的 .xlsx 后再试。"),
            "old_office",
        )
    if not data.startswith(_ZIP):
        raise _other(data, name)
    container = Container(data)
    if _BINARY in container.names:
        refuse(N_("这是二进制工作簿（.xlsb）。请另存为 .xlsx 后再试。"), "binary")
    if _WORKBOOK not in container.names:
        parts = (text for part, text in _PARTS.items() if part in container.names)
        refuse(next(parts, _NO_WORKBOOK), "unknown")
    if _has_macros(container):
        refuse(
            N_("这是带宏的工作簿（.xlsm）。请另存为不带宏的 .xlsx 后再试。"),
            "macros",
        )
    return container


def too_large(size: int) -> NoReturn:
    """The refusal of a file that is larger than any ledger."""
    refuse(
        N_("文件有{size}MB，超过{most}MB的上限。请去掉图片和多余的工作表，或分成几份后再试。"),
        "too_large",
        size=round(size / 1_000_000, 1),
        most=round(MOST_BYTES / 1_000_000),
    )


def _has_macros(container: Container) -> bool:
    if any(part.lower().endswith("vbaproject.bin") for part in container.names):
        return True
    types = "[Content_Types].xml"
    return types in container.names and b"macroEnabled.main+xml" in container.read(types)


def _other(data: bytes, name: str) -> Invalid:
    for pattern, sentence in _BEGINNINGS:
        if pattern.match(data):
            return Invalid(sentence, code="unknown")
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        return Invalid(
            N_("这是文本文件（CSV），不是 Excel 工作簿。请另存为 .xlsx 后再试。"),
            code="text",
        )
    return Invalid(_NO_WORKBOOK, code="unknown")
