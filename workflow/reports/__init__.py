"""Bulletins, assessment, dashboards."""
