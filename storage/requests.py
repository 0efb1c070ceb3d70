"""Requests for hours and what became of them, and who stands in for a coordinator: each is decided once."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, or_, select

from rules.facts import Grant, Id
from rules.periods import add_months
from storage import fact_reading, remembered
from storage.instants import as_stored
from storage.tables import (
    accounts,
    add_row,
    agreements,
    channels,
    grant_names,
    grant_people,
    grants,
    memberships,
    moments,
    month_totals,
    networks,
    offers,
    outbox,
    people,
    requests,
    sites,
    stand_ins,
)

WAITING, GRANTED, REFUSED, EXPIRED, WITHDRAWN = "waiting", "granted", "refused", "expired", "withdrawn"
_decider = people.alias()
_asker = people.alias()


def _all() -> Select[Any]:
    """A request with the names that its words need."""
    place = func.coalesce(agreements.c.partner_name, sites.c.name, "").label("place")
    kind = func.coalesce(agreements.c.partner_kind, sites.c.kind).label("place_kind")
    return (
        select(
            requests, _asker.c.first_name, _asker.c.name, place, kind, networks.c.name.label("network_name"), networks.c.rulebook,
            _decider.c.first_name.label("decider_first"), _decider.c.name.label("decider_last"),
            moments.c.day.label("moment_day"),
        )
        .select_from(
            requests.join(_asker, _asker.c.id == requests.c.person).join(networks, networks.c.id == requests.c.network)
            .outerjoin(sites, sites.c.id == requests.c.site).outerjoin(agreements, agreements.c.id == requests.c.agreement)
            .outerjoin(moments, moments.c.id == requests.c.moment).outerjoin(_decider, _decider.c.id == requests.c.decided_by)
        )
    )  # fmt: skip


ALL = _all()
ONE = ALL.where(requests.c.id == bindparam("request"))
MINE = ALL.where(requests.c.person == bindparam("of")).order_by(requests.c.id.desc())
REOPENED = select(requests.c.answers).where(
    requests.c.moment == bindparam("moment"), requests.c.kind == "reopen", requests.c.state == GRANTED
)


def add_request(tx: Connection, row: dict[str, Any], now: datetime, next_at: datetime) -> int:
    """A new request that waits; `next_at` is when the schedule looks at it."""
    return add_row(tx, requests, {**row, "state": WAITING, "asked_at": as_stored(now), "next_at": as_stored(next_at)})


def read_request(tx: Connection, request: Id) -> Any:
    """A request with the names around it; None when there is none."""
    return tx.execute(ONE, {"request": request}).first()


def own_requests(tx: Connection, person: Id, limit: int = 5) -> list[Any]:
    """A person's requests, newest first."""
    return list(tx.execute(MINE.limit(limit), {"of": person}))


def sent_at(tx: Connection, person: Id, at: datetime) -> int | None:
    """The request that a person sent at an instant (UTC, no offset)."""
    query = select(requests.c.id).where(requests.c.person == person, requests.c.asked_at == at)
    return tx.execute(query).scalars().first()


def waiting_requests(tx: Connection, network_ids: Collection[int] | None, limit: int = 10) -> list[Any]:
    """The requests that wait in these networks (None: all), oldest first."""
    query = ALL.where(requests.c.state == WAITING).order_by(requests.c.id).limit(limit)
    return list(tx.execute(query if network_ids is None else query.where(requests.c.network.in_(network_ids))))


def same_waiting(tx: Connection, row: dict[str, Any]) -> int | None:
    """The request that waits already for the same thing, so that nothing is asked twice."""
    alike = [requests.c[name].is_(row[name]) if row[name] is None else requests.c[name] == row[name]
             for name in ("person", "network", "kind", "oproep", "site", "agreement", "grant", "moment")]
    return tx.execute(select(requests.c.id).where(requests.c.state == WAITING, *alike)).scalars().first()


def decide(
    tx: Connection, request: Id, state: str, now: datetime, *, by: Id | None = None, reason: str | None = None, made: Id | None = None
) -> bool:
    """Give a request that waits its outcome; False when somebody was first."""
    values = {"state": state, "decided_at": as_stored(now), "decided_by": by, "reason": reason, "made": made, "next_at": None}
    waits = requests.update().where(requests.c.id == request, requests.c.state == WAITING)
    return bool(tx.execute(waits.values(values)).rowcount == 1)


def note_grant(tx: Connection, request: Any, made: Id | None, minutes: int | None, start: date | None) -> None:
    """Note the grant that came of a request, and what was granted when it is other than what was asked. `request` is its row."""
    other: dict[str, Any] = {}
    if minutes != request.minutes:
        other["granted_minutes"] = minutes
    if start != request.start and start is not None:
        other["granted_from"] = start.isoformat()
    tx.execute(requests.update().where(requests.c.id == request.id).values(made=made, answers={**request.answers, **other}))


def due_requests(tx: Connection, now: datetime, limit: int) -> list[Any]:
    """The requests that wait and that the schedule must look at."""
    query = ALL.where(requests.c.state == WAITING, requests.c.next_at <= as_stored(now)).order_by(requests.c.next_at, requests.c.id)
    return list(tx.execute(query.limit(limit)))


