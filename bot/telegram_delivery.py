"""Sends calls to the Bot API: back-off as the platform asks, its refusals by name, a failed edit sent anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram_transport import DiscreetBot, Doubtful, call, pause

log = logging.getLogger("uurwijzer.telegram")
TRIES = 5
PATIENCE = 5.0  # seconds: a longer wait that Telegram asks for is not waited out with a chat in hand
Sleep = Callable[[float], Awaitable[None]]
Call = dict[str, Any]

LOST_MESSAGE = ("message to edit not found", "message can't be edited", "message to be replied not found", "message_id_invalid")
NO_MATTER = ("message is not modified", "query is too old", "query id is invalid", "message to delete not found")


class UnreachableError(Exception):
    """The person blocked the bot or the chat is gone: nothing more can be sent there."""


class GivenUpError(Exception):
    """Trying again would not help, or would say it a third time."""


class LaterError(Exception):
    """What is `left` of the calls surely did not arrive; it can be tried again after `seconds`."""

    def __init__(self, left: list[Call], seconds: float, why: str) -> None:
        super().__init__(why)
        self.left, self.seconds = left, seconds


class Delivery:
    """Sends what is owed, through one bot."""

    def __init__(self, bot: DiscreetBot, sleep: Sleep = asyncio.sleep) -> None:
        self.bot, self.sleep = bot, sleep

    async def send(self, calls: list[Call]) -> str | None:
        """Make the calls in their order; returns "draft:message" of the card that was shown, if one was.

        Raises UnreachableError (blocked, chat gone), LaterError, GivenUpError, or InvalidToken.
        """
        card = None
        for number, each in enumerate(calls):
            params = {key: value for key, value in each.items() if key not in ("method", "draft", "optional", "file") and value is not None}
            if "file" in each:
                params["document"] = InputFile(each["file"]["content"], filename=each["file"]["name"])
            try:
                result = await self._one(each["method"], params, optional=bool(each.get("optional")))
            except (RetryAfter, NetworkError) as error:
                seconds = pause(error) if isinstance(error, RetryAfter) else 0.0
                raise LaterError(calls[number:], seconds, type(error).__name__) from error
            if each.get("draft") is not None and isinstance(result, dict):
                card = f"{each['draft']}:{result['message_id']}"
        return card

    async def _one(self, method: str, params: Call, *, optional: bool) -> Any:
        """One call until it is answered. Raises NetworkError or RetryAfter when it surely had no effect."""
        doubts = 0
        for attempt in range(TRIES):
            try:
                return await call(self.bot, method, **params)
            except InvalidToken:
                raise
            except RetryAfter as refusal:
                if pause(refusal) > PATIENCE or attempt == TRIES - 1:
                    raise
                await self.sleep(pause(refusal))
            except BadRequest as error:
                return await self._refused(method, params, error, optional)
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

    async def _refused(self, method: str, params: Call, error: BadRequest, optional: bool) -> Any:
        said = str(error).lower()
        if optional or method == "answerCallbackQuery" or any(each in said for each in NO_MATTER):
            return {"message_id": params["message_id"]} if "message_id" in params else None
        if method == "editMessageText" and any(each in said for each in LOST_MESSAGE):
            return await self._one("sendMessage", {key: value for key, value in params.items() if key != "message_id"}, optional=False)
        if "chat not found" in said:
            raise UnreachableError from error
        raise GivenUpError(f"{method}: {said[:100]}") from error


__all__ = ["Delivery", "GivenUpError", "LaterError", "UnreachableError"]
