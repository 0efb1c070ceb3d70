"""One balance for all: what is shown, what is enforced and what is billed come out of `balance` and `due` here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from rules.book import Rulebook, Settings
from rules.facts import Entry, Grant, Id, Offer
from rules.hours import NO_HOURS, Chunk, Hours, bill_period
from rules.periods import FAR, Period, billing_period, bonus_window, grant_end, nearest_day, quota_period


class Holding(NamedTuple):
    """A grant with all that its balance is made of. `siblings`: the grants that share its quota or its billing pool
    (the grant itself among them, see `shares_with`); `entries`: booked time on those grants."""

    grant: Grant
    person: Id
    siblings: tuple[Grant, ...]
    entries: tuple[Entry, ...]
    offers: tuple[Offer, ...] = ()


class Balance(NamedTuple):
    """A balance as it stands on `day`, in minutes and cents. `left` holds base and bonus that may still be booked
    that day, `over` the minutes by which the period is over its limit already."""

    grant: Grant
    person: Id
    day: date
    period: Period
    limit: int
    used: int
    left: int
    over: int
    bonus_left: int
    bonus_window: Period | None
    billing: Period
    hours: Hours

    @property
    def pooled(self) -> bool:
        """Whether colleagues use the same hours."""
        return len(self.grant.persons) > 1


def shares_with(settings: Settings, grant: Grant, other: Grant) -> bool:
    """Whether booked time on `other`, a grant of the same person, may touch the balance of `grant`: same place, same oproep
    or same code (A-02, A-14)."""
    if other.oproep == grant.oproep:
        wide = grant.oproep == "O1" or settings["aggregation.scope"] in ("oproep", "code")
        return wide or (other.site, other.agreement, other.exception) == (grant.site, grant.agreement, grant.exception)
    return settings["aggregation.scope"] == "code" and _same_code(settings, grant.oproep, other.oproep)


def _same_code(settings: Settings, oproep: str, other: str) -> bool:
    """Whether two oproepen are billed under one pseudocode (A-14, A-18). Oproep 1 and 2 share theirs by the text, also while the
    network has yet to fill it in; an empty code of oproep 3 or 4 is nobody's."""
    code = settings[f"billing.code.{oproep}"]
    return bool(code == settings[f"billing.code.{other}"] and (code or {oproep, other} == {"O1", "O2"}))


def needs_moments(settings: Settings, grant: Grant) -> bool:
    """Whether single moments matter to the balance, so that days may not be summed."""
    return settings["aggregation"] == "short_only" or (grant.oproep == "O2" and settings["o2.joint"] == "count_once")


def breakpoints(
    book: Rulebook, grant: Grant, siblings: Sequence[Grant], person: Id, offers: tuple[Offer, ...], day: date
) -> tuple[date, ...]:
    """The days between which booked time may be summed without changing `balance` on `day` (or `due`): sorted, first days.

    Where a moment is split at midnight (A-25), without changing it on the day after either.
    """
    settings = book.on(day)
    marks = {since for since, _ in book.rates}
    for number in range(2 if settings["boundary"] == "split" else 1):
        period = quota_period(settings, grant, nearest_day(grant, day + timedelta(days=number)))
        marks |= {period.start, period.end}
    for other in siblings:
        marks |= {other.start, grant_end(other)}
        if other.oproep == "O1" and (window := _window(settings, other, siblings, person, offers)):
            marks |= {window.start, window.end}
    start, end = _pool_days(settings, grant, siblings, person)
    for billing in _billing_periods(settings, start, end, min(max(day, start), end)):
        marks |= {billing.start, billing.end}
    if settings["o1.bonus_order"] == "base_first" and grant.oproep == "O1":
        for other in siblings:
            marks |= {each.start for each in _quota_periods(settings, other, period.end)}
    return tuple(sorted(mark for mark in marks if mark != FAR))


