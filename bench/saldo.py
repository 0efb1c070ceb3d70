"""/saldo in a database of 1,000,000 moments: a provider with 20,000 of her own against one with 20; PostgreSQL holds fewer."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from bench.bot_api_stub import TOKEN, text_message
from bench.filled import add_sums, build, kept_file
from bench.goals import Measured, ratio
from bench.postgres import postgres
from bench.ptb_memory import ReadyAnswers
from bench.registration import CLOCK
from bot.answering import answer
from bot.book_files import read_books
from bot.clock import make_clock
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_surface import read, show
from bot.telegram_transport import DiscreetBot
from handlers.screen import Event
from handlers.world import World
from storage import accounts
from storage.database import Database
from storage.tables import accounts as account_rows
from storage.tables import events, grant_people, grants, memberships, networks, people, sites

BOT_ID = int(TOKEN.partition(":")[0])
ALL, ON_POSTGRES, SMALL = 1_000_000, 200_000, 30_000  # moments in the database
FEW, MANY = 1, 2  # the two providers whose balances are asked
MOMENTS = {FEW: 20, MANY: 20_000}
OTHERS = 200  # moments of everybody else
YEARS = (2024, 2025, 2026)
PLACES = 2  # of each provider; a grant a year at each
DAYS = 1095
MINUTES = 45
AMPLE = 60 * 100_000  # minutes of a grant: never used up

# Moment k of a provider falls in slot k, for everybody the same: 20 or 200 of them spread over the years, 20,000 fill every
# day with 18 or 19 that do not overlap. At one place, then at the other.
FILL_MOMENTS = """
INSERT INTO moments (id, person, submission, version, state, oproep, werkvorm, "grant", day, begins, ends, minutes,
                     preparations, submitted, outcome, findings, registered_on, changed_at)
SELECT q.first + s.n, q.person, 'bench-' || s.n, 1, 'accepted', 'O2', 'activiteit', (q.person - 1) * :grants + s.kind + 1,
       s.day, s.begins, s.ends, :minutes, 0, '{}', 'accepted', '[]', s.day, s.ends
