"""Our side in process: whole registrations of 8 steps, every step durable, the network stubbed.

From the JSON bytes of an update to the parsed answer; 50 people register, 16 or 1 updates in flight. Each side reads JSON as it
does in service, and ours has settled as `serve` does when it is ready.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from bench.bot_api_stub import TOKEN, text_message
from bench.ptb_memory import PEOPLE, ReadyAnswers
from bot.book_files import read_books
from bot.clock import make_clock
from bot.serving import settle
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_transport import AiohttpRequest, DiscreetBot
from handlers.world import World
from storage.database import Database
from storage.tables import accounts, grant_people, grants, memberships, metadata, networks, people, sites

STEPS = 8
CLOCK = datetime(2026, 10, 28, 9)  # after the last day that is typed, and before the reminders that a year ends
FIRST_DAY = date(2026, 1, 1)


class OurReadyAnswers(ReadyAnswers):
    """No network, and answers read as our transport reads them."""

    parse_json_payload = staticmethod(AiohttpRequest.parse_json_payload)


def texts(round_: int) -> tuple[str, ...]:
    """The 8 messages of a registration; each round is another day."""
    day = FIRST_DAY + timedelta(days=round_ % 300)
    return "/presentie", day.strftime("%d/%m/%Y"), "14u", "9 min", "kookactiviteit", "12 bezoekers", "ja", "bevestigen"


def fill(database: Database, bot_id: int, count: int = PEOPLE) -> None:
    """The people (fictional), each linked, each with a grant of her own at a site of her own."""
    with database.engine.begin() as tx:
        tx.execute(networks.insert(), {"id": 1, "key": "N", "name": "Bench", "rulebook": "oost-vlaanderen"})
        everybody = range(1, count + 1)
        tx.execute(
            people.insert(),
            [
                {"id": n, "key": f"P{n}", "first_name": f"P{n}", "name": "Bench", "roles": "verstrekker", "contract_from": date(2024, 1, 1)}
                for n in everybody
            ],
        )
        tx.execute(memberships.insert(), [{"person": n, "network": 1} for n in everybody])
        tx.execute(
            sites.insert(),
            [{"id": n, "key": f"S{n}", "name": f"Jeugdhuis {n}", "kind": "jeugdhuis", "network": 1, "cooperates": True} for n in everybody],
        )
        tx.execute(
            grants.insert(),
            [
                {
                    "id": n,
                    "key": f"G{n}",
                    "oproep": "O2",
                    "site": n,
                    "network": 1,
                    "start": FIRST_DAY,
                    "to": date(2026, 12, 31),
                    "extra_minutes": 0,
                }
                for n in everybody
            ],
        )
        tx.execute(grant_people.insert(), [{"grant": n, "person": n} for n in everybody])
        tx.execute(
            accounts.insert(),
            [{"platform": "telegram", "workspace": str(bot_id), "user": str(n), "chat": str(n), "person": n} for n in everybody],
        )


def run_sqlite_16(updates: int) -> float:
    """SQLite as the embedded default, 16 updates in flight: CPU seconds per update."""
    return _on_sqlite(updates, 16)


def run_sqlite_1(updates: int) -> float:
    """SQLite, one update at a time."""
    return _on_sqlite(updates, 1)


def run_postgres_16(updates: int) -> float:
    """PostgreSQL, 16 updates in flight (the bot's CPU only). Its address stands in BENCH_POSTGRES."""
    return _measured(os.environ["BENCH_POSTGRES"], updates, 16)


def run_postgres_1(updates: int) -> float:
    """PostgreSQL, one at a time."""
    return _measured(os.environ["BENCH_POSTGRES"], updates, 1)


def _on_sqlite(updates: int, in_flight: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _measured(f"sqlite:///{Path(folder) / 'bench.sqlite'}", updates, in_flight)


def _measured(url: str, updates: int, in_flight: int) -> float:
    database = Database(url, create=True) if "create" in Database.__init__.__annotations__ else Database(url)
    metadata.drop_all(database.engine)
    metadata.create_all(database.engine)
    fill(database, int(TOKEN.partition(":")[0]))
    try:
        return asyncio.run(_run(database, updates, in_flight))
    finally:
        database.close()


def payloads(rounds: range) -> list[bytes]:
    """The updates of whole rounds: all people give their first step, then all their second."""
    found, number = [], rounds.start * PEOPLE * STEPS
    for round_ in rounds:
        for text in texts(round_):
            for person in range(1, PEOPLE + 1):
                number += 1
                found.append(json.dumps({"update_id": number, "message": text_message(person, number, text)}).encode())
    return found


async def _run(database: Database, updates: int, in_flight: int) -> float:
    bot = DiscreetBot(TOKEN, request=OurReadyAnswers(), get_updates_request=OurReadyAnswers())
    clock = make_clock(CLOCK, ZoneInfo("Europe/Brussels"))
    telegram = Telegram(bot, database, World(read_books()), clock, pace=Pace(0))
    telegram.bot_id, telegram.bot_name = int(TOKEN.partition(":")[0]), "bench_bot"
    rounds = max(1, updates // (PEOPLE * STEPS))
    settle()
    await _all(telegram, payloads(range(1)), in_flight)
    measured = payloads(range(1, 1 + rounds))
    before = time.process_time()
    await _all(telegram, measured, in_flight)
    spent = time.process_time() - before
    booked = database.run(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM moments").scalar_one())
    assert booked == PEOPLE * (1 + rounds), f"{booked} moments booked, expected {PEOPLE * (1 + rounds)}"
    return spent / len(measured)


async def _all(telegram: Any, bodies: list[bytes], in_flight: int) -> None:
    for start in range(0, len(bodies), in_flight):
        window = [await telegram.take(orjson.loads(body)) for body in bodies[start : start + in_flight]]
        await asyncio.gather(*window)
        await asyncio.gather(*telegram.tasks)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for name, run in (("16 in flight", run_sqlite_16), ("1 at a time", run_sqlite_1)):
        print(f"{name}: {run(count) * 1e6:.0f} us CPU per update")
