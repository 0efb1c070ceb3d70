"""Puts the parts together from the settings: database, rulebooks, clock."""

from collections.abc import Callable
from datetime import datetime

from bot.book_files import read_books
from bot.clock import make_clock
from bot.settings import Settings
from handlers.world import World
from storage.database import Database


def make_database(settings: Settings) -> Database:
    """The configured database; whether it is there and current is the command line's question."""
    return Database(settings.database_url.reveal())


def make_world(settings: Settings, bot_name: str = "") -> World:
    """The rulebooks and the terms. Raises BookError."""
    secret = settings.secret if settings.public_url and settings.port is not None else None
    key = secret.reveal().encode() if secret is not None else b""
    return World(read_books(settings.rulebooks), bot_name, settings.retention, settings.public_url or "", key, settings.language)


def operator_clock(settings: Settings) -> Callable[[], datetime]:
    """The clock that everybody is handed, moved when NOW says so."""
    return make_clock(settings.now, settings.timezone)
