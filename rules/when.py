"""The days, clock times, spans and lengths that people type in Dutch, French and English, mixed as they come.

Every reader answers with a value or with an `Unclear` to ask back; none guesses, raises, or reads a clock.
"""

from datetime import date, time

from rules import when_words as w
from rules.typed import Token, Unclear, glued, is_number, one_slip, phrase_at, read, word
from rules.when_clock import Span, both_halves, clock_at, nearly, readings, span_at, span_minutes
from rules.when_dates import Context
from rules.when_days import DAY_WORDS, day_at
from rules.when_decide import When
from rules.when_length import bare_length, length_at
from rules.when_scan import scan

__all__ = ["Span", "Unclear", "When", "read_clock", "read_day", "read_minutes", "read_span", "read_when",
           "span_minutes"]

_NOT_LONG_AGO = 92  # days; whoever mistakes the weekday of a date writes of the last months
_BETWEEN = {",", ";", ".", "-", ":", "|", "(", ")", "en", "et", "and", "op", "le", "om", "de", "the", "on", "van", "du"}


def read_day(text: str, today: date, ahead: bool = False) -> date | Unclear:
    """The day that a whole answer names: gisteren, vorige vrijdag, maandag 8 juni, 8/6, le 8 juin, 3 days ago, demain.

    Day before month, always. Without a year: the latest such day up to today if it is at most nine months (274 days)
    back, else asked; with `ahead` (what-if questions look forward) the first one from today on, likewise. A weekday is
    the latest one up to yesterday, today's own name is asked. Days that do not exist are `no_such_day`, text that is no
    day `not_a_date`, with the day as option when one letter is wrong or something stands behind it.
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    context = Context(today, ahead)
    found = day_at(ts, 0, context)
    if found and found[1] == len(ts):
        return found[0].value
    meant = found[0].value if found else _corrected(ts, context)
    return Unclear("not_a_date", (meant,) if isinstance(meant, date) else ())


def _corrected(ts: list[Token], context: Context) -> date | None:
    """The day that is meant when one word has one wrong letter; at most eight words are looked at."""
    if len(ts) > 8:
        return None
    for n, token in enumerate(ts):
        near = [known for known in DAY_WORDS if len(token.text) >= 4 and one_slip(token.text, known)]
        if len(near) > 1:
            near = [known for known in near if known[0] == token.text[0]]
        for known in near[:3]:
            fixed = [*ts[:n], Token(known, token.start, token.end, token.glued), *ts[n + 1 :]]
            found = day_at(fixed, 0, context)
            if found and found[1] == len(fixed) and isinstance(found[0].value, date):
                return found[0].value
    return None


def read_clock(text: str) -> time | Unclear:
    """The clock time that a whole answer names: 14u30, 14:30, 14h30, 14.30, 2pm, midi, 9, "half drie 's namiddags".

    Figures are on the 24-hour clock; 1 to 6 without a zero in front (2u, 2:30) and words from one to eleven (half acht)
    are asked, `am_or_pm`, unless the part of the day stands with them. 24u is midnight, 00:00.
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    lead = phrase_at(ts, 0, w.PARTS)
    part, i = lead if lead else (None, 0)
    while word(ts, i) in w.START_WORDS | w.ABOUT | {"start", "begin", "de"}:
        i += 1
    found = clock_at(ts, i, bare=True)
    if not found or found[1] != len(ts):
        noon = " ".join(t.text for t in ts) in ("middag", "de middag", "s middags", "smiddags")
        return Unclear("not_a_time", (time(12),) if noon else ())
    clock = found[0]
    if isinstance(clock, Unclear):
        return clock
    times = readings(clock, part)
    return times[0] if len(times) == 1 else Unclear("am_or_pm", times or both_halves(clock))


def read_span(text: str) -> Span | Unclear:
    """The span that a whole answer names: 14u-16u30, van 9 tot 11, de 9h à 11h, tussen 14 en 16u, 2-4pm, 9-11.

    An end before the start is the next day ("23u-1u"); more than 12 hours that way is asked, `end_before_start`. Where
    the halves of the day are open, readings longer than 12 hours (DRV-20) fall out and two that remain are asked.
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    found = span_at(ts, 0, bare=True)
    if not found or found[1] != len(ts):
        return Unclear("not_a_span")
    return found[0]


def read_minutes(text: str) -> int | Unclear:
    """The length in minutes that a whole answer names: 1u30, 1,5, 90 min, anderhalf uur, une heure et demie, 1:30.

    Without a unit, decimals are hours (1,5 is 90) but two decimals below 60 are asked (1.30: 90 or 78), except ,25 and
    ,50; a whole number is always asked, `minutes_or_hours`: the minutes, and up to 24 also the hours. At least one
    minute and at most a day.
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    i = 0
    while word(ts, i) in w.LENGTH_WORDS | {":"}:
        i += 1
    i = nearly(ts, i)
    length = length_at(ts, i)
    found = (length[0].minutes, length[1]) if length else bare_length(ts, i)
    if length is None and word(ts, i + 1) == "m" and is_number(word(ts, i)) and not glued(ts, i + 1):
        found = (int(word(ts, i)[:4]), i + 2)
    j = found[1] if found else 0
    j += word(ts, j) in ("lang", "long", "de") and not word(ts, j + 2)
    j += word(ts, j) == "long" and word(ts, j - 1) == "de"
    if not found or j != len(ts):
        return Unclear("not_a_length")
    return found[0]


def _hardly_a_date(day: Unclear, today: date) -> bool:
    """Whether two numbers are no date ("14-16") or one long ago with another weekday ("vrijdag 9-11"): they may be hours."""
    first = next((each for each in day.options if isinstance(each, date)), today)
    return day.reason == "no_such_day" or (day.reason == "day_mismatch" and abs((today - first).days) > _NOT_LONG_AGO)


def read_when(text: str, today: date, ahead: bool = False) -> When:
    """Everything about time in a text typed where a date is asked: "gisteren 14u-16u30", "hier 14h", "8/6 9-11".

    A text that is a day as a whole is only that. `minutes` is filled when a length was typed, not from start and end.
    Words that say nothing about time are reported as `not_understood`, so that nothing is dropped in silence.
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return When(unclear=(ts,))
    whole = day_at(ts, 0, Context(today, ahead))
    if whole and whole[1] == len(ts):
        value = whole[0].value
        if isinstance(value, date):
            return When(day=value)
        other, used = scan([ts], Context(today, ahead, whole=False))
        hours = _hardly_a_date(value, today) and len(used) == len(ts) and not other.unclear
        return other if hours else When(unclear=(value,))
    when, used = scan([ts], Context(today, ahead, whole=False))
    if not used:
        day = read_day(text, today, ahead)
        return When(unclear=(day if isinstance(day, Unclear) else Unclear("not_a_date"),))
    left = tuple(t.text for t in ts if t.start not in used and t.text not in _BETWEEN)
    return When(when.day, when.start, when.end, when.minutes,
                when.unclear + ((Unclear("not_understood", left),) if left else ()))
