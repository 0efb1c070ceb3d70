"""The balance of a grant of which only sums matter, without going through its time: the same numbers as `rules.ledger.balance`.

Most grants are so: nothing shares their hours, no starter bonus runs, one rate holds. For thousands of people at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rules.book import Rulebook
from rules.facts import Grant, Id, Offer
from rules.hours import Hours
from rules.ledger import Balance, limit_of, needs_moments
from rules.periods import Period, billing_period, bonus_window, grant_end, quota_period

Sum = tuple[Id, date, int, int]  # who, first day of a stretch that lies wholly in or out of the period, minutes, preparation hours


@dataclass(frozen=True, slots=True)
class Plain:
    """What all grants of one shape have in common on a day. `together`: whether everybody's time uses up the hours."""

    day: date
    period: Period
    limit: int
    rate: int
    window: Period | None
    together: bool

    def balance(self, grant: Grant, person: Id, booked: Iterable[Sum]) -> Balance:
        """The balance of a grant of this shape for a person."""
        used = mine = preparations = 0
        start, end = self.period.start, self.period.end
        for who, day, minutes, hours in booked:
            if start <= day < end:
                if who == person:
                    mine += minutes
                    preparations += hours
                    used += minutes
                elif self.together:
                    used += minutes
        return Balance(
            grant, person, self.day, self.period, self.limit, used, max(0, self.limit - used), max(0, used - self.limit), 0, self.window,
            self.period, self.hours(mine, preparations),
        )  # fmt: skip

    def hours_until(self, person: Id, booked: Iterable[Sum], last: date) -> Hours:
        """The hours of what a person did in the period up to and with a day."""
        minutes = preparations = 0
        for who, day, length, hours in booked:
            if who == person and self.period.start <= day <= last:
                minutes += length
                preparations += hours
        return self.hours(minutes, preparations)

    def hours(self, minutes: int, preparations: int) -> Hours:
        """The hours of so many minutes of one person in the period."""
        full, rest = divmod(minutes, 60)
        leftover = ((rest, self.rate),) if rest else ()
        return Hours(full + preparations, preparations, rest, (full + preparations) * self.rate, leftover)


def plain_terms(book: Rulebook, grant: Grant, person: Id, offers: tuple[Offer, ...], day: date) -> Plain | None:
    """The terms on `day` of a grant that runs then and that shares with no other; None when more than sums matters."""
    settings = book.on(day)
    if settings["aggregation"] != "pool" or settings["remainder_at_period_end"] == "carry" or settings["prep.counts_against_quota"]:
        return None
    period = quota_period(settings, grant, day)
    if needs_moments(settings, grant) or period != billing_period(settings, grant.start, grant_end(grant), day):
        return None
    if any(period.start < since < period.end for since, _ in book.rates):
        return None
    window = None
    if grant.oproep == "O1" and offers:
        offer = next((each for each in offers if each.person == person and each.site == grant.site), None)
        window = bonus_window(settings, offer, offers, grant.start)
        if window is not None and window.end > period.start:
            return None
    together = grant.oproep == "O2" and settings["o2.scope"] != "provider_site"
    return Plain(day, period, limit_of(settings, grant, period), book.rate_on(period.start), window, together)
