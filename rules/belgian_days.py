"""Belgian public holidays and the school holidays of the Flemish and the French Community, computed from the rules that fix them.

Sources: the law on public holidays (1974); the Flemish decisions of 17 April 1991 and 31 August 2001; the decree of the French
Community of 31 March 2022 (from the school year 2022-2023). Tests hold this against a library of holidays.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from rules.days_off import DAY, DaysOff, days_between, monday_of

WEEK = timedelta(weeks=1)
SCHOOL_YEAR = timedelta(weeks=44, days=5)  # of the French Community, from the day before it to its last day


@lru_cache(maxsize=64)
def days_off(year: int, language: str) -> DaysOff:
    """The days off of a year and of the years beside it, for schools in this language: "fr" the French Community, else the Flemish."""
    years = range(year - 1, year + 2)
    breaks = french_breaks if language == "fr" else flemish_breaks
    public = frozenset(day for each in years for day in public_holidays(each))
    return DaysOff(public, public | frozenset(day for each in years for first, last in breaks(each) for day in days_between(first, last)))


def easter(year: int) -> date:
    """Easter Sunday: the first Sunday after the full moon that the Gregorian calendar reckons on or after 21 March."""
    golden, century = year % 19, year // 100 + 1
    moon = (14 + 11 * golden - 3 * century // 4 + (5 + 8 * century) // 25) % 30
    full = date(year, 4, 19) - timedelta(days=moon + (moon == 0 or (moon == 1 and golden > 10)))
    return full + timedelta(days=7 - full.isoweekday() % 7)


def public_holidays(year: int) -> Iterator[date]:
    """The ten legal holidays and the two Sundays of Easter and Pentecost."""
    sunday = easter(year)
    for month, day in ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)):
        yield date(year, month, day)
    for after in (0, 1, 39, 49, 50):
        yield sunday + timedelta(days=after)


def flemish_breaks(year: int) -> Iterator[tuple[date, date]]:
    """First and last days of the Flemish school holidays that begin in a year, single free days included."""
    sunday = easter(year)
    yield sunday - timedelta(days=48), sunday - timedelta(days=42)
    if sunday.month == 3:
        spring = sunday + DAY
    elif sunday >= date(year, 4, 15):
        spring = sunday - timedelta(days=13)
    else:
        spring = monday_of(date(year, 4, 7))
    yield spring, max(spring + 2 * WEEK - DAY, sunday + DAY if sunday >= spring else spring)
    yield sunday + timedelta(days=39), sunday + timedelta(days=40)
    yield date(year, 7, 1), date(year, 8, 31)
    autumn = date(year, 11, 1)
    monday = autumn + DAY if autumn.isoweekday() == 7 else monday_of(autumn)
    yield monday, monday + WEEK - DAY
    yield _christmas(year)


def french_breaks(year: int) -> Iterator[tuple[date, date]]:
    """First and last days of the school holidays of the French Community that begin in a year (rhythm of 2022-2023 on)."""
    sunday = easter(year)
    back = _christmas(year - 1)[1] + DAY
    carnival = back + 7 * WEEK
    if sunday - timedelta(days=48) == carnival - WEEK:
        carnival -= WEEK
    yield carnival, carnival + 2 * WEEK - DAY
    spring = monday_of(date(year, 5, 1))
    yield spring, spring + 2 * WEEK - DAY
    mardi_gras = sunday - timedelta(days=47)
    yield mardi_gras, mardi_gras
    yield _first_friday_of_july(year) + DAY, _first_friday_of_july(year + 1) - SCHOOL_YEAR
    yield date(year, 9, 27), date(year, 9, 27)
    saints = date(year, 11, 1)
    autumn = monday_of(saints) - WEEK
    yield autumn, max(autumn + 2 * WEEK - DAY, saints + DAY if saints.isoweekday() == 7 else saints)
    yield _christmas(year)


def _first_friday_of_july(year: int) -> date:
    """The last day of the school year of the French Community."""
    first = date(year, 7, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7)


def _christmas(year: int) -> tuple[date, date]:
    """Two weeks from the Monday of the week of 25 December, or the next one when that is in a weekend."""
    day = date(year, 12, 25)
    monday = monday_of(day) + (WEEK if day.isoweekday() > 5 else timedelta())
    return monday, monday + 2 * WEEK - DAY
