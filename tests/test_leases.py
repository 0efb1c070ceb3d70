"""Leases: one of several processes does a job, and another takes over when that one is gone."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot import polling_turn
from bot.polling_turn import TERM, PollingTurn
from bot.telegram_intake import Telegram
from bot.telegram_transport import make_bot
from storage.database import Database
from storage.leases import drop_lease, holder_of, take_lease
from storage.tables import moments
from tests import fault_seeds as seeds
from tests.databases import Engines
from tests.telegram_standin import Standin

MINUTE = timedelta(minutes=1)


def test_one_holds_it_until_it_ends(database: Database) -> None:
    def take(who: str, after: float = 0, name: str = "poll") -> bool:
        return database.run(lambda tx: take_lease(tx, name, who, seeds.NOW + timedelta(seconds=after), MINUTE))

    assert take("a")
    assert not take("b")
    assert not take("b", 59.9)
    assert take("b", 0, "summary"), "another job is another lease"
    assert take("a", 40), "renewed"
    assert not take("b", 99.9)
    assert take("b", 100)
    assert not take("a", 101), "the one that was away has lost it"
    assert database.run(lambda tx: holder_of(tx, "poll")) == "b"
    database.run(lambda tx: drop_lease(tx, "poll", "a"))
    assert not take("a", 102), "nobody drops the lease of another"
    database.run(lambda tx: drop_lease(tx, "poll", "b"))
    assert take("a", 102)
    assert database.run(lambda tx: holder_of(tx, "nothing")) is None


def test_a_lease_of_a_clock_that_was_moved_ahead_keeps_nobody_out(database: Database) -> None:
    assert database.run(lambda tx: take_lease(tx, "poll", "a", seeds.NOW + timedelta(days=200), MINUTE))
    assert database.run(lambda tx: take_lease(tx, "poll", "b", seeds.NOW, MINUTE))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_of_many_that_start_at_once_one_gets_it(engines: Engines, engine: str) -> None:
    url = engines.with_tables(engine)
    databases = [Database(url) for _ in range(4)]
    steps = [
        database.step(lambda tx, number=number: take_lease(tx, "poll", f"p{number}", seeds.NOW, MINUTE))
        for number, database in enumerate(databases)
    ]
    assert sorted(await asyncio.gather(*steps)) == [False, False, False, True]
    for database in databases:
        database.close()
    engines.drop(url)


class Instance:
    """One process that serves: a bot that polls, with a clock for all and a sleep that only counts."""

    def __init__(self, standin: Standin, url: str, clock: Callable[[], Any]) -> None:
        self.standby = 0
        self.database = Database(url)
        self.telegram = Telegram(make_bot(standin.token, standin.url), self.database, seeds.WORLD, clock, self._sleep)
        self.task: asyncio.Task[None] | None = None

    async def _sleep(self, seconds: float) -> None:
        self.standby += 1
        await asyncio.sleep(0.005)

    async def start(self) -> None:
        await self.telegram.begin()
        self.task = asyncio.create_task(self.telegram.poll())

    async def kill(self) -> None:
        """It ends without a word: what it holds it goes on holding."""
        assert self.task
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def end(self) -> None:
        await self.kill()
        await self.telegram.end(2)
        self.database.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_of_two_instances_one_polls_and_the_other_takes_over(engines: Engines, engine: str) -> None:
    url = engines.with_tables(engine)
    clock = SimpleNamespace(now=seeds.NOW)
    async with Standin() as standin:
        lotte = standin.person("Lotte")
        first, second = (Instance(standin, url, lambda: clock.now) for _ in range(2))

        def seed(tx: Any) -> None:
            (person,) = seeds.fill_pool(tx, 1, 600, 0)
            seeds.link(tx, person, str(lotte.user["id"]), "telegram", str(standin.bot["id"]))

        first.database.run(seed)
        await first.start()
        await second.start()
        await until(lambda: second.standby > 3)
        lotte.say("/presentie 10/6 14u-15u praatcafé, 3 bezoekers")
        await until(lambda: len(lotte.replies) == 1)
        assert first.standby == 0, "nobody was refused by Telegram"
        assert first.telegram.polling.renewed is not None
        assert second.telegram.polling.renewed is None
        await first.kill()
        clock.now += TERM - timedelta(seconds=1)
        waited = second.standby
        await until(lambda: second.standby > waited + 2)
        lotte.press("Bevestigen")
        assert second.telegram.polling.renewed is None
        clock.now += timedelta(seconds=2)
        await until(lambda: len(second.database.run(lambda tx: tx.execute(moments.select()).all())) == 1)
        assert second.telegram.polling.renewed is not None
        await second.end()
        assert first.database.run(lambda tx: holder_of(tx, f"poll:{standin.bot['id']}")) is None, "who stops lets go"
        await first.end()
    engines.drop(url)


async def test_after_a_crash_on_this_machine_nobody_waits(sqlite_database: Database) -> None:
    child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    name = polling_turn._process(child.pid)
    take = lambda who: sqlite_database.run(lambda tx: take_lease(tx, "poll:7", who, seeds.NOW, TERM))  # noqa: E731
    assert take(f"{name}:x")
    turn = PollingTurn(sqlite_database, lambda: seeds.NOW)
    assert not await turn.held(7), "it is still there"
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert await turn.held(7), "also before its parent has asked how it ended"
    child.communicate()
    await turn.end(7)
    assert take("another-machine/1:12/34:x")
    assert not await turn.held(7), "of another machine nobody knows"
