"""One plain spelling of a text for the client-data guard, with the way back to the original positions.

Compatibility forms, digits of any script, dashes and blanks become their ASCII kin; invisible characters go.
"""

import unicodedata
from typing import NamedTuple

# Not in the format category, yet drawn as nothing: combining joiner, fillers, Mongolian and ordinary variation marks.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    chr(code) for code in range(0xFE00, 0xFE10)
)
_ALIKE = {
    "\u2800": " ",
    "\u2212": "-",
    "\u02d7": "-",
    "\u2043": "-",
    "\u2044": "/",
    "\u2215": "/",
    "\u29f8": "/",
    "\u00b7": ".",
    "\u2022": ".",
    "\u2219": ".",
    "\u2027": ".",
    "\u30fb": ".",
    "\u3002": ".",
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u00ba": "\u00b0",
    "\u02da": "\u00b0",
}
# Normalising is quadratic in the length of one pile of accents, so a pile is cut here.
_PILE = 16


class Plain(NamedTuple):
    """The plain text, and for each of its characters where the original one started and ended."""

    text: str
    starts: list[int]
    ends: list[int]


def plain(raw: str) -> Plain:
    """The text in its plain spelling; never raises, whatever the string holds."""
    if raw.isascii() and raw.isprintable():
        return Plain(raw, list(range(len(raw))), list(range(1, len(raw) + 1)))
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(raw):
        upto = at + 1
        while upto < len(raw) and upto - at < _PILE and raw[upto] >= "\u0300" and unicodedata.combining(raw[upto]):
            upto += 1
        for char in _spelling(raw[at:upto]):
            text.append(char)
            starts.append(at)
            ends.append(upto)
        at = upto
    return Plain("".join(text), starts, ends)


def fold(word: str) -> str:
    """The word in lower case without accents, for looking it up."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word[:60])
    return "".join(char for char in parts if not unicodedata.combining(char)).lower()


def _spelling(cluster: str) -> str:
    base = cluster[0]
    if len(cluster) == 1 and " " <= base <= "~":
        return base
    if base in _ALIKE:
        return _ALIKE[base]
    digit = unicodedata.digit(base, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(base)
    if kind in ("Cf", "Me") or base in _INVISIBLE:
        return ""
    if kind == "Pd":
        return "-"
    if kind in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if unicodedata.decomposition(base).startswith("<fraction>"):
        return base
    spelled = unicodedata.normalize("NFKC", cluster)
    return "".join(_ALIKE.get(char, char) for char in spelled if char not in _INVISIBLE)
