"""What every surface does with an event: hand it to the conversations; a typed answer may also be the words of a button."""

from dataclasses import replace

from sqlalchemy import Connection

from bot.wording import say
from handlers import dispatch
from handlers.screen import Event, Screen
from handlers.world import World
from rules.typed import fold
from storage.accounts import Session


def answer(tx: Connection, world: World, event: Event, session: Session | None = None) -> Screen:
    """The screen that answers an event; see `handlers.dispatch.handle`."""
    screen = dispatch.handle(tx, world, event, session)
    if (meant := typed_button(screen, event)) is not None:
        return dispatch.handle(tx, world, replace(event, kind="press", action=meant, text=""), session)
    return screen


def typed_button(screen: Screen, event: Event) -> str | None:
    """What the button means whose words were typed, when they were no answer otherwise: all of them or their beginning."""
    typed = fold(event.text.strip())
    if event.kind != "text" or not screen.problems or len(typed) < 3:
        return None
    labels = {choice.press: fold(say(choice.label, screen.language)) for row in screen.choices for choice in row}
    found = [press for press, label in labels.items() if label == typed] or [
        press for press, label in labels.items() if label.startswith(typed)
    ]
    return found[0] if len(found) == 1 else None
