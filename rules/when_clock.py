"""Reading a clock time, and a span of two clock times, at a place in a typed line."""

from dataclasses import dataclass, replace
from datetime import time

from rules import when_words as w
from rules.typed import NUMBERS, Tokens, Unclear, glued, is_number, number_at, phrase_at, word

DAY_MINUTES = 1440
LONGEST_MOMENT = 720  # minutes (DRV-20): splits "van 9 tot 2" into 09:00-14:00 and not 09:00-02:00


@dataclass(frozen=True)
class Span:
    """Two clock times; an end before the start is on the next day ("23u-1u")."""

    start: time
    end: time


@dataclass(frozen=True)
class Clock:
    """An hour as typed: `exact` hours are on the 24-hour clock (14u, 02:00, 2pm), `spoken` ones in words (half drie),
    `marked` ones could not be a bare number; `part` is the part of the day that was named with it."""

    hour: int
    minute: int = 0
    exact: bool = False
    spoken: bool = False
    marked: bool = True
    part: str | None = None


Found = tuple[Clock | Unclear, int]

_FIRST_WORDS = frozenset(NUMBERS) | frozenset(w.NOON) | frozenset(w.HALF_HOURS) | {"half", "kwart", "quarter", "een", "a"}


def readings(clock: Clock, part: str | None = None, either: bool = False) -> tuple[time, ...]:
    """The times of day that a typed hour can be, none when it contradicts the part of the day.

    Hours in figures are on the 24-hour clock, except 1 to 6 without a zero in front, which may be in the afternoon;
    hours in words from one to eleven may be either. `either` allows both for every hour up to twelve.
    """
    hour, part = clock.hour % 24, clock.part or part
    both = (hour, (hour + 12) % 24)
    if part and not clock.exact:
        hours = w.PART_HOURS[part]
        fit = [h for h in both if h in hours and not (part == w.MORNING and hour == 12)]
    elif clock.exact:
        fit = [hour]
    elif (either and hour <= 12) or (1 <= hour <= (11 if clock.spoken else 6)):
        fit = sorted(both)
    else:
        fit = [hour]
    return tuple(time(h, clock.minute) for h in fit)


def clock_at(ts: Tokens, i: int, bare: bool = False, starts: bool = False) -> Found | None:
    """The clock time that starts at token `i`, and the place after it; `bare` takes a number alone (9, negen) too.

    With `starts` it opens a span, so that "ten to twelve" is ten. Its own part of the day ("'s namiddags", "du soir")
    belongs to it.
    """
    if not is_number(word(ts, i)) and word(ts, i) not in _FIRST_WORDS:
        return None
    found = _named(ts, i) or _spoken(ts, i, starts) or _figures(ts, i, bare)
    if not found:
        return None
    clock, j = found
    part = phrase_at(ts, j, w.PARTS)
    if isinstance(clock, Unclear) or not part:
        return found
    return replace(clock, marked=True, part=part[0]), part[1]


def both_halves(clock: Clock) -> tuple[time, ...]:
    """The typed hour in either half of the day, to offer when it contradicts the part of the day beside it."""
    return readings(replace(clock, part=None), either=True)


def _checked(hour: int, minute: int, exact: bool, spoken: bool = False, marked: bool = True) -> Clock | Unclear:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return Unclear("no_such_time")
    return Clock(hour, minute, exact, spoken, marked)


