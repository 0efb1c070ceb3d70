"""From minutes to whole billable hours and cents: pooling, rests, mixed rates (DRV-09, DRV-10, A-13, A-15, A-26)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from rules.book import Rulebook, Settings
from rules.facts import Entry

Chunk = tuple[int, int]  # minutes, cents per hour
DAY = timedelta(days=1)


class Hours(NamedTuple):
    """What one person may bill of one period: whole hours (preparation hours included), minutes over, cents."""

    hours: int = 0
    preparations: int = 0
    rest: int = 0
    cents: int = 0
    leftover: tuple[Chunk, ...] = ()


NO_HOURS = Hours()


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient of two integers (numerator not negative), halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def pool(chunks: Iterable[Chunk], on_mixed_hour: str) -> tuple[int, int, tuple[Chunk, ...]]:
    """Fill hours in order of time: (whole hours, cents, what is left over). `on_mixed_hour` as rate.on_mixed_hour (A-26)."""
    hours = cents = filled = 0
    open_hour: list[Chunk] = []
    for minutes, rate in chunks:
        if open_hour and filled + minutes >= 60:
            open_hour.append((60 - filled, rate))
            minutes -= 60 - filled
            hours, cents, filled = hours + 1, cents + _price(open_hour, on_mixed_hour), 0
            open_hour = []
        if not open_hour and minutes >= 60:
            whole, minutes = divmod(minutes, 60)
            hours, cents = hours + whole, cents + whole * rate
        if minutes:
            open_hour.append((minutes, rate))
            filled += minutes
    return hours, cents, tuple(open_hour)


def _price(hour: list[Chunk], on_mixed_hour: str) -> int:
    if on_mixed_hour == "split":
        return round_half_up(sum(minutes * rate for minutes, rate in hour), 60)
    return hour[0][1] if on_mixed_hour == "first" else hour[-1][1]


def bill_period(
    book: Rulebook, settings: Settings, entries: Iterable[Entry], carried: tuple[Chunk, ...] = (), over: bool = False
) -> Hours:
    """The hours of one person's entries of one period, in any order; `carried` is the rest of the period before (A-15).

    With aggregation = short_only a moment of an hour or more that passes midnight stays one moment: its hours count on the day
    that completes them (A-13, A-25). `over`: the period has ended, so that with remainder_at_period_end = prorata its rest is paid.
    """
    way = settings["aggregation"]
    entries = list(entries)
    if way == "pool" and not carried:
        if not entries:
            return NO_HOURS
        rates = {cents for _, cents in book.rates} if len(book.rates) == 1 else {book.rate_on(entry.day) for entry in entries}
        if len(rates) == 1:  # the order makes no difference
            return _one_rate(entries, *rates, pay_rest=over and settings["remainder_at_period_end"] == "prorata")
    ordered = sorted(entries, key=_in_time)
    preparations = sum(entry.preparations for entry in ordered)
    cents = sum(entry.preparations * book.rate_on(entry.day) for entry in ordered)
    chunks: list[Chunk] = list(carried)
    hours = 0
    for entry in ordered:
        rate, minutes = book.rate_on(entry.day), entry.minutes
        if way == "short_only" and entry.begin is not None and entry.earlier + minutes + entry.later >= 60:
            begun = (entry.earlier % 60, book.rate_on(entry.day - DAY))  # of an hour that passes midnight
            own, earned, _ = pool((begun, (minutes, rate)), settings["rate.on_mixed_hour"])
            hours, cents = hours + own, cents + earned
        elif minutes:
            chunks.append((minutes, rate))
    if way == "prorata":
        total = sum(minutes for minutes, _ in chunks)
        cents += round_half_up(sum(minutes * rate for minutes, rate in chunks), 60)
        return Hours(hours + total // 60 + preparations, preparations, total % 60, cents)
    pooled, earned, leftover = pool(chunks, settings["rate.on_mixed_hour"])
    rest = sum(minutes for minutes, _ in leftover)
    if over and settings["remainder_at_period_end"] == "prorata":
        earned += round_half_up(sum(minutes * rate for minutes, rate in leftover), 60)
    return Hours(hours + pooled + preparations, preparations, rest, cents + earned, leftover)


def _one_rate(entries: list[Entry], rate: int, *, pay_rest: bool) -> Hours:
    minutes = preparations = 0
    for entry in entries:
        minutes += entry.minutes
        preparations += entry.preparations
    hours, rest = divmod(minutes, 60)
    cents = (hours + preparations) * rate + (round_half_up(rest * rate, 60) if pay_rest else 0)
    return Hours(hours + preparations, preparations, rest, cents, ((rest, rate),) if rest else ())


def _in_time(entry: Entry) -> tuple[str, int, str]:
    return entry.day.isoformat(), int(entry.begin is not None), entry.begin.isoformat() if entry.begin else ""
