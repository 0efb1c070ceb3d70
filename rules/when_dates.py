"""Reading a date at a place in a typed line, in figures or with the month's name, and settling its year."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules import when_words as w
from rules.typed import Tokens, Unclear, glued, is_number, number_at, word

NINE_MONTHS = 274  # days; a date without a year that lies further back is asked


@dataclass(frozen=True)
class Context:
    """What a day is read in: today, whether the question looks ahead (/watals), whether the day is the whole
    answer (then "ma" or "8" may be a day) or one part of a line."""

    today: date
    ahead: bool = False
    whole: bool = True


@dataclass(frozen=True)
class Day:
    """A day as typed, the part of the day named with it, and the weekday when only its name was typed."""

    value: date | Unclear
    part: str | None = None
    weekday: int | None = None


Found = tuple[Day, int]


def shift(day: date, days: int) -> date | Unclear:
    """The day so many days further, `no_such_day` outside the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return Unclear("no_such_day")


def one_of(days: list[date | Unclear], reason: str = "ambiguous_day") -> date | Unclear:
    """The only day among the readings, or a question with all of them."""
    real = sorted({d for d in days if isinstance(d, date)})
    return real[0] if len(real) == 1 else Unclear(reason if real else "no_such_day", tuple(real))


def calendar_day(day: int, month: int, year: int) -> date | Unclear:
    """The date, `no_such_day` when the calendar has none; month and day swapped is then offered, never taken."""
    if not 1900 <= year <= 2199:
        return Unclear("no_such_day")
    try:
        return date(year, month, day)
    except ValueError:
        swapped = month <= 31 and 1 <= day <= 12 < month
        return Unclear("no_such_day", (date(year, day, month),) if swapped and month <= 28 else ())


def settle(day: int, month: int, context: Context) -> date | Unclear:
    """A day and month without a year.

    Who registers looks back: it is the latest such day up to today, when that is at most 274 days (nine months) ago;
    who asks ahead looks forward: the first such day from today on, at most 274 days away. Anything else is asked,
    nearest reading first. A 29 February that neither year has is `no_such_day`.
    """
    today = context.today
    year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    past, coming = calendar_day(day, month, year), calendar_day(day, month, year + 1)
    if past == today:
        return today
    wanted = coming if context.ahead else past
    if isinstance(wanted, Unclear):
        other = past if context.ahead else coming
        return Unclear("no_such_day", (other,) if isinstance(other, date) else wanted.options)
    if abs((today - wanted).days) <= NINE_MONTHS:
        return wanted
    both = sorted((d for d in (past, coming) if isinstance(d, date)), key=lambda d: abs((d - today).days))
    return Unclear("ambiguous_day", tuple(both))