def first_day_that_matters(book: Rulebook, grant: Grant, siblings: Sequence[Grant], person: Id, day: date) -> date:
    """The first booked day that `balance` on `day` looks at: what lies before cannot change it, however much it is.

    A starter bonus and a rest that is carried reach back to the beginning.
    """
    settings = book.on(day)
    start, end = _pool_days(settings, grant, siblings, person)
    if grant.oproep == "O1" or settings["remainder_at_period_end"] == "carry":
        return min(start, *(other.start for other in siblings))
    here = nearest_day(grant, day)
    billing = billing_period(settings, start, end, min(max(here, start), end))
    return min(billing.start, quota_period(settings, grant, here).start)


def limit_of(settings: Settings, grant: Grant, period: Period) -> int:
    """Minutes that may be booked in a period, extra hours included (O1-11, O2-10, O2-11, O3-30, O4-16, A-44)."""
    if grant.minutes is not None:
        return grant.minutes + grant.extra_minutes
    key = "limit.O2.overkop" if grant.exception == "overkop" else f"limit.{grant.oproep}"
    base = int(settings[key])
    if settings["grant.short_period"] == "prorata" and grant.to is not None:
        days = (min(period.end, grant_end(grant)) - max(period.start, grant.start)).days
        base = min(base, -(-base * days // 365))
    return base + grant.extra_minutes


def balance(book: Rulebook, holding: Holding, on: date) -> Balance:
    """The balance of a grant for a person as it stands on `on`, or on the day of the grant nearest to it."""
    grant, person = holding.grant, holding.person
    day = nearest_day(grant, on)
    settings = book.on(day)
    period = quota_period(settings, grant, day)
    limit = limit_of(settings, grant, period)
    start, end = period.start, period.end
    booked = [entry for entry in _quota_entries(settings, holding) if start <= entry.day < end]
    total = _quota_minutes(settings, grant, booked)
    bonus_used, window, bonus_left = 0, None, 0
    if grant.oproep == "O1" and holding.offers:
        window = _window(settings, grant, holding.siblings, person, holding.offers)
        if settings["o1.scope"] == "provider" or (window is not None and window.end > period.start):
            bonus_used = _bonus_used(settings, holding, period, total, limit)
        if window is not None and day in window:
            bonus_left = max(0, settings["o1.bonus_minutes"] - _bonus_taken(settings, holding, window, period, total, limit))
    base_left = limit - (total - bonus_used)
    if base_left < 0:
        bonus_left = 0
    left = base_left + bonus_left if base_left >= 0 else 0
    return Balance(
        grant,
        person,
        day,
        period,
        limit,
        total,
        max(0, left),
        max(0, -base_left),
        bonus_left,
        window,
        *hours_on(book, holding, day),
    )


def hours_on(book: Rulebook, holding: Holding, day: date) -> tuple[Period, Hours]:
    """The billing period that holds `day` and the person's hours in it, all entries of that period counted."""
    settings = book.on(day)
    start, end = _pool_days(settings, holding.grant, holding.siblings, holding.person)
    carry = settings["remainder_at_period_end"] == "carry"
    periods = list(_billing_periods(settings, start, end, day)) if carry else [billing_period(settings, start, end, day)]
    ids = pool_ids(settings, holding)
    mine = [entry for entry in holding.entries if entry.person == holding.person and entry.grant in ids]
    carried: tuple[Chunk, ...] = ()
    hours = NO_HOURS
    for period in periods:
        inside = [entry for entry in mine if period.start <= entry.day < period.end]
        hours = bill_period(book, book.on(period.start), inside, carried)
        carried = hours.leftover
    return periods[-1], hours


@dataclass(frozen=True, slots=True)
class Due:
    """What a person may have been paid of one billing pool up to and including a day: hours, cents, and rests that lapsed."""

    hours: int
    cents: int
    lapsed: int


def due(book: Rulebook, holding: Holding, through: date) -> Due:
    """Everything due of the holding's billing pool up to `through`, all periods together (DRV-08, DRV-09, A-15)."""
    settings = book.on(through)
    start, end = _pool_days(settings, holding.grant, holding.siblings, holding.person)
    ids = pool_ids(settings, holding)
    mine = [entry for entry in holding.entries if entry.person == holding.person and entry.grant in ids and entry.day <= through]
    hours = cents = lapsed = 0
    carried: tuple[Chunk, ...] = ()
    for period in _billing_periods(settings, start, end, max(start, through)):
        then = book.on(period.start)
        over = period.end <= through + timedelta(days=1)
        result = bill_period(book, then, [entry for entry in mine if entry.day in period], carried, over)
        way = then["remainder_at_period_end"]
        last = period.end >= end
        carried = result.leftover if way == "carry" else ()
        if over and then["aggregation"] != "prorata" and (way == "lapse" or (way == "carry" and last)):
            lapsed += result.rest
        hours, cents = hours + result.hours, cents + result.cents
    return Due(hours, cents, lapsed)


def _quota_entries(settings: Settings, holding: Holding) -> list[Entry]:
    """The entries that use the same quota as the grant: O1 per person and site, O2 per site, O3 per agreement, O4 per person."""
    grant = holding.grant
    own = settings["quota.period"] == "anniversary"
    ids = {grant.id}
    for other in holding.siblings if len(holding.siblings) > 1 else ():
        if other.oproep != grant.oproep:
            continue
        if (grant.oproep == "O1" and settings["o1.scope"] == "provider") or (
            not own and (other.site, other.agreement, other.exception) == (grant.site, grant.agreement, grant.exception)
        ):
            ids.add(other.id)
    alone = grant.oproep != "O2" or settings["o2.scope"] == "provider_site"
    return [entry for entry in holding.entries if entry.grant in ids and (not alone or entry.person == holding.person)]


def quota_key(settings: Settings, grant: Grant, person: Id) -> tuple[Id | None, ...]:
    """What tells one limit from another: grants of people with the same key use up the same hours (A-01, A-02, A-05)."""
    who = person if grant.oproep != "O2" or settings["o2.scope"] == "provider_site" else None
    if grant.oproep == "O1" and settings["o1.scope"] == "provider":
        return grant.oproep, who
    if settings["quota.period"] == "anniversary":
        return grant.oproep, who, grant.id
    return grant.oproep, who, grant.site, grant.agreement, grant.exception


def _quota_minutes(settings: Settings, grant: Grant, entries: Sequence[Entry]) -> int:
    total = sum([entry.minutes for entry in entries])
    if grant.oproep == "O2" and settings["o2.joint"] == "count_once":
        total = sum(entry.minutes for entry in entries if entry.begin is None) + _union_minutes(entries)
    if settings["prep.counts_against_quota"]:
        total += 60 * sum(entry.preparations for entry in entries)
    return total


def _union_minutes(entries: Iterable[Entry]) -> int:
    """Minutes in which at least one person was there (A-40, count_once)."""
    total = 0
    until: datetime | None = None
    for begin, end in sorted((entry.begin, entry.end) for entry in entries if entry.begin is not None and entry.end is not None):
        start = begin if until is None else max(begin, until)
        if end > start:
            total += int((end - start).total_seconds() // 60)
            until = end
    return total


def _window(settings: Settings, grant: Grant, siblings: Sequence[Grant], person: Id, offers: tuple[Offer, ...]) -> Period | None:
    offer = next((each for each in offers if each.person == person and each.site == grant.site), None)
    if offer is None or offer.since is None:
        return None
    starts = [each.start for each in siblings if each.oproep == "O1" and each.site == grant.site and person in each.persons]
    return bonus_window(settings, offer, offers, min(starts, default=grant.start))


def _site_minutes(holding: Holding, site: Id | None, low: date, high: date) -> int:
    ids = {each.id for each in holding.siblings if each.oproep == "O1" and each.site == site}
    return sum(
        entry.minutes for entry in holding.entries if entry.grant in ids and entry.person == holding.person and low <= entry.day < high
    )


def _bonus_taken(settings: Settings, holding: Holding, window: Period, period: Period, total: int, limit: int) -> int:
    """Bonus minutes of the grant's site used up to the end of `period`: the earlier period takes first (O1-14)."""
    full = int(settings["o1.bonus_minutes"])
    site = holding.grant.site
    on_window = min(full, _site_minutes(holding, site, window.start, min(window.end, period.end)))
    if settings["o1.bonus_order"] == "bonus_first":
        return on_window
    before = min(full, _base_first_before(settings, holding, window, period))
    inside = _site_minutes(holding, site, max(window.start, period.start), min(window.end, period.end))
    return before + max(0, min(full - before, inside, total - limit))


def _base_first_before(settings: Settings, holding: Holding, window: Period, period: Period) -> int:
    """With base_first: the bonus that earlier periods of the same site used."""
    full, used = int(settings["o1.bonus_minutes"]), 0
    for other in sorted((each for each in holding.siblings if each.site == holding.grant.site), key=lambda each: each.start):
        for earlier in _quota_periods(settings, other, period.start):
            if earlier.start >= period.start or earlier.end <= window.start:
                continue
            total = _site_minutes(holding, other.site, earlier.start, earlier.end)
            inside = _site_minutes(holding, other.site, max(window.start, earlier.start), min(window.end, earlier.end))
            used += max(0, min(full - used, inside, total - limit_of(settings, other, earlier)))
    return used


def _bonus_used(settings: Settings, holding: Holding, period: Period, total: int, limit: int) -> int:
    """Bonus minutes that cover booked time of `period`: of the grant's site, or with o1.scope = provider of every site."""
    sites = {holding.grant.site}
    if settings["o1.scope"] == "provider":
        sites = {each.site for each in holding.siblings if each.oproep == "O1" and holding.person in each.persons}
    full, used = int(settings["o1.bonus_minutes"]), 0
    for site in sorted(sites, key=str):
        grant = next(each for each in (holding.grant, *holding.siblings) if each.site == site and each.oproep == "O1")
        window = _window(settings, grant, holding.siblings, holding.person, holding.offers)
        if window is None or window.end <= period.start:
            continue
        if settings["o1.bonus_order"] == "base_first":
            before = _base_first_before(settings, holding, window, period)
            inside = _site_minutes(holding, site, max(window.start, period.start), min(window.end, period.end))
            used += max(0, min(full - min(full, before), inside, total - limit - used))
        else:
            until_end = _site_minutes(holding, site, window.start, min(window.end, period.end))
            until_start = _site_minutes(holding, site, window.start, min(window.end, period.start))
            used += min(full, until_end) - min(full, until_start)
    return used


def pool_ids(settings: Settings, holding: Holding) -> set[Id]:
    """The grants whose minutes are combined to hours with those of the holding's grant (A-14)."""
    if len(holding.siblings) < 2:
        return {holding.grant.id}
    return {each.id for each in holding.siblings if _pools(settings, holding.grant, each, holding.person)} | {holding.grant.id}


def _pools(settings: Settings, grant: Grant, other: Grant, person: Id) -> bool:
    if other.id == grant.id:
        return True
    scope = settings["aggregation.scope"]
    if scope == "grant" or person not in other.persons:
        return False
    return other.oproep == grant.oproep or (scope == "code" and _same_code(settings, grant.oproep, other.oproep))


def _pool_days(settings: Settings, grant: Grant, siblings: Sequence[Grant], person: Id) -> tuple[date, date]:
    """First day and exclusive end of the billing pool: of the grant, or from the earliest to the latest of those combined."""
    if len(siblings) < 2:
        return grant.start, grant_end(grant)
    pool = [each for each in (grant, *siblings) if _pools(settings, grant, each, person)]
    return min(each.start for each in pool), max(grant_end(each) for each in pool)


def _billing_periods(settings: Settings, start: date, end: date, until: date) -> Iterable[Period]:
    """The billing periods of a pool from its first up to the one that holds `until` (or its last)."""
    day = start
    while True:
        period = billing_period(settings, start, end, day)
        yield period
        if until in period or period.end >= end or period.end > until:
            return
        day = period.end


def _quota_periods(settings: Settings, grant: Grant, until: date) -> Iterable[Period]:
    day = grant.start
    while day < min(until, grant_end(grant)):
        period = quota_period(settings, grant, day)
        yield period
        day = period.end
