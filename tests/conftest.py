"""Fixtures that every test may use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.sample_data import load_sample
from storage.database import Database
from tests.browsers import HERE, LEFT_OUT, REQUIRED
from tests.databases import ENGINES, Engines
from tests.databases import compiled_once as compiled_once
from tests.databases import database as database
from tests.databases import empty_url as empty_url
from tests.databases import engines as engines
from tests.databases import sqlite_database as sqlite_database
from tests.talk import BOOKS, NOW, Office


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line what this machine could not test."""
    if not HERE and not REQUIRED:
        terminalreporter.write_line(f"Left out: the tests of the pages in a browser. {LEFT_OUT}.")


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the sample data; tests work on copies of it."""
    path = tmp_path_factory.mktemp("sample") / "sample.db"
    path.touch()
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_sample(engines: Engines) -> str:
    """The address of a PostgreSQL database with the sample data; tests work on copies of it."""
    url = engines.url("postgresql")
    fill(url)
    return url


def fill(url: str) -> None:
    """Load the sample data into an empty database."""
    database = Database(url, durable=False)
    load_sample(database, BOOKS, NOW)
    database.close()


@contextmanager
def copied(request: pytest.FixtureRequest, engine: str) -> Iterator[str]:
    """The address of a database of the test's own with the sample data, while it is asked for."""
    engines: Engines = request.getfixturevalue("engines")
    sample = request.getfixturevalue("postgres_sample") if engine == "postgresql" else f"sqlite:///{request.getfixturevalue('sample_file')}"
    url = engines.copy(sample)
    yield url
    engines.drop(url)


@pytest.fixture(params=ENGINES)
def sampled(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of its own with the sample data, on each engine."""
    with copied(request, request.param) as url:
        found = Database(url, durable=False)
        yield found
        found.close()


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """A running Uurwijzer with the sample people, on an SQLite file or, by indirect parameter, on "postgresql"."""
    with copied(request, getattr(request, "param", "sqlite")) as url:
        found = Office(url)
        yield found
        found.close()


@pytest.fixture
def slack(office: Office) -> Iterator[Any]:
    """Slack with the app in one workspace; at the end nothing was sent that Slack would refuse."""
    from tests.slack_people import SlackOffice

    found = SlackOffice(lambda: (office.database, office.world, office.clock))
    yield found
    assert found.standin.wrong == []
    found.close()
