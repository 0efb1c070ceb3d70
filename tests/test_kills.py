"""kill -9 anywhere between a press and its answer: what was confirmed stands once, and the person is answered."""

import json
import os
import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import time
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import select

from bot.terminal import Terminal
from storage.database import Database
from storage.tables import moments
from tests import fault_seeds as seeds
from tests.databases import ENGINES, Engines
from tests.kill_points import OF_A_MOMENT, POINTS, ended_by, forked, poll
from tests.telegram_people import Person
from tests.telegram_standin import Standin, standin_thread

LINE = "/presentie 10/6 14u-15u praatcafé, 3 bezoekers"


@pytest.fixture(scope="module")
def telegram(engines: Engines) -> Iterator[Standin]:
    for engine in ENGINES:
        rehearse(engines.with_tables(engine))
    with standin_thread() as standin:
        yield standin


def rehearse(url: str) -> None:
    """Register once in this process: its copies need not compile the texts and statements that they use."""
    database = Database(url)

    def seed(tx: Any) -> None:
        seeds.link(tx, seeds.fill_pool(tx, 1, 600, 0)[0], "1", "terminal", "")

    database.run(seed)
    terminal = Terminal(database, seeds.WORLD, lambda: seeds.NOW, "1")
    terminal.answer(LINE)
    assert "Geboekt" in terminal.answer("bevestigen")
    database.close()


class Bot:
    """The bot as processes that come and go, on one database; a person who talks to it."""

    def __init__(self, telegram: Standin, url: str) -> None:
        self.telegram, self.url = telegram, url
        self.person: Person = telegram.person("Lotte")
        self.database = Database(url)

        def seed(tx: Any) -> None:
            persons = seeds.fill_pool(tx, 1, 600, 0)
            seeds.link(tx, persons[0], str(self.person.user["id"]), "telegram", str(telegram.bot["id"]))

        self.database.run(seed)
        self.database.close()

    def started(self, point: str | None = None, ready: int | None = None) -> int:
        return forked(lambda: poll(self.url, self.telegram.url, self.telegram.token, point, ready))

    @contextmanager
    def running(self) -> Iterator[None]:
        """A process in good health, ended in good order."""
        read, write = os.pipe()
        process = self.started(ready=write)
        os.close(write)
        assert os.read(read, 1) == b""
        os.close(read)
        try:
            yield
        finally:
            os.kill(process, signal.SIGTERM)
            assert ended_by(process) == 0

    def killed_at(self, point: str, deed: Callable[[], Any]) -> None:
        """A process that dies at `point` after the deed."""
        deed()
        assert ended_by(self.started(point)) == signal.SIGKILL, f"{point!r} was not reached"

    def texts(self) -> list[str]:
        return [each.text for each in self.person.replies]

    def check_file(self) -> None:
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def bot(request: pytest.FixtureRequest, telegram: Standin, engines: Engines) -> Iterator[Bot]:
    url = engines.with_tables(request.param)
    found = Bot(telegram, url)
    yield found
    found.database.close()
    engines.drop(url)


on_both = pytest.mark.parametrize("bot", ENGINES, indirect=True)


@on_both
@pytest.mark.parametrize("point", POINTS)
def test_a_confirmed_moment_survives_and_is_answered(bot: Bot, point: str) -> None:
    with bot.running():
        bot.person.say(LINE)
        bot.telegram.settled(10)
    before = len(bot.person.replies)
    bot.killed_at(point, lambda: bot.person.press("Bevestigen"))
    with bot.running():
        bot.telegram.settled(10)
    bot.check_file()
    row = bot.database.run(lambda tx: tx.execute(select(moments)).one())
    assert (row.state, row.minutes, bot.database.run(seeds.used_minutes)) == ("accepted", 60, 60)
    assert bot.telegram.unanswered() == []
    receipts = [text for text in bot.texts() if f"Referentie {row.id}" in text]
    assert 1 <= len(receipts) <= 2, bot.texts()
    assert len(set(receipts)) == 1
    assert len(bot.person.replies) <= before + 1


@pytest.mark.parametrize("bot", ["sqlite"], indirect=True)
@pytest.mark.parametrize("point", [point for point in POINTS if point not in OF_A_MOMENT and point != "between two calls"])
def test_a_message_comes_at_most_twice(bot: Bot, point: str) -> None:
    bot.killed_at(point, lambda: bot.person.say("/saldo"))
    with bot.running():
        bot.telegram.settled(10)
    texts = bot.texts()
    twice = point in ("after sending", "before noting", "before confirming", "after confirming")
    assert len(texts) in ((1, 2) if twice else (1,)), texts
    assert len(set(texts)) == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kills", [8, pytest.param(150, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_killed_under_load_everything_acknowledged_stands_once(engines: Engines, engine: str, kills: int) -> None:
    url = engines.with_tables(engine)
    database = Database(url)
    (person,) = database.run(lambda tx: seeds.fill_pool(tx, 1, 100_000, 0))
    database.close()
    chance, acknowledged = random.Random(1), []

    def work(start: int, write: int) -> None:
        own = Database(url)
        for number in range(start, start + 10_000):
            at = time(number // 60 % 24, number % 60)
            found = own.run(lambda tx: seeds.register(tx, person, f"m-{number}", minutes=1, at=at))  # noqa: B023
            os.write(write, (json.dumps([number, found.moment]) + "\n").encode())

    for _ in range(kills):
        read, write = os.pipe()
        start = 1 + max([number for number, _ in acknowledged], default=0)
        process = forked(lambda: work(start, write))  # noqa: B023
        os.close(write)
        with os.fdopen(read) as told:
            for _ in range(chance.randint(1, 8)):
                acknowledged.append(json.loads(told.readline()))
            until = perf_counter() + chance.uniform(0, 0.02)  # anywhere in what it does next
            while perf_counter() < until:
                pass
            os.kill(process, signal.SIGKILL)
            acknowledged += [json.loads(line) for line in told if line.endswith("\n")]
        assert ended_by(process) == signal.SIGKILL
    stored = dict(database.run(lambda tx: [(row.submission, row.id) for row in tx.execute(select(moments.c.submission, moments.c.id))]))
    assert [number for number, moment in acknowledged if moment is None or stored.get(f"m-{number}") != moment] == []
    told = {moment for _, moment in acknowledged}
    assert len(told) == len(acknowledged), "each once"
    assert len(set(stored.values()) - told) <= kills, "at most one a kill was committed and not told"
    assert database.run(seeds.used_minutes) == len(stored)
    database.close()
    engines.drop(url)
    print(f"{engine}: {kills} kills, {len(acknowledged)} acknowledged, {len(stored)} stored")


def test_a_database_waits_for_the_disk_unless_it_is_thrown_away(tmp_path: Path) -> None:
    def waits(tx: Any) -> int:
        return int(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())

    for number, (options, level) in enumerate((({}, 2), ({"durable": False}, 0))):
        database = Database(f"sqlite:///{tmp_path / f'{number}.db'}", create=True, **options)
        assert database.run(waits) == level
        database.close()
