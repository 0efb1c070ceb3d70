"""What is kept of a question beside a card when it is shown: the words of its buttons, so that these can be typed."""

from datetime import datetime

from sqlalchemy import Connection

from bot.wording import say
from handlers.screen import Screen
from rules.typed import fold
from storage import accounts
from storage.accounts import LastQuestion


def keep_question(
    tx: Connection, account: int | None, before: LastQuestion | None, screen: Screen, now: datetime, *, came: bool = False
) -> None:
    """Keep what a screen asks in private beside the card, or that it asks nothing any more. `before`: what was asked until now;
    `came`: the screen came by itself.

    What is shown last counts: a card below the screen asks in its stead.
    """
    if account is None or screen.silent:
        return
    last = screen.also[-1] if screen.also else screen
    question = last.question
    if question is None:
        if before is not None:
            accounts.keep_question(tx, account, None)
        return
    buttons = {fold(say(choice.label, last.language)): choice.press for row in last.choices for choice in row}
    kept = LastQuestion(buttons, question.reader, question.yes, question.no, question.back, now.isoformat(), came)
    accounts.keep_question(tx, account, kept)
