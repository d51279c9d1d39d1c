"""A real server for the small city that kills itself -9 at a moment of its first write.

    python -m tests.api.dying DATABASE_URL DATA_DIR before|after

`before`: when everything is written and nothing committed. `after`: when it is committed and
nothing answered. Prints the port once it listens.
"""

import os
import signal
import socket
import sys
from datetime import datetime
from pathlib import Path

import uvicorn

from config.settings import load_settings
from tests.api.conftest import ServingWorld
from tests.world import START, World, arrangements
from web.app import create_app
from workflow.db import Database
from workflow.issues.opening import open_office
from workflow.tokens import replies


def die(*_: object, **__: object) -> None:
    """End at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, data_dir: str, when: str) -> None:
    """Serve until the first write."""
    database = Database(url)
    office = open_office(database, arrangements(), now=START)
    now = datetime.fromisoformat(os.environ.get("NOW", START.isoformat()))
    world = World(database, office, now=now)
    settings = load_settings(env_file=None, data_dir=Path(data_dir))
    if when == "before":
        replies.keep = die
    else:
        database.nudge = die
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    server = uvicorn.Server(
        uvicorn.Config(create_app(ServingWorld(world, settings)), log_level="warning")
    )
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
