"""The anchor in process: python-telegram-bot's own conversation, in memory, for a form of a command and 7 answers.

From the JSON bytes of an update to the parsed answer of sendMessage; 50 conversations are open;
the network answers at once.
"""

import asyncio
import json
import sys
import time
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bench.bot_api_stub import ME, SENT, TOKEN, text_message

PEOPLE = 50
ANSWERS = ("De Kade", "gisteren", "14u", "2u30", "kookactiviteit", "12", "2")
STEPS = 1 + len(ANSWERS)
READY = b'{"ok":true,"result":%s}'


class ReadyAnswers(BaseRequest):
    """No network: every call is answered at once."""

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        if request_data is not None:
            request_data.json_payload  # noqa: B018 - writing the request is part of the work
        return 200, READY % (ME if url.endswith("getMe") else SENT % (1, 1))


async def ask(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Keep the answer and ask the next question; the state is the number of answers."""
    assert update.message
    assert context.user_data is not None
    answers = context.user_data.setdefault("answers", [])
    answers.append(update.message.text)
    if len(answers) < STEPS:
        await update.message.reply_text(f"Vraag {len(answers)}?")
        return len(answers)
    await update.message.reply_text("Geboekt: " + ", ".join(answers))
    answers.clear()
    context.bot_data["booked"] = context.bot_data.get("booked", 0) + 1
    return ConversationHandler.END


def form() -> Application:  # type: ignore[type-arg]
    """The application with its one conversation."""
    application = (
        Application.builder().token(TOKEN).request(ReadyAnswers()).get_updates_request(ReadyAnswers()).updater(None)
    ).build()
    typed: list[BaseHandler[Any, Any, Any]] = [MessageHandler(filters.TEXT & ~filters.COMMAND, ask)]
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("presentie", ask)],
            states=dict.fromkeys(range(1, STEPS), typed),
            fallbacks=[],
        )
    )
    return application


def payloads(updates: int) -> list[bytes]:
    """That many updates as JSON: all 50 people give their first step, then all their second, and so on."""
    texts = ("/presentie", *ANSWERS)
    return [
        json.dumps(
            {"update_id": each, "message": text_message(1 + each % PEOPLE, each, texts[each // PEOPLE % STEPS])}
        ).encode()
        for each in range(updates)
    ]


def run(updates: int) -> float:
    """CPU seconds per update, over whole rounds of 50 x 8 updates (at least one), after one round to warm up."""
    one = PEOPLE * STEPS
    count = max(one, updates // one * one)
    return asyncio.run(_run(payloads(one), payloads(count)))


async def _run(warm_up: list[bytes], measured: list[bytes]) -> float:
    application = form()
    async with application:
        for body in warm_up:
            await application.process_update(Update.de_json(json.loads(body), application.bot))
        before = time.process_time()
        for body in measured:
            await application.process_update(Update.de_json(json.loads(body), application.bot))
        spent = time.process_time() - before
        assert application.bot_data["booked"] * STEPS == len(warm_up) + len(measured)
        return spent / len(measured)


if __name__ == "__main__":
    print(f"{run(int(sys.argv[1]) if len(sys.argv) > 1 else 4000) * 1e6:.0f} us CPU per update")