def _named(ts: Tokens, i: int) -> Found | None:
    """Midi, middernacht, midi et demi, midi moins le quart."""
    found = phrase_at(ts, i, w.NOON)
    if not found:
        return None
    hour, j = found
    tail = phrase_at(ts, j, w.TAILS)
    minutes = (hour * 60 + (tail[0] if tail else 0)) % DAY_MINUTES
    return Clock(minutes // 60, minutes % 60, exact=True), tail[1] if tail else j


def _hour(ts: Tokens, i: int, least: int = 1, most: int = 12) -> tuple[int, int] | None:
    """An hour in figures or words with "uur" or "o'clock" behind it or not, and the place after it."""
    found = number_at(ts, i)
    if not found or not least <= found[0] <= most:
        return None
    hour, j = found
    if word(ts, j) == "o" and word(ts, j + 1) == "clock":
        return hour, j + 2
    return hour, j + (word(ts, j) in ("uur", "ure", "u", "heures", "heure", "h"))


def _spoken(ts: Tokens, i: int, starts: bool) -> Found | None:
    """Half drie, kwart voor 3, tien over half drie, half past two, ten to three, veertien uur, deux heures et demie."""
    if word(ts, i) in w.HALF_HOURS:
        return Clock(w.HALF_HOURS[word(ts, i)] - 1 or 12, 30, spoken=True), i + 1
    lead = i + (word(ts, i) in ("een", "a") and word(ts, i + 1) in ("kwart", "quarter"))
    if word(ts, lead) == "half":
        past = word(ts, lead + 1) == "past"
        hour = _hour(ts, lead + 1 + past)
        if not hour:
            return None
        if not past and word(ts, lead + 1) in _ENGLISH_HOURS:  # "half three" is 3:30 to some and 2:30 to others
            return Unclear("am_or_pm", tuple(time((hour[0] - n) % 12 + 12, 30) for n in (1, 0))), hour[1]
        return Clock(hour[0] if past else (hour[0] - 1) or 12, 30, spoken=True), hour[1]
    quarter = word(ts, lead) in ("kwart", "quarter")
    count = (15, lead + 1) if quarter else number_at(ts, i)
    if not count:
        return None
    minutes, j = count
    j += word(ts, j) in ("minuten", "minutes", "min")
    way = {"voor": -1, "to": 0 if starts and not quarter else -1, "over": 1, "na": 1, "past": 1}.get(word(ts, j), 0)
    half = word(ts, j + 1) == "half"
    hour = _hour(ts, j + 1 + half) if way and 1 <= minutes <= 29 else None
    if hour and (quarter or half or not (is_number(word(ts, i)) and is_number(word(ts, j + 1)) and way == 1)):
        total = (hour[0] * 60 - (30 if half else 0) + way * minutes) % 720
        return Clock(total // 60 or 12, total % 60, spoken=True), hour[1]
    return None if is_number(word(ts, i)) else _spelled(ts, i)


_ENGLISH_HOURS = {"one", "two", "three", "four", "five", "seven", "eight", "nine", "ten", "eleven", "twelve"}


def _spelled(ts: Tokens, i: int) -> Found | None:
    """An hour in words with its unit: twee uur, quatorze heures trente, trois heures moins vingt, two o'clock."""
    hour = _hour(ts, i, 0, 24)
    count = number_at(ts, i)
    if not hour or not count:
        return None
    h, j = hour
    if j == count[1]:
        minute = number_at(ts, j)
        if word(ts, i) in _ENGLISH_HOURS and minute and 10 <= minute[0] <= 59 and not is_number(word(ts, j)):
            return Clock(h, minute[0], spoken=True), minute[1]
        return None
    return _with_minutes(ts, h, j, exact=h == 0 or h > 12, spoken=True)


def _with_minutes(ts: Tokens, hour: int, j: int, exact: bool, spoken: bool) -> Found:
    """What follows an hour and its unit: nothing, "30", "et demie", "moins vingt"."""
    minute, end = 0, j
    tail, number = phrase_at(ts, j, w.TAILS), number_at(ts, j)
    less = number_at(ts, j + 1) if word(ts, j) == "moins" else None
    if tail:
        minute, end = tail
    elif less:
        minute, end = -less[0], less[1]
    elif number and glued(ts, j):
        if len(word(ts, j)) != 2:
            return Unclear("no_such_time"), number[1]
        minute, end = number
    elif number and 1 <= number[0] <= 59 and (len(word(ts, j)) == 2 or not is_number(word(ts, j))) and (
        not word(ts, number[1]).isalpha() or word(ts, number[1]) in _AFTER_MINUTES or _spaced(ts, j)
    ) and not glued(ts, number[1]):
        minute, end = number
    total = hour * 60 + minute
    if minute < 0:
        hour, minute = total // 60 % 24, total % 60
    end += glued(ts, end) and word(ts, end) in ("u", "h", "m", "min", "'")
    return _checked(hour, minute, exact=exact, spoken=spoken), end


def _spaced(ts: Tokens, j: int) -> bool:
    """Whether the number at `j` is minutes though a word follows: the unit stands apart from the hour as well ("16 h 30 cuisine")."""
    return is_number(word(ts, j)) and not glued(ts, j - 1) and word(ts, j + 1) not in w.NOT_HOURS


_AFTER_MINUTES = {"tot", "a", "to", "until", "till", "et", "en", "and", "jusqu", "du", "de", "le", "s", "in"}


def _figures(ts: Tokens, i: int, bare: bool) -> Found | None:
    """14u30, 14:30, 14.30, 2pm, 1430, with `bare` also 9."""
    text, unit = word(ts, i), word(ts, i + 1)
    if not is_number(text):
        number = number_at(ts, i) if bare else None
        return (Clock(number[0], spoken=True, marked=False), number[1]) if number and number[0] <= 24 else None
    if len(text) == 4 and (unit in ("u", "h", "uur") or (bare and not glued(ts, i + 1))):
        marked = unit in ("u", "h", "uur")
        return _checked(int(text[:2]), int(text[2:]), exact=True, marked=marked), i + 1 + marked
    if len(text) > 2:
        looks = len(text) == 3 and bare and int(text[1:]) < 60
        return (Unclear("no_such_time", (time(int(text[0]), int(text[1:])),) if looks else ()), i + 1) if bare else None
    hour, j = int(text), i + 1
    exact = text[0] == "0" or hour >= 13
    if unit in (":", ".") and glued(ts, j) and glued(ts, j + 1) and is_number(word(ts, j + 1)):
        minutes, j = word(ts, j + 1), j + 2
        if word(ts, j) == ":" and word(ts, j + 1) == "00":
            j += 2
        elif word(ts, j) in (":", "/", unit) and glued(ts, j) and glued(ts, j + 1):
            return None  # a date, or more than a clock shows
        if len(minutes) != 2:
            return (Unclear("no_such_time"), j) if unit == ":" else None
        half_day = word(ts, j) in ("am", "pm")
        if half_day:
            return _half_day(hour, int(minutes), word(ts, j)), j + 1
        return _checked(hour, int(minutes), exact=exact), j + (word(ts, j) in w.HOUR_UNITS)
    if unit in ("am", "pm"):
        return _half_day(hour, 0, unit), j + 1
    if unit == "o" and word(ts, j + 1) == "clock":
        return _checked(hour, 0, exact=exact), j + 2
    if unit in w.HOUR_UNITS:
        return _with_minutes(ts, hour, j + 1, exact, spoken=False)
    part = phrase_at(ts, j, w.PARTS)
    if (part or bare) and not (glued(ts, j) and unit.isalpha()):
        return _checked(hour, 0, exact=exact, marked=False), j
    return None


def _half_day(hour: int, minute: int, half: str) -> Clock | Unclear:
    if not 1 <= hour <= 12:
        return Unclear("no_such_time")
    return _checked(hour % 12 + (12 if half == "pm" else 0), minute, exact=True)


def span_at(ts: Tokens, i: int, bare: bool = False, part: str | None = None) -> tuple[Span | Unclear, int] | None:
    """The span that starts at token `i`, and the place after it: van 14u tot 16u, 9h-11h, entre 14 et 16h, 9-11u.

    Numbers without any mark count with a word in front (van 9 tot 11), or with `bare`; `part` is the part of the day
    that the line names. Readings longer than 12 hours (DRV-20) are left out where another remains.
    """
    lead = phrase_at(ts, i, w.PARTS)
    part, i = (lead[0], lead[1]) if lead else (part, i)
    intro = word(ts, i) in w.SPAN_WORDS
    between = word(ts, i) in w.BETWEEN
    start = clock_at(ts, i + intro, bare=True, starts=True)
    join = phrase_at(ts, start[1], w.SPAN_JOINS) if start else None
    if not start or not join or (join[0] and not between):
        return None
    to = join[1] + (word(ts, join[1]) in ("om", "at"))
    vague = nearly(ts, to)
    end = clock_at(ts, vague, bare=True)
    if not end:
        return None
    a, b = start[0], end[0]
    if isinstance(a, Unclear):
        return Unclear(a.reason), end[1]
    if isinstance(b, Unclear):
        return Unclear(b.reason), end[1]
    marked = a.marked or b.marked
    if not marked and not bare and (not intro or word(ts, end[1]) in w.NOT_HOURS):
        return None
    if glued(ts, end[1]) and (word(ts, end[1]) in ("/", ":") or word(ts, end[1]).isalnum()
                              or (word(ts, end[1]) == "-" and glued(ts, end[1] + 1))):
        return None
    either = or_clock(ts, b, end[1])
    if either:
        return _one_of_spans(a, either[0], part), either[1]
    return _one_of_spans(a, (b,), part) if vague > to else span_of(a, b, part), end[1]


def nearly(ts: Tokens, i: int) -> int:
    """The place after "ongeveer", "ca.", "bijna" and the like."""
    while word(ts, i) in w.NEARLY:
        i += 1 + (word(ts, i + 1) == "." and word(ts, i) in w.CLIPPED)
    return i


def or_clock(ts: Tokens, first: Clock, j: int) -> tuple[tuple[Clock, ...], int] | None:
    """What "een uur of vier" (about four), "une heure ou deux" and "16u of 17u" may be, for a `first` that ends at `j`."""
    second = clock_at(ts, j + 1, bare=True) if word(ts, j) in w.OR else None
    if not second or isinstance(second[0], Unclear) or word(ts, second[1]) in w.NOT_HOURS:
        return None
    if not (first.spoken or second[0].marked):
        return None
    about = first.hour == 1 and first.spoken and word(ts, j) == "of"
    return ((replace(second[0], spoken=True),) if about else (first, second[0])), second[1]


def _one_of_spans(a: Clock, ends: tuple[Clock, ...], part: str | None) -> Unclear:
    """The spans from a start to each hour that the end may be, to choose from: none of them is sure."""
    options: list[Span] = []
    for end in ends:
        span = span_of(a, end, part)
        options += [span] if isinstance(span, Span) else [each for each in span.options if isinstance(each, Span)]
    options = [each for each in options if each.start < each.end]
    return Unclear("am_or_pm", tuple(dict.fromkeys(options))) if options else Unclear("not_a_span")


def span_of(a: Clock, b: Clock, part: str | None = None) -> Span | Unclear:
    """The span between two typed hours: the only pair of readings of at most 12 hours, or a question with all pairs.

    Where the half of the day of a start up to six is open, that of the end is too: "van 5 tot 7" may be 17:00-19:00.
    """
    twelve = b.part is not None or (b.exact and b.hour > 12 and not a.marked)
    starts = readings(a, None if b.part else part, either=twelve and not a.part)
    ends = readings(b, part, either=len(starts) > 1 and a.hour <= 6) or readings(b)
    pairs = [Span(s, e) for s in starts or readings(a) for e in ends if s != e]
    if not pairs:
        return Unclear("no_length")
    if len(pairs) > 1:
        pairs = [p for p in pairs if span_minutes(p) <= LONGEST_MOMENT] or pairs
    if len(pairs) > 1:
        return Unclear("am_or_pm", tuple(pairs))
    only = pairs[0]
    if only.end < only.start and span_minutes(only) > LONGEST_MOMENT:
        return Unclear("end_before_start", (Span(only.end, only.start),))
    return only


def span_minutes(span: Span) -> int:
    """Minutes on the clock from start to end, over midnight when the end comes first; summer time plays no part."""
    minutes = (span.end.hour - span.start.hour) * 60 + span.end.minute - span.start.minute
    return minutes % DAY_MINUTES
