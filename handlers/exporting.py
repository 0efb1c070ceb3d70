"""Export: everything, or about a network or a person, as the sheets that an import reads, and as it is stored."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.import_cells import SITE_WORDS
from rules.book import NoValueError, Rulebook
from rules.book_keys import KEYS
from storage import export_rows, grant_networks, import_rows
from storage.export_rows import Scope
from storage.moment_cells import moment_cells
from storage.tables import agreements, channels, grants, networks, offers, people, sites

Cells = dict[str, str]
NO_BOOKS: Mapping[str, Rulebook] = {}
SITE_CELLS = {value: word for word, value in SITE_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Export:
    """Rows of cells by sheet, and what is stored by table."""

    sheets: dict[str, list[Cells]]
    stored: dict[str, Any]


# Of each of these: `books` give the pseudocodes of the moments; without a grant's book that column stays empty.


def export_all(tx: Connection, now: datetime, books: Mapping[str, Rulebook] = NO_BOOKS) -> Export:
    """Everything."""
    return _export(tx, export_rows.scope_of_all(tx), now, books)


def export_network(tx: Connection, network: int, now: datetime, books: Mapping[str, Rulebook] = NO_BOOKS) -> Export:
    """Everything about one network."""
    return _export(tx, export_rows.scope_of_network(tx, network), now, books)


def export_one(tx: Connection, person: int, now: datetime, books: Mapping[str, Rulebook] = NO_BOOKS) -> Export:
    """Everything about one person."""
    return _export(tx, export_rows.scope_of_person(tx, person), now, books)


def export_person(tx: Connection, person_id: int) -> dict[str, Any]:
    """Everything stored about a person, table by table, ready for JSON: her right to see and take it along."""
    return export_rows.stored_rows(tx, export_rows.scope_of_person(tx, person_id))


def _export(tx: Connection, scope: Scope, now: datetime, books: Mapping[str, Rulebook]) -> Export:
    keys = _Keys(tx, books)
    sheets = {name: list(write(tx, scope, keys)) for name, write in SHEETS.items()}
    head = {"format": 1, "exported_at": now.astimezone(UTC).isoformat(timespec="seconds")}
    return Export(sheets, {**head, "tables": export_rows.stored_rows(tx, scope)})


class _Keys:
    """The keys of rows by their ids, and the pseudocodes that the rulebooks give."""

    def __init__(self, tx: Connection, books: Mapping[str, Rulebook]) -> None:
        self._books, self._rulebooks = books, grant_networks.rulebooks(tx)
        tables = (networks, people, sites, agreements, grants)
        rows = {table.name: import_rows.by_key(tx, table).values() for table in tables}
        self._keys = {name: {row.id: row.key for row in found} for name, found in rows.items()}

    def of(self, table: Any, row_id: int | None) -> str:
        """The key of a row, empty for none."""
        return "" if row_id is None else str(self._keys[table.name][row_id])


    def pseudocode(self, moment: Any) -> str:
        """The code under which a moment is billed on its day; empty when its rulebook gives none."""
        book = self._books.get(self._rulebooks.get(moment.grant, ""))
        try:
            terms = book.on(moment.day).terms(moment.oproep, moment.werkvorm) if book is not None else None
        except NoValueError:
            return ""
        code = terms.billing_code if terms is not None else ""
        return "" if code in KEYS else code  # the name of a setting that has no value that day


def _networks(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    for row in scope.rows(tx, networks):
        yield {
            "netwerk": row.key, "naam": row.name, "provincie": row.province, "taal": row.language,
            "rulebook": row.rulebook,
        }  # fmt: skip


def _people(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    for row in scope.rows(tx, people):
        nets = sorted(import_rows.memberships_of(tx, row.id) & scope.ids["networks"])
        yield {
            "persoon": row.key, "voornaam": row.first_name, "naam": row.name, "rollen": row.roles,
            "netwerk": "+".join(keys.of(networks, net) for net in nets), "taal": row.language,
            "contract_van": _cell(row.contract_from), "contract_tot": _cell(row.contract_to),
            "werkgever": _cell(row.employer), "oproep4_vanaf": _cell(row.o4_admitted_from),
            "portfolio": _cell(row.portfolio_on), "themas": row.themes, "email": _cell(row.email),
        }  # fmt: skip


def _sites(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    for row in scope.rows(tx, sites):
        yield {
            "vindplaats": row.key, "naam": row.name, "soort": SITE_CELLS[row.kind],
            "netwerk": keys.of(networks, row.network), "gemeente": row.municipality,
            "samenwerking": "ja" if row.cooperates else "nee",
        }  # fmt: skip


def _offers(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    for row in export_rows.own_rows(tx, offers, scope):
        yield {
            "persoon": keys.of(people, row.person), "vindplaats": keys.of(sites, row.site), "sinds": _cell(row.since),
            "individueel_minuten_per_week": str(row.individual_minutes_per_week),
            "groepstrajecten_per_jaar": str(row.group_tracks_per_year), "functies": row.functions,
            "verklaard_op": _cell(row.attested_on), "ingetrokken_op": _cell(row.withdrawn_on),
        }  # fmt: skip


def _agreements(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    known = {row.key for row in import_rows.by_key(tx, sites).values()}
    for row in scope.rows(tx, agreements):
        yield {
            "overeenkomst": row.key, "persoon": keys.of(people, row.person),
            "partner": row.partner if row.partner in known else row.partner_name,
            "partner_soort": SITE_CELLS[row.partner_kind], "vindplaats": keys.of(sites, row.site),
            "van": _cell(row.start), "tot": _cell(row.to), "minimum_uren": _hours(row.minimum_minutes),
            "regelmaat": _cell(row.regularity), "werkvormen": _cell(row.werkvormen),
            "evaluatie": _cell(row.evaluation), "geleverd_op": _cell(row.delivered_on),
            "geevalueerd_op": _cell(row.evaluated_on),
            "terugbellen_uren": "" if row.callback_hours is None else str(row.callback_hours),
        }  # fmt: skip


def _grants(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    by_id = {}
    for row in scope.rows(tx, grants):
        holders = sorted(import_rows.holders_of(tx, row.id) & scope.ids["people"])
        by_id[row.id] = {
            "toekenning": row.key, "oproep": row.oproep[1:], "netwerk": keys.of(networks, row.network),
            "persoon": "+".join(keys.of(people, person) for person in holders),
            "vindplaats": keys.of(sites, row.site), "overeenkomst": keys.of(agreements, row.agreement),
            "van": _cell(row.start), "tot": _cell(row.to), "uren": _hours(row.minutes),
            "extra_uren": _hours(row.extra_minutes or None), "uitzondering": _cell(row.exception),
            "reden": _cell(row.reason),
        }  # fmt: skip
    yield from by_id.values()
    for name, grant in sorted(import_rows.joined_names(tx).items()):
        if grant in by_id:
            yield {**by_id[grant], "toekenning": name, "extra_uren": "", "reden": ""}


def _channels(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    if scope.person is not None:
        return
    for row in export_rows.own_rows(tx, channels, scope):
        yield {
            "netwerk": keys.of(networks, row.network), "platform": row.platform, "kanaal": row.place,
            "taal": row.language, "dag": row.weekday, "uur": row.hour,
        }  # fmt: skip


def _moments(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    places = {row.id: row for row in scope.rows(tx, grants)}
    for row in export_rows.booked_moments(tx, scope):
        grant = places[row.grant]
        where = (keys.of(sites, grant.site), keys.of(agreements, grant.agreement))
        cells = moment_cells(row, keys.of(people, row.person), *where)
        yield {"moment": row.source or f"M-{row.id}", **cells, "pseudocode": keys.pseudocode(row)}


def _openings(tx: Connection, scope: Scope, keys: _Keys) -> Iterator[Cells]:
    for row in export_rows.opening_rows(tx, scope):
        yield {
            "beginsaldo": row.key, "toekenning": keys.of(grants, row.grant), "persoon": keys.of(people, row.person),
            "op": _cell(row.day), "minuten": str(row.minutes), "voorbereidingsuren": str(row.preparations),
            "gefactureerde_uren": str(row.billed_hours),
        }  # fmt: skip


SHEETS: Mapping[str, Callable[[Connection, Scope, _Keys], Iterator[Cells]]] = {
    "netwerken": _networks, "personen": _people, "vindplaatsen": _sites, "aanbod": _offers,
    "overeenkomsten": _agreements, "toekenningen": _grants, "kanalen": _channels, "momenten": _moments,
    "beginsaldi": _openings,
}  # fmt: skip


def _cell(value: str | date | None) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else value


def _hours(minutes: int | None) -> str:
    """Minutes as hours: 48, or 4u10 when they are not whole."""
    if minutes is None:
        return ""
    return f"{minutes // 60}u{minutes % 60:02}" if minutes % 60 else str(minutes // 60)
