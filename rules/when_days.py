"""Reading one day at a place in a typed line: relative words, weekdays and weeks, and dates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rules import when_words as w
from rules.typed import NUMBERS, Tokens, Unclear, glued, is_number, number_at, phrase_at, word
from rules.when_dates import Context, Day, Found, calendar_day, month_day, numeric_at, one_of, shift, written_at
from rules.when_length import length_at


def day_at(ts: Tokens, i: int, context: Context) -> Found | None:
    """The day that starts at token `i` and the place after it; a part of the day may follow ("vrijdag 's avonds")."""
    i += word(ts, i) in ("op", "on", "den") and i + 1 < len(ts)
    for reader in _READERS:
        found = reader(ts, i, context)
        if found:
            day, j = found
            part = phrase_at(ts, j, w.PARTS)
            return (replace(day, part=part[0]), part[1]) if part and not day.part else found
    return None


def _relative(ts: Tokens, i: int, context: Context) -> Found | None:
    found = phrase_at(ts, i, w.RELATIVE)
    if not found:
        return None
    (offsets, part), j = found
    if not context.whole and word(ts, i) == "morgen" and word(ts, i - 1) in ("goede", "de", "elke"):
        return None
    days = [shift(context.today, n) for n in offsets]
    if not context.whole and word(ts, i) == "hier" and j == i + 1 and not _time_follows(ts, j):
        return Day(Unclear("ambiguous_day", tuple(days)), part), j  # "hier" is Dutch for "here"
    return Day(one_of(days), part), j


def _time_follows(ts: Tokens, j: int) -> bool:
    """Whether what follows looks like an hour or a part of the day."""
    j += word(ts, j) in (",", "-")
    while word(ts, j) in w.START_WORDS | w.SPAN_WORDS | {"s", "partir"}:
        j += 1
    hour = is_number(word(ts, j)) and (
        word(ts, j + 1) in w.LENGTH_UNITS | w.MINUTE_UNITS | {"am", "pm"}
        or (word(ts, j + 1) in (":", "-", ".", ",", "a", "tot") and (is_number(word(ts, j + 2)) or phrase_at(ts, j + 2, w.NOON)))
    )
    return bool(hour) or length_at(ts, j) is not None or phrase_at(ts, j, w.PARTS) is not None or phrase_at(ts, j, w.NOON) is not None


def _day_follows(ts: Tokens, j: int, context: Context) -> bool:
    """Whether another day is named beside this one: "ma en di", "lu au ve", "ma, di"."""
    if word(ts, j) in w.DAY_JOINS:
        return day_at(ts, j + 1, context) is not None
    j += word(ts, j) == ","
    named = w.WEEKDAYS.get(word(ts, j))
    return bool(named and named[1]) and day_at(ts, j, context) is not None


def _two_dates(ts: Tokens, i: int, context: Context) -> Found | None:
    """Two days of one month: 8 en 9 juni, le 8 et 9 juin, 8-9/6, 8 tot 10 juni. Which of them is asked."""
    i += word(ts, i) in ("de", "le", "den", "the") and is_number(word(ts, i + 1))
    first, join = word(ts, i), word(ts, i + 1)
    if not is_number(first) or len(first) > 2 or join not in w.DAY_JOINS - {"/"} or not is_number(word(ts, i + 2)):
        return None
    second = written_at(ts, i + 2, context) or numeric_at(ts, i + 2, context)
    if not second or not isinstance(second[0].value, date) or second[0].value.day != int(word(ts, i + 2)):
        return None
    one = calendar_day(int(first), second[0].value.month, second[0].value.year)
    return (Day(Unclear("two_days", (one, second[0].value))), second[1]) if isinstance(one, date) and one < second[0].value else None


def _ago(ts: Tokens, i: int, context: Context) -> Found | None:
    """Two days ago, il y a 3 jours, over 2 dagen. Asked: huit jours (perhaps a week), months (no fixed length)."""
    lead, j = 0, i
    ago = phrase_at(ts, i, w.AGO)
    if ago:
        lead, j = -1, ago[1]
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
        index = context.today.year * 12 + context.today.month - 1 + lead * count
        same = calendar_day(context.today.day, index % 12 + 1, index // 12)
        return Day(Unclear("ambiguous_day", (same,) if isinstance(same, date) else ())), j
    days = lead * count * w.DAY_UNITS[unit]
    idiom = {"jours": {8: 7, 15: 14}, "dagen": {8: 7}}.get(unit, {}).get(count)
    readings = [shift(context.today, days)] + ([shift(context.today, lead * idiom)] if idiom else [])
    return Day(one_of(readings)), j


def _week(ts: Tokens, i: int, context: Context) -> Found | None:
    """Vorige week (which day?), vorige week vrijdag, het weekend."""
    weekend = phrase_at(ts, i, w.WEEKENDS)
    if weekend:
        sunday = shift(context.today, -(context.today.isoweekday() % 7 or 7))
        saturday = shift(sunday, -1) if isinstance(sunday, date) else sunday
        return (Day(one_of([saturday, sunday])), weekend[1]) if context.whole or weekend[1] > i + 1 else None
    found = phrase_at(ts, i, w.WEEKS)
    if not found:
        return None
    offset, j = found
    monday = 7 * offset - context.today.weekday()
    named = w.WEEKDAYS.get(word(ts, j + (word(ts, j) in ("op", "le", "on"))))
    if named and (context.whole or not named[1]):
        j += 1 + (word(ts, j) in ("op", "le", "on"))
        return Day(one_of([shift(context.today, monday + named[0])]), named[2]), j
    return Day(Unclear("which_day", tuple(shift(context.today, monday + n) for n in range(7)))), j


def _weekday(ts: Tokens, i: int, context: Context) -> Found | None:
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
    named = w.WEEKDAYS.get(word(ts, at)) or w.REPEATED_DAYS.get(word(ts, at))
    if not named:
        return None
    n, short, part = named
    if word(ts, at - 1) in ("et", "ou", "au"):  # "lu et ma", "sam et di": French, where ma is mardi
        n = {"ma": 1, "di": 6}.get(word(ts, at), n)
    j = at + 1 + (short and word(ts, at + 1) == ".")
    week = phrase_at(ts, j, w.WEEKS)
    if week and not how:
        return Day(one_of([shift(context.today, 7 * week[0] - context.today.weekday() + n)]), part), week[1]
    after = word(ts, j)
    if not how and after in w.LAST_AFTER | w.NEXT_AFTER | {"last"}:
        how = "coming" if after in w.NEXT_AFTER else "past"
        j += 1 + (word(ts, j + 1) == "." and after in ("jl", "ll"))
    dated = None if how else _date_behind(ts, j, n, context)
    if dated:
        return replace(dated[0], part=part), dated[1]
    if short and not how and not context.whole and not _time_follows(ts, j) and not _day_follows(ts, j, context):
        return None  # "ma", "do", "zo", "sam" are words and names as well
    return Day(one_of(_weekday_readings(n, how, context)), part, None if how else n), j


_BEFORE: tuple[tuple[str, set[str]], ...] = (
    ("past", w.LAST_SURE), ("last", w.LAST_SOFT), ("coming", w.NEXT_SURE), ("next", w.NEXT_SOFT), ("this", w.THIS))


def _weekday_readings(n: int, how: str, context: Context) -> list[date | Unclear]:
    today, own = context.today, context.today.weekday()
    back, forth = (own - n) % 7 or 7, (n - own) % 7 or 7
    monday_to = n - own
    offsets = {
        "past": (-back,),
        "last": (-back, monday_to - 7),
        "coming": (forth,),
        "next": (forth, monday_to + 7),
        "this": (0,) if n == own else (-back, forth),
    }.get(how, (0, forth if context.ahead else -7) if n == own else (forth if context.ahead else -back,))
    return [shift(today, offset) for offset in offsets]


def _date_behind(ts: Tokens, j: int, weekday: int, context: Context) -> Found | None:
    """The date after a weekday ("maandag 8 juni", "ma 8/6", as a whole answer also "maandag 8")."""
    j += word(ts, j) == ","
    j += word(ts, j) in ("le", "de", "the", "den")
    found = written_at(ts, j, context) or numeric_at(ts, j, context)
    if found:
        value = found[0].value
        if isinstance(value, Unclear):
            fitting = [d for d in value.options if isinstance(d, date) and d.weekday() == weekday]
            return (Day(fitting[0]), found[1]) if len(fitting) == 1 and value.reason == "ambiguous_day" else found
        if value.weekday() != weekday:
            near = _weekday_readings(weekday, "", context)
            return Day(Unclear("day_mismatch", (value, *(d for d in near if isinstance(d, date))))), found[1]
        return found
    number, end = word(ts, j), j + 1
    if not is_number(number) or len(number) > 2:
        return None
    sure = context.whole or word(ts, end) in w.ORDINALS or is_number(word(ts, end))
    end += glued(ts, end) and word(ts, end) in w.ORDINALS
    after = word(ts, end)
    if (glued(ts, end) and (sure or after != ",")) or after in w.LENGTH_UNITS or (not sure and after in _NO_DATE):
        return None
    near = [d for d in month_day(int(number), context) if d.weekday() == weekday]
    if sure:
        return Day(near[0] if len(near) == 1 else Unclear("day_mismatch", month_day(int(number), context))), end
    named = one_of(_weekday_readings(weekday, "", context))
    if len(near) != 1 or near[0] == named:
        return None
    return Day(one_of([named, near[0]]) if after.isalpha() else near[0]), end  # "vrijdag 5 koken", "vendredi 5 à 14h"


_NO_DATE = (w.NOT_HOURS | w.MINUTE_UNITS | w.DAY_JOINS | {"am", "pm", "x"}) - {"a"}


_READERS: tuple[Callable[[Tokens, int, Context], Found | None], ...] = (
    _week, _ago, _relative, _weekday, _two_dates, written_at, numeric_at)

DAY_WORDS = sorted({*w.RELATIVE, *(d for d, (_, short, _p) in w.WEEKDAYS.items() if not short),
                    *(m for m in w.MONTHS if len(m) > 3), "vorige", "afgelopen", "dernier", "geleden"} - set(NUMBERS))
