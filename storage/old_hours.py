"""Hours that outlived their term: deleted with their postings and totals, while what was paid and what is owed stay as they were."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from rules.book import Rulebook
from rules.facts import Entry, Id
from rules.ledger import Due, due, pool_ids
from rules.periods import BRUSSELS
from storage import billing, fact_reading, ledger
from storage.grant_networks import NETWORK_OF_GRANT
from storage.instants import as_stored
from storage.tables import (
    add_row,
    batch_lines,
    batches,
    day_totals,
    grants,
    metadata,
    moment_versions,
    moments,
    month_totals,
    networks,
    openings,
    postings,
)


def delete_old(tx: Connection, books: Mapping[str, Rulebook], before: date, closed_before: datetime, now: datetime) -> bool:
    """Delete the moments, opening balances and billing batches of one person from before a day; False when nobody has any.

    What is owed for the hours that remain is the same before and after; with the last hour it ends. A person with a grant
    under a rulebook that is not loaded is passed over.
    """
    for person in _people(tx, before, closed_before):
        book_of = _books(tx, books, person)
        if book_of is None:
            continue
        ledger.lock(tx, person, None)
        owed = _owed(tx, book_of, person, now) if _was_paid(tx, person) else {}
        _delete_hours(tx, person, before)
        old = select(batches.c.id).where(batches.c.person == person, batches.c.closed_at < closed_before)
        tx.execute(batch_lines.delete().where(batch_lines.c.batch.in_(old)))
        tx.execute(batches.delete().where(batches.c.id.in_(old)))
        if owed and tx.execute(select(postings.c.id).where(postings.c.person == person).limit(1)).first() is not None:
            _settle(tx, person, before, owed, _owed(tx, book_of, person, now), now)
        return True
    return False


def count_old(tx: Connection, before: date) -> int:
    """How many moments and opening balances there are from before a day."""
    counts = (select(func.count()).select_from(table).where(table.c.day < before) for table in (moments, openings))
    return sum(int(tx.execute(query).scalar_one()) for query in counts)


def _people(tx: Connection, before: date, closed_before: datetime) -> Iterator[int]:
    found = [select(moments.c.person).where(moments.c.day < before), select(openings.c.person).where(openings.c.day < before)]
    for query in (*found, select(batches.c.person).where(batches.c.closed_at < closed_before)):
        yield from tx.execute(query.distinct()).scalars().all()


def _books(tx: Connection, books: Mapping[str, Rulebook], person: Id) -> dict[int, Rulebook] | None:
    """The rulebook of each grant of a person; None when one is not loaded."""
    ids = [grant.id for grant in fact_reading.read_grants(tx, person)]
    placed = grants.outerjoin(networks, networks.c.id == NETWORK_OF_GRANT)
    query = select(grants.c.id, networks.c.rulebook).select_from(placed).where(grants.c.id.in_(ids))
    named = {row.id: row.rulebook for row in tx.execute(query)}
    if not set(named.values()) <= set(books):
        return None
    return {grant: books[name] for grant, name in named.items() if name is not None}


def _was_paid(tx: Connection, person: Id) -> bool:
    paid = select(openings.c.id).where(openings.c.person == person, openings.c.billed_hours > 0)
    return any(tx.execute(query.limit(1)).first() for query in (select(batches.c.id).where(batches.c.person == person), paid))


def _owed(tx: Connection, book_of: Mapping[int, Rulebook], person: Id, now: datetime) -> dict[int, Due]:
    """By the first grant of each billing pool: what is due up to today and not paid."""
    today = now.astimezone(BRUSSELS).date()
    mine, with_offers = fact_reading.read_grants(tx, person), fact_reading.read_offers(tx, person)
    found: dict[int, Due] = {}
    seen: set[Id] = set()
    for grant in mine:
        if grant.id in seen:
            continue
        book = book_of[int(grant.id)]
        holding = fact_reading.read_holding(tx, book, grant, person, today, mine, with_offers, until=today)
        pool = pool_ids(book.on(today), holding)
        seen |= pool
        found[int(grant.id)] = _minus(due(book, holding, today), billing.read_paid(tx, book, person, pool))
    return found


def _settle(tx: Connection, person: Id, before: date, was: Mapping[int, Due], is_: Mapping[int, Due], now: datetime) -> None:
    """A batch in the place of the hours and batches that went: what is owed is again what it was."""
    lines = [(grant, _minus(is_[grant], was[grant])) for grant in was]
    kept = [{"grant": grant, "hours": line.hours, "cents": line.cents, "lapsed": line.lapsed} for grant, line in lines]
    if not any(line != Due(0, 0, 0) for _, line in lines):
        return
    at = as_stored(now)
    batch = add_row(tx, batches, {"person": person, "through": before, "closed_at": at, "last_posting": 0})
    tx.execute(batch_lines.insert(), [{**line, "batch": batch} for line in kept])


def _delete_hours(tx: Connection, person: Id, before: date) -> None:
    old_moments = select(moments.c.id).where(moments.c.person == person, moments.c.day < before)
    old_openings = select(openings.c.id).where(openings.c.person == person, openings.c.day < before)
    theirs = or_(postings.c.moment.in_(old_moments), postings.c.opening.in_(old_openings))
    minutes, preparations = func.sum(postings.c.minutes), func.sum(postings.c.preparations)
    keys = (postings.c.grant, postings.c.person, postings.c.day)
    held = [Entry(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in tx.execute(
        select(*keys, minutes, preparations).where(theirs).group_by(*keys)
    )]  # fmt: skip
    tx.execute(postings.delete().where(theirs))
    _take_off_totals(tx, held)
    for table in (day_totals, month_totals):
        tx.execute(table.delete().where(table.c.person == person, table.c.minutes == 0, table.c.preparations == 0))
    tx.execute(moment_versions.delete().where(moment_versions.c.moment.in_(old_moments)))
    _let_go(tx, old_moments)
    tx.execute(moments.delete().where(moments.c.person == person, moments.c.day < before))
    tx.execute(openings.delete().where(openings.c.person == person, openings.c.day < before))


def _take_off_totals(tx: Connection, held: list[Entry]) -> None:
    rows: list[dict[str, Any]] = [{
        "grant": entry.grant, "person": entry.person, "day": entry.day, "minutes": -entry.minutes, "preparations": -entry.preparations,
    } for entry in held if entry.minutes or entry.preparations]  # fmt: skip
    ledger.ADD_TO_DAY.write_all(tx, rows)
    ledger.ADD_TO_MONTH.write_all(tx, [{**row, "month": row["day"].replace(day=1)} for row in rows])


def _let_go(tx: Connection, old_moments: Select[Any]) -> None:
    """Whatever else refers to these moments refers to none, or goes with them when it cannot be without."""
    for table in reversed(metadata.sorted_tables):
        for column in table.columns:
            if table in (postings, moment_versions) or not any(key.column is moments.c.id for key in column.foreign_keys):
                continue
            if column.nullable:
                tx.execute(table.update().where(column.in_(old_moments)).values({column.name: None}))
            else:
                tx.execute(table.delete().where(column.in_(old_moments)))


def _minus(one: Due, other: Due) -> Due:
    return Due(one.hours - other.hours, one.cents - other.cents, one.lapsed - other.lapsed)
