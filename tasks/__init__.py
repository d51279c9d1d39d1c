"""Work away from the page: Celery tasks, the ticking clock, the relay and its channels."""
