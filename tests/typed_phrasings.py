"""Reads phrasings.csv, the table of what people type, and writes results in its notation.

Kinds: a reader of test_when.py or test_roles.py, `line`, or `support`: a line of the form for support, with its choices.
Columns: kind, now (empty: 2026-06-17, a Wednesday), text, expected. Expected is the value, or `?reason options` when
it is asked back; a moment is written as `field=value` pairs.
"""

import csv
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path

from rules.line import Line
from rules.when import Span, Unclear, When
from rules.words import CHOICE_WORDS

TODAY = date(2026, 6, 17)
PLACES = {  # fictional
    "V1": ("Huisartsenpraktijk De Linde",),
    "V2": ("Wijkgezondheidscentrum Het Anker",),
    "V3": ("Lokaal dienstencentrum De Zonnebloem",),
    "V4": ("OverKophuis De Kade",),
    "V5": ("Jeugdhuis Nachtuil",),
    "V6": ("Maison médicale Les Tilleuls",),
    "V7": ("Jeugdhuis De Zeven Bergen",),
}


SUPPORT_PLACES = {"P1": ("Sociale dienst OCMW Voorbeeldegem",), "P2": ("Kinderdagverblijf Pinkeltje",)}  # fictional
SUPPORT_CHOICES = {
    "werkvorm": {each: CHOICE_WORDS[each] for each in ("advies", "co_consult", "casus_intervisie", "thema_intervisie", "workshop")},
    "role": {role: CHOICE_WORDS[role] for role in ("given", "attended")},
    "channel": {channel: CHOICE_WORDS[channel] for channel in ("f2f", "telefoon", "online")},
}


def phrasings(*kinds: str) -> list[tuple[str, date, str, str]]:
    with (Path(__file__).parent / "phrasings.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="|", quoting=csv.QUOTE_NONE))
    return [
        (row["kind"], date.fromisoformat(row["now"]) if row["now"] else TODAY, row["text"], row["expected"])
        for row in rows
        if row["kind"] in kinds
    ]


def written(value: object) -> str:
    """A result in the notation of the table."""
    if isinstance(value, Unclear):
        return " ".join([f"?{value.reason}", *(written(option) for option in value.options)])
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Span):
        return f"{written(value.start)}-{written(value.end)}"
    if isinstance(value, Mapping):
        return "+".join(f"{role}={count}" for role, count in value.items()) or "-"
    if isinstance(value, When | Line):
        names = [n for n in ("place", "day", "start", "end", "minutes", "present", "text", "every") if hasattr(value, n)]
        known = [f"{n}={written(getattr(value, n))}" for n in names if getattr(value, n) is not None]
        known += [f"{n}:{chosen}" for n, chosen in getattr(value, "chosen", {}).items()]
        return " ".join([*known, *(written(problem) for problem in value.unclear)])
    return str(value)
