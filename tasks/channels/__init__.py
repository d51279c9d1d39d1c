"""One sender a file: outbox message to the outside world."""
