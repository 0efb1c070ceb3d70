"""The version of a database's tables: how it is told, without alembic, and how they are made or brought up to date."""

from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from storage.database import Database
from storage.sqlite_files import copy_database
from storage.tables import metadata

# Every revision of storage/migrations, oldest first; the last one is what this version of the program works with.
REVISIONS = ("0001",)
MIGRATION_WAIT_SECONDS = 60
POSTGRES_LOCK = 0x757572  # any number that nobody else uses as advisory lock


class SchemaError(RuntimeError):
    """A database that cannot be brought to this version; the text is one sentence with the cure."""


def revision_state(tx: Connection) -> str:
    """"missing" (no tables of ours), "old", "current", or "newer" (made by a later version of the program)."""
    found = _revision(tx)
    if found is None:
        return "missing"
    if found not in REVISIONS:
        return "newer"
    return "current" if found == REVISIONS[-1] else "old"


def make_tables(tx: Connection) -> None:
    """All tables at once in an empty database, marked as current: the quick way for demo and tests."""
    metadata.create_all(tx)
    tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    tx.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def migrate(url: str, now: datetime) -> tuple[str, Path | None]:
    """Make the database or bring it up to date, one process at a time and all or nothing.

    Returns "made", "upgraded" or "current", and the path of the copy that an SQLite file got before an upgrade.
    Raises SchemaError for a database of a later version or with foreign tables.
    """
    database = Database(url, create=True)
    try:
        with database.engine.connect() as connection:
            _wait_long(connection, database.is_sqlite)
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POSTGRES_LOCK})
                return _migrate(connection, now)
    finally:
        database.close()


def _wait_long(connection: Connection, is_sqlite: bool) -> None:
    """Wait for another migration instead of giving up; foreign keys rest while SQLite's tables are rebuilt."""
    if is_sqlite:
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA busy_timeout = {MIGRATION_WAIT_SECONDS * 1000}")
        raw.execute("PRAGMA foreign_keys = OFF")


def _migrate(connection: Connection, now: datetime) -> tuple[str, Path | None]:
    state = revision_state(connection)
    if state == "current":
        return "current", None
    if state == "newer":
        raise SchemaError(
            "The database was made by a later version of Uurwijzer: install that version, or restore a backup."
        )
    if state == "missing" and (others := inspect(connection).get_table_names()):
        raise SchemaError(
            f"The database holds tables that are not of Uurwijzer ({', '.join(sorted(others)[:3])}): "
            "set UURWIJZER_DATABASE_URL to one of its own."
        )
    copy = None
    path = connection.engine.url.database
    if state == "old" and connection.dialect.name == "sqlite" and path:
        copy = Path(f"{path}.before-{REVISIONS[-1]}-{now:%Y%m%d%H%M%S}")
        copy_database(Path(path), copy)
    _upgrade(connection)
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise SchemaError("The migration would break references between tables and was undone: please report this.")
    return ("made" if state == "missing" else "upgraded"), copy


def _upgrade(connection: Connection) -> None:
    from alembic import command

    with as_file(files("storage") / "migrations") as folder:
        command.upgrade(migration_config(folder, connection), "head")


def migration_config(folder: Path, connection: Connection) -> Any:
    """Alembic's configuration for a connection on which a transaction runs already."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _revision(tx: Connection) -> str | None:
    if not inspect(tx).has_table("alembic_version"):
        return None
    found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None
