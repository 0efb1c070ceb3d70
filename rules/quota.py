"""Whether a moment fits in the hours of its grant, or how much of it does."""

from collections.abc import Callable
from datetime import date
from typing import Any

from rules.book import Rulebook, Settings
from rules.facts import Entry, Facts, Grant, Id, Submission
from rules.grants import entries_of
from rules.ledger import Balance, Holding, balance
from rules.periods import Span, quota_period
from rules.verdict import MET, REFUSE, WARN, Finding, facts_of

NO_PART = 10**6  # minutes: more than any moment
QUOTA_RULE = {"O1": "O1-11", "O2": "O2-10", "O3": "O3-30", "O4": "O4-16"}


def holding_of(facts: Facts, grant: Grant, person: Id) -> Holding:
    """What the balance of a grant is made of, out of the facts of a judgement."""
    return Holding(grant, person, facts.siblings or facts.grants, facts.entries, facts.offers)


def fit(
    book: Rulebook,
    facts: Facts,
    sub: Submission,
    grant: Grant,
    before: Balance,
    minutes: int | None,
    preparations: int,
    span: Span | None,
    partial: bool,
) -> tuple[int | None, int, Balance, list[Finding]]:
    """O1-11/O1-14, O2-10/O2-11, O3-30, O4-16: what fits in the quota; (minutes, preparations, balance after, findings)."""
    day = sub.first_day
    assert day is not None  # noqa: S101 - judge() has returned before when there is no day
    settings = book.on(day)
    rule = "O2-11" if grant.exception == "overkop" else QUOTA_RULE[grant.oproep]
    rules = [rule]
    if grant.oproep == "O1" and facts.offer is not None and facts.offer.since is not None and settings["o1.bonus_minutes"]:
        rules.append("O1-14")
    asked = minutes if minutes is not None else (1 if partial else 0)
    if asked <= 0:
        return minutes, preparations, before, []
    holding = holding_of(facts, grant, sub.person)

    def booked(length: int) -> tuple[Entry, ...]:
        if span is not None:
            return entries_of(settings, grant, sub.person, span, length, preparations, sub.title)
        return (Entry(grant.id, sub.person, day, length, preparations, None, None, sub.title),)

    own = _own_part(book, holding, day)

    def fits(length: int) -> bool:
        return length <= own and all(_room(book, holding, booked(length), entry.day) for entry in booked(length))

    numbers: dict[str, Any] = {"limit": before.limit, "used": before.used, "left": before.left}
    if not fits(asked):
        most = _largest(fits, asked)
        if settings["quota_overflow"] == "split" and most > 0 and minutes is not None:
            after = balance(book, holding._replace(entries=holding.entries + booked(most)), day)
            split = [Finding(each, WARN, asked=asked, facts=facts_of(booked=most), **numbers) for each in rules]
            return most, preparations, after, split
        over = [Finding(each, REFUSE, asked=asked, facts=facts_of(room=most), **numbers) for each in rules]
        return minutes, preparations, before, over
    if minutes is None:
        return None, preparations, before, [Finding(rule, MET, **numbers)]
    after = balance(book, holding._replace(entries=holding.entries + booked(asked)), day)
    return minutes, preparations, after, [Finding(rule, MET, asked=asked, **numbers)]


def _room(book: Rulebook, holding: Holding, extra: tuple[Entry, ...], day: date) -> bool:
    """Whether the period of `day` stays within its limit with `extra`; a correction too, as if its old version did not exist (DRV-06).

    With the base first, a bonus that was not needed on its own days is not there for later ones (A-03): what is left that day counts.
    """
    settings = book.on(day)
    if holding.grant.oproep == "O1" and settings["o1.bonus_order"] == "base_first":
        before = tuple(entry for entry in extra if entry.day < day)
        asked = sum(entry.minutes for entry in extra if entry.day == day)
        return asked <= balance(book, holding._replace(entries=holding.entries + before), day).left
    period = quota_period(settings, holding.grant, day)
    inside = tuple(entry for entry in extra if entry.day in period)
    return balance(book, holding._replace(entries=holding.entries + inside), day).over == 0


def _own_part(book: Rulebook, holding: Holding, day: date) -> int:
    """Minutes left of the part of a pool that one provider may use in the period; no limit when the network set none (A-05)."""
    settings = book.on(day)
    part = settings["o2.suballocation_minutes"]
    if not part or holding.grant.oproep != "O2" or holding.grant.exception is not None:
        return NO_PART
    period = quota_period(settings, holding.grant, day)
    mine = (each for each in holding.entries if each.grant == holding.grant.id and each.person == holding.person)
    return max(0, int(part) - sum(each.minutes for each in mine if each.day in period))


def _largest(fits: Callable[[int], bool], asked: int) -> int:
    """The largest number of minutes below `asked` that fits; 0 when none does."""
    low, high = 0, asked - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def nearly_full(settings: Settings, after: Balance) -> Finding | None:
    """DRV-14: used is at least 80 % of used + left on the start day, after booking."""
    whole = after.used + after.left
    if whole > 0 and 100 * after.used >= settings["warn.share_percent"] * whole:
        return Finding("DRV-14", WARN, limit=whole, used=after.used, left=after.left)
    return None
