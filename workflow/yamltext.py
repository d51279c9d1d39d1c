"""YAML that people write, read by the parser in C: nothing in it grows or has no bottom."""

from typing import Any

import yaml

from workflow.errors import N_, ConfigError

DEEPEST = 20
"""Levels: more is no file of settings, and some thousand end a process, for C nests with them."""
# Built in with the wheel of PyYAML, and ten times as fast as the one in Python.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check(text: str, file: str) -> None:
    """Refuse references and bottomless nesting before anything is built.

    Raises:
        ConfigError: with file and line.
        yaml.YAMLError: if it is no YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else None
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError(
                N_("YAML 里不能用引用（*名称）。请把内容写全。"), file=file, line=line
            )
        if depth > DEEPEST:
            raise ConfigError(
                N_("嵌套超过 {most} 层。请检查括号和缩进。"),
                file=file,
                line=line,
                params={"most": DEEPEST},
            )


def content(text: str, file: str) -> Any:
    """The plain values of one document. Raises as `check` does."""
    check(text, file)
    try:
        return yaml.load(text, Loader=LOADER)  # noqa: S506 - the safe loader, written in C
    except ValueError as fault:  # a day that no month has, a number without end
        raise yaml.YAMLError(str(fault)) from fault
