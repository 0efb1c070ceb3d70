"""The network of a grant, read the same wherever it matters: its own, else that of its vindplaats, else the first of its holders."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, func, or_, select

from rules.facts import Id
from storage.tables import grant_people, grants, memberships, networks, sites

_holders = grant_people.alias("holders_of_grant")
_theirs = memberships.alias("networks_of_holders")
_place = sites.alias("place_of_grant")
_of_place = select(_place.c.network).where(_place.c.id == grants.c.site).correlate(grants).scalar_subquery()
_of_holders = (
    select(func.min(_theirs.c.network))
    .select_from(_holders.join(_theirs, _theirs.c.person == _holders.c.person))
    .where(_holders.c.grant == grants.c.id)
    .correlate(grants)
    .scalar_subquery()
)
_derived = func.coalesce(_of_place, _of_holders)

NETWORK_OF_GRANT: ColumnElement[int | None] = func.coalesce(grants.c.network, _derived)


def network_of(tx: Connection, grant: Id) -> int | None:
    """The network of one grant; None when nothing tells it."""
    return tx.execute(select(NETWORK_OF_GRANT).select_from(grants).where(grants.c.id == grant)).scalar_one_or_none()


def rulebooks(tx: Connection) -> dict[int, str]:
    """The rulebook under which each grant stands, by its id; grants without a network are left out."""
    query = select(grants.c.id, networks.c.rulebook).select_from(grants.join(networks, networks.c.id == NETWORK_OF_GRANT))
    return {row.id: row.rulebook for row in tx.execute(query)}


def grants_of(network: Id | Collection[int] | BindParameter[Any]) -> Select[tuple[int]]:
    """The ids of the grants of a network, of several, or of the one that a parameter names."""
    named: ColumnElement[bool]
    derived: ColumnElement[bool]
    if isinstance(network, Collection) and not isinstance(network, str):
        named, derived = grants.c.network.in_(network), _derived.in_(network)
    else:
        named, derived = grants.c.network == network, _derived == network
    return select(grants.c.id).where(or_(named, and_(grants.c.network.is_(None), derived)))
