"""The posts that a person can hold in a unit. Pure.

Loop definitions name the same ones (``workflow/loops/vocabulary.py``); a test keeps them equal.
"""

WORK_POSTS = (
    "inspector",
    "dispatcher",
    "handler",
    "section_head",
    "deputy",
    "principal",
    "party_principal",
    "supervisor",
    "acceptor",
    "leader",
)
"""Posts whose work somebody must do: when vacant it falls to the unit's head."""

RIGHTS_POSTS = ("auditor", "admin")
"""Posts that only give rights; nobody inherits them."""

POSTS = frozenset({*WORK_POSTS, *RIGHTS_POSTS})

HEADS = ("principal", "deputy", "section_head")
"""Who does the work of a vacant post in their unit, in this order."""

RISE = ("section_head", "deputy", "principal", "party_principal")
"""The way up inside a unit."""
