"""A provider's page over loopback HTTP against bare Starlette and Jinja2 with the same query: CPU per request."""

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

from bench.bot_api_stub import TOKEN
from bench.goals import Measured, ratio
from bench.http import SERVE
from bench.plain_page import PERSON
from bench.registration import CLOCK, FIRST_DAY, fill
from bench.slack import IN_FLIGHT, Side, free_port, serving
from bench.slack_stub import ask_all, lines
from bot.page_guard import COOKIE
from handlers.page_links import STAYS, hash_of
from rules.periods import to_utc
from storage.database import Database
from storage.instants import as_stored
from storage.schema import migrate
from storage.tables import accounts, moments, web_sessions

REQUESTS, FEW, MOMENTS = 400, 40, 60
COOKIE_TOKEN = "fictional-token-of-a-browser"
PLAIN = (sys.executable, "-m", "bench.plain_page")


def _get(cookie: str) -> bytes:
    head = f"GET /momenten HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Language: nl\r\nCookie: {cookie}\r\n\r\n"
    return head.encode()


def _fill(path: Path) -> None:
    """One provider with three pages of moments, signed in."""
    migrate(f"sqlite:///{path}", CLOCK)
    database = Database(f"sqlite:///{path}")
    fill(database, int(TOKEN.partition(":")[0]), PERSON)
    now = as_stored(to_utc(CLOCK))
    signed_in = {"hash": hash_of(COOKIE_TOKEN), "link": "x", "account": 1, "person": PERSON, "made_at": now, "ends_at": now + STAYS}
    database.run(lambda tx: tx.execute(accounts.update().values(linked_at=now)))
    database.run(lambda tx: tx.execute(web_sessions.insert(), signed_in))
    rows = []
    for number in range(MOMENTS):
        day = FIRST_DAY + timedelta(days=number)
        begins = datetime(day.year, day.month, day.day, 13)
        rows.append({
            "person": PERSON, "grant": PERSON, "oproep": "O2", "werkvorm": "presentie", "day": day, "begins": begins,
            "ends": begins + timedelta(minutes=9), "minutes": 9, "state": "accepted", "changed_at": begins, "submission": f"bench {number}",
            "version": 1, "preparations": 0, "submitted": {}, "outcome": "billable", "findings": [], "registered_on": day,
        })  # fmt: skip
    database.run(lambda tx: tx.execute(moments.insert(), rows))
    database.close()


async def _cost(side: Side, request: bytes, count: int) -> float:
    """CPU seconds of the server per request."""
    async with lines(side.port, IN_FLIGHT) as open_:
        before = side.cpu()
        found = await ask_all(open_, [request] * count)
        spent = side.cpu() - before
    assert all(status == 200 and body.count(b"<tr") == 21 for _, status, body in found), found[0]
    return spent / count


async def _run(folder: Path, rounds: int, count: int) -> tuple[list[float], list[float]]:
    path, ports = folder / "bench.sqlite", (free_port(), free_port())
    _fill(path)
    settings = {
        "UURWIJZER_DATABASE_URL": f"sqlite:///{path}", "UURWIJZER_PORT": str(ports[0]), "UURWIJZER_NOW": CLOCK.isoformat(),
        "UURWIJZER_PUBLIC_URL": "http://127.0.0.1", "UURWIJZER_SECRET": "fictional-secret-of-the-pages-0123456789",
    }  # fmt: skip
    request = _get(f"{COOKIE}={COOKIE_TOKEN}")
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(serving(SERVE, ports[0], request, settings, folder / "ours.log"))
        other = (*PLAIN, f"sqlite:///{path}", str(ports[1]))
        plain = await stack.enter_async_context(serving(other, ports[1], request, {}, folder / "plain.log"))
        costs: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(rounds + 1):
            for mine in (True, False) if turn % 2 else (False, True):
                costs[mine].append(await _cost(ours if mine else plain, request, count))
    return costs[True][1:], costs[False][1:]  # the first round warms up


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """CPU per page, 16 in flight."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = asyncio.run(_run(Path(folder), rounds, FEW if small else REQUESTS))
    return [ratio("a provider's page / bare Starlette and Jinja2, CPU", 2.0, 2.0, ours, plain)]
