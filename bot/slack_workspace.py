"""One workspace of Slack in one process: who the bot is there, and what leaves: answers, promised bookings, messages that are owed."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot import slack_promises
from bot import slack_surface as surface
from bot.answering import Calls, take_owed
from bot.outgoing import LATER, Outgoing, take_unsent
from bot.slack_delivery import Delivery
from bot.slack_steps import Answered
from handlers.screen import Event, Who
from handlers.world import World
from storage import homes
from storage.database import Database

log = logging.getLogger("uurwijzer.slack")
AT_ONCE = 16  # promised bookings together
CALM = 0.05  # seconds in which nobody waited for an acknowledgement
AT_MOST = 1.0  # seconds that a promised booking waits for those who wait for one


class Workspace(Outgoing):
    """One workspace of Slack in one process."""

    delivery: Delivery

    def __init__(
        self, delivery: Delivery, database: Database, world: World, clock: Callable[[], datetime], secret: str = "", number: int = 1,
    ) -> None:
        refusal = (
            f"Slack refuses token {number} of UURWIJZER_SLACK_BOT_TOKEN: copy it again from the app's page and restart. "
            "This workspace stops, the others go on."
        )
        super().__init__(delivery, database, clock, log, refusal)
        self.world, self.secret, self.number = world, secret, number
        self.team = self.enterprise = self.bot_user = self.name = ""
        self.homes: dict[int, str] = {}  # by account: what its Home was made of when it was published; empty: publish it
        self.changing: dict[int, str] = {}  # what it was made of in the last round, when that differed
        self.unheard, self.heard_at = 0, 0.0  # who waits for an acknowledgement now, and when the last one left
        self.behind = asyncio.Semaphore(AT_ONCE)
        self.looked: dict[str, None] = {}  # commands that changed nothing, so that a second delivery stays silent

    async def begin(self) -> None:
        """Ask who the bot is, and send what was owed when the process ended. Raises RefusedError, LaterError or GivenUpError."""
        await self.sign_in()
        await self.send_owed_answers(timedelta(0))
        self.homes = dict.fromkeys(await self.database.step(lambda tx: homes.linked_accounts(tx, "slack", self.team)), "")
        self.ready = True

    async def sign_in(self) -> None:
        """Ask who the bot is, and of which workspace."""
        await self.delivery.open()
        found = await self.delivery.ask("auth.test")
        self.team, self.enterprise = str(found["team_id"]), str(found.get("enterprise_id") or "")
        self.bot_user, self.name = str(found["user_id"]), str(found.get("team") or "")

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand, at most `seconds`, and let go."""
        try:
            await super().end(seconds)
        finally:
            await self.delivery.close()

    async def lull(self, at_most: float) -> None:
        """Let those go first who wait for an acknowledgement, so many seconds at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most
        while loop.time() < until and not self.stopping.is_set() and (self.unheard or loop.time() - self.heard_at < CALM):
            await asyncio.sleep(CALM)

    async def keep_promise(self, event: Event, draft: int, revision: int) -> Answered | None:
        """Book what was promised as soon as nobody waits for an acknowledgement; None when that was done before or must wait."""
        async with self.behind:
            await self.lull(AT_MOST)
            return await slack_promises.book(self.database, self.world, event, draft, revision)

    async def deliver(self, found: Answered, calls: Calls) -> None:
        """Send these calls of what answers an event."""
        await self.send_answer(found.key, found.account, calls, found.card, stands_in=found.kept is not None)
        if found.home and found.account is not None:
            self.homes.setdefault(found.account, "")

    async def send_owed_answers(self, older: timedelta = LATER) -> None:
        """The answers that were committed and perhaps never sent, at most one duplicate each; and bookings that were promised."""
        await self.flush()
        prefix = f"slack:{self.team}:"
        for key, reply in await self.database.step(lambda tx: take_unsent(tx, prefix, self.clock(), older, _first_press)):
            if "book" in reply:
                await self._book(key, reply)
            else:
                await self.send_answer(key, reply["account"], reply["calls"], None)
        await self.flush()

    async def _book(self, key: str, promised: dict[str, Any]) -> None:
        user = promised["user"]
        event = Event(key, Who("slack", self.team, user), "submit", self.clock(), chat=user)
        async with self.turn(user):
            found = await slack_promises.book(self.database, self.world, event, *promised["book"])
            if found is not None:
                await self.deliver(found, found.calls)

    async def deliver_owed(self) -> int:
        """Send the messages that are owed to accounts and channels now; returns how many were."""
        return await self.send_owed(lambda tx: take_owed(tx, self.world, "slack", self.team, self.clock(), LATER, surface.show))


def _first_press(call: dict[str, Any]) -> str:
    pressed = [element.get("value", "") for block in call.get("blocks", ()) for element in block.get("elements", ())]
    return str(pressed[0]) if pressed else ""
