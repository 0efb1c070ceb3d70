"""`due`: one tick of the schedule and one round of sending, for cron."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime

from bot.assembly import make_database, make_world, operator_clock
from bot.log import set_up_log
from bot.scheduling import Schedule
from bot.settings import Settings, secret_texts
from handlers.world import World
from storage.database import Database

AWAY = "{} cannot be reached: check the network and UURWIJZER_{}_API; what is owed is sent with the next run."


def run_due(settings: Settings) -> int:
    """Owe what is due now and send what is owed. Returns an exit code: 0 done, 8 a token is refused or a platform is away."""
    set_up_log(secret_texts(settings))
    database = make_database(settings)
    try:
        return asyncio.run(_once(settings, database, make_world(settings), operator_clock(settings)))
    finally:
        database.close()


async def _once(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> int:
    schedule = Schedule(database, world, clock)
    mine = await schedule.tick()
    await schedule.end()
    if not mine:
        print("Another process keeps the schedule at this moment (`serve`): nothing to do.", file=sys.stderr)
    if settings.telegram_token is None and not settings.slack_bot_tokens:
        print("What is due is owed; nothing was sent, because UURWIJZER_TELEGRAM_TOKEN is not set.")
        return 0
    count, failed = await _by_telegram(settings, database, world, clock)
    if settings.slack_bot_tokens:
        from bot.slack_serving import send_once

        more, failed_too = await send_once(settings, database, world, clock)
        count, failed = count + more, failed or failed_too
    if count or not failed:
        print(f"Sent {count}.")
    return 8 if failed else 0


async def _by_telegram(settings: Settings, database: Database, world: World, clock: Callable[[], datetime]) -> tuple[int, bool]:
    """(how many owed messages were sent, whether Telegram refuses the token or is away, which is said)."""
    if settings.telegram_token is None:
        return 0, False
    from telegram.error import InvalidToken, TelegramError

    from bot.telegram_intake import Telegram
    from bot.telegram_pace import Pace
    from bot.telegram_transport import make_bot

    bot = make_bot(settings.telegram_token.reveal(), settings.telegram_api)
    telegram = Telegram(bot, database, world, clock, pace=Pace(settings.telegram_pace))
    count, away = 0, False
    try:
        await telegram.sign_in()
        await telegram.send_owed_answers()
        count = await telegram.deliver_owed()
    except InvalidToken:
        telegram.refuse()
    except TelegramError:
        away = True
        print(AWAY.format("Telegram", "TELEGRAM"), file=sys.stderr)
    finally:
        await telegram.end()
    return count, telegram.refused or away
