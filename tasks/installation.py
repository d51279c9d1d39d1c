"""What every door needs first: the settings, the database and the office in force."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import Settings, secret_key
from tasks.channels import Channel, Channels
from tasks.channels.file import File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from workflow.db import Database
from workflow.issues.office import Office
from workflow.issues.opening import open_office, read_office

DEMO_FOLDER = "outgoing"
DEMO_LADDER = "demo"
USUAL_LADDER = "default"


@dataclass(frozen=True)
class Installation:
    """One installation, opened by one process."""

    settings: Settings
    database: Database
    office: Office
    channels: Channels
    key: bytes
    """The root of all keys; never used itself, see `derived`."""

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_installation(settings: Settings, *, now: datetime, loopback: bool = True) -> Installation:
    """Open the database and the office; the schema is in place.

    Raises ConfigError for a file of the office, SettingsError without a key where one is needed.
    """
    key = secret_key(settings, loopback=loopback).encode()
    database = open_database(settings)
    channels = open_channels(settings)
    office = read_office(
        settings.config_dir,
        mac_key=derived(key, "event-mac"),
        zone=settings.timezone,
        day_rung_at=settings.day_rung_at,
        ladder=DEMO_LADDER if settings.demo else USUAL_LADDER,
        channels=tuple(channels),
        demo=settings.demo,
    )
    open_office(database, office, now=now)
    return Installation(settings, database, office, channels, key)


def open_database(settings: Settings) -> Database:
    """The database of these settings, its folder made."""
    database = Database(settings.database_url)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    return database


def open_channels(settings: Settings) -> Channels:
    """Every channel that these settings switch on; the inbox always."""
    found: list[Channel] = [Inbox()]
    if settings.mail is not None:
        found.append(Mail(settings.mail))
    folder = settings.file_channel
    if folder is None and settings.demo:
        folder = settings.data_dir / DEMO_FOLDER
    if folder is not None:
        found.append(File(folder))
    return {channel.name: channel for channel in found}


def derived(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; from it nobody learns the root or another one."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)
