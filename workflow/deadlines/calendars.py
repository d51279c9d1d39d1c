"""Reads the calendar files that an office edits, one per year, into a Calendar."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from workflow import yamltext
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.year import CalendarYear, parse_year
from workflow.errors import N_, ConfigError, Invalid

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "calendars"
LARGEST = 64 * 1024


def load_calendar(directory: Path = SHIPPED) -> Calendar:
    """The calendar of all ``*.yaml`` in `directory`. Raises ConfigError with file, line and key."""
    if not directory.is_dir():
        raise ConfigError(
            N_("没有这个目录。请检查日历目录的设置。"), file=str(directory), code="no_directory"
        )
    years = [load_year(path) for path in sorted(directory.glob("*.yaml"))]
    try:
        return Calendar(years)
    except Invalid as fault:
        raise ConfigError(
            fault.message, file=str(directory), key=fault.field, params=fault.params
        ) from fault


@lru_cache(maxsize=4)
def shipped_calendar() -> Calendar:
    """The calendar in ``config/calendars``, read once per process."""
    return load_calendar(SHIPPED)


def load_year(path: Path) -> CalendarYear:
    """One file. Raises ConfigError that names the file, the line and the entry at fault."""
    try:
        node = _compose(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as fault:
        raise ConfigError(N_("文件不是 UTF-8 编码。请另存为 UTF-8。"), file=path.name) from fault
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise ConfigError(
            N_("YAML 写法有误，请检查这一行的缩进、冒号、引号和括号。"),
            file=path.name,
            line=mark.line + 1 if mark else None,
            why=fault.problem,
        ) from fault
    except yaml.YAMLError as fault:
        raise ConfigError(
            N_("文件里有 YAML 不允许的控制字符。请删去后重存。"), file=path.name
        ) from fault
    try:
        return parse_year(_plain(node))
    except Invalid as fault:
        raise ConfigError(
            fault.message,
            file=path.name,
            line=_line(node, fault.field or ""),
            key=fault.field,
            params=fault.params,
        ) from fault


def _compose(text: str, file: str) -> yaml.Node:
    """The node tree. Scalars stay text: a date or the word `off` is what it looks like."""
    if len(text) > LARGEST:
        raise ConfigError(N_("文件太大（超过 64 KB），不像一年的放假安排。"), file=file)
    yamltext.check(text, file)
    node: yaml.Node | None = yaml.compose(text, Loader=yamltext.LOADER)
    if node is None:
        raise ConfigError(N_("文件是空的。请对照上一年的文件填写。"), file=file)
    for key in _repeated(node):
        raise ConfigError(
            N_("“{key}”写了两次。请删去一个。"),
            file=file,
            line=key.start_mark.line + 1,
            params={"key": key.value[:40]},
        )
    return node


def _repeated(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return str(node.value)


def _line(node: yaml.Node, path: str) -> int:
    """The line of the entry at the dotted `path`, or of the nearest entry around it."""
    for step in path.split("."):
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            found = node.value[int(step)]
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1
