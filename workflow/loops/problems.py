"""One reason why a definition is refused, under a stable code, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workflow.loops.sentences import SENTENCES

Where = tuple[str | int, ...]
"""Path of keys into the definition, as ``load.KeyPath``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a definition is refused.

    ``trace`` is a shortest walk from the beginning to ``state``: names of actions, ``<clock>_over``
    for the end of a period, ``part:<action>`` for a step of a part.  ``given`` names guards that
    hold at its end.  ``where`` is the place in the definition.
    """

    code: str
    state: str | None
    trace: tuple[str, ...]
    messages: Mapping[str, str]
    where: Where = ()
    given: tuple[str, ...] = ()

    def text(self, lang: str = "zh") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        return self.messages.get(lang, self.messages["zh"])


def problem(
    key: str,
    where: Where = (),
    *,
    state: str | None = None,
    trace: tuple[str, ...] = (),
    given: tuple[str, ...] = (),
    **params: Any,
) -> Problem:
    """Make the problem of one sentence, its places filled; ``state`` fills its own place too."""
    zh, en = SENTENCES[key]
    filled = {"state": state, **params}
    messages = {"zh": zh.format_map(filled), "en": en.format_map(filled)}
    return Problem(key.partition("/")[0], state, trace, MappingProxyType(messages), where, given)


def near(name: str, found: str | None) -> dict[str, Any]:
    """Return the places ``name``, ``near`` and ``near_en``: what was written, what may be meant."""
    if found is None:
        return {"name": name, "near": "", "near_en": ""}
    zh, en = f"（是否想写“{found}”？）", f" (did you mean “{found}”?)"
    return {"name": name, "near": zh, "near_en": en}
