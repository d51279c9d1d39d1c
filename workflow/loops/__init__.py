"""The loop as data: read, proved sound, versioned by content, exported."""
