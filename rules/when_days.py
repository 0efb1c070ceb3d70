"""Reading one day at a place in a typed line: relative words, weekdays, dates; which year or week is meant."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules import when_words as w
from rules.typed import NUMBERS, Tokens, Unclear, glued, is_number, number_at, phrase_at, word

NINE_MONTHS = 274  # days; a date without a year that lies further back is asked


@dataclass(frozen=True)
class Asked:
    """What a day is read against: today, whether the question looks ahead (/watals), whether the day is the whole
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


def settle(day: int, month: int, asked: Asked) -> date | Unclear:
    """A day and month without a year.

    Who registers looks back: it is the latest such day up to today, when that is at most 274 days (nine months) ago;
    who asks ahead looks forward: the first such day from today on, at most 274 days away. Anything else is asked,
    nearest reading first. A 29 February that neither year has is `no_such_day`.
    """
    today = asked.today
    year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    past, coming = calendar_day(day, month, year), calendar_day(day, month, year + 1)
    if past == today:
        return today
    wanted = coming if asked.ahead else past
    if isinstance(wanted, Unclear):
        other = past if asked.ahead else coming
        return Unclear("no_such_day", (other,) if isinstance(other, date) else wanted.options)
    if abs((today - wanted).days) <= NINE_MONTHS:
        return wanted
    both = sorted((d for d in (past, coming) if isinstance(d, date)), key=lambda d: abs((d - today).days))
    return Unclear("ambiguous_day", tuple(both))


