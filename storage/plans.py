"""Planned moments and series of them, and the private address of a person's calendar; none of it touches a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from rules.facts import Id
from rules.periods import Span
from storage.instants import as_stored
from storage.prepared import Prepared
from storage.scope import PROVIDER
from storage.tables import accounts, add_row, agreements, feeds, grants, moments, people, plans, series, sites

PLANNED, DONE, DROPPED = "planned", "done", "dropped"
OPEN = Prepared(
    select(plans)
    .where(plans.c.person == bindparam("of"), plans.c.state == PLANNED)
    .order_by(plans.c.begins, plans.c.id)
)
ENDED = (
    select(plans)
    .where(plans.c.state == PLANNED, plans.c.ends <= bindparam("at"), plans.c.asked_at.is_(None))
    .order_by(plans.c.ends, plans.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def add_plan(
    tx: Connection, person: Id, network: Id, form: str, answers: dict[str, Any], span: Span, now: datetime, submission: str, *,
    of: int | None = None,
) -> int:
    """Plan a moment; `of` is its series. Returns its id. Planned before with this `submission`: that one, as it stands."""
    known = planned_as(tx, person, submission)
    if known is not None:
        return int(known.id)
    return add_row(tx, plans, {
        "person": person, "network": network, "form": form, "answers": answers, "series": of, "submission": submission, "state": PLANNED,
        "begins": as_stored(span.begin), "ends": as_stored(span.end), "made_at": as_stored(now),
    })  # fmt: skip


def planned_as(tx: Connection, person: Id, submission: str) -> Any:
    """The plan that a person made with a submission; None when there is none."""
    return tx.execute(select(plans).where(plans.c.person == person, plans.c.submission == submission)).first()


def read_plan(tx: Connection, person: Id, plan: Id) -> Any:
    """A plan of this person; None when it is not hers or not there: both look the same."""
    return tx.execute(select(plans).where(plans.c.id == plan, plans.c.person == person)).first()


def find_plan(tx: Connection, plan: Id) -> Any:
    """A plan, whosever it is; None when it is gone."""
    return tx.execute(select(plans).where(plans.c.id == plan)).first()


def open_plans(tx: Connection, person: Id) -> list[Any]:
    """All of a person's plans that are neither done nor dropped, the earliest first; those that ended are among them."""
    return OPEN.rows(tx, of=person)


def move_plan(tx: Connection, plan: Id, form: str, answers: dict[str, Any], span: Span, now: datetime) -> bool:
    """Give a plan another time or other answers; she is asked anew when that has ended. False when it is done or dropped."""
    times = {"begins": as_stored(span.begin), "ends": as_stored(span.end), "asked_at": None, "made_at": as_stored(now)}
    values = {"form": form, "answers": answers, **times}
    return tx.execute(plans.update().where(plans.c.id == plan, plans.c.state == PLANNED), values).rowcount == 1


def end_plan(tx: Connection, plan: Id, state: str, moment: int | None = None) -> bool:
    """A plan is done (booked as `moment`) or dropped. False when it was one of these before."""
    query = plans.update().where(plans.c.id == plan, plans.c.state == PLANNED)
    return tx.execute(query, {"state": state, "moment": moment}).rowcount == 1


def restore_plan(tx: Connection, plan: Id) -> None:
    """A dropped plan stands again."""
    tx.execute(plans.update().where(plans.c.id == plan, plans.c.state == DROPPED), {"state": PLANNED})


def overlapping(tx: Connection, person: Id, span: Span, besides: int | None) -> bool:
    """Whether a person has planned something else in that time."""
    query = select(plans.c.id).where(
        plans.c.person == person, plans.c.state == PLANNED, plans.c.begins < as_stored(span.end), plans.c.ends > as_stored(span.begin),
        plans.c.id != (besides or 0),
    )  # fmt: skip
    return tx.execute(query).first() is not None


# Series


def add_series(tx: Connection, person: Id, plan: Id, every: str, start: date, until: date) -> int:
    """Begin a series with a plan that stands alone so far; returns its id."""
    made = add_row(tx, series, {"person": person, "every": every, "start": start, "until": until})
    tx.execute(plans.update().where(plans.c.id == plan), {"series": made})
    return made


def read_series(tx: Connection, person: Id, number: Id) -> Any:
    """A series of this person; None when it is not hers or not there."""
    return tx.execute(select(series).where(series.c.id == number, series.c.person == person)).first()


def plans_of_series(tx: Connection, number: Id) -> list[Any]:
    """What is still planned of a series, the earliest first."""
    return list(tx.execute(select(plans).where(plans.c.series == number, plans.c.state == PLANNED).order_by(plans.c.begins)))


def drop_coming(tx: Connection, number: Id, now: datetime) -> int:
    """Drop all of a series that has not begun; returns how many that were. It ends with that."""
    coming = and_(plans.c.series == number, plans.c.state == PLANNED, plans.c.begins > as_stored(now))
    count = tx.execute(plans.update().where(coming), {"state": DROPPED}).rowcount
    tx.execute(series.update().where(series.c.id == number, series.c.ended_at.is_(None)), {"ended_at": as_stored(now)})
    return int(count)


