"""Slack over loopback HTTP: a form submitted, booked and committed until its acknowledgement, and a slash command until its answer."""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.bot_api_stub import TOKEN as TELEGRAM_TOKEN
from bench.goals import Measured, ratio
from bench.http import SERVE, booked_moments, quiet
from bench.registration import CLOCK, FIRST_DAY, fill
from bench.slack_stub import SECRET, TEAM, TOKEN, Answer, WebApi, ask_all, command, lines, request_of, submission
from bench.timing import ROOT, _environment
from storage.database import Database
from storage.schema import migrate
from storage.tables import accounts

IN_FLIGHT, PEOPLE, WAVES = 16, 64, 5
BOLT = (sys.executable, "-m", "bench.bolt_ack")
NOTED = 0.4  # seconds after the last answer within which ours has noted that it was sent
HOMES = 6.0  # seconds: more than between two looks at what Homes show
PATIENCE = 60.0


@dataclass(frozen=True)
class Side:
    """A server that was started, and the port on which it listens."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        """User and system CPU seconds of the server's process until now, all its threads (Linux)."""
        return time.clock_gettime(~self.process.pid << 3 | 2)


@dataclass
class Cost:
    """What requests cost, in seconds: the server's CPU per request in each wave, all of it and until the last one was answered, and how
    long each request waited for its answer."""

    cpu: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)

    @property
    def each(self) -> float:
        """CPU per request: of the wave in the middle, for every five seconds Homes are looked at in one of them."""
        return statistics.median(self.cpu)

    @property
    def until_answered(self) -> float:
        """CPU per request until it was answered, of the wave in the middle."""
        return statistics.median(self.answered)

    @property
    def p99(self) -> float:
        """What 99 of 100 requests stay below."""
        return statistics.quantiles(self.walls, n=100, method="inclusive")[98]


class Story:
    """The same people on both sides: each wave they all fill in the form of another day."""

    def __init__(self, api: WebApi, people: int) -> None:
        self.api, self.people, self.wave, self._number = api, range(1, people + 1), 0, 0

    def number(self) -> int:
        """What no other request had."""
        self._number += 1
        return self._number

    async def judged(self, ours: Side) -> list[dict[str, Any]]:
        """What submits the form of each person, seen as the rules judged it."""
        values = {"day": (FIRST_DAY + timedelta(days=self.wave)).isoformat(), "start": "14:00", "length": "9 min", "text": "samen koken",
                  "present": "3 bezoekers", "declared": "yes"}  # fmt: skip
        self.wave += 1
        self.api.opened.clear()
        asked = [command(each, "presentie", self.number()) for each in self.people]
        await _answers(ours, asked)
        await _until(lambda: len(self.api.opened) == len(asked))
        views = [self.api.opened[each["trigger_id"]] for each in asked]
        filled = [submission(each, view, values, self.number()) for each, view in zip(self.people, views, strict=True)]
        found = [json.loads(body)["view"] for _, _, body in await _answers(ours, filled)]
        return [submission(each, view, values, self.number()) for each, view in zip(self.people, found, strict=True)]

    def commands(self) -> list[dict[str, Any]]:
        """Everybody asks for her balance."""
        return [command(each, "saldo", self.number()) for each in self.people]


async def _answers(side: Side, bodies: Sequence[dict[str, Any]]) -> list[Answer]:
    async with lines(side.port, IN_FLIGHT) as open_:
        found = await ask_all(open_, [request_of(each) for each in bodies])
    assert {status for _, status, _ in found} == {200}, found[0]
    return found


