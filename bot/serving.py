"""`serve`: runs every surface for which tokens are configured, and the web part when a port is set, until SIGTERM."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bot.assembly import make_database, make_world, operator_clock
from bot.file_errors import database_sentence
from bot.log import set_up_log
from bot.scheduling import Schedule
from bot.settings import Settings, secret_texts
from handlers.world import World
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer")
SEND_SECONDS = 5.0
FIRST_TICK_SECONDS, TICK_SECONDS = 2.0, 60.0
DRAIN_SECONDS = 8.0  # of the ten after SIGTERM; the rest is for letting go
GARBAGE = (20_000, 20, 20)  # an event makes next to no cycles: look for them after thousands of new objects, not after 700


def settle() -> None:
    """Once ready: what the start made is no garbage and is not looked through any more, and the rest less often."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


def run(settings: Settings) -> int:
    """Serve until stopped. Returns an exit code: 0 stopped, 1 the web part ended by itself, 8 the token is refused and nothing is left.

    Raises MissingError when the database is not there, PortError when the port is taken.
    """
    set_up_log(secret_texts(settings))
    database = make_database(settings)
    try:
        with contextlib.suppress(BusyError):
            database.run(lambda tx: None)  # a start without a database fails at once
        return asyncio.run(_serve(settings, database, make_world(settings), operator_clock(settings)))
    finally:
        database.close()


