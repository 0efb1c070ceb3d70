"""The sheets and columns of an import, as data: how a cell is read, if it may be empty, what it is screened for."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.words import CHANNELS, ROLES, SITE_KINDS, WERKVORMEN

FREE, PLACE, PERSON, KEY, OPEN = "free", "place", "person", "key", "open"
LANGUAGES = ("nl", "fr", "en")

SITE_WORDS = {
    "huisartsenpraktijk": "huisartsenpraktijk", "wijkgezondheidscentrum": "wijkgezondheidscentrum",
    "lokaal dienstencentrum": "ldc", "overkophuis": "overkop", "jeugdhuis": "jeugdhuis", "buurthuis": "buurthuis",
    "woonzorgcentrum": "wzc", "basisonderwijs": "basisonderwijs", "secundair onderwijs": "secundair_onderwijs",
    "clb": "clb", "ocmw": "ocmw", "kinderopvang": "kinderdagverblijf", "eigen praktijk": "own_practice",
    "groepspraktijk": "group_practice", "ggz-dienst": "ggz_service", "hoger onderwijs": "hoger_onderwijs",
    "andere goedgekeurde": "other_approved", "andere": "andere",
}  # fmt: skip
SITE_SYNONYMS = {
    "kinderdagverblijf": "kinderdagverblijf", "overkop": "overkop",
    "cabinet de medecine generale": "huisartsenpraktijk", "maison medicale": "wijkgezondheidscentrum",
    "centre de services local": "ldc", "amo": "overkop", "service d'aide en milieu ouvert": "overkop",
    "maison de jeunes": "jeugdhuis", "maison de quartier": "buurthuis", "maison de repos": "wzc",
    "maison de repos et de soins": "wzc",
    "enseignement fondamental": "basisonderwijs", "ecole primaire": "basisonderwijs",
    "enseignement secondaire": "secundair_onderwijs", "ecole secondaire": "secundair_onderwijs", "centre pms": "clb",
    "cpms": "clb", "cpas": "ocmw", "creche": "kinderdagverblijf", "accueil de la petite enfance": "kinderdagverblijf",
    "cabinet prive": "own_practice", "propre cabinet": "own_practice", "cabinet de groupe": "group_practice",
    "service de sante mentale": "ggz_service", "enseignement superieur": "hoger_onderwijs", "autre": "andere",
}  # fmt: skip
PERSON_ROLES = {
    "verstrekker": "verstrekker", "coordinator": "coordinator", "werking": "werking", "beheerder": "beheerder",
    "prestataire": "verstrekker", "coordinateur": "coordinator", "dispositif": "werking", "gestionnaire": "beheerder",
}  # fmt: skip
CHANNEL_WORDS = {
    "ter plaatse": "f2f", "telefoon": "telefoon", "online": "online", "sur place": "f2f", "telephone": "telefoon",
    "en ligne": "online", "on site": "f2f", "video": "online",
}  # fmt: skip
WERKVORM_WORDS = {
    "casusspecifieke intervisie": "casus_intervisie", "casusbespreking": "casus_intervisie",
    "themaspecifieke intervisie": "thema_intervisie", "toelichting": "workshop", "vorming": "workshop",
}  # fmt: skip
DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")

# Names of columns that only a list of clients has.
CLIENT_COLUMN = re.compile(
    r"rijksregister|registre national|national number|\binsz\b|\bniss\b|\bbis\b.?num|geboorte|naissance|birth|"
    r"client|patient|zorgvrager|zorggebruiker|rechthebbende|beneficiaire|usager|diagnos|aanmeldingsklacht"
)


class CellError(ValueError):
    """A cell that cannot be read; its text says what must stand there. It never repeats what stood there."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name of its value, its reader, what an empty cell gives, the client data it is screened for."""

    field: str
    read: Callable[[str], Any]
    required: bool = False
    empty: Any = None
    screened: str = FREE


