"""The shipped loops, read and proved once, and a small sound definition to change."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from workflow.loops import registry
from workflow.loops.definition import read
from workflow.loops.loop import Loop

LOOPS = Path(__file__).parents[3] / "config" / "loops"

MINI: Mapping[str, Any] = {
    "loop": "mini",
    "labels": {"zh": "小流程"},
    "prefix": "MN",
    "initial": "reported",
    "states": {
        "reported": {"zh": "待研判", "owner": "dispatcher@issuer", "held_to": "triage"},
        "fixing": {"zh": "整改中", "owner": "handler@responsible", "held_to": "rectify"},
        "closed": {"zh": "已销号", "final": True, "counts_as": "closed"},
    },
    "transitions": [
        {
            "do": "assign",
            "from": "reported",
            "to": "fixing",
            "by": "dispatcher@issuer",
            "needs": "due",
        },
        {
            "do": "verify",
            "from": "fixing",
            "to": "closed",
            "by": ["acceptor@acceptance"],
            "when": [],
        },
        {
            "do": "submit",
            "as": "hand_in",
            "from": "fixing",
            "to": "closed",
            "by": "handler@responsible",
        },
    ],
    "clocks": {
        "triage": {"zh": "研判时限", "limit": "1wd", "from": "report", "to": "assign"},
        "rectify": {
            "zh": "整改时限",
            "limit": "due",
            "from": "assign",
            "to": ["verify", "hand_in"],
        },
    },
}


@pytest.fixture
def mini() -> dict[str, Any]:
    """A small sound definition, one's own to change."""
    return deepcopy(dict(MINI))


@pytest.fixture
def loop() -> Callable[[Mapping[str, Any]], Loop]:
    """Reads a definition that has to be readable."""

    def made(content: Mapping[str, Any]) -> Loop:
        found = read(content)
        assert isinstance(found, Loop), [problem.text() for problem in found]
        return found

    return made


@pytest.fixture(scope="session")
def shipped() -> Mapping[str, Loop]:
    """The loops in ``config/loops`` by name."""
    return registry.load_all(LOOPS)
