"""Calendar arithmetic of periods, bonus months and Brussels local time; pure, month ends and clock changes included."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.book import Settings
from rules.facts import Grant, Offer

BRUSSELS = ZoneInfo("Europe/Brussels")
FAR = date.max


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to and not including `end`."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def last_day(self) -> date:
        """The last day that still counts."""
        return self.end - timedelta(days=1) if self.end != FAR else FAR


@lru_cache(maxsize=4096)
def add_months(day: date, months: int, month_end: str = "forward") -> date:
    """`day` plus whole months; a day that does not exist becomes the 1st of the next month, or with "clamp" the last (A-01)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    if year > 9998:
        return FAR
    last = monthrange(year, month)[1]
    if day.day <= last:
        return date(year, month, day.day)
    return date(year, month, last) if month_end == "clamp" else date(year, month, last) + timedelta(days=1)


def nearest_day(grant: Grant, day: date) -> date:
    """`day`, or the day of the grant that lies nearest to it."""
    if day < grant.start:
        return grant.start
    return grant.to if grant.to is not None and day > grant.to else day


def grant_end(grant: Grant) -> date:
    """The first day after the grant (exclusive end); FAR when it has none."""
    return grant.to + timedelta(days=1) if grant.to is not None else FAR


def quota_period(settings: Settings, grant: Grant, day: date) -> Period:
    """The period whose limit a moment on `day` is held against (A-01: anniversary, calendar or rolling)."""
    kind = settings["quota.period"]
    if kind == "rolling":
        year_ago = add_months(day, -12, "clamp")
        return Period(year_ago + timedelta(days=1), day + timedelta(days=1))
    if kind == "calendar":
        return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))
    return _anniversary(settings["month_end"], grant.start, grant_end(grant), day)


def billing_period(settings: Settings, start: date, end: date, day: date) -> Period:
    """The period over which minutes are pooled to hours, of a pool that runs [start, end) (A-14, A-15)."""
    kind = settings["quota.period"]
    if kind == "rolling":
        return Period(start, end)
    if kind == "calendar":
        return Period(max(start, date(day.year, 1, 1)), min(end, date(day.year + 1, 1, 1)))
    return _anniversary(settings["month_end"], start, end, day)


@lru_cache(maxsize=4096)
def _anniversary(month_end: str, start: date, end: date, day: date) -> Period:
    index = max(0, day.year - start.year - 1)
    while add_months(start, 12 * (index + 1), month_end) <= day:
        index += 1
    return Period(add_months(start, 12 * index, month_end), min(end, add_months(start, 12 * (index + 1), month_end)))


def bonus_window(settings: Settings, offer: Offer | None, offers: tuple[Offer, ...], grant_start: date | None) -> Period | None:
    """The days on which the starter bonus of oproep 1 may be used at the site of `offer` (O1-14, A-03, A-04); None: no bonus.

    `offers` are all offers of that person (bonus once per provider), `grant_start` the first day of the first grant there.
    """
    if offer is None or offer.since is None or not settings["o1.bonus_minutes"]:
        return None
    if settings["o1.bonus_once"] == "per_provider":
        first = min((other.since, other.site) for other in offers if other.since is not None)
        if (offer.since, offer.site) != first:
            return None
    anchor = offer.since
    if settings["o1.bonus_anchor"] == "grant_start":
        if grant_start is None:
            return None
        anchor = grant_start
    months = 12 if settings["o1.bonus_expiry"] == "first_year" else settings["o1.bonus_months"]
    return Period(anchor, add_months(anchor, months, settings["month_end"]))


@dataclass(frozen=True, slots=True)
class Span:
    """A moment in real time: begin and end in UTC, the local start day, elapsed whole minutes (DRV-03)."""

    begin: datetime
    end: datetime
    day: date
    minutes: int
    after_midnight: int


def local_problem(local: datetime) -> str | None:
    """"gap" when the local time does not exist, "twice" when it exists twice, None when it is clear (DRV-03)."""
    if not 1 <= local.hour <= 3 or local.day < 25:  # clocks change on the last Sunday of a month, between 1 and 3 at night
        return None
    early, late = (local.replace(tzinfo=BRUSSELS, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return None
    there_and_back = early.astimezone(UTC).astimezone(BRUSSELS).replace(tzinfo=None)
    return "twice" if there_and_back == local else "gap"


def to_utc(local: datetime, clock: str | None = None) -> datetime:
    """The instant of a local Brussels time; `clock` "second" means the later of two."""
    return local.replace(tzinfo=BRUSSELS, fold=1 if clock == "second" else 0).astimezone(UTC)


def real_span(start: datetime, end: datetime | None, minutes: int | None, clock: str | None) -> Span | str:
    """The real time of a local start with a local end or elapsed minutes; "gap" or "twice" when the bot must ask (DRV-03)."""
    for local in (start, end if minutes is None else None):
        problem = local_problem(local) if local is not None else None
        if problem == "gap" or (problem == "twice" and clock is None):
            return problem
    begin = to_utc(start, clock)
    finish = begin + timedelta(minutes=minutes) if minutes is not None else to_utc(end or start, clock)
    midnight = to_utc(datetime.combine(start.date() + timedelta(days=1), datetime.min.time()))
    elapsed = int((finish - begin).total_seconds() // 60)
    after = int((finish - midnight).total_seconds() // 60) if finish > midnight else 0
    return Span(begin, finish, start.date(), elapsed, max(0, min(after, elapsed)))