FROM bench_people q JOIN bench_slots s ON s.n < q.moments
"""


def fill(tx: Connection, moments: int) -> None:
    """Two providers whose balances are asked and as many others as it takes to make about `moments` moments, all fictional."""
    count = 2 + max(0, moments - sum(MOMENTS.values())) // OTHERS
    start = date(YEARS[0], 1, 1)
    whos: list[dict[str, Any]] = []
    where: list[dict[str, Any]] = []
    given: list[dict[str, Any]] = []
    for n in range(1, count + 1):
        whos.append({"id": n, "key": f"P{n}", "first_name": f"P{n}", "name": "Bench", "roles": "verstrekker", "contract_from": start})
        for site in range((n - 1) * PLACES + 1, n * PLACES + 1):
            name = f"Jeugdhuis {site}"
            where.append({"id": site, "key": f"S{site}", "name": name, "kind": "jeugdhuis", "network": 1, "cooperates": True})
            for year in YEARS:
                given.append({
                    "id": len(given) + 1, "key": f"G{len(given) + 1}", "oproep": "O2", "site": site, "network": 1, "minutes": AMPLE,
                    "extra_minutes": 0, "start": date(year, 1, 1), "to": date(year, 12, 31), "person": n,
                })
    tx.execute(networks.insert(), {"id": 1, "key": "N", "name": "Bench", "rulebook": "oost-vlaanderen"})
    tx.execute(people.insert(), whos)
    tx.execute(memberships.insert(), [{"person": each["id"], "network": 1} for each in whos])
    tx.execute(sites.insert(), where)
    tx.execute(grants.insert(), [{name: each[name] for name in each if name != "person"} for each in given])
    tx.execute(grant_people.insert(), [{"grant": each["id"], "person": each["person"]} for each in given])
    tx.execute(account_rows.insert(), [
        {"platform": "telegram", "workspace": str(BOT_ID), "user": str(n), "chat": str(n), "person": n} for n in (FEW, MANY)
    ])
    _fill_moments(tx, count)


def _fill_moments(tx: Connection, count: int) -> None:
    tx.execute(text("CREATE TEMPORARY TABLE bench_people (person INTEGER, moments INTEGER, first INTEGER)"))
    tx.execute(text("CREATE TEMPORARY TABLE bench_slots (n INTEGER, kind INTEGER, day DATE, begins TIMESTAMP, ends TIMESTAMP)"))
    first, rows = 1, []
    for person in range(1, count + 1):
        rows.append({"person": person, "moments": MOMENTS.get(person, OTHERS), "first": first})
        first += MOMENTS.get(person, OTHERS)
    tx.execute(text("INSERT INTO bench_people VALUES (:person, :moments, :first)"), rows)
    tx.execute(text("INSERT INTO bench_slots VALUES (:n, :kind, :day, :begins, :ends)"), [_slot(n) for n in range(max(MOMENTS.values()))])
    tx.execute(text(FILL_MOMENTS), {"grants": PLACES * len(YEARS), "minutes": MINUTES})
    add_sums(tx)


def _slot(n: int) -> dict[str, object]:
    day = date(YEARS[0], 1, 1) + timedelta(days=n * 7 % DAYS)  # 7 and 1,095 have no common factor: every day once in 1,095
    begins = datetime(day.year, day.month, day.day, 6) + timedelta(minutes=MINUTES * (n // DAYS))
    return {
        "n": n, "kind": n // 3 % PLACES * len(YEARS) + YEARS.index(day.year), "day": day.isoformat(),
        "begins": f"{begins}.000000", "ends": f"{begins + timedelta(minutes=MINUTES)}.000000",
    }  # fmt: skip


class Asking:
    """Asks for balances, as one process does that has been at it for a while."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.world = World(read_books())
        self.clock = make_clock(CLOCK, ZoneInfo("Europe/Brussels"))
        self.number = 0

    def update(self, person: int) -> dict[str, Any]:
        """The next update in which a person types /saldo."""
        self.number += 1
        return {"update_id": self.number, "message": text_message(person, self.number, "/saldo")}

    def answers(self, person: int, times: int) -> float:
        """Seconds an answer (median): who asks, her balances, the words. Nothing is written."""
        taken = []
        for _ in range(times):
            event = read(self.update(person), BOT_ID, "bench_bot", self.clock())
            assert event is not None
            begun = time.perf_counter()
            calls = self.database.run(partial(self._shown, event=event))
            taken.append(time.perf_counter() - begun)
            assert str(calls).count("Jeugdhuis") == PLACES, calls
        return median(taken)

    def _shown(self, tx: Connection, event: Event) -> list[dict[str, Any]]:
        session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
        return show(answer(tx, self.world, event, session), event)

    def updates(self, person: int, times: int) -> float:
        """Seconds an update (median), from its JSON to the answered call, with the commit that keeps it."""
        return asyncio.run(self._updates([json.dumps(self.update(person)).encode() for _ in range(times)]))

    async def _updates(self, bodies: list[bytes]) -> float:
        bot = DiscreetBot(TOKEN, request=ReadyAnswers(), get_updates_request=ReadyAnswers())
        telegram = Telegram(bot, self.database, self.world, self.clock, pace=Pace(0))
        telegram.bot_id, telegram.bot_name = BOT_ID, "bench_bot"
        taken = []
        for body in bodies:
            begun = time.perf_counter()
            await (await telegram.take(json.loads(body)))
            await asyncio.gather(*telegram.tasks)
            taken.append(time.perf_counter() - begun)
        await telegram.flush()
        return median(taken)


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """Wall time of the 20,000 over that of the 20, on both engines: the answer alone, and the whole update."""
    count = SMALL if small else ALL
    goals = _measured("SQLite", kept_file("saldo", count, partial(fill, moments=count)), rounds, small)
    with postgres() as make:
        url, count = make(), SMALL if small else ON_POSTGRES
        build(url, partial(fill, moments=count))
        note = f"PostgreSQL holds {count:,} moments: it is filled at every run"
        return [*goals, *(replace(each, note=note) for each in _measured("PostgreSQL", url, rounds, small))]


def _measured(engine: str, url: str, rounds: int, small: bool) -> list[Measured]:
    database = Database(url)
    try:
        database.run(lambda tx: tx.execute(events.delete()))  # those of an earlier run: they would be repetitions
        asking = Asking(database)
        times = 5 if small else 100
        answers, updates = (_both(rounds, partial(ask, times=times)) for ask in (asking.answers, asking.updates))
    finally:
        database.close()
    return [
        ratio(f"/saldo, 20,000 moments / 20, the answer alone, {engine}", 1.2, 1.05, answers[MANY], answers[FEW]),
        ratio(f"/saldo, 20,000 moments / 20, whole update, {engine}", 1.2, 1.05, updates[MANY], updates[FEW]),
    ]


def _both(rounds: int, ask: Callable[[int], float]) -> dict[int, list[float]]:
    """Seconds of each of the two in every round, after one to warm up; in turns, so that neither is always first."""
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    for turn in range(rounds + 1):
        for person in (FEW, MANY) if turn % 2 else (MANY, FEW):
            taken = ask(person)
            if turn:
                seconds[person].append(taken)
    return seconds
