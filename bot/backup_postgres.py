"""Backup and restore of PostgreSQL, with its own programs pg_dump and pg_restore."""

import os
import shutil
import subprocess
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.backup_told import UNKNOWN, BackupError, done_again
from bot.file_errors import file_sentence
from storage.database import BusyError, Database
from storage.reconciling import differences
from storage.redo import RedoError, Redone, close_doors, lines_of_database, lines_of_file, redo, redo_file
from storage.schema import revision_state


def dump(url: str, target: Path) -> list[str]:
    """Write a dump of the database to `target`; its contents are listed back before it counts."""
    address = make_url(url)
    draft = target.with_name(f"{target.name}.unverified")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", address, "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        listed = _run("pg_restore", None, "--list", str(draft))
        if "postings" not in listed or "alembic_version" not in listed:
            raise BackupError("The dump does not hold the tables of Uurwijzer: the backup was not made.")
        draft.replace(target)
    except OSError as error:
        raise BackupError(f"{file_sentence(error, target)} The backup was not made.") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return [f"{target}: {target.stat().st_size} bytes, its contents were listed back."]


def load(url: str, source: Path, now: datetime) -> list[str]:
    """Load a dump into a database of its own, verify that, and let it change names with the present one.

    What must be done again is read from the present database, which all instances write to, and from the file.
    """
    if not source.is_file():
        raise BackupError(f"{source} is no file: give the path of a backup.")
    _run("pg_restore", None, "--list", str(source))
    there, lines = False, _told_so_far(url)
    address = make_url(url)
    name = str(address.database)
    draft, kept = f"{name}_restoring", f"{name}_replaced_{now:%Y%m%d%H%M%S}"
    maintenance = Database(address.set(database="postgres").render_as_string(hide_password=False))
    try:
        with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{draft}"'))
            connection.execute(text(f'CREATE DATABASE "{draft}" TEMPLATE template0'))
            try:
                fresh = address.set(database=draft)
                options = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={draft}")
                _run("pg_restore", fresh, *options, str(source))
                redone, state = _verify(fresh, lines, now)
                found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
                there = found.first() is not None
                if there:
                    connection.execute(text(f'ALTER DATABASE "{name}" RENAME TO "{kept}"'))
                connection.execute(text(f'ALTER DATABASE "{draft}" RENAME TO "{name}"'))
            finally:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{draft}"'))
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        cure = "stop `serve` and use a role that may make databases."
        raise BackupError(f"The restore was not done ({reason}): {cure}") from None
    finally:
        maintenance.close()
    told = [f"{source} was verified and is the database now."]
    told += [f"The replaced database is kept as {kept}."] if there else []
    return told + done_again(redone, state)


def _told_so_far(url: str) -> list[str]:
    """What is to be done again, of the file and of the present database when that can be read."""
    database = Database(url)
    try:
        lines = lines_of_file(redo_file(database.engine))
        with suppress(DBAPIError, BusyError):
            lines += database.run(lambda tx: lines_of_database(tx) if revision_state(tx) == "current" else [])
        return lines
    finally:
        database.close()


def _verify(address: URL, lines: list[str], now: datetime) -> tuple[Redone, str]:
    database = Database(address.render_as_string(hide_password=False))
    try:
        state = database.run(revision_state)
        if state in ("missing", "newer"):
            what = "is of no version of Uurwijzer" if state == "missing" else "was made by a later version of Uurwijzer"
            raise BackupError(f"The backup {what}: it was not restored.")
        if state == "current" and (found := database.run(differences)):
            raise BackupError(f"The backup does not add up ({found[0]}): it was not restored.")
        return database.run(lambda tx: close_doors(tx, redo(tx, lines, current=state == "current"), now)), state
    except RedoError as error:
        raise BackupError(f"The list of what to do again {UNKNOWN.format(error)}") from None
    finally:
        database.close()


def _run(program: str, address: URL | None, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; the password goes in its environment, where nobody sees it."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} was not found: install PostgreSQL's client programs, or put them on PATH.")
    environment = dict(os.environ)
    if address is not None:
        host = address.host or address.query.get("host")
        values = {"PGHOST": host, "PGPORT": address.port, "PGUSER": address.username, "PGPASSWORD": address.password}
        environment |= {name: str(value) for name, value in values.items() if value}
        environment["PGDATABASE"] = str(address.database)
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = next(iter(done.stderr.strip().splitlines()), "no reason given").removeprefix(f"{program}: error: ")
        cure = "install the client programs of the server's version" if "version mismatch" in done.stderr else "nothing was replaced"
        raise BackupError(f"{program} failed ({reason}): {cure}.")
    return done.stdout
