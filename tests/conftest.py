"""Fixtures that every test may use."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.sample_data import load_sample
from storage.database import Database
from tests.browsers import HERE, LEFT_OUT, REQUIRED
from tests.databases import Engines
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


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path, sample_file: Path) -> Iterator[Office]:
    """A running Uurwijzer with the sample people, on an SQLite file or, by indirect parameter, on "postgresql"."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / f"{uuid4().hex[:8]}.db"
        shutil.copyfile(sample_file, path)
        url, drop = f"sqlite:///{path}", path.unlink
    else:
        engines: Engines = request.getfixturevalue("engines")
        sample: str = request.getfixturevalue("postgres_sample")
        url = engines._create(f"o{uuid4().hex[:12]}", sample.partition("?")[0].rpartition("/")[2])
        drop = partial(engines.drop, url)
    found = Office(url)
    yield found
    found.close()
    drop()


@pytest.fixture
def slack(office: Office) -> Iterator[Any]:
    """Slack with the app in one workspace; at the end nothing was sent that Slack would refuse."""
    from tests.slack_people import SlackOffice

    found = SlackOffice(lambda: (office.database, office.world, office.clock))
    yield found
    assert found.standin.wrong == []
    found.close()
