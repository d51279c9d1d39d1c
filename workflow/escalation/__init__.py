"""Ladders: which rung is due and what taking it does."""
