"""Whole registrations over loopback HTTP against a stock echo bot: `serve` polls a stub, SQLite, every step durable."""

import shlex
import sqlite3
import sys
import tempfile
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from bench.bot_api_stub import COUNTED, TOKEN, Stub, text_message
from bench.goals import Measured, ratio
from bench.ptb_echo import BOT
from bench.ptb_memory import PEOPLE
from bench.registration import CLOCK, STEPS, fill, texts
from bench.timing import Variant, interleave, served
from storage.database import Database
from storage.schema import migrate

FEW = 10  # people of a small run
SERVE = (sys.executable, "-m", "bot", "serve")
BOT_ID = int(TOKEN.partition(":")[0])


class People:
    """What people type, all their first step, then all their second. `in_flight`: so many updates wait for their answer
    at any time; None: all wait in line from the start, and the bot takes them as it comes."""

    def __init__(self, in_flight: int | None = None, count: int = PEOPLE) -> None:
        self.in_flight, self.count = in_flight, count
        self.rounds = 0
        self._number = 0
        self._line: list[dict[str, Any]] = []

    def prepare(self, stub: Stub, updates: int) -> int:
        """Queue whole registrations, about that many updates; each is answered by one message or edit."""
        line = []
        for _ in range(max(1, updates // (self.count * STEPS))):
            for step in texts(self.rounds):
                for person in range(1, self.count + 1):
                    self._number += 1
                    line.append({"message": text_message(person, self._number, step)})
            self.rounds += 1
        count = len(line)
        first = len(line) if self.in_flight is None else self.in_flight
        self._line = line[first:][::-1]
        stub.feed(line[:first])
        return count

    def on_call(self, stub: Stub, method: str, _: bytes) -> None:
        """An answer came: the next of the line is typed."""
        if method.encode() in COUNTED and self._line:
            stub.feed([self._line.pop()])


def serve_environment(database: Path) -> dict[str, str]:
    """The settings of `serve` against a stub (see bench.timing.served), at the time that the people's texts are about."""
    return {
        "UURWIJZER_DATABASE_URL": f"sqlite:///{database}", "UURWIJZER_TELEGRAM_TOKEN": "{token}", "UURWIJZER_TELEGRAM_API": "{api}",
        "UURWIJZER_TELEGRAM_PACE": "0",
        "UURWIJZER_NOW": datetime.isoformat(CLOCK),
    }  # fmt: skip


def quiet(argv: tuple[str, ...], log: Path) -> tuple[str, ...]:
    """The command with its standard error in a file; the process stays the same one."""
    return "sh", "-c", f"exec {shlex.join(argv)} 2>{shlex.quote(str(log))}"


@lru_cache
def filled_file() -> bytes:
    """A migrated SQLite file with the people of the bench."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite"
        migrate(f"sqlite:///{path}", CLOCK)
        database = Database(f"sqlite:///{path}")
        fill(database, BOT_ID)
        database.close()
        return path.read_bytes()


def serving(updates: int, in_flight: int | None = None, count: int = PEOPLE) -> Variant:
    """A variant: `serve` handles about that many updates of so many people. AssertionError when a registration is missing."""

    def run() -> tuple[float, int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.sqlite"
            path.write_bytes(filled_file())
            people = People(in_flight, count)
            cost = served(
                quiet(SERVE, Path(folder) / "log"), updates, warm_up=count * STEPS, environment=serve_environment(path),
                prepare=people.prepare, on_call=people.on_call,
            )()
            booked = booked_moments(path)
            assert booked == people.rounds * count, f"{booked} moments booked, expected {people.rounds * count}"
            return cost

    return run


def booked_moments(path: Path) -> int:
    """Accepted moments in an SQLite file."""
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM moments WHERE state = 'accepted'").fetchone()[0])
    finally:
        connection.close()


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """CPU per update: what waits taken as it comes against the echo bot, and 64 in flight against 1."""
    count = FEW if small else PEOPLE
    updates = count * STEPS * (1 if small else 5)
    ours = partial(serving, updates, count=count)
    costs = interleave({"echo": served(BOT, updates), "line": ours(None), "1": ours(1), "64": ours(64)}, rounds)
    return [
        ratio("registrations over HTTP / stock PTB echo, CPU per update", 1.0, 0.6, costs["line"], costs["echo"]),
        ratio("64 in flight / 1 in flight, CPU per update", 1.2, 1.0, costs["64"], costs["1"]),
    ]
