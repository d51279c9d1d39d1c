"""The demo's files as they are shipped, and the loops that its stories run on."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from cli.demo.city import City, load_city
from workflow.labels import Labels, load_labels
from workflow.loops import registry
from workflow.loops.loop import Loop

CONFIG = Path(__file__).resolve().parents[3] / "config"
DEMO = CONFIG / "demo"


@pytest.fixture(scope="session")
def labels() -> Labels:
    """The words of the office."""
    return load_labels(CONFIG / "labels")


@pytest.fixture(scope="session")
def loops() -> Mapping[str, Loop]:
    """The shipped loops by name."""
    return {loop.name: loop for loop in registry.load_all(CONFIG / "loops").values()}


@pytest.fixture(scope="session")
def city(labels: Labels) -> City:
    """The demo city."""
    return load_city(labels, DEMO, from_on=date(2024, 1, 1))
