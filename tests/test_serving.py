"""`serve` as a process: a conversation over HTTP, a clean end, what was owed at the next start; and a database that is away."""

import asyncio
import errno
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import serving
from bot.scheduling import Schedule
from bot.settings import read_settings
from handlers.world import World
from storage.database import BusyError, Database, MissingError
from storage.tables import moments
from tests import fault_seeds as seeds
from tests.databases import Engines
from tests.telegram_people import Person
from tests.telegram_standin import Standin, standin_thread

ROOT = Path(__file__).resolve().parents[1]
LINE = "/presentie 10/6 14u-15u praatcafé, 3 bezoekers"
SECRET = "a-secret-of-the-webhook"
QUIET = 0.1  # seconds without a call after which the process has said all: it may be kept waiting between two calls


@pytest.fixture
def telegram() -> Iterator[Standin]:
    with standin_thread() as standin:
        yield standin


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Served:
    """Processes of `serve` on one database, and Lotte who is linked."""

    def __init__(self, url: str, telegram: Standin | None, folder: Path) -> None:
        self.url, self.telegram, self.folder = url, telegram, folder
        self.processes: list[subprocess.Popen[str]] = []
        self.told = ""
        self.lotte: Person | None = telegram.person("Lotte") if telegram else None
        self.run(self._seed)

    def _seed(self, tx: Any) -> None:
        persons = seeds.fill_pool(tx, 1, 600, 0)
        if self.lotte and self.telegram:
            seeds.link(tx, persons[0], str(self.lotte.user["id"]), "telegram", str(self.telegram.bot["id"]))

    def run(self, step: Any) -> Any:
        database = Database(self.url)
        try:
            return database.run(step)
        finally:
            database.close()

    def start(self, ready: bool = True, **more: str) -> subprocess.Popen[str]:
        """A process; returns when it says that it is ready (or has ended)."""
        unwanted = ("PYTHONDONTWRITEBYTECODE", "UURWIJZER_")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
        environment |= {"PYTHONPATH": str(ROOT), "UURWIJZER_DATABASE_URL": self.url, "UURWIJZER_NOW": "2026-06-15T09:00:00"}
        if self.telegram:
            environment |= {"UURWIJZER_TELEGRAM_API": self.telegram.url, "UURWIJZER_TELEGRAM_TOKEN": self.telegram.token}
        environment |= {f"UURWIJZER_{key}": value for key, value in more.items()}
        command = [sys.executable, "-m", "bot", "serve"]
        process = subprocess.Popen(command, cwd=self.folder, env=environment, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        if ready:
            told = []
            for line in process.stderr or ():
                told.append(line)
                if line.startswith("ready"):
                    self.told = line.strip()
                    break
            else:
                raise AssertionError("".join(told))
        return process

    def stop(self, process: subprocess.Popen[str]) -> str:
        """SIGTERM; what it said until its end, which comes within ten seconds and is a good one."""
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=10)
        assert process.returncode == 0, told
        return told


@pytest.fixture
def served(engines: Engines, telegram: Standin, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    found = Served(engines.with_tables(getattr(request, "param", "sqlite")), telegram, tmp_path)
    yield found
    for each in found.processes:
        with suppress(OSError):
            each.kill()
        each.wait(10)
        if each.stderr:
            each.stderr.close()
    engines.drop(found.url)


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True)
def test_polling_from_start_to_end_and_on(served: Served) -> None:
    lotte, telegram = served.lotte, served.telegram
    assert lotte
    assert telegram
    first = served.start()
    lotte.say(LINE)
    telegram.settled(10, QUIET)
    lotte.press("Bevestigen")
    telegram.settled(10, QUIET)
    assert lotte.last.text.startswith("Geboekt")
    told = served.stop(first)
    assert telegram.token not in told
    # A press while nobody serves, and an answer that could not be sent before the end, come at the next start.
    telegram.fail_next("sendMessage", "429", times=None, retry_after=60)
    second = served.start()
    lotte.say("/saldo")
    telegram.settled(10, QUIET, answer=False)
    served.stop(second)
    telegram.heal()
    before = len(lotte.replies)
    lotte.press("Ongedaan maken")
    third = served.start()
    telegram.settled(10, QUIET)
    served.stop(third)
    assert len(lotte.replies) == before + 1, "the balance"
    assert telegram.unanswered() == []
    assert [row.state for row in served.run(lambda tx: tx.execute(select(moments)).all())] == ["cancelled"]


