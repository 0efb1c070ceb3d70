"""Takes over the sheets that describe people and places: networks, persons, sites, offers, agreements, channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from handlers.import_lines import Counts, Row, RowError, nearest_key
from rules.book import Rulebook
from rules.facts import CONTRACT_START
from storage import import_rows
from storage.tables import agreements, channels, networks, people, sites


@dataclass(slots=True)
class Work:
    """One import under way: its transaction, rulebooks and clock, and the keyed rows that are known so far."""

    tx: Connection
    books: Mapping[str, Rulebook]
    now: datetime
    remarks: list[str]
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def rows(self, table: Table) -> dict[str, Any]:
        """All rows of a table by key, kept for the rest of the sheet."""
        if table.name not in self.known:
            self.known[table.name] = import_rows.by_key(self.tx, table)
        return self.known[table.name]

    def forget(self) -> None:
        """Read afresh from now on: a sheet is done and others refer to its rows."""
        self.known.clear()

    def find(self, table: Table, key: str | None, column: str) -> Any:
        """The row that a cell refers to, None for an empty cell. Raises RowError when there is none."""
        if key is None:
            return None
        row = self.rows(table).get(key)
        if row is None:
            hint = nearest_key(key, self.rows(table))
            raise RowError(column, f"refers to no row of {NAMES[table.name]} that is known: correct the key{hint}")
        return row

    def refresh(self, table: Table, key: str) -> None:
        """Read one row anew: the next rows of the same sheet look at it."""
        self.rows(table)[key] = import_rows.row_of(self.tx, table, key)

    def put(self, table: Table, key: str, row: Mapping[str, Any], counts: Counts) -> int:
        """Add a row by its key, change it, or leave it alone; counts what it did and returns the row's id."""
        before = self.rows(table).get(key)
        if before is None:
            counts.added += 1
            return import_rows.add_row(self.tx, table, {**row, "key": key})
        if any(getattr(before, name) != value for name, value in row.items()):
            counts.changed += 1
            import_rows.change_row(self.tx, table, before.id, row)
        else:
            counts.left += 1
        return int(before.id)


NAMES = {"networks": "netwerken", "people": "personen", "sites": "vindplaatsen", "agreements": "overeenkomsten"}


def _given(row: Row, *names: str) -> dict[str, Any]:
    return {name: row.values[name] for name in names if name in row.values}


def put_network(work: Work, row: Row, counts: Counts) -> None:
    """A row of netwerken."""
    if row.get("rulebook") not in work.books:
        known = ", ".join(sorted(work.books))
        cure = f"is no rulebook that is installed: choose one of {known}, or set UURWIJZER_RULEBOOKS"
        raise RowError("rulebook", cure)
    work.put(networks, row.values["key"], _given(row, "name", "province", "language", "rulebook"), counts)


def put_person(work: Work, row: Row, counts: Counts) -> None:
    """A row of personen, with the networks that the person works in."""
    plain = ("first_name", "name", "language", "contract_to", "o4_admitted_from", "portfolio_on", "email")
    values = _given(row, *plain)
    values["roles"] = "+".join(row.values["roles"])
    values["contract_from"] = row.get("contract_from") or CONTRACT_START
    if "themes" in row.values:
        values["themes"] = "+".join(part.strip() for part in row.values["themes"].split("+") if part.strip())
    if "employer" in row.values:
        values["employer"] = _partner_key(work, row.values["employer"])
    if values.get("contract_to") and values["contract_to"] < values["contract_from"]:
        raise RowError("contract_tot", "must not come before contract_van")
    wanted = {work.find(networks, key, "netwerk").id for key in row.get("networks") or ()}
    before = work.rows(people).get(row.values["key"])
    person = work.put(people, row.values["key"], values, counts)
    if "networks" not in row.values:
        return
    if import_rows.memberships_of(work.tx, person) != wanted:
        import_rows.set_memberships(work.tx, person, sorted(wanted))
        if before is not None and all(getattr(before, name) == value for name, value in values.items()):
            counts.left, counts.changed = counts.left - 1, counts.changed + 1