def look_again(tx: Connection, request: Id, nags: int, next_at: datetime) -> None:
    """When the schedule looks at a request that waits the next time, and how often it was reminded of."""
    waits = requests.update().where(requests.c.id == request, requests.c.state == WAITING)
    tx.execute(waits.values(nags=nags, next_at=as_stored(next_at)))


def reopen_at(tx: Connection, request: Any) -> bool:
    """Let a locked moment be corrected once more: while it is at the version that it has now. `request` is its row."""
    query = select(moments.c.version).where(moments.c.id == request.moment, moments.c.state == "accepted")
    version = tx.execute(query).scalar_one_or_none()
    if version is None:
        return False
    tx.execute(requests.update().where(requests.c.id == request.id).values(answers={**request.answers, "version": version}))
    return True


def is_reopened(tx: Connection, moment: Any) -> bool:
    """Whether a coordinator let this version of a moment be corrected. `moment` is its row."""
    return any(row.answers.get("version") == moment.version for row in tx.execute(REOPENED, {"moment": moment.id}))


def lock_network(tx: Connection, network: Id) -> None:
    """One grant at a time in a network: two that touch the same place would not see each other."""
    if tx.dialect.name != "sqlite":
        tx.execute(select(networks.c.id).where(networks.c.id == network).with_for_update(key_share=True))


def pool_at(tx: Connection, site: Id | None, day: date | None) -> Grant | None:
    """The pool of oproep 2 that runs at a site on a day, which a new grant there joins (A-45)."""
    query = (
        select(grants.c.id, func.min(grant_people.c.person)).join(grant_people, grant_people.c.grant == grants.c.id)
        .where(grants.c.site == site, grants.c.oproep == "O2", grants.c.exception.is_(None), grants.c.start <= day,
               or_(grants.c.to.is_(None), grants.c.to >= day))
        .group_by(grants.c.id).order_by(grants.c.id)
    )  # fmt: skip
    row = tx.execute(query).first() if site is not None and day is not None else None
    return next(each for each in fact_reading.read_grants(tx, row[1]) if each.id == row[0]) if row is not None else None


def minutes_by_month(tx: Connection, person: Id, oproep: str, since: date) -> list[tuple[date, int]]:
    """The minutes that a person booked in an oproep, month by month from `since` on."""
    minutes = func.sum(month_totals.c.minutes)
    query = (
        select(month_totals.c.month, minutes).join(grants, grants.c.id == month_totals.c.grant)
        .where(month_totals.c.person == person, grants.c.oproep == oproep, month_totals.c.month >= since)
        .group_by(month_totals.c.month).order_by(month_totals.c.month)
    )  # fmt: skip
    return [(month, int(total)) for month, total in tx.execute(query)]


def count_moments(tx: Connection, person: Id, oproep: str, since: date) -> int:
    """How many moments of an oproep a person did from `since` on."""
    query = select(func.count()).select_from(moments)
    mine = (moments.c.person == person, moments.c.oproep == oproep, moments.c.state == "accepted", moments.c.day >= since)
    return int(tx.execute(query.where(*mine)).scalar_one())


def give_more(tx: Connection, grant: Id, minutes: int) -> None:
    """Put more minutes on a grant, each period (O1-16, O4-17)."""
    tx.execute(grants.update().where(grants.c.id == grant).values(extra_minutes=grants.c.extra_minutes + minutes))
    remembered.forget(tx)


def change_grant(tx: Connection, grant: Id, values: dict[str, Any]) -> None:
    """Set columns of a grant that was just made."""
    tx.execute(grants.update().where(grants.c.id == grant).values(values))
    remembered.forget(tx)


def oproep_of(tx: Connection, grant: Id) -> str:
    """The oproep of a grant."""
    return str(tx.execute(select(grants.c.oproep).where(grants.c.id == grant)).scalar_one())


def grant_key(tx: Connection, request: Id) -> str:
    """The key of the grant that a request makes, as the first column of an import: one that no grant has."""
    key = wanted = f"AANVRAAG-{request}"
    number = 1
    while any(tx.execute(select(each.c.key).where(each.c.key == key)).first() for each in (grants, grant_names)):
        number += 1
        key = f"{wanted}-{number}"
    return key


def earlier_agreement(tx: Connection, person: Id, agreement: Id) -> Any:
    """The newest other collaboration of a person with the same partner that began in the twelve months before this one; None when
    there is none (A-44)."""
    this = tx.execute(select(agreements).where(agreements.c.id == agreement)).one()
    query = select(agreements).where(
        agreements.c.person == person, agreements.c.partner == this.partner, agreements.c.id != this.id,
        agreements.c.start <= this.start, agreements.c.start > add_months(this.start, -12),
    )  # fmt: skip
    return tx.execute(query.order_by(agreements.c.start.desc(), agreements.c.id.desc())).first()


