"""Opens the configured database for a command: it must be there and of this version; nothing is ever made here."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings, shown_address
from storage.database import BusyError, Database
from storage.schema import revision_state
from storage.sqlite_files import FileError, check_file

if TYPE_CHECKING:
    from sqlalchemy import URL

RESTORE = "restore a backup with `uurwijzer restore FILE`"


class DatabaseError(RuntimeError):
    """A database that cannot be used as it is; the text is one sentence with the cure."""


def open_database(settings: Settings) -> Database:
    """The configured database. Raises DatabaseError when it is missing, foreign, damaged, of another version or busy."""
    address = make_url(settings.database_url.reveal())
    if address.get_backend_name() == "sqlite":
        check_sqlite(address)
    database = Database(settings.database_url.reveal())
    try:
        state = database.run(revision_state)
    except BusyError:
        database.close()
        raise DatabaseError("The database is busy: try again in a moment.") from None
    except DBAPIError as error:
        database.close()
        raise DatabaseError(_failure(settings, error)) from None
    if state != "current":
        database.close()
        raise DatabaseError({
            "missing": "The database holds no tables of Uurwijzer: make them with `uurwijzer migrate`.",
            "old": "The database is of an earlier version: bring it up to date with `uurwijzer migrate`.",
            "newer": f"The database was made by a later version of Uurwijzer: install that version, or {RESTORE}.",
        }[state])  # fmt: skip
    return database


def check_sqlite(address: "URL") -> None:
    """Raise DatabaseError unless the file of an SQLite address is there and looks like a database."""
    path = Path(address.database or ":memory:")
    if str(path).startswith((":", "file:")):
        raise DatabaseError("The database is in memory and holds nothing: set UURWIJZER_DATABASE_URL to a file.")
    if not path.exists():
        cure = f"make it with `uurwijzer migrate`, or {RESTORE}"
        raise DatabaseError(f"The database {path} does not exist: {cure}.")
    try:
        check_file(path)
    except FileError as error:
        raise DatabaseError(f"{error}: {RESTORE}, or correct UURWIJZER_DATABASE_URL.") from None


def _failure(settings: Settings, error: DBAPIError) -> str:
    shown = shown_address(settings.database_url)
    if shown.startswith("sqlite"):
        return f"The database {shown} cannot be read ({type(error.orig).__name__}), it may be damaged: {RESTORE}."
    return f"The database {shown} cannot be reached: check that it runs and UURWIJZER_DATABASE_URL."
