"""Finding the day, the hours and the length anywhere in a line, and deciding which is which; the rest is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from rules import when_words as w
from rules.typed import Token, Tokens, Unclear, glued, is_number, phrase_at, word
from rules.when_clock import (
    LONGEST_MOMENT,
    Clock,
    Span,
    bare_length,
    clock_at,
    length_at,
    readings,
    span_at,
    span_minutes,
    span_of,
)
from rules.when_days import Asked, Day, day_at, settle


@dataclass(frozen=True)
class When:
    """What was typed about time: the day, start and end on the clock (an end before the start is on the next day), the
    length in minutes when that was typed itself, and what must be asked back. None: not typed, or asked."""

    day: date | None = None
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    unclear: tuple[Unclear, ...] = ()


@dataclass
class _Finds:
    """What a line holds, in the order of typing; `hours` could be a clock time as well as a length ("3u")."""

    days: list[Day] = field(default_factory=list)
    spans: list[Span | Unclear] = field(default_factory=list)
    starts: list[Clock | Unclear] = field(default_factory=list)
    ends: list[Clock | Unclear] = field(default_factory=list)
    lengths: list[int | Unclear] = field(default_factory=list)
    hours: list[tuple[Clock, int | Unclear]] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)


def scan(segments: Sequence[Sequence[Token]], asked: Asked) -> tuple[When, set[int]]:
    """What the stretches of a line say about time, and where the tokens start that said it."""
    finds, used = _Finds(), set[int]()
    for ts in segments:
        i = 0
        while i < len(ts):
            j = _step(ts, i, asked, finds)
            used.update(t.start for t in ts[i:j])
            i = max(j, i + 1)
    return _decide(finds, asked), used


def _step(ts: Tokens, i: int, asked: Asked, finds: _Finds) -> int:
    """Take what starts at token `i` into `finds`; the place after it, `i` itself when nothing does."""
    text = word(ts, i)
    if is_number(text) and glued(ts, i) and (word(ts, i - 1).isalnum() or word(ts, i - 1) in ("+", "#", "/", ".")):
        return i
    if text in w.ABOUT:
        j = _step(ts, i + 1, asked, finds) if i + 1 < len(ts) else i
        return j if j > i + 1 else i
    found = day_at(ts, i, asked)
    if found:
        finds.days.append(found[0])
        return found[1]
    part = finds.days[0].part if finds.days else None
    span = span_at(ts, i, part=part)
    if span:
        finds.spans.append(span[0])
        return span[1]
    return _prefixed(ts, i, finds) or _pair(ts, i, finds) or _hours(ts, i, finds) or i


def _prefixed(ts: Tokens, i: int, finds: _Finds) -> int | None:
    """Om 14u, à 9h, at 9, tot 16u, gedurende 2 uur: the word in front says what it is."""
    end = phrase_at(ts, i, w.END_WORDS)
    if end or word(ts, i) in w.START_WORDS:
        at = end[1] if end else i + 1
        found = clock_at(ts, at, bare=bool(end) or word(ts, i) != "a")
        plain = found and isinstance(found[0], Clock) and not found[0].marked
        if not found or (plain and (word(ts, found[1]).isalpha() or _runs_on(ts, found[1]))):
            return None
        (finds.ends if end else finds.starts).append(found[0])
        return found[1]
    if word(ts, i) in w.LENGTH_WORDS:
        length = length_at(ts, i + 1 + (word(ts, i + 1) == ":"))
        if length:
            finds.lengths.append(length[0].minutes)
            return length[1]
    lead = phrase_at(ts, i, w.PARTS)
    if lead:  # "'s avonds om 8"
        found = clock_at(ts, lead[1] + (word(ts, lead[1]) in w.START_WORDS), bare=word(ts, lead[1]) in w.START_WORDS)
        if found and isinstance(found[0], Clock) and found[0].part is None:
            clock = found[0]
            finds.starts.append(Clock(clock.hour, clock.minute, clock.exact, clock.spoken, True, lead[0]))
            return found[1]
    return None


def _runs_on(ts: Tokens, i: int) -> bool:
    """Whether a number goes on in token `i` ("9-", "9/3", "9,4"), not counting the marks that end a sentence."""
    mark = word(ts, i) in (",", ";", ")", ".", "!", "?")
    return glued(ts, i) and not (mark and not (is_number(word(ts, i + 1)) and glued(ts, i + 1)))


def _pair(ts: Tokens, i: int, finds: _Finds) -> int | None:
    """Two numbers without a unit: 9-11, 14.30, 8.6, 1,5. What they are is decided when the rest of the line is known."""
    first, sep, second = (word(ts, i + n) for n in range(3))
    if not (is_number(first) and is_number(second) and len(first) <= 2 and len(second) <= 2 and sep in ("-", ".", ",")
            and glued(ts, i + 1) and glued(ts, i + 2)):
        return None
    after = word(ts, i + 3)
    if _runs_on(ts, i + 3) or after in w.NOT_HOURS | w.LENGTH_UNITS | w.MINUTE_UNITS | {"am", "pm"} or phrase_at(ts, i + 3, w.PARTS):
        return None
    if sep == ",":
        if second not in ("5", "25", "50", "75") or int(first) > 12 or (after.isalpha() and len(after) <= 2):
            return None
        length = bare_length(ts, i)
        if length:
            finds.lengths.append(length[0])
        return i + 3
    finds.pairs.append((first, sep, second))
    return i + 3


def _hours(ts: Tokens, i: int, finds: _Finds) -> int | None:
    """A length or a clock time that stands alone."""
    length, clock = length_at(ts, i), clock_at(ts, i)
    if length and word(ts, length[1] - 1) == "m" and word(ts, length[1] - 3) not in w.HOUR_UNITS:
        length = None  # 100m is a distance
    if length and length[0].sure:
        finds.lengths.append(length[0].minutes)
        return length[1] + (word(ts, length[1]) in ("lang", "long"))
    if not clock:
        return None
    value, j = clock
    noon = phrase_at(ts, i, w.NOON)
    if noon or (isinstance(value, Clock) and value.hour == 24):
        return None  # "repas de midi", "permanentie 24u"
    colon = word(ts, i + 1) == ":" and isinstance(value, Clock)
    if (length is None and not colon) or isinstance(value, Unclear):
        finds.starts.append(value)
        return j
    if length and word(ts, length[1]) in ("lang", "long"):
        finds.lengths.append(length[0].minutes)
        return length[1] + 1
    if value.exact or value.part:
        finds.starts.append(value)
        return j
    finds.hours.append((value, length[0].minutes if length else value.hour * 60 + value.minute))
    return max(j, length[1] if length else j)


def _decide(finds: _Finds, asked: Asked) -> When:
    """Which find is the day, the start, the end and the length.

    Hours that could be either ("3u", "9u30", "1:30"): up to six hours they are a length, never a start, unless a length
    stands in the line already; from seven to twelve they are asked, or the start when a length is known or a part of the
    day was named; from 13 on they are a start. Of two, one up to six and one from seven on, the latter is the start.
    """
    unclear: list[Unclear] = []
    part = next((d.part for d in finds.days if d.part), None)
    day = _day(finds.days, unclear)
    _sort_hours(finds, part, unclear)
    _sort_pairs(finds, asked, unclear, day)
    if day is None or any(d.weekday is not None for d in finds.days):
        day = next((d.value for d in finds.days[::-1] if d.part == _PAIR and isinstance(d.value, date)), day)
    start, end = _clocks(finds, part, unclear)
    lengths = _distinct([n for n in finds.lengths if isinstance(n, int)])
    unclear += [n for n in finds.lengths if isinstance(n, Unclear)]
    if len(lengths) > 1:
        unclear.append(Unclear("two_lengths", tuple(lengths)))
    minutes = lengths[0] if len(lengths) == 1 else None
    if start and end and minutes is not None:
        if span_minutes(Span(start, end)) != minutes:
            unclear.append(Unclear("two_lengths", (span_minutes(Span(start, end)), minutes)))
        minutes = None
    return When(day, start, end, minutes, tuple(dict.fromkeys(unclear)))


_PAIR = "pair"


def _distinct(values: list[int]) -> list[int]:
    return list(dict.fromkeys(values))


def _day(days: list[Day], unclear: list[Unclear]) -> date | None:
    sure = list(dict.fromkeys(d.value for d in days if isinstance(d.value, date)))
    if len(sure) > 1:
        unclear.append(Unclear("two_days", tuple(sure)))
    elif not sure:
        unclear += [d.value for d in days if isinstance(d.value, Unclear)][:1]
    return sure[0] if len(sure) == 1 else None


def _sort_hours(finds: _Finds, part: str | None, unclear: list[Unclear]) -> None:
    """Share the hours that could be a clock time or a length out over starts and lengths."""
    early = [h for h in finds.hours if h[0].hour <= 6]
    late = [h for h in finds.hours if h[0].hour > 6]
    timed = bool(finds.spans or finds.starts or finds.ends)
    if len(early) > 1 or len(late) > 1:
        unclear.append(Unclear("two_times", tuple(t for h in finds.hours for t in readings(h[0], part))))
    elif early and late and not timed and not finds.lengths:
        finds.starts.append(late[0][0])
        finds.lengths.append(early[0][1])
    elif early and late:
        unclear.append(Unclear("two_times", tuple(t for h in finds.hours for t in readings(h[0], part))))
    elif early or late:
        clock, minutes = (early or late)[0]
        if finds.spans or (finds.starts and not finds.lengths):
            finds.lengths.append(minutes)
        elif finds.lengths or finds.ends:
            (finds.starts if not finds.starts else finds.ends).append(clock)
        elif (late and part) or (early and not part):
            (finds.starts.append(clock) if late else finds.lengths.append(minutes))
        else:
            length = (minutes,) if isinstance(minutes, int) else ()
            unclear.append(Unclear("clock_or_length", (*readings(clock, part), *length)))


def _sort_pairs(finds: _Finds, asked: Asked, unclear: list[Unclear], day: date | None) -> None:
    """Decide what 9-11, 8.6 or 14.30 is from what the line still lacks; more than one reading left is asked."""
    weekday = next((d.weekday for d in finds.days if d.weekday is not None), None)
    for first, sep, second in finds.pairs:
        timed = bool(finds.spans or finds.starts or finds.ends)
        a, b = int(first), int(second)
        dated = settle(a, b, asked)
        options: list[object] = []
        if isinstance(dated, date) and (not finds.days or dated.weekday() == weekday):
            options.append(dated)
        elif isinstance(dated, Unclear) and dated.reason == "ambiguous_day" and not finds.days:
            options += dated.options
        clock = Clock(a, b if sep == "." else 0, exact=first[0] == "0" or a > 12)
        other = Clock(b, exact=second[0] == "0" or b > 12)
        span = span_of(clock, other) if sep == "-" and a <= 24 and b <= 24 and not timed else None
        options += [span] if isinstance(span, Span) else list(span.options) if span else []
        if sep == "." and len(second) == 2 and a <= 23 and b <= 59 and not timed:
            options += readings(clock)
        if sep == "." and not finds.lengths and not finds.spans and not finds.ends:
            hours = a * 60 + (b * 6 if len(second) == 1 else 0)
            half = len(second) == 1 or second in ("25", "50", "75")
            hours = a * 60 + (b * 60 // 100) if half and len(second) == 2 else hours
            options += [hours] if half and 0 < hours <= LONGEST_MOMENT else []
        if len(options) != 1:
            reason = "am_or_pm" if span and len(options) == len(getattr(span, "options", ())) else "date_or_time"
            unclear.append(Unclear(reason, tuple(options)))
        elif isinstance(options[0], date):
            finds.days.append(Day(options[0], _PAIR))
            unclear[:] = [u for u in unclear if u.reason != "ambiguous_day"]
        elif isinstance(options[0], Span):
            finds.spans.append(options[0])
        elif isinstance(options[0], time):
            finds.starts.append(clock)
        elif isinstance(options[0], int):
            finds.lengths.append(options[0])


def _clocks(finds: _Finds, part: str | None, unclear: list[Unclear]) -> tuple[time | None, time | None]:
    """Start and end from the spans, or from the clock times with and without "tot"."""
    asked = [v for v in (*finds.spans, *finds.starts, *finds.ends) if isinstance(v, Unclear)]
    spans = list(dict.fromkeys(s for s in finds.spans if isinstance(s, Span)))
    starts = list(dict.fromkeys(c for c in finds.starts if isinstance(c, Clock)))
    ends = list(dict.fromkeys(c for c in finds.ends if isinstance(c, Clock)))
    unclear += asked
    if len(spans) + (len(starts) or len(ends)) > 1 or len(ends) > 1:
        times = [t for c in (*starts, *ends) for t in readings(c, part)]
        unclear.append(Unclear("two_times", (*spans, *times)))
    elif spans:
        return spans[0].start, spans[0].end
    elif starts and ends:
        span = span_of(starts[0], ends[0], part)
        if isinstance(span, Span):
            return span.start, span.end
        unclear.append(span)
    elif starts or ends:
        times = list(readings((starts or ends)[0], part))
        if len(times) == 1 and not asked:
            return (times[0], None) if starts else (None, times[0])
        if len(times) != 1:
            unclear.append(Unclear("am_or_pm", tuple(times) or readings((starts or ends)[0], None, either=True)))
    return None, None
