"""The web part: Telegram's webhook, health pages for the machine that watches, metrics behind a token."""

import asyncio
import errno
import hmac
import json
import os
import socket
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.auditor import metrics as audit_metrics
from bot.clock import make_clock
from bot.page_guard import MINI_APP, Guarded
from bot.settings import Settings
from handlers.calendar_feed import ENDING, PATH, calendar_of
from handlers.page_links import has_pages
from handlers.world import World
from storage import events
from storage.auditing import last_audit
from storage.database import Database

if TYPE_CHECKING:
    from bot.page_routes import Pages

BODY_LIMIT = 1_000_000


def make_app(
    settings: Settings, database: Database, telegram: Any, clock: Callable[[], datetime] | None = None, world: World | None = None,
    slack: Any = None,
) -> Starlette:
    """The web application; what is not configured is not found. `world`: what the pages stand on."""
    now = clock or make_clock(settings.now, settings.timezone)

    async def webhook(request: Request) -> Response:
        secret = settings.telegram_webhook_secret
        given = request.headers.get("x-telegram-bot-api-secret-token", "").encode()
        if telegram is None or settings.telegram_webhook_url is None or secret is None:
            return Response(status_code=404)
        if not hmac.compare_digest(given, secret.reveal().encode()):
            return Response(status_code=403)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Response(status_code=415)
        if telegram.refused or not telegram.ready:  # who the bot is is not known yet: Telegram comes again
            return Response(status_code=503)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return Response(status_code=413)
        try:
            update = json.loads(bytes(body))
            if not isinstance(update, dict) or type(update.get("update_id")) is not int:
                raise ValueError
        except (ValueError, RecursionError):
            return Response(status_code=400)
        await (await telegram.take(update))
        return Response(status_code=200)

    async def health(_: Request) -> Response:
        try:
            found = await asyncio.wait_for(database.step(last_audit), 5)
        except Exception:
            return PlainTextResponse("unhealthy", status_code=503)
        return PlainTextResponse("ok" if found is None or found.healthy else "unhealthy")  # a new start would cure nothing

    async def ready(request: Request) -> Response:
        if telegram is not None and (telegram.refused or not telegram.ready):
            return PlainTextResponse("not ready", status_code=503)
        if slack is not None and not slack.ready:
            return PlainTextResponse("not ready", status_code=503)
        return await health(request)

    async def metrics(request: Request) -> Response:
        token = settings.metrics_token
        if token is None:
            return Response(status_code=404)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token.reveal()}".encode()):
            return Response(status_code=404)

        (booked, unsent), found = await database.step(lambda tx: (events.counts(tx), last_audit(tx)))
        lines = [f"uurwijzer_moments {booked}", f"uurwijzer_answers_unsent {unsent}", *audit_metrics(found)]
        return PlainTextResponse("\n".join(lines) + "\n")

    async def calendar(request: Request) -> Response:
        token = request.path_params["token"]
        rows = await database.step(lambda tx: calendar_of(tx, token, now()))
        if rows is None:
            raise HTTPException(404)  # as for any path that is not there
        from bot.calendar_file import MEDIA_TYPE, make_calendar

        content = await asyncio.to_thread(make_calendar, rows)
        return Response(content, media_type=MEDIA_TYPE, headers={"cache-control": "no-store", "x-robots-tag": "noindex"})

    pages = _pages(settings, database, now, world)
    app = Starlette(routes=[
        Route("/telegram/webhook", webhook, methods=["POST"]), Route("/healthz", health), Route("/readyz", ready),
        Route("/metrics", metrics), Route(PATH + "{token}" + ENDING, calendar, methods=["GET"]),
        *(pages.routes() if pages is not None else ()),
    ], exception_handlers=_not_found(pages))  # fmt: skip
    app.router.redirect_slashes = False  # it would lead to whatever host the request names
    # Around all of it: a middleware that Starlette is given stands within what answers an error that nobody caught.
    app.middleware_stack = Guarded(app.build_middleware_stack(), MINI_APP, https=(settings.public_url or "").startswith("https://"))
    if slack is not None and settings.slack_signing_secrets and not settings.slack_app_tokens:
        from bot.slack_door import SlackDoor

        app.middleware_stack = SlackDoor(app.middleware_stack, slack)
    return app


def _pages(settings: Settings, database: Database, now: Callable[[], datetime], world: World | None) -> "Pages | None":
    if world is None or not has_pages(world):
        return None
    from bot.page_doors import Doors
    from bot.page_routes import Pages
    from bot.page_site import Site

    site = Site(database, world, now)
    token = settings.telegram_token.reveal() if settings.telegram_token is not None else ""
    return Pages(site, Doors(site, token))


def _not_found(pages: "Pages | None") -> dict[Any, Any]:
    """Where there are pages, a browser gets one for an address where nothing is."""
    if pages is None:
        return {}

    async def shown(request: Request, error: Exception) -> Response:
        wants_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
        return await pages.site.not_found(request) if wants_page else PlainTextResponse("Not Found", status_code=404)

    return {404: shown}


class PortError(ValueError):
    """The port cannot be opened; the text is one sentence with the cure."""


def open_port(settings: Settings) -> socket.socket:
    """Listen where the settings say. Raises PortError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        port = socket.create_server((settings.host, settings.port or 0), family=family, backlog=512)
    except OSError as error:
        cure = _port_cure(error, settings.port)
        raise PortError(f"UURWIJZER_PORT {settings.port} cannot be opened on {settings.host}: {cure}.") from None
    # asyncio does so only for a socket that names its protocol: without, a second answer on a connection waits 40 ms for the first.
    port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return port


def _port_cure(error: OSError, port: int | None) -> str:
    if error.errno == errno.EADDRINUSE:
        return "it is in use, perhaps by another `serve`: stop that one, or choose another port"
    if error.errno in (errno.EACCES, errno.EPERM) and (port or 0) < 1024:
        return "ports below 1024 need rights: choose 8080 behind a proxy"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return "that is no address of this machine: correct UURWIJZER_HOST"
    reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
    return f"{reason}: choose another port"


async def serve_web(app: Starlette, port: socket.socket, stop: asyncio.Event, seconds: float = 8.0) -> None:
    """Serve on an open port until `stop` is set; then requests that are under way get at most `seconds`."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", proxy_headers=False, server_header=False,
        timeout_graceful_shutdown=int(seconds),
    )  # fmt: skip
    server = uvicorn.Server(config)  # its `serve` would take the signals
    serving = asyncio.create_task(server._serve(sockets=[port]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
