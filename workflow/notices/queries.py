"""Reads of papers; whose issue they belong to is asked by the features above."""

from workflow.notices.models import Paper

PAPER = Paper.__table__  # type: ignore[attr-defined]
"""For joins of the features that know whose paper it is."""
