"""Snapshot reports, and all loops at once with merges between them, beside the model."""

import pytest

from tests.property.issue_machine import Stage, walk


@pytest.mark.parametrize("loops", [("snapshot",), ("snapshot", "petition", "rectification")])
def test_short_loops_do_what_the_model_says(ram_stage: Stage, loops: tuple[str, ...]) -> None:
    tally = walk(ram_stage, loops, 2_500, walk=2)
    tally.proves("snapshot")
