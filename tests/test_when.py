"""What people type about days, hours and lengths is read as they mean it, or asked back."""

import time as clock
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.when import Span, Unclear, When, read_clock, read_day, read_minutes, read_span, read_when
from tests.typed_phrasings import TODAY, phrasings, written

READERS = {
    "day": read_day,
    "ahead": lambda text, today: read_day(text, today, ahead=True),
    "clock": lambda text, today: read_clock(text),
    "span": lambda text, today: read_span(text),
    "minutes": lambda text, today: read_minutes(text),
    "when": read_when,
}
PIECES = [
    "gisteren", "hier", "vrijdag", "vorige", "mardi", "dernier", "8", "juni", "8/6", "14u", "14u30", "16:30", "9", "11",
    "-", "tot", "à", "van", "de", "1u30", "1,5", "90", "min", "anderhalf", "uur", "half", "drie", "kwart", "voor", "'s",
    "namiddags", "pm", "midi", ".", ",", "½", "/", "week", "il y a", "3", "jours", "ago", "12", "jongeren", "in",
]
typed = st.one_of(st.text(max_size=220), st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join),
                  st.lists(st.sampled_from(PIECES), max_size=20).map("".join))


@pytest.mark.parametrize(("kind", "now", "text", "expected"), phrasings(*READERS))
def test_a_phrasing_is_read_as_meant(kind, now, text, expected):
    assert written(READERS[kind](text, now)) == expected


@pytest.mark.parametrize("text", ["gisteren\u00a014u\u00a0-\u00a016u30", "gisteren 14u\u202f–\u202f16u30",
                                  "gisteren\u200b 14u−16u30", "ｇｉｓｔｅｒｅｎ １４ｕ-１６ｕ３０"])
def test_invisible_and_wide_characters_change_nothing(text):
    assert read_when(text, TODAY) == When(date(2026, 6, 16), time(14), time(16, 30))


@pytest.mark.parametrize("text", ["1,5", "1.5", "1u30", "90 min", "anderhalf uur"])
def test_five_ways_to_write_an_hour_and_a_half_are_the_same_length(text):
    assert read_minutes(text) == 90


def test_a_combining_accent_is_the_same_letter():
    assert read_day("apre\u0300s-demain", TODAY) == date(2026, 6, 18 + 1)


@pytest.mark.parametrize("reader", [lambda t: read_day(t, TODAY), read_clock, read_span, read_minutes])
def test_an_answer_over_200_characters_is_not_read(reader):
    assert reader("gisteren " * 30) == Unclear("too_long")


def test_days_outside_the_calendar_are_asked_and_not_raised():
    assert read_day("gisteren", date.min) == Unclear("no_such_day")
    assert read_day("overmorgen", date.max) == Unclear("no_such_day")
    assert read_day("9999 weken geleden", date(100, 1, 1)) == Unclear("no_such_day")


@given(typed, st.dates())
@settings(max_examples=300, deadline=None)
def test_no_text_raises(text, today):
    for read in READERS.values():
        read(text, today)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_a_full_date_is_read_back_whatever_today_is(day):
    for shape in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y"):
        assert read_day(day.strftime(shape), TODAY) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
@settings(max_examples=200, deadline=None)
def test_a_date_without_year_is_the_past_one_within_nine_months_or_asked(day, today):
    read = read_day(f"{day.day}/{day.month}", today)
    if isinstance(read, Unclear):
        assert read.reason in ("ambiguous_day", "no_such_day")
        assert all((d.day, d.month) == (day.day, day.month) for d in read.options)
    else:
        assert (read.day, read.month) == (day.day, day.month)
        assert 0 <= (today - read).days <= 274


@given(st.times(), st.times())
@settings(max_examples=150, deadline=None)
def test_a_span_on_the_24_hour_clock_is_read_back_or_asked(start, end):
    text = f"{start:%H:%M}-{end:%H:%M}"
    read = read_span(text)
    if isinstance(read, Unclear):
        assert read.reason in ("no_length", "end_before_start", "am_or_pm")
    else:
        assert read == Span(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))


@given(st.integers(1, 23), st.integers(0, 59))
@settings(max_examples=100, deadline=None)
def test_hours_and_minutes_are_read_in_each_language(hours, minutes):
    for shape in ("{}u{:02}", "{}h{:02}", "{}:{:02}", "{} uur en {:02} minuten", "{} heures {:02} min"):
        assert read_minutes(shape.format(hours, minutes)) == hours * 60 + minutes


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("text", [
    "14u-" * 50, "de " * 66, "1" * 200, "1,5 " * 50, "half " * 40, "'s avonds " * 20, "een " * 50, "il y a " * 28,
    "vrijdag " * 25,
    "ma en " * 33, "lu et ma, " * 20, "8 en " * 40, "tot ongeveer " * 15, "een uur of " * 18, "elke ma " * 25,
    "\ufdfa" * 200, "a.m." * 50, "½" * 200, "vorig " * 33,
])
def test_no_long_line_makes_a_reader_stand_still(kind, text):
    READERS[kind](text, TODAY)
    best = min(_seconds(READERS[kind], text[:200]) for _ in range(10))
    assert best < 0.05  # some ms; a quadratic reader takes seconds. No speed is claimed here


def _seconds(read, text):
    begin = clock.process_time()
    read(text, TODAY)
    return clock.process_time() - begin
