"""`serve`: runs every surface for which tokens are configured, and the web part when a port is set, until SIGTERM."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.assembly import make_database, make_world, operator_clock
from bot.log import set_up_log
from bot.settings import Settings, secret_texts
from handlers.world import World
from storage import events
from storage.database import Database

log = logging.getLogger("uurwijzer")
TICK_SECONDS = 5.0


def run(settings: Settings) -> int:
    """Serve until stopped. Returns an exit code: 0 stopped, 1 a platform refused the token at the start."""
    set_up_log(secret_texts(settings))
    database = make_database(settings)
    try:
        return asyncio.run(_serve(settings, database, make_world(settings), operator_clock(settings)))
    finally:
        database.close()


async def _serve(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(each, stop.set)
    jobs: list[asyncio.Task[Any]] = []
    telegram = None
    if settings.telegram_token is not None:
        telegram = await _start_telegram(settings, database, world, clock)
        if telegram is None:
            return 1
        if settings.telegram_webhook_url is None:
            jobs.append(asyncio.create_task(telegram.poll(), name="polling"))
        jobs.append(asyncio.create_task(_tick(telegram, database, clock), name="tick"))
    if settings.port is not None:
        from bot.web import serve_web

        jobs.append(asyncio.create_task(serve_web(settings, database, telegram, stop), name="web"))
    print("ready", file=sys.stderr, flush=True)
    log.info("ready")
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *(job for job in jobs if job.get_name() == "web")], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    for job in jobs:
        if job.get_name() != "web":
            job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    if telegram is not None:
        await telegram.end()
    return 0


async def _start_telegram(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> Any:
    from telegram.error import InvalidToken, TelegramError

    from bot.telegram_intake import Telegram
    from bot.telegram_transport import make_bot

    assert settings.telegram_token is not None  # noqa: S101 - the caller has looked
    telegram = Telegram(make_bot(settings.telegram_token.reveal(), settings.telegram_api), database, world, clock)
    webhook = settings.telegram_webhook_url
    secret = settings.telegram_webhook_secret.reveal() if settings.telegram_webhook_secret else None
    for attempt in range(6):
        try:
            await telegram.begin(webhook, secret)
            return telegram
        except InvalidToken:
            log.error("Telegram refuses the token: check UURWIJZER_TELEGRAM_TOKEN")
            return None
        except TelegramError as error:
            log.warning("Telegram cannot be reached (%s), trying again", type(error).__name__)
            await asyncio.sleep(min(30, 2**attempt))
    log.error("Telegram cannot be reached: check the network and UURWIJZER_TELEGRAM_API")
    return None


async def _tick(telegram: Any, database: Database, clock: Callable[[], datetime]) -> None:
    """Every few seconds: note what was sent, send what is owed; once in a while drop what lost its use."""
    rounds = 0
    while True:
        await asyncio.sleep(TICK_SECONDS)
        try:
            await telegram.flush()
            await telegram.deliver_owed()
            if rounds % 720 == 0:
                await database.step(lambda tx: events.empty_old_replies(tx, clock()))
            rounds += 1
        except Exception:
            log.exception("the tick failed, the next one comes")
