"""Reads the text of a rulebook's content files into a Rulebook, or says file, key and cure for all that is wrong with them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from rules.book import Dated, Rulebook, RuleText
from rules.book_keys import KEYS, OPTIONAL_DAYS
from rules.forms import Form, FormError, read_form
from rules.rule_ids import REPORTED

LANGUAGES = ("nl", "fr", "en")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a content file: where, and what to do about it."""

    file: str
    key: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.cure}"


class BookError(ValueError):
    """Content files that may not be used. `faults` names every one of them; a broken book never allows anything."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def read_book(files: Mapping[str, str], extended: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> Rulebook:
    """Make a rulebook of the texts of one folder (file name -> text): book.toml, settings.toml, rules.toml, forms/*.toml.

    A book whose book.toml says `extends = "other"` takes what its own files leave out from the folder of that name in
    `extended`. Raises BookError with every fault found.
    """
    faults: list[Fault] = []
    tables = {name: table for name, text in files.items() if (table := _parse(name, text, faults)) is not None}
    head = tables.get("book.toml", {})
    if "book.toml" not in files:
        faults.append(Fault("book.toml", "(file)", "is missing: give it id and name"))
    identity, name = head.get("id"), head.get("name")
    if "book.toml" in tables and not (isinstance(identity, str) and identity):
        faults.append(Fault("book.toml", "id", 'give the rulebook an id, such as "oost-vlaanderen"'))
    if "book.toml" in tables and not (isinstance(name, dict) and all(isinstance(name.get(code), str) for code in LANGUAGES)):
        faults.append(Fault("book.toml", "name", "give a name in nl, fr and en"))
    for key in head.keys() - {"id", "name", "extends", "note"}:
        faults.append(Fault("book.toml", key, "is not known here: allowed are id, name, extends, note"))
    values: dict[str, tuple[Dated, ...]] = {}
    rules: dict[str, RuleText] = {}
    forms: dict[str, Form] = {}
    if "extends" in head:
        below = extended.get(head["extends"]) if isinstance(head["extends"], str) else None
        if below is None:
            faults.append(Fault("book.toml", "extends", f"no rulebook {head['extends']!r} was found to extend"))
        else:
            base = read_book(below, {key: value for key, value in extended.items() if key != head["extends"]})
            values, rules, forms = dict(base.values), dict(base.rules), dict(base.forms)
    for file, table in tables.items():
        if file == "settings.toml":
            values.update(_read_values(file, table, faults))
        elif file == "rules.toml":
            rules.update(_read_rules(file, table, faults))
        elif file.startswith("forms/"):
            try:
                form = read_form(table)
                forms[form.id] = form
            except FormError as error:
                faults.extend(Fault(file, key, cure) for key, cure in error.faults)
        elif file != "book.toml":
            faults.append(Fault(file, "(file)", "is not known here: allowed are book.toml, settings.toml, rules.toml, forms/*.toml"))
    broken = {fault.file for fault in faults}
    if "settings.toml" not in broken:
        faults.extend(Fault("settings.toml", key, f"is missing: give {kind.says}") for key, kind in KEYS.items() if key not in values)
    if "rules.toml" not in broken:
        faults.extend(Fault("rules.toml", rule, "is missing: the verdicts name this rule") for rule in REPORTED if rule not in rules)
    if not any(file.startswith("forms/") for file in broken) and not forms:
        faults.append(Fault("forms/", "(folder)", "holds no form: nobody could register anything"))
    if not faults:
        faults.extend(_contradictions(values))
    if faults:
        raise BookError(tuple(sorted(faults, key=lambda fault: (fault.file, fault.key))))
    return Rulebook(
        str(identity), MappingProxyType(dict(name or {})), MappingProxyType(values), MappingProxyType(rules), MappingProxyType(forms)
    )


def _parse(name: str, text: str, faults: list[Fault]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(name, "(file)", f"is no valid TOML: {error}"))
        return None


def _read_values(file: str, table: Mapping[str, Any], faults: list[Fault]) -> dict[str, tuple[Dated, ...]]:
    values: dict[str, tuple[Dated, ...]] = {}
    for key, entry in table.items():
        if key not in KEYS:
            faults.append(Fault(file, key, "is no known setting: correct its name (dots need quotes) or remove it"))
            continue
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), list) or not entry["values"]:
            faults.append(Fault(file, key, 'write source = "…" and values = [{ from = 2024-01-01, value = … }]'))
            continue
        if not isinstance(entry.get("source"), str) or not entry["source"].strip():
            faults.append(Fault(file, key, "give the source of the value: rule id or section of the text"))
        for other in entry.keys() - {"source", "values", "note"}:
            faults.append(Fault(file, f"{key}.{other}", "is not known here: allowed are source, values, note"))
        history = [dated for row in entry["values"] if (dated := _read_dated(file, key, row, str(entry.get("source")), faults))]
        if any(later.since <= earlier.since for earlier, later in pairwise(history)):
            faults.append(Fault(file, key, "put the values in order of their from-date, each date once"))
        if history:
            values[key] = tuple(history)
    return values


def _read_dated(file: str, key: str, row: Any, source: str, faults: list[Fault]) -> Dated | None:
    if not isinstance(row, dict) or type(row.get("from")) is not date or isinstance(row.get("from"), datetime):
        faults.append(Fault(file, key, "every value needs a date: { from = 2024-01-01, value = … }"))
        return None
    if row.keys() - {"from", "value", "ends", "source"}:
        faults.append(Fault(file, key, "a value has from, value and perhaps source; or from and ends = true"))
        return None
    if row.get("ends") is True and "value" not in row:
        return Dated(row["from"], None, source)
    try:
        value = KEYS[key].read(row["value"])
    except (ValueError, TypeError, KeyError):
        faults.append(Fault(file, key, f"must be {KEYS[key].says}; it is {row.get('value', 'absent')!r}"))
        return None
    return Dated(row["from"], NOT_YET if value is None and key in OPTIONAL_DAYS else value, str(row.get("source", source)))


# A date setting that says "none": it never comes. Compares later than every moment.
NOT_YET = date.max


def _read_rules(file: str, table: Mapping[str, Any], faults: list[Fault]) -> dict[str, RuleText]:
    rules: dict[str, RuleText] = {}
    for rule, entry in table.items():
        if not isinstance(entry, dict):
            faults.append(Fault(file, rule, "must be a table with version, source, nl, fr and en"))
            continue
        missing = [key for key in ("source", *LANGUAGES) if not isinstance(entry.get(key), str) or not entry[key].strip()]
        if missing or type(entry.get("version")) is not date:
            faults.append(Fault(file, rule, "give " + ", ".join(missing or ["version = a date"])))
            continue
        rules[rule] = RuleText(rule, entry["version"], entry["source"], MappingProxyType({code: entry[code] for code in LANGUAGES}))
    return rules


def _contradictions(values: Mapping[str, tuple[Dated, ...]]) -> list[Fault]:
    faults = []
    for key, low, high in (
        ("convention.valid_to", "convention.valid_from", "convention.valid_to"),
        ("duration.max_group_theme", "duration.min_group_theme", "duration.max_group_theme"),
    ):
        for dated in values[high]:
            below = [other.value for other in values[low] if other.since <= max(dated.since, values[low][0].since)]
            if dated.value is not None and below and below[-1] is not None and below[-1] > dated.value:
                faults.append(Fault("settings.toml", key, f"must not come before {low}"))
    return faults
