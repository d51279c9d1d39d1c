"""Petitions, whose reporters wait for an answer, beside the model."""

from tests.property.issue_machine import Stage, walk


def test_petitions_do_what_the_model_says(ram_stage: Stage) -> None:
    tally = walk(ram_stage, ("petition",), 4_800)
    tally.proves("petition")
