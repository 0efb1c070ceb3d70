"""ISO weeks of Brussels days, and the hour of the week at which something comes back."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rules.periods import BRUSSELS, to_utc

WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
WRITTEN = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week by its Monday."""

    first: date

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def number(self) -> int:
        """Its number in its year, 1 to 53."""
        return self.first.isocalendar().week

    def __str__(self) -> str:
        year, number, _ = self.first.isocalendar()
        return f"{year}-W{number:02}"

    def back(self, weeks: int = 1) -> "Week":
        """The week that lies so many weeks before."""
        return Week(self.first - timedelta(weeks=weeks))


def week_of(day: date) -> Week:
    """The week that holds a day."""
    return Week(day - timedelta(days=day.weekday()))


def read_week(text: str) -> Week:
    """A week written as 2026-W47. Raises ValueError for anything else, and for a 53rd week that the year does not have."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return Week(date.fromisocalendar(int(found[1]), int(found[2]), 1))


def occurrence(weekday: str, hour: str, after: datetime) -> datetime:
    """The first instant after `after` (aware) at which it is that weekday and hour ("08:30") on a Brussels clock, in UTC.

    An hour that the clock skips is the same instant as the hour after it.
    """
    clock = datetime.strptime(hour, "%H:%M").time()
    local = after.astimezone(BRUSSELS).date()
    day = local + timedelta(days=(WEEKDAYS.index(weekday) - local.weekday()) % 7)
    found = to_utc(datetime.combine(day, clock))
    return found if found > after.astimezone(UTC) else to_utc(datetime.combine(day + timedelta(days=7), clock))
