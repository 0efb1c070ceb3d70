"""Forms as data: an ordered list of fields; where a conversation stands is computed from the answers, never stored."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from rules.periods import local_problem
from rules.roles import read_roles
from rules.typed import Unclear, fold
from rules.when import read_clock, read_minutes, read_when
from rules.words import CHOICE_WORDS, LANGUAGES, OPROEPEN

TEXT_LIMIT = 140
HOURS_TYPED = re.compile(r"(\d{1,6}(?:[.,]\d{1,4})?) ?(?:u|uur|uren|h|heures?|hours?)?", re.IGNORECASE)
LONGEST_MINUTES = 720
MOST_MINUTES = 60_000  # of hours that are granted, as in an import


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen: the value kept, the label shown (a text key or a proper name), names people type."""

    value: str
    label: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `options` names a list that the handler supplies, or lists the values themselves; `when`: earlier fields
    that must have one of these values ("s*": one that begins so; "!x": any other); `test`: a named condition on the answers;
    `label`: a network's own words for the question, its options are then shown as they are written.
    """

    key: str
    kind: str
    options: str | tuple[str, ...] = ()
    required: bool = True
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    test: str | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    rule: str | None = None


@dataclass(frozen=True)
class Form:
    """A form of a rulebook: `oproep` is fixed, or None when the chosen place decides it."""

    id: str
    fields: tuple[Field, ...]
    oproep: str | None = None

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The fields by their keys."""
        return MappingProxyType({each.key: each for each in self.fields})


@dataclass(frozen=True, slots=True)
class Asked:
    """What reading an answer may need: the day of the clock, the options per list, role words, the language's role names;
    `ahead`: days without a year look forward."""

    today: date
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ahead: bool = False


Answers = Mapping[str, Any]
Problems = Mapping[str, Unclear]


class FormError(ValueError):
    """A form file that may not be used: pairs of key and cure."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{key}: {cure}" for key, cure in faults))
        self.faults = tuple(faults)


def path(form: Form, answers: Answers) -> tuple[Field, ...]:
    """The fields that apply with these answers, in their order."""
    return tuple(each for each in form.fields if _applies(each, answers))


def next_field(form: Form, answers: Answers) -> Field | None:
    """The first field that applies and has no answer; None when the form is complete."""
    for each in form.fields:
        if each.key not in answers and _applies(each, answers):
            return each
    return None


def options_of(each: Field, asked: Asked) -> tuple[Option, ...]:
    """What can be chosen for a field."""
    if each.kind == "yes_no":
        return (Option("yes", "choice.yes", _YES), Option("no", "choice.no", _NO))
    if isinstance(each.options, str):
        return asked.options.get(each.options, ())
    return tuple(Option(value, f"{each.key}.{value}", CHOICE_WORDS.get(value, ())) for value in each.options)


def fill_known(form: Form, answers: Answers, asked: Asked) -> Answers:
    """The answers with those that can only be one thing filled in (contract: such steps are skipped)."""
    known = dict(answers)
    for each in form.fields:
        if each.kind == "place" and each.key not in known and _applies(each, known):
            options = options_of(each, asked)
            if len(options) == 1:
                known[each.key] = options[0].value
    return _prune(form, known)


def apply(form: Form, answers: Answers, raw: Mapping[str, str], asked: Asked) -> tuple[Answers, Problems]:
    """Take typed or pressed values, one or many: the answers with the good ones, and the problem of each other field."""
    kept = dict(answers)
    problems: dict[str, Unclear] = {}
    for key, text in raw.items():
        found = _read(form.by_key[key], text, asked, form.by_key)
        if isinstance(found, Unclear):
            problems[key] = found
        else:
            kept.update(found)
    return fill_known(form, _prune(form, kept), asked), problems


def back(form: Form, answers: Answers, asked: Asked) -> Answers:
    """The answers without the last one that the person gave herself."""
    for each in reversed(path(form, answers)):
        if each.key in answers:
            without = {key: value for key, value in answers.items() if key != each.key}
            if fill_known(form, without, asked) != answers:
                return _prune(form, without)
    return answers


def without(form: Form, answers: Answers, key: str) -> Answers:
    """The answers with one field open again; answers that hang on it only through `when` stay until it is known."""
    return {name: value for name, value in answers.items() if name != key}


Times = tuple[date | None, datetime | None, datetime | None, int | None]


def times_of(answers: Answers) -> Times:
    """(day, local start, local end, minutes) of a form's answers; an end before the start is on the next day."""
    return _times(answers.get("day"), answers.get("start"), answers.get("length"))


@lru_cache(maxsize=4096)
def _times(on: str | None, begins: str | None, length: int | str | None) -> Times:
    day = date.fromisoformat(on) if on is not None else None
    if day is None or begins is None:
        return day, None, None, length if isinstance(length, int) else None
    start = datetime.combine(day, time.fromisoformat(begins))
    if isinstance(length, int) or length is None:
        return day, start, None, length
    end = datetime.combine(day, time.fromisoformat(length))
    if end <= start:
        end = datetime.combine(date.fromordinal(day.toordinal() + 1), end.time())
    return day, start, end, None


