"""Issues: what may happen next (rules), every write (actions), every read (queries)."""
