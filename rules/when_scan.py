"""Finding days, hours and lengths anywhere in a line; words that are none of these are left alone."""

from collections.abc import Sequence
from dataclasses import replace

from rules import when_words as w
from rules.typed import NUMBERS, Token, Tokens, Unclear, glued, is_number, number_at, phrase_at, word
from rules.when_clock import LONGEST_MOMENT, Clock, clock_at, nearly, or_clock, readings, span_at
from rules.when_dates import Context
from rules.when_days import day_at
from rules.when_decide import Finds, When, decide
from rules.when_length import Length, bare_length, length_at


def scan(segments: Sequence[Sequence[Token]], context: Context) -> tuple[When, set[int]]:
    """What the stretches of a line say about time, and where the tokens start that said it."""
    finds, used = Finds(), set[int]()
    for ts in segments:
        i, days, after = 0, 0, -1
        while i < len(ts):
            j = _step(ts, i, context, finds)
            beside = len(finds.days) > days and after == i - 1 and word(ts, after) in w.DAY_JOINS
            used.update(t.start for t in ts[i - beside : j])
            days, after = len(finds.days), j if len(finds.days) > days else after
            i = max(j, i + 1)
    when = decide(finds, context)
    open_ends = [end for ts in segments if (end := _open_end(ts, used)) is not None]
    if open_ends and not when.end and not any(u.reason in _TIME_ASKED for u in when.unclear):
        used = used.union(*open_ends)
        when = replace(when, minutes=None, unclear=(*when.unclear, Unclear("not_a_span")))
    return when, used


_TIME_ASKED = {"am_or_pm", "two_times", "two_lengths", "clock_or_length", "minutes_or_hours", "end_before_start", "no_such_time",
               "date_or_time", "not_a_span"}


def _open_end(ts: Sequence[Token], used: set[int]) -> set[int] | None:
    """Where the tokens start that tie a left over "tot" to an hour behind it ("tot na vier uur"): an end that was not understood;
    none when it only follows something about time, and None without such a "tot"."""
    for i, token in enumerate(ts):
        end = None if token.start in used else phrase_at(ts, i, w.END_WORDS)
        hour = next((n for n in range(end[1], min(end[1] + 3, len(ts))) if ts[n].start in used), None) if end else None
        if hour is not None:
            return {t.start for t in ts[i:hour]}
        if end and i and ts[i - 1].start in used:
            return set()
    return None


def rhythm(ts: Tokens, ahead: bool) -> tuple[str | None, set[int]]:
    """How often a line says that it comes back ("elke dinsdag", "om de twee weken"), and where the tokens start that say only that.

    Words that describe as well ("wekelijks overleg") count only for what is to come, and stay in the description.
    """
    for i, token in enumerate(ts):
        found = phrase_at(ts, i, w.RHYTHMS)
        if found and (word(ts, found[1] - 1) not in ("les", "other") or _is_weekday(ts, found[1])):
            return found[0], {t.start for t in ts[i : found[1]]}
        if token.text in w.EVERY and _is_weekday(ts, i + 1):
            return "week", {token.start}
        if token.text in w.REPEATED_DAYS:
            return "week", set()
        beside = _is_weekday(ts, i + 1 + (word(ts, i + 1) in ("op", "le", "on")))
        if token.text in w.RHYTHM_WORDS and (beside or ahead):
            return w.RHYTHM_WORDS[token.text], {token.start} if beside else set()
    return None, set()


def _is_weekday(ts: Tokens, i: int) -> bool:
    return word(ts, i) in w.WEEKDAYS or word(ts, i) in w.REPEATED_DAYS


