"""What the rules are asked with, read from the database: a person, her grants, what was booked, the rest of the facts."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from rules.book import Rulebook
from rules.facts import Agreement, Entry, Facts, Grant, Id, Offer, Person, Site, Submission
from rules.grants import covering_grant, nearest_grant
from rules.ledger import Balance, Holding, balance, breakpoints, first_day_that_matters, needs_moments, shares_with
from rules.periods import BRUSSELS, add_months, quota_period, real_span, to_utc
from storage.instants import as_stored
from storage.prepared import Prepared
from storage.remembered import remembered
from storage.tables import (
    agreements,
    day_totals,
    grant_people,
    grants,
    moments,
    month_totals,
    offers,
    people,
    postings,
    sites,
)

LONGEST = timedelta(days=1)
_mine = grant_people.alias()
_others = grant_people.alias()
PERSON = select(people).where(people.c.id == bindparam("person"))
GRANTS = (
    select(grants, _others.c.person.label("holder"))
    .join(_mine, _mine.c.grant == grants.c.id)
    .join(_others, _others.c.grant == grants.c.id)
    .where(_mine.c.person == bindparam("person"))
    .order_by(grants.c.id, _others.c.person)
)
SITE_POOLS = (
    select(grants, grant_people.c.person.label("holder"))
    .join(grant_people, grant_people.c.grant == grants.c.id)
    .where(grants.c.site == bindparam("site"), grants.c.oproep == "O2", grants.c.exception.is_(None))
    .order_by(grants.c.id, grant_people.c.person)
)
OFFERS = select(offers).where(offers.c.person == bindparam("person"))
SITE = select(sites).where(sites.c.id == bindparam("site"))
AGREEMENT = select(agreements).where(agreements.c.id == bindparam("agreement"))
AGREEMENTS_WITH = select(agreements).where(agreements.c.person == bindparam("person"), agreements.c.partner == bindparam("partner"))
OVERLAPS = Prepared(
    select(moments.c.id).where(
        moments.c.person == bindparam("person"),
        moments.c.state == "accepted",
        moments.c.begins > bindparam("earliest"),
        moments.c.begins < bindparam("end"),
        moments.c.ends > bindparam("begin"),
        moments.c.id != bindparam("besides"),
    )
)
EXCEPTION_OF_OTHER = Prepared(
    select(grants.c.id)
    .select_from(grants.join(grant_people, grant_people.c.grant == grants.c.id))
    .where(
        grants.c.site == bindparam("site"),
        grants.c.oproep == "O2",
        grants.c.exception.is_not(None),
        grants.c.start <= bindparam("day"),
        func.coalesce(grants.c.to, date.max) >= bindparam("day"),
        grant_people.c.person != bindparam("person"),
    )
    .limit(1)
)
SAME_TITLE = select(moments.c.id, moments.c.day, moments.c.title, moments.c.minutes, moments.c.preparations, moments.c.begins).where(
    moments.c.person == bindparam("person"),
    moments.c.state == "accepted",
    moments.c.title.is_not(None),
    moments.c.id != bindparam("besides"),
)
MONTHS = (
    select(month_totals.c.grant, month_totals.c.person, month_totals.c.month, month_totals.c.minutes, month_totals.c.preparations)
    .where(month_totals.c.month >= bindparam("since"))
    .order_by(month_totals.c.month)
)
DAYS = select(day_totals).where(
    day_totals.c.grant.in_(bindparam("grants", expanding=True)),
    day_totals.c.day >= bindparam("since"),
    day_totals.c.day < bindparam("until"),
)


@remembered
def read_person(tx: Connection, person: Id) -> Person:
    """The provider as the rules see one. Raises NoResultFound."""
    row = tx.execute(PERSON, {"person": person}).one()
    return Person(row.id, row.contract_from, row.contract_to, row.employer, row.o4_admitted_from, row.portfolio_on is not None)


@remembered
def read_grants(tx: Connection, person: Id) -> tuple[Grant, ...]:
    """All grants that a person may use or could use, each with everybody who shares it."""
    return _grants(tx.execute(GRANTS, {"person": person}))


def _grants(rows: Iterable[Any]) -> tuple[Grant, ...]:
    found: dict[int, Any] = {}
    holders: dict[int, list[Id]] = {}
    for row in rows:
        found[row.id] = row
        holders.setdefault(row.id, []).append(row.holder)
    return tuple(
        Grant(
            row.id,
            row.oproep,
            tuple(holders[row.id]),
            row.start,
            row.to,
            row.site,
            row.agreement,
            row.minutes,
            row.extra_minutes,
            row.exception,
        )
        for row in found.values()
    )


@remembered
def read_offers(tx: Connection, person: Id) -> tuple[Offer, ...]:
    """The person's structural offers, all sites."""
    return tuple(map(offer_of, tx.execute(OFFERS, {"person": person})))