async def _serve(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> int:
    if settings.port is not None:
        from bot.web import open_port

        port = open_port(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(each, stop.set)
    platforms: list[asyncio.Task[Any]] = []
    lasting: list[asyncio.Task[Any]] = []  # these end by themselves once `stop` is set
    telegram, tried, owed = None, asyncio.Event(), asyncio.Event()
    schedule = Schedule(database, world, clock)
    lasting.append(asyncio.create_task(_keep_schedule(schedule, stop, owed), name="schedule"))
    if settings.telegram_token is not None:
        from bot.telegram_intake import Telegram
        from bot.telegram_pace import Pace
        from bot.telegram_transport import make_bot

        made = make_bot(settings.telegram_token.reveal(), settings.telegram_api)
        telegram = Telegram(made, database, world, clock, pace=Pace(settings.telegram_pace))
        platforms.append(asyncio.create_task(_telegram(telegram, settings, tried), name="telegram"))
        lasting.append(asyncio.create_task(_send(telegram, stop, owed), name="send"))
        await tried.wait()
    slack = await _begin_slack(settings, database, world, clock, platforms, lasting, stop, owed) if settings.slack_bot_tokens else None
    if settings.port is not None:
        from bot.web import make_app, serve_web

        app = make_app(settings, database, telegram, clock, world, slack)
        lasting.append(asyncio.create_task(serve_web(app, port, stop, DRAIN_SECONDS), name="web"))
    alone = settings.port is None
    if not alone or not platforms or any(not each.refused for each in (telegram, slack) if each is not None):
        print(_readiness(telegram, slack), file=sys.stderr, flush=True)
        log.info("ready")
    settle()
    waiting = asyncio.create_task(stop.wait(), name="stop")
    ends = [waiting, *(job for job in lasting if job.get_name() == "web")]
    if alone and platforms:
        ends.append(asyncio.create_task(_all_end(platforms), name="platforms"))
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    failed = not stop.is_set()
    stop.set()
    until = loop.time() + DRAIN_SECONDS
    for job in (*platforms, *ends[1:]):
        if job.get_name() != "web":
            job.cancel()
    await asyncio.wait([*platforms, *lasting, waiting], timeout=DRAIN_SECONDS)
    for platform in (telegram, slack):
        if platform is not None:
            with _told_at_the_end():
                await platform.end(max(0.5, until - loop.time()))
    if failed and alone:
        return 8
    return int(failed)


async def _all_end(platforms: list[asyncio.Task[Any]]) -> None:
    """Ends when no platform is left."""
    await asyncio.wait(platforms)


async def _begin_slack(
    settings: Settings, database: Database, world: World, clock: Callable[[], datetime], platforms: list[asyncio.Task[Any]],
    lasting: list[asyncio.Task[Any]], stop: asyncio.Event, owed: asyncio.Event,
) -> Any:
    """Slack, once each of its workspaces was tried."""
    from bot.slack_serving import open_slack, run_slack

    slack, tried = open_slack(settings, database, world, clock), asyncio.Event()
    platforms.append(asyncio.create_task(run_slack(slack, settings, tried), name="slack"))
    lasting.append(asyncio.create_task(_send(slack, stop, owed), name="send"))
    await tried.wait()
    return slack


def _readiness(telegram: Any, slack: Any) -> str:
    """What `serve` says when it has started; "ready" alone when all that is configured works."""
    said = ["ready"]
    if telegram is not None and telegram.refused:
        said.append("but without Telegram: it refuses UURWIJZER_TELEGRAM_TOKEN, copy the token again from @BotFather and restart")
    elif telegram is not None and not telegram.ready:
        said.append("but Telegram cannot be reached yet: trying again, check the network and UURWIJZER_TELEGRAM_API")
    if slack is not None and any(each.refused for each in slack.workspaces):
        said.append("but Slack refuses a token of UURWIJZER_SLACK_BOT_TOKEN: `uurwijzer check` says which, copy it again and restart")
    elif slack is not None and not slack.ready:
        said.append("but Slack cannot be reached yet: trying again, check the network and UURWIJZER_SLACK_API")
    return ", ".join(said)


async def _telegram(telegram: Any, settings: Settings, tried: asyncio.Event) -> None:
    """Begin as soon as Telegram can be reached, then take updates in until stopped; ends when the token is refused."""
    from telegram.error import InvalidToken, TelegramError

    webhook = settings.telegram_webhook_url
    secret = settings.telegram_webhook_secret.reveal() if settings.telegram_webhook_secret else None
    troubles = 0
    while not telegram.ready:
        try:
            await telegram.begin(webhook, secret)
        except InvalidToken:
            telegram.refuse()
            return
        except Exception as error:
            if isinstance(error, TelegramError | BusyError):
                cure = "check the network and UURWIJZER_TELEGRAM_API"
                log.warning("Telegram cannot be used yet (%s), trying again: %s", str(error) or "the database is busy", cure)
            else:  # ours to mend: whoever waits for "ready" must not wait for ever
                log.exception("Telegram could not be begun, trying again")
            tried.set()
            await asyncio.sleep(min(30.0, 2.0**troubles))
            troubles += 1
        finally:
            if telegram.ready or telegram.refused:
                tried.set()
    if webhook is None:
        await telegram.poll()
    else:
        await telegram.stopping.wait()


async def _send(telegram: Any, stop: asyncio.Event, owed: asyncio.Event) -> None:
    """Every few seconds, or when the schedule owes something: note what was sent, send what is owed."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(owed.wait(), SEND_SECONDS)
        owed.clear()
        if stop.is_set() or not telegram.ready or telegram.refused:
            continue
        try:
            await telegram.flush()
            await telegram.send_owed_answers()
            await telegram.deliver_owed()
        except BusyError:
            log.warning("the database is busy, what is owed is sent with the next round")
        except Exception as error:
            if told := database_sentence(error):
                log.error("%s What is owed is sent with the next round.", told)
            else:
                log.exception("a round of sending failed, the next one comes")


async def _keep_schedule(schedule: Schedule, stop: asyncio.Event, owed: asyncio.Event) -> None:
    """Once a minute: owe what is due."""
    seconds = FIRST_TICK_SECONDS
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        if not stop.is_set() and await schedule.tick():
            owed.set()
        seconds = TICK_SECONDS
    owed.set()
    with _told_at_the_end():
        await schedule.end()


@contextlib.contextmanager
def _told_at_the_end() -> Iterator[None]:
    """What cannot be written any more at the end is said, and does not keep the rest from ending: it is noted, or expires, later."""
    try:
        yield
    except BusyError:
        log.warning("the database is busy at the end: what was sent may be sent once more")
    except Exception as error:
        told = database_sentence(error)
        if told is None:
            raise
        log.error("%s What was sent may be sent once more.", told)
