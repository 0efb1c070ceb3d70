"""Two instances on one PostgreSQL against one: registrations a second on this machine's cores, and never over a quota.

Each instance is a process of its own with the network stubbed; afterwards all race for the last hours of one shared grant.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bench.bot_api_stub import TOKEN, text_message
from bench.goals import Measured, ratio
from bench.http import BOT_ID
from bench.postgres import postgres
from bench.ptb_memory import ReadyAnswers
from bench.registration import CLOCK, FIRST_DAY, STEPS, fill, texts
from bench.timing import ROOT, _environment
from bot.book_files import read_books
from bot.clock import make_clock
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_transport import DiscreetBot
from handlers.world import World
from storage.database import Database
from storage.tables import accounts, day_totals, grant_people, grants, memberships, metadata, moments, people, sites

PEOPLE, FEW, RACERS = 64, 8, 16
SHARED = 1000  # id of the grant that the racers share
MINUTES = 9  # of every registration, see bench.registration.texts
ROOM = 5  # registrations that the shared grant has room for
BESIDES = 1000  # update ids of one step: more than there are people
LAST = date(2026, 12, 31)


def make_tables_and_people(database: Database, count: int) -> None:
    """The people of the bench, and racers with one grant together that has room for five of their sixteen registrations."""
    metadata.create_all(database.engine)
    fill(database, BOT_ID, count)
    racers = range(count + 1, count + RACERS + 1)
    with database.engine.begin() as tx:
        racing = {"first_name": "Racer", "name": "Bench", "roles": "verstrekker", "contract_from": FIRST_DAY}
        tx.execute(people.insert(), [{"id": n, "key": f"P{n}", **racing} for n in racers])
        tx.execute(memberships.insert(), [{"person": n, "network": 1} for n in racers])
        site = {"id": SHARED, "key": "S", "name": "Jeugdhuis", "kind": "jeugdhuis", "network": 1, "cooperates": True}
        tx.execute(sites.insert(), site)
        tx.execute(grants.insert(), {
            "id": SHARED, "key": "G", "oproep": "O2", "site": SHARED, "network": 1, "start": FIRST_DAY, "to": LAST,
            "minutes": ROOM * MINUTES, "extra_minutes": 0,
        })
        tx.execute(grant_people.insert(), [{"grant": SHARED, "person": n} for n in racers])
        tx.execute(accounts.insert(), [
            {"platform": "telegram", "workspace": str(BOT_ID), "user": str(n), "chat": str(n), "person": n} for n in racers
        ])


def run(make: Callable[[], str], instances: int, rounds: int, count: int) -> float:
    """Registrations a second of so many instances together. AssertionError when one is missing or a quota is exceeded."""
    url = make()
    database = Database(url)
    try:
        make_tables_and_people(database, count)
        share = count // instances
        own = [subprocess.Popen(
            [sys.executable, "-m", "bench.instances", url, str(each), str(instances), str(rounds), str(count)],
            cwd=ROOT, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) for each in range(instances)]  # fmt: skip
        try:
            _all_say(own, "warm")
            begun = time.perf_counter()
            _tell(own)
            _all_say(own, "done")
            seconds = time.perf_counter() - begun
            _tell(own)
            _all_say(own, "raced")
        finally:
            for each in own:
                each.kill()
                each.communicate()
        _check(database, share * instances * (1 + rounds))
        return share * instances * rounds / seconds
    finally:
        database.close()


def _tell(processes: Sequence["subprocess.Popen[str]"]) -> None:
    for each in processes:
        assert each.stdin is not None
        print("go", file=each.stdin, flush=True)


def _all_say(processes: Sequence["subprocess.Popen[str]"], word: str) -> None:
    for each in processes:
        assert each.stdout is not None
        said = each.stdout.readline()
        assert said == f"{word}\n", f"an instance said {said!r} instead of {word}"


def _check(database: Database, registrations: int) -> None:
    with database.engine.connect() as tx:
        booked = tx.execute(select(func.count()).where(moments.c.grant != SHARED)).scalar_one()
        raced = tx.execute(select(func.count()).where(moments.c.grant == SHARED, moments.c.state == "accepted")).scalar_one()
        used = tx.execute(select(func.sum(day_totals.c.minutes)).where(day_totals.c.grant == SHARED)).scalar_one()
    assert booked == registrations, f"{booked} moments booked, expected {registrations}"
    assert used <= ROOM * MINUTES, f"{used} minutes booked on a grant of {ROOM * MINUTES}"
    assert (raced, used) == (ROOM, ROOM * MINUTES), f"only {raced} registrations took what was left of the grant, {used} minutes"


async def serve(url: str, number: int, instances: int, rounds: int, count: int) -> None:
    """Be one instance: its share of the people register, then its share of the racers; a word on standard output after each."""
    database = Database(url)
    bot = DiscreetBot(TOKEN, request=ReadyAnswers(), get_updates_request=ReadyAnswers())
    telegram = Telegram(bot, database, World(read_books()), make_clock(CLOCK, ZoneInfo("Europe/Brussels")), pace=Pace(0))
    telegram.bot_id, telegram.bot_name = BOT_ID, "bench_bot"
    mine = range(1 + number, count + 1, instances)
    await _register(telegram, mine, range(1))
    _say("warm")
    await _register(telegram, mine, range(1, 1 + rounds))
    _say("done")
    await _register(telegram, range(count + 1 + number, count + RACERS + 1, instances), range(1))
    await telegram.flush()
    print("raced", flush=True)
    database.close()


def _say(word: str) -> None:
    print(word, flush=True)
    sys.stdin.readline()


async def _register(telegram: Telegram, mine: range, rounds: range) -> None:
    """Each of the people registers once a round; as many updates are in hand as the bot takes."""
    for round_ in rounds:
        for step, typed in enumerate(texts(round_)):
            for person in mine:
                number = (round_ * STEPS + step) * BESIDES + person
                await telegram.take(json.loads(json.dumps({"update_id": number, "message": text_message(person, number, typed)})))
    while telegram.tasks:
        await asyncio.gather(*telegram.tasks)


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """Registrations a second of two over those of one."""
    each, count = (1, FEW) if small else (5, PEOPLE)
    one: list[float] = []
    two: list[float] = []
    with postgres() as make:
        for turn in range(rounds):
            for instances, seen in ((1, one), (2, two))[:: 1 if turn % 2 else -1]:
                seen.append(run(make, instances, each, count))
    spans = [f"{min(seen):.0f} to {max(seen):.0f}" for seen in (one, two)]
    note = f"{os.cpu_count()} cores, which PostgreSQL shares; registrations a second: one {spans[0]}, two {spans[1]}"
    return [ratio("two instances / one on PostgreSQL, registrations a second", 1.0, 1.3, two, one, at_least=True, note=note)]


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], *map(int, sys.argv[2:])))
