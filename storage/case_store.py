"""Writes the situation of a policy case into an empty database, and finds its rows again by the case's names."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, select

from rules.facts import Entry, Grant, Id
from storage import fact_reading, ledger
from storage.tables import add_row, agreements, grant_people, grants, moments, offers, openings, people, sites

START = datetime(2024, 1, 1, tzinfo=UTC)


class CaseStore:
    """The rows of one case: `ids` gives per table the row of each name that the case uses."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self.ids: dict[str, dict[str, int]] = {"people": {}, "sites": {}, "agreements": {}, "grants": {}}

    def _insert(self, table: Any, name: str, row: dict[str, Any]) -> int:
        row_id = add_row(self.tx, table, row)
        self.ids[table.name][name] = row_id
        return row_id

    def add_person(self, name: str, start: date, to: date | None, employer: str | None, o4: date | None, portfolio: bool) -> int:
        """A provider under the case's name."""
        return self._insert(
            people,
            name,
            {
                "key": name,
                "first_name": name,
                "name": "",
                "roles": "verstrekker",
                "contract_from": start,
                "contract_to": to,
                "employer": employer,
                "o4_admitted_from": o4,
                "portfolio_on": date(2024, 1, 1) if portfolio else None,
            },
        )

    def person(self, name: str) -> int:
        """The row of a person; who is used but not listed has all defaults."""
        return self.ids["people"].get(name) or self.add_person(name, date(2024, 1, 1), None, None, None, True)

    def add_site(self, name: str, kind: str, cooperates: bool) -> None:
        """A site."""
        self._insert(sites, name, {"key": name, "name": name, "kind": kind, "cooperates": cooperates})

    def add_offer(
        self, person: str, site: Id, since: date | None, structural: bool, minutes: int, tracks: int, attested: date | None = None,
        withdrawn: date | None = None,
    ) -> None:
        """A person's structural offer at a site."""
        self.tx.execute(
            offers.insert(),
            {
                "person": self.person(person),
                "site": site,
                "since": since,
                "structural": structural,
                "individual_minutes_per_week": minutes,
                "group_tracks_per_year": tracks,
                "attested_on": attested,
                "withdrawn_on": withdrawn,
            },
        )

    def add_agreement(
        self,
        name: str,
        person: str,
        partner: str,
        kind: str,
        start: date,
        to: date | None,
        blocks: Iterable[str],
        delivered: date | None,
        evaluated: date | None,
    ) -> None:
        """A collaboration of oproep 3."""
        self._insert(
            agreements,
            name,
            {
                "key": name,
                "person": self.person(person),
                "partner": partner,
                "partner_name": partner,
                "partner_kind": kind,
                "start": start,
                "to": to,
                "blocks": "+".join(blocks),
                "delivered_on": delivered,
                "evaluated_on": evaluated,
            },
        )

    def add_grant(
        self,
        name: str,
        oproep: str,
        persons: Iterable[Id],
        site: Id | None,
        agreement: Id | None,
        start: date,
        to: date | None,
        minutes: int | None,
        extra_minutes: int,
        exception: str | None,
    ) -> None:
        """A grant and who may use it."""
        grant = self._insert(
            grants,
            name,
            {
                "key": name,
                "oproep": oproep,
                "site": site,
                "agreement": agreement,
                "start": start,
                "to": to,
                "minutes": minutes,
                "extra_minutes": extra_minutes,
                "exception": exception,
            },
        )
        self.tx.execute(grant_people.insert(), [{"grant": grant, "person": person} for person in persons])

    def remember(self, name: str, grant: Id) -> None:
        """Let a name of the case stand for a grant that an application made or joined."""
        self.ids["grants"][name] = int(grant)

    def add_opening(self, grant: Grant, person: Id | None, day: date, minutes: int, preparations: int) -> None:
        """Time used before the start with us."""
        number = len(self.tx.execute(select(openings.c.id)).all()) + 1
        opening = add_row(
            self.tx,
            openings,
            {
                "key": f"opening-{number}",
                "grant": grant.id,
                "person": person,
                "day": day,
                "minutes": minutes,
                "preparations": preparations,
            },
        )
        ledger.post(self.tx, [Entry(grant.id, person or 0, day, minutes, preparations)], START, opening=opening)

    def grant(self, row_id: Id) -> Grant:
        """A grant as the rules see one."""
        holder = self.tx.execute(select(grant_people.c.person).where(grant_people.c.grant == row_id)).scalars().first()
        return next(each for each in fact_reading.read_grants(self.tx, holder or 0) if each.id == row_id)

    def moment(self, row_id: int | None) -> Any:
        """The row of a moment."""
        return self.tx.execute(select(moments).where(moments.c.id == row_id)).one()
