"""A line without the word of a form, "advies OCMW gisteren 10u-10u30": which form it is meant for, when that is sure."""

from sqlalchemy import Connection

from handlers.commands import FORMS
from handlers.screen import Event
from handlers.turn import settings_for
from handlers.typed_line import typed_line
from handlers.world import World
from rules.typed import fold
from storage.accounts import Session

MOMENT = frozenset(("place", "day", "start", "length", "present"))
LEAST = 2  # of these in a line: less may be anything


def form_of_line(tx: Connection, world: World, session: Session, event: Event) -> str | None:
    """The form of the werkvorm that a line begins with; else the only form in which she has hours, for a line that tells of a moment.
    None when neither is so."""
    first = fold(event.text.strip().partition(" ")[0])
    known = (each for book in world.books.values() for each in book.werkvormen.values())
    named = next((each for each in known if " " in event.text.strip() and first in map(fold, each.typed)), None)
    if named is not None:
        return next((form for form in FORMS if form in named.forms), None)
    hers = [(form, found) for form in FORMS if (found := settings_for(tx, world, session.person or 0, event, form))]
    if len(hers) != 1:
        return None
    form, settings = hers[0]
    return form if any(len(MOMENT & typed_line(each, event.text).answers.keys()) >= LEAST for each in settings) else None
