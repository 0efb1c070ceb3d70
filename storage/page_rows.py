"""What pages list: moments, a person's own or those of a network, filtered and page by page; what was told a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from rules.facts import Id
from storage.grant_networks import grants_of
from storage.tables import accounts, agreements, grant_people, grants, moments, openings, outbox, people, sites


@dataclass(frozen=True, slots=True)
class Filter:
    """Which moments: of an oproep, from a day up to and with another, at a place (s<site> or a<agreement>), of a person; None: any."""

    oproep: str | None = None
    first: date | None = None
    last: date | None = None
    place: str | None = None
    person: Id | None = None
    network: Id | None = None


PLACED = moments.join(grants, grants.c.id == moments.c.grant).outerjoin(sites, sites.c.id == grants.c.site).outerjoin(
    agreements, agreements.c.id == grants.c.agreement
)  # fmt: skip
ROWS = (
    select(
        moments,
        func.coalesce(agreements.c.partner_name, sites.c.name, "").label("place"),
        people.c.first_name,
        people.c.name,
    )
    .select_from(PLACED.join(people, people.c.id == moments.c.person))
    .order_by(moments.c.begins.desc(), moments.c.id.desc())
)


def read_moments(tx: Connection, wanted: Filter, page: int, size: int) -> tuple[Sequence[Any], int, int]:
    """One page of moments, newest first, with the names of place and person; how many there are in all, and the minutes of those
    that count. Cancelled ones are among them."""
    where = _conditions(wanted, moments)
    counted = func.sum(moments.c.minutes).filter(moments.c.state == "accepted")
    count, minutes = tx.execute(select(func.count(), func.coalesce(counted, 0)).select_from(PLACED).where(*where)).one()
    rows = tx.execute(ROWS.where(*where).limit(size).offset(page * size)).all()
    return rows, int(count), int(minutes)


def opening_minutes(tx: Connection, wanted: Filter) -> int:
    """The minutes that were used before there were moments here, as opening balances say, as far as the filter takes them."""
    taken = select(func.coalesce(func.sum(openings.c.minutes), 0)).select_from(openings.join(grants, grants.c.id == openings.c.grant))
    return int(tx.execute(taken.where(*_conditions(wanted, openings))).scalar_one())


def read_moment_of(tx: Connection, network: Id, moment: Id) -> Any:
    """A moment that was booked on a grant of this network, with the names; None for any other."""
    return tx.execute(ROWS.where(moments.c.id == moment, moments.c.grant.in_(grants_of(network)))).first()


def agreements_in(tx: Connection, network: Id) -> Sequence[Any]:
    """The collaborations with a grant in this network, with the partner and the provider, by the partner's name."""
    given = select(grants.c.agreement).where(grants.c.id.in_(grants_of(network)))
    query = select(agreements.c.id, agreements.c.partner_name, people.c.first_name, people.c.name)
    query = query.join_from(agreements, people, people.c.id == agreements.c.person).where(agreements.c.id.in_(given))
    return tx.execute(query.order_by(agreements.c.partner_name, agreements.c.id)).all()


def providers_in(tx: Connection, network: Id) -> Sequence[Any]:
    """Who holds a grant of this network or has moments on one, also who has left, by name."""
    holders = select(grant_people.c.person).where(grant_people.c.grant.in_(grants_of(network)))
    booked = select(moments.c.person).where(moments.c.grant.in_(grants_of(network)))
    query = select(people.c.id, people.c.first_name, people.c.name).where(people.c.id.in_(holders.union(booked)))
    return tx.execute(query.order_by(people.c.first_name, people.c.name, people.c.id)).all()


def told_lately(tx: Connection, person: Id, kinds: Collection[str], since: datetime, now: datetime, limit: int) -> Sequence[Any]:
    """At most `limit` messages of these kinds to a person's accounts that were due between two instants (UTC, no offset), the newest
    first, also when nothing reached her; not what lost its use, nor what was told on an account before it was hers."""
    query = select(outbox).join(accounts, accounts.c.id == outbox.c.account).where(
        accounts.c.person == person, outbox.c.owed_at > since, outbox.c.owed_at <= now, outbox.c.told["told"].as_string().in_(kinds),
        or_(outbox.c.sent_at.is_(None), outbox.c.sent_at >= accounts.c.linked_at),
        or_(outbox.c.failed.is_(None), outbox.c.failed == "unreachable"), or_(outbox.c.use_until.is_(None), outbox.c.use_until >= now),
    )  # fmt: skip
    return tx.execute(query.order_by(outbox.c.owed_at.desc(), outbox.c.id.desc()).limit(limit)).all()


def _conditions(wanted: Filter, table: Table) -> list[ColumnElement[bool]]:
    """What a filter asks of the rows of `table`, moments or openings, beside their grants."""
    found: list[ColumnElement[bool]] = []
    if wanted.oproep is not None:
        found.append(grants.c.oproep == wanted.oproep)
    if wanted.first is not None:
        found.append(table.c.day >= wanted.first)
    if wanted.last is not None:
        found.append(table.c.day <= wanted.last)
    if wanted.person is not None:
        found.append(table.c.person == wanted.person)
    if wanted.network is not None:
        found.append(table.c.grant.in_(grants_of(wanted.network)))
    if wanted.place is not None:
        column = {"s": grants.c.site, "a": grants.c.agreement}.get(wanted.place[:1])
        number = wanted.place[1:]
        found.append(column == int(number) if column is not None and number.isdecimal() else grants.c.oproep == "O4")
    return found
