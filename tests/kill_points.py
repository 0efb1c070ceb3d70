"""Processes that end by kill -9 at a named point between a press and its answer; what they import was paid for once, by a fork."""

import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from bot import outgoing, telegram_delivery, telegram_intake
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_transport import make_bot
from handlers import dispatch, registering
from storage import events, ledger
from storage.database import Database
from tests import fault_seeds as seeds

Wrapped = Callable[..., Any]


def die() -> None:
    """As if the power went: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    original = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        if when(*args, **more):
            die()
        return original(*args, **more)

    setattr(owner, name, wrapped)


def _after(owner: Any, name: str, when: Callable[[Any], bool] = lambda _: True) -> None:
    original = getattr(owner, name)
    if asyncio.iscoroutinefunction(original):
        async def wrapped(*args: Any, **more: Any) -> Any:
            found = await original(*args, **more)
            if when(found):
                die()
            return found
    else:
        def wrapped(*args: Any, **more: Any) -> Any:
            found = original(*args, **more)
            if when(found):
                die()
            return found

    setattr(owner, name, wrapped)


def _is_answer(_: Any, step: Any) -> bool:
    return "_answer" in step.__qualname__


def _before_commit() -> None:
    claimed: list[bool] = []
    _note(events, "claim", claimed)
    original = Database.__init__

    def opened(self: Database, *args: Any, **more: Any) -> None:
        original(self, *args, **more)
        event.listen(self.engine, "commit", lambda _: die() if claimed else None)

    Database.__init__ = opened  # type: ignore[method-assign]


def _note(owner: Any, name: str, seen: list[bool]) -> None:
    original = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        seen.append(True)
        return original(*args, **more)

    setattr(owner, name, wrapped)


def _after_commit() -> None:
    original = Database.step

    async def step(self: Database, given: Any) -> Any:
        found = await original(self, given)
        if _is_answer(None, given):
            die()
        return found

    Database.step = step  # type: ignore[method-assign]


def _between_calls() -> None:
    calls: list[str] = []

    def second(_bot: Any, method: str, **_: Any) -> bool:
        calls.append(method)
        return len(calls) == 2

    _before(telegram_delivery, "call", second)


# In the order in which a press passes them.
POINTS: dict[str, Callable[[], None]] = {
    "received": lambda: _after(telegram_intake, "fetch_updates", bool),
    "before the step": lambda: _before(Database, "step", _is_answer),
    "in the step": lambda: _before(dispatch, "handle"),
    "after the lock": lambda: _after(ledger, "lock"),
    "after the judgement": lambda: _after(registering, "judge"),
    "after the moment's row": lambda: _before(ledger, "_add_version"),
    "after the postings": lambda: _after(ledger, "post"),
    "after the event's row": lambda: _after(events, "claim"),
    "before the commit": _before_commit,
    "after the commit": _after_commit,
    "before sending": lambda: _before(telegram_delivery.Delivery, "send"),
    "between two calls": _between_calls,
    "after sending": lambda: _after(telegram_delivery.Delivery, "send"),
    "before noting": lambda: _before_noting(),
    "after noting": lambda: _after_noting(),
    "before confirming": lambda: _before(telegram_intake, "fetch_updates", lambda _, offset, *__, **___: offset > 0),
    "after confirming": lambda: _after_confirming(),
}
# What only a registration passes.
OF_A_MOMENT = ("after the lock", "after the judgement", "after the moment's row", "after the postings")


def _before_noting() -> None:
    for module in (outgoing, telegram_intake):
        _before(module, "note_sent", lambda _, pending, __: bool(pending))


def _after_noting() -> None:
    seen: list[bool] = []
    original = outgoing.note_sent

    def note(tx: Any, pending: Any, now: Any) -> None:
        original(tx, pending, now)
        if pending:
            seen.append(True)

    outgoing.note_sent = telegram_intake.note_sent = note  # type: ignore[assignment]
    _after(Telegram, "flush", lambda _: bool(seen))


def _after_confirming() -> None:
    original = telegram_intake.fetch_updates

    async def fetch(bot: Any, offset: int, wait: int, **more: Any) -> Any:
        found = await original(bot, offset, 0 if offset else wait, **more)
        if offset:
            die()
        return found

    telegram_intake.fetch_updates = fetch  # type: ignore[assignment]


def forked(work: Callable[[], Any]) -> int:
    """Run `work` in a copy of this process that ends afterwards, whatever happens; returns its id."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        logging.disable(logging.CRITICAL)
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended_by(process: int) -> int:
    """Wait for a process; the signal that ended it, 0 when it ended by itself and well, -1 when it failed."""
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    return 0 if os.WEXITSTATUS(status) == 0 else -1


def poll(url: str, api: str, token: str, point: str | None = None, ready: int | None = None) -> None:
    """Be the bot, until somebody or `point` ends it; SIGTERM ends it in good order. `ready`: a pipe that is closed once it listens."""
    if point is not None:
        POINTS[point]()

    async def run() -> None:
        database = Database(url)
        telegram = Telegram(make_bot(token, api), database, seeds.WORLD, lambda: seeds.NOW, pace=Pace(0))
        await telegram.begin()
        polling = asyncio.create_task(telegram.poll())
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        if ready is not None:
            os.close(ready)
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([waiting, polling], return_when=asyncio.FIRST_COMPLETED)
        polling.cancel()
        await telegram.end()
        database.close()

    asyncio.run(run())
