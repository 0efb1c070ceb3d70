"""Reads the text of a rulebook's content files into a Rulebook, or says file, key and cure for all that is wrong with them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from rules.book import Dated, Rulebook, RuleText
from rules.book_keys import KEYS, OPTIONAL_DAYS
from rules.forms import Form, FormError, read_form
from rules.rule_ids import REPORTED
from rules.rule_words import can_be_said, settings_in
from rules.werkvorm_reading import WerkvormError, read_werkvormen, rules_named
from rules.werkvormen import Werkvorm
from rules.words import LANGUAGES

# The lists that a form may name instead of giving the values: what the person has, or what the rulebook gives.
LISTS = (
    "places.O1", "places.O2", "places.support", "partners", "werkvormen", "o1.topics", "request.networks", "request.sites",
    "request.houses", "request.agreements", "request.grants", "request.moments",
)  # fmt: skip


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
    """Make a rulebook of the texts of one folder (file name -> text): book.toml, settings.toml, rules.toml,
    werkvormen.toml, forms/*.toml.

    A book whose book.toml says `extends = "other"` takes what its own files leave out from the folder of that name in
    `extended`; of a key that both give, the values below hold until the first from-date of its own.
    Raises BookError with every fault found.
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
    werkvormen: dict[str, Werkvorm] = {}
    if "extends" in head:
        below = extended.get(head["extends"]) if isinstance(head["extends"], str) else None
        if below is None:
            others = ", ".join(each for each in extended if each != identity) or "one that is there"
            faults.append(Fault("book.toml", "extends", f"no rulebook {head['extends']!r} was found to extend: choose {others}"))
        else:
            base = read_book(below, {key: value for key, value in extended.items() if key != head["extends"]})
            values, rules, forms, werkvormen = dict(base.values), dict(base.rules), dict(base.forms), dict(base.werkvormen)
    for file, table in tables.items():
        if file == "settings.toml":
            values.update(_laid_over(values, _read_values(file, table, faults)))
        elif file == "rules.toml":
            rules.update(_read_rules(file, table, faults))
        elif file == "werkvormen.toml":
            try:
                found, terms = read_werkvormen(table, werkvormen)
                werkvormen.update(found)
                values.update(_laid_over(values, terms))
            except WerkvormError as error:
                faults.extend(Fault(file, key, cure) for key, cure in error.faults)
        elif file.startswith("forms/"):
            try:
                form = read_form(table)
                forms[form.id] = form
                faults.extend(
                    Fault(file, f"field {each.key}.options", f"must be a list of values, or one of: {', '.join(LISTS)}")
                    for each in form.fields
                    if isinstance(each.options, str) and each.options not in LISTS
                )
            except FormError as error:
                faults.extend(Fault(file, key, cure) for key, cure in error.faults)
        elif file != "book.toml":
            known = "book.toml, settings.toml, rules.toml, werkvormen.toml, forms/*.toml"
            faults.append(Fault(file, "(file)", f"is not known here: allowed are {known}"))
    broken = {fault.file for fault in faults}
    if "extends" not in head and "settings.toml" not in broken and len(KEYS.keys() - values.keys()) > len(KEYS) / 2:
        faults.append(Fault("book.toml", "extends", "is missing, as most settings are: name the rulebook whose values hold else"))
    if not any(fault.file == "book.toml" and fault.key in ("(file)", "extends") for fault in faults):
        faults.extend(_missing(values, rules, werkvormen, forms, broken))
    if not faults:
        faults.extend([*_contradictions(values), *_unknown_words(rules, values), *_misfits(values, werkvormen, forms)])
    if faults:
        raise BookError(tuple(sorted(faults, key=lambda fault: (fault.file, fault.key))))
    return Rulebook(
        str(identity),
        MappingProxyType(dict(name or {})),
        MappingProxyType(values),
        MappingProxyType(rules),
        MappingProxyType(forms),
        MappingProxyType(werkvormen),
    )


def _missing(
    values: Mapping[str, tuple[Dated, ...]],
    rules: Mapping[str, RuleText],
    werkvormen: Mapping[str, Werkvorm],
    forms: Mapping[str, Form],
    broken: set[str],
) -> Iterator[Fault]:
    """What neither this book nor the one below gives; of a file with faults (`broken`) it cannot be told."""
    if "settings.toml" not in broken:
        yield from (Fault("settings.toml", key, f"is missing: give {kind.says}") for key, kind in KEYS.items() if key not in values)
    if "rules.toml" not in broken:
        yield from (Fault("rules.toml", rule, "is missing: the verdicts name this rule") for rule in REPORTED if rule not in rules)
        named = {rule for key, history in values.items() if key.startswith("werkvorm.") for each in history for rule in _rules_of(each)}
        unworded = named - rules.keys() - {*REPORTED}
        yield from (Fault("rules.toml", rule, "is missing: werkvormen.toml names this rule") for rule in unworded)
    if "werkvormen.toml" not in broken and not werkvormen:
        yield Fault("werkvormen.toml", "(file)", "is missing: nothing could be registered")
    if not any(file.startswith("forms/") for file in broken) and not forms:
        yield Fault("forms/", "(folder)", "holds no form: nobody could register anything")


def _laid_over(below: Mapping[str, tuple[Dated, ...]], own: Mapping[str, tuple[Dated, ...]]) -> dict[str, tuple[Dated, ...]]:
    """The histories of `own`, each after what `below` has of that key before the first from-date of its own."""
    return {key: (*(dated for dated in below.get(key, ()) if dated.since < history[0].since), *history) for key, history in own.items()}


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
        missing = [] if type(entry.get("version")) is date else ["version = a date"]
        missing += [key for key in ("source", *LANGUAGES) if not isinstance(entry.get(key), str) or not entry[key].strip()]
        if missing:
            faults.append(Fault(file, rule, "give " + ", ".join(missing)))
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


def _rules_of(dated: Dated) -> tuple[str, ...]:
    return rules_named(dated.value) if dated.value is not None else ()


def _unknown_words(rules: Mapping[str, RuleText], values: Mapping[str, tuple[Dated, ...]]) -> list[Fault]:
    """Rule texts that name a setting which is none, or whose value cannot stand in a sentence; every language names the same."""
    faults = []
    for rule, text in rules.items():
        named = {code: settings_in(words) for code, words in text.words.items()}
        for key in dict.fromkeys(key for keys in named.values() for key in keys):
            if key not in KEYS or not all(dated.value is None or can_be_said(dated.value) for dated in values[key]):
                faults.append(Fault("rules.toml", rule, f"{{{key}}} is no setting that can be said: name a number, an amount or a text"))
        if len({tuple(sorted(keys)) for keys in named.values()}) > 1:
            faults.append(Fault("rules.toml", rule, "must name the same settings in nl, fr and en"))
    return faults


def _misfits(values: Mapping[str, tuple[Dated, ...]], werkvormen: Mapping[str, Werkvorm], forms: Mapping[str, Form]) -> list[Fault]:
    """Werkvormen that no form offers, and A-38: whether "intervisie" asks if one gave it or took part."""
    faults = []
    for werkvorm in werkvormen.values():
        for form in werkvorm.forms:
            if form not in forms:
                faults.append(Fault("werkvormen.toml", f"{werkvorm.id}.forms", f"there is no form {form!r}: {', '.join(forms)}"))
    asks = "intervisie" in forms and any(each.key == "role" for each in forms["intervisie"].fields)
    for dated in values["intervisie.role"]:
        if "intervisie" in forms and dated.value is not None and asks != (dated.value == "required"):
            cure = "take the field out" if asks else "add the field"
            faults.append(Fault("forms/intervisie.toml", "field role", f"{cure}: intervisie.role is {dated.value}"))
    return faults
