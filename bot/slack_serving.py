"""Slack in `serve`, `due` and `check`: begins each workspace, keeps its connection, and says what is missing."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.outgoing import GivenUpError, LaterError, RefusedError
from bot.settings import Settings
from bot.slack_door import EVENTS_PATH
from bot.slack_intake import Slack, make_slack
from bot.slack_rounds import keep_sweeping
from bot.slack_workspace import Workspace
from handlers.world import World
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer.slack")
# What the app asks of a workspace (docs/slack-manifest.yaml), and what is not possible without it.
SCOPES = {
    "chat:write": "answer", "chat:write.public": "write in a public channel that it was not added to", "commands": "hear /uren",
    "im:history": "hear what is typed to it", "im:write": "begin a conversation", "files:write": "send pictures and files",
    "users:read": "hear who left", "app_mentions:read": "hear its name in a channel",
    "channels:read": "know a channel's name, who can read along and what becomes of it", "groups:read": "know that of a private channel",
}  # fmt: skip
CURE = "check the network and UURWIJZER_SLACK_API"


def open_slack(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> Slack:
    """The workspaces of the settings, not begun yet. In Socket Mode nothing is taken in over HTTP."""
    tokens = [each.reveal() for each in settings.slack_bot_tokens]
    hidden = [] if settings.slack_app_tokens else [each.reveal() for each in settings.slack_signing_secrets]
    return make_slack(tokens, hidden, settings.slack_api, database, world, clock)


async def run_slack(slack: Slack, settings: Settings, tried: asyncio.Event) -> None:
    """Begin each workspace as soon as Slack can be reached, then go on until stopped; ends when every token is refused."""
    waiting = [asyncio.Event() for _ in slack.workspaces]
    tokens = [each.reveal() for each in settings.slack_app_tokens]
    jobs = [
        asyncio.create_task(_run_workspace(each, tokens[number] if tokens else None, waiting[number]))
        for number, each in enumerate(slack.workspaces)
    ]
    try:
        for each in waiting:
            await each.wait()
        tried.set()
        await asyncio.gather(*jobs)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def send_once(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> tuple[int, bool]:
    """(how many owed messages were sent, whether Slack refuses every token or a workspace cannot be used now), for `due`."""
    slack = open_slack(settings, database, world, clock)
    count, away = 0, False
    try:
        for each in slack.workspaces:
            try:
                await each.begin()
                count += await each.deliver_owed()
            except RefusedError:
                each.refuse()
            except (LaterError, GivenUpError) as error:
                away = True
                log.error("Slack workspace %s cannot be used now (%s): %s; what is owed is sent next time", each.number, error, CURE)
    finally:
        refused = slack.refused
        await slack.end()
    return count, refused or away


async def _run_workspace(workspace: Workspace, app_token: str | None, tried: asyncio.Event) -> None:
    handler: Any = None
    sweeping: asyncio.Task[None] | None = None
    troubles = 0
    try:
        while not workspace.stopping.is_set() and (not workspace.ready or (app_token is not None and handler is None)):
            try:
                if not workspace.ready:
                    await workspace.begin()
                if app_token is not None:
                    from bot.slack_socket import connect

                    handler = await connect(workspace, app_token)
            except RefusedError:
                workspace.refuse()
                return
            except (LaterError, GivenUpError, BusyError, OSError) as error:
                await _again(workspace, str(error) or "the database is busy", troubles, tried)
                troubles += 1
            except Exception as error:  # the library's own: its text may hold an address
                await _again(workspace, type(error).__name__, troubles, tried)
                troubles += 1
        tried.set()
        sweeping = asyncio.create_task(keep_sweeping(workspace), name="sweep")
        await workspace.stopping.wait()
    finally:
        tried.set()
        if sweeping is not None:
            sweeping.cancel()
        if handler is not None:
            await handler.close_async()


async def _again(workspace: Workspace, why: str, troubles: int, tried: asyncio.Event) -> None:
    cure = "check the network, UURWIJZER_SLACK_API and UURWIJZER_SLACK_APP_TOKEN"
    log.warning("Slack workspace %s cannot be used yet (%s), trying again: %s", workspace.number, why, cure)
    tried.set()
    await asyncio.sleep(min(30.0, 2.0**troubles))


def look_at(settings: Settings) -> list[tuple[bool, str]]:
    """(whether it is in order, a sentence with the cure) for the way in, and for each workspace."""
    return asyncio.run(_look(settings))


async def _look(settings: Settings) -> list[tuple[bool, str]]:
    return [*(await _sockets(settings) if settings.slack_app_tokens else _address(settings)), *await _workspaces(settings)]


def _address(settings: Settings) -> list[tuple[bool, str]]:
    if not settings.slack_signing_secrets:
        return []  # bot/settings.py says so, for `serve` too
    if settings.public_url is None:
        return [(False, f"Slack must be told where to call: set UURWIJZER_PUBLIC_URL, and {EVENTS_PATH} behind it in the app's manifest")]
    return [(True, f"comes in at {settings.public_url}{EVENTS_PATH}: that address must stand in the app's manifest")]


async def _sockets(settings: Settings) -> list[tuple[bool, str]]:
    """Whether each app token opens a connection; the one that is opened here nobody uses."""
    cure = "make one with connections:write under App-Level Tokens, and copy it into UURWIJZER_SLACK_APP_TOKEN"
    found = []
    for number, token in enumerate(settings.slack_app_tokens, 1):
        shown = f"app token {number} ({token.masked})"
        _, wrong = await _try(settings, token.reveal(), "apps.connections.open", shown, cure)
        found.append((not wrong, wrong or f"comes in by Socket Mode with {shown}"))
    return found


async def _workspaces(settings: Settings) -> list[tuple[bool, str]]:
    cure = "copy it again into UURWIJZER_SLACK_BOT_TOKEN, or check UURWIJZER_SLACK_API"
    found = []
    for number, token in enumerate(settings.slack_bot_tokens, 1):
        shown = f"token {number} ({token.masked})"
        answer, wrong = await _try(settings, token.reveal(), "auth.test", shown, cure)
        if wrong:
            found.append((False, wrong))
            continue
        given = str(answer.headers.get("x-oauth-scopes") or "").split(",")
        lacking = [f"{scope} ({what})" for scope, what in SCOPES.items() if scope not in map(str.strip, given)]
        name = f"{shown} is of workspace {answer['team']} ({answer['team_id']})"
        more = "add it to the app's scopes and install the app again"
        found.append((not lacking, f"{name}; it lacks {', '.join(lacking)}: {more}" if lacking else name))
    return found


async def _try(settings: Settings, token: str, method: str, shown: str, cure: str) -> tuple[Any, str]:
    """What Slack answers to a call with a token, or a sentence that says why not; `shown` stands for the token in it."""
    from aiohttp import ClientError

    from bot.slack_delivery import Delivery

    delivery = Delivery(token, settings.slack_api)
    try:
        await delivery.open()
        return await delivery.client.api_call(method), ""
    except (ClientError, TimeoutError, OSError):
        return None, f"{shown} was not tried, Slack cannot be reached: {CURE}"
    except Exception as error:
        code = getattr(error, "response", None)
        said = code.get("error") if code is not None and hasattr(code, "get") else type(error).__name__
        return None, f"{shown}: Slack says {said}: {cure}"
    finally:
        await delivery.close()
