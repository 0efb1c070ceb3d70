"""Makes the .xlsx files of screens: plain cells, numbers as numbers, nothing that a spreadsheet would run."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.wording import say
from handlers.screen import Text
from handlers.summary_shown import burn_line

Cell = str | int | float | date | None
Sheet = tuple[str, Sequence[str], list[list[Cell]]]  # the words of its name and of its columns, as keys; its rows
# Figures of the first sheet, in their order: the words beside it, its name in the snapshot, and how many make one in the cell.
TOTALS = (
    ("active", "active", 1), ("providers", "providers", 1), ("cents_week", "cents_week", 100), ("hours_week", "hours_week", 1),
    ("cents", "cents", 100), ("billed_hours", "hours", 1),
    ("preparations_week", "preparations_week", 1), ("preparations", "preparations", 1), ("rest", "rest", 60),
    ("lapsed_week", "lapsed_week", 60), ("waiting", "waiting", 1), ("evaluations_soon", "evaluations_soon", 1),
    ("evaluations_late", "evaluations_late", 1), ("new", "new", 1), ("near_people", "near_people", 1),
)  # fmt: skip
CHANGED = (("changed_moments", "moments", 1), ("changed_hours", "minutes", 60), ("changed_cents", "cents", 100))


def make_workbook(sheets: str, figures: Mapping[str, Any], language: str) -> bytes:
    """The bytes of an .xlsx with the sheets of a kind, its words in a language. Raises KeyError for a kind that there is not."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        bold = book.add_format({"bold": True})
        looks = {date: book.add_format({"num_format": "yyyy-mm-dd"}), float: book.add_format({"num_format": "0.00"})}
        for name, columns, rows in SHEETS[sheets](figures, language):
            sheet = book.add_worksheet(_words(f"sheet_{name}", language)[:31])
            for at, column in enumerate(columns):
                sheet.write_string(0, at, _words(f"cell_{column}", language), bold)
            for line, row in enumerate(rows, 1):
                for at, cell in enumerate(row):
                    _write(sheet, line, at, cell, looks)
            sheet.freeze_panes(1, 0)
            sheet.autofit()
    return out.getvalue()


def _write(sheet: Any, line: int, at: int, cell: Cell, looks: Mapping[type, Any]) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(line, at, cell, looks[date])
    elif isinstance(cell, str):
        sheet.write_string(line, at, cell)
    elif cell is not None:
        sheet.write_number(line, at, cell, looks.get(type(cell)))


def summary_sheets(figures: Mapping[str, Any], language: str) -> Iterator[Sheet]:
    """A network's week: the numbers of its summary, money in euro and time in hours."""
    yield "totals", ("figure", "value"), _totals(figures, language)
    yield "weeks", ("week", "oproep", "moments", "hours", "preparations"), [
        [week["week"], oproep[1:], moments, minutes / 60, preparations]
        for week in figures["weeks"] for oproep, (moments, minutes, preparations) in sorted(week["oproepen"].items())
    ]  # fmt: skip
    yield "budget", ("oproep", "granted", "used", "expected", "left", "percent", "cents"), _budget(figures)
    yield "near", ("oproep", "place", "percent", "left"), [
        [each["oproep"][1:], each["place"], each["percent"], each["left"] / 60] for each in figures["near"]
    ]
    yield "refusals", ("rule", "count", "rule_words"), [[*each, figures["rule_words"].get(each[0])] for each in figures["refusals"]]
    yield "sectors", ("sector", "used", "granted", "euro"), [
        [say(Text(f"words.sector_{sector}"), language), used / 60, granted / 60, cents / 100]
        for sector, (used, granted, cents) in figures["sectors"].items()
    ]


def _budget(figures: Mapping[str, Any]) -> list[list[Cell]]:
    """A row for each oproep, and one for each amount that several of them make together ("1+2"), which has no budget of its own."""
    burn, billed = {each["oproep"]: burn_line(each) for each in figures["burn"]}, figures["billed"]
    found: list[list[Cell]] = []
    for key in sorted({*burn, *billed}):
        cells: list[Cell] = [None] * 5
        if (line := burn.get(key)) is not None:
            granted, used, expected = line["granted"] / 60, line["used"] / 60, line["expected"]
            cells = [granted, used, None if expected is None else expected / 60, granted - used, line["percent"]]
        found.append([key.replace("O", ""), *cells, billed[key] / 100 if key in billed else None])
    return found


def _totals(figures: Mapping[str, Any], language: str) -> list[list[Cell]]:
    this = figures["weeks"][-1]["oproepen"].values()
    found: list[tuple[str, Cell]] = [
        ("network", figures["network"]), ("week", figures["week"]),
        ("first", date.fromisoformat(figures["first"])), ("last", date.fromisoformat(figures["last"])),
        ("moments", sum(each[0] for each in this)), ("hours", sum(each[1] for each in this) / 60),
        *((words, figures[name] if unit == 1 else figures[name] / unit) for words, name, unit in TOTALS),
    ]  # fmt: skip
    if (changed := figures["changed"]) is not None:
        found += [(words, changed[name] / unit) for words, name, unit in CHANGED]
    return [[_words(f"cell_{words}", language), value] for words, value in found]


def _words(key: str, language: str) -> str:
    return say(Text(f"summary.{key}"), language)


SHEETS = {"summary": summary_sheets}
