"""Runs policy cases (TOML) through the same judgement and ledger as the chat, each in an empty database in memory."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.case_format import CaseError, case_book, check_case, check_file
from bot.case_situation import Situation, local
from bot.case_steps import STEPS
from rules.book import Rulebook
from storage.database import Database
from storage.tables import metadata

FIRST_STEP = datetime(2026, 6, 15, 9)
MONEY_KEYS = ("amount", "batch_amount")


@dataclass
class Outcome:
    """What a case came to: its id and title, and one line per difference (none: it holds)."""

    id: str
    title: str
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"FAIL {self.id} " + "; ".join(self.differences) if self.differences else f"ok {self.id} {self.title}"


def run_cases(paths: list[Path], books: Mapping[str, Rulebook]) -> Iterator[Outcome]:
    """The outcome of every case in the files and folders, in order of name."""
    database = Database("sqlite://")
    try:
        metadata.create_all(database.engine)
        for path in paths:
            found = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
            if not found:
                yield Outcome(str(path), "", ["holds no .toml file"])
            for file in found:
                yield from _run_file(file, books, database)
    finally:
        database.close()


def _run_file(file: Path, books: Mapping[str, Rulebook], database: Database) -> Iterator[Outcome]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield Outcome(file.name, "", [f"cannot be read: {error}"])
        return
    try:
        check_file(content)
    except CaseError as error:
        yield Outcome(file.name, "", [str(error)])
        return
    common = content.get("common", {})
    for number, table in enumerate(content.get("case", []), 1):
        outcome = Outcome(str(table.get("id", f"{file.name} case {number}")), str(table.get("title", "")))
        try:
            outcome.differences += _differences(table, common, books, database)
        except CaseError as error:
            outcome.differences.append(str(error))
        yield outcome


def _differences(case: Mapping[str, Any], common: Mapping[str, Any], books: Mapping[str, Rulebook], database: Database) -> list[str]:
    """Play a case in the empty tables of `database` and leave them empty again."""
    check_case(case, common)
    book = case_book(case, books)
    with database.engine.connect() as tx:
        whole = tx.begin()
        try:
            return list(_play(case, Situation(tx, book, case, common)))
        finally:
            whole.rollback()


def _play(case: Mapping[str, Any], here: Situation) -> Iterator[str]:
    clock: datetime | None = None
    for number, step in enumerate(case["steps"], 1):
        try:
            clock = _time_of(case, step, clock)
            got = STEPS[step["do"]](here, step, local(clock))
        except CaseError as error:
            raise CaseError(f"step {number}: {error}") from error
        yield from (f"step {number}: {line}" for line in _compare(step.get("expect", {}), got))


def _time_of(case: Mapping[str, Any], step: Mapping[str, Any], clock: datetime | None) -> datetime:
    """When a step is taken: when it says, or the case does; else the morning after its moment, or when the step before it was."""
    if "at" in step:
        now = step["at"]
    elif "now" in case:
        now = case["now"]
    elif step["do"] in ("register", "judge"):
        now = datetime.combine(step["start"].date() + timedelta(days=1), time(9))
    else:
        now = clock or FIRST_STEP
    assert isinstance(now, datetime)  # noqa: S101 - the format says so
    if clock is not None and now < clock:
        raise CaseError(f"time goes back: {now} after {clock}")
    return now


def _compare(expect: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in expect.items():
        if key == "rules":
            missing = sorted(set(wanted) - set(got.get("rules", ())))
            if missing:
                yield f"rules expected {', '.join(missing)}, got {', '.join(sorted(got.get('rules', ()))) or 'none'}"
            continue
        value = got.get(key)
        if key in MONEY_KEYS and value is not None:
            value = f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
        if value != wanted:
            rules = f" (rules {', '.join(sorted(got['rules']))})" if got.get("rules") else ""
            yield f"{key} expected {wanted}, got {'nothing' if value is None else value}{rules}"
