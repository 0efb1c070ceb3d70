"""Until when: a last day ("tot eind augustus"), and a leave from a day to the day of return, in nl, fr and en."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rules.typed import Unclear, fold, tokens, whole
from rules.when import read_day
from rules.when_words import MONTHS

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Leave:
    """From its first day to the day on which she is back."""

    start: date
    back: date


def _opening(*phrases: str) -> re.Pattern[str]:
    """One of the phrases and the space behind it; the longest that fits."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, sorted(phrases, key=len, reverse=True)))})(?: |\Z)")


# Whole sentences, and words that say the same only before a day or a week.
_AWAY = _opening(
    "ik ben er niet", "ik ben weg", "ik ben afwezig", "ik ben met verlof", "ik ben op verlof", "ik ben met vakantie", "ik heb verlof",
    "ik heb vakantie", "je suis absente", "je suis absent", "je ne suis pas la", "je suis en conge", "je suis en conges",
    "je suis en vacances", "i am away", "i m away", "i am on leave", "i m on leave", "i am not there", "i m not there",
)
_AWAY_WORDS = _opening(
    "weg", "verlof", "met verlof", "op verlof", "afwezig", "vakantie", "met vakantie", "absente", "absent", "conge", "conges", "en conge",
    "en conges", "vacances", "en vacances", "away", "leave", "on leave", "holiday", "on holiday",
)
_RETURN = _opening(
    "ik ben terug op", "ik ben terug vanaf", "ik ben terug", "terug op", "je suis de retour le", "je suis de retour", "de retour le",
    "je reviens le", "i am back on", "i m back on", "i am back", "i m back", "back on",
)
_IS_BACK = frozenset((
    "ik ben terug", "ik ben er weer", "ik ben er terug", "terug van verlof", "terug uit verlof", "je suis de retour", "de retour",
    "i am back", "i m back",
))  # fmt: skip
_UP_TO = ("tot en met", "t/m", "tm", "jusqu au", "jusqu a la", "jusqu a", "jusque", "through")  # that day too
_BEFORE = ("tot", "until", "till")  # not that day
_TILL = "|".join((*_UP_TO, *_BEFORE))
_SPAN = re.compile(rf"(?:van|vanaf|du|de|a partir du|from) (.+?) ({_TILL}|au|a|to) (.+)")
_TO = re.compile(rf"({_TILL}) (.+)")
_AROUND = re.compile(r"ik ben er (.+) niet|(.+) ben ik er niet|ik ben (.+) (?:weg|afwezig|met verlof|met vakantie)")
_END = re.compile(r"(?:het )?(?:eind|einde|fin|la fin|end|the end)(?: van| de| du| d| of)? (?:de |het |the |l )?(.+)")
_YEARS = ("jaar", "annee", "year")
_THIS_WEEK = ("deze week", "cette semaine", "this week")
_NEXT_WEEK = ("volgende week", "semaine prochaine", "la semaine prochaine", "next week")


def _plain(text: str) -> str:
    """Without capitals, accents and apostrophes, and with single spaces."""
    return " ".join(re.sub(r"['’`´]", " ", fold(text)).strip(" .!").split())


def read_until(text: str, today: date) -> date | Unclear:
    """The last day that is meant, from today on: "tot eind augustus", "31/8", "september". "Tot" a day means that day too here."""
    plain = _plain(text)
    named = _TO.fullmatch(plain)
    return _day(named[2] if named else plain, today, last=True)


def read_leave(text: str, today: date, *, asked: bool = False) -> Leave | Unclear | None:
    """A leave told in words, "ik ben er niet tot 15 augustus": the day itself is the day she is back, but after "tot en met".

    `asked`: it was asked for, so that a day alone is the day of return. None when the text says nothing of the kind.
    """
    plain = _plain(text)
    if (rest := _behind(plain, _RETURN)) is not None:
        return _back(rest, today)
    around = _AROUND.fullmatch(plain)
    rest = next(filter(None, around.groups())) if around else _behind(plain, _AWAY)
    if rest is not None or (asked and not _AWAY_WORDS.match(plain)):
        return _leave(plain if rest is None else rest, today, alone_is_back=rest is None)
    rest = _behind(plain, _AWAY_WORDS)
    if not rest:
        return Unclear("empty") if asked else None
    found = _leave(rest, today)
    told = asked or rest in (*_THIS_WEEK, *_NEXT_WEEK) or _TO.fullmatch(rest) or _SPAN.fullmatch(rest)
    return found if told else None


