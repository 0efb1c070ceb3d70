"""What leaves through one bot: answers and the messages that are owed; that they were sent is noted with a commit that comes anyway."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.answering import Calls
from storage import accounts, drafts, events, outbox
from storage.accounts import Session
from storage.database import Database
from storage.outbox import Owed

NOTE_SECONDS = 0.2  # what was sent is noted with the next commit, or by itself after this
LATER = timedelta(seconds=60)  # what could not be sent is taken up again after this, by whichever process comes first
Note = tuple[str, int | None, str | None]  # the key of an event, the account, where its card stands now (None: where it stood)


class UnreachableError(Exception):
    """The person is gone or wants no messages, or the chat is gone: nothing more can be sent there."""


class GivenUpError(Exception):
    """Trying again would not help, or would say it a third time."""


class RefusedError(Exception):
    """The platform does not know the token any more."""


class LaterError(Exception):
    """What is `left` of the calls surely did not arrive; it can be tried again after `seconds`."""

    def __init__(self, left: Calls, seconds: float, why: str) -> None:
        super().__init__(why)
        self.left, self.seconds = left, seconds


@dataclass(frozen=True, slots=True)
class Shown:
    """What the platform calls what was sent: "draft:message" of the card, if one was shown, and the last message that has words."""

    card: str | None = None
    message: str | None = None


class Sends(Protocol):
    """Makes calls of a platform, in their order; `live`: somebody waits for them. Raises the errors above."""

    async def send(self, calls: Calls, *, live: bool = True) -> Shown: ...


class Outgoing:
    """One bot in one process: the work in hand, what it sends, and what was sent and waits to be noted. `refusal` is logged when the
    platform refuses its token."""

    def __init__(self, delivery: Sends, database: Database, clock: Callable[[], datetime], log: logging.Logger, refusal: str) -> None:
        self.delivery, self.database, self.clock, self.log, self.refusal = delivery, database, clock, log, refusal
        self.answered: list[Note] = []
        self.told: list[tuple[Owed, str | None, str | None]] = []  # with why it failed, or what the platform calls the message
        self.turns: dict[str, tuple[asyncio.Lock, list[None]]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.stopping = asyncio.Event()
        self.ready = self.refused = False
        self.noting: asyncio.TimerHandle | None = None

    def refuse(self) -> None:
        """The platform does not know the token any more: say so once, and leave it in peace."""
        if not self.refused:
            self.log.error(self.refusal)
        self.refused = True
        self.stopping.set()

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand, at most `seconds`, and note what was sent."""
        self.stopping.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        if self.noting is not None:
            self.noting.cancel()
        await self.flush()

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Work that `end` waits for."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        """One at a time in a chat, or for a person, in the order of asking."""
        lock, users = self.turns.setdefault(place, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                yield
        finally:
            users.pop()
            if not users:
                del self.turns[place]

    async def send_answer(self, key: str, account: int | None, calls: Calls, before: str | None, *, stands_in: bool = False) -> None:
        """Send what answers the event `key` (empty: nothing was kept of it). `before`: where her card stood. `stands_in`: something
        else was kept in the place of these, and is sent when they cannot be."""
        if self.refused:
            return
        card = None
        try:
            if calls:
                card = (await self.delivery.send(calls)).card
        except UnreachableError:
            pass
        except RefusedError:
            self.refuse()
            return
        except LaterError as error:
            self.log.warning("an answer could not be sent now: %s", error)
            if key and not stands_in:
                rest = {"account": account, "calls": error.left}
                at = self.clock() + max(timedelta(seconds=error.seconds) - LATER, timedelta(0))
                await self.database.step(lambda tx: events.put_back(tx, key, rest, at))
            return
        except GivenUpError as error:
            self.log.error("an answer was given up: %s", error)
        if key:
            self.answered.append((key, account, card if card != before else None))

    async def send_owed(self, take: Callable[[Connection], list[tuple[Owed, Calls]]]) -> int:
        """Send the messages that are owed to accounts and channels now, as often as `take` finds some; returns how many were.

        One after the other, each noted before the next leaves: a kill repeats at most the one that was on its way.
        """
        count = 0
        while not self.stopping.is_set() and (messages := await self.database.step(take)):
            for owed, calls in messages:
                if self.stopping.is_set():
                    break
                await self._tell(owed, calls)
                await self.flush()
                count += 1
        return count

    async def _tell(self, owed: Owed, calls: Calls) -> None:
        try:
            shown = await self.delivery.send(calls, live=False)
        except RefusedError:
            self.refuse()
        except LaterError as error:
            self.log.warning("a message could not be sent now: %s", error)
        except UnreachableError:
            self.told.append((owed, "unreachable", None))
        except GivenUpError as error:
            self.log.error("a message was given up: %s", error)
            self.told.append((owed, "refused", None))
        else:
            self.told.append((owed, None, shown.message))

    @contextmanager
    def carried(self) -> Iterator[list[Note]]:
        """The answers of which the commit inside takes note; when it fails they wait for another."""
        pending, self.answered = self.answered, []
        try:
            yield pending
        except BaseException:
            self.answered = pending + self.answered
            raise

    def note_soon(self) -> None:
        """Note what was sent, when no commit comes in time to carry it."""
        if self.answered and self.noting is None:
            self.noting = asyncio.get_running_loop().call_later(NOTE_SECONDS, lambda: self.start(self._note()))

    async def _note(self) -> None:
        self.noting = None
        try:
            await self.flush()
        except Exception as error:
            self.log.warning("what was sent could not be noted yet (%s)", type(error).__name__)

    async def flush(self) -> None:
        """Note what was sent."""
        if not self.answered and not self.told:
            return
        told, self.told = self.told, []

        def step(tx: Connection) -> None:
            note_sent(tx, pending, self.clock())
            note_told(tx, told, self.clock())

        try:
            with self.carried() as pending:
                await self.database.step(step)
        except BaseException:
            self.told = told + self.told
            raise


def take_unsent(
    tx: Connection, prefix: str, now: datetime, older: timedelta, first_press: Callable[[dict[str, Any]], str]
) -> list[tuple[str, Any]]:
    """The answers that were committed and perhaps never sent (see `storage.events.take_unsent`), without the cards of drafts that have
    moved on: a later answer shows, or will show, what is asked now."""

    def of_use(call: dict[str, Any]) -> bool:
        verb, *parts = first_press(call).split(":")
        return verb != "d" or len(parts) < 2 or drafts.is_at(tx, int(parts[0]), int(parts[1]))

    owed = events.take_unsent(tx, prefix, now, older)
    return [(key, {**reply, "calls": [*filter(of_use, reply["calls"])]} if "calls" in reply else reply) for key, reply in owed]


def with_card(session: Session, pending: list[Note]) -> Session:
    """A session in which her card stands where the last answer put it, also when that is only noted now."""
    cards = [card for _, account, card in pending if card is not None and account == session.account is not None]
    return replace(session, card=cards[-1]) if cards else session


def note_sent(tx: Connection, pending: list[Note], now: datetime) -> None:
    """These answers have left, and the cards stand where they say."""
    events.mark_sent(tx, [key for key, _, _ in pending], now)
    for _, account, card in pending:
        if account is not None and card is not None:
            accounts.place_card(tx, account, card)


def note_told(tx: Connection, told: list[tuple[Owed, str | None, str | None]], now: datetime) -> None:
    """What became of messages that were owed."""
    for owed, failed, message in told:
        if failed == "unreachable":
            outbox.mark_unreachable(tx, owed)
        elif failed is not None:
            outbox.mark_failed(tx, owed.id, failed)
        else:
            outbox.mark_sent(tx, owed.id, now, message)
