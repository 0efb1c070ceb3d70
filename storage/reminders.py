"""What reminders stand on: what people were told, and what is open for them.

Everything is read for a whole batch of people at once; their balances come from storage/balances, their wishes from
storage/preferences.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from rules.days_off import monday_of
from rules.eligibility import STILL_LATE
from rules.facts import Id
from rules.periods import BRUSSELS
from rules.reminding import Said, Told
from storage.grant_networks import NETWORK_OF_GRANT
from storage.instants import as_stored
from storage.on_conflict import inserting
from storage.tables import (
    agreements,
    day_totals,
    grant_people,
    grants,
    memberships,
    networks,
    outbox,
    people,
    plans,
    reminders,
    sites,
)

REMEMBERED = timedelta(days=400)
PEOPLE: Any = bindparam("people", expanding=True, literal_execute=True)



@cache
def _note(dialect: str) -> Any:
    """A thing that is said again, after it was put off or never arrived, keeps its row."""
    insert = inserting(dialect, reminders)
    again = insert.on_conflict_do_update(
        index_elements=["person", "kind", "about", "mark"], set_={"sent_on": insert.excluded.sent_on, "again_on": None}
    )
    return again.returning(reminders.c.id, reminders.c.person, reminders.c.kind, reminders.c.about, reminders.c.mark)


TOLD = select(reminders).where(
    reminders.c.person.in_(PEOPLE), or_(reminders.c.sent_on >= bindparam("since"), reminders.c.again_on > bindparam("today"))
)
WORKED = (
    select(day_totals.c.person, day_totals.c.day, func.sum(day_totals.c.minutes).label("minutes"))
    .select_from(
        grant_people.join(day_totals, and_(day_totals.c.grant == grant_people.c.grant, day_totals.c.person == grant_people.c.person))
    )
    .where(grant_people.c.person.in_(PEOPLE), day_totals.c.day >= bindparam("since"), day_totals.c.day <= bindparam("until"))
    .group_by(day_totals.c.person, day_totals.c.day)
)
PLANNED = select(plans.c.id, plans.c.person, plans.c.begins, plans.c.ends, plans.c.asked_at).where(
    plans.c.person.in_(PEOPLE), plans.c.state == "planned", plans.c.begins < bindparam("until")
)
COLLABORATIONS = select(
    agreements.c.id, agreements.c.person, agreements.c.start, agreements.c.to, agreements.c.evaluated_on, agreements.c.minimum_minutes
).where(
    agreements.c.person.in_(PEOPLE),
    agreements.c.start <= bindparam("today"),
    or_(agreements.c.to.is_(None), agreements.c.to >= bindparam("today")),
)
_of_grant = select(func.min(NETWORK_OF_GRANT)).where(grants.c.agreement == agreements.c.id).scalar_subquery()
_of_network = func.coalesce(_of_grant, sites.c.network, memberships.c.network)
IN_NETWORKS = (
    select(agreements, memberships.c.network.label("network"), people.c.first_name, people.c.name)
    .select_from(
        agreements.join(people, people.c.id == agreements.c.person)
        .join(memberships, memberships.c.person == agreements.c.person)
        .outerjoin(sites, sites.c.id == agreements.c.site)
    )
    .where(
        memberships.c.network.in_(bindparam("networks", expanding=True, literal_execute=True)),
        memberships.c.network == _of_network,
        agreements.c.start <= bindparam("today"),
        or_(agreements.c.to.is_(None), agreements.c.to >= bindparam("since")),
    )
    .order_by(agreements.c.id)
)
NETWORKS = (
    select(memberships.c.person, networks)
    .join(networks, networks.c.id == memberships.c.network)
    .where(memberships.c.person.in_(PEOPLE))
    .order_by(networks.c.id)
)


def said_to(tx: Connection, persons: Sequence[int], now: datetime) -> dict[int, Said]:
    """What each person was reminded of in the last 400 days, and on which days of this week. What lost its use on the way or
    could not be delivered counts as unheard."""
    today = now.astimezone(BRUSSELS).date()
    rows = tx.execute(TOLD, {"people": persons, "since": today - REMEMBERED, "today": today}).all()
    week = [monday_of(today) + timedelta(days=number) for number in range(today.isoweekday())]
    keys = {message_key(row.person, row.sent_on) for row in rows} | {message_key(person, day) for person in persons for day in week}
    owed = _owed(tx, sorted(keys), now)
    told: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        unheard = not owed.get(message_key(row.person, row.sent_on), True)
        told[row.person].append(Told(row.kind, row.about, row.mark, row.sent_on, row.again_on, unheard))
    return {
        person: Said(tuple(told[person]), frozenset(day for day in week if owed.get(message_key(person, day), False))) for person in persons
    }


def message_key(person: Id, day: date) -> str:
    """The key of a person's reminders of a day in the outbox."""
    return f"remind:{person}:{day.isoformat()}"