def is_back(text: str) -> bool:
    """Whether a text says that a leave has ended, and names no day."""
    return _plain(text) in _IS_BACK


def _behind(plain: str, opening: re.Pattern[str]) -> str | None:
    found = opening.match(plain)
    return plain[found.end() :] if found else None


def _leave(rest: str, today: date, *, alone_is_back: bool = False) -> Leave | Unclear:
    if not rest:
        return Unclear("empty")
    if (span := _SPAN.fullmatch(rest)) is not None:
        last = _day(span[3], today)
        if isinstance(last, Unclear):
            return last
        start = _first(span[1], last, today)
        if isinstance(start, Unclear):
            return start
        if last < start and isinstance(last := _day(span[3], start), Unclear):
            return last
        return Leave(start, last + DAY if span[2] in (*_UP_TO, "au", "a") else last)
    if (to := _TO.fullmatch(rest)) is not None:
        return _back(to[2], today, 1 if to[1] in _UP_TO else 0)
    if alone_is_back:
        return _back(rest, today)
    monday = today - timedelta(days=today.weekday())
    if rest in _THIS_WEEK:
        return Leave(today, monday + WEEK)
    if rest in _NEXT_WEEK:
        return Leave(monday + WEEK, monday + 2 * WEEK)
    day = _day(rest, today)
    return day if isinstance(day, Unclear) else Leave(day, day + DAY)


def _back(text: str, today: date, after: int = 0) -> Leave | Unclear:
    """Away until the day that is told, which lies ahead, or `after` days more."""
    day = _day(text, today, least=today + DAY)
    return day if isinstance(day, Unclear) else Leave(today, day + after * DAY)


def _first(text: str, last: date, today: date) -> date | Unclear:
    """The first day of a span; a number alone is a day of the month in which it ends."""
    number = whole(text.removesuffix("er"))
    if number is not None and 0 < number <= last.day:
        return last.replace(day=number)
    return _day(text, today)


def _day(text: str, today: date, *, last: bool = False, least: date | None = None) -> date | Unclear:
    """A day from today on, or from `least`. `last`: a month alone is its last day."""
    if text in _NEXT_WEEK:
        return today - timedelta(days=today.weekday()) + WEEK
    end = _END.fullmatch(text)
    words = [each.text for each in tokens(end[1] if end else text)]
    if end and words and words[-1] in _YEARS:
        return date(today.year, 12, 31)
    if end and words and words[-1] in ("maand", "mois", "month"):
        return _month_end(today.year, today.month)
    if (end or last) and words and words[0] in MONTHS and (len(words) == 1 or (len(words) == 2 and len(words[1]) == 4)):
        month = MONTHS[words[0]]
        year = whole(words[1]) if len(words) == 2 else today.year + (month < today.month)
        return _month_end(year, month) if year and 2000 <= year < 2100 else Unclear("not_a_date")
    found = read_day(text, today, ahead=True)
    if isinstance(found, Unclear):
        ahead = [each for each in found.options if isinstance(each, date) and each >= (least or today)]
        return ahead[0] if len(ahead) == 1 or (found.reason == "ambiguous_day" and ahead) else found
    return found


def read_month(text: str, today: date) -> date | None:
    """The first day of a month that is named, with or without its year: the last such month that has begun. None for anything else."""
    words = [each.text for each in tokens(_plain(text))]
    if not words or words[0] not in MONTHS or len(words) > 2:
        return None
    month = MONTHS[words[0]]
    year = whole(words[1]) if len(words) == 2 else today.year - (month > today.month)
    return date(year, month, 1) if year and 2000 <= year < 2100 else None


def month_after(month: date) -> date:
    """The first day of the month after one."""
    return _month_end(month.year, month.month) + DAY


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - DAY
