"""What an import reads and writes: rows by key, memberships and holders, and history that was booked before."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from rules.facts import Entry, Id
from storage import ledger
from storage.audit_trail import add_audit
from storage.instants import as_stored
from storage.remembered import forget
from storage.tables import (
    channels,
    grant_names,
    grant_people,
    memberships,
    moment_versions,
    moments,
    offers,
    openings,
    postings,
)


def by_key(tx: Connection, table: Table) -> dict[str, Any]:
    """All rows of a table by their key."""
    return {row.key: row for row in tx.execute(select(table))}


def row_of(tx: Connection, table: Table, key: str) -> Any:
    """One row by its key."""
    return tx.execute(select(table).where(table.c.key == key)).one()


def add_row(tx: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """A new row; returns its id."""
    return int(tx.execute(table.insert().returning(table.c.id), dict(row)).scalar_one())


def change_row(tx: Connection, table: Table, row_id: Id, row: Mapping[str, Any]) -> None:
    """New values for a row."""
    tx.execute(table.update().where(table.c.id == row_id), dict(row))


def memberships_of(tx: Connection, person: Id) -> set[int]:
    """The network ids of a person."""
    return set(tx.execute(select(memberships.c.network).where(memberships.c.person == person)).scalars())


def set_memberships(tx: Connection, person: Id, network_ids: Iterable[int]) -> None:
    """Let a person work in these networks and no others."""
    tx.execute(memberships.delete().where(memberships.c.person == person))
    rows = [{"person": person, "network": network} for network in network_ids]
    if rows:
        tx.execute(memberships.insert(), rows)


def offer_of(tx: Connection, person: Id, site: Id) -> Any:
    """The offer of a person at a site, None when there is none."""
    return tx.execute(select(offers).where(offers.c.person == person, offers.c.site == site)).first()


def add_offer(tx: Connection, row: Mapping[str, Any]) -> None:
    """A new offer."""
    tx.execute(offers.insert(), dict(row))


def change_offer(tx: Connection, person: Id, site: Id, row: Mapping[str, Any]) -> None:
    """New values for an offer."""
    tx.execute(offers.update().where(and_(offers.c.person == person, offers.c.site == site)), dict(row))


def channel_of(tx: Connection, network: Id, platform: str, place: str) -> Any:
    """The channel of a network on a platform, None when there is none."""
    here = and_(channels.c.network == network, channels.c.platform == platform, channels.c.place == place)
    return tx.execute(select(channels).where(here)).first()


def holders_of(tx: Connection, grant: Id) -> set[int]:
    """The person ids of a grant."""
    return set(tx.execute(select(grant_people.c.person).where(grant_people.c.grant == grant)).scalars())


def joined_names(tx: Connection) -> dict[str, int]:
    """The names of import rows that joined a pool, with the pool's grant (A-45)."""
    return {row.key: row.grant for row in tx.execute(select(grant_names))}


def add_holders(tx: Connection, grant: Id, people: Iterable[int]) -> None:
    """Let people use a grant too."""
    rows = [{"grant": grant, "person": person} for person in people]
    if rows:
        tx.execute(grant_people.insert(), rows)


def remove_holder(tx: Connection, grant: Id, person: Id) -> bool:
    """Take a person off a grant; False when the person has hours there, then nothing changes."""
    used = select(postings.c.id).where(postings.c.grant == grant, postings.c.person == person).limit(1)
    if tx.execute(used).first() is not None:
        return False
    tx.execute(grant_people.delete().where(grant_people.c.grant == grant, grant_people.c.person == person))
    return True


def last_day_used(tx: Connection, grant: Id) -> date | None:
    """The last day on which time is booked on a grant, None when there is none."""
    query = select(func.max(moments.c.day)).where(moments.c.grant == grant, moments.c.state == "accepted")
    day: date | None = tx.execute(query).scalar_one()
    return day


def add_opening(tx: Connection, row: Mapping[str, Any], now: datetime) -> None:
    """An opening balance with its posting."""
    opening = add_row(tx, openings, row)
    entry = Entry(row["grant"], row["person"], row["day"], row["minutes"], row["preparations"])
    ledger.post(tx, [entry], now, opening=opening)


def change_opening(tx: Connection, before: Any, row: Mapping[str, Any], now: datetime) -> None:
    """Another opening balance under the same key: what was posted is posted back."""
    old = Entry(before.grant, before.person, before.day, -before.minutes, -before.preparations)
    new = Entry(row["grant"], row["person"], row["day"], row["minutes"], row["preparations"])
    change_row(tx, openings, before.id, row)
    ledger.post(tx, [old, new], now, opening=before.id, version=2)


def imported_moments(tx: Connection) -> dict[str, Any]:
    """The moments that came by an import, by their key there."""
    return {row.source: row for row in tx.execute(select(moments).where(moments.c.source.is_not(None)))}


def first_mark(tx: Connection, moment: Id) -> str | None:
    """The mark of the newest imported version of a moment: tells whether a row of an import is still the same."""
    versions = select(moment_versions.c.submitted).where(moment_versions.c.moment == moment)
    rows = tx.execute(versions.order_by(moment_versions.c.version.desc())).scalars()
    return next((submitted["import"] for submitted in rows if "import" in submitted), None)


def moment_by_number(tx: Connection, number: int) -> Any:
    """A moment by its reference number, None when there is none."""
    return tx.execute(select(moments).where(moments.c.id == number)).first()


def note_import(tx: Connection, now: datetime, detail: str) -> None:
    """One row in the audit trail for an import; who remembers people, places or grants reads them anew."""
    forget(tx)
    at = as_stored(now)
    add_audit(tx, at, "operator", "import", detail=detail)


def name_grant(tx: Connection, key: str, grant: Id) -> None:
    """Let another name stand for a grant: a row of an import that joined a pool (A-45)."""
    tx.execute(grant_names.insert(), {"key": key, "grant": grant})
