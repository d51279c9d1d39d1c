"""A loop in the formats of others, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from workflow.loops.export_mermaid import mermaid
from workflow.loops.export_pnml import pnml
from workflow.loops.loop import Loop

FORMATS: Mapping[str, Callable[[Loop, str], str]] = MappingProxyType(
    {"mermaid": mermaid, "pnml": pnml}
)
"""Format → what writes it, given a loop and the language of its labels."""

NOT_YET = ("scxml", "bpmn")
"""Formats that are promised and not there."""

__all__ = ["FORMATS", "NOT_YET", "mermaid", "pnml"]
