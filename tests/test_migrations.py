"""The database is made and brought up to date by migrations only; they give exactly the tables that the program uses."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from rules.periods import BRUSSELS
from storage import schema
from storage.database import Database
from storage.schema import REVISIONS, SchemaError, make_tables, migrate, revision_state
from storage.tables import metadata, networks

NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
ROOT = Path(__file__).parent.parent


def state(url: str) -> str:
    database = Database(url)
    try:
        return database.run(revision_state)
    finally:
        database.close()


def test_migrations_give_the_tables_of_the_program(empty_url: str) -> None:
    assert migrate(empty_url, NOW) == ("made", None)
    database = Database(empty_url)
    with database.engine.connect() as connection:
        # Defaults of SQLite are compared word for word in the next test.
        opts = {"compare_type": True, "compare_server_default": not database.is_sqlite}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            found = {column["name"]: column["nullable"] for column in inspect(connection).get_columns(table.name)}
            assert found == {column.name: column.nullable for column in table.columns}
    assert database.run(revision_state) == "current"
    database.close()


def test_the_quick_way_gives_the_same_as_migrations(engines) -> None:
    def shape(url: str) -> dict[str, list[str]]:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            found = {name: " ".join(sql.replace('"', "").split()) for name, sql in connection.execute(query)}
        return {name: sorted(sql.replace("( ", "(").removesuffix(" )").split(", ")) for name, sql in found.items()}

    migrated = engines.url("sqlite")
    migrate(migrated, NOW)
    assert shape(migrated) == shape(engines.with_tables("sqlite"))


def test_a_second_migration_changes_nothing(empty_url: str) -> None:
    migrate(empty_url, NOW)
    assert migrate(empty_url, NOW) == ("current", None)


def test_when_two_migrate_at_once_one_does_it(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(outcome for outcome, _ in pool.map(lambda _: migrate(empty_url, NOW), range(2)))
    assert outcomes == ["current", "made"]
    assert state(empty_url) == "current"


def test_the_list_of_revisions_is_that_of_the_files() -> None:
    script = ScriptDirectory(str(ROOT / "storage" / "migrations"))
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(REVISIONS)


def test_the_state_of_a_database(empty_url: str) -> None:
    database = Database(empty_url, create=True)
    assert database.run(revision_state) == "missing"
    database.run(make_tables)
    assert database.run(revision_state) == "current"
    database.run(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert database.run(revision_state) == "newer"
    database.close()
    with pytest.raises(SchemaError, match="later version"):
        migrate(empty_url, NOW)


def test_foreign_tables_are_left_in_peace(empty_url: str) -> None:
    database = Database(empty_url, create=True)
    database.run(lambda tx: tx.execute(text("CREATE TABLE recipes (id INTEGER)")))
    database.close()
    with pytest.raises(SchemaError, match="not of Uurwijzer \\(recipes\\)"):
        migrate(empty_url, NOW)
    assert state(empty_url) == "missing"


def test_an_old_file_is_copied_before_it_is_changed(engines, monkeypatch: pytest.MonkeyPatch) -> None:
    url = engines.url("sqlite")
    migrate(url, NOW)
    database = Database(url)
    database.run(lambda tx: tx.execute(networks.insert(), {"key": "N", "name": "n", "rulebook": "r"}))
    database.close()
    monkeypatch.setattr(schema, "REVISIONS", (*REVISIONS, "9999"))
    monkeypatch.setattr(schema, "_upgrade", lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert state(url) == "old"
    outcome, copy = migrate(url, NOW)
    assert outcome == "upgraded"
    assert copy is not None
    assert copy.name.endswith(".before-9999-20260615090000")
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISIONS[-1],)]
        assert kept.execute("SELECT key FROM networks").fetchall() == [("N",)]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = schema._upgrade

    def fail(connection) -> None:
        upgrade(connection)
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(empty_url, NOW)
    database = Database(empty_url)
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()


def test_the_state_is_told_without_alembic() -> None:
    code = "import sys; import storage.schema, storage.database; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_paths_with_spaces_accents_and_percent_signs(tmp_path: Path) -> None:
    folder = tmp_path / "één map 100%"
    folder.mkdir()
    assert migrate(f"sqlite:///{folder / 'uur wijzer.db'}", NOW)[0] == "made"
