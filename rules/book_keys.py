"""Every key that a rulebook must give, with the values that are allowed: the list against which a content file is held."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from rules.words import OPROEPEN, ROLES, SITE_KINDS, TOPICS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must look like: a sentence for the person who mends the file, and the reading of one TOML value.

    `shape` is "number" or "flag" for what another content file may name instead of a number or a switch.
    """

    says: str
    read: Callable[[Any], Any]
    shape: str = ""


def choice(*allowed: str) -> Kind:
    """One of the words."""
    return Kind("one of: " + ", ".join(allowed), lambda value: value if value in allowed else _refuse())


def whole(low: int, high: int) -> Kind:
    """A whole number from low up to and including high."""
    def read(value: Any) -> int:
        return value if type(value) is int and low <= value <= high else _refuse()
    return Kind(f"a whole number from {low} to {high}", read, "number")


def words(allowed: tuple[str, ...]) -> Kind:
    """A list of words out of `allowed`, kept as a frozenset."""
    def read(value: Any) -> frozenset[str]:
        if isinstance(value, list) and all(word in allowed for word in value) and len(set(value)) == len(value):
            return frozenset(value)
        return frozenset(_refuse())
    return Kind("a list of different words out of: " + ", ".join(allowed), read)


def listed(allowed: tuple[str, ...]) -> Kind:
    """A list of words out of `allowed`, kept in its order."""
    unordered = words(allowed)
    return Kind(unordered.says, lambda value: tuple(value) if unordered.read(value) is not None else _refuse())


def ruled(allowed: tuple[str, ...], rules: tuple[str, ...]) -> Kind:
    """A table that gives some of the words one of the rules each; the others have none."""
    def read(value: Any) -> Mapping[str, str]:
        fits = isinstance(value, dict) and all(word in allowed and rule in rules for word, rule in value.items())
        return MappingProxyType(dict(value)) if fits else _refuse()
    says = f'a table such as {{ {allowed[0]} = "{rules[0]}" }}: keys out of {", ".join(allowed)}, values {" or ".join(rules)}'
    return Kind(says, read)


def _refuse() -> Any:
    raise ValueError


def _read_money(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}\.\d\d", value):
        return int(value.replace(".", ""))
    return int(_refuse())


def _read_day(value: Any) -> date:
    return value if type(value) is date else _refuse()


def _read_days(value: Any) -> tuple[int, ...]:
    if isinstance(value, list) and all(type(day) is int and 0 < day <= 90 for day in value):
        return tuple(value)
    return tuple(_refuse())


FLAG = Kind("true or false", lambda value: value if type(value) is bool else _refuse(), "flag")
DAY = Kind("a date such as 2026-12-31", _read_day)
NO_DAY_YET = Kind('a date such as 2027-09-01, or "none"', lambda value: None if value == "none" else _read_day(value))
MONEY = Kind('an amount as text with two decimals, such as "86.69"', _read_money)
TEXT = Kind("a text of at most 80 characters", lambda value: value if isinstance(value, str) and len(value) <= 80 else _refuse())
DAYS = Kind("a list of whole days, such as [3, 2]", _read_days)
OPROEP_LIST = words(OPROEPEN)
MINUTES_A_YEAR = whole(0, 60_000)

# Keys whose value None ("none" in the file) is a value, not the end of the key.
OPTIONAL_DAYS = frozenset({"education_open_from"})

