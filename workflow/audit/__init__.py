"""The event chain of each issue, its checkpoints and their verification."""
