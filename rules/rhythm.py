"""How often a person registers, and whether that has stopped; what was not expected is not missed."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from rules.days_off import DAY, days_between, monday_of
from rules.periods import add_months

LOOK_BACK = timedelta(days=160)  # how far a rhythm can be seen: five months
ASKED_FROM = 3  # weekday: nobody is asked before Thursday about a week that still runs
GRACE = timedelta(days=2)  # a window may still be asked about in the two days after it


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` up to and including `last`."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Broken:
    """A rhythm that stopped. `every`: week, two_weeks or month; `window`: where it is missing; `last`: the last day registered."""

    every: str
    window: Window
    last: date


# Of each rhythm how many windows before must hold it, and in how many of them something must have been done.
RHYTHMS = (("week", 6, 4), ("two_weeks", 4, 3), ("month", 4, 3))


def broken_rhythm(active: Collection[date], is_off: Callable[[date], bool], today: date) -> Broken | None:
    """The rhythm that stopped, asked about as soon as the last day on which something was expected has passed.

    `active`: the days on which she registered something, of the last months; `is_off`: days on which nothing is expected.
    """
    past = [day for day in active if today - LOOK_BACK <= day <= today]
    if not past:
        return None
    usual = _usual_weekdays(past)
    for every, back, least in RHYTHMS:
        for end in (today, today - GRACE):
            now, *before = _windows(every, end, back)
            if now.last < today - GRACE or (end != today and now.last >= today):
                continue
            expected = [day for day in days_between(now.first, now.last) if day.weekday() in usual and not is_off(day)]
            if not expected or today <= expected[-1] or (today <= now.last and not _late_enough(every, now, today)):
                continue
            if any(now.first <= day for day in past):
                continue
            done = [any(each.first <= day <= each.last for day in past) for each in before]
            kept = all(did or not _expects(each, usual, is_off) for did, each in zip(done, before, strict=True))
            if kept and sum(done) >= least:
                return Broken(every, now, max(past))
    return None


def _windows(every: str, day: date, back: int) -> list[Window]:
    """The window that holds `day` and those before it, newest first."""
    if every == "month":
        first = day.replace(day=1)
        starts = [add_months(first, -number) for number in range(back + 1)]
        return [Window(start, add_months(start, 1) - DAY) for start in starts]
    weeks = 2 if every == "two_weeks" else 1
    last = monday_of(day) + timedelta(days=6)
    ends = [last - timedelta(weeks=weeks * number) for number in range(back + 1)]
    return [Window(end - timedelta(weeks=weeks) + DAY, end) for end in ends]


def _late_enough(every: str, window: Window, today: date) -> bool:
    if every == "month":
        return (window.last - today).days <= 6
    return today >= window.last - timedelta(days=6 - ASKED_FROM)


def _usual_weekdays(past: list[date]) -> frozenset[int]:
    """The weekdays on which she works: those of at least a third of the weeks in which she did something."""
    weeks = len({monday_of(day) for day in past})
    found = Counter(day.weekday() for day in set(past))
    return frozenset(weekday for weekday, count in found.items() if 3 * count >= weeks) or frozenset(range(5))


def _expects(window: Window, usual: frozenset[int], is_off: Callable[[date], bool]) -> bool:
    return any(day.weekday() in usual and not is_off(day) for day in days_between(window.first, window.last))