def offer_of(row: Any) -> Offer:
    """A row of `offers` as the rules see one."""
    numbers = (row.individual_minutes_per_week, row.group_tracks_per_year)
    return Offer(row.person, row.site, row.since, row.structural, *numbers, row.attested_on, row.withdrawn_on)


@remembered
def read_site(tx: Connection, site: Id) -> Site:
    """A site as the rules see one. Raises NoResultFound."""
    row = tx.execute(SITE, {"site": site}).one()
    return Site(row.id, row.kind, row.cooperates)


@remembered
def read_agreement(tx: Connection, agreement: Id) -> Agreement:
    """One collaboration of oproep 3."""
    return _agreement(tx.execute(AGREEMENT, {"agreement": agreement}).one())


def _agreement(row: Any) -> Agreement:
    blocks = frozenset(row.blocks.split("+")) if row.blocks else frozenset()
    return Agreement(
        row.id, row.person, row.partner, row.start, row.to, row.partner_kind, row.delivered_on is not None, blocks, row.evaluated_on,
        row.callback_hours,
    )  # fmt: skip


def read_entries(
    tx: Connection, grant_ids: Sequence[Id], marks: Sequence[date], *, single: bool, since: date = date.min
) -> tuple[Entry, ...]:
    """Booked time on grants from the day `since` on: whole months from the running totals, single days in a month that one of
    the days `marks` cuts in two, or moment by moment when `single`."""
    if single:
        return _single_entries(tx, grant_ids)
    of = {f"grant{number}": grant for number, grant in enumerate(grant_ids)}
    rows = _months_of(len(grant_ids)).rows(tx, since=since.replace(day=1), **of)
    cut = {mark.replace(day=1) for mark in (since, *marks) if mark.day != 1} & {row[2] for row in rows}
    entries = [Entry(*row) for row in rows if row[2] not in cut and (row[3] or row[4])]
    for month in sorted(cut):
        days = {"grants": list(grant_ids), "since": max(month, since), "until": add_months(month, 1)}
        entries += [Entry(row.grant, row.person, row.day, row.minutes, row.preparations) for row in tx.execute(DAYS, days)]
    return tuple(entries)


@lru_cache
def _months_of(count: int) -> Prepared:
    """The month totals of so many grants: grant0, grant1 ..."""
    kind = month_totals.c.grant.type
    return Prepared(MONTHS.where(month_totals.c.grant.in_([bindparam(f"grant{number}", type_=kind) for number in range(count)])))


def _single_entries(tx: Connection, grant_ids: Sequence[Id]) -> tuple[Entry, ...]:
    minutes, preparations = func.sum(postings.c.minutes), func.sum(postings.c.preparations)
    query = (
        select(
            postings.c.grant,
            postings.c.person,
            postings.c.day,
            minutes,
            preparations,
            func.max(moments.c.begins),
            func.max(moments.c.day),
            func.max(moments.c.title),
            func.max(moments.c.minutes),
        )
        .select_from(postings.outerjoin(moments, moments.c.id == postings.c.moment))
        .where(postings.c.grant.in_(grant_ids))
        .group_by(postings.c.grant, postings.c.person, postings.c.day, postings.c.moment, postings.c.opening)
        .having((minutes != 0) | (preparations != 0))
    )
    return tuple(
        _single_entry(Entry(grant, person, day, int(length), int(hours), title=title), begins, starts, whole)
        for grant, person, day, length, hours, begins, starts, title, whole in tx.execute(query)
    )


def _single_entry(entry: Entry, begins: datetime | None, starts: date | None, whole: int | None) -> Entry:
    """The entry with its clock times: from the begin of its moment, or from midnight for what falls on the day after its start;
    `whole` is the length of the moment in minutes."""
    if begins is None or whole is None:
        return entry
    early, other = entry.day == starts, whole - entry.minutes
    begin = begins.replace(tzinfo=UTC) if early else to_utc(datetime.combine(entry.day, datetime.min.time()))
    end = begin + timedelta(minutes=entry.minutes)
    return entry._replace(begin=begin, end=end, earlier=0 if early else other, later=other if early else 0)


