"""A whole moment typed in one line is taken apart, and nothing that was typed is lost."""

import time as clock
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.line import Line, read_line
from rules.role_words import ROLE_WORDS
from rules.when import Unclear
from tests.test_when import PIECES, typed
from tests.typed_phrasings import PLACES, SUPPORT_CHOICES, SUPPORT_PLACES, TODAY, phrasings, written


def read(text, today=TODAY, places=PLACES):
    return read_line(text, today, places, ROLE_WORDS)


@pytest.mark.parametrize(("kind", "now", "text", "expected"), phrasings("line"))
def test_a_line_is_read_as_meant(kind, now, text, expected):
    assert written(read(text, now)) == expected


@pytest.mark.parametrize(("kind", "now", "text", "expected"), phrasings("support"))
def test_a_line_for_support_names_its_choices(kind, now, text, expected):
    assert written(read_line(text, now, SUPPORT_PLACES, ROLE_WORDS, choices=SUPPORT_CHOICES)) == expected


def test_people_without_a_role_are_the_one_role_that_a_form_has():
    assert read_line("kade gisteren 15 personen", TODAY, PLACES, ROLE_WORDS, alone="bezoeker").present == {"bezoeker": 15}


def test_a_description_keeps_its_accents_and_capitals():
    assert read("Kade gisteren 14u-16u Café-namiddag «Été»").text == "Café-namiddag «Été»"


def test_what_stands_beyond_200_characters_stays_in_the_description():
    line = read("De Kade gisteren 14u-16u " + "praten " * 40 + "12 jongeren")
    assert (line.place, line.start) == ("V4", time(14))
    assert line.unclear == (Unclear("too_long"),)
    assert line.text == "praten " * 40 + "12 jongeren"


def test_a_name_in_full_beats_a_name_that_holds_it():
    places = {"A": ["De Kade"], "B": ["Buurthuis De Kade"]}
    assert read("De Kade gisteren 3u", places=places).place == "A"
    assert read("Buurthuis De Kade gisteren 3u", places=places).place == "B"


def test_two_places_of_the_same_name_are_asked():
    line = read("De Kade gisteren 3u", places={"A": ["De Kade"], "B": ["De Kade"]})
    assert (line.place, line.unclear) == (None, (Unclear("ambiguous_place", ("A", "B")),))


def test_a_place_with_a_number_or_a_weekday_in_its_name_is_no_date():
    places = {"A": ["Huis 8 mei"], "B": ["Café Vrijdag"]}
    assert read("huis 8 mei gisteren 3u", places=places) == Line("A", date(2026, 6, 16), minutes=180)
    assert read("Café Vrijdag gisteren 3u", places=places) == Line("B", date(2026, 6, 16), minutes=180)


PARTS = ("De Kade", "gisteren", "14u-16u30", "12 jongeren", "2 begeleiders")


@given(st.permutations(PARTS), st.sampled_from([" ", ", ", "; ", "\n"]))
@settings(max_examples=80, deadline=None)
def test_the_order_and_the_marks_between_the_parts_do_not_matter(parts, mark):
    line = read(mark.join(parts))
    assert (line.place, line.day, line.start, line.end) == ("V4", date(2026, 6, 16), time(14), time(16, 30))
    assert line.present == {"jongere": 12, "begeleider": 2}
    assert (line.text, line.unclear) == (None, ())


@given(typed, st.dates())
@settings(max_examples=200, deadline=None)
def test_no_text_raises(text, today):
    read(text, today)


@given(st.lists(st.sampled_from(["koken", "praten", "wandelen", "Bezoek"]), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_words_that_say_nothing_else_are_the_description(words):
    assert read(" ".join(words)).text == " ".join(words)


def test_a_long_line_against_many_places_is_read_within_5_milliseconds():
    places = {f"P{n}": [f"Buurthuis De Nieuwe {n} Molen"] for n in range(200)}
    line = (" ".join(PIECES) + " de nieuwe molen kookactiviteit met ouders " * 3)[:200]
    read(line, places=places)
    assert min(_seconds(line, places) for _ in range(10)) < 0.05


def _seconds(line, places):
    begin = clock.process_time()
    read(line, places=places)
    return clock.process_time() - begin
