"""Takes over the sheets that describe people and places: networks, persons, sites, offers, agreements, channels."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table

from handlers.import_lines import Counts, DoubtError, Row, RowError, nearest_key
from rules.book import Rulebook
from rules.facts import CONTRACT_START
from rules.periods import BRUSSELS
from rules.words import WERKVORMEN
from storage import import_rows
from storage.redo import erased_marks, mark_of
from storage.tables import agreements, channels, networks, people, sites


@dataclass(slots=True)
class Work:
    """One import under way: its transaction, rulebooks and clock, the keyed rows that are known so far, and those in doubt:
    refused rows by the name and key of their sheet, and the sheets of which nothing could be read."""

    tx: Connection
    books: Mapping[str, Rulebook]
    now: datetime
    remarks: list[str]
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, dict[str, Row]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    erased: frozenset[str] | None = None  # the marks of the keys of who was erased, once they are needed

    def rows(self, table: Table) -> dict[str, Any]:
        """All rows of a table by key, kept for the rest of the sheet."""
        if table.name not in self.known:
            self.known[table.name] = import_rows.by_key(self.tx, table)
        return self.known[table.name]

    def forget(self) -> None:
        """Read afresh from now on: a sheet is done and others refer to its rows."""
        self.known.clear()

    def find(self, table: Table, key: str | None, column: str) -> Any:
        """The row that a cell refers to, None for an empty cell. Raises RowError when there is none, DoubtError when it is refused."""
        if key is None:
            return None
        name = NAMES[table.name]
        row = self.rows(table).get(key)
        if row is None and name == "personen" and self.was_erased(key):
            cure = "refers to a person who was erased: take this row out, or that key when it names several"
            raise RowError(column, cure)
        if key in self.refused.get(name, ()) or (row is None and name in self.unread):
            raise DoubtError
        if row is None:
            hint = nearest_key(key, [*self.rows(table), *self.refused.get(name, ())])
            raise RowError(column, f"refers to no row of {name} that is known: correct the key{hint}")
        return row

    def was_erased(self, key: str) -> bool:
        """Whether a person had this key once, and was erased."""
        if self.erased is None:
            self.erased = erased_marks(self.tx)
        return mark_of(key) in self.erased

    def doubt(self, sheet: str, row: Row) -> None:
        """A row that is not taken: what refers to it cannot be judged."""
        key = str(row.values.get("key", f"row {row.number}"))
        self.refused.setdefault(sheet, {})[key] = row

    def need_no_refused_grant(self, person: str, oproep: str | None = None) -> None:
        """Raise DoubtError when a toekenning that is refused may be the one that lets a person use hours."""
        for row in self.refused.get("toekenningen", {}).values():
            people, of = row.values.get("people"), row.values.get("oproep")
            if (not people or person in people) and (oproep is None or of in (None, oproep)):
                raise DoubtError
        if "toekenningen" in self.unread:
            raise DoubtError

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


NAMES = {
    "networks": "netwerken", "people": "personen", "sites": "vindplaatsen", "agreements": "overeenkomsten", "grants": "toekenningen",
}  # fmt: skip


def _given(row: Row, *names: str) -> dict[str, Any]:
    return {name: row.values[name] for name in names if name in row.values}


def check_days(row: Row, first: str, last: str, columns: tuple[str, str]) -> None:
    """Refuse a last day before the first one."""
    if row.get(first) and row.get(last) and row[last] < row[first]:
        raise RowError(columns[1], f"must not come before {columns[0]}")


def put_network(work: Work, row: Row, counts: Counts) -> None:
    """A row of netwerken."""
    row.check(lambda: _check_rulebook(work, row))
    work.put(networks, row["key"], _given(row, "name", "province", "language", "rulebook"), counts)


def _check_rulebook(work: Work, row: Row) -> None:
    if row["rulebook"] not in work.books:
        known = ", ".join(sorted(work.books))
        cure = f"is no rulebook that is installed: choose one of {known}, or set UURWIJZER_RULEBOOKS"
        raise RowError("rulebook", cure)


def put_person(work: Work, row: Row, counts: Counts) -> None:
    """A row of personen, with the networks that the person works in."""
    keys = row.values.get("networks") or ()
    row.check(
        lambda: _check_contract(row),
        lambda: _check_not_erased(work, row["key"]),
        *(lambda key=key: work.find(networks, key, "netwerk") for key in keys),
    )
    plain = ("first_name", "name", "language", "contract_to", "o4_admitted_from", "portfolio_on", "email")
    values = _given(row, *plain)
    values["roles"] = "+".join(row["roles"])
    values["contract_from"] = row.get("contract_from") or CONTRACT_START
    if "themes" in row.values:
        values["themes"] = "+".join(part.strip() for part in row["themes"].split("+") if part.strip())
    if "employer" in row.values:
        with suppress(DoubtError):  # then nothing is written anyway
            values["employer"] = _partner_key(work, row["employer"])
    wanted = {work.find(networks, key, "netwerk").id for key in keys}
    before = work.rows(people).get(row["key"])
    person = work.put(people, row["key"], values, counts)
    if "networks" not in row.values:
        return
    if import_rows.memberships_of(work.tx, person) != wanted:
        import_rows.set_memberships(work.tx, person, sorted(wanted))
        if before is not None and all(getattr(before, name) == value for name, value in values.items()):
            counts.left, counts.changed = counts.left - 1, counts.changed + 1


def _check_not_erased(work: Work, key: str) -> None:
    if key not in work.rows(people) and work.was_erased(key):
        raise RowError("persoon", "was erased: take this row out; who comes back gets another key")


def _check_contract(row: Row) -> None:
    if row.get("contract_to") and row["contract_to"] < (row.get("contract_from") or CONTRACT_START):
        raise RowError("contract_tot", "must not come before contract_van")


def put_site(work: Work, row: Row, counts: Counts) -> None:
    """A row of vindplaatsen."""
    row.check(lambda: work.find(networks, row.get("network"), "netwerk"))
    values = _given(row, "name", "kind", "municipality")
    values["cooperates"] = row.values.get("cooperates", True)
    if "network" in row.values:
        network = work.find(networks, row["network"], "netwerk")
        values["network"] = network.id if network else None
    work.put(sites, row["key"], values, counts)


def put_offer(work: Work, row: Row, counts: Counts) -> None:
    """A row of aanbod: it has no key of its own, person and place are it."""
    row.check(lambda: work.find(people, row["person"], "persoon"), lambda: work.find(sites, row["site"], "vindplaats"))
    person = work.find(people, row["person"], "persoon").id
    site = work.find(sites, row["site"], "vindplaats").id
    values = {"structural": True, **_given(row, "since", "functions")}
    for name in ("individual_minutes_per_week", "group_tracks_per_year"):
        values[name] = row.values.get(name, 0)
    before = import_rows.offer_of(work.tx, person, site)
    values |= _attested(before, row.values.get("attested_on"), row.values.get("withdrawn_on"), work.now.astimezone(BRUSSELS).date())
    if before is None:
        counts.added += 1
        import_rows.add_offer(work.tx, {**values, "person": person, "site": site})
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        import_rows.change_offer(work.tx, person, site, values)
    else:
        counts.left += 1


def _attested(before: Any, given: date | None, withdrawn: date | None, today: date) -> dict[str, date | None]:
    """When the offer was attested last, and when it was taken back: what the row gives when it is news, else what is known (O2-09); an
    offer that is new without such a day is attested by the import itself."""
    if before is None:
        return {"attested_on": given or today, "withdrawn_on": withdrawn}
    last = max((each for each in (before.attested_on, given) if each is not None), default=None)
    said = max((each for each in (before.withdrawn_on, withdrawn) if each is not None), default=None)
    return {"attested_on": last, "withdrawn_on": said if said is not None and (last is None or said >= last) else None}


def put_agreement(work: Work, row: Row, counts: Counts) -> None:
    """A row of overeenkomsten; which of its four parts are filled in decides whether it is complete (O3-10)."""
    row.check(
        lambda: work.find(people, row["person"], "persoon"), lambda: work.find(sites, row.get("site"), "vindplaats"),
        lambda: check_days(row, "start", "to", ("van", "tot")), lambda: _partner(work, row), lambda: _partner_kind(work, row),
        lambda: _check_werkvormen(work, row),
    )  # fmt: skip
    plain = ("start", "to", "minimum_minutes", "regularity", "evaluation", "delivered_on", "evaluated_on", "callback_hours")
    values = _given(row, *plain)
    if "werkvormen" in row.values:
        values["werkvormen"] = "+".join(row["werkvormen"] or ()) or None
    values["person"] = work.find(people, row["person"], "persoon").id
    if "site" in row.values:
        site = work.find(sites, row["site"], "vindplaats")
        values["site"] = site.id if site else None
    key = _partner(work, row)
    place = work.rows(sites).get(key)
    values |= {"partner": key, "partner_name": place.name if place else row["partner"], "partner_kind": _partner_kind(work, row)}
    parts = {
        "uren": "minimum_minutes", "periodiciteit": "regularity", "afspraken": "werkvormen", "evaluatie": "evaluation",
    }  # fmt: skip
    before = work.rows(agreements).get(row["key"])
    filled = [part for part, name in parts.items() if values.get(name, getattr(before, name, None)) is not None]
    values["blocks"] = "+".join(filled)
    work.put(agreements, row["key"], values, counts)


def _check_werkvormen(work: Work, row: Row) -> None:
    """Those of the convention, and those that the rulebook of a network of the person adds."""
    added = set(row.get("werkvormen") or ()) - set(WERKVORMEN)
    person = work.find(people, row["person"], "persoon") if added else None
    if person is None:
        return
    mine = import_rows.memberships_of(work.tx, person.id)
    books = [work.books[network.rulebook] for network in work.rows(networks).values() if network.id in mine]
    known = dict.fromkeys((*WERKVORMEN, *(werkvorm for book in books for werkvorm in book.werkvormen)))
    if added - set(known):
        raise RowError("werkvormen", f"must be one of: {', '.join(known)}")


def _partner(work: Work, row: Row) -> str:
    key = _partner_key(work, row["partner"])
    if key is None or len(key) > 64:
        cure = "is longer than 64 characters and no vindplaats: give it a row there and write its key"
        raise RowError("partner", cure)
    return key


def _partner_kind(work: Work, row: Row) -> str:
    place = work.rows(sites).get(_partner(work, row))
    kind = row.get("partner_kind") or (place.kind if place else None)
    if kind is None:
        raise RowError("partner_soort", "is empty and the partner is no vindplaats: fill it in")
    return str(kind)


def put_channel(work: Work, row: Row, counts: Counts) -> None:
    """A row of kanalen: network, platform and place are its key."""
    row.check(lambda: work.find(networks, row["network"], "netwerk"))
    network = work.find(networks, row["network"], "netwerk").id
    platform, place = row["platform"], row["place"]
    values = {"language": "nl", "weekday": "ma", "hour": "08:30", **_given(row, "language", "weekday", "hour")}
    before = import_rows.channel_of(work.tx, network, platform, place)
    if before is None:
        counts.added += 1
        import_rows.add_row(work.tx, channels, {**values, "network": network, "platform": platform, "place": place})
    elif any(getattr(before, name) != value for name, value in values.items()):
        counts.changed += 1
        moved = (values["weekday"], values["hour"]) != (before.weekday, before.hour)
        import_rows.change_row(work.tx, channels, before.id, {**values, "next_at": None} if moved else values)
    else:
        counts.left += 1


def _partner_key(work: Work, partner: str | None) -> str | None:
    """The key of the place with this key or (when only one has it) this name; else the text itself (O3-15).

    Raises DoubtError when it may be a place whose row is refused.
    """
    places, refused = work.rows(sites), work.refused.get("vindplaatsen", {})
    if partner is None or (partner in places and partner not in refused):
        return partner
    named = [key for key, place in places.items() if place.name.casefold() == partner.casefold()]
    if len(named) == 1:
        return named[0]
    names = {str(row.values.get("name", "")).casefold() for row in refused.values()}
    if partner in refused or partner.casefold() in names or "vindplaatsen" in work.unread:
        raise DoubtError
    return partner
