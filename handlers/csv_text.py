"""Tables as CSV that a spreadsheet opens and never runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# A cell that begins so would be run by a spreadsheet; the apostrophe stops that, and bot/tables_in.py takes it off again.
RUNS = re.compile(r"'*[=+\-@\t\r]")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as lines with semicolons, each cell quoted where it must be."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if RUNS.match(text) else text
