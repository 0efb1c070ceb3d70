"""Takes updates in, by long polling or webhook: commit first, then confirm to Telegram, then send the answer."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot import telegram_surface as surface
from bot.answering import answer, take_owed
from bot.polling_turn import STANDBY_SECONDS, PollingTurn
from bot.telegram_delivery import Delivery, GivenUpError, LaterError, UnreachableError
from bot.telegram_pace import Pace
from bot.telegram_transport import DiscreetBot, call, fetch_updates, pause
from handlers.commands import COMMAND_OF
from handlers.screen import Event, Screen, say
from handlers.world import World
from storage import accounts, channels, drafts, events, outbox
from storage.database import BusyError, Database
from storage.outbox import Owed

log = logging.getLogger("uurwijzer.telegram")
WINDOW = 16
POLL_SECONDS = 25
NOTE_SECONDS = 0.2  # what was sent is noted with the next commit, or by itself after this
REPEATED = "repeated"  # stands for the key of an event that was committed before
LATER = timedelta(seconds=60)  # what could not be sent is taken up again after this, by whichever process comes first
ALLOWED = ["message", "edited_message", "channel_post", "callback_query", "my_chat_member"]


class Telegram:
    """The Telegram side of one process: who the bot is, the updates in hand, what was sent and waits to be noted."""

    def __init__(
        self,
        bot: DiscreetBot,
        database: Database,
        world: World,
        clock: Callable[[], datetime],
        sleep: Any = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        self.bot, self.database, self.world, self.clock, self.sleep = bot, database, world, clock, sleep
        self.delivery = Delivery(bot, sleep, pace)
        self.sent: list[tuple[str, int | None, str | None]] = []
        self.told: list[tuple[Owed, str | None, str | None]] = []
        self.window = asyncio.Semaphore(WINDOW)
        self.turns: dict[str, tuple[asyncio.Lock, list[None]]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.bot_id, self.bot_name = 0, ""
        self.stopping = asyncio.Event()
        self.ready = self.refused = False
        self.noting: asyncio.TimerHandle | None = None
        self.polling = PollingTurn(database, clock)

    async def begin(self, webhook: str | None = None, secret: str | None = None) -> None:
        """Ask who the bot is, set its menu and its way in, and send what was owed when the process ended."""
        await self.sign_in()
        for each in surface.menu_calls():
            await call(self.bot, each.pop("method"), **each)
        if webhook:
            await call(self.bot, "setWebhook", url=webhook, secret_token=secret, allowed_updates=ALLOWED, drop_pending_updates=False)
        else:
            await call(self.bot, "deleteWebhook", drop_pending_updates=False)
        first = webhook is not None or await self.polling.held(self.bot_id)  # else those may be on their way from who polls
        await self.send_owed_answers(timedelta(0) if first else LATER)
        self.ready = True

    async def sign_in(self) -> None:
        """Ask who the bot is. Raises InvalidToken, or another TelegramError when Telegram cannot be reached."""
        await self.bot.initialize()
        self.bot_id, self.bot_name = self.bot.id, self.bot.username
        self.world = replace(self.world, bot_name=self.bot_name)

    async def send_owed_answers(self, older: timedelta = LATER) -> None:
        """The answers that were committed and perhaps never sent: at most one duplicate each. At the start those of the process
        that ended; later those that could not be sent, or whose process is gone, once they are `older`."""
        await self.flush()
        prefix = f"telegram:{self.bot_id}:"

        def take(tx: Connection) -> list[tuple[str, Any]]:
            owed = events.take_unsent(tx, prefix, self.clock(), older)
            return [(key, {**reply, "calls": _of_use(tx, reply["calls"])}) for key, reply in owed]

        for key, reply in await self.database.step(take):
            chats = [each["chat_id"] for each in reply["calls"] if "chat_id" in each]
            async with self._turn(str(chats[0]) if chats else ""):
                await self._deliver(key, reply["account"], reply["calls"])
        await self.flush()

    async def poll(self) -> None:
        """Long polling until stopped: an update is confirmed by the next request, after it was committed."""
        offset, troubles, alone = 0, 0, True
        while not self.stopping.is_set():
            try:
                if not await self.polling.held(self.bot_id):
                    await self.sleep(STANDBY_SECONDS)
                    continue
                updates = await fetch_updates(self.bot, offset, POLL_SECONDS, allowed_updates=ALLOWED)
                troubles, alone = 0, True
                committed = [await self.take(update) for update in updates]
                await asyncio.gather(*committed)
                offset = max([offset, *(update["update_id"] + 1 for update in updates)])
            except RetryAfter as refusal:
                await self.sleep(pause(refusal))
            except Conflict:
                if alone:
                    log.error("another process polls with this token; only one may. Waiting until it ends.")
                alone = False
                await self.sleep(15)
            except InvalidToken:
                self.refuse()
                return
            except TelegramError:
                troubles += 1
                await self.sleep(min(30.0, 0.5 * 2 ** min(troubles, 6)))
            except Exception:
                log.exception("polling failed, trying again")
                troubles += 1
                await self.sleep(min(30.0, 0.5 * 2 ** min(troubles, 6)))

    def refuse(self) -> None:
        """Telegram does not know the token any more: say so once, and leave it in peace."""
        if not self.refused:
            cure = "copy it again from @BotFather and restart"
            log.error("Telegram refuses the token of UURWIJZER_TELEGRAM_TOKEN: %s. This platform stops, the others go on.", cure)
        self.refused = True
        self.stopping.set()

    @asynccontextmanager
    async def _turn(self, chat: str) -> AsyncIterator[None]:
        """One at a time in a chat, in the order of asking."""
        lock, users = self.turns.setdefault(chat, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                yield
        finally:
            users.pop()
            if not users:
                del self.turns[chat]

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
            async with self._turn(event.chat):
                key, account, calls, card = await self._answer(await self._with_administrator(event))
                if key and not committed.done():
                    committed.set_result(None)
                if calls:
                    await self._deliver(key, account, calls, card)
        except Exception:
            log.exception("an update could not be dealt with")
        finally:
            if not committed.done():
                committed.set_result(None)
            self.window.release()
            if self.sent and self.noting is None:
                self.noting = asyncio.get_running_loop().call_later(NOTE_SECONDS, self._note_later)

    async def _with_administrator(self, event: Event) -> Event:
        """The event that may bind a group, with whether who typed it is an administrator there; None: Telegram did not say."""
        if event.private or event.kind != "command" or not event.text or COMMAND_OF.get(event.action) not in ("koppel", "start"):
            return event
        if event.extra.get("nameless"):
            return replace(event, extra={**event.extra, "administrator": True})
        try:
            member = await call(self.bot, "getChatMember", chat_id=event.chat, user_id=int(event.who.user))
        except TelegramError:
            return replace(event, extra={**event.extra, "administrator": None})
        return replace(event, extra={**event.extra, "administrator": member["status"] in ("creator", "administrator")})

    def _note_later(self) -> None:
        self.noting = None
        task = asyncio.create_task(self._note())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _note(self) -> None:
        try:
            await self.flush()
        except Exception as error:
            log.warning("what was sent could not be noted yet (%s)", type(error).__name__)

    async def _answer(self, event: Event) -> tuple[str, int | None, list[dict[str, Any]], str | None]:
        """Handle and commit; the calls that answer. Whatever goes wrong, the person hears it and nothing is half done."""
        pending, self.sent = self.sent, []

        def step(tx: Connection) -> tuple[int | None, list[dict[str, Any]], str | None]:
            session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
            _note_sent(tx, pending, self.clock())  # after the lock on the person: two instances lock in the same order
            cards = [card for _, account, card in pending if card is not None and account == session.account is not None]
            session = replace(session, card=cards[-1]) if cards else session
            screen = answer(tx, self.world, event, session)
            calls = surface.show(screen, event, session.card)
            unkept = bool(screen.files) or screen.unkept  # she is asked to try again when it does not arrive
            kept = surface.show(_BUSY, event) if unkept else calls
            calls = [{**each, "unkept": True} for each in calls] if unkept else calls
            stored = {"account": session.account, "calls": kept} if calls else None
            events.claim(tx, event.key, stored, event.now)
            return session.account, calls, session.card

        try:
            account, calls, card = await self.database.step(step)
            return event.key, account, calls, card
        except events.RepeatedError:
            self.sent = pending + self.sent
            return REPEATED, None, _only_answered(event), None
        except BusyError:
            self.sent = pending + self.sent
            return "", None, surface.show(_BUSY, event), None
        except Exception:
            self.sent = pending + self.sent
            reference = secrets.token_hex(4)
            log.exception("an event could not be handled, reference %s", reference)
            unexpected = say("problems.unexpected", reference=reference)
            return "", None, surface.show(Screen(unexpected, fresh=True), event), None

    async def _deliver(self, key: str, account: int | None, calls: list[dict[str, Any]], before: str | None = None) -> None:
        if self.refused:
            return
        try:
            card = (await self.delivery.send(calls)).card
        except UnreachableError:
            card = None
        except InvalidToken:
            self.refuse()
            return
        except LaterError as error:
            log.warning("an answer could not be sent now: %s", error)
            if key and key != REPEATED and not any(each.get("unkept") for each in error.left):
                rest = {"account": account, "calls": error.left}
                at = self.clock() + max(timedelta(seconds=error.seconds) - LATER, timedelta(0))
                await self.database.step(lambda tx: events.put_back(tx, key, rest, at))
            return
        except GivenUpError as error:
            log.error("an answer was given up: %s", error)
            card = None
        if key and key != REPEATED:
            self.sent.append((key, account, card if card != before else None))

    async def flush(self) -> None:
        """Note what was sent, when no next commit comes to carry it."""
        pending, self.sent = self.sent, []
        told, self.told = self.told, []
        moved = dict(self.delivery.moved)
        if not pending and not told and not moved:
            return

        def step(tx: Connection) -> None:
            _note_sent(tx, pending, self.clock())
            for old, new in moved.items():
                channels.move_place(tx, "telegram", str(self.bot_id), old, new)
            for owed, failed, message in told:
                _note_told(tx, owed, failed, message, self.clock())

        try:
            await self.database.step(step)
        except Exception:
            self.sent, self.told = pending + self.sent, told + self.told
            raise
        for old in moved:
            self.delivery.moved.pop(old, None)

    async def deliver_owed(self) -> int:
        """Send the messages that are owed to accounts and channels now; returns how many were.

        One after the other, each noted before the next leaves: a kill repeats at most the one that was on its way.
        """
        def take(tx: Connection) -> list[tuple[Owed, list[dict[str, Any]]]]:
            return take_owed(tx, self.world, "telegram", str(self.bot_id), self.clock(), LATER, surface.show)

        count = 0
        while not self.stopping.is_set() and (messages := await self.database.step(take)):
            for owed, calls in messages:
                if self.stopping.is_set():
                    break
                await self._tell(owed, calls)
                await self.flush()
                count += 1
        return count

    async def _tell(self, owed: Owed, calls: list[dict[str, Any]]) -> None:
        try:
            shown = await self.delivery.send(calls, live=False)
        except InvalidToken:
            self.refuse()
        except LaterError as error:
            log.warning("a message could not be sent now: %s", error)
        except UnreachableError:
            self.told.append((owed, "unreachable", None))
        except GivenUpError as error:
            log.error("a message was given up: %s", error)
            self.told.append((owed, "refused", None))
        else:
            self.told.append((owed, None, shown.message))

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand, at most `seconds`, and let go."""
        self.stopping.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        if self.noting is not None:
            self.noting.cancel()
        try:
            await self.flush()
            await self.polling.end(self.bot_id)
        finally:
            await self.bot.shutdown()


