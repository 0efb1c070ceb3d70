"""What an operator does with the data: import, export, unlink, reconcile, migrate; each returns an exit code."""

import os
import sys
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError

from bot.assembly import make_world, operator_clock
from bot.file_errors import file_sentence
from bot.networks import find_network
from bot.opening import RESTORE, DatabaseError, open_database
from bot.people import find_person
from bot.settings import Settings, shown_address
from storage.audit_trail import add_audit
from storage.instants import as_stored


def import_path(settings: Settings, path: Path, *, dry_run: bool) -> int:
    """Import a folder or workbook; 1 when rows are refused, then nothing was written."""
    from bot.tables_in import read_tables
    from handlers.import_columns import SHEETS
    from handlers.importing import run_import

    sheets, refused, remarks = read_tables(path)
    books = make_world(settings).books
    database = open_database(settings)
    try:
        report = run_import(database, books, sheets, operator_clock(settings)(), dry_run=dry_run, refused=refused)
    finally:
        database.close()
    for name in (name for name in SHEETS if name in report.counts and not report.refusals):
        counts = report.counts[name]
        print(f"{name:15}{counts.added:6} added {counts.changed:6} changed {counts.left:6} left alone")
    for remark in [*remarks, *report.remarks]:
        print(remark)
    for refusal in report.refusals:
        print(refusal, file=sys.stderr)
    if report.refusals:
        print(f"Nothing was imported: {len(report.refusals)} to mend, then import again.", file=sys.stderr)
        return 1
    print("Nothing was written, this was a dry run." if dry_run else "Imported.")
    return 0


def export_path(settings: Settings, folder: Path, person: str | None, network: str | None) -> int:
    """Write everything, or what is about a person or a network, into a folder."""
    from bot.tables_out import write_tables
    from handlers import exporting

    if person is not None and network is not None:
        print("Give --person or --network, not both.", file=sys.stderr)
        return 2
    now, books = operator_clock(settings)(), make_world(settings).books
    database = open_database(settings)

    def step(tx: Connection) -> exporting.Export:
        who = find_person(tx, person).id if person is not None else None
        of = find_network(tx, network).id if network is not None else None
        about = str(who) if who is not None else f"network:{of}" if of is not None else "all"
        add_audit(tx, as_stored(now), "operator", "export", about)
        if who is not None:
            return exporting.export_one(tx, who, now, books)
        return exporting.export_network(tx, of, now, books) if of is not None else exporting.export_all(tx, now, books)

    try:
        export = database.run(step)
    finally:
        database.close()
    try:
        written = write_tables(export, folder)
    except OSError as error:
        print(file_sentence(error, folder), file=sys.stderr)
        return 7
    for path in written:
        rows = export.sheets.get(path.stem)
        print(f"{path}" + (f": {len(rows)} rows" if rows is not None else ""))
    return 0


def unlink(settings: Settings, person: str, platform: str | None) -> int:
    """End a person's access; it stays ended when an older backup is restored."""
    from handlers.access import unlink_person

    now = operator_clock(settings)()
    database = open_database(settings)
    try:
        row = database.run(lambda tx: find_person(tx, person))
        ended = database.run(lambda tx: unlink_person(tx, row.id, platform, now))
    finally:
        database.close()
    if not ended:
        where = f" on {platform.capitalize()}" if platform else ""
        print(f"{row.first_name} {row.name} has no linked account{where}.")
        return 0
    print(f"{row.first_name} {row.name}: {ended} account(s) unlinked; the hours stay.")
    return 0


def reconcile(settings: Settings) -> int:
    """Compare everything with the postings; 1 and a line for each difference."""
    from storage.reconciling import differences

    database = open_database(settings)
    try:
        found = database.run(differences)
    finally:
        database.close()
    print(*(found or ["Every balance agrees with its postings."]), sep="\n")
    return int(bool(found))


def make_or_upgrade(settings: Settings) -> int:
    """Make the database or bring it to this version; a file that is made is for its owner only."""
    from storage.schema import REVISIONS, migrate
    from storage.sqlite_files import FileError

    url = settings.database_url.reveal()
    shown = shown_address(settings.database_url)
    new = _prepare(url)
    try:
        outcome, copy = migrate(url, operator_clock(settings)())
    except FileError as error:
        raise DatabaseError(f"{error}: {RESTORE}, or correct UURWIJZER_DATABASE_URL.") from None
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        cure = f"check UURWIJZER_DATABASE_URL, or {RESTORE}"
        raise DatabaseError(f"The database {shown} was not changed ({reason}): {cure}.") from None
    finally:
        if new is not None and new.exists() and not new.stat().st_size:
            new.unlink()
    if outcome == "upgraded":
        _redo(url)
    if copy is not None:
        print(f"A copy from before is kept as {copy}.")
    done = {"made": "was made", "upgraded": "was brought", "current": "is already"}[outcome]
    print(f"The database {shown} {done}{' at' if outcome != 'upgraded' else ' to'} version {REVISIONS[-1]}.")
    return 0


def _redo(url: str) -> None:
    """What was done after a backup of an earlier version was made, and waited for these tables: people who were erased; says so."""
    from bot.backup_told import AGAIN
    from storage.database import Database
    from storage.redo import lines_of_file, redo, redo_file

    database = Database(url)
    try:
        redone = database.run(lambda tx: redo(tx, lines_of_file(redo_file(database.engine))))
        if redone.erased:
            print(AGAIN["erased"].format(redone.erased))
    finally:
        database.close()


def _prepare(url: str) -> Path | None:
    """For an SQLite file that is not there yet: make it, empty and private, and return it."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return None
    path = Path(address.database or ":memory:")
    if str(path).startswith((":", "file:")):
        raise DatabaseError("A database in memory is gone when the command ends: set UURWIJZER_DATABASE_URL to a file.")
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder: set UURWIJZER_DATABASE_URL to a file in it.")
    if path.exists():
        _refuse_no_database(path)
        return None
    if not path.parent.is_dir():
        raise DatabaseError(f"{path.parent} is no folder: make it, or correct UURWIJZER_DATABASE_URL.")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    return path


def _refuse_no_database(path: Path) -> None:
    """A file that is there must be a database: an empty one may be what a full disk or a crash left of it."""
    from storage.sqlite_files import FileError, check_file

    try:
        check_file(path)
    except FileError as error:
        cure = f"{RESTORE} when there was a database, or remove the file when there was none and run `uurwijzer migrate` again"
        raise DatabaseError(f"{error}: {cure}. Nothing was changed.") from None
