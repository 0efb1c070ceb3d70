"""Which form a typed line is meant for: one without the word of a form, "advies OCMW gisteren 10u-10u30", and one that tells another
moment while a card is open."""

from sqlalchemy import Connection

from handlers.commands import COMMAND_OF, FORMS
from handlers.screen import Event
from handlers.turn import settings_for
from handlers.typed_line import typed_line
from handlers.world import World
from rules.periods import BRUSSELS
from rules.typed import fold
from rules.when import read_when
from storage.accounts import Session

MOMENT = frozenset(("place", "day", "start", "length", "present"))
LEAST = 2  # of these in a line: less may be anything


def form_of_line(tx: Connection, world: World, session: Session, event: Event) -> str | None:
    """The form of the werkvorm that a line begins with; else the only form in which she has hours, for a line that tells of a moment.
    None when neither is so."""
    if (named := _of_werkvorm(world, event)) is not None:
        return named
    hers = [(form, found) for form in FORMS if (found := settings_for(tx, world, session.person or 0, event, form))]
    if len(hers) != 1:
        return None
    form, settings = hers[0]
    return form if any(len(MOMENT & typed_line(each, event.text).answers.keys()) >= LEAST for each in settings) else None


def form_of_another(world: World, event: Event, open_form: str) -> str | None:
    """The form of a line that tells another moment while a card is open: it begins with the word of a form or a werkvorm, and names
    hours; and a day too, unless another form is open. None for what may be an answer. `open_form`: empty for no form of moments."""
    first, _, rest = event.text.strip().partition(" ")
    form = COMMAND_OF.get(fold(first))
    form = form if form in FORMS else _of_werkvorm(world, event)
    if form is None:
        return None
    when = read_when(rest, event.now.astimezone(BRUSSELS).date())
    hours = when.start is not None or when.minutes is not None
    return form if hours and (when.day is not None or open_form not in ("", form)) else None


def _of_werkvorm(world: World, event: Event) -> str | None:
    """The form of the werkvorm that a line of more than one word begins with."""
    first, _, rest = event.text.strip().partition(" ")
    known = (each for book in world.books.values() for each in book.werkvormen.values())
    named = next((each for each in known if rest and fold(first) in map(fold, each.typed)), None)
    return next((form for form in FORMS if form in named.forms), None) if named is not None else None
