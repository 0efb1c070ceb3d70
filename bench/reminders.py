"""Thousands of owed messages due at once: `serve` against a stub that keeps Telegram's limits and answers 429 beyond them."""

import statistics
import tempfile
import time
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path

from sqlalchemy import insert

from bench.bot_api_stub import CHAT, Stub, stub_thread, text_message
from bench.goals import Measured
from bench.http import BOT_ID, SERVE, filled_file, quiet, serve_environment
from bench.memory import polling
from bench.registration import CLOCK
from bench.timing import process_cpu
from storage.database import Database
from storage.tables import accounts, outbox

A_SECOND = 30
FIRST = 1000  # the first of those who get a message; the people who ask have lower numbers
ASKED = 12  # questions in the middle of it, and as many when all is quiet
PATIENCE = 120.0  # seconds beyond the floor


class LimitedStub(Stub):
    """Takes 30 messages in any second and one in any second of a chat; says 429 to the others."""

    def __init__(self) -> None:
        super().__init__()
        self.recent: deque[float] = deque(maxlen=A_SECOND)
        self.taken: list[tuple[float, int]] = []
        self.refused = 0

    def refuses(self, method: bytes, body: bytes) -> int:
        """One second for a message too many."""
        if method != b"sendMessage":
            return 0
        now, chat = time.monotonic(), CHAT.search(body)
        if len(self.recent) == A_SECOND and now - self.recent[0] < 1:
            self.refused += 1
            return 1
        self.recent.append(now)
        self.taken.append((now, int(chat[1]) if chat else 0))
        return 0

    def told(self) -> list[float]:
        """When each message left to those who are told something."""
        return [at for at, chat in self.taken if chat >= FIRST]

    def ask(self, person: int) -> float:
        """Somebody asks for her balance; the seconds until her answer."""
        seen, began = len(self.taken), time.monotonic()
        self.feed([{"message": text_message(person, 10_000 + len(self.taken), "/saldo")}])
        while not any(chat == person for _, chat in self.taken[seen:]):
            assert time.monotonic() < began + PATIENCE, "no answer came"
            time.sleep(0.002)
        return next(at for at, chat in self.taken[seen:] if chat == person) - began


def fill(path: Path, count: int) -> None:
    """So many accounts, each owed a message."""
    database = Database(f"sqlite:///{path}")
    rows = [
        {"platform": "telegram", "workspace": str(BOT_ID), "user": str(n), "chat": str(n), "person": 1 + n % 50}
        for n in range(FIRST, FIRST + count)
    ]
    with database.engine.begin() as tx:
        tx.execute(insert(accounts), rows)
        made = tx.execute(accounts.select().where(accounts.c.user.in_([row["user"] for row in rows])) if count < 500 else accounts.select())
        told = {"told": "report", "reference": "BENCH"}
        tx.execute(
            insert(outbox),
            [
                {"key": f"bench:{row.id}", "account": row.id, "told": told, "due_at": CLOCK.replace(year=2025)}
                for row in made if int(row.user) >= FIRST
            ],
        )  # fmt: skip
    database.close()


def broadcast(count: int) -> dict[str, float]:
    """One broadcast: its seconds over the floor, the share of a core, refusals, repeats, and how much later answers come."""
    with tempfile.TemporaryDirectory() as folder, stub_thread(stub=(stub := LimitedStub())):
        path = Path(folder) / "bench.sqlite"
        path.write_bytes(filled_file())
        with polling(quiet(SERVE, Path(folder) / "log"), stub, {**serve_environment(path), "UURWIJZER_TELEGRAM_PACE": ""}) as pid:
            idle = []
            for person in range(1, 1 + ASKED):
                idle.append(stub.ask(person))
                time.sleep(0.1)
            fill(path, count)
            before = process_cpu(pid)
            _until(lambda: len(stub.told()) > min(60, count // 4), PATIENCE)
            busy = []
            for person in range(1, 1 + ASKED):
                busy.append(stub.ask(person))
                time.sleep(0.37)
            _until(lambda: len(stub.told()) >= count, count / A_SECOND + PATIENCE)
            times = stub.told()
            wall = times[-1] - times[0]
            spent = process_cpu(pid) - before
            floor = (count - 1 + ASKED) / A_SECOND
            chats = Counter(chat for _, chat in stub.taken if chat >= FIRST)
            return {
                "wall": wall / floor, "core": 100 * spent / wall, "refused": float(stub.refused),
                "doubled": float(sum(chats.values()) - len(chats)), "lost": float(count - len(chats)),
                "later": 1000 * (max(busy) - statistics.median(idle)),
            }  # fmt: skip


def killed(count: int) -> tuple[int, int]:
    """A broadcast killed in the middle and begun anew: how many messages were lost, how many came twice."""
    with tempfile.TemporaryDirectory() as folder, stub_thread(stub=(stub := LimitedStub())):
        path = Path(folder) / "bench.sqlite"
        path.write_bytes(filled_file())
        fill(path, count)
        environment = {**serve_environment(path), "UURWIJZER_TELEGRAM_PACE": ""}
        for until in (count // 2, count):
            stub.calls.clear()
            with polling(quiet(SERVE, Path(folder) / "log"), stub, environment), suppress(AssertionError):
                _until(lambda until=until: len({chat for _, chat in stub.taken if chat >= FIRST}) >= until, count / A_SECOND + PATIENCE)
        chats = Counter(chat for _, chat in stub.taken if chat >= FIRST)
        return count - len(chats), sum(chats.values()) - len(chats)


def _until(done: object, patience: float) -> None:
    end = time.monotonic() + patience
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.05)


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """5,000 messages take most of three minutes a round, so at most three rounds are made; and one broadcast is killed."""
    seen = [broadcast(300 if small else 5000) for _ in range(1 if small else min(rounds, 3))]
    lost, doubled = killed(120 if small else 600)

    def figures(name: str) -> tuple[float, ...]:
        return tuple(each[name] for each in seen)

    return [
        Measured("seconds / what the limit asks for", 1.03, 1.01, figures("wall")),
        Measured("share of a core", 5, 2, figures("core"), unit="%"),
        Measured("answered 429", 0, 0, figures("refused"), unit="messages"),
        Measured("lost or doubled", 0, 0, tuple(each["lost"] + each["doubled"] for each in seen), unit="messages"),
        Measured("an answer meanwhile, the slowest of 12 later than when idle", 150, 40, figures("later"), unit="ms"),
        Measured("lost over a kill", 0, 0, (float(lost),), unit="messages, measured once"),
        Measured("doubled over a kill", 1, 0, (float(doubled),), unit="messages, measured once"),
    ]
