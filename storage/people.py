"""The people of a network as its coordinator sees them: linked or not, reached or not, suspended; handing over; the directory."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, and_, cast, exists, func, or_, select

from rules.facts import Id
from storage import remembered, web_sessions
from storage.grant_networks import grants_of
from storage.instants import as_stored
from storage.scope import COORDINATOR, PROVIDER
from storage.tables import (
    accounts,
    agreements,
    channels,
    drafts,
    grants,
    invites,
    memberships,
    moments,
    networks,
    openings,
    outbox,
    people,
    requests,
    stand_ins,
)

_linked = exists().where(accounts.c.person == people.c.id, accounts.c.platform != "terminal")
_registered = exists().where(moments.c.person == people.c.id, moments.c.source.is_(None))


def _members(now: datetime) -> Select[Any]:
    """The people of a network who are not gone. `linked`, `registered`: 0 or 1; `invited`: until when a code works."""
    invited = (
        select(func.max(invites.c.expires_at))
        .where(invites.c.person == people.c.id, invites.c.used_at.is_(None), invites.c.void_at.is_(None))
        .where(invites.c.expires_at > as_stored(now))
        .scalar_subquery()
    )
    flags = (cast(_linked, Integer).label("linked"), cast(_registered, Integer).label("registered"))
    return (
        select(people, *flags, invited.label("invited"))
        .join(memberships, memberships.c.person == people.c.id)
        .where(people.c.erased_on.is_(None))
        .order_by(people.c.first_name, people.c.name, people.c.id)
    )


def members(tx: Connection, network: Id, now: datetime) -> list[Any]:
    """The people of a network by name, with what is known of their access."""
    return list(tx.execute(_members(now).where(memberships.c.network == network)))


def read_member(tx: Connection, network: Id, person: Id, now: datetime) -> Any:
    """One person of a network; None when she is not of it."""
    return tx.execute(_members(now).where(memberships.c.network == network, people.c.id == person)).first()


def read_person(tx: Connection, person: Id) -> Any:
    """A person's row."""
    return tx.execute(select(people).where(people.c.id == person)).one()


def linked_accounts(tx: Connection, person: Id) -> list[Any]:
    """The accounts of a person on platforms, oldest first: platform, linked_at, and whether she can be reached there."""
    query = select(accounts.c.platform, accounts.c.linked_at, accounts.c.chat).where(
        accounts.c.person == person, accounts.c.platform != "terminal"
    )
    return list(tx.execute(query.order_by(accounts.c.linked_at, accounts.c.id)))


def last_moment(tx: Connection, person: Id) -> date | None:
    """The day of a person's newest accepted moment."""
    query = select(func.max(moments.c.day)).where(moments.c.person == person, moments.c.state == "accepted")
    day: date | None = tx.execute(query).scalar_one()
    return day


def suspend(tx: Connection, person: Id, day: date, now: datetime) -> bool:
    """From a day on a person may do nothing: her open form is put aside, what is owed to her and her open codes lapse, her sign-ins
    on the pages end. False when she was suspended before."""
    active = people.update().where(people.c.id == person, or_(people.c.suspended_on.is_(None), people.c.suspended_on > day))
    if tx.execute(active.values(suspended_on=day)).rowcount != 1:
        return False
    tx.execute(drafts.update().where(drafts.c.person == person, drafts.c.state == "open").values(state="parked", changed_at=as_stored(now)))
    tx.execute(invites.update().where(invites.c.person == person, invites.c.used_at.is_(None), invites.c.void_at.is_(None)), {
        "void_at": as_stored(now),
    })  # fmt: skip
    web_sessions.end_sessions(tx, as_stored(now), person)
    mine = select(accounts.c.id).where(accounts.c.person == person)
    tx.execute(outbox.delete().where(outbox.c.account.in_(mine), outbox.c.sent_at.is_(None)))
    remembered.forget(tx)
    return True


def restore(tx: Connection, person: Id) -> bool:
    """A suspended person may do everything again; False when she was not suspended."""
    back = people.update().where(people.c.id == person, people.c.suspended_on.is_not(None)).values(suspended_on=None)
    if tx.execute(back).rowcount != 1:
        return False
    remembered.forget(tx)
    return True


# Handing over


def what_moves(tx: Connection, network: Id, person: Id, today: date) -> dict[str, int]:
    """What a coordinator would hand over: channels that she bound, requests that wait in the network, stand-ins that she named."""
    def count(query: Select[Any]) -> int:
        return int(tx.execute(query).scalar_one())

    bound = (channels.c.network == network, channels.c.bound_by == person, channels.c.state != "released")
    waiting = (requests.c.network == network, requests.c.state == "waiting")
    named = (
        stand_ins.c.network == network, or_(stand_ins.c.coordinator == person, stand_ins.c.person == person),
        or_(stand_ins.c.to.is_(None), stand_ins.c.to >= today),
    )  # fmt: skip
    return {
        "channels": count(select(func.count()).select_from(channels).where(*bound)),
        "requests": count(select(func.count()).select_from(requests).where(*waiting)),
        "stand_ins": count(select(func.count()).select_from(stand_ins).where(*named)),
    }


def move_stand_ins(tx: Connection, network: Id, person: Id, to: Id) -> None:
    """Who stands in for her, or she for another, does so for her successor; nobody stands in for herself."""
    for row in tx.execute(select(stand_ins).where(stand_ins.c.network == network)).all():
        if person not in (row.coordinator, row.person):
            continue
        coordinator, stand_in = (to if each == person else each for each in (row.coordinator, row.person))
        if coordinator == stand_in:
            tx.execute(stand_ins.delete().where(stand_ins.c.id == row.id))
        else:
            tx.execute(stand_ins.update().where(stand_ins.c.id == row.id).values(coordinator=coordinator, person=stand_in))


