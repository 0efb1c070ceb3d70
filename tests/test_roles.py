"""Counts by role are read in three languages, and a word that is no role is asked back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.role_words import ROLE_WORDS
from rules.roles import read_roles
from rules.when import Unclear
from tests.typed_phrasings import phrasings, written

SHARED = {"dokter", "dokters", "docteur", "docteurs", "doctor", "doctors"}
KEYS = {
    "huisarts", "arts", "verpleegkundige", "maatschappelijk_werker", "zorgmedewerker", "kinesist", "kinderverzorger",
    "begeleider", "animator", "jeugdwerker", "vrijwilliger", "onthaalmedewerker", "keukenmedewerker", "kpko",
    "stagiair", "bezoeker", "jongere", "leidinggevende",
}


@pytest.mark.parametrize(("kind", "now", "text", "expected"), phrasings("roles", "alone"))
def test_counts_are_read_as_meant(kind, now, text, expected):
    assert written(read_roles(text, ROLE_WORDS, alone="bezoeker" if kind == "alone" else None)) == expected


def test_every_role_has_words_and_every_word_is_read_as_its_role():
    assert set(ROLE_WORDS) == KEYS
    for key, names in ROLE_WORDS.items():
        for name in set(names) - SHARED:
            assert read_roles(f"3 {name}", ROLE_WORDS) == {key: 3}, name


def test_a_word_of_two_roles_is_clear_when_only_one_is_on_the_form():
    assert read_roles("2 dokters", {"huisarts": ROLE_WORDS["huisarts"]}) == {"huisarts": 2}


def test_the_same_role_twice_is_added_up():
    assert read_roles("2 verplegers en 1 infirmière", ROLE_WORDS) == {"verpleegkundige": 3}


def test_a_networks_own_role_is_read_by_its_own_words():
    assert read_roles("2 peter's, 1 buddy", {"buddy": ("buddy", "buddies", "peter's")}) == {"buddy": 3}


def test_nothing_typed_is_asked():
    assert read_roles("  ", ROLE_WORDS) == Unclear("empty")
    assert read_roles("12 jongeren " * 20, ROLE_WORDS) == Unclear("too_long")


@given(st.dictionaries(st.sampled_from(sorted(KEYS)), st.integers(1, 999), min_size=1, max_size=6), st.data())
@settings(max_examples=100, deadline=None)
def test_any_counts_are_read_back(counts, data):
    words = {key: data.draw(st.sampled_from(sorted(set(ROLE_WORDS[key]) - SHARED))) for key in counts}
    join = data.draw(st.sampled_from([", ", " en ", " + ", "; ", " et ", " "]))
    assert read_roles(join.join(f"{n} {words[key]}" for key, n in counts.items()), ROLE_WORDS) == counts


@given(st.text(max_size=220))
@settings(max_examples=200, deadline=None)
def test_no_text_raises(text):
    read = read_roles(text, ROLE_WORDS, alone="bezoeker")
    assert isinstance(read, Unclear) or all(n > 0 for n in read.values())
