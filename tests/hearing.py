"""What somebody hears without asking: the messages that are owed to her now, over the terminal and over Telegram."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.answering import take_owed
from bot.terminal import _named, show
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
        if owed.chat == talk.user:
            screens.append(screen)
    if screens:
        talk.terminal.choices = _named(screens)
        talk.shown = "\n\n".join(show(each) for each in screens)
    return talk.shown if screens else ""


def _take(office: Office, tx: Connection) -> list[tuple[Owed, Screen]]:
    now = office.clock()
    taken = take_owed(tx, office.world, "terminal", "", now, timedelta(minutes=1), lambda screen, event: [{"screen": screen}])
    for owed, _ in taken:
        outbox.mark_sent(tx, owed.id, now)
    return [(owed, call["screen"]) for owed, [call] in taken]