def month_day(day: int, context: Context) -> tuple[date, ...]:
    """The last day with this number up to today and the first one after it, in that order."""
    readings: list[date] = []
    for months in range(-2, 3):
        index = context.today.year * 12 + context.today.month - 1 + months
        found = calendar_day(day, index % 12 + 1, index // 12)
        if isinstance(found, date):
            readings.append(found)
    past = [d for d in readings if d <= context.today][-1:]
    return (*past, *[d for d in readings if d > context.today][:1])


def written_at(ts: Tokens, i: int, context: Context) -> Found | None:
    """8 juni, le 1er juin 2026, June 8th, de eerste juli; as a whole answer or as an ordinal also "8" or "de 8ste"."""
    if word(ts, i) in w.MONTH_FIRST and is_number(word(ts, i + 1)):
        j = i + 2 + (word(ts, i + 2) in w.ORDINALS and glued(ts, i + 2))
        sure = context.whole or j > i + 2 or not word(ts, j).isalpha()
        return _with_year(ts, j, int(word(ts, i + 1)[:4]), w.MONTHS[word(ts, i)], context) if sure else None
    lead = word(ts, i) in ("le", "de", "the", "den")
    i += lead
    number = (1, i + 1) if word(ts, i) in w.FIRST else number_at(ts, i)
    if not number or number[0] > 99:
        return None
    n, j = number
    ordinal = word(ts, j) in w.ORDINALS and (glued(ts, j) or word(ts, j) != "de")
    j += ordinal
    month = j + (word(ts, j) in ("of", "van", "de"))
    if word(ts, month) in w.MONTHS:
        j = month + 1 + (word(ts, month + 1) == "." and len(word(ts, month)) < 6)
        return _with_year(ts, j, n, w.MONTHS[word(ts, month)], context)
    figures = is_number(word(ts, i)) and len(word(ts, i)) <= 2
    alone = figures and (j == len(ts) if context.whole else not ordinal and _le(ts, i, j, lead))
    counted = not context.whole and word(ts, j).isalpha()  # "de 3de sessie"
    if not alone and (counted or not (ordinal and lead and figures)):
        return None
    readings = month_day(n, context)
    if not readings:
        return Day(Unclear("no_such_day")), j
    this_month = readings[0].month == context.today.month and readings[0] <= context.today
    sure = (lead or ordinal) and this_month and not context.ahead
    return Day(readings[0] if sure else Unclear("ambiguous_day", readings)), j


def _le(ts: Tokens, i: int, j: int, lead: bool) -> bool:
    """Whether a number after "le" is a day of the month, as in "le 8 à 14h": no hour and no count has that article."""
    runs_on = glued(ts, j) and (word(ts, j).isalnum() or glued(ts, j + 1))
    return lead and word(ts, i - 1) == "le" and not runs_on and word(ts, j) not in w.NOT_HOURS | w.LENGTH_UNITS | w.MINUTE_UNITS


def _with_year(ts: Tokens, j: int, day: int, month: int, context: Context) -> Found:
    at = j + (word(ts, j) == "," and len(word(ts, j + 1)) == 4)
    year = word(ts, at)
    four = is_number(year) and len(year) == 4 and year[:2] in ("19", "20", "21")
    two = context.whole and is_number(year) and len(year) == 2 and at + 1 == len(ts)
    if four or two:
        return Day(calendar_day(day, month, int(year) + (0 if four else 2000))), at + 1
    return Day(settle(day, month, context)), j


def numeric_at(ts: Tokens, i: int, context: Context) -> Found | None:
    """8/6, 8-6-2026, 8.6.26, 2026-06-08. Within a line two numbers are a date only with a slash: 9-11 may be hours."""
    i += word(ts, i) in ("le", "de", "the") and is_number(word(ts, i + 1))
    first, sep, second = word(ts, i), word(ts, i + 1), word(ts, i + 2)
    if not is_number(first):
        return None
    if context.whole and len(ts) == i + 1 and len(first) == 8:
        return Day(one_of([calendar_day(int(first[6:]), int(first[4:6]), int(first[:4])),
                           calendar_day(int(first[:2]), int(first[2:4]), int(first[4:]))])), i + 1
    if sep not in ("/", "-", ".") or not is_number(second) or len(second) > 2:
        return None
    close = glued(ts, i + 1) and glued(ts, i + 2)
    third = word(ts, i + 4) if word(ts, i + 3) == sep else ""
    three = is_number(third) and len(third) in ((1, 2) if len(first) == 4 else (2, 4))
    close = close and (not three or (glued(ts, i + 3) and glued(ts, i + 4)))
    if not close and not context.whole:
        return None
    if three:
        if len(first) == 4:
            return Day(calendar_day(int(third), int(second), int(first))), i + 5
        year = int(third) + (2000 if len(third) == 2 else 0)
        return (Day(calendar_day(int(first), int(second), year)), i + 5) if len(first) <= 2 else None
    if len(first) > 2 or third or not (context.whole or sep == "/"):
        return None
    after = word(ts, i + 3)
    if after in w.LENGTH_UNITS | w.MINUTE_UNITS or (not context.whole and glued(ts, i + 3) and after in (":", "/", "-")):
        return None
    return Day(settle(int(first), int(second), context)), i + 3
