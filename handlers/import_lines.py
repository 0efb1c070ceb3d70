"""A line of an import: screened for client data, then read column by column; a fault says where and how to mend it."""

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.import_cells import CellError, fold
from handlers.import_columns import CLIENT_COLUMN, FREE, KEY, OPEN, PERSON, PLACE, SHEETS
from rules.clientdata import screen

PRACTICES = ("praktijk", "cabinet", "practice")  # they are often called after their doctor
OTHER_FORMS = {"uur": "uren", "minuut": "minuten", "vanaf": "van", "tem": "tot", "t/m": "tot"}  # of the names of columns
PERSON_KINDS = frozenset({"national_number", "iban", "identity_card", "card_number", "birth_date"})
KIND_WORDS = {
    "national_number": "a national number",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "iban": "an IBAN",
    "structured_communication": "a structured communication",
    "enterprise_number": "an enterprise number",
    "identity_card": "an identity card number",
    "card_number": "a card number",
    "birth_date": "a date of birth",
    "age_of_person": "somebody's age",
    "name": "somebody's name",
    "address": "an address",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it stands in the file: its number there (the header is 1), its cells by column, and why it is no sound row."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file or sheet: the name it has in the contract, what to call it to people, its columns and lines.

    `unread`: nothing of it could be read, so rows that others refer to may well stand there.
    """

    name: str
    file: str
    columns: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot be imported, and what to do: it never holds what stood in the cell."""

    file: str
    row: int | None
    column: str | None
    cure: str

    def __str__(self) -> str:
        where = [self.file, f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else ""]
        return f"{', '.join(part for part in where if part)}: {self.cure}"


@dataclass(slots=True)
class Counts:
    """What an import did with the rows of one sheet."""

    added: int = 0
    changed: int = 0
    left: int = 0


@dataclass(slots=True)
class Report:
    """What an import came to: counts per sheet, rows refused (then nothing was written), things to know."""

    counts: dict[str, Counts] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class RowError(ValueError):
    """A row that reads well and still cannot be taken: the column it is about, and the cure."""

    def __init__(self, column: str | None, cure: str) -> None:
        super().__init__(cure)
        self.column, self.cure = column, cure


class DoubtError(Exception):
    """What a check needs is itself refused: it can be judged only when that is mended, and says nothing now."""


@dataclass(slots=True)
class Row:
    """A row that was read: its number, values for those columns that the sheet has, fields that could not be read, faults."""

    number: int
    values: Mapping[str, Any]
    unread: frozenset[str] = frozenset()
    faults: list[tuple[str | None, str]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """The value of a field that every sheet has. Raises DoubtError when it could not be read."""
        if name in self.unread:
            raise DoubtError
        return self.values[name]

    def get(self, name: str) -> Any:
        """The value of a field, or what an absent column stands for. Raises DoubtError when it could not be read."""
        return None if name not in self.values and name not in self.unread else self[name]

    def refuse(self, column: str | None, cure: str) -> None:
        """Note a fault, once."""
        if (column, cure) not in self.faults:
            self.faults.append((column, cure))

    def check(self, *checks: Callable[[], object]) -> None:
        """Run every check, also when another fails, so that all faults are told. Raises DoubtError unless the row can be taken."""
        doubt = bool(self.unread)
        for each in checks:
            try:
                each()
            except RowError as error:
                self.refuse(error.column, error.cure)
            except DoubtError:
                doubt = True
        if doubt or self.faults:
            raise DoubtError


def read_sheet(sheet: Sheet, report: Report) -> list[Row]:
    """The rows of a sheet with their faults; what is wrong with the sheet itself goes into the report."""
    if sheet.unread:
        return []
    columns = SHEETS[sheet.name]
    absent = [name for name in columns if name not in sheet.columns]
    meant = {name: _meant(name, absent) for name in sheet.columns if name and name not in columns}
    for name, instead in meant.items():
        if screen(name.replace("_", " ")):
            cure = "has data where names of columns must stand: write those on the first row"
            report.refusals.append(Refusal(sheet.file, 1, None, cure))
        elif CLIENT_COLUMN.search(fold(name).replace("_", " ")):
            cure = "looks like data of clients, which never belong here: remove the column"
            report.refusals.append(Refusal(sheet.file, 1, name, cure))
        elif instead is not None:
            report.refusals.append(Refusal(sheet.file, 1, name, f"is not known: rename it to {instead} if that is meant, or remove it"))
        else:
            report.remarks.append(f"{sheet.file}: column {name} is not known and was left out.")
    missing = [name for name in absent if columns[name].required and name not in meant.values()]
    report.refusals += [Refusal(sheet.file, 1, name, "is missing: add this column") for name in missing]
    return [_read_line(sheet, line) for line in sheet.lines]


def _read_line(sheet: Sheet, line: Line) -> Row:
    values: dict[str, Any] = {}
    faults: list[tuple[str | None, str]] = []
    columns = SHEETS[sheet.name]
    if line.fault is not None:  # its cells may have moved; the key in front tells others that the row is there
        faults.append((None, line.fault))
        columns = {name: column for name, column in columns.items() if column.field == "key"}
    for name, column in columns.items():
        if name not in line.cells:
            continue
        text = line.cells[name]
        if kind := _client_data(text, column.screened, line.cells):
            seen = KIND_WORDS.get(kind, "data of a client")
            faults.append((name, f"looks like {seen}: data of clients never belong here, take it out"))
        elif text:
            try:
                values[column.field] = column.read(text)
            except CellError as error:
                faults.append((name, str(error)))
        elif column.required:
            faults.append((name, "is empty: fill it in"))
        else:
            values[column.field] = column.empty
    there = {
        column.field for name, column in SHEETS[sheet.name].items()
        if name in line.cells or column.required or line.fault is not None
    }  # fmt: skip
    return Row(line.number, values, frozenset(there - set(values)), faults)


def _client_data(text: str, screened: str, cells: Mapping[str, str]) -> str | None:
    """The kind of client data that a cell seems to hold, None when there is none."""
    if screened == OPEN or len(text) < 4 or (text.isdigit() and len(text) < 7):
        return None
    kinds = [sighting.kind for sighting in screen(text)]
    if screened == PERSON:
        kinds = [kind for kind in kinds if kind in PERSON_KINDS]
    elif screened == KEY:
        kinds = [kind for kind in kinds if kind == "national_number"]
    elif screened == PLACE and _is_practice(cells):
        kinds = [kind for kind in kinds if kind != "name"]
    elif screened == FREE and all(each.isdigit() or each in " /-:.,T" for each in text):
        kinds = [kind for kind in kinds if kind == "national_number"]  # a day or a number: its reader judges it
    return kinds[0] if kinds else None


def _is_practice(cells: Mapping[str, str]) -> bool:
    kind = fold(cells.get("soort") or cells.get("partner_soort") or "")
    return any(word in kind for word in PRACTICES)


def _meant(name: str, known: Collection[str]) -> str | None:
    """The known column that a name is surely meant for; None when it may be a column of the operator's own."""
    if OTHER_FORMS.get(name) in known:
        return OTHER_FORMS[name]
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.75)), None)


def nearest_key(key: str, known: Collection[str]) -> str:
    """A hint that names the known key nearest to one that is not known; empty when none is near."""
    nearest = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return f" (the nearest is {nearest[0]})" if nearest else ""