def _step(ts: Tokens, i: int, context: Context, finds: Finds) -> int:
    """Take what starts at token `i` into `finds`; the place after it, `i` itself when nothing does."""
    text = word(ts, i)
    if not is_number(text) and text not in _FIRST_WORDS:
        return i
    if is_number(text) and glued(ts, i) and (word(ts, i - 1).isalnum() or word(ts, i - 1) in ("+", "#", "/", ".")):
        return i
    if text in w.ABOUT:
        at = nearly(ts, i)
        j = _step(ts, at, context, finds) if at < len(ts) else i
        return j if j > at else i
    bound = phrase_at(ts, i, w.BOUNDS)
    length = length_at(ts, bound[1]) if bound else None
    if length:  # "bijna 2u"
        finds.lengths.append(Unclear("not_a_length", (length[0].minutes,) if isinstance(length[0].minutes, int) else ()))
        return length[1]
    found = day_at(ts, i, context)
    if found:
        finds.days.append(found[0])
        return found[1]
    part = finds.days[0].part if finds.days else None
    span = span_at(ts, i, part=part)
    if span:
        finds.spans.append(span[0])
        return span[1]
    ends = (reader(ts, i, finds) for reader in _READERS)
    return next((end for end in ends if end), i)


# No other word can open a day, an hour or a length: the rest of a description is passed over quickly.
_FIRST_WORDS: frozenset[str] = frozenset().union(
    NUMBERS, w.RELATIVE, w.WEEKS, w.WEEKENDS, w.WEEKDAYS, w.REPEATED_DAYS, w.MONTH_FIRST, w.FIRST, w.LAST_SURE, w.LAST_SOFT, w.NEXT_SURE,
    w.NEXT_SOFT, w.THIS, w.FIXED, w.PARTS, w.NOON, w.HALF_HOURS, w.AGO, w.BOUNDS, w.HALVES, w.START_WORDS, w.END_WORDS, w.LENGTH_WORDS,
    w.SPAN_WORDS, w.ABOUT, ("op", "on", "den", "de", "le", "the", "il", "over", "binnen", "dans", "in", "a", "an", "half", "kwart",
              "quarter", "½", "¼", "¾"))


def _prefixed(ts: Tokens, i: int, finds: Finds) -> int | None:
    """Om 14u, à 9h, at 9, tot 16u, gedurende 2 uur: the word in front says what it is."""
    end = phrase_at(ts, i, w.END_WORDS)
    i += 2 if [word(ts, i + n) for n in range(3)] == ["a", "partir", "de"] else 0
    start = word(ts, i) in w.START_WORDS or word(ts, i - 1) == "partir"
    span = span_at(ts, i + 1) if start and word(ts, i) not in w.ARTICLES else None
    if span:
        finds.spans.append(span[0])
        return span[1]
    if end or start:
        at = end[1] if end else i + 1
        near = nearly(ts, at) if end else at
        found = clock_at(ts, near, bare=bool(end) or word(ts, i) not in w.ARTICLES)
        plain = found and isinstance(found[0], Clock) and not found[0].marked
        if not found or (plain and (word(ts, found[1]).isalpha() or _runs_on(ts, found[1]))):
            return None
        either = or_clock(ts, found[0], found[1]) if isinstance(found[0], Clock) else None
        if either:
            times = tuple(dict.fromkeys(t for clock in either[0] for t in readings(clock)))
            (finds.ends if end else finds.starts).append(Unclear("not_a_span") if end else Unclear("am_or_pm", times))
            return either[1]
        (finds.ends if end else finds.starts).append(Unclear("not_a_span") if near > at else found[0])
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
            finds.starts.append(replace(found[0], marked=True, part=lead[0]))
            return found[1]
    return None


def _either(ts: Tokens, i: int, finds: Finds) -> int | None:
    """Een uur of twee, une heure ou deux, 2 of 3 uur, 30 of 45 min: a length that is asked."""
    first = (1, i + 1) if word(ts, i) in ("a", "an") else number_at(ts, i)
    if not first:
        return None
    timed = word(ts, first[1]) in _TIMED
    j = first[1] + timed
    second = number_at(ts, j + 1) if word(ts, j) in w.OR else None
    if not second:
        return None
    unit = word(ts, second[1]) if word(ts, second[1]) in _TIMED else word(ts, first[1])
    low, high, factor = first[0], second[0], 1 if unit in w.MINUTE_UNITS else 60
    about = unit in w.LENGTH_UNITS and low == 1 and high > 2 and word(ts, j) == "of"
    if unit not in _TIMED or not 0 < low < high or high * factor > LONGEST_MOMENT:
        return None
    finds.lengths.append(Unclear("minutes_or_hours", tuple(n * factor for n in ((high,) if about else (low, high)))))
    return second[1] + (word(ts, second[1]) in _TIMED)


