"""Text of a definition → plain mapping, with the place of every value, and without YAML's traps.

Only what a definition needs is read: mappings, lists, text, whole numbers, ``true`` and ``false``.
Aliases, anchors and tags are refused, so that no text can grow when it is read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import N_, ConfigError
from workflow.yamltext import LOADER

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 50_000

KeyPath = tuple[str | int, ...]
"""Where a value stands: ``("transitions", 3, "from")``."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_USUAL = {
    "mapping values are not allowed": N_("冒号的用法有误：缩进是否对齐？值里含有冒号时请加引号"),
    "cannot start any token": N_("缩进只能用空格；值以特殊符号开头时请加引号"),
    "expected <block end>": N_("缩进不齐，同一级的各行须对齐"),
    "expected ',' or": N_("括号内缺少逗号或右括号"),
    "found unexpected end of stream": N_("引号或括号没有成对"),
    "could not find expected ':'": N_("名称之后缺少冒号"),
    "control characters are not allowed": N_("含有不可见的控制字符，请删除"),
    "special characters are not allowed": N_("含有不可见的控制字符，请删除"),
}
"""The faults that people make most, in words; the rest keeps the reader's own English."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says, and where it says it."""

    file: str
    content: Mapping[str, Any]
    marks: Mapping[KeyPath, Mark]

    def mark(self, path: KeyPath) -> Mark:
        """Return the place of a value, or of the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if (mark := self.marks.get(path[:end])) is not None:
                return mark
        return self.marks.get((), Mark(1, 1))


def load(path: Path) -> Document:
    """Read one file.

    Raises:
        ConfigError: with file, line, column and what to do; nothing was read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(
            N_("没有这个文件，请检查路径。"), file=str(path), code="unreadable"
        ) from error
    except OSError as error:
        raise ConfigError(
            N_("读不出这个文件（{detail}），请检查路径和权限。"),
            file=str(path),
            code="unreadable",
            params={"detail": error.strerror or str(error)},
        ) from error
    return parse(data, file=str(path))


def parse(data: bytes | str, *, file: str) -> Document:
    """Read a definition's text; ``file`` names it in errors.

    Raises:
        ConfigError: with file, line, column and what to do.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError(
            N_("文件超过 {most} 字节，不像是流程定义，请检查是否选错了文件。"),
            file=file,
            code="too_large",
            params={"most": MAX_BYTES},
        )
    builder = _Builder(file)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        content = builder.document(yaml.parse(text, Loader=LOADER))
    except UnicodeError as error:
        raise ConfigError(
            N_("文件不是 UTF-8 编码，请用编辑器另存为 UTF-8 后重试。"), file=file, code="bad_yaml"
        ) from error
    except yaml.YAMLError as error:
        raise _broken(error, file) from error
    return Document(file, content, builder.marks)


class _Builder:
    """Builds plain values from the reader's events; nothing is ever constructed by a tag."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[KeyPath, Mark] = {}
        self.nodes = 0

    def document(self, events: Iterator[yaml.Event]) -> dict[str, Any]:
        """Return the one mapping that the text holds."""
        content: Any = None
        seen = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                seen += 1
                if seen > 1:
                    raise self.error(N_("一个文件只能写一份定义，请删除“---”及以后的内容。"), event)
            elif isinstance(event, yaml.NodeEvent):
                content = self.value(event, events, ())
                if not isinstance(content, dict):
                    raise self.error(N_("定义应写成“名称: 值”的形式，参见 docs/loops.md。"), event)
        if content is None:
            raise ConfigError(
                N_("文件是空的，请参照 docs/loops.md 书写。"), file=self.file, code="bad_yaml"
            )
        mapping: dict[str, Any] = content
        return mapping

    def value(self, event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath) -> Any:
        """Return the value that begins with ``event``, and note where it stands."""
        self.safe(event, path)
        self.marks.setdefault(path, _mark(event.start_mark))
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            for item in events:
                if isinstance(item, yaml.SequenceEndEvent):
                    break
                items.append(self.value(item, events, (*path, len(items))))
            return items
        assert isinstance(event, yaml.ScalarEvent)
        return _scalar(event)

    def mapping(self, events: Iterator[yaml.Event], path: KeyPath) -> dict[str, Any]:
        """Return one mapping; its keys are text and stand once each."""
        result: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self.safe(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(N_("冒号左边只能是一个名称。"), event)
            key = str(event.value)
            if key in result:
                raise self.error(
                    N_("“{key}”写了两次（第一次在第{first}行），请删去或改名其中一个。"),
                    event,
                    code="duplicate",
                    key=key,
                    first=self.marks[(*path, key)].line,
                )
            self.marks[(*path, key)] = _mark(event.start_mark)
            result[key] = self.value(next(events), events, (*path, key))
        return result

    def safe(self, event: yaml.Event, path: KeyPath) -> None:
        """Refuse what could grow, nest without end or construct something."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.error(
                N_("内容超过 {most} 项，不像是流程定义。"), event, code="too_large", most=MAX_NODES
            )
        if len(path) > MAX_DEPTH:
            raise self.error(
                N_("嵌套超过 {most} 层，请检查括号。"), event, code="too_large", most=MAX_DEPTH
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self.error(N_("不支持锚点和引用（& 和 *），请把内容写全。"), event, code="alias")
        if getattr(event, "tag", None) is not None:
            raise self.error(N_("不支持类型标记（!），请删除。"), event, code="bad_yaml")

    def error(
        self, message: str, event: yaml.Event, *, code: str = "bad_yaml", **params: object
    ) -> ConfigError:
        """Make the error about a place in this file."""
        return _at(message, _mark(event.start_mark), self.file, code, **params)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = str(event.value)
    is_plain, _ = event.implicit
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _broken(error: yaml.YAMLError, file: str) -> ConfigError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    detail = next((zh for part, zh in _USUAL.items() if part in str(error)), None)
    if detail is None:
        detail = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    message = N_("YAML 写法有误：{detail}。请改正后重试。")
    if mark is None:
        return ConfigError(message, file=file, code="bad_yaml", params={"detail": detail})
    return _at(message, _mark(mark), file, "bad_yaml", detail=detail)


def _at(message: str, mark: Mark, file: str, code: str, **params: object) -> ConfigError:
    return ConfigError(
        message,
        file=file,
        line=mark.line,
        column=mark.column,
        code=code,
        params=params,
    )


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)
