"""Bytes of a document → lines with the place where each stands. One file a format."""
