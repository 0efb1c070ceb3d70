"""Import: sheets in, all or nothing in one transaction; what was added, changed, left alone, and every refused row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from handlers.import_grants import put_grant, put_opening
from handlers.import_history import put_moment
from handlers.import_lines import Counts, Refusal, Report, Row, RowError, Sheet, read_sheet
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
    """Take over all sheets within a transaction; the caller rolls back when the report holds refusals."""
    work = Work(tx, books, now, report.remarks)
    by_name = {sheet.name: sheet for sheet in sheets}
    for name in sorted(by_name, key=list(PUTS).index):
        sheet, counts = by_name[name], Counts()
        rows = list(_once(sheet, read_sheet(sheet, report), report))
        for row in sorted(rows, key=_in_time) if name in ("toekenningen", "momenten") else rows:
            try:
                PUTS[name](work, row, counts)
            except RowError as error:
                report.refusals.append(Refusal(sheet.file, row.number, error.column, error.cure))
        report.counts[name] = counts
        work.forget()
    report.refusals.sort(key=lambda refusal: (refusal.file, refusal.row or 0))
    if not report.refusals:
        totals = ", ".join(f"{name} {each.added}/{each.changed}/{each.left}" for name, each in report.counts.items())
        import_rows.note_import(tx, now, f"added/changed/left: {totals}")


def _once(sheet: Sheet, rows: Sequence[Row], report: Report) -> Iterator[Row]:
    """The rows whose key has not been seen yet in the sheet."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.values[name] for name in KEYS.get(sheet.name, ("key",)))
        if key in seen:
            cure = f"has the key of row {seen[key]}: keep one of them"
            report.refusals.append(Refusal(sheet.file, row.number, None, cure))
        else:
            seen[key] = row.number
            yield row


def _in_time(row: Row) -> str:
    return str(row.values["start"])
