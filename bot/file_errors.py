"""What to say when the system refuses a file or folder, or a database its disk: one sentence with the cure."""

import errno
from os import PathLike

CURES = {
    errno.ENOSPC: "the disk is full: make room, or choose another place",
    errno.EDQUOT: "the quota of the disk is used up: make room, or choose another place",
    errno.EACCES: "may not be used by this user: change the rights, or choose another place",
    errno.EPERM: "may not be used by this user: change the rights, or choose another place",
    errno.EROFS: "lies on a disk that is read-only: choose another place",
    errno.ENOENT: "does not exist, or its folder does not: make the folder, or correct the path",
    errno.ENOTDIR: "goes through a file as if that were a folder: correct the path",
    errno.EISDIR: "is a folder: give the name of a file in it",
    errno.EEXIST: "is there already and is no folder: give another name",
    errno.ENAMETOOLONG: "is too long a name: choose a shorter one",
    errno.ELOOP: "is a link that leads back to itself: correct the path",
    errno.EIO: "cannot be read or written, the disk reports a fault: use another disk",
}
# What the drivers of SQLite and PostgreSQL say when it is not the program that is at fault.
DATABASE = {
    "readonly database": "The database cannot be written to: check the owner and the rights of its file and folder.",
    "read-only transaction": "The database cannot be written to: connect to the server that takes writes.",
    "disk is full": "The disk of the database is full: make room there.",
    "no space left": "The disk of the database is full: make room there.",
    "unable to open": "The database cannot be opened: check the owner and the rights of its file and folder.",
    "disk i/o error": "The disk of the database reports a fault: run `uurwijzer check`, and restore a backup when it is damaged.",
    "malformed": "The database is damaged: restore a backup with `uurwijzer restore FILE`.",
    "not a database": "The database is damaged: restore a backup with `uurwijzer restore FILE`.",
    "connection": "The database cannot be reached: check that it runs and UURWIJZER_DATABASE_URL.",
    "permission denied": "The database refuses: give its role the rights on these tables.",
}


def file_sentence(error: OSError, path: str | PathLike[str] | None = None) -> str:
    """A sentence about a file or folder that the system refuses; `path` when it knows a better name for it than the error."""
    name = path or error.filename or "A file"
    return f"{name}: {CURES.get(error.errno or 0) or (error.strerror or type(error).__name__).lower() + ': choose another place'}."


def database_sentence(error: Exception) -> str | None:
    """A sentence about an error of SQLAlchemy or a driver that the database or its disk caused; None for every other."""
    library = type(error).__module__.partition(".")[0]
    if library not in ("sqlalchemy", "sqlite3", "psycopg"):
        return None
    text = str(getattr(error, "orig", "") if library == "sqlalchemy" else error).lower()
    return next((f"{told} Nothing was written." for sign, told in DATABASE.items() if sign in text), None)
