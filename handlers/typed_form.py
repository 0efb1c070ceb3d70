"""Which form a typed line is meant for: one without the word of a form, "advies OCMW gisteren 10u-10u30", and one that tells another
moment while a card is open."""

from sqlalchemy import Connection

from handlers.commands import COMMAND_OF, FORMS
from handlers.moment_form import Setting
from handlers.screen import Event
from handlers.turn import settings_for
from handlers.typed_line import typed_line
from handlers.world import World
from rules.typed import fold
from rules.when import read_when
from storage.accounts import Session

MOMENT = frozenset(("place", "day", "start", "length", "present"))
LEAST = 2  # of these in a line: less may be anything


def form_of_line(tx: Connection, world: World, session: Session, event: Event) -> tuple[str, str] | None:
    """The form that a line is meant for, and the line without its word: that of the werkvorm that it begins with; that of the one word
    of a form in it, when it names a day and hours; else the only form in which she has hours, for a line that tells of a moment.
    None when none of these is so."""
    line = event.text.strip()
    first, *others = line.split(" ")
    if others and (named := _of_werkvorm(world, first)) is not None:
        return named, line
    if (told := _told_inside(world, event)) is not None:
        return told
    if (only := only_form(tx, world, session, event)) is None:
        return None
    form, settings = only
    enough = any(len(MOMENT & typed_line(each, line).answers.keys()) >= LEAST for each in settings)
    return (form, line) if enough else None


def _told_inside(world: World, event: Event) -> tuple[str, str] | None:
    """The form of the one word in a line that names a form or a werkvorm, and the line without the word of the form."""
    words = event.text.split()
    bare = [fold(each.strip(".,;:!?")) for each in words]
    forms = [(n, form) for n, each in enumerate(bare) if (form := COMMAND_OF.get(each, "")) in FORMS]
    found = {form for _, form in forms} or {named for each in bare if (named := _of_werkvorm(world, each)) is not None}
    if len(found) != 1 or len(forms) > 1:
        return None
    line = " ".join(each for n, each in enumerate(words) if (n, *found) not in forms)
    when = read_when(line, event.today)
    return (found.pop(), line) if when.day is not None and (when.start is not None or when.minutes is not None) else None


def only_form(tx: Connection, world: World, session: Session, event: Event) -> tuple[str, list[Setting]] | None:
    """The only form in which she has hours, with what it is asked in; None when there are more, or none."""
    hers = [(form, found) for form in FORMS if (found := settings_for(tx, world, session.person or 0, event, form))]
    return hers[0] if len(hers) == 1 else None


def form_of_another(world: World, event: Event, open_form: str) -> str | None:
    """The form of a line that tells another moment while a card is open: it begins with the word of a form or a werkvorm, and names
    hours; and a day too, unless another form is open. None for what may be an answer. `open_form`: empty for no form of moments."""
    first, _, rest = event.text.strip().partition(" ")
    if not rest:
        return None
    form = COMMAND_OF.get(fold(first))
    form = form if form in FORMS else _of_werkvorm(world, first)
    if form is None:
        return None
    when = read_when(rest, event.today)
    hours = when.start is not None or when.minutes is not None
    return form if hours and (when.day is not None or open_form not in ("", form)) else None


def _of_werkvorm(world: World, word: str) -> str | None:
    """The form of the werkvorm that people call by a word."""
    wanted = fold(word)
    named = next((book.called[wanted] for book in world.books.values() if wanted in book.called), None)
    return next((form for form in FORMS if form in named.forms), None) if named is not None else None