def read_holding(
    tx: Connection,
    book: Rulebook,
    grant: Grant,
    person: Id,
    day: date,
    of_person: tuple[Grant, ...],
    with_offers: tuple[Offer, ...],
    until: date | None = None,
) -> Holding:
    """A grant of a person with all that its balance on `day` is made of; `until`: and what is due up to that day."""
    siblings, single, marks, since = _basis(tx, book, grant, person, day, of_person, with_offers, until)
    entries = read_entries(tx, [other.id for other in siblings], marks, single=single, since=since)
    return Holding(grant, person, siblings, entries, with_offers)


@remembered
def _basis(
    tx: Connection, book: Rulebook, grant: Grant, person: Id, day: date, of_person: tuple[Grant, ...], with_offers: tuple[Offer, ...],
    until: date | None,
) -> tuple[tuple[Grant, ...], bool, tuple[date, ...], date]:
    """What of the ledger a balance is made of: the grants that share in it, whether moment by moment, else the days that cut it and
    the first that matters."""
    settings = book.on(day)
    siblings = tuple(other for other in of_person if shares_with(settings, grant, other))
    if grant.oproep == "O2" and grant.exception is None and settings["quota.period"] != "anniversary":
        siblings += tuple(other for other in _grants(tx.execute(SITE_POOLS, {"site": grant.site})) if other not in siblings)
    if grant not in siblings:
        siblings = (grant, *siblings)
    if needs_moments(settings, grant):
        return siblings, True, (), date.min
    marks = breakpoints(book, grant, siblings, person, with_offers, day)
    if until is not None:
        return siblings, False, tuple(sorted({*marks, until + timedelta(days=1)})), date.min
    since = first_day_that_matters(book, grant, siblings, person, day)
    return siblings, False, tuple(mark for mark in marks if mark > since), since


def read_balance(
    tx: Connection, book: Rulebook, grant: Grant, person: Id, day: date, of_person: tuple[Grant, ...], with_offers: tuple[Offer, ...]
) -> Balance:
    """The balance of a grant for a person as it stands on `day`."""
    return balance(book, read_holding(tx, book, grant, person, day, of_person, with_offers), day)


def same_place(sub: Submission, grant: Grant) -> bool:
    """Whether a grant is for the oproep and place of the submission."""
    return grant.oproep == sub.oproep and (
        grant.agreement == sub.agreement if sub.oproep == "O3" else grant.site == sub.site if sub.oproep in ("O1", "O2") else True
    )


def read_facts(tx: Connection, book: Rulebook, sub: Submission, now: datetime, moment: Id | None = None) -> Facts:
    """Everything that the judgement of a submission may look at. `moment` is the one being corrected: it does not overlap itself."""
    day = sub.first_day or now.astimezone(BRUSSELS).date()
    person = read_person(tx, sub.person)
    mine, with_offers = read_grants(tx, sub.person), read_offers(tx, sub.person)
    here = tuple(grant for grant in mine if same_place(sub, grant))
    grant = covering_grant(here, day) or nearest_grant(here, day)
    entries: tuple[Entry, ...] = ()
    siblings: tuple[Grant, ...] = ()
    if grant is not None:
        holding = read_holding(tx, book, grant, sub.person, min(max(day, grant.start), grant.to or day), mine, with_offers)
        entries, siblings = holding.entries, holding.siblings
    site = offer = agreement = None
    if sub.site is not None:
        site = read_site(tx, sub.site)
        offer = next((each for each in with_offers if each.site == sub.site), None)
    if sub.agreement is not None:
        agreement = read_agreement(tx, sub.agreement)
    terms = book.on(day).terms(sub.oproep, sub.werkvorm or "")
    titles = _same_titles(tx, sub, moment) if terms is not None and terms.titled else []
    return Facts(
        person,
        here,
        site,
        offer,
        with_offers,
        agreement,
        entries,
        siblings,
        overlaps=_overlaps(tx, sub, moment),
        exception_of_other=sub.oproep == "O2" and sub.site is not None and exception_of_other(tx, sub.person, sub.site, day),
        partner_agreements=_partner_agreements(tx, sub),
        same_title_days=tuple(row.day for row in titles),
        preparation_taken=terms is not None and terms.titled and _preparation_taken(tx, book, sub, day, titles),
        same_title_minutes=sum(row.minutes for row in titles if abs((row.day - day).days) <= book.on(day)["repeat.within_days"]),
        times=_times(tx, book, sub, grant, day, moment) if grant is not None and terms is not None and terms.most_times else 0,
    )


