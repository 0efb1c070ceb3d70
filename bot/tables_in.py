"""Reads the files of an import: a folder of CSV files or one .xlsx workbook, every cell as text."""

import csv
import io
import re
import unicodedata
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from handlers.import_columns import SHEETS
from handlers.import_lines import Line, Refusal, Sheet

LARGEST = 50_000_000  # bytes of one file
# What a spreadsheet would run; an export puts an apostrophe before it (tables_out).
GUARDED = re.compile(r"'+[=+\-@\t\r]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


class TablesError(ValueError):
    """A path that holds nothing to import; the text is one sentence with the cure."""


def read_tables(path: Path) -> tuple[list[Sheet], list[Refusal], list[str]]:
    """The sheets of a folder or workbook, files that cannot be read, and remarks on files that are left out.

    Raises TablesError when the path is neither, or holds no sheet that is known.
    """
    if path.is_dir():
        sheets, refusals, remarks = _read_folder(path)
    elif path.suffix.lower() == ".xlsx" and path.is_file():
        sheets, refusals, remarks = _read_workbook(path)
    elif not path.exists():
        raise TablesError(f"{path} does not exist: give a folder with CSV files, or an .xlsx file.")
    else:
        raise TablesError(f"{path} is no folder and no .xlsx file: give one of these.")
    if not sheets and not refusals:
        raise TablesError(f"{path} holds nothing to import: name the files (or sheets) {', '.join(SHEETS)}.")
    order = list(SHEETS)
    return sorted(sheets, key=lambda sheet: order.index(sheet.name)), refusals, remarks


def _read_folder(path: Path) -> tuple[list[Sheet], list[Refusal], list[str]]:
    sheets: list[Sheet] = []
    refusals, remarks = [], []
    for file in sorted(path.iterdir()):
        name = file.stem.strip().lower()
        if file.suffix.lower() != ".csv" or not file.is_file():
            continue
        if name not in SHEETS:
            remarks.append(f"{file.name}: is no file of an import and was left out.")
            continue
        if any(sheet.name == name for sheet in sheets):
            refusals.append(Refusal(file.name, None, None, "stands twice in the folder: keep one"))
            continue
        try:
            if file.stat().st_size > LARGEST:
                refusals.append(Refusal(file.name, None, None, "is larger than 50 MB: split it"))
                continue
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            refusals.append(Refusal(file.name, None, None, "is no UTF-8 text: save it as “CSV UTF-8”"))
            continue
        except OSError as error:
            cure = f"cannot be read ({type(error).__name__}): make it readable"
            refusals.append(Refusal(file.name, None, None, cure))
            continue
        _read_csv(name, file.name, text, sheets, refusals)
    return sheets, refusals, remarks


def _read_csv(name: str, file: str, text: str, sheets: list[Sheet], refusals: list[Refusal]) -> None:
    text = re.sub(r"\A *\"?sep=.\"? *\r?\n", "", text)
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    rows: list[tuple[int, list[Any]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        before = 0
        for row in reader:
            rows.append((before + 1, row))
            before = reader.line_num
    except csv.Error:
        cure = "has a quote that is not closed or a broken row: save the file anew"
        refusals.append(Refusal(file, reader.line_num, None, cure))
        return
    _add_sheet(name, file, rows, sheets, refusals)


def _add_sheet(
    name: str, file: str, raw: list[tuple[int, list[Any]]], sheets: list[Sheet], refusals: list[Refusal]
) -> None:
    rows = [(number, [_cell(value) for value in row]) for number, row in raw]
    rows = [(number, row) for number, row in rows if any(row)]
    if not rows:
        refusals.append(Refusal(file, None, None, "is empty: write the names of the columns on the first row"))
        return
    columns = tuple(column.lower().replace(" ", "_") for column in rows[0][1])
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    refusals.extend(Refusal(file, rows[0][0], column, "stands twice: keep one column of this name") for column in twice)
    lines = []
    for number, row in rows[1:]:
        if any(row[len(columns):]):
            cure = "has more cells than the header: put texts with a comma or semicolon in quotes"
            refusals.append(Refusal(file, number, None, cure))
            continue
        padded = [*row, *[""] * (len(columns) - len(row))]
        cells = {column: value for column, value in zip(columns, padded, strict=False) if column}
        lines.append(Line(number, cells))
    if not twice:
        sheets.append(Sheet(name, file, columns, tuple(lines)))


def _read_workbook(path: Path) -> tuple[list[Sheet], list[Refusal], list[str]]:
    import openpyxl

    sheets: list[Sheet] = []
    refusals: list[Refusal] = []
    remarks = []
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # a broken zip or XML shows itself in many kinds of exceptions
        kind = type(error).__name__
        raise TablesError(f"{path} cannot be read as an .xlsx workbook ({kind}): save it anew.") from None
    try:
        for sheet in book.worksheets:
            name = sheet.title.strip().lower()
            if name not in SHEETS:
                remarks.append(f"{path.name}: sheet {sheet.title} is no sheet of an import and was left out.")
                continue
            sheet.reset_dimensions()
            rows = [(number, list(row)) for number, row in enumerate(sheet.iter_rows(values_only=True), 1)]
            _add_sheet(name, f"{path.name}/{sheet.title}", rows, sheets, refusals)
    finally:
        book.close()
    return sheets, refusals, remarks


def _cell(value: Any) -> str:
    """A cell as text: one space between words, nothing invisible, without the apostrophe that guards a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(round(value, 6))
    text = unicodedata.normalize("NFC", " ".join(INVISIBLE.sub("", str(value)).split()))
    return text[1:] if GUARDED.match(text) else text
