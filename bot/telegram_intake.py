"""Takes updates in, by long polling or webhook: commit first, then confirm to Telegram, then send the answer."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot import telegram_surface as surface
from bot.answering import BUSY, Calls, answer, take_owed, unexpected
from bot.outgoing import LATER, Note, Outgoing, note_sent, take_unsent, with_card
from bot.polling_turn import STANDBY_SECONDS, PollingTurn
from bot.telegram_delivery import Delivery
from bot.telegram_pace import Pace
from bot.telegram_transport import DiscreetBot, call, fetch_updates, pause
from handlers.channels import warn_public
from handlers.commands import COMMAND_OF
from handlers.screen import Event
from handlers.world import World
from storage import accounts, channels, events
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer.telegram")
WINDOW = 16
POLL_SECONDS = 25
REFUSAL = (
    "Telegram refuses the token of UURWIJZER_TELEGRAM_TOKEN: copy it again from @BotFather and restart. "
    "This platform stops, the others go on."
)
ALLOWED = ["message", "edited_message", "channel_post", "callback_query", "my_chat_member"]


@dataclass(frozen=True, slots=True)
class _Answered:
    """What answers an update. `committed`: now or before; `key`: of the event that owes the calls, or `stands_in`: something else in
    their place."""

    calls: Calls
    committed: bool = False
    key: str = ""
    account: int | None = None
    card: str | None = None
    stands_in: bool = False


class Telegram(Outgoing):
    """The Telegram side of one process: who the bot is, and the updates in hand."""

    delivery: Delivery

    def __init__(
        self,
        bot: DiscreetBot,
        database: Database,
        world: World,
        clock: Callable[[], datetime],
        sleep: Any = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(Delivery(bot, sleep, pace), database, clock, log, REFUSAL)
        self.bot, self.world, self.sleep = bot, world, sleep
        self.window = asyncio.Semaphore(WINDOW)
        self.bot_id, self.bot_name = 0, ""
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
        for key, reply in await self.database.step(lambda tx: take_unsent(tx, prefix, self.clock(), older, _first_press)):
            chats = [each["chat_id"] for each in reply["calls"] if "chat_id" in each]
            async with self.turn(str(chats[0]) if chats else ""):
                await self.send_answer(key, reply["account"], reply["calls"], None)
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

    async def take(self, update: dict[str, Any]) -> "asyncio.Future[None]":
        """Start on an update; the future is done when it is committed. At most 16 are in hand, one a chat."""
        await self.window.acquire()
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.start(self._handle(update, committed))
        return committed

    async def _handle(self, update: dict[str, Any], committed: "asyncio.Future[None]") -> None:
        try:
            event = surface.read(update, self.bot_id, self.bot_name, self.clock())
            if event is None:
                return
            async with self.turn(event.chat):
                found = await self._answer(await self._with_administrator(event))
                if found.committed and not committed.done():
                    committed.set_result(None)
                if found.calls:
                    await self.send_answer(found.key, found.account, found.calls, found.card, stands_in=found.stands_in)
        except Exception:
            log.exception("an update could not be dealt with")
        finally:
            if not committed.done():
                committed.set_result(None)
            self.window.release()
            self.note_soon()

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

    async def _answer(self, event: Event) -> _Answered:
        """Handle and commit; the calls that answer. Whatever goes wrong, the person hears it and nothing is half done."""
        try:
            with self.carried() as pending:
                return await self.database.step(lambda tx: self._step(tx, event, pending))
        except events.RepeatedError:
            return _Answered(_only_answered(event), committed=True)
        except BusyError:
            return _Answered(surface.show(BUSY, event))
        except Exception:
            return _Answered(surface.show(unexpected("an event could not be handled"), event))

    def _step(self, tx: Connection, event: Event, pending: list[Note]) -> _Answered:
        found = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
        note_sent(tx, pending, self.clock())  # after the lock on the person: two instances lock in the same order
        session = with_card(found, pending)
        screen = answer(tx, self.world, event, session)
        calls = surface.show(screen, event, session.card)
        unkept = bool(screen.files) or screen.unkept  # she is asked to try again when it does not arrive
        kept = surface.show(BUSY, event) if unkept else calls
        events.claim(tx, event.key, {"account": session.account, "calls": kept} if calls else None, event.now)
        return _Answered(calls, True, event.key, session.account, session.card, unkept)

    async def flush(self) -> None:
        """Note what was sent, which groups go on under another name, and which everybody can find."""
        await super().flush()
        if moved := dict(self.delivery.moved):
            workspace = str(self.bot_id)
            await self.database.step(lambda tx: [channels.move_place(tx, "telegram", workspace, *each) for each in moved.items()])
            for old in moved:
                self.delivery.moved.pop(old, None)
        if public := set(self.delivery.public):
            await self.database.step(lambda tx: warn_public(tx, "telegram", str(self.bot_id), public, self.clock()))
            self.delivery.public -= public

    async def deliver_owed(self) -> int:
        """Send the messages that are owed to accounts and channels now; returns how many were."""
        me = str(self.bot_id)
        return await self.send_owed(lambda tx: take_owed(tx, self.world, "telegram", me, self.clock(), LATER, surface.show))

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand, at most `seconds`, and let go."""
        try:
            await super().end(seconds)
            await self.polling.end(self.bot_id)
        finally:
            await self.bot.shutdown()


def _first_press(call: dict[str, Any]) -> str:
    rows = (call.get("reply_markup") or {}).get("inline_keyboard") or [[]]
    return str(rows[0][0]["callback_data"]) if rows[0] else ""


def _only_answered(event: Event) -> list[dict[str, Any]]:
    """A repeated delivery changes nothing, but the spinner of its button ends."""
    return [{"method": "answerCallbackQuery", "callback_query_id": event.extra.get("query")}] if event.kind == "press" else []
