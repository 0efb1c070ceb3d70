"""The ledger in the database: what a judgement stands on, and the postings that book, correct, cancel and bill."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, literal, or_, select, text

from rules.book import Rulebook
from rules.facts import Agreement, Entry, Facts, Grant, Id, Offer, Person, Site, Submission
from rules.grants import covering_grant, entries_of, nearest_grant
from rules.ledger import Balance, Due, Holding, balance, breakpoints, due, first_day_that_matters, needs_moments, pool_ids, shares_with
from rules.periods import BRUSSELS, Span, add_months, quota_period, real_span, to_utc
from rules.verdict import Verdict
from rules.werkvormen import Terms
from storage.prepared import Prepared, insert
from storage.remembered import remembered
from storage.tables import (
    add_row,
    agreements,
    batch_lines,
    batches,
    day_totals,
    grant_names,
    grant_people,
    grants,
    moment_versions,
    moments,
    month_totals,
    offers,
    openings,
    people,
    postings,
    refusals,
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
LOCK_PERSON = Prepared(select(people.c.id).where(people.c.id == bindparam("person")).with_for_update(key_share=True))
# The grant and, for oproep 2, all those of its site: they may be one pool.
_site_of = select(grants.c.site).where(grants.c.id == bindparam("grant"), grants.c.oproep == "O2").scalar_subquery()
LOCK_GRANT = Prepared(
    select(grants.c.id)
    .where(or_(grants.c.id == bindparam("grant"), and_(grants.c.oproep == "O2", grants.c.site == _site_of)))
    .order_by(grants.c.id)
    .with_for_update(key_share=True)
)
POST = Prepared(insert(postings, "moment", "version", "opening", "grant", "person", "day", "minutes", "preparations", "at"))
INSERT_VERSION = Prepared(
    insert(moment_versions, "moment", "version", "state", "submitted", "minutes", "preparations", "outcome", "findings", "at")
)
ADD_TO_DAY = Prepared(
    text(
        'INSERT INTO day_totals ("grant", person, day, minutes, preparations) VALUES (:grant, :person, :day, :minutes, :preparations) '
        'ON CONFLICT ("grant", person, day) DO UPDATE SET minutes = day_totals.minutes + excluded.minutes, '
        "preparations = day_totals.preparations + excluded.preparations"
    ).bindparams(bindparam("day", type_=day_totals.c.day.type))
)

ADD_TO_MONTH = Prepared(
    text(
        'INSERT INTO month_totals ("grant", person, month, minutes, preparations) '
        "VALUES (:grant, :person, :month, :minutes, :preparations) "
        'ON CONFLICT ("grant", person, month) DO UPDATE SET minutes = month_totals.minutes + excluded.minutes, '
        "preparations = month_totals.preparations + excluded.preparations"
    ).bindparams(bindparam("month", type_=month_totals.c.month.type))
)


def lock(tx: Connection, person: Id, grant: Id | None) -> None:
    """Keep others from using the person's or the grant's time until this transaction ends; SQLite has locked all by itself."""
    if tx.dialect.name != "sqlite" and not tx.get_execution_options().get("unlocked"):
        LOCK_PERSON.rows(tx, person=person)
        if grant is not None:
            LOCK_GRANT.rows(tx, grant=grant)


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
    return tuple(
        Offer(row.person, row.site, row.since, row.structural, row.individual_minutes_per_week, row.group_tracks_per_year)
        for row in tx.execute(OFFERS, {"person": person})
    )


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
        row.id, row.person, row.partner, row.start, row.to, row.partner_kind, row.delivered_on is not None, blocks, row.evaluated_on
    )


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
        )
        .select_from(postings.outerjoin(moments, moments.c.id == postings.c.moment))
        .where(postings.c.grant.in_(grant_ids))
        .group_by(postings.c.grant, postings.c.person, postings.c.day, postings.c.moment, postings.c.opening)
        .having((minutes != 0) | (preparations != 0))
    )
    return tuple(
        _single_entry(Entry(grant, person, day, int(length), int(hours), title=title), begins, starts)
        for grant, person, day, length, hours, begins, starts, title in tx.execute(query)
    )


def _single_entry(entry: Entry, begins: datetime | None, starts: date | None) -> Entry:
    """The entry with its clock times: from the begin of its moment, or from midnight for what falls on the day after its start."""
    if begins is None:
        return entry
    begin = begins.replace(tzinfo=UTC) if entry.day == starts else to_utc(datetime.combine(entry.day, datetime.min.time()))
    return entry._replace(begin=begin, end=begin + timedelta(minutes=entry.minutes))


def read_holding(
    tx: Connection,
    book: Rulebook,
    grant: Grant,
    person: Id,
    day: date,
    of_person: Sequence[Grant],
    with_offers: tuple[Offer, ...],
    until: date | None = None,
) -> Holding:
    """A grant of a person with all that its balance on `day` is made of; `until`: and what is due up to that day."""
    settings = book.on(day)
    siblings = tuple(other for other in of_person if shares_with(settings, grant, other))
    if grant.oproep == "O2" and grant.exception is None and settings["quota.period"] != "anniversary":
        siblings += tuple(other for other in _grants(tx.execute(SITE_POOLS, {"site": grant.site})) if other not in siblings)
    if grant not in siblings:
        siblings = (grant, *siblings)
    single = needs_moments(settings, grant)
    marks: tuple[date, ...] = ()
    if not single:
        marks = breakpoints(book, grant, siblings, person, with_offers, day)
        if until is not None:
            marks = tuple(sorted({*marks, until + timedelta(days=1)}))
    since = date.min
    if not single and until is None:
        since = first_day_that_matters(book, grant, siblings, person, day)
        marks = tuple(mark for mark in marks if mark > since)
    entries = read_entries(tx, [other.id for other in siblings], marks, single=single, since=since)
    return Holding(grant, person, siblings, entries, with_offers)


def read_balance(
    tx: Connection, book: Rulebook, grant: Grant, person: Id, day: date, of_person: Sequence[Grant], with_offers: tuple[Offer, ...]
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
    begin, end = span.begin.replace(tzinfo=None), span.end.replace(tzinfo=None)
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
    begin, end = span.begin.replace(tzinfo=None), span.end.replace(tzinfo=None)
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


def post(
    tx: Connection, entries: Iterable[Entry], now: datetime, *, moment: Id | None = None, version: int = 1, opening: Id | None = None
) -> None:
    """Append postings and move the running day and month totals with them, in one go."""
    at = now.astimezone(UTC).replace(tzinfo=None)
    rows: list[dict[str, Any]] = [
        {
            "moment": moment,
            "version": version,
            "opening": opening,
            "grant": entry.grant,
            "person": entry.person,
            "day": entry.day,
            "minutes": entry.minutes,
            "preparations": entry.preparations,
            "at": at,
        }
        for entry in entries
        if entry.minutes or entry.preparations
    ]
    if rows:
        POST.write_all(tx, rows)
        ADD_TO_DAY.write_all(tx, rows)
        ADD_TO_MONTH.write_all(tx, [{**row, "month": row["day"].replace(day=1)} for row in rows])


def withdraw(tx: Connection, moment: Id, version: int, now: datetime) -> tuple[Entry, ...]:
    """Post the opposite of what a moment holds now, and return what it held."""
    minutes, preparations = func.sum(postings.c.minutes), func.sum(postings.c.preparations)
    rows = tx.execute(
        select(postings.c.grant, postings.c.person, postings.c.day, minutes, preparations)
        .where(postings.c.moment == moment)
        .group_by(postings.c.grant, postings.c.person, postings.c.day)
    ).all()
    held = tuple(Entry(grant, person, day, int(length), int(hours)) for grant, person, day, length, hours in rows)
    post(
        tx,
        (entry._replace(minutes=-entry.minutes, preparations=-entry.preparations) for entry in held),
        now,
        moment=moment,
        version=version,
    )
    return held


@contextmanager
def set_aside(tx: Connection, moment: Id, now: datetime) -> Iterator[tuple[Entry, ...]]:
    """Judge as if a moment did not exist: inside, its time is free; afterwards all is as before."""
    point = tx.begin_nested()
    try:
        yield withdraw(tx, moment, 0, now)
    finally:
        point.rollback()


def add_moment(
    tx: Connection,
    book: Rulebook,
    sub: Submission,
    verdict: Verdict,
    grant: Grant,
    submission: str,
    submitted: dict[str, Any],
    now: datetime,
    *,
    source: str | None = None,
) -> int:
    """Book an accepted moment: the moment, its first version, its postings. Returns its id, which is its reference number."""
    span = verdict.span
    assert span is not None  # noqa: S101 - an accepted verdict has one
    row = _moment_row(sub, verdict, grant, submitted, span)
    local_day = now.astimezone(BRUSSELS).date()
    at = now.astimezone(UTC).replace(tzinfo=None)
    moment = add_row(
        tx,
        moments,
        {
            **row,
            "person": sub.person,
            "submission": submission,
            "source": source,
            "version": 1,
            "registered_on": local_day,
            "changed_at": at,
        },
    )
    _add_version(tx, moment, 1, "accepted", row, at)
    settings = book.on(span.day)
    post(tx, entries_of(settings, grant, sub.person, span, verdict.minutes, verdict.preparations, sub.title), now, moment=moment)
    return moment


def _moment_row(sub: Submission, verdict: Verdict, grant: Grant, submitted: dict[str, Any], span: Span) -> dict[str, Any]:
    return {
        "state": "accepted",
        "oproep": sub.oproep,
        "werkvorm": sub.werkvorm,
        "grant": grant.id,
        "day": span.day,
        "begins": span.begin.replace(tzinfo=None),
        "ends": span.end.replace(tzinfo=None),
        "minutes": verdict.minutes,
        "preparations": verdict.preparations,
        "title": sub.title,
        "submitted": submitted,
        "outcome": verdict.outcome,
        "findings": as_rows(verdict),
    }


def as_rows(verdict: Verdict) -> list[dict[str, Any]]:
    """The findings as they are kept with a moment: rule, level and numbers."""
    return [
        {
            key: value
            for key, value in (
                ("rule", finding.rule),
                ("level", finding.level),
                ("limit", finding.limit),
                ("used", finding.used),
                ("asked", finding.asked),
                ("left", finding.left),
            )
            if value is not None
        }
        for finding in verdict.findings
    ]


def _add_version(tx: Connection, moment: Id, version: int, state: str, row: dict[str, Any], at: datetime) -> None:
    INSERT_VERSION.write(
        tx,
        moment=moment,
        version=version,
        state=state,
        submitted=row["submitted"],
        minutes=row["minutes"],
        preparations=row["preparations"],
        outcome=row["outcome"],
        findings=row["findings"],
        at=at,
    )


def replace_moment(
    tx: Connection, book: Rulebook, moment: Any, sub: Submission, verdict: Verdict, grant: Grant, submitted: dict[str, Any], now: datetime
) -> None:
    """Give a moment its next version: the old time is posted back, the new one booked (DRV-06). `moment` is its row."""
    span = verdict.span
    assert span is not None  # noqa: S101 - an accepted verdict has one
    version, at = moment.version + 1, now.astimezone(UTC).replace(tzinfo=None)
    withdraw(tx, moment.id, version, now)
    row = _moment_row(sub, verdict, grant, submitted, span)
    tx.execute(moments.update().where(moments.c.id == moment.id), {**row, "version": version, "changed_at": at})
    _add_version(tx, moment.id, version, "accepted", row, at)
    post(
        tx,
        entries_of(book.on(span.day), grant, sub.person, span, verdict.minutes, verdict.preparations, sub.title),
        now,
        moment=moment.id,
        version=version,
    )


def cancel_moment(tx: Connection, moment: Any, now: datetime) -> None:
    """Cancel a moment for good: its minutes and preparation hour come back, the record stays (DRV-07). `moment` is its row."""
    version, at = moment.version + 1, now.astimezone(UTC).replace(tzinfo=None)
    withdraw(tx, moment.id, version, now)
    tx.execute(moments.update().where(moments.c.id == moment.id), {"state": "cancelled", "version": version, "changed_at": at})
    row = {"submitted": moment.submitted, "minutes": 0, "preparations": 0, "outcome": moment.outcome, "findings": moment.findings}
    _add_version(tx, moment.id, version, "cancelled", row, at)


def settle_preparations(tx: Connection, book: Rulebook, person: Id, title: str | None, now: datetime) -> None:
    """With prep.repeat = once_per_title: the earliest moment of a title holds its preparation, the others none (A-08)."""
    if title is None:
        return
    rows = tx.execute(
        select(moments)
        .where(moments.c.person == person, moments.c.state == "accepted", moments.c.title.is_not(None))
        .order_by(moments.c.begins)
    )
    alike = [(row, hours) for row in rows if row.title.casefold() == title.casefold() and (hours := _hours_asked(book, row))]
    for number, (row, hours) in enumerate(alike):
        owed = (0 if number else hours) - row.preparations
        if owed:
            post(tx, [Entry(row.grant, person, row.day, 0, owed)], now, moment=row.id, version=row.version)
            tx.execute(moments.update().where(moments.c.id == row.id), {"preparations": row.preparations + owed})


def _hours_asked(book: Rulebook, row: Any) -> int:
    """The preparation hours that the werkvorm of a moment gives on its day."""
    terms: Terms | None = book.on(row.day).terms(row.oproep, row.werkvorm)
    return terms.preparation_hours if terms is not None else 0


def is_exported(tx: Connection, moment: Any) -> bool:
    """Whether a moment stands in a batch that was exported (DRV-08)."""
    query = (
        select(literal(1))
        .select_from(postings.join(batch_lines, batch_lines.c.grant == postings.c.grant).join(batches, batches.c.id == batch_lines.c.batch))
        .where(
            postings.c.moment == moment.id,
            batches.c.person == moment.person,
            postings.c.id <= batches.c.last_posting,
            postings.c.day <= batches.c.through,
        )
        .limit(1)
    )
    return tx.execute(query).first() is not None


def add_refusal(tx: Connection, network: Id | None, verdict: Verdict, day: date) -> None:
    """Keep of a refusal the rule ids and the day only."""
    rows = [{"network": network, "rule": rule, "day": day} for rule in sorted(verdict.rules)]
    if rows:
        tx.execute(refusals.insert(), rows)


class Batch:
    """What `close_batch` closed: the difference with earlier batches per pool, in hours, cents and lapsed minutes."""

    def __init__(self, lines: list[tuple[Grant, Due]]) -> None:
        self.lines = lines
        self.hours = sum(line.hours for _, line in lines)
        self.cents = sum(line.cents for _, line in lines)
        self.lapsed = sum(line.lapsed for _, line in lines)


def close_batch(tx: Connection, book: Rulebook, person: Id, through: date, now: datetime, only: Grant | None = None) -> Batch:
    """Close and keep a billing batch of a person up to `through`: what is due minus what earlier batches paid (DRV-08)."""
    lock(tx, person, None)
    mine, with_offers = read_grants(tx, person), read_offers(tx, person)
    lines: list[tuple[Grant, Due]] = []
    seen: set[Id] = set()
    rows = []
    for grant in (only,) if only is not None else mine:
        if grant.id in seen:
            continue
        holding = read_holding(tx, book, grant, person, through, mine, with_offers, until=through)
        pool = pool_ids(book.on(through), holding)
        seen |= pool
        owed, paid = due(book, holding, through), read_paid(tx, book, person, pool)
        line = Due(owed.hours - paid.hours, owed.cents - paid.cents, owed.lapsed - paid.lapsed)
        lines.append((grant, line))
        rows.append({"grant": grant.id, "hours": line.hours, "cents": line.cents, "lapsed": line.lapsed})
        rows += [{"grant": other, "hours": 0, "cents": 0, "lapsed": 0} for other in sorted(pool - {grant.id}, key=str)]
    last = tx.execute(select(func.coalesce(func.max(postings.c.id), 0))).scalar_one()
    batch = add_row(
        tx,
        batches,
        {
            "person": person,
            "through": through,
            "closed_at": now.astimezone(UTC).replace(tzinfo=None),
            "last_posting": last,
        },
    )
    if rows:
        tx.execute(batch_lines.insert(), [{**row, "batch": batch} for row in rows])
    return Batch(lines)


def read_paid(tx: Connection, book: Rulebook, person: Id, pool: set[Id]) -> Due:
    """What earlier batches, and what came before the start with us, paid of a billing pool."""
    hours, cents, lapsed = tx.execute(
        select(
            func.coalesce(func.sum(batch_lines.c.hours), 0),
            func.coalesce(func.sum(batch_lines.c.cents), 0),
            func.coalesce(func.sum(batch_lines.c.lapsed), 0),
        )
        .select_from(batch_lines.join(batches))
        .where(and_(batches.c.person == person, batch_lines.c.grant.in_(pool)))
    ).one()
    before = tx.execute(
        select(openings.c.day, openings.c.billed_hours).where(openings.c.person == person, openings.c.grant.in_(pool))
    ).all()
    hours += sum(row.billed_hours for row in before)
    cents += sum(row.billed_hours * book.rate_on(row.day) for row in before)
    return Due(int(hours), int(cents), int(lapsed))


def name_grant(tx: Connection, key: str, grant: Id) -> None:
    """Let another name stand for a grant: a row of an import that joined a pool (A-45)."""
    tx.execute(grant_names.insert(), {"key": key, "grant": grant})


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
