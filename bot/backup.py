"""Backup and restore: copies that are verified before they count, and a replaced database that is kept."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from bot.backup_told import UNKNOWN, BackupError, done_again
from bot.file_errors import file_sentence
from storage.database import Database
from storage.reconciling import differences
from storage.redo import RedoError, Redone, close_doors, lines_of_file, redo, redo_file
from storage.schema import revision_state
from storage.sqlite_files import FileError, check_whole, copy_database, sync_folder


def back_up(url: str, target: Path) -> list[str]:
    """Copy the database to `target` while others use it, verify the copy, and return what to tell. Raises BackupError."""
    if target.is_dir():
        raise BackupError(f"{target} is a folder: give the name of a file in it.")
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent} is no folder: make it first.")
    if not url.startswith("sqlite"):
        from bot.backup_postgres import dump

        return dump(url, target)
    source = _path(url)
    if target.resolve() == source.resolve():
        raise BackupError(f"{target} is the database itself: give another name.")
    draft = target.with_name(f"{target.name}.unverified")
    try:
        copy_database(source, draft)
        verify(draft, source)
        draft.replace(target)
        sync_folder(target.parent)
    except FileError as error:
        raise BackupError(f"{error}: the backup was not made.") from None
    except OSError as error:
        raise BackupError(f"{file_sentence(error, target)} The backup was not made.") from None
    finally:
        with suppress(OSError):  # a disk that is read-only: what is told is why the copy was not made
            draft.unlink(missing_ok=True)
    return [f"{target}: {target.stat().st_size} bytes, verified."]


def restore(url: str, source: Path, now: datetime) -> list[str]:
    """Replace the database by a verified copy of `source`, keep the replaced one beside it, unlink and erase again.

    Returns what to tell. Raises BackupError; then nothing was replaced.
    """
    if not url.startswith("sqlite"):
        from bot.backup_postgres import load

        return load(url, source, now)
    target = _path(url)
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent} is no folder: make it, or correct UURWIJZER_DATABASE_URL.")
    draft = target.with_name(f"{target.name}.restoring")
    try:
        copy_database(source, draft)
        state = verify(draft, source)
        redone = _redo(draft, redo_file(Database(url).engine), now, current=state == "current")
        if users := _open_elsewhere(target):
            cure = "stop it (`systemctl stop uurwijzer`; `serve`, `chat`), then restore again."
            raise BackupError(f"{target} is in use by process {users[0]}: {cure}")
        kept = _replace(target, draft, now)
    except FileError as error:
        raise BackupError(f"{error}: it was not restored and the database is as it was.") from None
    except RedoError as error:
        raise BackupError(f"{redo_file(Database(url).engine)} {UNKNOWN.format(error)}") from None
    except OSError as error:
        where = source if error.filename == str(source) else target.parent
        raise BackupError(f"{file_sentence(error, where)} The database is as it was.") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
            Path(f"{draft}-journal").unlink(missing_ok=True)
    told = [f"{source} was verified and is the database now."]
    told += [f"The replaced database is kept as {kept}."] if kept else []
    return told + done_again(redone, state)


def verify(path: Path, called: Path) -> str:
    """Check that a file is a sound database of ours whose balances agree with their postings; returns its state.

    Raises FileError about the file `called`, of which `path` is a copy, when it is not.
    """
    try:
        check_whole(path)
    except FileError as error:
        raise FileError(called, error.what) from None
    database = Database(f"sqlite:///{path}")
    try:
        state = database.run(revision_state)
        if state == "missing":
            raise FileError(called, "is no database of Uurwijzer")
        if state == "newer":
            raise FileError(called, "was made by a later version of Uurwijzer")
        if state == "current" and (found := database.run(differences)):
            raise FileError(called, f"does not add up ({found[0]})")
        return state
    except DatabaseError as error:
        raise FileError(called, f"is damaged ({type(error).__name__})") from None
    finally:
        database.close()


def _path(url: str) -> Path:
    path = Database(url).engine.url.database
    if not path or path.startswith((":", "file:")):
        raise BackupError("The database is in memory and cannot be backed up: set UURWIJZER_DATABASE_URL to a file.")
    return Path(path)


def _redo(draft: Path, told: Path | None, now: datetime, *, current: bool) -> Redone:
    database = Database(f"sqlite:///{draft}")
    try:
        return database.run(lambda tx: close_doors(tx, redo(tx, lines_of_file(told), current=current), now))
    finally:
        database.close()


def _replace(target: Path, draft: Path, now: datetime) -> Path | None:
    """Put the draft in the place of the database; the old one gets another name in the same moment."""
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.replaced-{now:%Y%m%d%H%M%S}")
        number = 1
        while kept.exists():
            number += 1
            kept = target.with_name(f"{target.name}.replaced-{now:%Y%m%d%H%M%S}-{number}")
        os.link(target, kept)
        journal = Path(f"{target}-journal")
        if journal.exists() and not journal.stat().st_size:
            journal.unlink()
        elif journal.exists():  # it belongs to the old content: SQLite would play it into the new one
            journal.replace(f"{kept}-journal")
    draft.replace(target)
    sync_folder(target.parent)
    return kept


def _open_elsewhere(target: Path) -> list[int]:
    """The processes that have the database open, as far as this system tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if any(os.path.samefile(handle, target) for handle in (process / "fd").iterdir()):
                found.append(int(process.name))
        except OSError:
            continue
    return found
