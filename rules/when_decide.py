"""Deciding which of the things found in a line is the day, the start, the end and the length, or what to ask back."""

from dataclasses import dataclass, field
from datetime import date, time

from rules.typed import Unclear
from rules.when_clock import LONGEST_MOMENT, Clock, Span, both_halves, readings, span_minutes, span_of
from rules.when_dates import Context, Day, settle


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
class Finds:
    """What a line holds, in the order of typing; `hours` could be a clock time as well as a length ("3u")."""

    days: list[Day] = field(default_factory=list)
    spans: list[Span | Unclear] = field(default_factory=list)
    starts: list[Clock | Unclear] = field(default_factory=list)
    ends: list[Clock | Unclear] = field(default_factory=list)
    lengths: list[int | Unclear] = field(default_factory=list)
    hours: list[tuple[Clock, int | Unclear]] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)


def decide(finds: Finds, context: Context) -> When:
    """Which find is the day, the start, the end and the length.

    Hours that could be either ("3u", "9u30", "1:30"): up to six hours they are a length, never a start, unless a length
    stands in the line already; from seven to twelve they are asked, or the start when a length is known or a part of
    the day was named; from 13 on they are a start. Of two, one up to six and one above, the latter is the start.
    """
    unclear: list[Unclear] = []
    part = next((d.part for d in finds.days if d.part), None)
    day = _day(finds.days, unclear)
    _sort_hours(finds, part, unclear)
    _sort_pairs(finds, context, unclear)
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
    """The only day that was named. A second one is asked back too when it is unsure itself ("maandag en dinsdag" on a Monday)."""
    sure = list(dict.fromkeys(d.value for d in days if isinstance(d.value, date)))
    asked = [d.value for d in days if isinstance(d.value, Unclear)]
    here = [u for u in asked if u.reason == "ambiguous_day" and len(u.options) == 1]  # "hier" is Dutch for "here"
    other = [u for u in asked if sure and u not in here and not set(u.options) & set(sure)]
    if len(sure) > 1 or other:
        named = dict.fromkeys(d for each in days for d in ((each.value,) if isinstance(each.value, date) else each.value.options))
        unclear.append(Unclear("two_days", tuple(d for d in named if isinstance(d, date))))
        return None
    unclear += [] if sure else asked[:1]
    return sure[0] if sure else None


def _sort_hours(finds: Finds, part: str | None, unclear: list[Unclear]) -> None:
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
        elif finds.lengths or (finds.ends and late):
            (finds.starts if not finds.starts else finds.ends).append(clock)
        elif (late and part) or (early and not part):
            (finds.starts.append(clock) if late else finds.lengths.append(minutes))
        else:
            length = (minutes,) if isinstance(minutes, int) else ()
            unclear.append(Unclear("clock_or_length", (*readings(clock, part), *length)))


def _sort_pairs(finds: Finds, context: Context, unclear: list[Unclear]) -> None:
    """Decide what 9-11, 8.6 or 14.30 is from what the line still lacks; more than one reading left is asked."""
    weekday = next((d.weekday for d in finds.days if d.weekday is not None), None)
    for first, sep, second in finds.pairs:
        timed = bool(finds.spans or finds.starts or finds.ends)
        a, b = int(first), int(second)
        dated = settle(a, b, context)
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


def _clocks(finds: Finds, part: str | None, unclear: list[Unclear]) -> tuple[time | None, time | None]:
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
            unclear.append(Unclear("am_or_pm", tuple(times) or both_halves((starts or ends)[0])))
    return None, None
