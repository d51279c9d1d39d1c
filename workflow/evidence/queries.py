"""Reads of evidence; whose issue it belongs to is asked by the features above."""

from workflow.evidence.models import Blob, Evidence

EVIDENCE = Evidence.__table__  # type: ignore[attr-defined]
BLOB = Blob.__table__  # type: ignore[attr-defined]
"""For joins of the features that know whose file it is."""
