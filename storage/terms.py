"""How long each thing is kept: the terms, which an operator may change, and for every column of every table the term it has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from rules.periods import BRUSSELS, to_utc
from storage.instants import as_stored


@dataclass(frozen=True, slots=True)
class Term:
    """A term in days, or in whole calendar years after the one it counts from (0 of both: until what `since` says).

    `least`: the shortest that may be set, in days; None: it is not for the operator to change.
    """

    name: str
    since: str
    then: str
    days: int = 0
    years: int = 0
    least: int | None = None

    @property
    def ends(self) -> bool:
        """Whether it ends by itself, some time after what it counts from."""
        return bool(self.days or self.years)

    @property
    def in_days(self) -> int:
        """Its length in days, about."""
        return self.days or 365 * self.years

    @property
    def at_least_years(self) -> int:
        """Its length in whole years."""
        return self.years or self.days // 365

    def cutoff(self, now: datetime) -> date:
        """The first day, in Belgium, that is still within the term at `now` (aware)."""
        today = now.astimezone(BRUSSELS).date()
        return date(today.year - self.years, 1, 1) if self.years else today - timedelta(days=self.days)

    def instant(self, now: datetime) -> datetime:
        """The first instant (UTC, no offset) that is still within the term at `now` (aware)."""
        if not self.years:
            return as_stored(now) - timedelta(days=self.days)
        return as_stored(to_utc(datetime.combine(self.cutoff(now), time())))

    def __str__(self) -> str:
        if self.years:
            return f"{self.years} calendar years"
        return f"{self.days} day{'s' * (self.days != 1)}" if self.days else "no fixed term"


Terms = Mapping[str, Term]

_TERMS = (
    Term("hours", "the year of the day it is about", "deleted, with every posting and total", years=10, least=3 * 366),
    Term("trail", "the day it was noted", "deleted; what remains can still be verified", days=365, least=90),
    Term("notes", "the decision", "emptied", days=90, least=1),
    Term("drafts", "the last change", "emptied, then deleted", days=7, least=1),
    Term("parked", "the day it was put aside", "emptied, then deleted", days=30, least=1),
    Term("plans", "the end of the planned moment, or the day it was asked", "deleted", days=90, least=7),
    Term("reminders", "the day it was sent", "deleted", days=730, least=400),
    Term("messages", "the day it was sent, or could not be", "emptied", days=30, least=7),
    Term("keys", "the day it was sent or could not be", "deleted", days=400),
    Term("replies", "the moment it was made", "emptied", days=2),
    Term("deliveries", "the moment it came in", "deleted", days=90),
    Term("invites", "the day it expires", "deleted", days=90, least=1),
    Term("sessions", "the moment it ends", "deleted", days=1),
    Term("guesses", "the moment it was tried", "deleted", days=1),
    Term("account", "as long as it is linked to a person", "replaced by a label, the night after"),
    Term("person", "as long as the person works here", "replaced by a label on erasure; deleted after the last hour"),
    Term("network", "as long as the network works with it", "changed or removed by the operator"),
    Term("program", "as long as the program needs it", "overwritten"),
)
DEFAULTS: Terms = {term.name: term for term in _TERMS}

# The term of each table; below it the columns that have one of their own.
OF_TABLE: Mapping[str, str] = {
    "networks": "network", "sites": "network", "channels": "network", "people": "person", "memberships": "person", "offers": "person",
    "preferences": "person", "feeds": "person", "accounts": "account", "agreements": "hours", "grants": "hours",
    "grant_people": "hours", "grant_names": "hours", "moments": "hours", "moment_versions": "hours", "openings": "hours",
    "postings": "hours", "day_totals": "hours", "month_totals": "hours", "batches": "hours", "batch_lines": "hours",
    "requests": "hours", "refusals": "hours", "summaries": "hours", "bindings": "invites", "invites": "invites",
    "web_sessions": "sessions", "guesses": "guesses", "drafts": "drafts", "events": "deliveries", "outbox": "keys",
    "audit": "trail", "audits": "trail",
    "stand_ins": "trail", "reminders": "reminders", "series": "plans", "plans": "plans", "shares": "plans",
    "stamps": "program", "leases": "program", "jobs": "program",
}  # fmt: skip
OF_COLUMN: Mapping[tuple[str, str], str] = {
    ("requests", "motive"): "notes", ("requests", "answers"): "notes", ("events", "reply"): "replies",
    ("outbox", "account"): "messages", ("outbox", "told"): "messages", ("outbox", "message"): "messages",
}  # fmt: skip


def read_terms(text: str) -> Terms:
    """The terms of a setting like "hours=12y, drafts=14d", the others as they are. Raises ValueError with the cure."""
    found = dict(DEFAULTS)
    for part in filter(None, (each.strip() for each in text.split(","))):
        said = re.fullmatch(r"([a-z]+)\s*=\s*([0-9]{1,5})([dy])", part)
        if said is None:
            raise ValueError(f"must be like hours=10y,drafts=7d (d: days, y: calendar years), it has {part!r}: correct that part")
        name, count, unit = said[1], int(said[2]), said[3]
        term = DEFAULTS.get(name)
        settable = ", ".join(each.name for each in _TERMS if each.least is not None)
        if term is None or term.least is None:
            raise ValueError(f"cannot set {name!r}: choose from {settable}")
        if (count * 366 if unit == "y" else count) < term.least or count > (100 if unit == "y" else 36_500):
            raise ValueError(f"gives {name} {count}{unit}, which is too {'short' if count < 1000 else 'long'}: at least {term.least} days")
        found[name] = replace(term, days=count if unit == "d" else 0, years=count if unit == "y" else 0)
    return found
