"""The whole loop, walked at random beside the model: no difference in 6,500 steps."""

from tests.property.issue_machine import Stage, walk


def test_the_engine_does_what_the_model_says(ram_stage: Stage) -> None:
    tally = walk(ram_stage, ("rectification",), 6_500)
    tally.proves("rectification")
