"""What Slack says of a channel, asked for when it is bound and every hour: what it is called, and who can read along."""

import logging
from dataclasses import replace
from functools import partial
from typing import Any

from bot.outgoing import GivenUpError, LaterError, RefusedError
from bot.slack_workspace import Workspace
from handlers.channels import look_at
from handlers.commands import COMMAND_OF
from handlers.screen import Event, Who
from storage import channels
from storage.database import BusyError

log = logging.getLogger("uurwijzer.slack")
LOOK_SECONDS = 1.5  # between two channels that are looked up; Slack allows a little more
NOT_SEEN = ("channel_not_found", "not_in_channel")  # of another workspace, or private and the bot is not in it


async def with_channel(here: Workspace, event: Event) -> Event:
    """The event that may bind a channel, with what Slack says of that; as it came when Slack does not say."""
    if event.private or event.kind != "command" or not event.text or COMMAND_OF.get(event.action) not in ("koppel", "start"):
        return event
    try:
        return replace(event, extra={**event.extra, **await _about(here, event.chat)})
    except (GivenUpError, LaterError, RefusedError) as error:
        log.warning("a channel that is being bound could not be looked up (%s): the next sweep does", error)
        return event


async def look_at_channels(here: Workspace) -> None:
    """Look up each channel that is bound, slowly: its name is kept, and its coordinators hear once who can read along."""
    try:
        for place in await here.database.step(lambda tx: channels.open_places(tx, "slack", here.team)):
            if here.stopping.is_set():
                return
            try:
                told = await _about(here, place)
            except GivenUpError as error:
                if not str(error).endswith(NOT_SEEN):
                    log.warning("a channel cannot be looked up: %s", error)
            else:
                seen = Event("", Who("slack", here.team, ""), "group", here.clock(), chat=place, private=False, extra=told)
                await here.database.step(partial(look_at, event=seen))
            await here.delivery.sleep(LOOK_SECONDS)
    except RefusedError:
        here.refuse()
    except (LaterError, BusyError) as error:
        log.warning("who can read along in channels is not known yet (%s): the next sweep looks again", error)


async def _about(here: Workspace, place: str) -> dict[str, Any]:
    """What Slack says of a channel. Raises as `Delivery.look_up`."""
    found = (await here.delivery.look_up("conversations.info", channel=place)).get("channel") or {}
    shared = any(found.get(each) for each in ("is_shared", "is_ext_shared", "is_org_shared"))
    return {"title": str(found.get("name") or ""), "public": found.get("is_private") is False, "shared": shared}