def fold(text: str) -> str:
    """Lower case, without accents, single spaces: for comparing words people write."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(each for each in bare if not unicodedata.combining(each)).casefold().split())


def _text(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit:
            raise CellError(f"is longer than {limit} characters: shorten it")
        return text
    return read


def _key(text: str) -> str:
    if len(text) > 64 or "+" in text:
        raise CellError("must be a key of at most 64 characters without +, such as K1")
    return text


def _day(text: str) -> date:
    try:
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except ValueError:
        raise CellError("is a day that does not exist: correct it") from None
    raise CellError("must be a day written as 2026-01-31 or 31/01/2026")


def _begin(text: str) -> datetime:
    found = re.fullmatch(r"([\d/-]+)[T ]+(\d{1,2})[:u.h](\d\d)?(?::00(?:\.0+)?)?([+-]\d\d:\d\d)?", text)
    if found is None or int(found[2]) > 23 or int(found[3] or 0) > 59:
        raise CellError("must be a day and time such as 2026-01-31 14:30 or 31/01/2026 14:30")
    local = f"{_day(found[1]).isoformat()}T{int(found[2]):02}:{found[3] or '00'}{found[4] or ''}"
    return datetime.fromisoformat(local)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
            raise CellError(f"must be a whole number from {low} to {high}")
        return int(text)
    return read


def _hours(text: str) -> int:
    """Hours with decimals (4,5), or with minutes (4u30), as whole minutes."""
    if found := re.fullmatch(r"(\d{1,4})[u:h](\d\d)", text):
        if int(found[2]) > 59:
            raise CellError("must have at most 59 minutes after the hours")
        return int(found[1]) * 60 + int(found[2])
    if not re.fullmatch(r"\d{1,4}([.,]\d{1,4})?", text):
        raise CellError("must be hours such as 48, 4,5 or 4u30")
    whole, _, decimals = text.replace(",", ".").partition(".")
    minutes, over = divmod(int(decimals.ljust(4, "0")[:4]) * 60, 10_000) if decimals else (0, 0)
    if over:
        raise CellError("must come to whole minutes: write hours and minutes such as 4u20")
    return int(whole) * 60 + minutes


def _yes_no(text: str) -> bool:
    word = fold(text)
    if word in ("ja", "oui", "yes", "j", "1", "true", "waar"):
        return True
    if word in ("nee", "neen", "non", "no", "n", "0", "false", "onwaar"):
        return False
    raise CellError("must be ja or nee")


def _one_of(words: Mapping[str, str], allowed: tuple[str, ...], shown: str) -> Callable[[str], str]:
    known = {fold(word): value for word, value in words.items()}
    known |= {fold(value): value for value in allowed} | {fold(value.replace("_", " ")): value for value in allowed}

    def read(text: str) -> str:
        word = fold(text)
        value = known.get(word) or known.get(word.replace("-", " ").replace("_", " "))
        if value is None:
            raise CellError(f"must be one of: {shown}")
        return value
    return read


def _joined(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """Several values joined by +, each once, in their order."""
    def read_all(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(read(part.strip()) for part in text.split("+") if part.strip()))
    return read_all


def _present(text: str) -> dict[str, int]:
    """People per role: huisarts=2+verpleegkundige=1; niemand or 0 is nobody."""
    if fold(text) in ("niemand", "0", "personne", "nobody"):
        return {}
    counts: dict[str, int] = {}
    for part in text.split("+"):
        name, _, count = part.partition("=")
        if not re.fullmatch(r"\s*\d{1,3}\s*", count):
            raise CellError("must be counts per role such as huisarts=2+verpleegkundige=1")
        role = _role(name)
        counts[role] = counts.get(role, 0) + int(count)
    return {role: count for role, count in counts.items() if count}


_role = _one_of({}, ROLES, ", ".join(ROLES))


def _oproep(text: str) -> str:
    if not re.fullmatch(r"(?:[oO]|oproep )?[1-4]", text):
        raise CellError("must be 1, 2, 3 or 4")
    return f"O{text[-1]}"


def _clock(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2})[:u.h](\d\d)?(?::00)?", text)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise CellError("must be an hour such as 08:30")
    return f"{int(found[1]):02}:{found[2] or '00'}"


_kind = _one_of(SITE_WORDS | SITE_SYNONYMS, SITE_KINDS, ", ".join(SITE_WORDS))
_person_role = _one_of(PERSON_ROLES, (), "verstrekker, coordinator, werking, beheerder")
_language = _one_of({}, LANGUAGES, ", ".join(LANGUAGES))
_werkvorm = _one_of(WERKVORM_WORDS, WERKVORMEN, ", ".join(WERKVORMEN))


def _reference(field: str, required: bool = False) -> Column:
    return Column(field, _key, required, screened=KEY)


SHEETS: dict[str, dict[str, Column]] = {
    "netwerken": {
        "netwerk": _reference("key", required=True),
        "naam": Column("name", _text(200), True, screened=PLACE),
        "provincie": Column("province", _text(100), empty="", screened=PLACE),
        "taal": Column("language", _language, empty="nl"),
        "rulebook": Column("rulebook", _text(64), True, screened=KEY),
    },
    "personen": {
        "persoon": _reference("key", required=True),
        "voornaam": Column("first_name", _text(100), True, screened=PERSON),
        "naam": Column("name", _text(100), True, screened=PERSON),
        "rollen": Column("roles", _joined(_person_role), True),
        "netwerk": Column("networks", _joined(_key), empty=(), screened=KEY),
        "taal": Column("language", _language, empty="nl"),
        "contract_van": Column("contract_from", _day),
        "contract_tot": Column("contract_to", _day),
        "werkgever": Column("employer", _text(64), screened=PLACE),
        "oproep4_vanaf": Column("o4_admitted_from", _day),
        "portfolio": Column("portfolio_on", _day),
        "themas": Column("themes", _text(500), empty=""),
        "email": Column("email", _text(200), screened=OPEN),
    },
    "vindplaatsen": {
        "vindplaats": _reference("key", required=True),
        "naam": Column("name", _text(200), True, screened=PLACE),
        "soort": Column("kind", _kind, True),
        "netwerk": _reference("network"),
        "gemeente": Column("municipality", _text(100), empty="", screened=PLACE),
        "samenwerking": Column("cooperates", _yes_no, empty=True),
    },
    "aanbod": {
        "persoon": _reference("person", required=True),
        "vindplaats": _reference("site", required=True),
        "sinds": Column("since", _day),
        "individueel_minuten_per_week": Column("individual_minutes_per_week", _whole(0, 3000), empty=0),
        "groepstrajecten_per_jaar": Column("group_tracks_per_year", _whole(0, 100), empty=0),
        "functies": Column("functions", _text(100), empty=""),
    },
    "overeenkomsten": {
        "overeenkomst": _reference("key", required=True),
        "persoon": _reference("person", required=True),
        "partner": Column("partner", _text(200), True, screened=PLACE),
        "partner_soort": Column("partner_kind", _kind),
        "vindplaats": _reference("site"),
        "van": Column("start", _day, True),
        "tot": Column("to", _day),
        "minimum_uren": Column("minimum_minutes", _hours),
        "regelmaat": Column("regularity", _text(200)),
        "werkvormen": Column("werkvormen", _joined(_werkvorm)),
        "evaluatie": Column("evaluation", _text(200)),
        "geleverd_op": Column("delivered_on", _day),
        "geevalueerd_op": Column("evaluated_on", _day),
    },
    "toekenningen": {
        "toekenning": _reference("key", required=True),
        "oproep": Column("oproep", _oproep, True),
        "netwerk": _reference("network"),
        "persoon": Column("people", _joined(_key), empty=(), screened=KEY),
        "vindplaats": _reference("site"),
        "overeenkomst": _reference("agreement"),
        "van": Column("start", _day, True),
        "tot": Column("to", _day),
        "uren": Column("minutes", _hours),
        "extra_uren": Column("extra_minutes", _hours, empty=0),
        "uitzondering": Column("exception", _one_of({"overkophuis": "overkop"}, ("overkop",), "overkop, or empty")),
        "reden": Column("reason", _text(300)),
    },
    "kanalen": {
        "netwerk": _reference("network", required=True),
        "platform": Column("platform", _one_of({}, ("telegram", "slack"), "telegram, slack"), True),
        "kanaal": Column("place", _text(100), True, screened=OPEN),
        "taal": Column("language", _language, empty="nl"),
        "dag": Column("weekday", _one_of({}, DAYS, ", ".join(DAYS)), empty="ma"),
        "uur": Column("hour", _clock, empty="08:30"),
    },
    "momenten": {
        "moment": _reference("key", required=True),
        "persoon": _reference("person", required=True),
        "oproep": Column("oproep", _oproep, True),
        "werkvorm": Column("werkvorm", _werkvorm),
        "vindplaats": _reference("site"),
        "overeenkomst": _reference("agreement"),
        "begin": Column("start", _begin, True),
        "minuten": Column("length", _whole(1, 100_000), True),
        "aanwezigen": Column("present", _present),
        "contact": Column("channel", _one_of(CHANNEL_WORDS, CHANNELS, "ter plaatse, telefoon, online"), empty="f2f"),
        "omschrijving": Column("about", _text(200)),
        "geboekt": Column("minutes", _whole(0, 100_000)),
        "voorbereidingsuren": Column("preparations", _whole(0, 24)),
    },
    "beginsaldi": {
        "beginsaldo": _reference("key", required=True),
        "toekenning": _reference("grant", required=True),
        "persoon": _reference("person", required=True),
        "op": Column("day", _day, True),
        "minuten": Column("minutes", _whole(0, 1_000_000), empty=0),
        "voorbereidingsuren": Column("preparations", _whole(0, 10_000), empty=0),
        "gefactureerde_uren": Column("billed_hours", _whole(0, 10_000), empty=0),
    },
}