KEYS: dict[str, Kind] = {
    "convention.valid_from": DAY,
    "convention.valid_to": DAY,
    "rate": MONEY,
    # limits in minutes a period; 0: a grant must state its own
    "limit.O1": MINUTES_A_YEAR,
    "limit.O2": MINUTES_A_YEAR,
    "limit.O2.overkop": MINUTES_A_YEAR,
    "limit.O3": MINUTES_A_YEAR,
    "limit.O4": MINUTES_A_YEAR,
    "o1.bonus_minutes": MINUTES_A_YEAR,
    "o1.bonus_months": whole(0, 24),
    # section 4 of the domain document, in its order; which fields an oproep asks stands in the forms of the rulebook
    "quota.period": choice("anniversary", "calendar", "rolling"),
    "month_end": choice("forward", "clamp"),
    "o1.scope": choice("provider_site", "provider"),
    "o1.bonus_expiry": choice("lapse", "first_year"),
    "o1.bonus_order": choice("bonus_first", "base_first"),
    "o1.bonus_anchor": choice("site_start", "grant_start"),
    "o1.bonus_once": choice("per_site", "per_provider"),
    "o2.scope": choice("site", "provider_site"),
    "o2.suballocation_minutes": MINUTES_A_YEAR,
    "o2.overkop_mode": choice("exclusive", "additional"),
    "prep.counts_against_quota": FLAG,
    "prep.hours": whole(0, 8),
    "prep.repeat": choice("always", "once_per_title"),
    "prep.joint": choice("each", "one"),
    "prep.on_no_show": FLAG,
    "min_duration.casus_intervisie": whole(0, 720),
    "duration.includes_prep": FLAG,
    "duration.over_max": choice("refuse", "cap"),
    "duration.under_min": choice("refuse", "warn"),
    "duration.parts": choice("each", "together"),
    "below_min_participants": choice("refuse", "nonbillable_note"),
    "aggregation": choice("pool", "short_only", "prorata"),
    "aggregation.scope": choice("grant", "oproep", "code"),
    "remainder_at_period_end": choice("lapse", "carry", "prorata"),
    "quota_overflow": choice("refuse", "split"),
    "o4.allow_casus": FLAG,
    "billing.code.O1": TEXT,
    "billing.code.O2": TEXT,
    "billing.code.O3": TEXT,
    "billing.code.O4": TEXT,
    "min_participants.O1": whole(0, 50),
    "min_participants.O2": whole(0, 50),
    "o2.eligibility": choice("attested", "measured"),
    "o2.recheck_months": whole(0, 120),  # after which an attested offer is asked anew; 0: never
    "more_hours.allowed": OPROEP_LIST,
    "education_open_from": NO_DAY_YET,
    "sector_rules": ruled(SITE_KINDS, ("show", "refuse")),
    "boundary": choice("start", "split"),
    "rate.on_mixed_hour": choice("completing", "first", "split"),
    "agreement.min_hours_action": choice("report", "warn"),
    "o4.with_o3_partner": choice("warn", "refuse", "allow"),
    "co_consult.client_presence": choice("required", "optional"),
    # for the meetings (MPO) and quality groups (RKG), whose screens come with their own modules
    "mpo.scale_steps": whole(2, 10),
    "mpo.reminder_days": DAYS,
    "rkg.min_coordinators": whole(0, 50),
    "evaluation.overdue": choice("warn", "block"),
    "travel_counts": FLAG,
    "intervisie.role": choice("required", "assumed"),
    "o2.joint": choice("count_each", "count_once"),
    "agreement.callback_hours": whole(0, 336),  # where the agreement says nothing of it; 0: no promise
    "o1.structural": choice("intended", "existing"),
    "o1.recheck_months": whole(0, 120),
    "channel.online": choice("allow", "refuse"),
    "grant.short_period": choice("full", "prorata"),
    "max_participants.advies": whole(0, 50),
    # who and what counts
    "count_roles": words(ROLES),
    "count_roles.O1": words(ROLES),
    "roles.offered": words(ROLES),
    "no_contact_roles": words(ROLES),
    "o1.topics": listed(TOPICS),
    "o2.site_kinds": words(SITE_KINDS),
    "o2.min_individual_minutes_per_week": whole(0, 3000),
    "o2.min_group_tracks_per_year": whole(0, 100),
    "own_practice_kinds": words(SITE_KINDS),
    "education_kinds": words(SITE_KINDS),
    "min_participants.one_to_one": whole(0, 50),
    "min_participants.group": whole(0, 50),
    "duration.min_group_theme": whole(0, 720),
    "duration.max_group_theme": whole(1, 720),
    "duration.max_moment": whole(1, 1440),
    "warn.share_percent": whole(1, 100),
    "late.after_days": whole(0, 3660),
    # corrections that a coordinator must allow, and requests: working days after the day they were made
    "correction.exported": choice("open", "request"),
    "correction.within_days": whole(0, 3660),
    "request.nag_workdays": DAYS,
    "request.expire_workdays": whole(1, 90),
    "billing.cutoff_days": whole(0, 28),
    "repeat.within_days": whole(0, 366),
    "evaluation.months": whole(1, 60),
}