def test_the_webhook_takes_what_telegram_sends_and_nothing_else(served: Served) -> None:
    lotte, telegram = served.lotte, served.telegram
    assert lotte
    assert telegram
    port = free_port()
    hook = f"http://127.0.0.1:{port}/telegram/webhook"
    process = served.start(PORT=str(port), TELEGRAM_WEBHOOK_URL=hook, TELEGRAM_WEBHOOK_SECRET=SECRET)
    lotte.say(LINE)
    telegram.settled(10, QUIET)
    lotte.press("Bevestigen")
    telegram.settled(10, QUIET)
    assert lotte.last.text.startswith("Geboekt")
    update = b'{"update_id": 1, "message": {}}'
    headers = {"Content_Type": "application/json", "X_Telegram_Bot_Api_Secret_Token": SECRET}
    path = "/telegram/webhook"
    cases: list[tuple[int, str, str, bytes | None, dict[str, str]]] = [
        (200, "POST", path, update, headers),
        (403, "POST", path, update, {"Content_Type": "application/json"}),
        (403, "POST", path, update, {**headers, "X_Telegram_Bot_Api_Secret_Token": SECRET + "x"}),
        (403, "POST", path, update, {**headers, "X_Telegram_Bot_Api_Secret_Token": "é"}),
        (405, "GET", path, None, headers),
        (405, "DELETE", path, None, headers),
        (415, "POST", path, update, {**headers, "Content_Type": "text/plain"}),
        (413, "POST", path, b"[" + b" " * 1_100_000 + b"]", headers),
        (400, "POST", path, b"{", headers),
        (400, "POST", path, b"[1]", headers),
        (400, "POST", path, b'{"update_id": "x"}', headers),
        (400, "POST", path, b"\xff\xfe", headers),
        (400, "POST", path, b"[" * 200_000, headers),
        (404, "GET", "/", None, {}),
        (404, "GET", "/telegram", None, {}),
        (404, "GET", "/metrics", None, {}),
        (200, "GET", "/healthz", None, {}),
        (200, "GET", "/readyz", None, {}),
    ]
    for status, method, where, body, given in cases:
        found, answer = ask(port, method, where, body, **given)
        assert found == status, (method, where, body and body[:40], given)
        assert SECRET.encode() not in answer
        assert len(answer) < 40, "a word, no detail"
    assert telegram.webhook["secret"] == SECRET
    served.stop(process)
    assert len(served.run(seeds.accepted)) == 1


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = served.start(ready=False, PORT=str(port))
        _, told = process.communicate(timeout=20)
    assert process.returncode == 3
    cure = "it is in use, perhaps by another `serve`: stop that one, or choose another port"
    assert f"UURWIJZER_PORT {port} cannot be opened on 127.0.0.1: {cure}.\n" in told
    assert "Traceback" not in told


def test_a_port_that_needs_rights_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import web

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied (while attempting to bind on address ('127.0.0.1', 80))")

    monkeypatch.setattr(web.socket, "create_server", refuse)
    with pytest.raises(web.PortError, match=r"127\.0\.0\.1: ports below 1024 need rights: choose 8080 behind a proxy\.$"):
        web.open_port(read_settings({"UURWIJZER_PORT": "80"}, tmp_path))


def test_metrics_are_for_who_has_the_token(served: Served) -> None:
    port = free_port()
    served.telegram = None
    served.start(PORT=str(port), METRICS_TOKEN="fictional-token")
    assert ask(port, "GET", "/metrics")[0] == 404
    assert ask(port, "GET", "/metrics", Authorization="Bearer wrong")[0] == 404
    status, body = ask(port, "GET", "/metrics", Authorization="Bearer fictional-token")
    assert (status, body.splitlines()[0]) == (200, b"uurwijzer_moments 0")


def test_two_that_poll_lose_and_double_nothing(served: Served) -> None:
    lotte, telegram = served.lotte, served.telegram
    assert lotte
    assert telegram
    processes = [served.start(), served.start()]
    for day in (8, 9, 10):
        lotte.say(LINE.replace("10/6", f"{day}/6"))
        telegram.settled(20)
        lotte.press("Bevestigen")
        telegram.settled(20)
    told = [served.stop(each) for each in processes]
    assert len(served.run(seeds.accepted)) == 3
    assert sum(text.startswith("Geboekt") for text in (each.text for each in lotte.replies)) == 3
    assert all(each.count("another process polls") <= 2 for each in told), "said, and not shouted"


def test_a_refused_token_ends_serve_with_a_sentence_unless_the_web_part_goes_on(served: Served) -> None:
    assert served.telegram
    served.telegram.token = served.telegram.token.replace("0", "1")
    bad = {"TELEGRAM_TOKEN": "700:AAFictional-token-of-somebody-else-1"}
    process = served.start(ready=False, **bad)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 8
    assert told.count("UURWIJZER_TELEGRAM_TOKEN") == 1
    assert "ready" not in told.split()
    port = free_port()
    process = served.start(PORT=str(port), **bad)
    assert served.told.startswith("ready, but without Telegram: it refuses UURWIJZER_TELEGRAM_TOKEN, copy the token again")
    wait_for_port(port)
    assert ask(port, "GET", "/healthz")[0] == 200
    assert ask(port, "GET", "/readyz") == (503, b"not ready")
    served.stop(process)


def test_a_platform_that_is_away_at_the_start_is_tried_again(served: Served) -> None:
    lotte, telegram = served.lotte, served.telegram
    assert lotte
    assert telegram
    telegram.fail_next("getMe", "502_html", times=1)
    process = served.start()
    assert served.told.startswith("ready, but Telegram cannot be reached yet")
    lotte.say("/saldo")
    telegram.settled(10, QUIET)
    served.stop(process)
    assert lotte.replies


