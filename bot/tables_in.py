"""Reads the files of an import: a folder of CSV files or one .xlsx workbook, every cell as text."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from handlers.import_columns import SHEETS
from handlers.import_lines import Line, Refusal, Sheet

Raw = tuple[int, list[Any], str | None]  # the number of a row, its cells, and why it is broken

LARGEST = 50_000_000  # bytes of one file
# A workbook of a few kB can unpack to all the memory there is, or hold one cell in the row or column furthest away.
UNPACKED, MOST_ROWS, MOST_COLUMNS = 5 * LARGEST, 1_048_576, 256
TWICE = "stands twice: keep one"
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
            refusals.append(Refusal(file.name, None, None, TWICE))
        try:
            if file.stat().st_size > LARGEST:
                refusals.append(Refusal(file.name, None, None, "is larger than 50 MB: split it"))
                sheets.append(Sheet(name, file.name, unread=True))
                continue
            content = file.read_bytes()
        except OSError as error:
            cure = f"cannot be read ({(error.strerror or type(error).__name__).lower()}): make it readable"
            refusals.append(Refusal(file.name, None, None, cure))
            sheets.append(Sheet(name, file.name, unread=True))
            continue
        text = _text(file.name, content, refusals)
        if text is None:
            sheets.append(Sheet(name, file.name, unread=True))
        else:
            _read_csv(name, file.name, text, sheets, refusals)
    return sheets, refusals, remarks


def _text(file: str, content: bytes, refusals: list[Refusal]) -> str | None:
    """The text of a file. In Windows' own encoding it is refused, and still read, so that its other faults are told with it; None:
    UTF-16, of which nothing more is said, for what a spreadsheet saves as that has tabs and no columns."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refusals.append(Refusal(file, None, None, "is no UTF-8 text: save it as “CSV UTF-8”"))
        return None if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content.decode("cp1252", "replace")


def _read_csv(name: str, file: str, text: str, sheets: list[Sheet], refusals: list[Refusal]) -> None:
    text = re.sub(r"\A *\"?sep=.\"? *\r?\n", "", text)
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    _add_sheet(name, file, list(_csv_rows(text, delimiter)), sheets, refusals)


def _csv_rows(text: str, delimiter: str) -> Iterator[Raw]:
    """The rows of a CSV file; after one that is broken, reading goes on with the next line."""
    lines = list(io.StringIO(text, newline=""))
    start = 0
    while start < len(lines):
        reader = csv.reader((lines[number] for number in range(start, len(lines))), delimiter=delimiter, strict=True)
        before = 0
        try:
            for row in reader:
                yield start + before + 1, row, None
                before = reader.line_num
            return
        except csv.Error:
            start += before + 1
            yield start, lines[start - 1].strip("\r\n").split(delimiter), "has a quote that is not closed or is broken: save the file anew"


def _add_sheet(name: str, file: str, raw: list[Raw], sheets: list[Sheet], refusals: list[Refusal]) -> None:
    rows = [(number, [_cell(value) for value in row], fault) for number, row, fault in raw]
    rows = [(number, row, fault) for number, row, fault in rows if any(row)]
    if not rows or rows[0][2] is not None:
        cure = "is empty: write the names of the columns on the first row" if not rows else str(rows[0][2])
        refusals.append(Refusal(file, rows[0][0] if rows else None, None, cure))
        sheets.append(Sheet(name, file, unread=True))
        return
    columns = tuple(column.lower().replace(" ", "_") for column in rows[0][1])
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    refusals.extend(Refusal(file, rows[0][0], column, "stands twice: keep one column of this name") for column in twice)
    lines = []
    for number, row, fault in rows[1:]:
        if fault is None and any(row[len(columns):]):
            fault = "has more cells than the header: put texts with a comma or semicolon in quotes"
        padded = [*row, *[""] * (len(columns) - len(row))]
        cells = {column: value for column, value in zip(columns, padded, strict=False) if column}
        lines.append(Line(number, cells, fault))
    sheets.append(Sheet(name, file, columns, tuple(lines)))


def _read_workbook(path: Path) -> tuple[list[Sheet], list[Refusal], list[str]]:
    import openpyxl

    sheets: list[Sheet] = []
    refusals: list[Refusal] = []
    remarks = []
    try:
        with ZipFile(path) as packed:
            whole = sum(each.file_size for each in packed.infolist())
        book = openpyxl.load_workbook(path, read_only=True, data_only=True) if whole <= UNPACKED else None
    except Exception as error:  # a broken zip or XML shows itself in many kinds of exceptions
        kind = type(error).__name__
        raise TablesError(f"{path} cannot be read as an .xlsx workbook ({kind}): save it anew.") from None
    if book is None:
        raise TablesError(f"{path} holds more than {UNPACKED // 1_000_000} MB: split it.")
    try:
        for sheet in book.worksheets:
            name, file = sheet.title.strip().lower(), f"{path.name}/{sheet.title}"
            if name not in SHEETS:
                remarks.append(f"{path.name}: sheet {sheet.title} is no sheet of an import and was left out.")
                continue
            if any(each.name == name for each in sheets):
                refusals.append(Refusal(file, None, None, TWICE))
            sheet.reset_dimensions()
            try:
                rows = list(_sheet_rows(sheet))
            except Exception as error:  # what is broken in a sheet shows itself when it is read
                cure = str(error) if isinstance(error, TablesError) else f"cannot be read ({type(error).__name__}): save it anew"
                refusals.append(Refusal(file, None, None, cure))
                sheets.append(Sheet(name, file, unread=True))
            else:
                _add_sheet(name, file, rows, sheets, refusals)
    finally:
        book.close()
    return sheets, refusals, remarks


def _sheet_rows(sheet: Any) -> Iterator[Raw]:
    """The rows of a sheet that hold something. Raises TablesError, or whatever a broken sheet brings about."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        width = max((at for at, cell in enumerate(row, 1) if cell is not None), default=0)  # empty cells can have a look, up to the last
        if number > MOST_ROWS or width > MOST_COLUMNS:
            raise TablesError(f"has a cell beyond row {MOST_ROWS} or column {MOST_COLUMNS}: take it away")
        if width:
            yield number, list(row[:width]), None


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
