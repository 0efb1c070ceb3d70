"""Who may do what, in one place: for each action the roles that may, and how far each role reaches.

Reach: `own` (what is hers), `home` (what belongs to her networks), `network` (that, and what belongs to a network where she stands
in), `shared` (the activities of oproep 3 and 4 and the directory of her networks, O3-26, O4-15), `all`. An action without a row
here cannot be done. Who is suspended has no other role than that; who is not linked is a stranger.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Column, Connection, Date, Select, and_, bindparam, or_, select

from rules.facts import Id
from storage import accounts
from storage.accounts import Session
from storage.prepared import Prepared
from storage.tables import memberships, networks, people, stand_ins

PROVIDER, COORDINATOR, WORKING, ADMINISTRATOR = "verstrekker", "coordinator", "werking", "beheerder"
ROLES = (PROVIDER, COORDINATOR, WORKING, ADMINISTRATOR)
SUSPENDED, STRANGER = "geschorst", "onbekend"
OWN, HOME, NETWORK, SHARED, ALL = "own", "home", "network", "shared", "all"

_EVERYBODY = dict.fromkeys(ROLES, OWN)
_ALWAYS = {**_EVERYBODY, SUSPENDED: OWN}
_ANYBODY = {**_ALWAYS, STRANGER: OWN}
_NETWORK = {COORDINATOR: NETWORK, ADMINISTRATOR: ALL}

ACTIONS: dict[str, Mapping[str, str]] = {
    # Whoever she is
    "access.start": _ANYBODY,
    "access.link": {STRANGER: OWN},
    "access.unlink": _ALWAYS,
    "access.link_other": _EVERYBODY,
    "self.privacy": _ALWAYS,
    "self.export": _ALWAYS,
    "self.language": _EVERYBODY,
    "self.menu": _EVERYBODY,
    "self.page": _EVERYBODY,
    "self.draft": _EVERYBODY,
    "self.remind": _EVERYBODY,
    "self.report": _EVERYBODY,
    # A provider's own
    "moment.register": {PROVIDER: OWN},
    "moment.view": {PROVIDER: OWN},
    "moment.change": {PROVIDER: OWN},
    "balance.view": {PROVIDER: OWN},
    "evaluation.note": {PROVIDER: OWN},
    "offer.attest": {PROVIDER: OWN},
    "request.ask": {PROVIDER: OWN},
    "plan.change": {PROVIDER: OWN},
    "share.ask": {PROVIDER: OWN},
    "share.answer": {PROVIDER: OWN},
    # A network's
    "overview.view": {PROVIDER: OWN, WORKING: SHARED},
    "activity.view": {WORKING: SHARED},
    "directory.search": {PROVIDER: SHARED, WORKING: SHARED, **_NETWORK},
    "evaluation.view": {COORDINATOR: NETWORK},
    "offer.view": {COORDINATOR: NETWORK},
    "summary.view": {PROVIDER: OWN, **_NETWORK},
    "summary.export": _NETWORK,
    "request.list": {PROVIDER: OWN, COORDINATOR: NETWORK},
    "request.view": {COORDINATOR: NETWORK},
    "request.decide": {COORDINATOR: NETWORK},
    "request.stand_in": {COORDINATOR: HOME},
    "network.view": _NETWORK,
    "person.view": _NETWORK,
    "person.invite": _NETWORK,
    "person.suspend": _NETWORK,
    "grant.correct": {COORDINATOR: NETWORK},
    "channel.view": _NETWORK,
    "channel.bind": {COORDINATOR: NETWORK},
    "channel.change": _NETWORK,
    "network.hand_over": {COORDINATOR: HOME},
    # What happens in a group or channel: what it is bound to gives the right
    "group.read": _ANYBODY,
    "group.event": _ANYBODY,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reaches with an action: her own things, and those of these networks (None: of all)."""

    own: bool
    networks: frozenset[int] | None

    def __bool__(self) -> bool:
        return self.own or self.networks is None or bool(self.networks)


def roles_of(session: Session, today: date) -> frozenset[str]:
    """What somebody is today: her roles, or suspended, or a stranger."""
    if session.person is None:
        return frozenset({STRANGER})
    suspended = session.suspended_on is not None and session.suspended_on <= today
    return frozenset({SUSPENDED}) if suspended else session.roles


