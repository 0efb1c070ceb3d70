"""Telegram's limits, kept by construction: 30 messages a second overall, 20 a minute in a group, one a second to a chat.

Who waits for an answer goes before what is broadcast. The one a second in a private chat binds broadcasts only: Telegram allows
short bursts there, and a person who presses twice in a second should not wait. In a group that was sent its 20 nobody gets an answer
until the minute is over: to wait with it in hand would hold up everybody else, and whoever likes can fill a group of her own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.settings import A_SECOND

SECOND, MINUTE = 1.0, 60.0
BEHIND = 0.05  # seconds that a broadcast makes up for, of what sleeping and committing took too long
IN_A_SECOND, IN_A_MINUTE_IN_A_GROUP = 30, 20
CHATS_REMEMBERED = 4096


@dataclass(slots=True)
class Departure:
    """When a message was last known to be on its way: as it left, then as its answer came."""

    at: float


class Pace:
    """When the next message may leave. One for each bot; `a_second` is the even pace of a broadcast."""

    def __init__(
        self, a_second: float = A_SECOND, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] | None = None,
    ) -> None:
        self.slot = SECOND / a_second if a_second else 0.0
        self.sleep = sleep
        self.time = time or (lambda: asyncio.get_running_loop().time())
        self.left: deque[Departure] = deque(maxlen=IN_A_SECOND)
        self.left_to: dict[str, deque[Departure]] = {}
        self.refusals: dict[str, float] = {}  # when Telegram last asked for a pause in a chat
        self.next = self.not_before = 0.0
        self.live = 0

    async def turn(self, chat: str, *, live: bool) -> "Departure":
        """Wait until a message may leave for the chat; `live`: somebody waits for it, so it goes first. Say `arrived` of what is
        returned once Telegram answered."""
        if not self.slot:
            return Departure(0.0)
        self.live += live
        try:
            while (wait := self._wait(chat, live)) > 0:
                await self.sleep(wait)
        finally:
            self.live -= live
        now = self.time()
        departure = Departure(now)
        self.left.append(departure)
        self.next = max(self.next, now - BEHIND) + self.slot
        times = self.left_to.pop(chat, None) or deque(maxlen=IN_A_MINUTE_IN_A_GROUP if is_group(chat) else 1)
        times.append(departure)
        self.left_to[chat] = times
        if len(self.left_to) > CHATS_REMEMBERED:
            del self.left_to[next(iter(self.left_to))]
        return departure

    def is_full(self, chat: str) -> bool:
        """Whether a group was sent all that it may be sent within a minute."""
        times = self.left_to.get(chat) if is_group(chat) else None
        return times is not None and len(times) == IN_A_MINUTE_IN_A_GROUP and times[0].at + MINUTE > self.time()

    def arrived(self, departure: "Departure") -> None:
        """Telegram answered: it counted the message at the latest now, so that the second of its limit ends a second from now."""
        departure.at = self.time()

    def pause(self, seconds: float) -> None:
        """Telegram asked for a pause: no broadcast leaves before it is over."""
        self.not_before = max(self.not_before, self.time() + seconds)

    def refused_again(self, chat: str) -> bool:
        """Note that Telegram asks for a pause in a chat; whether it did so within the minute before too."""
        before, now = self.refusals.pop(chat, -MINUTE), self.time()
        self.refusals[chat] = now
        if len(self.refusals) > CHATS_REMEMBERED:
            del self.refusals[next(iter(self.refusals))]
        return now - before < MINUTE

    def _wait(self, chat: str, live: bool) -> float:
        now = self.time()
        until = [self.left[0].at + self.slot * IN_A_SECOND] if len(self.left) == IN_A_SECOND else []
        times = self.left_to.get(chat)
        if times and is_group(chat) and len(times) == IN_A_MINUTE_IN_A_GROUP:
            until.append(times[0].at + MINUTE)
        if not live:
            until.append(self.next)
            if times:
                until.append(times[-1].at + SECOND)
            until.append(self.not_before)
            if self.live:
                until.append(now + self.slot)
        return max(until, default=now) - now


def is_group(chat: str) -> bool:
    """Whether a chat is a group or a channel: Telegram gives those negative numbers."""
    return chat.startswith("-")
