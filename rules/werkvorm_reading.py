"""Reads werkvormen.toml: the werkvormen of a rulebook, their dated terms per oproep, and everything that is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from rules.book import Dated
from rules.book_keys import FLAG, KEYS, Kind, whole
from rules.forms import LONGEST_MINUTES
from rules.werkvormen import Werkvorm, terms_key
from rules.words import CHANNELS, CHOICE_WORDS, LANGUAGES, OPROEPEN, ROLES, WERKVORMEN

NAME = re.compile(r"[a-z][a-z_]{1,19}")
RULES = (
    "rule", "channels_rule", "people_rule", "most_people_rule", "nobody_rule", "no_contact_rule", "minutes_rule", "repeat_rule",
    "times_rule",
)  # fmt: skip
HEADS, MINUTES = whole(0, 50), whole(0, LONGEST_MINUTES)
# What a number or a switch may be; instead of it the name of a setting of that kind may stand.
AMOUNTS: Mapping[str, Kind] = {
    "allowed": FLAG,
    "least_people": HEADS,
    "most_people": HEADS,
    "least_minutes": MINUTES,
    "most_minutes": MINUTES,
    "step_minutes": whole(0, 240),
    "preparation_hours": whole(0, 8),
    "repeat_days": whole(0, 366),
    "most_times": whole(0, 366),
}
TERMS = {"from", "source", "ends", "channels", "counts", "may_be_noted", "billing_code", "note", *RULES, *AMOUNTS}


class WerkvormError(ValueError):
    """Werkvormen that may not be used: pairs of key and cure."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{key}: {cure}" for key, cure in faults))
        self.faults = faults


def read_werkvormen(
    table: Mapping[str, Any], below: Mapping[str, Werkvorm]
) -> tuple[dict[str, Werkvorm], dict[str, tuple[Dated, ...]]]:
    """The werkvormen of a file, and their dated terms by settings key. `below`: those of the book that this one extends.

    Raises WerkvormError with key and cure of everything wrong.
    """
    faults: list[tuple[str, str]] = []
    werkvormen: dict[str, Werkvorm] = {}
    values: dict[str, tuple[Dated, ...]] = {}
    for name, entry in table.items():
        if not NAME.fullmatch(name) or not isinstance(entry, dict):
            faults.append((name, "must be a table whose name has 2 to 20 small letters or _, such as [supervisie]"))
            continue
        werkvormen[name] = _read_werkvorm(name, entry, below.get(name), faults)
        for oproep in OPROEPEN:
            if oproep in entry and (history := _read_history(f"{name}.{oproep}", entry[oproep], faults)):
                values[terms_key(oproep, name)] = history
        if name not in below and not any(oproep in entry for oproep in OPROEPEN):
            faults.append((name, f"belongs to no oproep: give [[{name}.O3]] with from, source, rule and channels"))
    if faults:
        raise WerkvormError(tuple(faults))
    return werkvormen, values


def rules_named(terms: Mapping[str, Any]) -> tuple[str, ...]:
    """The rule ids that terms report: each needs its text."""
    return tuple(terms[key] for key in RULES if key in terms)


def _read_werkvorm(name: str, entry: Mapping[str, Any], below: Werkvorm | None, faults: list[tuple[str, str]]) -> Werkvorm:
    for key in entry.keys() - {*LANGUAGES, "forms", "typed", "usual_minutes", "note", *OPROEPEN}:
        faults.append((f"{name}.{key}", "is not known here: allowed are nl, fr, en, forms, typed, usual_minutes, note, O1 to O4"))
    known = below or Werkvorm(name, (), CHOICE_WORDS.get(name, ()))
    words = {code: entry[code] for code in LANGUAGES if isinstance(entry.get(code), str) and 0 < len(entry[code]) <= 40}
    if any(code in entry for code in LANGUAGES) and name in WERKVORMEN:
        faults.append((name, "has its words in the program: leave out nl, fr and en"))
    elif len(words) < len(LANGUAGES) and (any(code in entry for code in LANGUAGES) or not (known.words or name in WERKVORMEN)):
        faults.append((name, "give its name in nl, fr and en, each of at most 40 characters"))
    elif words:
        known = replace(known, words=MappingProxyType(words))
    forms, typed = (_read_words(f"{name}.{key}", entry[key], faults) if key in entry else None for key in ("forms", "typed"))
    known = replace(known, forms=known.forms if forms is None else forms, typed=known.typed if typed is None else typed)
    if below is None and "forms" not in entry:
        faults.append((f"{name}.forms", 'say in which forms it is offered, such as ["ondersteuning"]'))
    lengths = entry.get("usual_minutes", list(known.usual_minutes))
    good = isinstance(lengths, list) and all(type(each) is int and 0 < each <= LONGEST_MINUTES for each in lengths)
    if not (good and 0 < len(lengths) <= 9):
        faults.append((f"{name}.usual_minutes", f"must be a list of 1 to 9 lengths from 1 to {LONGEST_MINUTES} minutes"))
        return known
    return replace(known, usual_minutes=tuple(lengths))


