"""Settings of the installation, and the files an office edits."""
