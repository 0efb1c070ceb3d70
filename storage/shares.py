"""A moment that colleagues shared: who may have been there, what each says, and the moment that she booked for it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, cast, exists, literal, or_, select

from rules.facts import Id
from storage.instants import as_stored
from storage.on_conflict import insert_new
from storage.scope import PROVIDER
from storage.tables import accounts, agreements, grant_people, grants, memberships, moments, offers, outbox, people, shares

ASKED, CONFIRMED, DECLINED, WITHDRAWN = "asked", "confirmed", "declined", "withdrawn"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may have been there: no more than her name, and whether she can be asked in a chat."""

    id: int
    name: str
    linked: bool


def _colleagues(person: Id, day: date) -> Select[Any]:
    """The providers who worked that day, but this one."""
    linked = exists().where(accounts.c.person == people.c.id, accounts.c.chat.is_not(None))
    return (
        select(people.c.id, people.c.first_name, people.c.name, linked.label("linked"))
        .where(
            people.c.id != person,
            people.c.roles.contains(PROVIDER),
            people.c.erased_on.is_(None),
            or_(people.c.suspended_on.is_(None), people.c.suspended_on > day),
            people.c.contract_from <= day,
            or_(people.c.contract_to.is_(None), people.c.contract_to >= day),
        )
        .order_by(people.c.first_name, people.c.name, people.c.id)
    )


def _found(tx: Connection, query: Select[Any]) -> list[Colleague]:
    return [Colleague(row.id, f"{row.first_name} {row.name}", bool(row.linked)) for row in tx.execute(query)]


def colleagues_at(tx: Connection, person: Id, site: Id, day: date) -> list[Colleague]:
    """The other providers with hours or an offer at a site."""
    holders = (
        select(grant_people.c.person).join(grants, grants.c.id == grant_people.c.grant)
        .where(grants.c.site == site, grants.c.start <= day, or_(grants.c.to.is_(None), grants.c.to >= day))
    )  # fmt: skip
    offering = select(offers.c.person).where(offers.c.site == site)
    return _found(tx, _colleagues(person, day).where(or_(people.c.id.in_(holders), people.c.id.in_(offering))))


def colleagues_of(tx: Connection, person: Id, day: date) -> list[Colleague]:
    """The other providers of a person's networks."""
    mine = select(memberships.c.network).where(memberships.c.person == person)
    theirs = select(memberships.c.person).where(memberships.c.network.in_(mine))
    return _found(tx, _colleagues(person, day).where(people.c.id.in_(theirs)))


def ask(tx: Connection, moment: Id, person: Id, now: datetime) -> int | None:
    """Note that a colleague is asked about a moment; the id of that, None when she was asked before."""
    row = {"moment": moment, "person": person, "state": ASKED, "asked_at": as_stored(now)}
    statement = insert_new(tx.dialect.name, shares).values(row).returning(shares.c.id)
    found = tx.execute(statement).scalar_one_or_none()
    return int(found) if found is not None else None


def read_share(tx: Connection, person: Id, share: Id) -> Any:
    """What a person was asked; None when it is not hers or not there: both look the same."""
    return tx.execute(select(shares).where(shares.c.id == share, shares.c.person == person)).first()


def find_share(tx: Connection, share: Id) -> Any:
    """What somebody was asked; None when it is gone."""
    return tx.execute(select(shares).where(shares.c.id == share)).first()


def shares_of(tx: Connection, moment: Id) -> list[Any]:
    """Who was asked about a moment: person, name and state, by name."""
    query = (
        select(shares.c.id, shares.c.person, shares.c.state, people.c.first_name, people.c.name)
        .join(people, people.c.id == shares.c.person)
        .where(shares.c.moment == moment)
        .order_by(people.c.first_name, people.c.name, shares.c.id)
    )
    return list(tx.execute(query))


def to_tell(tx: Connection, moment: Id, question: str) -> list[Any]:
    """Whom a change of a moment concerns: who confirmed it, and who was asked and has not answered. `question`: what the key of
    the message that asks begins with, before the number of what she was asked; one that has not left yet says what stands then."""
    asked = exists().where(outbox.c.key == literal(question) + cast(shares.c.id, Text), outbox.c.sent_at.is_not(None))
    concerned = or_(shares.c.state == CONFIRMED, and_(shares.c.state == ASKED, asked))
    return list(tx.execute(select(shares).where(shares.c.moment == moment, concerned).order_by(shares.c.id)))


def answer(tx: Connection, share: Id, person: Id, state: str, now: datetime, made: int | None = None) -> bool:
    """What she says, once; `made`: her own moment. One that she declined she may still confirm. False when that changes nothing."""
    open_ones = (ASKED, DECLINED) if state == CONFIRMED else (ASKED,)
    mine = and_(shares.c.id == share, shares.c.person == person, shares.c.state.in_(open_ones))
    return tx.execute(shares.update().where(mine), {"state": state, "decided_at": as_stored(now), "made": made}).rowcount == 1


def shared_moment(tx: Connection, moment: Id) -> Any:
    """A shared moment with the name of who registered it; None when it is gone. `name_of`: her full name."""
    query = select(moments, (people.c.first_name + " " + people.c.name).label("name_of")).join(people, people.c.id == moments.c.person)
    return tx.execute(query.where(moments.c.id == moment)).first()


def made_from(tx: Connection, moment: Id) -> int | None:
    """The person who registered the moment from which this one was made, when a colleague asked for it."""
    query = select(moments.c.person).join(shares, shares.c.moment == moments.c.id).where(shares.c.made == moment)
    return tx.execute(query).scalars().first()


def same_moment(tx: Connection, person: Id, moment: Any) -> int | None:
    """A moment that a person registered herself for the time and place of `moment` (a row): it is hers for it already."""
    site = select(grants.c.site).where(grants.c.id == moment.grant).scalar_subquery()
    query = select(moments.c.id).join(grants, grants.c.id == moments.c.grant).where(
        moments.c.person == person, moments.c.state == "accepted", moments.c.werkvorm == moment.werkvorm,
        moments.c.begins < moment.ends, moments.c.ends > moment.begins, or_(site.is_(None), grants.c.site == site),
    )  # fmt: skip
    return tx.execute(query.order_by(moments.c.begins)).scalars().first()


def agreement_with(tx: Connection, person: Id, partner: str, day: date) -> int | None:
    """A person's own collaboration with a partner on a day; None when she has none."""
    runs = (agreements.c.start <= day, or_(agreements.c.to.is_(None), agreements.c.to >= day))
    query = select(agreements.c.id).where(agreements.c.person == person, agreements.c.partner == partner, *runs)
    return tx.execute(query.order_by(agreements.c.id)).scalars().first()


def partner_of(tx: Connection, agreement: Id) -> str | None:
    """The partner of a collaboration, by its key."""
    return tx.execute(select(agreements.c.partner).where(agreements.c.id == agreement)).scalar_one_or_none()
