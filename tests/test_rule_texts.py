"""The rule texts behind the button "Waarom?": every rule has its words in three languages, short enough for a phone."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.book_files import read_books
from rules.rule_words import said
from rules.words import LANGUAGES

BOOKS = Path(__file__).resolve().parents[1] / "rules" / "books"
BOOK_NAMES = ("oost-vlaanderen", "generic-art8")
LONGEST = 240

CATALOGUE = [
    *(f"GEN-{number:02}" for number in range(1, 18)),
    *(f"VP-{number:02}" for number in range(1, 8)),
    *(f"O1-{number:02}" for number in range(1, 21)),
    *(f"O2-{number:02}" for number in range(1, 16)),
    *(f"O3-{number:02}" for number in range(1, 41)),
    *(f"O4-{number:02}" for number in range(1, 26)),
    *("F-12", "F-22", "F-32"),
    *("MDO-01", "MDO-02", "MDO-03", "MDO-07"),
    *("MPO-07", "MPO-11", "MPO-15", "MPO-17", "MPO-23", "MPO-24"),
    *(f"PRIV-{number:02}" for number in range(1, 14)),
    *(f"DRV-{number:02}" for number in range(1, 21)),
]

# The rules whose number is the choice of Oost-Vlaanderen: that number stands in its own book and in no other.
OOST_VLAANDEREN_NUMBERS = {
    "O1-11": "4",
    "O1-14": "2",
    "O1-18": "726994",
    "O2-09": "4",
    "O2-10": "48",
    "O2-11": "96",
    "O2-13": "726994",
    "O3-05": "3",
    "O3-06": "3",
    "O3-07": "3",
    "O3-30": "48",
    "O3-31": "48",
    "O3-36": "2",
    "O3-37": "1",
    "O3-40": "3",
    "O4-02": "3",
    "O4-03": "3",
    "O4-16": "10",
    "O4-21": "4",
    "O4-22": "1",
    "O4-24": "3",
}
OOST_VLAANDEREN_NAMES = ("Oost-Vlaanderen", "Flandre orientale", "East Flanders", "GG ADS", "PAKT", "RADAR")


@cache
def read(book: str) -> dict[str, dict[str, Any]]:
    """The texts of a book as they are shown, with the values of mid 2026 in them."""
    settings = read_books()[book].on(date(2026, 6, 15))
    with (BOOKS / book / "rules.toml").open("rb") as file:
        texts = tomllib.load(file)
    return {
        rule: {key: said(value, settings, key) if key in LANGUAGES else value for key, value in text.items()}
        for rule, text in texts.items()
    }


@pytest.fixture(params=BOOK_NAMES)
def texts(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    return read(request.param)


def numbers(words: str) -> list[str]:
    """The numbers in a text, without the number of the oproep that it is about."""
    return re.findall(r"\d+", re.sub(r"(oproep|appel) [1-4]", "", words, flags=re.IGNORECASE))


def test_every_rule_of_the_catalogue_has_a_text_in_its_order_and_no_other_has(texts: dict[str, dict[str, Any]]) -> None:
    assert list(texts) == CATALOGUE


def test_a_rule_text_says_in_three_languages_since_when_it_holds_and_where_it_comes_from(
    texts: dict[str, dict[str, Any]],
) -> None:
    for rule, text in texts.items():
        assert set(text) == {"version", "source", *LANGUAGES}, rule
        assert type(text["version"]) is date, rule
        assert text["source"].strip(), rule


def test_the_words_fit_a_phone(texts: dict[str, dict[str, Any]]) -> None:
    for rule, text in texts.items():
        for language in LANGUAGES:
            words = text[language]
            spaced = words.replace("\u00a0", "~")  # French: no line begins with : ; ? or !
            assert spaced == " ".join(spaced.split()), (rule, language)
            assert not re.search(" [:;?!]", words), (rule, language)
            assert words.endswith("."), (rule, language)
            assert len(words) <= LONGEST, (rule, language, len(words))
            assert len(re.findall(r"[.?!]+(?= [A-ZÀ-Ý]|$)", words)) <= 2, (rule, language)


def test_no_language_is_a_copy_of_another(texts: dict[str, dict[str, Any]]) -> None:
    for rule, text in texts.items():
        assert len({text[language] for language in LANGUAGES}) == len(LANGUAGES), rule


def test_a_reading_of_the_network_is_called_so_in_all_languages(texts: dict[str, dict[str, Any]]) -> None:
    for rule, text in texts.items():
        marked = {
            "lezing van je netwerk" in text["nl"],
            "lecture de votre réseau" in text["fr"],
            "your network's reading" in text["en"],
        }
        assert len(marked) == 1, rule


def test_a_derived_rule_says_that_it_is_derived(texts: dict[str, dict[str, Any]]) -> None:
    for rule, text in texts.items():
        assert text["source"].startswith("afgeleide regel") == rule.startswith("DRV-"), rule


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", OOST_VLAANDEREN_NUMBERS)
def test_a_number_of_oost_vlaanderen_stands_in_its_own_book_only(rule: str, language: str) -> None:
    assert OOST_VLAANDEREN_NUMBERS[rule] in numbers(read("oost-vlaanderen")[rule][language])
    assert numbers(read("generic-art8")[rule][language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_neutral_book_names_nobody_of_oost_vlaanderen(language: str) -> None:
    for rule, text in read("generic-art8").items():
        assert not [name for name in OOST_VLAANDEREN_NAMES if name in text[language]], rule


@pytest.mark.parametrize(
    ("language", "must", "may", "consent"),
    [
        ("nl", "altijd aanwezig", "niet verplicht", "vooraf toegestemd"),
        ("fr", "toujours présent", "facultative", "accord au préalable"),
        ("en", "always present", "optional", "consented beforehand"),
    ],
)
def test_the_client_must_be_at_a_co_consult_in_oost_vlaanderen_only_and_consents_everywhere(
    language: str, must: str, may: str, consent: str
) -> None:
    strict, relaxed = (read(book)["O3-27"][language] for book in BOOK_NAMES)
    assert must in strict
    assert may in relaxed
    assert consent in strict
    assert consent in relaxed
