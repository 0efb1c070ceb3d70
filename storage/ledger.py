"""The ledger in the database: the locks, and the postings that book, correct and cancel."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, text

from rules.book import Rulebook
from rules.facts import Entry, Grant, Id, Submission
from rules.grants import entries_of
from rules.periods import BRUSSELS, Span
from rules.verdict import Verdict
from rules.werkvormen import Terms
from storage.instants import as_stored
from storage.prepared import Prepared, insert
from storage.tables import (
    add_row,
    day_totals,
    grants,
    moment_versions,
    moments,
    month_totals,
    people,
    postings,
    refusals,
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


def post(
    tx: Connection, entries: Iterable[Entry], now: datetime, *, moment: Id | None = None, version: int = 1, opening: Id | None = None
) -> None:
    """Append postings and move the running day and month totals with them, in one go."""
    at = as_stored(now)
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
    at = as_stored(now)
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
        "begins": as_stored(span.begin),
        "ends": as_stored(span.end),
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
    version, at = moment.version + 1, as_stored(now)
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
    version, at = moment.version + 1, as_stored(now)
    withdraw(tx, moment.id, version, now)
    tx.execute(moments.update().where(moments.c.id == moment.id), {"state": "cancelled", "version": version, "changed_at": at})
    row = {"submitted": moment.submitted, "minutes": 0, "preparations": 0, "outcome": moment.outcome, "findings": moment.findings}
    _add_version(tx, moment.id, version, "cancelled", row, at)


def settle_preparations(tx: Connection, book: Rulebook, person: Id, title: str | None, now: datetime) -> None:
    """With prep.repeat = once_per_title: one moment of a title holds its preparation, the others none (A-08).

    Who has it keeps it; when nobody has, it goes to the moment that was registered first.
    """
    if title is None:
        return
    rows = tx.execute(
        select(moments)
        .where(moments.c.person == person, moments.c.state == "accepted", moments.c.title.is_not(None))
        .order_by(moments.c.id)
    )
    alike = [(row, hours) for row in rows if row.title.casefold() == title.casefold() and (hours := _hours_asked(book, row))]
    holder = next((row for row, _ in alike if row.preparations), alike[0][0] if alike else None)
    for row, hours in alike:
        owed = (hours if row is holder else 0) - row.preparations
        if owed:
            post(tx, [Entry(row.grant, person, row.day, 0, owed)], now, moment=row.id, version=row.version)
            tx.execute(moments.update().where(moments.c.id == row.id), {"preparations": row.preparations + owed})


def _hours_asked(book: Rulebook, row: Any) -> int:
    """The preparation hours that the werkvorm of a moment gives on its day."""
    terms: Terms | None = book.on(row.day).terms(row.oproep, row.werkvorm)
    return terms.preparation_hours if terms is not None else 0


def add_refusal(tx: Connection, network: Id, verdict: Verdict, day: date) -> None:
    """Keep of a refusal the rule ids and the day only."""
    rows = [{"network": network, "rule": rule, "day": day} for rule in sorted(verdict.rules)]
    if rows:
        tx.execute(refusals.insert(), rows)
