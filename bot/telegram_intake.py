"""Takes updates in, by long polling or webhook: commit first, then confirm to Telegram, then send the answer."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import telegram_surface as surface
from bot.telegram_delivery import Delivery, UnreachableError
from bot.telegram_transport import DiscreetBot, call, fetch_updates, pause
from handlers import access, dispatch
from handlers.screen import Event, Screen, say
from handlers.world import World
from storage import accounts, events
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer.telegram")
WINDOW = 16
POLL_SECONDS = 25
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]


class Telegram:
    """The Telegram side of one process: who the bot is, the updates in hand, what was sent and waits to be noted."""

    def __init__(self, bot: DiscreetBot, database: Database, world: World, clock: Callable[[], datetime], sleep: Any = asyncio.sleep) -> None:
        self.bot, self.database, self.world, self.clock, self.sleep = bot, database, world, clock, sleep
        self.delivery = Delivery(bot, sleep)
        self.sent: list[tuple[str, int | None, str | None]] = []
        self.window = asyncio.Semaphore(WINDOW)
        self.turns: dict[str, asyncio.Lock] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.bot_id, self.bot_name = 0, ""
        self.stopping = asyncio.Event()

    async def begin(self, webhook: str | None = None, secret: str | None = None) -> None:
        """Ask who the bot is, set its menu and its way in, and send what was owed when the process ended."""
        await self.bot.initialize()
        self.bot_id, self.bot_name = self.bot.id, self.bot.username
        for each in surface.menu_calls():
            await call(self.bot, each.pop("method"), **each)
        if webhook:
            await call(self.bot, "setWebhook", url=webhook, secret_token=secret, allowed_updates=ALLOWED, drop_pending_updates=False)
        else:
            await call(self.bot, "deleteWebhook", drop_pending_updates=False)
        await self.send_owed_answers()

    async def send_owed_answers(self) -> None:
        """The answers that were committed and perhaps never sent: at most one duplicate each."""
        owed = await self.database.step(lambda tx: events.unsent(tx, f"telegram:{self.bot_id}:", self.clock()))
        for key, reply in owed:
            await self._deliver(key, reply["account"], reply["calls"])
        await self.flush()

    async def poll(self) -> None:
        """Long polling until stopped: an update is confirmed by the next request, after it was committed."""
        offset, troubles = 0, 0
        while not self.stopping.is_set():
            try:
                updates = await fetch_updates(self.bot, offset, POLL_SECONDS, allowed_updates=ALLOWED)
                troubles = 0
            except RetryAfter as refusal:
                await self.sleep(pause(refusal))
                continue
            except Conflict:
                log.error("another process polls with this token; only one may. Waiting.")
                await self.sleep(15)
                continue
            except InvalidToken:
                log.error("Telegram refuses the token: check UURWIJZER_TELEGRAM_TOKEN. This platform stops, the others go on.")
                return
            except NetworkError:
                troubles += 1
                await self.sleep(min(30.0, 0.5 * 2 ** min(troubles, 6)))
                continue
            committed = [await self.take(update) for update in updates]
            await asyncio.gather(*committed)
            if updates:
                offset = updates[-1]["update_id"] + 1

    async def take(self, update: dict[str, Any]) -> "asyncio.Future[None]":
        """Start on an update; the future is done when it is committed. At most 16 are in hand, one a chat."""
        await self.window.acquire()
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._handle(update, committed))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return committed

    async def _handle(self, update: dict[str, Any], committed: "asyncio.Future[None]") -> None:
        try:
            event = surface.read(update, self.bot_id, self.bot_name, self.clock())
            if event is None:
                return
            turn = self.turns.setdefault(event.chat, asyncio.Lock())
            async with turn:
                key, account, calls = await self._answer(event)
                if not committed.done():
                    committed.set_result(None)
                if calls:
                    await self._deliver(key, account, calls)
            if not turn.locked() and self.turns.get(event.chat) is turn:
                del self.turns[event.chat]
        finally:
            if not committed.done():
                committed.set_result(None)
            self.window.release()
            if not self.tasks - {asyncio.current_task()}:  # type: ignore[arg-type]
                await self.flush()

    async def _answer(self, event: Event) -> tuple[str, int | None, list[dict[str, Any]]]:
        """Handle and commit; the calls that answer. Whatever goes wrong, the person hears it and nothing is half done."""
        pending, self.sent = self.sent, []

        def step(tx: Connection) -> tuple[int | None, list[dict[str, Any]]]:
            _note_sent(tx, pending, self.clock())
            session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
            screen = dispatch.handle(tx, self.world, event, session)
            calls = surface.show(screen, event, session.card)
            stored = None if screen.files or not calls else {"account": session.account, "calls": calls}
            events.claim(tx, event.key, stored, event.now)
            return session.account, calls

        try:
            account, calls = await self.database.step(step)
            return event.key, account, calls
        except events.RepeatedError:
            self.sent = pending + self.sent
            return event.key, None, _only_answered(event)
        except BusyError:
            self.sent = pending + self.sent
            return "", None, surface.show(Screen(say("problems.busy"), notice=say("problems.busy"), fresh=True), event)
        except Exception:
            self.sent = pending + self.sent
            reference = secrets.token_hex(4)
            log.exception("an event could not be handled, reference %s", reference)
            unexpected = say("problems.unexpected", reference=reference)
            return "", None, surface.show(Screen(unexpected, fresh=True), event)

    async def _deliver(self, key: str, account: int | None, calls: list[dict[str, Any]]) -> None:
        try:
            card = await self.delivery.send(calls)
        except UnreachableError:
            card = None
        except (TelegramError, OSError) as error:
            log.error("an answer could not be sent: %s", type(error).__name__)
            return
        if key:
            self.sent.append((key, account, card))

    async def flush(self) -> None:
        """Note what was sent, when no next commit comes to carry it."""
        pending, self.sent = self.sent, []
        if pending:
            await self.database.step(lambda tx: _note_sent(tx, pending, self.clock()))

    async def deliver_owed(self) -> int:
        """Send the messages that are owed to accounts now; returns how many were."""
        now = self.clock()

        def due(tx: Connection) -> list[tuple[int, str, list[dict[str, Any]]]]:
            found = []
            for row in events.owed(tx, now):
                account = accounts.account_by_id(tx, row.account)
                if account is None or account.platform != "telegram" or account.workspace != str(self.bot_id) or not account.chat:
                    continue
                screen = _told(row.screen, account.language or "nl")
                found.append((row.id, row.key, surface.show(screen, Event(row.key, surface._who({"id": account.user}, self.bot_id), "owed", now, chat=account.chat))))
            return found

        messages = await self.database.step(due)
        for message, _, calls in messages:
            failed = None
            try:
                await self.delivery.send(calls)
            except UnreachableError:
                failed = "unreachable"
            except (TelegramError, OSError):
                continue
            await self.database.step(lambda tx, message=message, failed=failed: events.mark_owed(tx, message, now, failed))
        return len(messages)

    async def end(self) -> None:
        """Finish what is in hand, at most 10 seconds, and let go."""
        self.stopping.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=10)
        await self.flush()
        await self.bot.shutdown()


def _told(kept: dict[str, Any], language: str) -> Screen:
    if kept["told"] == "linked":
        return access.told_screen(kept, language)
    return Screen(say("personal.told_report", reference=kept["reference"]), language=language, fresh=True)


def _note_sent(tx: Connection, pending: list[tuple[str, int | None, str | None]], now: datetime) -> None:
    events.mark_sent(tx, [key for key, _, _ in pending], now)
    for _, account, card in pending:
        if account is not None and card is not None:
            accounts.change_account(tx, account, card=card)


def _only_answered(event: Event) -> list[dict[str, Any]]:
    """A repeated delivery changes nothing, but the spinner of its button ends."""
    return [{"method": "answerCallbackQuery", "callback_query_id": event.extra.get("query")}] if event.kind == "press" else []
