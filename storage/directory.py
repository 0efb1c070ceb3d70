"""Looking things up: networks, places of a person's grants, her moments page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from rules.facts import Id
from storage.grant_networks import NETWORK_OF_GRANT
from storage.prepared import Prepared
from storage.remembered import remembered
from storage.tables import agreements, grant_people, grants, memberships, moment_versions, moments, networks, openings, sites

NETWORK = select(networks).where(networks.c.id == bindparam("network"))
MOMENT = Prepared(select(moments).where(moments.c.id == bindparam("moment"), moments.c.person == bindparam("of")))
SUBMITTED_AS = Prepared(select(moments).where(moments.c.person == bindparam("of"), moments.c.submission == bindparam("key")))
PLACES = (
    select(
        grants.c.id.label("grant"),
        grants.c.oproep,
        grants.c.start,
        grants.c.to,
        NETWORK_OF_GRANT.label("network"),
        grants.c.exception,
        sites.c.id.label("site"),
        sites.c.name.label("site_name"),
        sites.c.kind,
        agreements.c.id.label("agreement"),
        agreements.c.partner_name,
    )
    .select_from(
        grants.join(grant_people, grant_people.c.grant == grants.c.id)
        .outerjoin(sites, sites.c.id == grants.c.site)
        .outerjoin(agreements, agreements.c.id == grants.c.agreement)
    )
    .where(grant_people.c.person == bindparam("person"))
    .order_by(grants.c.oproep, grants.c.start.desc(), grants.c.id)
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may register: `value` is s<site>, a<agreement> or x (ad hoc, oproep 4)."""

    value: str
    name: str
    oproep: str
    network: int | None
    grant: int
    start: date
    to: date | None
    exception: str | None


@remembered
def read_network(tx: Connection, network: Id) -> Any:
    """A network's row."""
    return tx.execute(NETWORK, {"network": network}).one()


def all_networks(tx: Connection) -> list[Any]:
    """Every network."""
    return list(tx.execute(select(networks).order_by(networks.c.id)))


@remembered
def read_places(tx: Connection, person: Id) -> list[Place]:
    """The places of all grants of a person, newest grant first per oproep."""
    found = []
    for row in tx.execute(PLACES, {"person": person}):
        if row.agreement is not None:
            value, name = f"a{row.agreement}", row.partner_name
        elif row.site is not None:
            value, name = f"s{row.site}", row.site_name
        else:
            value, name = "x", ""
        found.append(Place(value, name, row.oproep, row.network, row.grant, row.start, row.to, row.exception))
    return found


@remembered
def known_partners(tx: Connection, network: Id | None) -> list[tuple[str, str, str]]:
    """The organisations known in a network, for oproep 4: (key, name, kind); partners of collaborations, then sites."""
    found: dict[str, tuple[str, str, str]] = {}
    collaborations = (
        select(agreements.c.partner, agreements.c.partner_name, agreements.c.partner_kind)
        .join(memberships, memberships.c.person == agreements.c.person)
        .where(memberships.c.network == network)
        .order_by(agreements.c.partner_name)
    )
    places = select(sites.c.key, sites.c.name, sites.c.kind).where(sites.c.network == network).order_by(sites.c.name)
    for query in (collaborations, places):
        for key, name, kind in tx.execute(query):
            found.setdefault(key, (key, name, kind))
    return list(found.values())


@remembered
def read_opening_days(tx: Connection, person: Id) -> dict[int, date]:
    """Per grant of a person the day of her newest opening balance: what she did up to that day is counted in it."""
    query = select(openings.c.grant, func.max(openings.c.day).label("day")).where(openings.c.person == person).group_by(openings.c.grant)
    return {row.grant: row.day for row in tx.execute(query)}


def read_moment(tx: Connection, person: Id, moment: Id) -> Any:
    """A moment of this person; None when it is not hers or does not exist: both look the same."""
    return MOMENT.first(tx, moment=moment, of=person)


def read_version(tx: Connection, moment: Id, version: int) -> Any:
    """What a moment was in one of its versions; None when it has no such version."""
    query = select(moment_versions).where(moment_versions.c.moment == moment, moment_versions.c.version == version)
    return tx.execute(query).first()


def submitted_as(tx: Connection, person: Id, submission: str) -> Any:
    """The moment that a person's submission became, None when it was never booked (DRV-18)."""
    return SUBMITTED_AS.first(tx, of=person, key=submission)


def changed_since(tx: Connection, person: Id, since: datetime) -> Any:
    """The moment that a person booked or changed last, herself, since an instant (UTC, no offset); None when she did not."""
    query = select(moments).where(moments.c.person == person, moments.c.changed_at >= since, moments.c.source.is_(None))
    return tx.execute(query.order_by(moments.c.changed_at.desc(), moments.c.id.desc()).limit(1)).first()


def count_moments(tx: Connection, person: Id, since: date | None = None) -> int:
    """How many moments a person has, from the day `since` on, cancelled ones included."""
    query = select(func.count()).select_from(moments).where(moments.c.person == person)
    return int(tx.execute(query if since is None else query.where(moments.c.day >= since)).scalar_one())


def moments_page(tx: Connection, person: Id, page: int, size: int) -> list[Any]:
    """One page of a person's moments, newest first."""
    query = select(moments).where(moments.c.person == person).order_by(moments.c.begins.desc(), moments.c.id.desc())
    return list(tx.execute(query.limit(size).offset(page * size)))


@lru_cache
def _last_moments(oproepen: tuple[str, ...]) -> Prepared:
    here = or_(*(moments.c.oproep == oproep for oproep in oproepen))
    query = select(moments.c.submitted).where(moments.c.person == bindparam("of"), moments.c.state == "accepted", here)
    return Prepared(query.order_by(moments.c.begins.desc()).limit(5))


def last_submitted(tx: Connection, person: Id, form: str, oproepen: tuple[str, ...]) -> dict[str, Any] | None:
    """The answers of the newest accepted moment that was registered with this form, among the last five of its oproepen."""
    for row in _last_moments(oproepen).rows(tx, of=person):
        if row.submitted.get("form") == form:
            return dict(row.submitted["answers"])
    return None
