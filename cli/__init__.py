"""The bihuan command."""
