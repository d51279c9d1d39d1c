"""The JSON interface for other systems, one file a subject; ``routes.ROUTES`` is all of it."""
