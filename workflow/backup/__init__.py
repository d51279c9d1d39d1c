"""One consistent file of an installation, and an installation from such a file."""