_BUSY = Screen(say("problems.busy"), notice=say("problems.busy"), fresh=True)


def _of_use(tx: Connection, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the cards of drafts that have moved on: a later answer shows, or will show, what is asked now."""
    found = []
    for each in calls:
        rows = (each.get("reply_markup") or {}).get("inline_keyboard") or [[]]
        verb, *parts = str(rows[0][0]["callback_data"]).split(":") if rows[0] else [""]
        if verb != "d" or len(parts) < 2 or drafts.is_at(tx, int(parts[0]), int(parts[1])):
            found.append(each)
    return found


def _note_sent(tx: Connection, pending: list[tuple[str, int | None, str | None]], now: datetime) -> None:
    events.mark_sent(tx, [key for key, _, _ in pending], now)
    for _, account, card in pending:
        if account is not None and card is not None:
            accounts.place_card(tx, account, card)


def _note_told(tx: Connection, owed: Owed, failed: str | None, message: str | None, now: datetime) -> None:
    if failed == "unreachable":
        outbox.mark_unreachable(tx, owed)
    elif failed is not None:
        outbox.mark_failed(tx, owed.id, failed)
    else:
        outbox.mark_sent(tx, owed.id, now, message)


def _only_answered(event: Event) -> list[dict[str, Any]]:
    """A repeated delivery changes nothing, but the spinner of its button ends."""
    return [{"method": "answerCallbackQuery", "callback_query_id": event.extra.get("query")}] if event.kind == "press" else []
