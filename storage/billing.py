"""The billing batches of a person: what is due, less what earlier batches paid; which moments stand in one."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, literal, select

from rules.book import Rulebook
from rules.facts import Grant, Id
from rules.ledger import Due, due, pool_ids
from storage.fact_reading import read_grants, read_holding, read_offers
from storage.instants import as_stored
from storage.ledger import lock
from storage.tables import (
    add_row,
    batch_lines,
    batches,
    openings,
    postings,
)


def is_exported(tx: Connection, moment: Any) -> bool:
    """Whether a moment stands in a batch that was exported (DRV-08): with time, not moved out of it before the batch was closed."""
    query = (
        select(literal(1))
        .select_from(postings.join(batch_lines, batch_lines.c.grant == postings.c.grant).join(batches, batches.c.id == batch_lines.c.batch))
        .where(
            postings.c.moment == moment.id,
            batches.c.person == moment.person,
            postings.c.id <= batches.c.last_posting,
            postings.c.day <= batches.c.through,
        )
        .group_by(batches.c.id, postings.c.grant)
        .having((func.sum(postings.c.minutes) != 0) | (func.sum(postings.c.preparations) != 0))
        .limit(1)
    )
    return tx.execute(query).first() is not None


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
            "closed_at": as_stored(now),
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
