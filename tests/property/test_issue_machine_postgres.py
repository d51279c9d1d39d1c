"""A shorter walk on a real PostgreSQL."""

from tests.property.issue_machine import Stage, walk


def test_the_engine_does_the_same_on_postgresql(postgres_stage: Stage) -> None:
    walk(postgres_stage, ("rectification", "petition", "snapshot"), 800, walk=3)
