"""The values in a rule's words: {limit.O1} in the text becomes "4 uur", as it holds on the day of the moment."""

import re
from collections.abc import Callable, Mapping
from typing import Any

PLACE = re.compile(r"\{([a-z][A-Za-z0-9_.]*)\}")
HOUR = {"nl": ("uur", "uur"), "fr": ("heure", "heures"), "en": ("hour", "hours")}
MINUTE = {"nl": ("minuut", "minuten"), "fr": ("minute", "minutes"), "en": ("minute", "minutes")}
OF_THE_NETWORK = {"nl": "het netwerk", "fr": "le réseau", "en": "the network"}


def said(words: str, settings: Mapping[str, Any], language: str) -> str:
    """The words with every {setting} replaced by its value, or by dots when it has none that day."""
    if "{" not in words:
        return words
    return PLACE.sub(lambda found: _shown(found[1], settings.get(found[1]), language), words)


def settings_in(words: str) -> tuple[str, ...]:
    """The settings that a text names."""
    return tuple(PLACE.findall(words))


def can_be_said(value: Any) -> bool:
    """Whether the value of a setting can stand in a sentence: minutes, money, a number or a text."""
    return type(value) in (int, str)


def hours(minutes: int, language: str) -> str:
    """Minutes as a sentence says them: 4 uur, 2,5 uur, 2 uur 20, 45 minuten."""
    whole, rest = divmod(minutes, 60)
    if not whole and rest:
        return f"{rest} {MINUTE[language][rest != 1]}"
    many = whole > 1 or (language == "en" and (whole == 0 or rest == 30))
    word = HOUR[language][many]
    if rest == 30:
        return f"{whole}{'.' if language == 'en' else ','}5 {word}"
    return f"{whole} {word} {rest:02}" if rest else f"{whole} {word}"


def money(cents: int, language: str) -> str:
    """An amount in euro: € 86,69 (French: 86,69 €, English: € 86.69)."""
    euro, cent = divmod(cents, 100)
    if language == "fr":
        return f"{euro},{cent:02} €"
    return f"€ {euro}{'.' if language == 'en' else ','}{cent:02}"


def _plain(value: Any, language: str) -> str:
    return str(value) if value != "" else OF_THE_NETWORK[language]


def _shown(key: str, value: Any, language: str) -> str:
    if value is None:
        return "…"
    for pattern, show in _SHOWN:
        if re.fullmatch(pattern, key):
            return show(value, language)
    return _plain(value, language)


# How a setting is said, by its key; the others as they are.
_SHOWN: tuple[tuple[str, Callable[[Any, str], str]], ...] = (
    (r"rate", money),
    (r"prep\.hours", lambda count, language: hours(60 * count, language)),
    (r"limit\..*|.*_minutes.*|duration\.(min|max)_.*|min_duration\..*", hours),
)
