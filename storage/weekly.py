"""What a network did in a stretch of days, in totals: moments, late changes, refusals, requests, evaluations, who is new."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, distinct, exists, func, or_, select, union

from rules.eligibility import STILL_LATE
from rules.facts import Id
from rules.periods import to_utc
from storage.grant_networks import grants_of
from storage.instants import as_stored
from storage.tables import (
    accounts,
    add_row,
    agreements,
    channels,
    grants,
    memberships,
    moment_versions,
    moments,
    openings,
    people,
    refusals,
    requests,
    summaries,
)

_of_network = moments.c.grant.in_(grants_of(bindparam("network")))
_in_days = moments.c.day.between(bindparam("first", type_=moments.c.day.type), bindparam("last", type_=moments.c.day.type))

DAYS = (
    select(moments.c.day, moments.c.oproep, func.count(), func.sum(moments.c.minutes), func.sum(moments.c.preparations))
    .where(_of_network, _in_days, moments.c.state == "accepted")
    .group_by(moments.c.day, moments.c.oproep)
)
ACTIVE = select(func.count(distinct(moments.c.person))).where(_of_network, _in_days, moments.c.state == "accepted")
CHANGED = (
    select(moments.c.state, (moment_versions.c.at > bindparam("since")).label("late"), func.count())
    .join(moment_versions, (moment_versions.c.moment == moments.c.id) & (moment_versions.c.version == 1))
    .where(_of_network, _in_days, moments.c.changed_at > bindparam("since"))
    .group_by(moments.c.state, "late")
)
REFUSED = (
    select(refusals.c.rule, func.count())
    .where(refusals.c.network == bindparam("network"), refusals.c.day.between(bindparam("first"), bindparam("last")))
    .group_by(refusals.c.rule)
    .order_by(func.count().desc(), refusals.c.rule)
)
WAITING = select(func.count()).select_from(requests).where(requests.c.network == bindparam("network"), requests.c.state == "waiting")
AGREEMENTS = (
    select(agreements.c.start, agreements.c.to, agreements.c.evaluated_on)
    .where(
        agreements.c.id.in_(
            select(grants.c.agreement).where(grants.c.id.in_(grants_of(bindparam("network"))), grants.c.agreement.is_not(None))
        ),
        agreements.c.start <= bindparam("last"),
        or_(agreements.c.to.is_(None), agreements.c.to >= bindparam("since")),
    )
)  # fmt: skip

_earlier = moments.alias()


def _did_before(person: Any) -> Any:
    return exists().where(_earlier.c.person == person, _earlier.c.begins < bindparam("before"))


NEW = select(func.count()).select_from(
    union(
        select(moments.c.person).where(_of_network, _in_days, moments.c.state == "accepted", ~_did_before(moments.c.person)),
        select(people.c.id)
        .join(memberships, memberships.c.person == people.c.id)
        .join(accounts, accounts.c.person == people.c.id)
        .where(
            memberships.c.network == bindparam("network"), people.c.roles.contains("verstrekker"),
            accounts.c.platform != "terminal",
            accounts.c.linked_at >= bindparam("begin"), accounts.c.linked_at < bindparam("end"), ~_did_before(people.c.id),
        ),
    ).subquery()
)  # fmt: skip


def read_days(tx: Connection, network: Id, first: date, last: date) -> list[tuple[date, str, int, int, int]]:
    """Per day and oproep: accepted moments, minutes, preparation hours; both days included."""
    rows = tx.execute(DAYS, {"network": network, "first": first, "last": last})
    return [(day, oproep, int(count), int(minutes), int(preparations)) for day, oproep, count, minutes, preparations in rows]


def opening_days(tx: Connection, network: Id, first: date, last: date) -> dict[tuple[Id, Id], date]:
    """The opening balances on these days: per grant and person the newest day. What was done before is counted in them."""
    query = (
        select(openings.c.grant, openings.c.person, func.max(openings.c.day))
        .where(openings.c.grant.in_(grants_of(network)), openings.c.day.between(first, last))
        .group_by(openings.c.grant, openings.c.person)
    )
    return {(grant, person): day for grant, person, day in tx.execute(query)}


def count_active(tx: Connection, network: Id, first: date, last: date) -> int:
    """How many people have an accepted moment on these days."""
    return int(tx.execute(ACTIVE, {"network": network, "first": first, "last": last}).scalar_one())


def count_changed(tx: Connection, network: Id, first: date, last: date, since: datetime) -> Mapping[str, int]:
    """Of the moments of these days, how many were registered `late` (after the instant `since`), `corrected` or `cancelled` since."""
    found = {"late": 0, "corrected": 0, "cancelled": 0}
    for state, late, count in tx.execute(CHANGED, {"network": network, "first": first, "last": last, "since": since}):
        if late and state == "accepted":
            found["late"] += count
        elif not late:
            found["cancelled" if state == "cancelled" else "corrected"] += count
    return found


def count_refused(tx: Connection, network: Id, first: date, last: date) -> list[tuple[str, int]]:
    """How often each rule refused on these days, most often first."""
    return [(rule, int(count)) for rule, count in tx.execute(REFUSED, {"network": network, "first": first, "last": last})]


def count_waiting(tx: Connection, network: Id) -> int:
    """How many requests wait for a decision now."""
    return int(tx.execute(WAITING, {"network": network}).scalar_one())


def agreements_on(tx: Connection, network: Id, day: date) -> Sequence[Any]:
    """The collaborations that run on a day, or ended so lately that their evaluation may still be late: start, to, evaluated_on."""
    return tx.execute(AGREEMENTS, {"network": network, "last": day, "since": day - STILL_LATE}).all()


def count_new(tx: Connection, network: Id, first: date, last: date, begin: datetime, end: datetime) -> int:
    """How many people registered their first moment ever on these days, or linked their first account between two instants (UTC)."""
    values = {"network": network, "first": first, "last": last, "begin": begin, "end": end, "before": begin}
    return int(tx.execute(NEW, values).scalar_one())


def read_summary(tx: Connection, network: Id, week: str) -> Any:
    """The snapshot of a week as it was posted; None when it was not."""
    return tx.execute(select(summaries).where(summaries.c.network == network, summaries.c.week == week)).first()


def read_last_summary(tx: Connection, network: Id, before: str) -> Any:
    """The newest snapshot of a week before this one; None when there is none."""
    query = select(summaries).where(summaries.c.network == network, summaries.c.week < before)
    return tx.execute(query.order_by(summaries.c.week.desc()).limit(1)).first()


def add_summary(tx: Connection, network: Id, week: str, snapshot: Mapping[str, Any], at: datetime) -> None:
    """Keep the week of a network as it is posted."""
    add_row(tx, summaries, {"network": network, "week": week, "snapshot": dict(snapshot), "made_at": at})


def due_channel(tx: Connection, at: datetime) -> Any:
    """The open channel whose summary is due longest, or one that has no next time yet; None when there is none."""
    query = select(channels).where(channels.c.state == "open", or_(channels.c.next_at.is_(None), channels.c.next_at <= at))
    return tx.execute(query.order_by(channels.c.next_at.is_not(None), channels.c.next_at, channels.c.id).limit(1)).first()


def open_channels(tx: Connection, network: Id) -> list[Any]:
    """The channels of a network to which can be written."""
    return list(tx.execute(select(channels).where(channels.c.network == network, channels.c.state == "open").order_by(channels.c.id)))


def move_next(tx: Connection, channel: Id, at: datetime) -> None:
    """Set when the next summary of a channel is due (UTC)."""
    tx.execute(channels.update().where(channels.c.id == channel).values(next_at=at))


WEEKS_OF = (
    select(moments.c.person, func.count(), func.sum(moments.c.minutes))
    .where(
        moments.c.person.in_(bindparam("people", expanding=True, literal_execute=True)), moments.c.state == "accepted",
        moments.c.begins >= bindparam("begin"), _in_days,
    )
    .group_by(moments.c.person)
)  # fmt: skip


def read_weeks_of(tx: Connection, people: Iterable[Id], first: date, last: date) -> dict[Id, tuple[int, int]]:
    """Accepted moments and their minutes on these days, both included, per person who has any."""
    begin = as_stored(to_utc(datetime.combine(first, datetime.min.time())))
    values = {"people": list(people), "begin": begin, "first": first, "last": last}
    return {person: (int(count), int(minutes)) for person, count, minutes in tx.execute(WEEKS_OF, values)}
