"""Effects waiting to leave: put in the transaction that causes them, claimed, settled."""
