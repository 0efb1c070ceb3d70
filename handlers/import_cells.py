"""Reads one cell of an import: what may be written there, in Dutch, French and English, and what it becomes."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime

from rules.words import LANGUAGES, OPROEPEN, ROLES, SITE_KINDS, WERKVORMEN

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


class CellError(ValueError):
    """A cell that cannot be read; its text says what must stand there. It never repeats what stood there."""


def fold(text: str) -> str:
    """Lower case, without accents, single spaces: for comparing words people write."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(each for each in bare if not unicodedata.combining(each)).casefold().split())


def text_cell(limit: int) -> Callable[[str], str]:
    """Text of at most so many characters."""

    def read(text: str) -> str:
        if len(text) > limit:
            raise CellError(f"is longer than {limit} characters: shorten it")
        return text

    return read


def email_cell(text: str) -> str:
    """An e-mail address; whether it exists nobody can tell."""
    if len(text) > 200 or not re.fullmatch(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+", text):
        raise CellError("must be an e-mail address such as naam@voorbeeld.be, or empty")
    return text


def key_cell(text: str) -> str:
    """A key that other rows refer to."""
    if len(text) > 64 or "+" in text:
        raise CellError("must be a key of at most 64 characters without +, such as K1")
    return text


def day_cell(text: str) -> date:
    """A day, 2026-01-31 or 31/01/2026."""
    try:
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except ValueError:
        raise CellError("is a day that does not exist: correct it") from None
    raise CellError("must be a day written as 2026-01-31 or 31/01/2026")


def begin_cell(text: str) -> datetime:
    """A local begin; with an offset only when one is written."""
    found = re.fullmatch(r"([\d/-]+)[T ]+(\d{1,2})[:u.h](\d\d)?(?::00(?:\.0+)?)?([+-]\d\d:\d\d)?", text)
    if found is None or int(found[2]) > 23 or int(found[3] or 0) > 59:
        raise CellError("must be a day and time such as 2026-01-31 14:30 or 31/01/2026 14:30")
    local = f"{day_cell(found[1]).isoformat()}T{int(found[2]):02}:{found[3] or '00'}{found[4] or ''}"
    return datetime.fromisoformat(local)


def whole_cell(low: int, high: int) -> Callable[[str], int]:
    """A whole number from low up to and including high."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
            raise CellError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def hours_cell(text: str) -> int:
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


def yes_no_cell(text: str) -> bool:
    """ja or nee, in three languages."""
    word = fold(text)
    if word in ("ja", "oui", "yes", "j", "1", "true", "waar"):
        return True
    if word in ("nee", "neen", "non", "no", "n", "0", "false", "onwaar"):
        return False
    raise CellError("must be ja or nee")


def one_of_cell(words: Mapping[str, str], allowed: tuple[str, ...], shown: str) -> Callable[[str], str]:
    """One of the words, or the value itself, as its value; accents and capitals do not matter."""
    known = {fold(word): value for word, value in words.items()}
    known |= {fold(value): value for value in allowed} | {fold(value.replace("_", " ")): value for value in allowed}

    def read(text: str) -> str:
        word = fold(text)
        value = known.get(word) or known.get(word.replace("-", " ").replace("_", " "))
        if value is None:
            raise CellError(f"must be one of: {shown}")
        return value

    return read


def joined_cell(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """Several values joined by +, each once, in their order."""

    def read_all(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(read(part.strip()) for part in text.split("+") if part.strip()))

    return read_all


def present_cell(text: str) -> dict[str, int]:
    """People per role: huisarts=2+verpleegkundige=1; niemand or 0 is nobody."""
    if fold(text) in ("niemand", "0", "personne", "nobody"):
        return {}
    counts: dict[str, int] = {}
    for part in text.split("+"):
        name, _, count = part.partition("=")
        if not re.fullmatch(r"\s*\d{1,3}\s*", count):
            raise CellError("must be counts per role such as huisarts=2+verpleegkundige=1")
        role = role_cell(name)
        counts[role] = counts.get(role, 0) + int(count)
    return {role: count for role, count in counts.items() if count}


role_cell = one_of_cell({}, ROLES, ", ".join(ROLES))


def oproep_cell(text: str) -> str:
    """The number of an oproep, as its id: 1 as O1."""
    found = re.fullmatch(r"(?:[oO]|oproep )?([0-9])", text)
    if found is None or f"O{found[1]}" not in OPROEPEN:
        raise CellError(f"must be one of: {', '.join(each[1:] for each in OPROEPEN)}")
    return f"O{found[1]}"


def clock_cell(text: str) -> str:
    """An hour of the day, as 08:30."""
    found = re.fullmatch(r"(\d{1,2})[:u.h](\d\d)?(?::00)?", text)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise CellError("must be an hour such as 08:30")
    return f"{int(found[1]):02}:{found[2] or '00'}"


kind_cell = one_of_cell(SITE_WORDS | SITE_SYNONYMS, SITE_KINDS, ", ".join(SITE_WORDS))
person_role_cell = one_of_cell(PERSON_ROLES, (), "verstrekker, coordinator, werking, beheerder")
language_cell = one_of_cell({}, LANGUAGES, ", ".join(LANGUAGES))
werkvorm_cell = one_of_cell(WERKVORM_WORDS, WERKVORMEN, ", ".join(WERKVORMEN))


def any_werkvorm_cell(text: str) -> str:
    """A werkvorm of the convention in any wording, or the id of one that a rulebook adds; whether it does is looked up later."""
    return text if re.fullmatch(r"[a-z][a-z_]{1,19}", text) and text not in WERKVORM_WORDS else werkvorm_cell(text)
