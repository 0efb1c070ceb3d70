"""What is looked at again and again, on nobody's request: the Homes of a workspace, who left it while nobody listened, its channels."""

import logging

from sqlalchemy import Connection

from bot import slack_surface as surface
from bot.outgoing import GivenUpError, LaterError, RefusedError
from bot.slack_answering import answer_event, answer_in
from bot.slack_channels import look_at_channels
from bot.slack_steps import Answered
from bot.slack_workspace import Workspace
from handlers.screen import Event, Who
from storage import accounts, homes
from storage.database import BusyError

log = logging.getLogger("uurwijzer.slack")
HOMES = 50  # that are looked at in one round
AT_MOST = 0.1  # seconds that each of them waits for those who wait for an acknowledgement
LOOK_SECONDS = 1.0  # between two people that are looked up; Slack allows more
SWEEP_SECONDS = 3600.0  # between two sweeps
NOT_SEEN = ("user_not_found", "user_not_visible")  # of another workspace: nothing is known of them


async def publish_homes(here: Workspace) -> int:
    """Publish the Homes anew of those for whom something changed, on whatever surface, once it changes no more from one round to
    the next; some at a time; returns how many were."""
    looked = list(here.homes)[:HOMES]
    if not looked:
        return 0
    found = await here.database.step(lambda tx: homes.dashboards(tx, looked))
    today, count = str(here.clock().date()), 0
    for account in looked:
        before, now = here.homes.pop(account), found.get(account)
        if now is None:
            here.changing.pop(account, None)
            continue
        user, made_of = now[0], f"{today}|{now[1]}"
        settled = before in ("", made_of) or here.changing.pop(account, "") == made_of
        here.homes[account] = made_of if settled else before  # behind the others, whose turn comes first
        if not settled:
            here.changing[account] = made_of
        elif made_of != before:
            await here.lull(AT_MOST)
            await _publish(here, Event("", Who("slack", here.team, user), "home", here.clock(), chat=user))
            count += 1
    return count


async def _publish(here: Workspace, event: Event) -> None:
    def step(tx: Connection) -> Answered:
        return answer_in(tx, here.world, event, accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user))

    await here.deliver(Answered(), list((await here.database.step(step)).views))


async def keep_sweeping(here: Workspace) -> None:
    """Sweep at the start and every hour: news that Slack did not bring, or that could not be dealt with, does not come again."""
    while not here.stopping.is_set():
        for look in (sweep, look_at_channels):
            try:
                await look(here)
            except Exception as error:
                log.error("what Slack does not tell of itself could not be looked up (%s)", type(error).__name__)
        await here.delivery.sleep(SWEEP_SECONDS)


async def sweep(here: Workspace) -> None:
    """End the access of who was deactivated while nobody listened: each linked account is looked up once, slowly."""
    try:
        for user in (await here.database.step(lambda tx: homes.linked_accounts(tx, "slack", here.team))).values():
            if here.stopping.is_set():
                return
            try:
                gone = await here.delivery.is_deactivated(surface.person_of(user))
            except GivenUpError as error:
                if not str(error).endswith(NOT_SEEN):
                    log.warning("who left cannot be looked up: %s", error)
                    return
                gone = False
            if gone:
                now = here.clock()
                key = f"slack:{here.team}:gone:{user}:{int(now.timestamp())}"
                await answer_event(here, Event(key, Who("slack", here.team, user), "gone", now, chat=user))
            await here.delivery.sleep(LOOK_SECONDS)
    except RefusedError:
        here.refuse()
    except (LaterError, BusyError) as error:
        log.warning("who left while nobody listened is not known yet (%s): the next sweep looks again", error)