def _two_hours(ts: Tokens, i: int, finds: Finds) -> int | None:
    """14 en 16u, 14 of 15u: two hours of which only the second has a unit; which is meant is asked."""
    first = clock_at(ts, i, bare=True) if is_number(word(ts, i)) else None
    second = clock_at(ts, first[1] + 1) if first and word(ts, first[1]) in w.OR | w.AND else None
    if not first or not second or phrase_at(ts, second[1], w.SPAN_JOINS):
        return None
    clocks = [each[0] for each in (first, second) if isinstance(each[0], Clock)]
    finds.starts.append(Unclear("two_times", tuple(t for clock in clocks for t in readings(clock))))
    return second[1]


_TIMED = w.LENGTH_UNITS | w.MINUTE_UNITS


def _runs_on(ts: Tokens, i: int) -> bool:
    """Whether a number goes on in token `i` ("9-", "9/3", "9,4"), not counting the marks that end a sentence."""
    mark = word(ts, i) in (",", ";", ")", ".", "!", "?")
    return glued(ts, i) and not (mark and not (is_number(word(ts, i + 1)) and glued(ts, i + 1)))


def _pair(ts: Tokens, i: int, finds: Finds) -> int | None:
    """Two numbers without a unit: 9-11, 14.30, 8.6, 1,5; what they are is decided from the rest of the line."""
    first, sep, second = (word(ts, i + n) for n in range(3))
    if not (is_number(first) and is_number(second) and len(first) <= 2 and len(second) <= 2 and sep in ("-", ".", ",")
            and glued(ts, i + 1) and glued(ts, i + 2)):
        return None
    after = word(ts, i + 3)
    if _runs_on(ts, i + 3) or after in _NOT_A_PAIR or phrase_at(ts, i + 3, w.PARTS):
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


_NOT_A_PAIR = w.NOT_HOURS | w.LENGTH_UNITS | w.MINUTE_UNITS | {"am", "pm"}


def _hours(ts: Tokens, i: int, finds: Finds) -> int | None:
    """A length or a clock time that stands alone."""
    length, clock = length_at(ts, i), clock_at(ts, i)
    if length and word(ts, length[1] - 1) == "m" and word(ts, length[1] - 3) not in w.HOUR_UNITS:
        length = None  # 100m is a distance
    if length and clock and isinstance(clock[0], Clock) and clock[0].hour > 6 and clock[1] < length[1]:
        return _hour_then_minutes(clock[0], clock[1], length, finds)
    if length and length[0].sure:
        finds.lengths.append(length[0].minutes)
        return length[1] + (word(ts, length[1]) in ("lang", "long"))
    number = number_at(ts, i)
    if length and length[0].minutes == _MORE_THAN_A_DAY and number and number[0] > 24:
        finds.lengths.append(length[0].minutes)  # "60u" is no hour on a clock
        return length[1]
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
    if value.part and value.hour <= 6 and length and word(ts, length[1]) in ("in", "de", "le", "au"):
        times = readings(value)
        asked = (length[0].minutes,) if isinstance(length[0].minutes, int) else ()
        finds.lengths.append(Unclear("clock_or_length", (*times, *asked)))  # "2 uur in de voormiddag"
        return j
    if value.exact or value.part:
        finds.starts.append(value)
        return j
    finds.hours.append((value, length[0].minutes if length else value.hour * 60 + value.minute))
    return max(j, length[1] if length else j)


_MORE_THAN_A_DAY = Unclear("more_than_a_day")


def _hour_then_minutes(clock: Clock, j: int, length: tuple[Length, int], finds: Finds) -> int:
    """"14u 30 min" and "9u 30 min" are a start and a length: an hour above six is never a length of so many hours."""
    total = length[0].minutes
    rest = total - clock.hour * 60 if isinstance(total, int) else 0
    finds.starts.append(clock)
    if clock.exact or rest <= 0:
        return j
    finds.lengths.append(rest)
    return length[1]


_READERS = (_prefixed, _either, _two_hours, _pair, _hours)
