"""When a person may be written to: her own hour, outside her quiet hours, quiet days and leave; in Brussels time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules.days_off import DAY, DaysOff
from rules.periods import BRUSSELS, to_utc

SUNDAY = 7
LONGEST_SEARCH = 60  # days


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a person set: quiet from `start` until `end` (equal: never), on `days` (ISO numbers, 7 is Sunday), from `away_from`
    up to and including `away_to`; `hour`: when she likes to be reminded."""

    start: time = time(20)
    end: time = time(8)
    days: frozenset[int] = frozenset({SUNDAY})
    hour: time = time(9)
    away_from: date | None = None
    away_to: date | None = None

    def is_away(self, day: date) -> bool:
        """Whether she is on leave that day."""
        return self.away_from is not None and self.away_to is not None and self.away_from <= day <= self.away_to

    def hushes(self, clock: time) -> bool:
        """Whether a clock time lies in the quiet hours, which may run over midnight."""
        if self.start < self.end:
            return self.start <= clock < self.end
        return self.start > self.end and (clock >= self.start or clock < self.end)

    @property
    def first_time(self) -> time:
        """From when on a day she may be written to: her hour, or the end of the quiet hours when that falls in them."""
        return self.end if self.hushes(self.hour) else self.hour


def is_silent(quiet: Quiet, off: DaysOff, day: date) -> bool:
    """Whether nothing is sent that day at all."""
    return day.isoweekday() in quiet.days or quiet.is_away(day) or off.holds(day)


def may_write(quiet: Quiet, off: DaysOff, now: datetime) -> bool:
    """Whether a reminder may be sent now (aware): her hour has come today and the quiet hours have not."""
    local = now.astimezone(BRUSSELS)
    clock = local.time()
    return not is_silent(quiet, off, local.date()) and clock >= quiet.first_time and not quiet.hushes(clock)


def next_time(quiet: Quiet, off: DaysOff, now: datetime) -> datetime:
    """The first instant after `now` at which it is her hour on a day that is not silent; UTC, aware."""
    day = now.astimezone(BRUSSELS).date()
    if quiet.is_away(day) and quiet.away_to is not None:
        day = quiet.away_to + DAY
    for _ in range(LONGEST_SEARCH):
        if not is_silent(quiet, off, day):
            found = to_utc(datetime.combine(day, quiet.first_time))
            if found > now:
                return found
        day += DAY
    return now + timedelta(days=LONGEST_SEARCH)


def last_use(quiet: Quiet, now: datetime) -> datetime:
    """Until when a message of today may still arrive: the next quiet hour of the local day, or its end; UTC, aware."""
    local = now.astimezone(BRUSSELS)
    if quiet.start != quiet.end and local.time() < quiet.start:
        return to_utc(datetime.combine(local.date(), quiet.start))
    return to_utc(datetime.combine(local.date() + DAY, time.min))


def next_free(quiet: Quiet, off: DaysOff, at: datetime) -> datetime:
    """`at` (aware), or the first instant after it that is not quiet: the end of the quiet hours of that day, else her hour on
    the next day that is not silent; UTC, aware."""
    local = at.astimezone(BRUSSELS)
    if not is_silent(quiet, off, local.date()):
        if not quiet.hushes(local.time()):
            return at.astimezone(UTC)
        if local.time() < quiet.end:
            return to_utc(datetime.combine(local.date(), quiet.end))
    day = local.date() + DAY
    for _ in range(LONGEST_SEARCH):
        if not is_silent(quiet, off, day):
            return to_utc(datetime.combine(day, quiet.first_time))
        day = quiet.away_to + DAY if quiet.is_away(day) and quiet.away_to is not None else day + DAY
    return at + timedelta(days=LONGEST_SEARCH)