def _read_words(where: str, value: Any, faults: list[tuple[str, str]]) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(each, str) and each.strip() for each in value):
        return tuple(value)
    faults.append((where, "must be a list of words"))
    return ()


def _read_history(where: str, rows: Any, faults: list[tuple[str, str]]) -> tuple[Dated, ...]:
    if not isinstance(rows, list) or not rows:
        faults.append((where, f"write [[{where}]] with from, source, rule and channels"))
        return ()
    count = len(faults)
    history = [_read_terms(where, row, faults) for row in rows]
    found = tuple(dated for dated in history if dated is not None)
    if len(faults) == count and any(later.since <= earlier.since for earlier, later in pairwise(found)):
        faults.append((where, "put the versions in order of their from-date, each date once"))
    return found


def _read_terms(where: str, row: Any, faults: list[tuple[str, str]]) -> Dated | None:
    if not isinstance(row, dict) or type(row.get("from")) is not date or isinstance(row.get("from"), datetime):
        faults.append((where, "every version needs a date: from = 2024-01-01"))
        return None
    if not isinstance(row.get("source"), str) or not row["source"].strip():
        faults.append((where, "give the source: rule id or section of the text"))
    if row.get("ends") is True and not row.keys() - {"from", "ends", "source", "note"}:
        return Dated(row["from"], None, str(row.get("source")))
    for key in row.keys() - TERMS:
        faults.append((f"{where}.{key}", "is not known here: allowed are " + ", ".join(sorted(TERMS))))
    if "ends" in row:
        faults.append((f"{where}.ends", "stands alone, with from and source: the werkvorm ends that day"))
    for key in RULES:
        if key in row and not (isinstance(row[key], str) and row[key]):
            faults.append((f"{where}.{key}", "must be a rule id of rules.toml"))
    if "rule" not in row:
        faults.append((f"{where}.rule", "give the rule id that a breach reports; its words stand in rules.toml"))
    channels = row.get("channels")
    if not isinstance(channels, list) or not channels or any(each not in CHANNELS for each in channels):
        faults.append((f"{where}.channels", "must be a list out of: " + ", ".join(CHANNELS)))
    counts = row.get("counts", "everybody")
    lists = {key for key in KEYS if key.startswith("count_roles")}
    if counts != "everybody" and not (isinstance(counts, list) and counts and all(each in lists or each in ROLES for each in counts)):
        cure = f'must be "everybody", or a list of roles or of: {", ".join(sorted(lists))}; the roles are {", ".join(ROLES)}'
        faults.append((f"{where}.counts", cure))
    if "may_be_noted" in row and type(row["may_be_noted"]) is not bool:
        faults.append((f"{where}.may_be_noted", f"must be {FLAG.says}"))
    if "billing_code" in row and not (isinstance(row["billing_code"], str) and len(row["billing_code"]) <= 80):
        faults.append((f"{where}.billing_code", "must be a text of at most 80 characters, or the name of a setting"))
    for key in AMOUNTS.keys() & row.keys():
        _check_amount(f"{where}.{key}", row[key], AMOUNTS[key], faults)
    least, most, step = (row.get(key, 0) for key in ("least_minutes", "most_minutes", "step_minutes"))
    if all(type(each) is int for each in (least, most)) and 0 < most < least:
        faults.append((f"{where}.most_minutes", "must not be less than least_minutes"))
    if all(type(each) is int for each in (most, step)) and 0 < most < step:
        faults.append((f"{where}.step_minutes", "must not be more than most_minutes"))
    people = [row.get(key, 0) for key in ("least_people", "most_people")]
    if all(type(each) is int for each in people) and 0 < people[1] < people[0]:
        faults.append((f"{where}.most_people", "must not be less than least_people"))
    given = {key: value for key, value in row.items() if key not in ("from", "source", "note")}
    return Dated(row["from"], MappingProxyType(given), str(row.get("source")))


def _check_amount(where: str, value: Any, kind: Kind, faults: list[tuple[str, str]]) -> None:
    """A value of its kind, or the name of a setting whose values are of that kind."""
    if isinstance(value, str):
        if value not in KEYS or KEYS[value].shape != kind.shape:
            faults.append((where, f"must be {kind.says}, or the name of a setting that is such"))
        return
    try:
        kind.read(value)
    except (ValueError, TypeError):
        faults.append((where, f"must be {kind.says}, or the name of a setting that is such; it is {value!r}"))
