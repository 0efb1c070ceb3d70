"""SQLite files as files: is it one of ours, and copies that are whole even while others write."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

HEADER = b"SQLite format 3\x00"
COPY_WAIT_SECONDS = 60.0


class FileError(ValueError):
    """A file that is no database one can use: which one, and what it is."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path, self.what = path, what


def check_file(path: Path) -> None:
    """Raise FileError unless `path` is a readable SQLite file with content."""
    if path.is_dir():
        raise FileError(path, "is a folder, not a database file")
    if not path.exists():
        raise FileError(path, "does not exist")
    try:
        with path.open("rb") as file:
            start = file.read(len(HEADER))
    except OSError as error:
        raise FileError(path, f"cannot be read ({type(error).__name__})") from None
    if not start:
        raise FileError(path, "is empty")
    if start != HEADER:
        raise FileError(path, "is no SQLite database")


def check_whole(path: Path) -> None:
    """Raise FileError unless every page, index and reference of the database is sound."""
    check_file(path)
    try:
        with closing(open_reading(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise FileError(path, f"is damaged ({error})") from None
    if found is None or found[0] != "ok" or broken is not None:
        raise FileError(path, "is damaged")


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write or make a file."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=COPY_WAIT_SECONDS, isolation_level=None)


def copy_database(source: Path, target: Path) -> None:
    """Copy a database while others use it; the copy is for its owner only (mode 600) and stands on the disk when done.

    Raises FileError when the source cannot be read, OSError when the target cannot be written.
    """
    check_file(source)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(open_reading(source)) as reading, closing(sqlite3.connect(part, isolation_level=None)) as writing:
            reading.backup(writing)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from None
        raise FileError(source, f"cannot be copied ({error})") from None
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a renaming in a folder last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
