"""Working days: Monday to Friday without the holidays that are given; pure."""

from collections.abc import Container
from datetime import date, timedelta

SATURDAY = 5


def is_workday(day: date, holidays: Container[date]) -> bool:
    """Whether people work that day."""
    return day.weekday() < SATURDAY and day not in holidays


def add_workdays(day: date, count: int, holidays: Container[date]) -> date:
    """The working day that comes `count` working days after `day`, which itself may be none."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day, holidays)
    return day
