"""What an export reads: the rows of a scope (all, a network, a person), for its sheets and as they are stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from rules.facts import Id
from storage.grant_networks import NETWORK_OF_GRANT, grants_of
from storage.tables import (
    SECRET,
    accounts,
    agreements,
    audit,
    grant_people,
    grants,
    guesses,
    memberships,
    metadata,
    moments,
    networks,
    offers,
    openings,
    people,
    refusals,
    requests,
    sites,
)

# Not about a person: a network's channels and its count of refusals.
OF_NETWORKS = ("channels", refusals.name)
# Rows without a reference to anything: only an export of all has them, but for those that name the person.
UNATTACHED = ("events", guesses.name, audit.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids that an export covers, by table; `person` or `network` when it is about one."""

    ids: dict[str, set[int]]
    person: int | None = None
    network: int | None = None

    def rows(self, tx: Connection, table: Table) -> list[Any]:
        """The rows of a table with ids that the scope covers, oldest first."""
        found = self.ids[table.name]
        return [row for row in tx.execute(select(table).order_by(table.c.id)) if row.id in found]


def scope_of_all(tx: Connection) -> Scope:
    """Everything."""
    return Scope({table.name: _ids(tx, select(table.c.id)) for table in (networks, people, sites, agreements, grants)})


def scope_of_person(tx: Connection, person: Id) -> Scope:
    """What is stored about one person; of shared pools only her own part."""
    row = tx.execute(select(people).where(people.c.id == person)).one()
    held = _ids(tx, select(grant_people.c.grant).where(grant_people.c.person == person))
    own = _ids(tx, select(agreements.c.id).where(agreements.c.person == person))
    places = _places(tx, held, own) | _ids(tx, select(offers.c.site).where(offers.c.person == person))
    places |= _ids(tx, select(sites.c.id).where(sites.c.key == row.employer))
    places |= _ids(tx, select(requests.c.site).where(requests.c.person == row.id))
    nets = _ids(tx, select(memberships.c.network).where(memberships.c.person == person))
    ids = {people.name: {row.id}, grants.name: held, agreements.name: own, sites.name: places}
    return Scope({**ids, networks.name: nets | _networks(tx, held, places)}, person=row.id)


def scope_of_network(tx: Connection, network: Id) -> Scope:
    """A network with its people, places and grants; what its people do for other networks stays out."""
    held = _ids(tx, grants_of(network))
    members = _ids(tx, select(memberships.c.person).where(memberships.c.network == network))
    holders = _ids(tx, select(grant_people.c.person).where(grant_people.c.grant.in_(held)))
    granted = select(grants.c.agreement).where(grants.c.agreement.is_not(None))
    own = _ids(tx, select(grants.c.agreement).where(grants.c.id.in_(held), grants.c.agreement.is_not(None)))
    own |= _ids(tx, select(agreements.c.id).where(agreements.c.person.in_(members), agreements.c.id.not_in(granted)))
    places = _places(tx, held, own) | _ids(tx, select(sites.c.id).where(sites.c.network == network))
    employers = select(people.c.employer).where(people.c.id.in_(members | holders))
    places |= _ids(tx, select(sites.c.id).where(sites.c.key.in_(employers)))
    ids = {people.name: members | holders, grants.name: held, agreements.name: own, sites.name: places}
    return Scope({**ids, networks.name: {int(network)} | _networks(tx, held, places)}, network=int(network))


def _ids(tx: Connection, query: Any) -> set[int]:
    return {int(found) for found in tx.execute(query).scalars() if found is not None}


def _places(tx: Connection, held: set[int], own: set[int]) -> set[int]:
    """The sites that grants and agreements name, partners among them."""
    found = _ids(tx, select(grants.c.site).where(grants.c.id.in_(held)))
    found |= _ids(tx, select(agreements.c.site).where(agreements.c.id.in_(own)))
    partners = select(agreements.c.partner).where(agreements.c.id.in_(own))
    return found | _ids(tx, select(sites.c.id).where(sites.c.key.in_(partners)))


