"""Bytes of a document to lines of text, one file per format."""