def _applies(each: Field, answers: Answers) -> bool:
    if not each.when and each.test is None:
        return True
    for key, allowed in each.when.items():
        value = answers.get(key)
        if value is not None and allowed[0].startswith("!"):  # any answer but these
            if f"!{value}" in allowed:
                return False
            continue
        if not any(value == word or (word.endswith("*") and isinstance(value, str) and value.startswith(word[:-1])) for word in allowed):
            return False
    return each.test is None or TESTS[each.test](answers)


def _prune(form: Form, answers: Answers) -> Answers:
    """Drop answers to fields that no longer apply while all that decides it is known."""
    kept = {key: value for key, value in answers.items() if key in form.by_key}
    for each in form.fields:
        if each.key in kept and not _applies(each, kept) and all(key in kept for key in each.when):
            del kept[each.key]
    return kept


def _exists_twice(answers: Answers) -> bool:
    _, start, end, _ = times_of(answers)
    return any(local is not None and local_problem(local) == "twice" for local in (start, end))


TESTS: Mapping[str, Callable[[Answers], bool]] = MappingProxyType({"exists_twice": _exists_twice})


def _read(each: Field, text: str, asked: Asked, fields: Mapping[str, Field]) -> dict[str, Any] | Unclear:
    value = KINDS[each.kind](each, text.strip(), asked)
    if isinstance(value, Unclear):
        return value
    if isinstance(value, dict) and each.kind in ("day", "clock"):
        return {key: found for key, found in value.items() if key == each.key or key in fields}
    return {each.key: value}


def _read_choice(each: Field, text: str, asked: Asked) -> Any:
    options = options_of(each, asked)
    wanted = fold(text)
    exact = [option for option in options if wanted in (fold(option.value), *map(fold, option.names))]
    if not exact and len(wanted) >= 3:
        exact = [option for option in options if any(wanted in fold(name) for name in option.names)]
    if len(exact) == 1:
        return exact[0].value
    return Unclear("ambiguous_choice" if exact else "not_a_choice", tuple(option.value for option in exact))


def _read_day(each: Field, text: str, asked: Asked) -> Any:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is not None:
        return {each.key: day.isoformat()} if 2000 <= day.year <= 2100 else Unclear("not_a_date")
    when = read_when(text, asked.today, asked.ahead)
    if when.unclear:
        return when.unclear[0]
    if when.day is None:
        return Unclear("not_a_date")
    found: dict[str, Any] = {each.key: when.day.isoformat()}
    if when.start is not None:
        found["start"] = when.start.strftime("%H:%M")
    if when.end is not None:
        found["length"] = when.end.strftime("%H:%M")
    elif when.minutes is not None:
        found["length"] = when.minutes
    return found


def _read_clock(each: Field, text: str, asked: Asked) -> Any:
    when = read_when(text, asked.today)
    if when.start is not None and when.day is None and not when.unclear:
        found: dict[str, Any] = {"start": when.start.strftime("%H:%M")}
        if when.end is not None:
            found["length"] = when.end.strftime("%H:%M")
        elif when.minutes is not None:
            found["length"] = when.minutes
        return found
    clock = read_clock(text)
    return clock if isinstance(clock, Unclear) else {"start": clock.strftime("%H:%M")}


def _read_length(each: Field, text: str, asked: Asked) -> Any:
    lowered = fold(text)
    for word in ("tot ", "jusqu'a ", "jusque ", "until ", "till ", "einde ", "fin "):
        if lowered.startswith(word):
            clock = read_clock(text[len(word) :])
            return clock if isinstance(clock, Unclear) else clock.strftime("%H:%M")
    minutes = read_minutes(text)
    if isinstance(minutes, int) and minutes > LONGEST_MINUTES and not isinstance(clock := read_clock(text), Unclear):
        return clock.strftime("%H:%M")  # "16u30" behind the question how long: no moment lasts that long, it ended then
    return minutes


def _read_hours(each: Field, text: str, asked: Asked) -> Any:
    """Hours that are given, in minutes: a bare number is hours."""
    plain = HOURS_TYPED.fullmatch(text.strip())
    if plain is not None:
        minutes: Any = round(float(plain[1].replace(",", ".")) * 60)
    else:
        minutes = read_minutes(text)
    return minutes if isinstance(minutes, Unclear) or 0 < minutes <= MOST_MINUTES else Unclear("not_hours")


def _read_partner(each: Field, text: str, asked: Asked) -> Any:
    """A known organisation by its key, or any other by its name with a ~ in front."""
    known = _read_choice(each, text, asked)
    if not isinstance(known, Unclear) or known.reason == "ambiguous_choice":
        return known
    when = read_when(text, asked.today)
    if (when.day or when.start) and not when.unclear:  # a day or an hour is no organisation
        return Unclear("not_a_choice")
    name = _read_text(each, text.removeprefix("~"), asked)
    return name if isinstance(name, Unclear) else f"~{name}"


