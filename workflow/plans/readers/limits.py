"""How large a document may be, and containers opened without trusting what they say."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

from workflow.errors import N_, Invalid

MOST_BYTES = 30_000_000
MOST_UNPACKED = 120_000_000
"""What the parts of a Word or Excel file may hold together when unpacked."""
MOST_ELEMENTS = 1_000_000
DEEPEST = 200
"""Elements inside one another."""
MOST_PAGES = 400


def refuse(message: str, code: str, **params: object) -> NoReturn:
    """Raises Invalid with a sentence that says what to do."""
    raise Invalid(message, code=code, params=params)


def too_large(size: int, most: int) -> NoReturn:
    """The refusal of a file that is larger than any plan."""
    refuse(
        N_("文件有{size}MB，超过{most}MB的上限。请去掉图片，或只保留计划正文后再试。"),
        "too_large",
        size=round(size / 1_000_000, 1),
        most=round(most / 1_000_000),
    )


class Container:
    """The parts of a zip container, read only within the limits."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise damaged() from error
        if len(infos) > 5000:
            too_large(MOST_UNPACKED + 1, MOST_UNPACKED)
        unpacked = sum(info.file_size for info in infos)
        if unpacked > MOST_UNPACKED:
            too_large(unpacked, MOST_UNPACKED)
        self.names = {info.filename for info in infos}
        if any(info.flag_bits & 1 for info in infos):
            raise encrypted()

    def read(self, name: str) -> bytes:
        """One part. Raises Invalid when it is damaged."""
        try:
            return self._zip.read(name)
        except Exception as error:  # the decompressors raise whatever they like
            raise damaged() from error

    def tree(self, name: str) -> ET.Element | None:
        """One part as XML, None when there is none."""
        return parse_xml(self.read(name)) if name in self.names else None


def damaged() -> Invalid:
    """The refusal of a file that cannot be opened."""
    return Invalid(
        N_("文件已损坏或不完整，打不开。请用办公软件打开后另存一份再试。"), code="damaged"
    )


def encrypted() -> Invalid:
    """The refusal of a file with a password."""
    return Invalid(N_("文件设有打开密码。请去掉密码、另存一份后再试。"), code="encrypted")


class _Bounded(ET.TreeBuilder):
    """Builds a tree as long as it is neither too large nor too deep; refuses entities."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.depth = 0

    def start(self, tag: Any, attrs: Any) -> Any:
        self.count += 1
        self.depth += 1
        if self.count > MOST_ELEMENTS or self.depth > DEEPEST:
            raise damaged()
        return super().start(tag, attrs)

    def end(self, tag: Any) -> Any:
        self.depth -= 1
        return super().end(tag)

    def doctype(self, *_: Any) -> None:
        """Office files have no document type: one would be there for its entities."""
        raise damaged()


def parse_xml(data: bytes) -> ET.Element:
    """A tree of at most MOST_ELEMENTS without a document type. Raises Invalid."""
    parser = ET.XMLParser(target=_Bounded())  # noqa: S314 - bounded, and a doctype is refused
    try:
        parser.feed(data)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError, AssertionError) as error:
        raise damaged() from error
    return root


def chunks(text: str) -> Iterator[str]:
    """The lines of a text, whatever ends them."""
    yield from text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").split("\n")