@remembered
def exception_of_other(tx: Connection, person: Id, site: Id, day: date) -> bool:
    """Whether another provider's OverKop exception runs at the site that day (O2-11)."""
    return EXCEPTION_OF_OTHER.first(tx, site=site, day=day, person=person) is not None


def _overlaps(tx: Connection, sub: Submission, moment: Id | None) -> tuple[Id, ...]:
    if sub.start is None or (sub.end is None and sub.minutes is None):
        return ()
    span = real_span(sub.start, sub.end, sub.minutes, sub.clock)
    if isinstance(span, str) or span.minutes < 1:
        return ()
    begin, end = as_stored(span.begin), as_stored(span.end)
    rows = OVERLAPS.rows(tx, person=sub.person, earliest=begin - LONGEST, begin=begin, end=end, besides=moment or 0)
    return tuple(row.id for row in rows)


def _partner_agreements(tx: Connection, sub: Submission) -> tuple[Agreement, ...]:
    if sub.oproep != "O4" or sub.partner is None:
        return ()
    return tuple(map(_agreement, tx.execute(AGREEMENTS_WITH, {"person": sub.person, "partner": sub.partner})))


def _same_titles(tx: Connection, sub: Submission, moment: Id | None) -> list[Any]:
    if sub.title is None:
        return []
    rows = tx.execute(SAME_TITLE, {"person": sub.person, "besides": moment or 0})
    return [row for row in rows if row.title.casefold() == sub.title.casefold()]


def _times(tx: Connection, book: Rulebook, sub: Submission, grant: Grant, day: date, moment: Id | None) -> int:
    """How many moments of this werkvorm the person holds on the grant in the quota period of the day."""
    period = quota_period(book.on(day), grant, day)
    query = select(func.count()).where(
        moments.c.person == sub.person,
        moments.c.grant == grant.id,
        moments.c.werkvorm == sub.werkvorm,
        moments.c.state == "accepted",
        moments.c.day >= period.start,
        moments.c.day < period.end,
        moments.c.id != (moment or 0),
    )
    return int(tx.execute(query).scalar_one())


def _preparation_taken(tx: Connection, book: Rulebook, sub: Submission, day: date, titles: Sequence[Any]) -> bool:
    """Whether the preparation hour is spoken for: an earlier title of the same person, or a colleague at the same hour (A-08)."""
    settings = book.on(day)
    if settings["prep.repeat"] == "once_per_title" and any(row.preparations for row in titles):
        return True
    if settings["prep.joint"] == "each" or sub.start is None or sub.title is None:
        return False
    span = real_span(sub.start, sub.end, sub.minutes, sub.clock)
    if isinstance(span, str):
        return False
    begin, end = as_stored(span.begin), as_stored(span.end)
    rows = tx.execute(
        select(moments.c.title, moments.c.preparations).where(
            moments.c.state == "accepted",
            moments.c.person != sub.person,
            moments.c.begins < end,
            moments.c.ends > begin,
            moments.c.begins > begin - LONGEST,
            moments.c.preparations > 0,
            moments.c.title.is_not(None),
        )
    )
    return any(row.title.casefold() == sub.title.casefold() for row in rows)


def read_rows(tx: Connection, grant: Id, start: date, end: date) -> list[Any]:
    """The booked rows of a grant from `start` up to and not including `end`, newest first: person, day, minutes, moment."""
    minutes = func.sum(postings.c.minutes).label("minutes")
    query = (
        select(postings.c.person, postings.c.day, minutes, postings.c.moment)
        .where(postings.c.grant == grant, postings.c.day >= start, postings.c.day < end)
        .group_by(postings.c.person, postings.c.day, postings.c.moment, postings.c.opening)
        .having(minutes != 0)
        .order_by(postings.c.day.desc(), postings.c.moment.desc())
    )
    return list(tx.execute(query))
