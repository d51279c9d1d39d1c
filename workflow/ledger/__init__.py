"""Ledgers in and out as workbooks."""
