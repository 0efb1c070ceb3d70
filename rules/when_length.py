"""Reading a length of time at a place in a typed line, with or without a unit."""

from dataclasses import dataclass

from rules import when_words as w
from rules.typed import NUMBERS, Tokens, Unclear, glued, is_number, number_at, phrase_at, word
from rules.when_clock import DAY_MINUTES

_FRACTIONS = {"½": 50, "¼": 25, "¾": 75}
_FIRST_WORDS = frozenset(NUMBERS) | frozenset(w.FIXED) | frozenset(w.HALVES) | frozenset(_FRACTIONS) | {"a", "an"}


@dataclass(frozen=True)
class Length:
    """A length in minutes; `sure` when the same words could not be a clock time ("90 min", but not "3u")."""

    minutes: int | Unclear
    sure: bool = True


def length_at(ts: Tokens, i: int) -> tuple[Length, int] | None:
    """The length that starts at token `i` and carries a unit, and the place after it: 1u30, 90 min, drie kwartier."""
    if not is_number(word(ts, i)) and word(ts, i) not in _FIRST_WORDS:
        return None
    fixed = phrase_at(ts, i, w.FIXED)
    if fixed:
        return Length(fixed[0]), fixed[1]
    amount = _amount(ts, i)
    if not amount:
        return None
    (hundredths, plain), j = amount
    unit = word(ts, j)
    quarter = phrase_at(ts, j, w.QUARTER_UNITS)
    if quarter and plain:
        return Length(_limited(hundredths // 100 * 15)), quarter[1]
    if unit in w.MINUTE_UNITS or (unit == "m" and glued(ts, j)):
        return Length(_limited(hundredths // 100) if plain else Unclear("not_a_length")), j + 1
    if unit not in w.LENGTH_UNITS:
        return None
    if not plain:
        close = len(word(ts, j - 1)) == 2 and word(ts, j - 2) == "."
        return Length(_from_decimal(hundredths, word(ts, j - 1) if close else "")), j + 1
    return _after_hours(ts, hundredths // 100, j + 1, sure=unit not in w.HOUR_UNITS)


def _amount(ts: Tokens, i: int) -> tuple[tuple[int, bool], int] | None:
    """A number in hundredths and whether it is a whole one: 2, twee, 1,5, 1½, 1 1/2, tweeënhalf, two and a half."""
    if word(ts, i) in w.HALVES:
        return (w.HALVES[word(ts, i)] * 100 + 50, False), i + 1
    if word(ts, i) in _FRACTIONS:
        return (_FRACTIONS[word(ts, i)], False), i + 1
    number = (1, i + 1) if word(ts, i) in ("a", "an") else number_at(ts, i)
    if not number:
        return None
    n, j = number
    if word(ts, j) in _FRACTIONS:
        return (n * 100 + _FRACTIONS[word(ts, j)], False), j + 1
    if word(ts, j) in (",", ".") and glued(ts, j) and glued(ts, j + 1) and is_number(word(ts, j + 1)):
        digits = word(ts, j + 1)
        return ((n * 100 + int(digits.ljust(2, "0")), False), j + 2) if len(digits) <= 2 else None
    slash = [word(ts, j + k) for k in range(3)]
    if slash in (["1", "/", "2"], ["1", "/", "4"], ["3", "/", "4"]):
        return (n * 100 + int(slash[0]) * 100 // int(slash[2]), False), j + 3
    if word(ts, j) == "/" and word(ts, j + 1) in ("2", "4") and n in (1, 3) and glued(ts, j):
        return (n * 100 // int(word(ts, j + 1)), False), j + 2
    tail = phrase_at(ts, j, w.TAILS)
    if tail and word(ts, tail[1]) in w.LENGTH_UNITS:
        return (n * 100 + tail[0] * 100 // 60, False), tail[1]
    return (n * 100, True), j


def _after_hours(ts: Tokens, hours: int, j: int, sure: bool) -> tuple[Length, int]:
    """What follows whole hours: nothing, "30", "30 min", "en een kwartier", "et demie", "en 20 minuten"."""
    tail = phrase_at(ts, j, w.TAILS)
    if tail:
        end = tail[1] + (word(ts, tail[1]) in ("uur", "hour"))
        return Length(_limited(hours * 60 + tail[0]), sure or word(ts, j) in ("en", "and")), end
    at = j + (word(ts, j) in ("en", "et", "and"))
    number = number_at(ts, at)
    if not number:
        return Length(_limited(hours * 60), sure), j
    text, (minutes, end) = word(ts, at), number
    unit = word(ts, end) in w.MINUTE_UNITS or (word(ts, end) == "m" and glued(ts, end))
    if unit and (minutes < 60 or glued(ts, at)):
        return Length(_limited(hours * 60 + minutes) if minutes < 60 else Unclear("not_a_length")), end + 1
    if at == j and glued(ts, j):
        end += word(ts, end) in ("u", "h") and glued(ts, end)
        if len(text) == 2 and minutes < 60:
            return Length(_limited(hours * 60 + minutes), sure), end
        return Length(Unclear("not_a_length", (hours * 60 + minutes,) if minutes < 60 else ()), sure), end
    two = len(text) == 2 or not is_number(text)
    loose = two and minutes < 60 and not word(ts, end).isalpha() and not glued(ts, end)
    if at == j and loose:
        return Length(_limited(hours * 60 + minutes), sure), end
    return Length(_limited(hours * 60), sure), j


def _limited(minutes: int) -> int | Unclear:
    if minutes <= 0:
        return Unclear("no_length")
    return minutes if minutes <= DAY_MINUTES else Unclear("more_than_a_day")


def _from_decimal(hundredths: int, dotted: str = "") -> int | Unclear:
    """Decimal hours in whole minutes; 1.30 may be an hour and 30 minutes, and 1,33 hours is no whole minute: asked."""
    exact = hundredths * 60
    minutes = _limited((exact + 50) // 100)
    if isinstance(minutes, Unclear):
        return minutes
    if dotted not in ("", "00", "25", "50") and int(dotted) < 60:
        return Unclear("minutes_or_hours", (hundredths // 100 * 60 + int(dotted), minutes))
    return minutes if exact % 100 == 0 else Unclear("not_a_length", (minutes,))


def bare_length(ts: Tokens, i: int) -> tuple[int | Unclear, int] | None:
    """A length without a unit, and the place after it.

    1:30 is an hour and a half; 1,5 and 1.5 are decimal hours; two decimals below 60 are asked (1.30: 90 or 78 minutes),
    except ,25 and ,50; a whole number is always asked: minutes, or hours when there are at most 24.
    """
    text, sep, second = word(ts, i), word(ts, i + 1), word(ts, i + 2)
    if is_number(text) and sep == ":" and is_number(second) and glued(ts, i + 1) and glued(ts, i + 2):
        good = len(text) <= 2 and len(second) == 2 and int(second) < 60
        return (_limited(int(text) * 60 + int(second)) if good else Unclear("not_a_length")), i + 3
    amount = _amount(ts, i)
    if not amount:
        return None
    (hundredths, whole), j = amount
    if not whole:
        two = is_number(word(ts, j - 1)) and len(word(ts, j - 1)) == 2 and word(ts, j - 2) in (",", ".")
        comma = two and word(ts, j - 2) == "," and word(ts, j - 1) in ("25", "50")
        asked = two and not comma and int(word(ts, j - 1)) < 60 and word(ts, j - 1) != "00"
        if asked:
            dotted = int(word(ts, j - 1))
            options = (hundredths // 100 * 60 + dotted, (hundredths * 60 + 50) // 100)
            return Unclear("minutes_or_hours", tuple(n for n in options if 0 < n <= DAY_MINUTES)), j
        return _from_decimal(hundredths), j
    n = hundredths // 100
    if not 1 <= n <= DAY_MINUTES:
        return Unclear("not_a_length"), j
    return Unclear("minutes_or_hours", (n, n * 60) if n <= 24 else (n,)), j
