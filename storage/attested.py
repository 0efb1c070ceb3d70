"""What providers attested to offer at a place (O2-09, O1-03): whose it is, when she said so last, and that it holds no longer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select

from rules.facts import Id
from storage import remembered
from storage.grant_networks import NETWORK_OF_GRANT
from storage.tables import grant_people, grants, offers, people, sites

RUNNING = (
    select(offers, grants.c.oproep, NETWORK_OF_GRANT.label("network"), sites.c.name.label("place"), people.c.first_name, people.c.name)
    .select_from(
        offers.join(grants, and_(grants.c.site == offers.c.site, grants.c.oproep.in_(("O1", "O2"))))
        .join(grant_people, and_(grant_people.c.grant == grants.c.id, grant_people.c.person == offers.c.person))
        .join(sites, sites.c.id == offers.c.site)
        .join(people, people.c.id == offers.c.person)
    )
    .where(
        offers.c.attested_on.is_not(None),
        grants.c.start <= bindparam("today"),
        or_(grants.c.to.is_(None), grants.c.to >= bindparam("today")),
    )
    .distinct()
    .order_by(offers.c.person, offers.c.site, grants.c.oproep)
)
OF_PEOPLE = RUNNING.where(offers.c.person.in_(bindparam("people", expanding=True, literal_execute=True)))
OF_NETWORKS = RUNNING.where(NETWORK_OF_GRANT.in_(bindparam("networks", expanding=True, literal_execute=True)))


def offers_of_many(tx: Connection, persons: Sequence[Id], today: date) -> dict[int, list[Any]]:
    """Per person what she attested to offer where she has hours of oproep 1 or 2 today: a row of `offers` with oproep, network and
    place for each."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(OF_PEOPLE, {"people": persons, "today": today}):
        found[row.person].append(row)
    return found


def offers_in(tx: Connection, networks: Sequence[int], today: date) -> dict[int, list[Any]]:
    """Per network what its providers attested to offer where they have hours of it today, with their names."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(OF_NETWORKS, {"networks": networks, "today": today}):
        found[row.network].append(row)
    return found


def own_offer(tx: Connection, person: Id, site: Id) -> Any:
    """What a person offers at a site, with the name of the site; None when nothing is known of it."""
    query = select(offers, sites.c.name.label("place")).join(sites, sites.c.id == offers.c.site)
    return tx.execute(query.where(offers.c.person == person, offers.c.site == site)).first()


def attest(tx: Connection, person: Id, site: Id, day: date) -> None:
    """Note that a person says on `day` that what she offers at a site holds."""
    _change(tx, person, site, attested_on=day, withdrawn_on=None)


def withdraw(tx: Connection, person: Id, site: Id, day: date) -> None:
    """Note that a person says that what she offers at a site holds no longer, since `day`."""
    _change(tx, person, site, withdrawn_on=day)


def _change(tx: Connection, person: Id, site: Id, **values: date | None) -> None:
    tx.execute(offers.update().where(offers.c.person == person, offers.c.site == site).values(**values))
    remembered.forget(tx)
