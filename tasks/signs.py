"""Signs of life: a row of this process in the database, a file for whoever looks from outside."""

import os
import socket
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from tasks.times import Times
from workflow.db import Database
from workflow.operations import actions
from workflow.operations.findings import ProcessRow

Part = Literal["serve", "web", "worker", "clock"]
BEAT = 15.0
"""Seconds between two signs."""


class Signs:
    """What one process says of itself, from its start to its end."""

    def __init__(
        self, database: Database, times: Times, *, part: Part, file: Path | None = None
    ) -> None:
        self.database = database
        self.times = times
        self.part = part
        self.file = file
        self.id = uuid4().hex
        self._host = socket.gethostname()[:128]
        self._version = version("bihuan")[:32]
        self._started: datetime | None = None

    def beat(self) -> None:
        """Say that this process lives, and by how much its machine's clock is ahead."""
        with self.database.transaction() as tx:
            reading = self.times.read(tx)
            now = reading.database
            row = ProcessRow(
                id=self.id,
                part=self.part,
                host=self._host,
                pid=os.getpid(),
                version=self._version,
                started_at=self._started or now,
                beat_at=now,
                skew=round((reading.wall - now).total_seconds()),
            )
            actions.beat(tx, row)
        self._started = row.started_at
        if self.file is not None:
            self.file.touch()

    def leave(self) -> None:
        """End as one should: nobody has to miss this process."""
        if self._started is None:
            return
        try:
            with self.database.transaction() as tx:
                actions.leave(tx, self.id)
        except SQLAlchemyError:
            return  # it will be missed, and forgotten after a day
        finally:
            if self.file is not None:
                self.file.unlink(missing_ok=True)