def drop_messages(tx: Connection, network: Id, person: Id) -> None:
    """What is still owed to her about requests of a network is not sent: they are another's now."""
    here = set(tx.execute(select(requests.c.id).where(requests.c.network == network, requests.c.state == "waiting")).scalars())
    mine = select(accounts.c.id).where(accounts.c.person == person)
    owed = select(outbox.c.id, outbox.c.told).where(outbox.c.account.in_(mine), outbox.c.sent_at.is_(None), outbox.c.failed.is_(None))
    gone = [row.id for row in tx.execute(owed) if str(row.told.get("told", "")).startswith("request") and row.told.get("request") in here]
    tx.execute(outbox.delete().where(outbox.c.id.in_(gone)))


def can_leave(tx: Connection, person: Id) -> bool:
    """Whether the role of a coordinator can end for one of her networks: it is her only one, or she does nothing else there."""
    row = tx.execute(select(people.c.roles).where(people.c.id == person)).one()
    return row.roles == COORDINATOR or _count_networks(tx, person) == 1


def leave(tx: Connection, network: Id, person: Id) -> None:
    """End the role of a coordinator for one network: the role itself when it is her only network, else what ties her to it. Codes
    for channels and open decisions there end with it."""
    row = tx.execute(select(people.c.roles).where(people.c.id == person)).one()
    left = [role for role in row.roles.split("+") if role != COORDINATOR]
    if left and _count_networks(tx, person) == 1:
        tx.execute(people.update().where(people.c.id == person).values(roles="+".join(left)))
    else:
        tx.execute(memberships.delete().where(memberships.c.person == person, memberships.c.network == network))
    begun = (drafts.c.person == person, drafts.c.network == network, drafts.c.purpose.in_(("decide", "stand_in", "regrant")))
    tx.execute(drafts.update().where(*begun, drafts.c.state.in_(("open", "parked"))).values(state="cancelled", answers={}, aside={}))
    remembered.forget(tx)


def _count_networks(tx: Connection, person: Id) -> int:
    return int(tx.execute(select(func.count()).select_from(memberships).where(memberships.c.person == person)).scalar_one())


# What is shared: the directory of oproep 4 and the activities of oproep 3 and 4


def outsiders(tx: Connection, platform: str, workspace: str, users: list[str], network: Id) -> int:
    """How many of these identities are nobody of a network."""
    query = (
        select(accounts.c.user).join(memberships, memberships.c.person == accounts.c.person)
        .where(accounts.c.platform == platform, accounts.c.workspace == workspace, accounts.c.user.in_(users),
               memberships.c.network == network)
    )  # fmt: skip
    return len(set(users) - set(tx.execute(query).scalars()))


def specialists(tx: Connection, network_ids: frozenset[int] | None, today: date) -> list[Any]:
    """The providers admitted to oproep 4 whose contract runs, of these networks (None: all), by name (O4-14, O4-15)."""
    query = select(people).where(
        people.c.erased_on.is_(None),
        or_(people.c.suspended_on.is_(None), people.c.suspended_on > today),
        people.c.o4_admitted_from <= today,
        or_(people.c.contract_to.is_(None), people.c.contract_to >= today),
        people.c.roles.contains(PROVIDER),
    )
    if network_ids is not None:
        query = query.where(people.c.id.in_(select(memberships.c.person).where(memberships.c.network.in_(network_ids))))
    return list(tx.execute(query.order_by(people.c.first_name, people.c.name, people.c.id)))


def networks_named(tx: Connection, person: Id) -> list[str]:
    """The names of a person's networks."""
    query = select(networks.c.name).join(memberships, memberships.c.network == networks.c.id).where(memberships.c.person == person)
    return list(tx.execute(query.order_by(networks.c.id)).scalars())


def activities(tx: Connection, network_ids: frozenset[int] | None, offset: int, limit: int) -> list[Any]:
    """The accepted moments of oproep 3 and 4 in these networks (None: all), newest first: month, werkvorm, title (of what has one),
    minutes, and the kind of partner; nothing about who (O3-26)."""
    partner = moments.c.submitted["answers"]["partner_kind"].as_string()
    query = (
        select(moments.c.day, moments.c.oproep, moments.c.werkvorm, moments.c.title, moments.c.minutes,
               func.coalesce(agreements.c.partner_kind, partner, "").label("kind"))
        .select_from(
            moments.join(grants, grants.c.id == moments.c.grant).outerjoin(agreements, agreements.c.id == grants.c.agreement)
        )
        .where(moments.c.oproep.in_(("O3", "O4")), moments.c.state == "accepted")
        .order_by(moments.c.day.desc(), moments.c.id.desc())
    )  # fmt: skip
    if network_ids is not None:
        query = query.where(moments.c.grant.in_(grants_of(network_ids)))
    return list(tx.execute(query.offset(offset).limit(limit)))


# Grants


def count_outside(tx: Connection, grant: Id, start: date, to: date | None) -> int:
    """How many accepted moments and opening balances of a grant would lie outside these days."""
    mine = and_(moments.c.grant == grant, moments.c.state == "accepted")
    found = 0
    for table, of_grant in ((moments, mine), (openings, openings.c.grant == grant)):
        outside = table.c.day < start if to is None else or_(table.c.day < start, table.c.day > to)
        found += int(tx.execute(select(func.count()).select_from(table).where(of_grant, outside)).scalar_one())
    return found