def _owed(tx: Connection, keys: Sequence[str], now: datetime) -> dict[str, bool]:
    """Which of these messages are in the outbox, each with whether it arrived or still can."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), 1000):
        query = select(outbox.c.key, outbox.c.sent_at, outbox.c.failed, outbox.c.use_until)
        for row in tx.execute(query.where(outbox.c.key.in_(keys[start : start + 1000]))):
            missed = row.failed in ("late", "unreachable") or (row.use_until is not None and row.use_until < as_stored(now))
            found[row.key] = row.sent_at is not None or not missed
    return found


def note_told(tx: Connection, rows: Sequence[tuple[int, str, str, str]], day: date) -> dict[tuple[int, str, str, str], int]:
    """Note that people are reminded of things on `day`: each row is person, kind, about, mark. Returns the id of each."""
    if not rows:
        return {}
    values = [{"person": person, "kind": kind, "about": about, "mark": mark, "sent_on": day} for person, kind, about, mark in rows]
    return {(row.person, row.kind, row.about, row.mark): row.id for row in tx.execute(_note(tx.dialect.name), values)}


def read_reminder(tx: Connection, person: Id, reminder: int) -> Any:
    """A thing that this person was reminded of; None when it is not hers or not there."""
    return tx.execute(select(reminders).where(reminders.c.id == reminder, reminders.c.person == person)).first()


def put_off(tx: Connection, reminder: int, until: date) -> None:
    """Say it again on `until`, if it is still true then."""
    tx.execute(reminders.update().where(reminders.c.id == reminder), {"again_on": until})


def worked_days(tx: Connection, persons: Sequence[int], since: date, until: date) -> dict[int, dict[date, int]]:
    """Per person the days on which time is booked and how many minutes."""
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for person, day, minutes in tx.execute(WORKED, {"people": persons, "since": since, "until": until}):
        if minutes:
            found[person][day] = int(minutes)
    return found


def open_plans(tx: Connection, persons: Sequence[int], until: datetime) -> dict[int, list[Any]]:
    """Per person the planned moments that begin before `until` (aware) and are not registered: id, begins, ends, asked_at (UTC)."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(PLANNED, {"people": persons, "until": as_stored(until)}):
        found[row.person].append(row)
    return found


def collaborations_of(tx: Connection, persons: Sequence[int], today: date) -> dict[int, list[Any]]:
    """Per person the agreements of oproep 3 that run: id, start, to, evaluated_on, minimum_minutes."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(COLLABORATIONS, {"people": persons, "today": today}):
        found[row.person].append(row)
    return found


def collaborations_in(tx: Connection, network_ids: Sequence[int], today: date) -> dict[int, list[Any]]:
    """Per network the agreements that run in it, or ended so lately that their evaluation may still be late, with the name of their
    provider: of the network of its grant, else of its place, else of the provider."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(IN_NETWORKS, {"networks": network_ids, "today": today, "since": today - STILL_LATE}):
        found[row.network].append(row)
    return found


def networks_of_many(tx: Connection, persons: Sequence[int]) -> dict[int, list[Any]]:
    """Per person the rows of her networks, oldest first."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(NETWORKS, {"people": persons}):
        found[row.person].append(row)
    return found


def names_of(tx: Connection, abouts: Sequence[str]) -> dict[str, Any]:
    """What reminders are about, by their `about`: the place of a grant (empty: ad hoc), the partner of a collaboration, the name of a
    network or site, the row of a plan that is still open. What is not there any more is left out."""
    ids: dict[str, list[int]] = defaultdict(list)
    found: dict[str, Any] = {about: "" for about in abouts if about in ("all", "month")}
    for about in abouts:
        if about not in found:
            ids[about[0]].append(int(about[1:]))
    queries = {
        "g": select(grants.c.id, func.coalesce(agreements.c.partner_name, sites.c.name, "")).select_from(
            grants.outerjoin(sites, sites.c.id == grants.c.site).outerjoin(agreements, agreements.c.id == grants.c.agreement)
        ).where(grants.c.id.in_(ids["g"])),
        "a": select(agreements.c.id, agreements.c.partner_name).where(agreements.c.id.in_(ids["a"])),
        "n": select(networks.c.id, networks.c.name).where(networks.c.id.in_(ids["n"])),
        "s": select(sites.c.id, sites.c.name).where(sites.c.id.in_(ids["s"])),
    }  # fmt: skip
    for letter, query in queries.items():
        if ids[letter]:
            found |= {f"{letter}{number}": name for number, name in tx.execute(query)}
    if ids["p"]:
        columns = select(plans.c.id, plans.c.person, plans.c.form, plans.c.answers, plans.c.begins)
        open_ones = columns.where(plans.c.id.in_(ids["p"]), plans.c.state == "planned")
        found |= {f"p{row.id}": row for row in tx.execute(open_ones)}
    return found
