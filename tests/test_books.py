"""Rulebooks: those that come with the program can be read; a broken one is refused with file, key and cure, in every way."""

from datetime import date
from pathlib import Path

import pytest

from bot.book_files import read_books
from bot.wording import say
from handlers.card import option_label
from rules.book import NoValueError
from rules.book_keys import KEYS
from rules.book_reading import BookError, read_book
from rules.forms import Asked, apply, options_of
from rules.rule_ids import REPORTED

BOOKS = Path(__file__).parent.parent / "rules" / "books"


def files(book: str = "oost-vlaanderen") -> dict[str, str]:
    folder = BOOKS / book
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.toml")}


def test_both_books_have_every_key_and_every_rule() -> None:
    for book in read_books().values():
        assert set(book.values) == set(KEYS)
        assert set(REPORTED) <= set(book.rules)
        assert {"overleg", "presentie", "intervisie", "ondersteuning"} <= set(book.forms)


BREAKS = {
    "not toml": ("settings.toml", lambda text: text + "\n[[[", "(file)", "no valid TOML"),
    "unknown key": ("settings.toml", lambda text: text + '\n["o1.scoop"]\nsource = "x"\nvalues = []\n', "o1.scoop", "no known setting"),
    "missing key": ("settings.toml", lambda text: text.replace('["month_end"]', '["months_end"]'), "months_end", "no known setting"),
    "wrong choice": ("settings.toml", lambda text: text.replace('"forward"', '"forwards"'), "month_end", "forward, clamp"),
    "text for a number": ("settings.toml", lambda text: text.replace("value = 2880", 'value = "2880"'), "limit.O2", "whole number"),
    "money as a float": ("settings.toml", lambda text: text.replace('"86.69"', "86.69"), "rate", "two decimals"),
    "no date": ("settings.toml", lambda text: text.replace("from = 2024-01-01, value = 240", "value = 240"), "limit.O1", "needs a date"),
    "no source": ("settings.toml", lambda text: text.replace('source = "O1-11"', 'source = ""'), "limit.O1", "source"),
    "no values": (
        "settings.toml",
        lambda text: text.replace("values = [{ from = 2024-01-01, value = 240 }]", "values = []"),
        "limit.O1",
        "values",
    ),
    "dates in disorder": (
        "settings.toml",
        lambda text: text.replace(
            "[{ from = 2024-01-01, value = 240 }]", "[{ from = 2025-01-01, value = 240 }, { from = 2024-01-01, value = 300 }]"
        ),
        "limit.O1",
        "order",
    ),
    "unknown role": (
        "settings.toml",
        lambda text: text.replace('"huisarts", ', '"huisdokter", ', 1),
        "count_roles",
        "list of different words",
    ),
    "ends before it starts": (
        "settings.toml",
        lambda text: text.replace("value = 2026-12-31", "value = 2023-12-31"),
        "convention.valid_to",
        "before",
    ),
    "rule without words": ("rules.toml", lambda text: text.replace('["O1-11"]', '["O1-11x"]'), "O1-11", "missing"),
    "rule without French": ("rules.toml", lambda text: text.replace("fr = ", "fra = ", 1), "GEN-01", "fr"),
    "field of no kind": ("forms/presentie.toml", lambda text: text.replace('kind = "day"', 'kind = "dag"'), "field day", "kind out of"),
    "field twice": ("forms/presentie.toml", lambda text: text + '\n[[field]]\nkey = "day"\nkind = "day"\n', "field day", "twice"),
    "when of a later field": (
        "forms/overleg.toml",
        lambda text: text.replace('key = "place"', 'key = "place"\nwhen = { topic = ["x"] }'),
        "field place.when",
        "earlier",
    ),
    "no length asked": ("forms/overleg.toml", lambda text: text.replace('key = "length"', 'key = "duration"'), "field", "length"),
    "unknown file": ("setings.toml", lambda _: "", "(file)", "not known here"),
    "no id": ("book.toml", lambda text: text.replace('id = "oost-vlaanderen"', ""), "id", "give the rulebook an id"),
    "extends nothing": ("book.toml", lambda text: 'extends = "nowhere"\n' + text, "extends", "no rulebook"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_book_is_refused_with_file_key_and_cure(name: str) -> None:
    file, change, key, cure = BREAKS[name]
    texts = files()
    before = texts.get(file, "")
    texts[file] = change(before)
    assert texts[file] != before or not before, "the break does not break anything"
    with pytest.raises(BookError) as refused:
        read_book(texts)
    assert any(fault.file in (file, "rules.toml") and key in fault.key and cure in fault.cure for fault in refused.value.faults), str(
        refused.value
    )


@pytest.mark.parametrize("file", ["book.toml", "settings.toml", "rules.toml"])
def test_a_missing_file_is_refused(file: str) -> None:
    texts = files()
    del texts[file]
    with pytest.raises(BookError):
        read_book(texts)


def test_a_network_adds_its_own_book_with_only_what_differs(tmp_path: Path) -> None:
    own = tmp_path / "west"
    own.mkdir()
    (own / "book.toml").write_text('id = "west"\nextends = "oost-vlaanderen"\n[name]\nnl = "West"\nfr = "Ouest"\nen = "West"\n')
    (own / "settings.toml").write_text(
        '["limit.O1"]\nsource = "beslissing van het netwerk"\nvalues = [{ from = 2024-01-01, value = 360 }]\n'
    )
    books = read_books(tmp_path)
    assert books["west"].on(date(2026, 1, 1))["limit.O1"] == 360
    assert books["west"].on(date(2026, 1, 1))["limit.O2"] == 2880
    assert books["oost-vlaanderen"].on(date(2026, 1, 1))["limit.O1"] == 240


def test_one_broken_book_stops_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "west").mkdir()
    (tmp_path / "west" / "book.toml").write_text('id = "oost"\n')
    with pytest.raises(BookError, match=r"west/book\.toml"):
        read_books(tmp_path)


def test_a_successor_version_leaves_the_old_days_as_they_were() -> None:
    texts = files()
    texts["settings.toml"] = (
        texts["settings.toml"]
        .replace("value = 2026-12-31 }]", "value = 2026-12-31 }, { from = 2027-01-01, value = 2027-12-31 }]")
        .replace("[{ from = 2024-01-01, value = 240 }]", "[{ from = 2024-01-01, value = 240 }, { from = 2027-01-01, value = 300 }]")
    )
    book = read_book(texts)
    assert book.on(date(2026, 12, 31))["limit.O1"] == 240
    assert book.on(date(2027, 1, 1))["limit.O1"] == 300
    assert [book.covers(day) for day in (date(2026, 12, 31), date(2027, 6, 1), date(2028, 1, 1))] == [True, True, False]


def test_a_value_that_ended_is_an_error_and_never_a_zero() -> None:
    texts = files()
    texts["settings.toml"] = texts["settings.toml"].replace(
        "[{ from = 2024-01-01, value = 240 }]", "[{ from = 2024-01-01, value = 240 }, { from = 2027-01-01, ends = true }]"
    )
    book = read_book(texts)
    with pytest.raises(NoValueError, match=r"limit.O1 on 2027-01-01"):
        book.on(date(2027, 3, 1))["limit.O1"]


def test_a_network_asks_a_question_of_its_own_without_code(tmp_path: Path) -> None:
    """Its own form, with its own words; every option of it can be shown."""
    own = tmp_path / "zuid"
    (own / "forms").mkdir(parents=True)
    (own / "book.toml").write_text('id = "zuid"\nextends = "oost-vlaanderen"\n[name]\nnl = "Zuid"\nfr = "Sud"\nen = "South"\n')
    asked = '\n[[field]]\nkey = "wijk"\nkind = "choice"\noptions = ["Noord", "Zuid"]\n'
    asked += 'label = { nl = "Welke wijk?", fr = "Quel quartier ?", en = "Which part?" }\n'
    (own / "forms" / "presentie.toml").write_text(files()["forms/presentie.toml"] + asked)
    form = read_books(tmp_path)["zuid"].forms["presentie"]
    field = form.fields[-1]
    answers, problems = apply(form, {}, {"wijk": "zuid"}, Asked(date(2026, 6, 15)))
    assert (dict(answers), dict(problems)) == ({"wijk": "Zuid"}, {})
    assert [say(option_label(field, option), "fr") for option in options_of(field, Asked(date(2026, 6, 15)))] == ["Noord", "Zuid"]
