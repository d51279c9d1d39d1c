"""Numbered papers: their numbers, drafts, signatures and text."""
