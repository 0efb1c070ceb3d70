"""Which grant a moment uses, and the ledger entries that it makes there."""

from datetime import date, timedelta

from rules.book import Settings
from rules.facts import Entry, Grant, Id
from rules.periods import Span


def covering_grant(grants: tuple[Grant, ...], day: date) -> Grant | None:
    """The grant that a moment on `day` uses: one that covers it, an exception before a pool (DRV-04)."""
    covering = [grant for grant in grants if grant.covers(day)]
    return min(covering, key=lambda grant: (grant.exception is None, grant.start), default=None)


def nearest_grant(grants: tuple[Grant, ...], day: date) -> Grant | None:
    """The grant whose days lie nearest to `day`: whose numbers are shown when none covers it."""

    def distance(grant: Grant) -> tuple[int, bool]:
        if grant.covers(day):
            return 0, grant.exception is None
        edge = grant.start if day < grant.start else (grant.to or day)
        return abs((day - edge).days), grant.exception is None

    return min(grants, key=distance, default=None)


def entries_of(
    settings: Settings, grant: Grant, person: Id, span: Span, minutes: int, preparations: int, title: str | None
) -> tuple[Entry, ...]:
    """The ledger entries of a moment: one on its start day, or with boundary = split one on each side of midnight (A-25).

    When fewer minutes are booked than it lasted they are its first ones; each entry ends where its minutes do.
    """
    tomorrow = span.day + timedelta(days=1)
    split = settings["boundary"] == "split" and grant.covers(tomorrow)
    early = min(minutes, span.minutes - span.after_midnight) if split else minutes
    midnight = span.begin + timedelta(minutes=early)
    late = minutes - early
    first = Entry(grant.id, person, span.day, early, preparations, span.begin, midnight, title, later=late)
    if late:
        return first, Entry(grant.id, person, tomorrow, late, 0, midnight, midnight + timedelta(minutes=late), title, earlier=early)
    return (first,)
