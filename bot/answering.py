"""What every surface does: hand an event to the conversations (a typed answer may also be the words of a button), and show what
is owed without an event."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.asking import keep_question
from bot.wording import say
from handlers import dispatch
from handlers.confirm_words import YES, confirm_word, plain
from handlers.owed import owed_screen
from handlers.receipt import just_booked
from handlers.screen import Event, Screen, Who
from handlers.screen import say as text
from handlers.world import World
from rules.typed import fold
from storage import accounts, outbox
from storage.accounts import Session
from storage.outbox import Owed

log = logging.getLogger(__name__)
Calls = list[dict[str, Any]]
BUSY = Screen(text("problems.busy"), notice=text("problems.busy"), fresh=True)


def unexpected(what: str) -> Screen:
    """What a person reads when an exception that nobody foresaw is being handled; the log has it under the same reference."""
    reference = secrets.token_hex(4)
    log.exception("%s, reference %s", what, reference)
    return Screen(text("problems.unexpected", reference=reference), fresh=True)


def answer(tx: Connection, world: World, event: Event, session: Session | None = None) -> Screen:
    """The screen that answers an event; see `handlers.dispatch.handle`."""
    known = session or accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    screen = dispatch.handle(tx, world, event, known)
    meant = typed_button(screen, event)
    if meant is None and _is_lost(screen) and (booked := just_booked(tx, world, known, event)) is not None:
        meant = _named(booked, plain(event.text))  # the receipt still stands above
    if meant is not None:
        screen = dispatch.handle(tx, world, replace(event, kind="press", action=meant, text=""), session)
    if event.private or screen.private:
        keep_question(tx, known.account, known.question, screen, event.now)
    return screen


def typed_button(screen: Screen, event: Event) -> str | None:
    """What the button means whose words were typed, when they were no answer otherwise: all of them or their beginning; "ja" is what
    confirms the card."""
    typed = plain(event.text)
    if event.kind != "text" or not (screen.problems or _is_lost(screen)):
        return None
    if typed in YES:
        ready = [choice.press for row in screen.choices for choice in row if choice.press.endswith(":.ok")]
        return ready[0] if ready and confirm_word(event.text) == ".ok" else None
    return _named(screen, typed)


def _is_lost(screen: Screen) -> bool:
    return screen.title is not None and screen.title.key == "personal.not_understood"


def _named(screen: Screen, typed: str) -> str | None:
    """What the one button of a screen means whose label begins with these words."""
    if len(typed) < 3:
        return None
    labels = {choice.press: fold(say(choice.label, screen.language)) for row in screen.choices for choice in row}
    found = [press for press, label in labels.items() if label == typed] or [
        press for press, label in labels.items() if label.startswith(typed)
    ]
    return found[0] if len(found) == 1 else None


def take_owed(
    tx: Connection, world: World, platform: str, workspace: str, now: datetime, lease: timedelta, show: Callable[[Screen, Event], Calls]
) -> list[tuple[Owed, Calls]]:
    """The messages that are due on a platform, each as the calls that show it; see `storage.outbox.take_owed`."""
    outbox.skip_late(tx, now)
    found = []
    for owed in outbox.take_owed(tx, platform, workspace, now, lease):
        try:
            screen = owed_screen(tx, world, owed)
            place = outbox.where_sent(tx, str(owed.told["edit"])) if "edit" in owed.told else (owed.chat, "")
            if screen is None or place is None:
                outbox.mark_failed(tx, owed.id, "late")
                continue
            chat, message = place
            event = Event(owed.key, Who(platform, workspace, ""), "owed", now, chat=chat, message=message, extra={"topic": owed.topic})
            keep_question(tx, owed.account, None, screen, now, came=True)
            found.append((owed, show(replace(screen, fresh=not message), event)))
        except (LookupError, ValueError, TypeError, AttributeError) as error:  # ours to mend: it must not keep the others waiting
            log.error("the owed message %s could not be made (%s)", owed.id, type(error).__name__)
            outbox.mark_failed(tx, owed.id, "fault")
    return found