def month_day(day: int, asked: Asked) -> tuple[date, ...]:
    """The last day with this number up to today and the first one after it, in that order."""
    readings: list[date] = []
    for months in range(-2, 3):
        index = asked.today.year * 12 + asked.today.month - 1 + months
        found = calendar_day(day, index % 12 + 1, index // 12)
        if isinstance(found, date):
            readings.append(found)
    past = [d for d in readings if d <= asked.today][-1:]
    return (*past, *[d for d in readings if d > asked.today][:1])


def day_at(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """The day that starts at token `i` and the place after it; a part of the day may follow ("vrijdag 's avonds")."""
    i += word(ts, i) in ("op", "on", "den") and i + 1 < len(ts)
    for reader in _READERS:
        found = reader(ts, i, asked)
        if found:
            day, j = found
            part = phrase_at(ts, j, w.PARTS)
            return (replace(day, part=part[0]), part[1]) if part and not day.part else found
    return None


def _relative(ts: Tokens, i: int, asked: Asked) -> Found | None:
    found = phrase_at(ts, i, w.RELATIVE)
    if not found:
        return None
    (offsets, part), j = found
    if not asked.whole and word(ts, i) == "morgen" and word(ts, i - 1) in ("goede", "de", "elke"):
        return None
    days = [shift(asked.today, n) for n in offsets]
    if not asked.whole and word(ts, i) == "hier" and j == i + 1 and not _time_follows(ts, j):
        return Day(Unclear("ambiguous_day", tuple(days)), part), j  # "hier" is Dutch for "here"
    return Day(one_of(days), part), j


def _time_follows(ts: Tokens, j: int) -> bool:
    """Whether what follows looks like an hour or a part of the day."""
    j += word(ts, j) in (",", "-")
    j += word(ts, j) in w.START_WORDS | w.SPAN_WORDS | {"s"}
    hour = is_number(word(ts, j)) and (
        word(ts, j + 1) in w.LENGTH_UNITS | w.MINUTE_UNITS | {"am", "pm"}
        or (word(ts, j + 1) in (":", "-", ".", ",", "a", "tot") and is_number(word(ts, j + 2)))
    )
    return hour or phrase_at(ts, j, w.PARTS) is not None or phrase_at(ts, j, w.NOON) is not None


def _ago(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """Two days ago, il y a 3 jours, over 2 dagen. Asked: huit jours (perhaps a week), months (no fixed length)."""
    lead, j = 0, i
    if [word(ts, i + n) for n in range(3)] == ["il", "y", "a"]:
        lead, j = -1, i + 3
    elif word(ts, i) in ("over", "binnen", "dans", "in"):
        lead, j = 1, i + 1
    number = (1, j + 1) if word(ts, j) in ("a", "an") else number_at(ts, j)
    if not number:
        return None
    (count, j), unit = number, word(ts, number[1])
    j += 1
    if unit not in w.DAY_UNITS and unit not in w.MONTH_UNITS:
        return None
    if not lead:
        if word(ts, j) not in ("geleden", "ago", "terug"):
            return None
        lead, j = -1, j + 1
    if unit in w.MONTH_UNITS:
        index = asked.today.year * 12 + asked.today.month - 1 + lead * count
        same = calendar_day(asked.today.day, index % 12 + 1, index // 12)
        return Day(Unclear("ambiguous_day", (same,) if isinstance(same, date) else ())), j
    days = lead * count * w.DAY_UNITS[unit]
    idiom = {"jours": {8: 7, 15: 14}, "dagen": {8: 7}}.get(unit, {}).get(count)
    readings = [shift(asked.today, days)] + ([shift(asked.today, lead * idiom)] if idiom else [])
    return Day(one_of(readings)), j


def _week(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """Vorige week (which day?), vorige week vrijdag, het weekend."""
    weekend = phrase_at(ts, i, w.WEEKENDS)
    if weekend:
        sunday = shift(asked.today, -(asked.today.isoweekday() % 7 or 7))
        saturday = shift(sunday, -1) if isinstance(sunday, date) else sunday
        return (Day(one_of([saturday, sunday])), weekend[1]) if asked.whole or weekend[1] > i + 1 else None
    found = phrase_at(ts, i, w.WEEKS)
    if not found:
        return None
    offset, j = found
    monday = 7 * offset - asked.today.weekday()
    named = w.WEEKDAYS.get(word(ts, j + (word(ts, j) in ("op", "le", "on"))))
    if named and (asked.whole or not named[1]):
        j += 1 + (word(ts, j) in ("op", "le", "on"))
        return Day(one_of([shift(asked.today, monday + named[0])]), named[2]), j
    return Day(Unclear("which_day", tuple(shift(asked.today, monday + n) for n in range(7)))), j


def _weekday(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """A weekday by name.

    Bare: the latest one up to yesterday (asked ahead: the first one from tomorrow); today's own name is asked (today,
    or a week ago; ahead: or a week on). Afgelopen, dernier, past: the latest one. Vorige, last: the same, but asked
    when this week already had that day. Deze: asked. Komende, prochain: the first one to come; volgende, next: asked
    when this week still has that day. With a date behind it the two must agree, else `day_mismatch`.
    """
    before = word(ts, i)
    if before in ("de", "le", "the") and word(ts, i + 1):
        i, before = i + 1, word(ts, i + 1)
    how = next((k for k, words in _BEFORE if before in words), "")
    at = i + bool(how)
    if at == i + 1 and word(ts, at) in w.NEXT_SURE:  # "deze komende vrijdag"
        how, at = "coming", at + 1
    named = w.WEEKDAYS.get(word(ts, at))
    if not named:
        return None
    n, short, part = named
    j = at + 1 + (short and word(ts, at + 1) == ".")
    after = word(ts, j)
    if not how and after in w.LAST_AFTER | w.NEXT_AFTER | {"last"}:
        how = "coming" if after in w.NEXT_AFTER else "past"
        j += 1 + (word(ts, j + 1) == "." and after in ("jl", "ll"))
    week = phrase_at(ts, j, w.WEEKS)
    if week and not how:
        return Day(one_of([shift(asked.today, 7 * week[0] - asked.today.weekday() + n)]), part), week[1]
    dated = None if how else _date_behind(ts, j, n, asked)
    if dated:
        return replace(dated[0], part=part), dated[1]
    if short and not how and not asked.whole and not _time_follows(ts, j):
        return None  # "ma", "do", "zo", "sam" are words and names as well
    return Day(one_of(_weekday_readings(n, how, asked)), part, None if how else n), j


_BEFORE: tuple[tuple[str, set[str]], ...] = (
    ("past", w.LAST_SURE), ("last", w.LAST_SOFT), ("coming", w.NEXT_SURE), ("next", w.NEXT_SOFT), ("this", w.THIS))


def _weekday_readings(n: int, how: str, asked: Asked) -> list[date | Unclear]:
    today, own = asked.today, asked.today.weekday()
    back, forth = (own - n) % 7 or 7, (n - own) % 7 or 7
    monday_to = n - own
    offsets = {
        "past": (-back,),
        "last": (-back, monday_to - 7),
        "coming": (forth,),
        "next": (forth, monday_to + 7),
        "this": (0,) if n == own else (-back, forth),
    }.get(how, (0, forth if asked.ahead else -7) if n == own else (forth if asked.ahead else -back,))
    return [shift(today, offset) for offset in offsets]


def _date_behind(ts: Tokens, j: int, weekday: int, asked: Asked) -> Found | None:
    """The date after a weekday ("maandag 8 juni", "ma 8/6", as a whole answer also "maandag 8")."""
    j += word(ts, j) == ","
    j += word(ts, j) in ("le", "de", "the", "den")
    found = _written(ts, j, asked) or _numeric(ts, j, asked)
    if found:
        value = found[0].value
        if isinstance(value, Unclear):
            fitting = [d for d in value.options if isinstance(d, date) and d.weekday() == weekday]
            return (Day(fitting[0]), found[1]) if len(fitting) == 1 and value.reason == "ambiguous_day" else found
        if value.weekday() != weekday:
            near = _weekday_readings(weekday, "", asked)
            return Day(Unclear("day_mismatch", (value, *(d for d in near if isinstance(d, date))))), found[1]
        return found
    number, end = word(ts, j), j + 1
    if not is_number(number) or len(number) > 2 or not (asked.whole or word(ts, end) in w.ORDINALS):
        return None
    end += glued(ts, end) and word(ts, end) in w.ORDINALS
    if end < len(ts) and (ts[end].glued or word(ts, end) in w.LENGTH_UNITS):
        return None
    near = [d for d in month_day(int(number), asked) if d.weekday() == weekday]
    return Day(near[0] if len(near) == 1 else Unclear("day_mismatch", month_day(int(number), asked))), end


def _written(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """8 juni, le 1er juin 2026, June 8th, de eerste juli; as a whole answer or as an ordinal also "8" or "de 8ste"."""
    if word(ts, i) in w.MONTH_FIRST and is_number(word(ts, i + 1)):
        j = i + 2 + (word(ts, i + 2) in w.ORDINALS and glued(ts, i + 2))
        sure = asked.whole or j > i + 2 or not word(ts, j).isalpha()
        return _with_year(ts, j, int(word(ts, i + 1)[:4]), w.MONTHS[word(ts, i)], asked) if sure else None
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
        return _with_year(ts, j, n, w.MONTHS[word(ts, month)], asked)
    alone = asked.whole and j == len(ts) and is_number(word(ts, i)) and len(word(ts, i)) <= 2
    counted = not asked.whole and word(ts, j).isalpha()  # "de 3de sessie"
    if not alone and (counted or not (ordinal and lead and is_number(word(ts, i)))):
        return None
    readings = month_day(n, asked)
    if not readings:
        return Day(Unclear("no_such_day")), j
    this_month = readings[0].month == asked.today.month and readings[0] <= asked.today
    sure = (lead or ordinal) and this_month and not asked.ahead
    return Day(readings[0] if sure else Unclear("ambiguous_day", readings)), j


def _with_year(ts: Tokens, j: int, day: int, month: int, asked: Asked) -> Found:
    at = j + (word(ts, j) == "," and len(word(ts, j + 1)) == 4)
    year = word(ts, at)
    four = is_number(year) and len(year) == 4 and year[:2] in ("19", "20", "21")
    two = asked.whole and is_number(year) and len(year) == 2 and at + 1 == len(ts)
    if four or two:
        return Day(calendar_day(day, month, int(year) + (0 if four else 2000))), at + 1
    return Day(settle(day, month, asked)), j


def _numeric(ts: Tokens, i: int, asked: Asked) -> Found | None:
    """8/6, 8-6-2026, 8.6.26, 2026-06-08. Within a line two numbers are a date only with a slash: 9-11 may be hours."""
    i += word(ts, i) in ("le", "de", "the") and is_number(word(ts, i + 1))
    first, sep, second = word(ts, i), word(ts, i + 1), word(ts, i + 2)
    if not is_number(first):
        return None
    if asked.whole and len(ts) == i + 1 and len(first) == 8:
        return Day(one_of([calendar_day(int(first[6:]), int(first[4:6]), int(first[:4])),
                           calendar_day(int(first[:2]), int(first[2:4]), int(first[4:]))])), i + 1
    if sep not in ("/", "-", ".") or not is_number(second) or len(second) > 2:
        return None
    close = glued(ts, i + 1) and glued(ts, i + 2)
    third = word(ts, i + 4) if word(ts, i + 3) == sep else ""
    three = is_number(third) and len(third) in ((1, 2) if len(first) == 4 else (2, 4))
    close = close and (not three or (glued(ts, i + 3) and glued(ts, i + 4)))
    if not close and not asked.whole:
        return None
    if three:
        if len(first) == 4:
            return Day(calendar_day(int(third), int(second), int(first))), i + 5
        year = int(third) + (2000 if len(third) == 2 else 0)
        return (Day(calendar_day(int(first), int(second), year)), i + 5) if len(first) <= 2 else None
    if len(first) > 2 or third or not (asked.whole or sep == "/"):
        return None
    after = word(ts, i + 3)
    if after in w.LENGTH_UNITS | w.MINUTE_UNITS or (not asked.whole and glued(ts, i + 3) and after in (":", "/", "-")):
        return None
    return Day(settle(int(first), int(second), asked)), i + 3


_READERS: tuple[Callable[[Tokens, int, Asked], Found | None], ...] = (
    _week, _ago, _relative, _weekday, _written, _numeric)

DAY_WORDS = sorted({*w.RELATIVE, *(d for d, (_, short, _p) in w.WEEKDAYS.items() if not short),
                    *(m for m in w.MONTHS if len(m) > 3), "vorige", "afgelopen", "dernier", "geleden"} - set(NUMBERS))
