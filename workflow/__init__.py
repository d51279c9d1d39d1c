"""What can happen to an issue and what is recorded of it. Imports config and nothing above it."""
