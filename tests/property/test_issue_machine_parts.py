"""The same loop on another way, on which many parts are split off and end."""

from tests.property.issue_machine import Stage, walk


def test_parts_do_what_the_model_says(ram_stage: Stage) -> None:
    tally = walk(ram_stage, ("rectification",), 5_000, walk=1)
    tally.proves("part")
