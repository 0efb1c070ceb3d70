"""Telegram's limits are kept whatever is sent: simulated time, no waiting."""

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable

import pytest

from bot.telegram_pace import Pace


class Time:
    """Time that passes only when everybody sleeps."""

    def __init__(self) -> None:
        self.now, self.sleepers, self.count = 0.0, [], 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.count += 1
        woken = asyncio.Event()
        heapq.heappush(self.sleepers, (self.now + seconds, self.count, woken))
        await woken.wait()

    async def run(self, *jobs: Awaitable[None]) -> None:
        tasks = [asyncio.ensure_future(job) for job in jobs]
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self.sleepers:
                self.now, _, woken = heapq.heappop(self.sleepers)
                woken.set()
        for task in tasks:
            task.result()


def most_within(times: list[float], seconds: float) -> int:
    times = sorted(times)
    return max(sum(1 for each in times if start <= each < start + seconds - 1e-9) for start in times)


def sender(pace: Pace, time: Time, left: list[tuple[float, str]]) -> Callable[[str, bool], Awaitable[None]]:
    async def send(chat: str, live: bool) -> None:
        await pace.turn(chat, live=live)
        left.append((time.now, chat))

    return send


@pytest.mark.parametrize("seed", range(5))
async def test_never_more_than_the_limits_whatever_is_sent(seed: int) -> None:
    time, left, choose = Time(), [], random.Random(seed)
    send = sender(Pace(sleep=time.sleep, time=time), time, left)

    async def broadcast() -> None:
        for number in range(300):
            await send(choose.choice([str(number), "7", "-100"]), False)

    async def person(number: int) -> None:
        for _ in range(10):
            await time.sleep(choose.uniform(0.1, 2))
            await send(str(1000 + number), True)

    await time.run(broadcast(), *(person(number) for number in range(15)))
    assert len(left) == 450
    assert most_within([at for at, _ in left], 1.0) <= 30
    assert most_within([at for at, chat in left if chat == "-100"], 60.0) <= 20
    assert most_within([at for at, chat in left if chat == "7"], 1.0) == 1


@pytest.mark.parametrize("seed", range(2))
async def test_never_too_many_arrive_however_long_each_is_on_its_way(seed: int) -> None:
    time, arrived, choose = Time(), [], random.Random(seed)
    pace = Pace(sleep=time.sleep, time=time)

    async def send(chat: str, live: bool) -> None:
        departure = await pace.turn(chat, live=live)
        await time.sleep(choose.choice([0.001, 0.003, 0.2]))
        arrived.append((time.now, chat))
        await time.sleep(choose.choice([0.0, 0.001, 0.1]))
        pace.arrived(departure)

    async def broadcast(group: str) -> None:
        for number in range(100):
            await send(f"-{group}" if number % 20 == 0 else f"{group}{number}", False)

    async def person(number: int) -> None:
        for _ in range(10):
            await time.sleep(choose.uniform(0.1, 2))
            await send(str(1000 + number), True)

    await time.run(*(broadcast(str(group)) for group in range(20, 32)), *(person(number) for number in range(15)))
    assert len(arrived) == 1350
    assert most_within([at for at, _ in arrived], 1.0) <= 30
    assert most_within([at for at, chat in arrived if chat == "-20"], 60.0) <= 20


async def test_a_broadcast_takes_the_time_that_the_limit_sets_and_little_more() -> None:
    time, left = Time(), []
    send = sender(Pace(sleep=time.sleep, time=time), time, left)

    async def broadcast() -> None:
        for number in range(5000):
            await send(str(number), False)

    await time.run(broadcast())
    assert 4999 / 30 - 1e-6 <= time.now <= 4999 / 30 * 1.02


async def test_who_waits_for_an_answer_goes_first() -> None:
    time, left = Time(), []
    send = sender(Pace(sleep=time.sleep, time=time), time, left)
    waited = []

    async def broadcast() -> None:
        for number in range(300):
            await send(str(number), False)

    async def person() -> None:
        for _ in range(5):
            await time.sleep(1.01)
            asked = time.now
            await send("42000", True)
            waited.append(time.now - asked)

    await time.run(broadcast(), person())
    assert max(waited) <= 0.040


async def test_a_broadcast_waits_out_the_pause_that_telegram_asks_for() -> None:
    time, left = Time(), []
    pace = Pace(sleep=time.sleep, time=time)
    send = sender(pace, time, left)
    pace.pause(17)
    await time.run(send("1", False), send("2", True))
    assert {chat: at for at, chat in left} == {"1": 17.0, "2": 0.0}
