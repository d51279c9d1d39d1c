"""Whether a part of the installation lives, for the health check of a container.

``python -m tasks.alive URL`` asks a page, ``python -m tasks.alive FILE`` looks when the file was
last touched (`BIHUAN_ALIVE_FILE`). Exit 0 or 1. Imports nothing but the standard library: it runs
every few seconds.
"""

import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

PATIENCE = 4.0
FRESH = 60.0
"""Seconds; a sign of life is due every fifteen."""


def lives(where: str) -> bool:
    """Whether the page answers with 200, or the file is fresh."""
    try:
        if where.startswith(("http://", "https://")):
            with build_opener(ProxyHandler({})).open(where, timeout=PATIENCE) as reply:
                return bool(reply.status == 200)
        return time.time() - Path(where).stat().st_mtime < FRESH
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(0 if lives(sys.argv[1]) else 1)
