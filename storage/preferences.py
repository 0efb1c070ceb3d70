"""How people want to be reminded, and who is due for a look; whom nothing reaches any more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from rules.facts import Id
from rules.periods import BRUSSELS
from rules.quiet_hours import Quiet
from storage.instants import as_stored
from storage.on_conflict import insert_new
from storage.tables import accounts, memberships, moments, people, preferences

OWN_RHYTHM = "auto"  # instead of an hour: the median time at which she registered
LAST_TIMES = 10
PEOPLE: Any = bindparam("people", expanding=True, literal_execute=True)

WITHOUT = (
    select(people.c.id)
    .where(~exists().where(preferences.c.person == people.c.id), people.c.erased_on.is_(None))
    .order_by(people.c.id)
    .limit(bindparam("most"))
)
DUE = (
    select(preferences, people.c.roles, people.c.contract_to, people.c.suspended_on, people.c.erased_on, people.c.first_name)
    .join(people, people.c.id == preferences.c.person)
    .where(preferences.c.next_at <= bindparam("at"))
    .order_by(preferences.c.next_at, preferences.c.person)
    .limit(bindparam("most"))
    .with_for_update(of=preferences, skip_locked=True)
)
MOVE = preferences.update().where(preferences.c.person == bindparam("of")).values(next_at=bindparam("at"))
REACHED = (
    select(accounts.c.person, accounts.c.id)
    .where(accounts.c.person.in_(PEOPLE), accounts.c.chat.is_not(None))
    .order_by(accounts.c.linked_at, accounts.c.id)
)
REGISTERED = (
    select(moments.c.person, moments.c.changed_at)
    .where(
        moments.c.person.in_(PEOPLE), moments.c.source.is_(None), moments.c.state == "accepted", moments.c.begins >= bindparam("since"),
        moments.c.version == 1,
    )
    .order_by(moments.c.person, moments.c.begins.desc())
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who is due for a look, with her preferences. `account`: where she can be reached, the one linked last; None: nowhere."""

    person: int
    first_name: str
    roles: frozenset[str]
    contract_to: date | None
    active: bool
    account: int | None
    off: frozenset[str]
    quiet: Quiet


def add_missing(tx: Connection, at: datetime, most: int) -> bool:
    """Give people without preferences a row, first looked at at `at` (aware). True when there may be more of them."""
    found = list(tx.execute(WITHOUT, {"most": most}).scalars())
    if found:
        tx.execute(insert_new(tx.dialect.name, preferences), [{"person": person, "off": "", "next_at": as_stored(at)} for person in found])
    return len(found) == most


def take_due(tx: Connection, now: datetime, most: int) -> list[Recipient]:
    """Up to `most` people whose look is due by `now`, longest due first; another process does not get the same ones."""
    rows = tx.execute(DUE, {"at": as_stored(now), "most": most}).all()
    ids = [row.person for row in rows]
    reached = {row.person: row.id for row in tx.execute(REACHED, {"people": ids})} if ids else {}
    alone = [row.person for row in rows if row.hour == OWN_RHYTHM]
    times = usual_times(tx, alone, now) if alone else {}
    today = now.astimezone(BRUSSELS).date()
    return [
        Recipient(
            row.person,
            row.first_name,
            frozenset(row.roles.split("+")),
            row.contract_to,
            row.suspended_on is None and row.erased_on is None and (row.contract_to is None or row.contract_to >= today),
            reached.get(row.person),
            frozenset(row.off.split()),
            quiet_of(row, times.get(row.person)),
        )
        for row in rows
    ]


def quiet_of(row: Any, usual: time | None = None) -> Quiet:
    """When a person may be written to, from her row of preferences (None: nothing set); `usual`: when she tends to register."""
    plain = Quiet()
    if row is None:
        return plain
    hour = usual or plain.hour if row.hour == OWN_RHYTHM else _time(row.hour, plain.hour)
    days = plain.days if row.quiet_days is None else frozenset(int(digit) for digit in row.quiet_days)
    return Quiet(_time(row.quiet_from, plain.start), _time(row.quiet_to, plain.end), days, hour, row.away_from, row.away_to)


def _time(kept: str | None, otherwise: time) -> time:
    return time.fromisoformat(kept) if kept else otherwise


def usual_times(tx: Connection, persons: Sequence[int], now: datetime) -> dict[int, time]:
    """Per person the median clock time, to the half hour, of her last ten registrations of four months; none for fewer than three."""
    found: dict[int, list[int]] = defaultdict(list)
    for person, at in tx.execute(REGISTERED, {"people": persons, "since": as_stored(now - timedelta(days=120))}):
        if len(found[person]) < LAST_TIMES:
            local = at.replace(tzinfo=UTC).astimezone(BRUSSELS)
            found[person].append(60 * local.hour + local.minute)
    halves = {person: int(median(minutes)) // 30 for person, minutes in found.items() if len(minutes) >= 3}
    return {person: time(half // 2, 30 * (half % 2)) for person, half in halves.items()}


def move(tx: Connection, times: Mapping[int, datetime]) -> None:
    """When each of these people is looked at next (aware)."""
    if times:
        tx.execute(MOVE, [{"of": person, "at": as_stored(at)} for person, at in times.items()])


def read_preferences(tx: Connection, person: Id) -> Any:
    """A person's row of preferences; None when she has none yet."""
    return tx.execute(select(preferences).where(preferences.c.person == person)).first()


def change_preferences(tx: Connection, person: Id, now: datetime, **values: Any) -> None:
    """Set columns of a person's preferences; she is looked at anew at once."""
    tx.execute(insert_new(tx.dialect.name, preferences), {"person": person, "off": "", "next_at": as_stored(now)})
    tx.execute(preferences.update().where(preferences.c.person == person), {**values, "next_at": as_stored(now)})


def unreachable(tx: Connection, network: Id) -> list[Any]:
    """The people of a network whom nothing reaches any more: they linked an account and blocked the bot on every one they have;
    id, first_name, name."""
    mine = exists().where(accounts.c.person == people.c.id)
    query = (
        select(people.c.id, people.c.first_name, people.c.name)
        .join(memberships, memberships.c.person == people.c.id)
        .where(
            memberships.c.network == network,
            people.c.erased_on.is_(None),
            mine,
            ~exists().where(accounts.c.person == people.c.id, accounts.c.chat.is_not(None)),
        )
        .order_by(people.c.first_name, people.c.name, people.c.id)
    )
    return list(tx.execute(query))
