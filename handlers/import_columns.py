"""The sheets and columns of an import, as data: how a cell is read, if it may be empty, what it is screened for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.import_cells import (
    CHANNEL_WORDS,
    DAYS,
    any_werkvorm_cell,
    begin_cell,
    clock_cell,
    day_cell,
    email_cell,
    hours_cell,
    joined_cell,
    key_cell,
    kind_cell,
    language_cell,
    one_of_cell,
    oproep_cell,
    person_role_cell,
    present_cell,
    text_cell,
    whole_cell,
    yes_no_cell,
)
from rules.words import CHANNELS

FREE, PLACE, PERSON, KEY, OPEN = "free", "place", "person", "key", "open"

# Names of columns that only a list of clients has.
CLIENT_COLUMN = re.compile(
    r"rijksregister|registre national|national number|\binsz\b|\bniss\b|\bbis\b.?num|geboorte|naissance|birth|"
    r"client|patient|zorgvrager|zorggebruiker|rechthebbende|beneficiaire|usager|diagnos|aanmeldingsklacht"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name of its value, its reader, what an empty cell gives, the client data it is screened for."""

    field: str
    read: Callable[[str], Any]
    required: bool = False
    empty: Any = None
    screened: str = FREE


def _reference(field: str, required: bool = False) -> Column:
    return Column(field, key_cell, required, screened=KEY)


SHEETS: dict[str, dict[str, Column]] = {
    "netwerken": {
        "netwerk": _reference("key", required=True),
        "naam": Column("name", text_cell(200), True, screened=PLACE),
        "provincie": Column("province", text_cell(100), empty="", screened=PLACE),
        "taal": Column("language", language_cell, empty="nl"),
        "rulebook": Column("rulebook", text_cell(64), True, screened=KEY),
    },
    "personen": {
        "persoon": _reference("key", required=True),
        "voornaam": Column("first_name", text_cell(100), True, screened=PERSON),
        "naam": Column("name", text_cell(100), True, screened=PERSON),
        "rollen": Column("roles", joined_cell(person_role_cell), True),
        "netwerk": Column("networks", joined_cell(key_cell), empty=(), screened=KEY),
        "taal": Column("language", language_cell, empty="nl"),
        "contract_van": Column("contract_from", day_cell),
        "contract_tot": Column("contract_to", day_cell),
        "werkgever": Column("employer", text_cell(64), screened=PLACE),
        "oproep4_vanaf": Column("o4_admitted_from", day_cell),
        "portfolio": Column("portfolio_on", day_cell),
        "themas": Column("themes", text_cell(500), empty=""),
        "email": Column("email", email_cell, screened=OPEN),
    },
    "vindplaatsen": {
        "vindplaats": _reference("key", required=True),
        "naam": Column("name", text_cell(200), True, screened=PLACE),
        "soort": Column("kind", kind_cell, True),
        "netwerk": _reference("network"),
        "gemeente": Column("municipality", text_cell(100), empty="", screened=PLACE),
        "samenwerking": Column("cooperates", yes_no_cell, empty=True),
    },
    "aanbod": {
        "persoon": _reference("person", required=True),
        "vindplaats": _reference("site", required=True),
        "sinds": Column("since", day_cell),
        "individueel_minuten_per_week": Column("individual_minutes_per_week", whole_cell(0, 3000), empty=0),
        "groepstrajecten_per_jaar": Column("group_tracks_per_year", whole_cell(0, 100), empty=0),
        "functies": Column("functions", text_cell(100), empty=""),
        "verklaard_op": Column("attested_on", day_cell),
        "ingetrokken_op": Column("withdrawn_on", day_cell),
    },
    "overeenkomsten": {
        "overeenkomst": _reference("key", required=True),
        "persoon": _reference("person", required=True),
        "partner": Column("partner", text_cell(200), True, screened=PLACE),
        "partner_soort": Column("partner_kind", kind_cell),
        "vindplaats": _reference("site"),
        "van": Column("start", day_cell, True),
        "tot": Column("to", day_cell),
        "minimum_uren": Column("minimum_minutes", hours_cell),
        "regelmaat": Column("regularity", text_cell(200)),
        "werkvormen": Column("werkvormen", joined_cell(any_werkvorm_cell)),
        "evaluatie": Column("evaluation", text_cell(200)),
        "geleverd_op": Column("delivered_on", day_cell),
        "geevalueerd_op": Column("evaluated_on", day_cell),
        "terugbellen_uren": Column("callback_hours", whole_cell(0, 336)),
    },
    "toekenningen": {
        "toekenning": _reference("key", required=True),
        "oproep": Column("oproep", oproep_cell, True),
        "netwerk": _reference("network"),
        "persoon": Column("people", joined_cell(key_cell), empty=(), screened=KEY),
        "vindplaats": _reference("site"),
        "overeenkomst": _reference("agreement"),
        "van": Column("start", day_cell, True),
        "tot": Column("to", day_cell),
        "uren": Column("minutes", hours_cell),
        "extra_uren": Column("extra_minutes", hours_cell, empty=0),
        "uitzondering": Column("exception", one_of_cell({"overkophuis": "overkop"}, ("overkop",), "overkop, or empty")),
        "reden": Column("reason", text_cell(300)),
    },
    "kanalen": {
        "netwerk": _reference("network", required=True),
        "platform": Column("platform", one_of_cell({}, ("telegram", "slack"), "telegram, slack"), True),
        "kanaal": Column("place", text_cell(100), True, screened=OPEN),
        "taal": Column("language", language_cell, empty="nl"),
        "dag": Column("weekday", one_of_cell({}, DAYS, ", ".join(DAYS)), empty="ma"),
        "uur": Column("hour", clock_cell, empty="08:30"),
    },
    "momenten": {
        "moment": _reference("key", required=True),
        "persoon": _reference("person", required=True),
        "oproep": Column("oproep", oproep_cell, True),
        "werkvorm": Column("werkvorm", any_werkvorm_cell),
        "vindplaats": _reference("site"),
        "overeenkomst": _reference("agreement"),
        "begin": Column("start", begin_cell, True),
        "minuten": Column("length", whole_cell(1, 100_000), True),
        "aanwezigen": Column("present", present_cell),
        "contact": Column("channel", one_of_cell(CHANNEL_WORDS, CHANNELS, "ter plaatse, telefoon, online"), empty="f2f"),
        "omschrijving": Column("about", text_cell(200)),
        "geboekt": Column("minutes", whole_cell(0, 100_000)),
        "voorbereidingsuren": Column("preparations", whole_cell(0, 24)),
        "pseudocode": Column("billing_code", text_cell(80), screened=OPEN),  # written by an export; an import takes the rulebook's
    },
    "beginsaldi": {
        "beginsaldo": _reference("key", required=True),
        "toekenning": _reference("grant", required=True),
        "persoon": _reference("person", required=True),
        "op": Column("day", day_cell, True),
        "minuten": Column("minutes", whole_cell(0, 1_000_000), empty=0),
        "voorbereidingsuren": Column("preparations", whole_cell(0, 10_000), empty=0),
        "gefactureerde_uren": Column("billed_hours", whole_cell(0, 10_000), empty=0),
    },
}
