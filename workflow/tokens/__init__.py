"""Access for programs: bearer tokens of people, and replies kept so that a retry does nothing."""