# Asking whether it took place


def take_ended(tx: Connection, now: datetime, most: int) -> list[Any]:
    """Plans that ended by `now` and about which nobody was asked yet, longest ended first; another process does not get them."""
    return list(tx.execute(ENDED, {"at": as_stored(now), "most": most}))


def mark_asked(tx: Connection, plan: Id, due: datetime) -> None:
    """From `due` (aware) on she has been asked whether it took place."""
    tx.execute(plans.update().where(plans.c.id == plan), {"asked_at": as_stored(due)})


# The calendar


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """Something of a person's calendar: its key, begin and end (UTC, no offset), since when it stands so, and the place's name and
    municipality; no person, no topic."""

    key: str
    begins: datetime
    ends: datetime
    changed: datetime
    place: str
    municipality: str


def set_feed(tx: Connection, person: Id, hashed: str, now: datetime) -> None:
    """Give a person a calendar address; the one before is void."""
    tx.execute(feeds.delete().where(feeds.c.person == person))
    tx.execute(feeds.insert(), {"person": person, "hash": hashed, "made_at": as_stored(now)})


def end_feed(tx: Connection, person: Id) -> bool:
    """Void a person's calendar address. False when she had none."""
    return tx.execute(feeds.delete().where(feeds.c.person == person)).rowcount == 1


def has_feed(tx: Connection, person: Id) -> bool:
    """Whether a person has a calendar address."""
    return tx.execute(select(feeds.c.person).where(feeds.c.person == person)).first() is not None


def owner_of_feed(tx: Connection, hashed: str, today: date) -> int | None:
    """Whose calendar address this is; None for nobody's, and for one whose access ended: unlinked, suspended, gone."""
    query = (
        select(people.c.id)
        .join(feeds, feeds.c.person == people.c.id)
        .where(
            feeds.c.hash == hashed,
            people.c.roles.contains(PROVIDER),
            people.c.erased_on.is_(None),
            or_(people.c.suspended_on.is_(None), people.c.suspended_on > today),
            or_(people.c.contract_to.is_(None), people.c.contract_to >= today),
            exists().where(accounts.c.person == people.c.id),
        )
    )
    found = tx.execute(query).scalar_one_or_none()
    return int(found) if found is not None else None


def calendar_rows(tx: Connection, person: Id, since: datetime, until: datetime) -> list[CalendarRow]:
    """What a person planned and what she did between two instants (aware), by begin. A moment that was planned keeps its key."""
    begin, end = as_stored(since), as_stored(until)
    coming = select(plans).where(plans.c.person == person, plans.c.state == PLANNED, plans.c.begins >= begin, plans.c.begins < end)
    done = (
        select(moments.c.id, moments.c.begins, moments.c.ends, moments.c.changed_at, moments.c.grant, plans.c.id.label("plan"))
        .select_from(moments.outerjoin(plans, and_(plans.c.moment == moments.c.id, plans.c.person == moments.c.person)))
        .where(moments.c.person == person, moments.c.state == "accepted", moments.c.begins >= begin, moments.c.begins < end)
    )
    planned, booked = tx.execute(coming).all(), tx.execute(done).all()
    places = _places(tx, [str(row.answers.get("place", "")) for row in planned])
    held = _places_of_grants(tx, {row.grant for row in booked})
    found = [
        CalendarRow(f"plan-{row.id}", row.begins, row.ends, row.made_at, *places.get(str(row.answers.get("place", "")), ("", "")))
        for row in planned
    ]
    found += [
        CalendarRow(
            f"plan-{row.plan}" if row.plan is not None else f"moment-{row.id}", row.begins, row.ends, row.changed_at,
            *held.get(row.grant, ("", "")),
        )
        for row in booked
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.begins, each.key))


_SITES = select(sites.c.id, sites.c.name, sites.c.municipality)
_AGREEMENTS = select(agreements.c.id, agreements.c.partner_name, sites.c.municipality).select_from(
    agreements.outerjoin(
        sites, or_(sites.c.id == agreements.c.site, and_(agreements.c.site.is_(None), sites.c.key == agreements.c.partner))
    )
)


def _places(tx: Connection, values: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and municipality by the value of a place (s for a site, a for an agreement)."""
    found: dict[str, tuple[str, str]] = {}
    for letter, query, column in (("s", _SITES, sites.c.id), ("a", _AGREEMENTS, agreements.c.id)):
        ids = {int(value[1:]) for value in values if value.startswith(letter)}
        if ids:
            found |= {f"{letter}{row[0]}": (row[1], row[2] or "") for row in tx.execute(query.where(column.in_(ids)))}
    return found


def _places_of_grants(tx: Connection, ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = tx.execute(select(grants.c.id, grants.c.site, grants.c.agreement).where(grants.c.id.in_(ids))).all()
    values = {row.id: f"a{row.agreement}" if row.agreement is not None else f"s{row.site}" for row in rows if row.agreement or row.site}
    places = _places(tx, list(values.values()))
    return {grant: places[value] for grant, value in values.items() if value in places}
