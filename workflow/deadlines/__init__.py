"""Working days and the running clocks, one row each."""