async def _until(done: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "Slack was not called as often as expected"
        await asyncio.sleep(0.01)


async def _measured(side: Side, bodies: Sequence[dict[str, Any]], cost: Cost, api: WebApi, messages: int) -> list[bytes]:
    """Send these, wait for the messages that each leads to, add what that cost; returns the answers."""
    requests = [request_of(body) for body in bodies]
    async with lines(side.port, IN_FLIGHT) as open_:
        posted, before = api.posted, side.cpu()
        found = await ask_all(open_, requests)
        cost.answered.append((side.cpu() - before) / len(requests))
        await _until(lambda: api.posted - posted >= messages * len(requests))
        await asyncio.sleep(NOTED)
        cost.cpu.append((side.cpu() - before) / len(requests))
    cost.walls += [seconds for seconds, _, _ in found]
    assert {status for _, status, _ in found} == {200}
    return [body for _, _, body in found]


@asynccontextmanager
async def serving(argv: Sequence[str], port: int, request: bytes, environment: dict[str, str], log: Path) -> AsyncIterator[Side]:
    """A server that was started and answers this request with 200; it is killed afterwards."""
    process = subprocess.Popen(quiet(tuple(argv), log), cwd=ROOT, env=_environment() | environment, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, f"{argv} does not answer: {log.read_text()}"
            try:
                async with lines(port, 1) as open_:
                    if (await open_[0].ask(request))[0] == 200:
                        break
            except OSError:
                pass
            await asyncio.sleep(0.1)
        yield Side(process, port)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of loopback on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        return int(made.getsockname()[1])


def _fill(path: Path, people: int) -> None:
    migrate(f"sqlite:///{path}", CLOCK)
    database = Database(f"sqlite:///{path}")
    fill(database, int(TELEGRAM_TOKEN.partition(":")[0]), people)
    rows = [{"platform": "slack", "workspace": TEAM, "user": f"U{n}", "chat": f"U{n}", "person": n} for n in range(1, people + 1)]
    database.run(lambda tx: tx.execute(accounts.insert(), rows))
    database.close()


async def _round(ours: Side, bolt: Side, story: Story, waves: int) -> dict[str, Cost]:
    """The cost of each kind of request on each side; the sides take turns in going first. Commands begin when all is done that the
    forms brought: the Homes of who booked are published within some seconds."""
    costs = {name: Cost() for name in ("submit", "bolt submit", "command", "bolt command")}
    sides = {"": ours, "bolt ": bolt}
    turns = [list(sides)[:: 1 if wave % 2 else -1] for wave in range(waves)]
    for turn in turns:
        filled = await story.judged(ours)
        for name in turn:
            answers = await _measured(sides[name], filled, costs[f"{name}submit"], story.api, 0 if name else 1)
            assert name or all(b"clear" in each for each in answers), answers[0]
    await _idle(ours)
    for turn in turns:
        asked = story.commands()
        for name in turn:
            answers = await _measured(sides[name], asked, costs[f"{name}command"], story.api, 0)
            assert all(b"ephemeral" in each if not name else b"Nog" in each for each in answers), answers[0]
    return costs


async def _idle(side: Side) -> None:
    """Wait until a server has done next to nothing for longer than its rounds are apart."""
    before = side.cpu()
    while True:
        await asyncio.sleep(HOMES)
        if (now := side.cpu()) - before < 0.02 * HOMES:
            return
        before = now


async def _run(folder: Path, rounds: int, people: int, waves: int) -> list[dict[str, Cost]]:
    path, ports, api = folder / "bench.sqlite", (free_port(), free_port()), WebApi()
    _fill(path, people)
    await api.start()
    settings = {
        "UURWIJZER_DATABASE_URL": f"sqlite:///{path}", "UURWIJZER_SLACK_BOT_TOKEN": TOKEN, "UURWIJZER_SLACK_SIGNING_SECRET": SECRET,
        "UURWIJZER_SLACK_API": api.url, "UURWIJZER_PORT": str(ports[0]), "UURWIJZER_NOW": CLOCK.isoformat(),
    }  # fmt: skip
    first = request_of(command(0, "saldo", 0))
    async with (
        serving(SERVE, ports[0], first, settings, folder / "ours.log") as ours,
        serving((*BOLT, api.url, str(ports[1])), ports[1], first, {}, folder / "bolt.log") as bolt,
    ):
        story = Story(api, people)
        found = [await _round(ours, bolt, story, waves) for _ in range(rounds + 1)]
    api.stop()
    booked, expected = booked_moments(path), story.wave * people
    assert booked == expected, f"{booked} moments booked, expected {expected}"
    return found[1:]  # the first one warms up


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """Wall time and CPU per request until it is acknowledged with its durable commit, and the CPU of all that it brings: for a
    submission the booking, and the receipt that is sent and noted as sent."""
    with tempfile.TemporaryDirectory() as folder:
        costs = asyncio.run(_run(Path(folder), rounds, IN_FLIGHT if small else PEOPLE, 1 if small else WAVES))
    seen = {name: [each[name] for each in costs] for name in costs[0]}
    wall = {name: [each.p99 for each in found] for name, found in seen.items()}
    cpu = {name: [each.each for each in found] for name, found in seen.items()}
    acked = {name: [each.until_answered for each in found] for name, found in seen.items()}

    def said(name: str) -> str:
        figures = (statistics.median(each) for each in (wall[name], wall[f"bolt {name}"], cpu[name], cpu[f"bolt {name}"]))
        ours, theirs, spent, spent_there = (f"{1000 * each:.1f}" for each in figures)
        return f"median: p99 {ours} ms against {theirs} ms, CPU {spent} ms against {spent_there} ms"

    return [
        ratio("submission / bare Bolt, wall until acknowledged, p99", 0.5, 0.3, wall["submit"], wall["bolt submit"], note=said("submit")),
        ratio("submission / bare Bolt, CPU until acknowledged", 1.2, 0.6, acked["submit"], acked["bolt submit"]),
        ratio("submission / bare Bolt, CPU until booked, receipt sent", 1.2, 0.6, cpu["submit"], cpu["bolt submit"]),
        ratio("slash command / bare Bolt, wall until answered, p99", 0.5, 0.3, wall["command"], wall["bolt command"], note=said("command")),
        ratio("slash command / bare Bolt, CPU", 1.2, 0.6, cpu["command"], cpu["bolt command"]),
    ]
