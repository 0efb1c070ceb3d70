"""Import: sheets in, all or nothing in one transaction; what was added, changed, left alone, and every refused row."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from handlers.import_grants import put_grant, put_opening
from handlers.import_history import put_moment
from handlers.import_lines import Counts, DoubtError, Refusal, Report, Row, RowError, Sheet, read_sheet
from handlers.import_sheets import Work, put_agreement, put_channel, put_network, put_offer, put_person, put_site
from rules.book import Rulebook
from storage import import_rows
from storage.database import Database

Put = Callable[[Work, Row, Counts], None]

# In the order in which rows refer to one another; openings before moments, so that history is judged on them.
PUTS: Mapping[str, Put] = {
    "netwerken": put_network, "vindplaatsen": put_site, "personen": put_person, "aanbod": put_offer,
    "overeenkomsten": put_agreement, "toekenningen": put_grant, "kanalen": put_channel, "beginsaldi": put_opening,
    "momenten": put_moment,
}  # fmt: skip
KEYS = {"aanbod": ("person", "site"), "kanalen": ("network", "platform", "place")}


class _Undo(Exception):
    """Ends the transaction of an import without keeping anything."""


def run_import(
    database: Database,
    books: Mapping[str, Rulebook],
    sheets: Sequence[Sheet],
    now: datetime,
    *,
    dry_run: bool = False,
    refused: Sequence[Refusal] = (),
) -> Report:
    """Import sheets in a transaction of their own; with a refusal, or for a dry run, nothing is written.

    `refused`: what was refused while the files were read. Raises storage.database.BusyError.
    """
    report = Report(refusals=list(refused))

    def step(tx: Connection) -> None:
        import_tables(tx, books, sheets, now, report)
        if report.refusals or dry_run:
            raise _Undo

    with suppress(_Undo):
        database.run(step)
    return report


def import_tables(tx: Connection, books: Mapping[str, Rulebook], sheets: Sequence[Sheet], now: datetime, report: Report) -> None:
    """Take over all sheets within a transaction; the caller rolls back when the report holds refusals.

    Every fault of every row is told: a refused row is passed over, and what depends on it is neither taken nor blamed.
    """
    work = Work(tx, books, now, report.remarks)
    for sheet in sorted(sheets, key=lambda sheet: list(PUTS).index(sheet.name)):
        counts = report.counts.setdefault(sheet.name, Counts())
        rows = read_sheet(sheet, report)
        repeated = _refuse_repeated(sheet, rows)
        if sheet.unread:
            work.unread.add(sheet.name)
        for row in sorted(rows, key=_in_time) if sheet.name in ("toekenningen", "momenten") else rows:
            try:
                PUTS[sheet.name](work, row, counts)
                continue
            except RowError as error:
                row.refuse(error.column, error.cure)
            except DoubtError:
                pass
            if row.number not in repeated:
                work.doubt(sheet.name, row)
            report.refusals += [Refusal(sheet.file, row.number, column, cure) for column, cure in row.faults]
        work.forget()
    report.refusals.sort(key=lambda refusal: (refusal.file, refusal.row or 0))
    if not report.refusals:
        totals = ", ".join(f"{name} {each.added}/{each.changed}/{each.left}" for name, each in report.counts.items())
        import_rows.note_import(tx, now, f"added/changed/left: {totals}")


def _refuse_repeated(sheet: Sheet, rows: Sequence[Row]) -> set[int]:
    """A key stands once in a sheet: the rows after the first are refused; returns their numbers."""
    seen: dict[tuple[str, ...], int] = {}
    repeated = set()
    for row in rows:
        with suppress(DoubtError):
            key = tuple(row[name] for name in KEYS.get(sheet.name, ("key",)))
            if key in seen:
                row.refuse(None, f"has the key of row {seen[key]}: keep one of them")
                repeated.add(row.number)
            seen.setdefault(key, row.number)
    return repeated


def _in_time(row: Row) -> str:
    return str(row.values.get("start", ""))
