"""The anchor over HTTP: a stock python-telegram-bot echo bot that polls.

python -m bench.ptb_echo          measures it against the stub and prints the CPU per update
python -m bench.ptb_echo --api X  is the bot itself, until it is killed
"""

import argparse
import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.bot_api_stub import TOKEN
from bench.timing import interleave, served, table

BOT = (sys.executable, "-m", "bench.ptb_echo", "--api", "{api}", "--token", "{token}")


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Say it back."""
    assert update.message
    assert update.message.text
    await update.message.reply_text(update.message.text)


def serve(api: str, token: str) -> None:
    """Poll until the process ends; everything as the library has it by default."""
    application = Application.builder().token(token).base_url(f"{api}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


def run(updates: int) -> float:
    """CPU seconds of the bot's process per update."""
    seconds, count = served(BOT, updates)()
    return seconds / count


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--api", help="address of the Bot API: be the bot")
    words.add_argument("--token", default=TOKEN)
    words.add_argument("--updates", type=int, default=2000)
    words.add_argument("--rounds", type=int, default=5)
    given = words.parse_args()
    if given.api:
        serve(given.api, given.token)
    else:
        print(table(interleave({"ptb_echo": served(BOT, given.updates)}, given.rounds), "ptb_echo"))