def put_site(work: Work, row: Row, counts: Counts) -> None:
    """A row of vindplaatsen."""
    values = _given(row, "name", "kind", "municipality")
    values["cooperates"] = row.values.get("cooperates", True)
    if "network" in row.values:
        network = work.find(networks, row.values["network"], "netwerk")
        values["network"] = network.id if network else None
    work.put(sites, row.values["key"], values, counts)


def put_offer(work: Work, row: Row, counts: Counts) -> None:
    """A row of aanbod: it has no key of its own, person and place are it."""
    person = work.find(people, row.values["person"], "persoon").id
    site = work.find(sites, row.values["site"], "vindplaats").id
    values = {"structural": True, **_given(row, "since", "functions")}
    for name in ("individual_minutes_per_week", "group_tracks_per_year"):
        values[name] = row.values.get(name, 0)
    before = import_rows.offer_of(work.tx, person, site)
    if before is None:
        counts.added += 1
        import_rows.add_offer(work.tx, {**values, "person": person, "site": site})
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        import_rows.change_offer(work.tx, person, site, values)
    else:
        counts.left += 1


def put_agreement(work: Work, row: Row, counts: Counts) -> None:
    """A row of overeenkomsten; which of its four parts are filled in decides whether it is complete (O3-10)."""
    plain = ("start", "to", "minimum_minutes", "regularity", "evaluation", "delivered_on", "evaluated_on")
    values = _given(row, *plain)
    if row.get("to") and row.values["to"] < row.values["start"]:
        raise RowError("tot", "must not come before van")
    if "werkvormen" in row.values:
        values["werkvormen"] = "+".join(row.values["werkvormen"] or ()) or None
    values["person"] = work.find(people, row.values["person"], "persoon").id
    if "site" in row.values:
        site = work.find(sites, row.values["site"], "vindplaats")
        values["site"] = site.id if site else None
    partner = row.values["partner"]
    key = _partner_key(work, partner)
    if key is None or len(key) > 64:
        cure = "is longer than 64 characters and no vindplaats: give it a row there and write its key"
        raise RowError("partner", cure)
    place = work.rows(sites).get(key)
    values |= {"partner": key, "partner_name": place.name if place else partner}
    kind = row.get("partner_kind") or (place.kind if place else None)
    if kind is None:
        raise RowError("partner_soort", "is empty and the partner is no vindplaats: fill it in")
    values["partner_kind"] = kind
    parts = {
        "uren": "minimum_minutes", "periodiciteit": "regularity", "afspraken": "werkvormen", "evaluatie": "evaluation",
    }  # fmt: skip
    before = work.rows(agreements).get(row.values["key"])
    filled = [part for part, name in parts.items() if values.get(name, getattr(before, name, None)) is not None]
    values["blocks"] = "+".join(filled)
    work.put(agreements, row.values["key"], values, counts)


def put_channel(work: Work, row: Row, counts: Counts) -> None:
    """A row of kanalen: network, platform and place are its key."""
    network = work.find(networks, row.values["network"], "netwerk").id
    platform, place = row.values["platform"], row.values["place"]
    values = {"language": "nl", "weekday": "ma", "hour": "08:30", **_given(row, "language", "weekday", "hour")}
    before = import_rows.channel_of(work.tx, network, platform, place)
    if before is None:
        counts.added += 1
        import_rows.add_row(work.tx, channels, {**values, "network": network, "platform": platform, "place": place})
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        import_rows.change_row(work.tx, channels, before.id, values)
    else:
        counts.left += 1


def _partner_key(work: Work, partner: str | None) -> str | None:
    """The key of the place with this key or (when only one has it) this name; else the text itself (O3-15)."""
    places = work.rows(sites)
    if partner is None or partner in places:
        return partner
    named = [key for key, place in places.items() if place.name.casefold() == partner.casefold()]
    return named[0] if len(named) == 1 else partner
