"""Sends calls to the Bot API: back-off as the platform asks, its refusals by name, a failed edit sent anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram_transport import DiscreetBot, Unsent, call, pause

log = logging.getLogger("uurwijzer.telegram")
TRIES = 5
Sleep = Callable[[float], Awaitable[None]]

LOST_MESSAGE = ("message to edit not found", "message can't be edited", "message to be replied not found", "message_id_invalid")
NO_MATTER = ("message is not modified", "query is too old", "query id is invalid", "message to delete not found")


class UnreachableError(Exception):
    """The person blocked the bot or the chat is gone: nothing more can be sent there."""


class Delivery:
    """Sends what is owed; `card` tells where the card of a draft stands after the last call."""

    def __init__(self, bot: DiscreetBot, sleep: Sleep = asyncio.sleep) -> None:
        self.bot, self.sleep = bot, sleep

    async def send(self, calls: list[dict[str, Any]]) -> str | None:
        """Make the calls in their order; returns "draft:message" of the card that was shown, if one was.

        Raises UnreachableError (blocked, chat gone), InvalidToken, or NetworkError when the platform stays away.
        """
        card = None
        for each in calls:
            params = {key: value for key, value in each.items() if key not in ("method", "draft", "optional", "file") and value is not None}
            if "file" in each:
                params["document"] = InputFile(each["file"]["content"], filename=each["file"]["name"])
            result = await self._one(each["method"], params, optional=bool(each.get("optional")))
            if each.get("draft") is not None and isinstance(result, dict):
                card = f"{each['draft']}:{result['message_id']}"
        return card

    async def _one(self, method: str, params: dict[str, Any], *, optional: bool) -> Any:
        for attempt in range(TRIES):
            try:
                return await call(self.bot, method, **params)
            except RetryAfter as refusal:
                await self.sleep(pause(refusal))
            except BadRequest as error:
                return await self._refused(method, params, error, optional)
            except (Forbidden, InvalidToken) as error:
                if isinstance(error, InvalidToken) or not optional:
                    raise UnreachableError from error if isinstance(error, Forbidden) else error
                return None
            except NetworkError as error:
                # A time-out may have had its effect. An edit can be repeated without harm; a message is repeated only
                # when it surely never left, or as the one duplicate that is better than silence.
                if attempt == TRIES - 1:
                    raise
                log.warning("telegram %s failed (%s), trying again", method, "unsent" if isinstance(error, Unsent) else type(error).__name__)
                await self.sleep(min(8.0, 0.5 * 2**attempt))
        raise NetworkError("the platform kept asking to wait")

    async def _refused(self, method: str, params: dict[str, Any], error: BadRequest, optional: bool) -> Any:
        said = str(error).lower()
        if optional or any(each in said for each in NO_MATTER):
            return {"message_id": params["message_id"]} if "message_id" in params else None
        if method == "editMessageText" and any(each in said for each in LOST_MESSAGE):
            return await self._one("sendMessage", {key: value for key, value in params.items() if key != "message_id"}, optional=False)
        if "chat not found" in said:
            raise UnreachableError from error
        raise error


__all__ = ["Delivery", "TelegramError", "UnreachableError"]
