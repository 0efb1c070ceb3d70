"""What somebody hears without asking: the messages that are owed to her now, over the terminal and over Telegram."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.terminal import _named, show
from handlers.owed import owed_screen
from handlers.screen import Screen
from storage import outbox
from storage.outbox import Owed
from tests.talk import Office, Talk, TelegramTalk, TerminalTalk


def hear(office: Office, talk: Talk) -> str:
    """The messages that come to her now, the newest last; its buttons can be pressed. Empty when there are none."""
    if isinstance(talk, TelegramTalk):
        return talk.act(office.deliver_owed, answered=False)
    assert isinstance(talk, TerminalTalk)
    screens = []
    for owed, screen in office.run(lambda tx: _take(office, tx)):
        if owed.chat == talk.user and screen is not None:
            screens.append(screen)
    if screens:
        talk.terminal.choices = _named(screens)
        talk.shown = "\n\n".join(show(each) for each in screens)
    return talk.shown if screens else ""


def _take(office: Office, tx: Connection) -> list[tuple[Owed, Screen | None]]:
    found = []
    outbox.skip_late(tx, office.clock())
    for owed in outbox.take_owed(tx, "terminal", "", office.clock(), timedelta(minutes=1)):
        screen = owed_screen(tx, office.world, owed)
        found.append((owed, screen))
        if screen is None:
            outbox.mark_failed(tx, owed.id, "late")
        else:
            outbox.mark_sent(tx, owed.id, office.clock())
    return found
