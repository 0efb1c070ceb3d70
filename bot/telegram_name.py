"""Asks Telegram for the bot's name: tells whether the token works, and makes deep links."""

import asyncio

from bot.settings import Settings

PATIENCE = 8.0  # seconds


def ask_name(settings: Settings) -> tuple[str | None, str]:
    """(name, "") of the bot whose token is set, or (None, what is wrong with its cure)."""
    if settings.telegram_token is None:
        return None, "no token is set"
    from telegram.error import InvalidToken, TelegramError

    from bot.telegram_transport import call, make_bot

    bot = make_bot(settings.telegram_token.reveal(), settings.telegram_api)

    async def ask() -> str:
        for request in bot._request:
            await request.initialize()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await call(bot, "getMe")
            return str(found["username"])
        finally:
            for request in bot._request:
                await request.shutdown()

    try:
        return asyncio.run(ask()), ""
    except InvalidToken:
        return None, "Telegram refuses it: copy it again from @BotFather"
    except (TelegramError, TimeoutError, KeyError, TypeError):
        return None, "Telegram cannot be reached: check the network and UURWIJZER_TELEGRAM_API"
