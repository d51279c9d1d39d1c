"""What is no workbook is called by its name, and the person is told what to do."""

import io
import zipfile

import pytest

from tests.unit.ledger.workbooks import WORKBOOKS
from workflow.errors import Invalid
from workflow.ledger import kinds
from workflow.plans.readers.limits import MOST_BYTES

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TYPES = "[Content_Types].xml"
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def packed(*parts: str, **contents: str) -> bytes:
    """A container with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in parts:
            archive.writestr(part, contents.get(part, "<x/>"))
        if "types" in contents:
            archive.writestr(TYPES, contents["types"])
    return file.getvalue()


def with_password(data: bytes) -> bytes:
    """A container whose parts say that they are encrypted, as some archivers write them."""
    at = data.rfind(b"PK\x01\x02")
    return data[: at + 8] + b"\x01" + data[at + 9 :]


NO_WORKBOOKS = {
    "empty": (b"", "", "空文件"),
    "old": (OLE, "台账.xls", "旧版 Excel"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "台账.xlsx", "打开密码"),
    "locked-zip": (with_password(packed("xl/workbook.xml")), "台账.xlsx", "打开密码"),
    "csv": ("序号,问题\n1,扬尘\n".encode("gb18030"), "台账.csv", "CSV"),
    "text": (b"not a workbook", "台账.xlsx", "不是 Excel 工作簿"),
    "web-page": (b"<html><table><tr><td>1</td></tr></table>", "台账.xls", "网页格式"),
    "xml": (b'<?xml version="1.0"?><Workbook/>', "台账.xls", "网页格式"),
    "pdf": (b"%PDF-1.7\n", "台账.pdf", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n", "台账.png", "图片"),
    "photograph": (b"\xff\xd8\xff\xe0", "台账.xlsx", "图片"),
    "word": (packed("word/document.xml"), "台账.docx", "Word"),
    "slides": (packed("ppt/presentation.xml"), "台账.pptx", "演示文稿"),
    "open-document": (packed("mimetype", "content.xml"), "台账.ods", "OpenDocument"),
    "binary": (packed("xl/workbook.bin"), "台账.xlsb", "二进制"),
    "macros": (packed("xl/workbook.xml", "xl/vbaProject.bin"), "台账.xlsm", "带宏"),
    "macro-type": (packed("xl/workbook.xml", types=MACROS), "台账.xlsx", "带宏"),
    "archive": (packed("a.txt"), "台账.zip", "不是 Excel 工作簿"),
    "cut-off": (WORKBOOKS["county"]()[:2000], "台账.xlsx", "已损坏"),
    "too-large": (b"PK\x03\x04" + bytes(MOST_BYTES), "台账.xlsx", "30MB的上限"),
}


@pytest.mark.parametrize("kind", NO_WORKBOOKS)
def test_a_sentence_says_what_it_is_and_what_to_do(kind: str) -> None:
    data, name, said = NO_WORKBOOKS[kind]
    with pytest.raises(Invalid) as caught:
        kinds.workbook(data, name)
    sentence = caught.value.text()
    assert said in sentence
    assert "请" in sentence
    assert "照片" not in sentence


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_is_one(name: str) -> None:
    assert "xl/workbook.xml" in kinds.workbook(WORKBOOKS[name]()).names