def reach_of(tx: Connection, session: Session, action: str, today: date) -> Reach:
    """How far this person reaches with an action; who stands in for a coordinator reaches as far in that network as she."""
    row, roles = ACTIONS.get(action, {}), roles_of(session, today)
    reaches = {row[role] for role in roles & row.keys()}
    if ALL in reaches:
        return Reach(OWN in reaches, None)
    found: frozenset[int] = frozenset()
    if session.person is not None and reaches & {HOME, NETWORK, SHARED}:
        found = frozenset(int(each.id) for each in accounts.networks_of(tx, session.person))
    if session.person is not None and row.get(COORDINATOR) == NETWORK and not roles & {SUSPENDED, STRANGER}:
        found |= stands_in_for(tx, session.person, today)
    return Reach(OWN in reaches, found)


def networks_in_reach(tx: Connection, session: Session, action: str, today: date) -> frozenset[int] | None:
    """The networks in which this person may do this; None: in all. Empty: in none."""
    return reach_of(tx, session, action, today).networks


def may(tx: Connection, session: Session, action: str, today: date, *, network: Id | None = None, person: Id | None = None) -> bool:
    """Whether she may do this: to the data of a network, or of a person (hers, or of somebody in a network that she reaches), or
    without either to anything at all."""
    reach = reach_of(tx, session, action, today)
    if network is None and person is None:
        return bool(reach)
    if person is not None and network is None and person == session.person and reach.own:
        return True
    if network is not None and reach.networks is not None and int(network) not in reach.networks:
        return False
    if person is None:
        return reach.networks is not None or tx.execute(select(networks.c.id).where(networks.c.id == network)).first() is not None
    query = select(memberships.c.person).where(memberships.c.person == person)
    if network is not None:
        query = query.where(memberships.c.network == network)
    elif reach.networks is not None:
        query = query.where(memberships.c.network.in_(reach.networks))
    return tx.execute(query).first() is not None


def stands_in_for(tx: Connection, person: Id, today: date) -> frozenset[int]:
    """The networks whose coordinator a person replaces today."""
    return frozenset(row.network for row in STANDS_IN_FOR.rows(tx, person=person, today=today))


def stand_in_networks(tx: Connection, persons: Sequence[Id], today: date) -> dict[int, list[int]]:
    """Per person the networks whose coordinator she replaces today, by number; who replaces nobody is left out."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = tx.execute(_stand_ins(today, stand_ins.c.person, stand_ins.c.network).where(stand_ins.c.person.in_(persons)))
    for person, network in rows:
        found[person].add(network)
    return {person: sorted(ids) for person, ids in found.items()}


def _stand_ins(today: date | BindParameter[date], *what: Column[Any]) -> Select[Any]:
    """Of the stand-ins of today, whose coordinator may still coordinate there."""
    joined = stand_ins.join(people, people.c.id == stand_ins.c.coordinator).join(
        memberships, and_(memberships.c.person == people.c.id, memberships.c.network == stand_ins.c.network)
    )
    active = or_(people.c.suspended_on.is_(None), people.c.suspended_on > today)
    runs = (stand_ins.c.start <= today, or_(stand_ins.c.to.is_(None), stand_ins.c.to >= today))
    return select(*what).select_from(joined).where(people.c.roles.contains(COORDINATOR), people.c.erased_on.is_(None), active, *runs)


STANDS_IN_FOR = Prepared(
    _stand_ins(bindparam("today", type_=Date), stand_ins.c.network).where(stand_ins.c.person == bindparam("person"))
)


def is_suspended(tx: Connection, person: Id, today: date) -> bool:
    """Whether a person may do nothing for now."""
    query = select(people.c.id).where(people.c.id == person, people.c.suspended_on <= today)
    return tx.execute(query).first() is not None


def coordinators_of(tx: Connection, network: Id, today: date) -> list[Id]:
    """The people who may decide for a network today: its coordinators that are not suspended, and who stands in for one."""
    mine = [row.id for row in accounts.people_with_role(tx, COORDINATOR, (int(network),))]
    named = tx.execute(_stand_ins(today, stand_ins.c.person).where(stand_ins.c.network == network)).scalars()
    return [person for person in dict.fromkeys([*mine, *named]) if not is_suspended(tx, person, today)]
