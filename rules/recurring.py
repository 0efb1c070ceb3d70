"""The days on which a moment comes back: each week, every two weeks, or each month on the same weekday; pure arithmetic of days."""

from collections.abc import Iterator
from datetime import date, timedelta

EVERY = ("week", "two_weeks", "month")
WEEKS = {"week": 1, "two_weeks": 2}
LONGEST = timedelta(days=366)  # no series is planned further ahead
LAST = 5  # a weekday that falls a fifth time in its month is taken for the last one


def nth_of_month(day: date) -> int:
    """The how-manieth weekday of its kind a day is in its month: 1 to 4, or 5 for the last one."""
    return (day.day - 1) // 7 + 1


def coming_days(start: date, every: str, until: date) -> Iterator[date]:
    """The days after `start` on which it comes back, up to and including `until`. `every` is one of EVERY.

    Each month: the same weekday of the month (the third Tuesday); where `start` is a fifth one, the last.
    """
    if every in WEEKS:
        step = timedelta(weeks=WEEKS[every])
        day = start + step
        while day <= until:
            yield day
            day += step
        return
    month = start.year * 12 + start.month
    while (day := _in_month(start, month)) <= until:
        yield day
        month += 1


def _in_month(start: date, month: int) -> date:
    """The weekday of `start` in a month, counted from year 0."""
    first = date(month // 12, month % 12 + 1, 1)
    day = first + timedelta(days=(start.weekday() - first.weekday()) % 7 + 7 * (nth_of_month(start) - 1))
    return day if day.month == first.month else day - timedelta(weeks=1)


def month_ends(start: date, until: date) -> Iterator[date]:
    """The last days of the months from that of `start` on, while they lie after `start` and before `until`."""
    month = start.year * 12 + start.month
    while (end := date(month // 12, month % 12 + 1, 1) - timedelta(days=1)) < until:
        if end > start:
            yield end
        month += 1
