"""The web part: Telegram's webhook, health pages for the machine that watches, metrics behind a token."""

import asyncio
import hmac
import json
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.settings import Settings
from storage import events
from storage.database import Database

BODY_LIMIT = 1_000_000


def make_app(settings: Settings, database: Database, telegram: Any) -> Starlette:
    """The web application; what is not configured is not found."""
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
            await asyncio.wait_for(database.step(lambda tx: events.was_handled(tx, "")), 5)
        except Exception:
            return PlainTextResponse("unhealthy", status_code=503)
        return PlainTextResponse("ok")

    async def ready(request: Request) -> Response:
        if telegram is not None and (telegram.refused or not telegram.ready):
            return PlainTextResponse("not ready", status_code=503)
        return await health(request)

    async def metrics(request: Request) -> Response:
        token = settings.metrics_token
        if token is None:
            return Response(status_code=404)
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token.reveal()}".encode()):
            return Response(status_code=404)

        booked, unsent = await database.step(events.counts)
        return PlainTextResponse(f"uurwijzer_moments {booked}\nuurwijzer_answers_unsent {unsent}\n")

    return Starlette(routes=[
        Route("/telegram/webhook", webhook, methods=["POST"]), Route("/healthz", health), Route("/readyz", ready),
        Route("/metrics", metrics),
    ])  # fmt: skip


class PortError(ValueError):
    """The port cannot be opened; the text is one sentence with the cure."""


def open_port(settings: Settings) -> socket.socket:
    """Listen where the settings say. Raises PortError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port or 0), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PortError(f"UURWIJZER_PORT {settings.port} cannot be opened on {settings.host} ({reason}): choose another one.") from None


async def serve_web(
    settings: Settings, database: Database, telegram: Any, port: socket.socket, stop: asyncio.Event, seconds: float = 8.0
) -> None:
    """Serve on an open port until `stop` is set; then requests that are under way get at most `seconds`."""
    config = uvicorn.Config(
        make_app(settings, database, telegram), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=int(seconds),
    )
    server = uvicorn.Server(config)  # its `serve` would take the signals
    serving = asyncio.create_task(server._serve(sockets=[port]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
