"""The format of policy cases: which keys a table may hold, what kind of value each takes, which must be there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.book import Rulebook
from rules.book_keys import KEYS, OPTIONAL_DAYS
from rules.book_reading import NOT_YET
from rules.words import BLOCKS, CHANNELS, INITIATIVES, OPROEPEN, PURPOSES, ROLES, SITE_KINDS, TOPICS


class CaseError(ValueError):
    """The case itself is wrong: an unknown key, setting, role or id, a value of the wrong kind, or time that goes back."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be, in words and as a test."""

    says: str
    fits: Callable[[Any], bool]


def one_of(words: Sequence[str]) -> Kind:
    """One word of a closed list."""
    return Kind(f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


def list_of(kind: Kind) -> Kind:
    """A list of values of one kind."""
    return Kind(f"a list, each {kind.says}", lambda value: isinstance(value, list) and all(map(kind.fits, value)))


TEXT = Kind("text", lambda value: isinstance(value, str))
NUMBER = Kind("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
DAY = Kind("a date", lambda value: isinstance(value, date) and not isinstance(value, datetime))
TIME = Kind("a local date-time without offset", lambda value: isinstance(value, datetime) and value.tzinfo is None)
MONEY = Kind("money such as \"86.69\"", lambda value: isinstance(value, str) and re.fullmatch(r"-?\d+\.\d\d", value) is not None)
TABLE = Kind("a table", lambda value: isinstance(value, dict))
TEXTS, DAYS, TABLES = list_of(TEXT), list_of(DAY), list_of(TABLE)
OPROEP, PARTNER_KIND, EXCEPTION = one_of(OPROEPEN), one_of(SITE_KINDS), one_of(("overkop",))

SITUATION: dict[str, dict[str, Kind]] = {
    "persons": {
        "id": TEXT, "contract_from": DAY, "contract_to": DAY, "employer": TEXT, "o4_admitted_from": DAY, "portfolio": FLAG,
    },
    "sites": {"id": TEXT, "kind": one_of(SITE_KINDS), "cooperates": FLAG},
    "offers": {
        "person": TEXT, "site": TEXT, "since": DAY, "structural": FLAG, "individual_minutes_per_week": NUMBER,
        "group_tracks_per_year": NUMBER, "attested": DAY, "withdrawn": DAY,
    },
    "agreements": {
        "id": TEXT, "person": TEXT, "partner": TEXT, "from": DAY, "to": DAY, "partner_kind": PARTNER_KIND, "delivered": FLAG,
        "blocks": list_of(one_of(BLOCKS)), "evaluated": DAY,
    },
    "grants": {
        "id": TEXT, "oproep": OPROEP, "person": TEXT, "persons": TEXTS, "site": TEXT, "agreement": TEXT, "from": DAY, "to": DAY,
        "minutes": NUMBER, "extra_minutes": NUMBER, "exception": EXCEPTION,
    },
}
BEFORE: dict[str, dict[str, Kind]] = {
    "used": {"grant": TEXT, "minutes": NUMBER, "person": TEXT, "on": DAY, "interventions": NUMBER},
    "history": {
        "grant": TEXT, "id": TEXT, "person": TEXT, "werkvorm": TEXT, "start": TIME, "end": TIME, "minutes": NUMBER,
        "clock": one_of(("first", "second")), "title": TEXT,
    },
    "rates": {"from": DAY, "amount": MONEY},
}
REQUIRED = {
    "persons": ("id",), "sites": ("id", "kind"), "offers": ("person", "site"), "agreements": ("id", "person", "partner", "from"),
    "grants": ("id", "oproep"), "used": ("grant", "minutes"), "history": ("grant", "start"), "rates": ("from", "amount"),
}
CASE = {
    "id": TEXT, "title": TEXT, "about": TEXTS, "note": TEXT, "rulebook": TEXT, "now": TIME, "settings": TABLE, "steps": TABLES,
    **dict.fromkeys((*SITUATION, *BEFORE), TABLES),
}
MOMENT = {
    "id": TEXT, "person": TEXT, "oproep": OPROEP, "start": TIME, "end": TIME, "minutes": NUMBER, "clock": one_of(("first", "second")),
    "site": TEXT, "agreement": TEXT, "werkvorm": TEXT, "present": TABLE, "channel": one_of(CHANNELS), "topic": TEXT,
    "title": TEXT, "text": TEXT, "purpose": one_of(PURPOSES), "concrete_client": FLAG, "client_present": FLAG, "prior_consent": FLAG,
    "initiative": one_of(INITIATIVES), "partner": TEXT, "partner_kind": PARTNER_KIND, "with_local_network": FLAG,
    "on_request_of_site": FLAG, "other_financing": FLAG, "regular_mission": FLAG, "missing": TEXTS, "submission": TEXT,
}
STEPS: dict[str, dict[str, Kind]] = {
    "register": MOMENT,
    "judge": MOMENT,
    "correct": {"moment": TEXT, **{key: kind for key, kind in MOMENT.items() if key not in ("id", "person", "submission")}},
    "cancel": {"moment": TEXT},
    "show": {"grant": TEXT, "person": TEXT, "on": DAY},
    "apply": {
        "person": TEXT, "oproep": OPROEP, "site": TEXT, "agreement": TEXT, "from": DAY, "exception": EXCEPTION, "jointly": FLAG,
        "id": TEXT,
    },
    "bill": {"person": TEXT, "grant": TEXT, "through": DAY},
}
STEP_REQUIRED = {
    "register": ("person", "oproep", "start"), "judge": ("person", "oproep", "start"), "correct": ("moment",), "cancel": ("moment",),
    "show": ("grant",), "apply": ("person", "oproep"), "bill": ("person",),
}
CHECKS: dict[str, tuple[dict[str, Kind], tuple[str, ...]]] = {
    "mdo": (
        dict.fromkeys(("participants", "care_providers", "minutes", "invoiced"), NUMBER),
        ("participants", "care_providers", "minutes"),
    ),
    "group_session": (
        {"function": Kind("1, 2 or 3", lambda value: value in (1, 2, 3)), "participants": NUMBER}, ("function", "participants")
    ),
    "mpo": (
        {"start": TIME, "end": TIME, "participants": NUMBER, "networking": FLAG, "psychologist_contracted": FLAG},
        ("start", "end", "participants"),
    ),
    "mpo_close": (
        {"paid": FLAG, **dict.fromkeys(("participants", "evaluated", "moderators_evaluated"), NUMBER)},
        ("paid", "participants", "evaluated", "moderators_evaluated"),
    ),
    "evaluation": ({"agreement": TEXT}, ("agreement",)),
}
EXPECT = {
    "verdict": one_of(("accepted", "accepted_with_warning", "refused", "ask_back")), "rules": TEXTS, "amount": MONEY, "batch_amount": MONEY,
    "reminders": DAYS, "effect_evaluation": DAY,
    **dict.fromkeys((
        "balance_minutes", "bonus_minutes", "pool_minutes", "booked_minutes", "billable_hours", "remainder_minutes", "batch_hours",
        "lapsed_minutes", "missing",
    ), NUMBER),
}
MAY_BE_MISSING = {oproep: ("text" if oproep == "O2" else "topic", "present", "end") for oproep in OPROEPEN}


def check_table(table: Mapping[str, Any], kinds: Mapping[str, Kind], where: str, required: Sequence[str] = ()) -> None:
    """Raises CaseError when a table holds an unknown key or a value of the wrong kind, or lacks a required key."""
    unknown = sorted(table.keys() - kinds.keys())
    if unknown:
        raise CaseError(f"{where}: unknown key {', '.join(unknown)}")
    for key in required:
        if key not in table:
            raise CaseError(f"{where}: {key} is missing")
    for key, value in table.items():
        if not kinds[key].fits(value):
            raise CaseError(f"{where}: {key} must be {kinds[key].says}, not {value!r}")


def check_file(content: Mapping[str, Any]) -> None:
    """Raises CaseError when a file holds something else than cases and the situation they have in common."""
    check_table(content, {"case": TABLES, "common": TABLE}, "file")
    check_table(content.get("common", {}), dict.fromkeys(SITUATION, TABLES), "common")


def check_case(case: Mapping[str, Any], common: Mapping[str, Any]) -> None:
    """Raises CaseError for whatever can be seen to be wrong with a case before it runs."""
    check_table(case, CASE, "case", ("id", "title", "steps"))
    for name, kinds in (SITUATION | BEFORE).items():
        for row in (*common.get(name, ()), *case.get(name, ())):
            check_table(row, kinds, f"{name} {row.get('id', '')}".rstrip(), REQUIRED[name])
    for number, step in enumerate(case["steps"], 1):
        _check_step(step, f"step {number}")


def _check_step(step: Mapping[str, Any], where: str) -> None:
    do = step.get("do")
    if do == "check":
        if step.get("what") not in CHECKS:
            raise CaseError(f"{where}: what must be one of {', '.join(CHECKS)}")
        kinds, required = CHECKS[step["what"]]
        kinds = {"what": TEXT, **kinds}
    elif isinstance(do, str) and do in STEPS:
        kinds, required = STEPS[do], STEP_REQUIRED[do]
    else:
        raise CaseError(f"{where}: do must be one of {', '.join((*STEPS, 'check'))}")
    check_table(step, {**kinds, "do": TEXT, "at": TIME, "expect": TABLE}, where, required)
    check_table(step.get("expect", {}), EXPECT, f"{where}: expect")
    if step.get("oproep") == "O1" and step.get("topic", TOPICS[0]) not in TOPICS:
        raise CaseError(f"{where}: unknown topic {step['topic']}")
    for role, count in step.get("present", {}).items():
        if role not in ROLES:
            raise CaseError(f"{where}: unknown role {role}")
        if not NUMBER.fits(count) or count < 0:
            raise CaseError(f"{where}: present: {role} must be a number of people")


def check_moment(fields: Mapping[str, Any]) -> None:
    """Raises CaseError when the fields of a moment, defaults included, lack a place or a length."""
    oproep, missing = fields["oproep"], fields.get("missing", ())
    place = {"O1": "site", "O2": "site", "O3": "agreement"}.get(oproep)
    if place is not None and fields.get(place) is None:
        raise CaseError(f"{place} is missing")
    strange = [name for name in missing if name not in MAY_BE_MISSING[oproep]]
    if strange:
        raise CaseError(f"missing: {', '.join(strange)} is no required field of {oproep}")
    if "end" not in missing and "end" not in fields and "minutes" not in fields:
        raise CaseError("end or minutes is missing")


def merged(name: str, common: list[Any], own: list[Any]) -> list[Any]:
    """The rows of a list of the situation: those of the case replace common ones of the same id (offers: same person and site)."""
    def identity(row: Mapping[str, Any]) -> Any:
        return (row.get("person"), row.get("site")) if name == "offers" else row.get("id")

    replaced = {identity(row) for row in own}
    if len(replaced) != len(own) or len({identity(row) for row in common}) != len(common):
        raise CaseError(f"{name}: an id stands twice")
    return [row for row in common if identity(row) not in replaced] + list(own)


def case_book(case: Mapping[str, Any], books: Mapping[str, Rulebook]) -> Rulebook:
    """The rulebook of a case with its settings and rates. Raises CaseError for a rulebook, setting or value that is not known."""
    name = case.get("rulebook", "oost-vlaanderen")
    if name not in books:
        raise CaseError(f"there is no rulebook {name!r}")
    changes = {}
    for key, value in case.get("settings", {}).items():
        if key not in KEYS:
            raise CaseError(f"unknown setting {key}")
        try:
            read = KEYS[key].read(value)
        except (ValueError, TypeError):
            raise CaseError(f"setting {key} must be {KEYS[key].says}") from None
        changes[key] = NOT_YET if read is None and key in OPTIONAL_DAYS else read
    rates = [(row["from"], KEYS["rate"].read(row["amount"])) for row in case["rates"]] if "rates" in case else None
    return books[name].with_values(changes, rates)