def has_offer(tx: Connection, person: Id, site: Id) -> bool:
    """Whether something is known of what a provider offers at a site, that she did not take back."""
    return any(each.site == site and each.withdrawn is None for each in fact_reading.read_offers(tx, person))


def add_offer(tx: Connection, row: dict[str, Any]) -> None:
    """What a provider attested to offer at a site; it replaces what she took back."""
    tx.execute(offers.delete().where(offers.c.person == row["person"], offers.c.site == row["site"]))
    tx.execute(offers.insert(), row)
    remembered.forget(tx)


def next_start(tx: Connection, person: Id, of: Grant) -> date | None:
    """The first day of the next grant of the same person and place, before which an earlier one must end."""
    alike = [
        each.start for each in fact_reading.read_grants(tx, person)
        if each.id != of.id and each.start > of.start
        and (each.oproep, each.site, each.agreement, each.exception) == (of.oproep, of.site, of.agreement, of.exception)
    ]  # fmt: skip
    return min(alike, default=None)


@remembered.remembered
def sites_of(tx: Connection, network: Id) -> list[Any]:
    """The sites of a network, by name."""
    return list(tx.execute(select(sites).where(sites.c.network == network).order_by(sites.c.name, sites.c.id)))


@remembered.remembered
def agreements_of(tx: Connection, person: Id) -> list[Any]:
    """A provider's collaborations of oproep 3, newest first."""
    query = select(agreements).where(agreements.c.person == person).order_by(agreements.c.start.desc(), agreements.c.id)
    return list(tx.execute(query))


def open_channels(tx: Connection, network: Id) -> list[int]:
    """The channels of a network in which the bot may write, on platforms where it knows somebody: others are not served."""
    served = exists().where(accounts.c.platform == channels.c.platform, accounts.c.person.is_not(None))
    query = select(channels.c.id).where(channels.c.network == network, channels.c.state == "open", served).order_by(channels.c.id)
    return list(tx.execute(query).scalars())


def cards_of(tx: Connection, request: Id) -> list[Any]:
    """The messages about a request that were owed with buttons, sent or not: key, account, channel."""
    named = or_(outbox.c.key.startswith(f"request:{request}:"), outbox.c.key.startswith(f"nag:{request}:"))
    return list(tx.execute(select(outbox.c.key, outbox.c.account, outbox.c.channel).where(named, outbox.c.failed.is_(None))))


def add_stand_in(tx: Connection, coordinator: Id, network: Id, person: Id, start: date, to: date) -> int:
    """Name who decides in a coordinator's place, up to and with `to`; what she named before for that network ends."""
    mine = (stand_ins.c.coordinator == coordinator, stand_ins.c.network == network)
    tx.execute(stand_ins.delete().where(*mine, stand_ins.c.to >= start))
    return add_row(tx, stand_ins, {"coordinator": coordinator, "network": network, "person": person, "start": start, "to": to})


def end_stand_in(tx: Connection, coordinator: Id, stand_in: Id) -> Any:
    """End a stand-in that this coordinator named; returns its row, None when it is not hers or ended before."""
    row = tx.execute(select(stand_ins).where(stand_ins.c.id == stand_in, stand_ins.c.coordinator == coordinator)).first()
    if row is not None:
        tx.execute(stand_ins.delete().where(stand_ins.c.id == stand_in))
    return row


def stand_ins_of(tx: Connection, coordinator: Id, today: date) -> list[Any]:
    """Who stands in for a coordinator now or soon: row with the person's and the network's name."""
    query = (
        select(stand_ins, people.c.first_name, people.c.name, networks.c.name.label("network_name"))
        .join(people, people.c.id == stand_ins.c.person).join(networks, networks.c.id == stand_ins.c.network)
        .where(stand_ins.c.coordinator == coordinator, stand_ins.c.to >= today).order_by(stand_ins.c.start, stand_ins.c.id)
    )  # fmt: skip
    return list(tx.execute(query))


def stand_ins_held(tx: Connection, person: Id, today: date) -> list[Id]:
    """Where a person stands in for somebody now or soon, the first day first."""
    query = select(stand_ins.c.id).where(stand_ins.c.person == person, stand_ins.c.to >= today)
    return list(tx.execute(query.order_by(stand_ins.c.start, stand_ins.c.id)).scalars())


def read_stand_in(tx: Connection, stand_in: Id) -> Any:
    """A stand-in with the coordinator's and the network's name; None when it ended."""
    query = (
        select(stand_ins, people.c.first_name, people.c.name, networks.c.name.label("network_name"))
        .join(people, people.c.id == stand_ins.c.coordinator).join(networks, networks.c.id == stand_ins.c.network)
        .where(stand_ins.c.id == stand_in)
    )  # fmt: skip
    return tx.execute(query).first()


def people_of(tx: Connection, network: Id) -> list[Any]:
    """The people of a network who are not suspended or gone, by name."""
    query = select(people).join(memberships, memberships.c.person == people.c.id).where(
        memberships.c.network == network, people.c.suspended_on.is_(None), people.c.erased_on.is_(None)
    )
    return list(tx.execute(query.order_by(people.c.first_name, people.c.name, people.c.id)))