def _read_text(each: Field, text: str, asked: Asked) -> Any:
    clean = " ".join(text.split())
    if not clean:
        return Unclear("empty")
    return clean if len(clean) <= TEXT_LIMIT else Unclear("too_long", (TEXT_LIMIT,))


def _read_roles(each: Field, text: str, asked: Asked) -> Any:
    alone = each.options[0] if isinstance(each.options, tuple) and each.options else None
    return read_roles(text, asked.roles, alone)


def _read_declared(each: Field, text: str, asked: Asked) -> Any:
    """ "yes": every statement holds; otherwise the key of the one that does not."""
    statements = each.options if isinstance(each.options, tuple) else ()
    if fold(text) in map(fold, _YES):
        return "yes"
    return text if text in statements else Unclear("not_a_choice")


_YES = ("yes", "ja", "oui", "ok", "klopt", "alles klopt", "tout est correct", "all correct", "j", "o", "y")
_NO = ("no", "nee", "neen", "non", "n")

Kind = Callable[[Field, str, Asked], Any]
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "choice": _read_choice,
        "place": _read_choice,
        "yes_no": _read_choice,
        "partner": _read_partner,
        "day": _read_day,
        "clock": _read_clock,
        "length": _read_length,
        "hours": _read_hours,
        "text": _read_text,
        "roles": _read_roles,
        "declare": _read_declared,
    }
)


OF_A_MOMENT = frozenset({"place", "day", "start", "length", "present"})
NEEDED: Mapping[str, frozenset[str]] = MappingProxyType({"aanvraag": frozenset({"what", "network"})})


def read_form(table: Mapping[str, Any]) -> Form:
    """A form of its TOML table. Raises FormError with key and cure of everything wrong."""
    faults: list[tuple[str, str]] = []
    fields: list[Field] = []
    if not isinstance(table.get("id"), str):
        faults.append(("id", 'give the form an id, such as "presentie"'))
    if table.get("oproep") not in (None, *OPROEPEN):
        faults.append(("oproep", f"must be one of {', '.join(OPROEPEN)}, or left out"))
    rows = table.get("field")
    if not isinstance(rows, list) or not rows:
        faults.append(("field", "give at least one [[field]]"))
        rows = []
    for number, row in enumerate(rows, 1):
        each = _read_field(row, number, {known.key for known in fields}, faults)
        if each is not None:
            fields.append(each)
    for key in table.keys() - {"id", "oproep", "field", "note"}:
        faults.append((key, "is not known here: allowed are id, oproep, note and [[field]]"))
    needed = NEEDED.get(str(table.get("id")), OF_A_MOMENT) - {each.key for each in fields}
    if not faults and needed:
        faults.append(("field", "must ask " + ", ".join(sorted(needed))))
    if faults:
        raise FormError(faults)
    return Form(table["id"], tuple(fields), table.get("oproep"))


def _read_field(row: Any, number: int, before: set[str], faults: list[tuple[str, str]]) -> Field | None:
    where = f"field {number}" if not isinstance(row, dict) or "key" not in row else f"field {row['key']}"
    if not isinstance(row, dict) or not isinstance(row.get("key"), str) or row.get("kind") not in KINDS:
        faults.append((where, "needs a key, and a kind out of: " + ", ".join(KINDS)))
        return None
    count = len(faults)
    if row["key"] in before:
        faults.append((where, "stands twice"))
    for name in row.keys() - {"key", "kind", "options", "required", "when", "test", "label", "rule"}:
        faults.append((f"{where}.{name}", "is not known here"))
    when = row.get("when", {})
    if not isinstance(when, dict) or any(key not in before or not isinstance(words, list) or not words for key, words in when.items()):
        faults.append((f"{where}.when", "names earlier fields, each with a list of values"))
    if row.get("test") is not None and row["test"] not in TESTS:
        faults.append((f"{where}.test", "must be one of: " + ", ".join(TESTS)))
    label = row.get("label", {})
    if not isinstance(label, dict) or (label and any(not isinstance(label.get(code), str) for code in LANGUAGES)):
        faults.append((f"{where}.label", "give the words in nl, fr and en"))
    options = row.get("options", [])
    if not isinstance(options, str) and not (isinstance(options, list) and all(isinstance(word, str) for word in options)):
        faults.append((f"{where}.options", "must be a list of values, or the name of a list"))
    if len(faults) > count:
        return None
    return Field(
        row["key"],
        row["kind"],
        options if isinstance(options, str) else tuple(options),
        bool(row.get("required", True)),
        MappingProxyType({key: tuple(words) for key, words in when.items()}),
        row.get("test"),
        MappingProxyType(label),
        row.get("rule"),
    )
