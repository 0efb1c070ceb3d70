"""Days on which nothing is expected: public holidays, and school holidays for who works in schools; given as sets of days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Public holidays, and the school holidays of one language community, each as days."""

    public: frozenset[date] = frozenset()
    school: frozenset[date] = frozenset()

    def holds(self, day: date, school_bound: bool = False) -> bool:
        """Whether nothing is expected on `day`; `school_bound`: of somebody whose places are all schools."""
        return day in self.public or (school_bound and day in self.school)


NOTHING_OFF = DaysOff()


def monday_of(day: date) -> date:
    """The first day of the ISO week of `day`."""
    return day - timedelta(days=day.weekday())


def days_between(first: date, last: date) -> Iterator[date]:
    """The days from `first` up to and including `last`."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