def _networks(tx: Connection, held: set[int], places: set[int]) -> set[int]:
    found = _ids(tx, select(NETWORK_OF_GRANT).select_from(grants).where(grants.c.id.in_(held)))
    return found | _ids(tx, select(sites.c.network).where(sites.c.id.in_(places)))


def own_rows(tx: Connection, table: Table, scope: Scope) -> list[Any]:
    """The rows of a table about people and grants (offers, moments, openings, ...) that the scope covers."""
    query = select(table)
    for name, target in (("person", people), ("grant", grants), ("network", networks), ("site", sites)):
        if name in table.c and table.c[name].foreign_keys:
            query = query.where(table.c[name].in_(scope.ids[target.name]))
    return list(tx.execute(query.order_by(*(table.c.id,) if "id" in table.c else table.primary_key.columns)))


def booked_moments(tx: Connection, scope: Scope) -> list[Any]:
    """The moments that count, in order of time."""
    accepted = (row for row in own_rows(tx, moments, scope) if row.state == "accepted")
    return sorted(accepted, key=lambda row: (row.begins, row.id))


def opening_rows(tx: Connection, scope: Scope) -> list[Any]:
    """The opening balances."""
    return own_rows(tx, openings, scope)


def stored_rows(tx: Connection, scope: Scope) -> dict[str, list[dict[str, Any]]]:
    """Everything stored in the scope, table by table as it is, without secrets; days and instants (UTC) as text."""
    covered = {name: set(ids) for name, ids in scope.ids.items()}
    whole = scope.person is None and scope.network is None
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        rows: Iterable[Any] = tx.execute(select(table).order_by(*table.primary_key.columns))
        if table.name in UNATTACHED:
            rows = rows if whole else _naming(tx, table, scope)
        elif table.name in OF_NETWORKS and scope.person is not None:
            rows = []
        elif not whole:
            rows = [row for row in rows if _covers(table, row, covered)]
        kept = list(rows)
        covered.setdefault(table.name, {row.id for row in kept} if "id" in table.c else set())
        shown = [column.name for column in table.columns if column.info["privacy"] != SECRET]
        found[table.name] = [{name: _plain(getattr(row, name)) for name in shown} for row in kept]
    return {name: rows for name, rows in found.items() if rows or whole}


def _covers(table: Table, row: Any, covered: dict[str, set[int]]) -> bool:
    """Whether a row itself or, for other tables, all that it refers to is covered; a row about nobody is not.

    A row with a person is about that person: who else it names, such as the one who decided, does not matter.
    """
    if table.name in covered:
        return row.id in covered[table.name]
    keys = [(column.name, key.column.table.name) for column in table.columns for key in column.foreign_keys]
    if "person" in table.c:
        keys = [(name, target) for name, target in keys if target != people.name or name == "person"]
    references = [(target, getattr(row, name)) for name, target in keys]
    if any(name == people.name and value is None for name, value in references):
        return False
    return all(value is None or value in covered.get(name, set()) for name, value in references)


def _naming(tx: Connection, table: Table, scope: Scope) -> list[Any]:
    """The rows of a table without references that name the person or one of her accounts."""
    if scope.person is None or table.name == "events":
        return []
    own = tx.execute(select(accounts).where(accounts.c.person == scope.person)).all()
    if table is guesses:
        names = [f"{row.platform}:{row.workspace}:{row.user}" for row in own]
        return list(tx.execute(select(guesses).where(guesses.c.who.in_(names)).order_by(guesses.c.id)))
    who = [*(f"account:{row.id}" for row in own), f"person:{scope.person}"]
    named = audit.c.about.in_([str(scope.person), f"person:{scope.person}"]) | audit.c.who.in_(who)
    return list(tx.execute(select(audit).where(named).order_by(audit.c.id)))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
