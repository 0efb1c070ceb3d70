"""Sends calls to the Bot API: back-off as the platform asks, its refusals by name, a failed edit sent anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.outgoing import GivenUpError, LaterError, RefusedError, Shown, UnreachableError
from bot.telegram_pace import Pace
from bot.telegram_transport import DiscreetBot, Doubtful, call, pause

log = logging.getLogger("uurwijzer.telegram")
TRIES = 5
PATIENCE = 5.0  # seconds: a longer wait that Telegram asks for is not waited out with a chat in hand
Sleep = Callable[[float], Awaitable[None]]
Call = dict[str, Any]

LOST_MESSAGE = ("message to edit not found", "message can't be edited", "message to be replied not found", "message_id_invalid")
NO_MATTER = ("message is not modified", "query is too old", "query id is invalid", "message to delete not found")


NOT_SENT = frozenset({"method", "draft", "optional", "file", "picture", "workbook"})


class Delivery:
    """Sends what is owed, through one bot, at the pace that Telegram allows."""

    def __init__(self, bot: DiscreetBot, sleep: Sleep = asyncio.sleep, pace: Pace | None = None) -> None:
        self.bot, self.sleep, self.pace = bot, sleep, pace or Pace(sleep=sleep)
        self.moved: dict[str, str] = {}  # groups that go on under another id, as their refusals said, until somebody takes note
        self.public: set[str] = set()  # groups that everybody can find, as Telegram's answers said, until somebody takes note

    async def send(self, calls: list[Call], *, live: bool = True) -> Shown:
        """Make the calls in their order; `live`: somebody waits for them, so they go before what is broadcast.

        Raises UnreachableError (blocked, chat gone), LaterError, GivenUpError, or RefusedError.
        """
        card = message = None
        for number, each in enumerate(calls):
            params = {key: value for key, value in each.items() if key not in NOT_SENT and value is not None}
            params.update(await _made(each))
            try:
                result = await self._one(each["method"], params, optional=bool(each.get("optional")), live=live)
            except (RetryAfter, NetworkError) as error:
                seconds = pause(error) if isinstance(error, RetryAfter) else 0.0
                raise LaterError(calls[number:], seconds, type(error).__name__) from error
            if isinstance(result, dict) and "username" in (chat := result.get("chat") or {}) and chat.get("type") != "private":
                self.public.add(str(chat["id"]))
            if isinstance(result, dict) and "text" in each:
                message = str(result["message_id"])
                card = f"{each['draft']}:{message}" if each.get("draft") is not None else card
        return Shown(card, message)

    async def _one(self, method: str, params: Call, *, optional: bool, live: bool) -> Any:
        """One call until it is answered. Raises NetworkError or RetryAfter when it surely had no effect."""
        doubts = 0
        for attempt in range(TRIES):
            try:
                if "chat_id" not in params:
                    return await call(self.bot, method, **params)
                if live and self.pace.is_full(str(params["chat_id"])):  # its flood of questions must keep nobody else waiting
                    raise GivenUpError(f"{method}: a group was sent all that it may be sent in a minute")
                departure = await self.pace.turn(str(params["chat_id"]), live=live)
                try:
                    return await call(self.bot, method, **params)
                finally:
                    self.pace.arrived(departure)
            except InvalidToken as error:
                raise RefusedError from error
            except RetryAfter as refusal:
                if live and not attempt and "chat_id" in params and self.pace.refused_again(str(params["chat_id"])):
                    raise  # a chat that goes on and on must hold up nobody else, broadcasts neither
                self.pace.pause(pause(refusal))
                if pause(refusal) > PATIENCE or attempt == TRIES - 1:
                    raise
                await self.sleep(pause(refusal))
            except BadRequest as error:
                return await self._refused(method, params, error, optional, live)
            except ChatMigrated as refusal:
                self.moved[str(params["chat_id"])] = str(refusal.new_chat_id)
                params = {**params, "chat_id": str(refusal.new_chat_id)}
            except Forbidden as error:
                if optional:
                    return None
                raise UnreachableError from error
            except NetworkError as error:
                # After a time-out the message may be there. An edit can be repeated without harm; a message is repeated once:
                # one duplicate is better than silence, two are not.
                doubts += isinstance(error, Doubtful) and method.startswith("send")
                if doubts > 1:
                    raise GivenUpError(f"{method} was not answered twice") from error
                if attempt == TRIES - 1:
                    raise
                log.warning("telegram %s failed (%s), trying again", method, type(error).__name__)
                await self.sleep(min(8.0, 0.5 * 2**attempt))
            except TelegramError as error:
                raise GivenUpError(f"{method}: {type(error).__name__}") from error
        raise AssertionError  # the last round returns or raises

    async def _refused(self, method: str, params: Call, error: BadRequest, optional: bool, live: bool) -> Any:
        said = str(error).lower()
        if optional or method == "answerCallbackQuery" or any(each in said for each in NO_MATTER):
            return {"message_id": params["message_id"]} if "message_id" in params else None
        if method == "editMessageText" and any(each in said for each in LOST_MESSAGE):
            anew = {key: value for key, value in params.items() if key != "message_id"}
            return await self._one("sendMessage", anew, optional=False, live=live)
        if "chat not found" in said:
            raise UnreachableError from error
        raise GivenUpError(f"{method}: {said[:100]}") from error


async def _made(each: Call) -> Call:
    """The file of a call: as it is, or made of its figures, off the event loop."""
    if (file := each.get("file")) is not None:
        return {"document": InputFile(file["content"], filename=file["name"])}
    if (picture := each.get("picture")) is not None:
        from bot.drawings import draw

        drawn = await asyncio.to_thread(draw, picture["drawing"], picture["figures"], picture["language"])
        return {"photo": InputFile(drawn, filename=f"{picture['drawing']}.png")}
    if (workbook := each.get("workbook")) is not None:
        from bot.workbooks import make_workbook

        made = await asyncio.to_thread(make_workbook, workbook["sheets"], workbook["figures"], workbook["language"])
        return {"document": InputFile(made, filename=workbook["name"])}
    return {}