def wait_for_port(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        threading.Event().wait(0.02)
    raise AssertionError("nobody listens")


def test_serve_without_a_database_makes_none(served: Served, tmp_path: Path) -> None:
    process = served.start(ready=False, DATABASE_URL=f"sqlite:///{tmp_path / 'gone.db'}")
    _, told = process.communicate(timeout=20)
    assert process.returncode == 5
    assert "migrate" in told
    assert not (tmp_path / "gone.db").exists()


async def test_a_database_that_takes_nothing_is_one_line_and_a_clean_end(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    class Full(Database):
        async def step(self, step: Any) -> Any:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    database, stop, owed = Full(served.url), asyncio.Event(), asyncio.Event()
    schedule = Schedule(database, World(books={}), lambda: seeds.NOW)
    assert await schedule.tick()
    (line,) = caplog.records
    assert line.getMessage().startswith("The disk of the database is full: make room there.")
    assert line.exc_info is None
    caplog.clear()
    stop.set()
    await serving._keep_schedule(schedule, stop, owed)
    assert [each.getMessage().split(":")[0] for each in caplog.records] == ["The disk of the database is full"]
    database.close()


# The file


@pytest.fixture
def file(engines: Engines, tmp_path: Path) -> tuple[Database, Path, int]:
    """A database file with a person who has a pool."""
    path = tmp_path / "uurwijzer.db"
    shutil.copyfile(engines.with_tables("sqlite").removeprefix("sqlite:///"), path)
    database = Database(f"sqlite:///{path}")
    (person,) = database.run(lambda tx: seeds.fill_pool(tx, 1, 600, 0))
    return database, path, person


async def book(database: Database, person: int, key: str, **more: int) -> Any:
    return await database.step(lambda tx: seeds.register(tx, person, key, **more))


@pytest.mark.parametrize("kind", ["writes", "reads"])
async def test_a_locked_database_is_busy_and_works_again(file: tuple[Database, Path, int], kind: str) -> None:
    database, path, person = file
    await database.step(seeds.accepted)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE" if kind == "writes" else "BEGIN")
        other.execute("SELECT * FROM moments").fetchall()
        results = await asyncio.gather(*(book(database, person, f"m-{number}") for number in range(3)), return_exceptions=True)
        assert [type(each) for each in results] == [BusyError] * 3
        if kind == "reads":  # a commit that failed must not keep others out
            assert sqlite3.connect(path, timeout=0).execute("SELECT count(*) FROM moments").fetchone() == (0,)
        with pytest.raises(BusyError):
            database.run(lambda tx: seeds.register(tx, person, "m"))
        other.execute("ROLLBACK")
    assert await database.step(seeds.accepted) == []
    assert (await book(database, person, "m-0")).moment
    database.close()


async def test_a_removed_file_is_told_and_never_made_anew(file: tuple[Database, Path, int]) -> None:
    database, path, person = file
    await book(database, person, "m-0")
    path.rename(path.with_suffix(".away"))
    for _ in range(2):
        with pytest.raises(MissingError, match="restore"):
            await book(database, person, "m-1")
        with pytest.raises(MissingError):
            database.run(seeds.accepted)
    assert not path.exists()
    path.with_suffix(".away").rename(path)
    assert await database.step(seeds.accepted) == [1], "what failed was not booked"
    shutil.copyfile(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)
    await database.step(lambda tx: tx.execute(moments.update().values(state="cancelled")))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT state FROM moments").fetchall() == [("cancelled",)], "in the file that is there now"
    database.close()


def test_only_who_asks_for_it_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "with % and é.db"
    for url in (f"sqlite:///{path}", f"sqlite:///{tmp_path / 'no' / 'folder.db'}"):
        with pytest.raises(MissingError):
            Database(url).run(seeds.accepted)
    assert list(tmp_path.iterdir()) == []
    made = Database(f"sqlite:///{path}", create=True)
    made.run(lambda tx: None)
    made.close()
    assert path.exists()


async def test_a_full_disk_undoes_all_and_works_again(file: tuple[Database, Path, int], tmp_path: Path) -> None:
    database, path, person = file
    database.close()
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(small)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system of its own: {mounted.stderr.strip()}")
    try:
        shutil.copyfile(path, small / "full.db")
        database = Database(f"sqlite:///{small / 'full.db'}")
        await book(database, person, "m-0")
        (small / "filler").write_bytes(b"x" * 4096)
        with suppress(OSError), (small / "filler").open("ab") as filler:
            while True:
                filler.write(b"x" * 4096)
                filler.flush()
        failures, another = 0, {"minutes": 30, "at": seeds.EVENING}
        for number in range(1, 4):
            with pytest.raises(Exception, match=r"full|disk"):
                await asyncio.gather(*(book(database, person, f"{each}-{number}", **another) for each in "mn"))
            failures += 1
        (small / "filler").unlink()
        assert await database.step(seeds.accepted) == [1]
        assert (await database.step(lambda tx: seeds.register(tx, person, "after", **another))).moment
        database.close()
        with closing(sqlite3.connect(small / "full.db")) as other:
            assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert failures == 3
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=False)
