"""What every reader of typed text shares: cutting text into tokens, matching phrases, number words in nl, fr and en.

Knows nothing of dates, hours or roles.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

LONGEST = 200
ENOUGH = 2000  # characters that anybody needs in one message: every reader takes time for each

T = TypeVar("T")


@dataclass(frozen=True)
class Unclear:
    """Text without one certain reading.

    `reason` is a short key for the message catalogues; `options` are the readings to offer as buttons, typed as the
    reader's own answers (date, time, Span, int minutes), or the words or ids that the reason is about.
    """

    reason: str
    options: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or mark: `text` without accents and capitals, its place in the tidied text, and whether it
    touches what stands before it."""

    text: str
    start: int
    end: int
    glued: bool


Tokens = Sequence[Token]
Book = dict[str, list[tuple[tuple[str, ...], T]]]

_MARKS = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "′": "'", "ʼ": "'"})
_FRACTION = re.compile("([½¼¾])")
_TOKEN = re.compile(r"[ap]\.m\b\.?|[0-9]+|[^\W\d_]+|\S", re.IGNORECASE)
_DASHES = "-‐‑‒–—―−→"
_JOINER = "\u200d"


def too_long(text: str) -> bool:
    """Whether a message is longer than anybody needs; one character may stand for eighteen (NFKC)."""
    return len(text) > ENOUGH or len(unicodedata.normalize("NFKC", text)) > ENOUGH


def tidy(text: str) -> tuple[str, str]:
    """The first 200 characters in NFKC form without invisible marks, and whatever had to be cut off."""
    pieces = _FRACTION.split(text[:LONGEST].translate(_MARKS))
    clean = "".join(p if p in "½¼¾" else unicodedata.normalize("NFKC", p) for p in pieces)
    if not clean.isascii():
        clean = "".join(c for c in clean if c == _JOINER or unicodedata.category(c) != "Cf")
    return clean[:LONGEST], clean[LONGEST:] + text[LONGEST:]


def whole(text: str) -> int | None:
    """A whole number written in plain figures, at most nine of them; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def readable(text: str) -> str:
    """Text without what cannot be read or stored: control characters, lone surrogates, marks that turn the direction."""
    if text.isprintable():
        return text
    kept = (" " if char in "\t\r\n" else char for char in text if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(char for char in kept if char == _JOINER or unicodedata.category(char) != "Cf")


def fold(word: str) -> str:
    """A word without capitals and accents."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


def tokens(clean: str) -> list[Token]:
    """Cut tidied text into tokens. Hyphens between letters and apostrophes vanish ("avant-hier" is two words, "'s
    avonds" too), but an apostrophe after a number stays: 90' is minutes."""
    found: list[Token] = []
    for match in _TOKEN.finditer(clean):
        raw, start, end = match.group(), match.start(), match.end()
        after = clean[end : end + 1]
        before = clean[start - 1 : start] if start else ""
        if raw in _DASHES:
            if before.isalpha() and after.isalpha():
                continue
            raw = "-"
        elif (raw == ">" and before == "-") or (raw == "'" and (not before.isdigit() or after.isalnum())):
            continue
        elif "." in raw and len(raw) > 1:
            raw = raw.replace(".", "")
        found.append(Token(fold(raw), start, end, bool(found) and found[-1].end == start))
    return found


def read(text: str) -> list[Token] | Unclear:
    """The tokens of an answer that is read as a whole; longer than 200 characters is `too_long`, nothing is `empty`."""
    clean, rest = tidy(text.strip())
    if rest.strip():
        return Unclear("too_long")
    found = tokens(clean)
    while found and found[-1].text in (".", "!", ",", ";"):
        found.pop()
    return found or Unclear("empty")


def word(ts: Tokens, i: int) -> str:
    """The text of token `i`, empty outside the line."""
    try:
        return ts[i].text if i >= 0 else ""
    except IndexError:
        return ""


def glued(ts: Tokens, i: int) -> bool:
    """Whether token `i` exists and touches the one before."""
    return i < len(ts) and ts[i].glued


def is_number(text: str) -> bool:
    """Whether a token is a number in figures: one that starts with a figure holds nothing else."""
    return "0" <= text[:1] <= "9"


def book(entries: Mapping[str, T]) -> "Book[T]":
    """A phrase book: phrases by their first word, longest first, in the form that `phrase_at` looks up."""
    pages: Book[T] = {}
    for phrase, value in entries.items():
        words = tuple(t.text for t in tokens(tidy(phrase)[0]))
        if words:
            pages.setdefault(words[0], []).append((words, value))
    for page in pages.values():
        page.sort(key=lambda entry: -len(entry[0]))
    return pages


def phrase_at(ts: Tokens, i: int, pages: "Book[T]") -> tuple[T, int] | None:
    """The longest phrase of the book that starts at token `i`, and the place after it."""
    for words, value in pages.get(word(ts, i), ()):
        if all(word(ts, i + n) == w for n, w in enumerate(words)):
            return value, i + len(words)
    return None


def _dutch() -> dict[str, int]:
    units = "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien"
    names = {name: n for n, name in enumerate(f"{units} zeventien achttien negentien".split())}
    tens_names = "twintig dertig veertig vijftig zestig zeventig tachtig negentig"
    for tens, name in enumerate(tens_names.split(), start=2):
        names[name] = tens * 10
        names |= {f"{unit}en{name}": tens * 10 + n for n, unit in enumerate(units.split()[1:10], start=1)}
    return names | {"honderd": 100}


def _french() -> dict[str, int]:
    small = "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    names = {name: n for n, name in enumerate([*small.split(), "dix sept", "dix huit", "dix neuf"])}
    under_twenty = list(names)
    for ten, name in {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 70: "septante",
                      80: "quatre vingt", 90: "nonante"}.items():
        names |= {name: ten, f"{name} et un": ten + 1, f"{name} et une": ten + 1}
        names |= {f"{name} {under_twenty[n]}": ten + n for n in range(1, 20 if ten in (60, 80) else 10)}
    return names | {"une": 1, "soixante et onze": 71, "quatre vingts": 80, "cent": 100}


def _english() -> dict[str, int]:
    small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    names = {name: n for n, name in enumerate(f"{small} seventeen eighteen nineteen".split())}
    tens_names = "twenty thirty forty fifty sixty seventy eighty ninety"
    for tens, name in enumerate(tens_names.split(), start=2):
        names[name] = tens * 10
        names |= {f"{name} {unit}": tens * 10 + n for n, unit in enumerate(small.split()[1:10], start=1)}
    return names | {"hundred": 100}


NUMBERS = book(_dutch() | _french() | _english())


def number_at(ts: Tokens, i: int) -> tuple[int, int] | None:
    """A whole number in digits (at most four) or words at token `i`, and the place after it."""
    text = word(ts, i)
    if is_number(text):
        return (int(text), i + 1) if len(text) <= 4 else None
    return phrase_at(ts, i, NUMBERS)


def one_slip(typed: str, meant: str) -> bool:
    """Whether two words differ by one letter too many, too few, wrong, or by two neighbours swapped."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    a, b = typed[same:], meant[same:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
