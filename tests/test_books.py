"""Rulebooks: those that come with the program can be read; a broken one is refused with file, key and cure, in every way."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.book_files import read_books
from bot.wording import say
from handlers.moment_form import Setting, option_words
from rules.book import NoValueError
from rules.book_keys import KEYS
from rules.book_reading import BookError, read_book
from rules.forms import Asked, apply, options_of
from rules.rule_ids import REPORTED
from rules.rule_words import hours

BOOKS = Path(__file__).parent.parent / "rules" / "books"


def files(book: str = "oost-vlaanderen") -> dict[str, str]:
    folder = BOOKS / book
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.toml")}


def test_both_books_have_every_key_and_every_rule() -> None:
    for book in read_books().values():
        assert {key for key in book.values if not key.startswith("werkvorm.")} == set(KEYS)
        assert set(REPORTED) <= set(book.rules)
        assert {"overleg", "presentie", "intervisie", "ondersteuning"} <= set(book.forms)


# Settings of the meetings (MPO) and quality groups (RKG), which wait for their modules: see rules/book_keys.py.
NOT_READ_YET = {"mpo.scale_steps", "rkg.min_coordinators"}


def test_every_setting_is_read_by_the_code_or_followed_by_a_werkvorm() -> None:
    """A key that a network may set and nobody looks at would promise what does not happen."""
    modules = [path for name in ("rules", "storage", "handlers", "bot") for path in (BOOKS.parent.parent / name).glob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in modules if path.name != "book_keys.py")
    followed = "".join(files(book)["werkvormen.toml"] for book in ("oost-vlaanderen", "generic-art8"))
    families = set(re.findall(r'f"([a-z_.]+\.)\{', code))
    unread = {key for key in KEYS if f'"{key}"' not in code + followed and key.rpartition(".")[0] + "." not in families}
    assert unread == NOT_READ_YET


def with_value(key: str, wrong: str) -> Callable[[str], str]:
    """A change of settings.toml: another first value of a setting."""
    first = re.compile(rf'(\["{re.escape(key)}"\]\nsource = .*\nvalues = \[{{ from = [0-9-]+, value = ).*( }}\])')
    return lambda text: first.sub(rf"\g<1>{wrong}\g<2>", text)


WRONG_VALUES = (
    ("o2.recheck_months", "-1", "whole number from 0 to 120"),
    ("o1.recheck_months", '"yearly"', "whole number from 0 to 120"),
    ("agreement.callback_hours", "48.5", "whole number from 0 to 336"),
    ("agreement.min_hours_action", '"block"', "report, warn"),
    ("travel_counts", '"no"', "true or false"),
    ("mpo.scale_steps", "1", "whole number from 2 to 10"),
    ("mpo.reminder_days", "3", "list of whole days"),
    ("rkg.min_coordinators", '"vijf"', "whole number from 0 to 50"),
    ("sector_rules", '["hoger_onderwijs"]', "a table such as"),
    ("sector_rules", '{ school = "show" }', "hoger_onderwijs"),
    ("sector_rules", '{ clb = "ask" }', "show or refuse"),
)
W = "werkvormen.toml"
TERMS = '[[rust.O3]]\nfrom = 2026-01-01\nsource = "x"\nrule = "O3-02"\nchannels = ["f2f"]\n'
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
    **{f"{key} = {wrong}": ("settings.toml", with_value(key, wrong), key, cure) for key, wrong, cure in WRONG_VALUES},
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
    "list of no name": ("forms/overleg.toml", lambda text: text.replace('"places.O1"', '"places.O9"'), "field place.options", "places.O1"),
    "role not asked": (
        "forms/intervisie.toml",
        lambda text: text.replace('key = "role"', 'key = "given"').replace("role = [", "given = ["),
        "field role",
        "add the field",
    ),
    "text of no setting": ("rules.toml", lambda text: text.replace("{limit.O1}", "{limit.O9}"), "O1-11", "{limit.O9} is no setting"),
    "text of a list": ("rules.toml", lambda text: text.replace("{limit.O1}", "{count_roles}"), "O1-11", "can be said"),
    "other settings in French": (
        "rules.toml",
        lambda text: text.replace("recevez {limit.O1}", "recevez {limit.O2}"),
        "O1-11",
        "the same settings",
    ),
    "werkvorm without terms": (
        W,
        lambda text: text + '\n[rust]\nnl = "R"\nfr = "R"\nen = "R"\nforms = ["ondersteuning"]\n',
        "rust",
        "no oproep",
    ),
    "werkvorm without words": (W, lambda text: text + f'\n[rust]\nforms = ["ondersteuning"]\n{TERMS}', "rust", "name in nl, fr and en"),
    "werkvorm half worded": (W, lambda text: text + f'\n[rust]\nnl = "Rust"\nforms = ["ondersteuning"]\n{TERMS}', "rust", "nl, fr and en"),
    "known werkvorm renamed": (W, lambda text: text.replace("[advies]\n", '[advies]\nnl = "Raad"\n'), "advies", "leave out"),
    "werkvorm in no form": (
        W,
        lambda text: text.replace('[advies]\nforms = ["ondersteuning"]', "[advies]"),
        "advies.forms",
        "in which forms",
    ),
    "werkvorm in a form that is none": (W, lambda text: text.replace('["overleg"]', '["overlg"]'), "overleg.forms", "there is no form"),
    "werkvorm with a long name": (W, lambda text: text + f"\n[{'x' * 21}]\n", "x" * 21, "2 to 20"),
    "werkvorm is no table": (W, lambda text: "rust = 3\n" + text, "rust", "must be a table"),
    "werkvorm key unknown": (W, lambda text: text.replace("[advies]\n", "[advies]\nform = 1\n"), "advies.form", "not known"),
    "werkvorm typed as text": (W, lambda text: text.replace("[advies]\n", '[advies]\ntyped = "raad"\n'), "advies.typed", "list of words"),
    "werkvorm lengths": (
        W,
        lambda text: text.replace("usual_minutes = [90", "usual_minutes = [0"),
        "workshop.usual_minutes",
        "1 to 9 lengths",
    ),
    "terms no list": (W, lambda text: text.replace("[[overleg.O1]]", "[overleg.O1]"), "overleg.O1", "[[overleg.O1]]"),
    "terms without date": (W, lambda text: text.replace("from = 2024-01-01\n", "", 1), "overleg.O1", "needs a date"),
    "terms without source": (W, lambda text: text.replace('source = "O1-01', 'sources = "O1-01'), "overleg.O1", "source"),
    "terms key unknown": (W, lambda text: text.replace("least_people", "fewest", 1), "overleg.O1.fewest", "not known"),
    "terms without rule": (W, lambda text: text.replace('rule = "GEN-17"\n', ""), "overleg.O1.rule", "give the rule id"),
    "terms rule is a number": (
        W,
        lambda text: text.replace('people_rule = "O1-01"', "people_rule = 1"),
        "overleg.O1.people_rule",
        "rule id",
    ),
    "terms rule without words": (
        W,
        lambda text: text.replace('people_rule = "O1-01"', 'people_rule = "O1-99"'),
        "O1-99",
        "names this rule",
    ),
    "terms channel unknown": (W, lambda text: text.replace('["f2f"]', '["fax"]'), "presentie.O2.channels", "f2f, telefoon, online"),
    "terms without channels": (W, lambda text: text.replace('channels = ["f2f"]\n', ""), "presentie.O2.channels", "must be a list"),
    "terms role unknown": (W, lambda text: text.replace('"count_roles.O1"]', '"clown"]'), "overleg.O1.counts", "the roles are"),
    "terms limit is a text": (
        W,
        lambda text: text.replace('"min_participants.O1"', '"drie"'),
        "overleg.O1.least_people",
        "name of a setting",
    ),
    "terms limit of a choice": (
        W,
        lambda text: text.replace('"min_participants.O1"', '"month_end"'),
        "overleg.O1.least_people",
        "name of a setting",
    ),
    "terms limit too low": (W, lambda text: text.replace('"min_participants.O1"', "-1"), "overleg.O1.least_people", "from 0 to 50"),
    "terms switch is a number": (W, lambda text: text.replace("allowed = false", "allowed = 0", 1), "advies.O4.allowed", "true or false"),
    "terms note is a text": (
        W,
        lambda text: text.replace("may_be_noted = true", 'may_be_noted = "ja"', 1),
        "advies.O3.may_be_noted",
        "true or false",
    ),
    "terms code is a number": (W, lambda text: text.replace('"billing.code.O1"', "726994"), "overleg.O1.billing_code", "text"),
    "terms shortest over longest": (
        W,
        lambda text: text.replace('"duration.min_group_theme"', "300").replace('"duration.max_group_theme"', "240"),
        "workshop.O3.most_minutes",
        "less than",
    ),
    "terms step over longest": (
        W,
        lambda text: text.replace('most_minutes = "duration.max_group_theme"', "most_minutes = 60\nstep_minutes = 90"),
        "workshop.O3.step_minutes",
        "more than",
    ),
    "terms fewest over most": (
        W,
        lambda text: text.replace('least_people = "min_participants.O1"', "least_people = 4\nmost_people = 3"),
        "overleg.O1.most_people",
        "less than",
    ),
    "terms in disorder": (
        W,
        lambda text: text.replace("[presentie]", '[[overleg.O1]]\nfrom = 2023-01-01\nsource = "x"\nends = true\n\n[presentie]'),
        "overleg.O1",
        "order",
    ),
    "terms end with terms": (
        W,
        lambda text: text.replace('rule = "GEN-17"', 'rule = "GEN-17"\nends = true'),
        "overleg.O1.ends",
        "stands alone",
    ),
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


@pytest.mark.parametrize("key", KEYS)
def test_a_book_without_one_of_its_settings_is_refused(key: str) -> None:
    texts = files()
    texts["settings.toml"] = re.sub(rf'\["{re.escape(key)}"\]\nsource = .*\nvalues = .*\n', "", texts["settings.toml"])
    with pytest.raises(BookError) as refused:
        read_book(texts)
    assert [(fault.file, fault.key) for fault in refused.value.faults if "is missing" in fault.cure] == [("settings.toml", key)]


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("", "is missing, as most settings are: name the rulebook whose values hold else"),
        ('extends = "oost-vlanderen"\n', "no rulebook 'oost-vlanderen' was found to extend: choose oost-vlaanderen"),
    ],
)
def test_a_book_whose_base_is_not_known_says_that_alone(line: str, cure: str) -> None:
    texts = {"book.toml": f'id = "west"\n{line}[name]\nnl = "West"\nfr = "Ouest"\nen = "West"\n'}
    texts["settings.toml"] = '["limit.O1"]\nsource = "x"\nvalues = [{ from = 2024-01-01, value = 360 }]\n'
    with pytest.raises(BookError) as refused:
        read_book(texts, {"oost-vlaanderen": files()})
    assert [str(fault) for fault in refused.value.faults] == [f"book.toml: extends: {cure}"]


@pytest.mark.parametrize("file", ["book.toml", "settings.toml", "rules.toml", "werkvormen.toml"])
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


def of_a_network(**own: str) -> dict[str, str]:
    """The files of a book that extends oost-vlaanderen; `own`: the text of settings, rules, werkvormen."""
    head = 'id = "west"\nextends = "oost-vlaanderen"\n[name]\nnl = "West"\nfr = "Ouest"\nen = "West"\n'
    return {"book.toml": head, **{f"{name}.toml": text for name, text in own.items()}}


def test_until_the_first_date_of_a_networks_own_value_that_of_the_book_below_holds() -> None:
    """A decision from July on says nothing of June; one from the first day of the book below replaces all of it."""
    settings = '["limit.O3"]\nsource = "decision"\nvalues = [{ from = 2026-07-01, value = 3000 }]\n'
    settings += '["rate"]\nsource = "decision"\nvalues = [{ from = 2026-07-01, value = "90.00" }]\n'
    settings += '["limit.O1"]\nsource = "decision"\nvalues = [{ from = 2024-01-01, value = 300 }]\n'
    book = read_book(of_a_network(settings=settings), {"oost-vlaanderen": files()})
    below = read_book(files())
    for day, limit, cents in ((date(2026, 6, 30), below.on(date(2026, 6, 30))["limit.O3"], 8669), (date(2026, 7, 1), 3000, 9000)):
        assert (book.on(day)["limit.O3"], book.rate_on(day)) == (limit, cents)
    assert limit != below.on(date(2026, 6, 30))["limit.O3"]
    assert [dated.value for dated in book.values["limit.O1"]] == [300]


def test_until_the_first_date_of_a_networks_own_terms_those_of_the_book_below_hold() -> None:
    terms = '[[presentie.O2]]\nfrom = 2026-07-01\nsource = "decision"\nrule = "O2-02"\nchannels = ["f2f", "online"]\n'
    book = read_book(of_a_network(werkvormen=f"[presentie]\n{terms}"), {"oost-vlaanderen": files()})
    before, after = (book.on(day).terms("O2", "presentie") for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert before is not None
    assert after is not None
    assert (before.channels, after.channels) == ({"f2f"}, {"f2f", "online"})


def test_all_that_is_missing_of_a_rule_text_is_said_at_once() -> None:
    with pytest.raises(BookError, match=r'rules\.toml: NET-01: give version = a date, source, nl, fr, en'):
        read_book(of_a_network(rules='["NET-01"]\n'), {"oost-vlaanderen": files()})


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
    setting = Setting(form, read_books(tmp_path)["zuid"], None, (), Asked(date(2026, 6, 15)))
    assert [say(option_words(setting, field, option), "fr") for option in options_of(field, setting.asked)] == ["Noord", "Zuid"]


def test_two_books_do_not_call_one_werkvorm_by_two_names(tmp_path: Path) -> None:
    for name, words in (("noord", "Rust"), ("zuid", "Stilte")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "book.toml").write_text(f'id = "{name}"\nextends = "oost-vlaanderen"\n[name]\nnl = "N"\nfr = "N"\nen = "N"\n')
        rust = f'[rust]\nnl = "{words}"\nfr = "Repos"\nen = "Rest"\nforms = ["ondersteuning"]\n{TERMS}'
        (tmp_path / name / "werkvormen.toml").write_text(rust)
    with pytest.raises(BookError, match=r"zuid/werkvormen\.toml: rust: has another name in rulebook noord"):
        read_books(tmp_path)


def test_a_dated_change_of_a_limit_changes_what_waarom_says() -> None:
    texts = files()
    texts["settings.toml"] = texts["settings.toml"].replace(
        "[{ from = 2024-01-01, value = 240 }]", "[{ from = 2024-01-01, value = 240 }, { from = 2026-07-01, value = 330 }]"
    )
    book = read_book(texts)
    before, after = book.on(date(2026, 6, 30)), book.on(date(2026, 7, 1))
    rule = book.rules["O1-11"]
    assert rule.on(before, "nl").startswith("Je krijgt 4 uur overleg")
    assert rule.on(after, "nl").startswith("Je krijgt 5,5 uur overleg")
    assert rule.on(after, "fr").startswith("Vous recevez 5,5 heures")
    assert rule.on(after, "en").startswith("You get 5.5 hours")


@pytest.mark.parametrize(
    ("minutes", "nl", "fr", "en"),
    [
        (0, "0 uur", "0 heure", "0 hours"),
        (60, "1 uur", "1 heure", "1 hour"),
        (90, "1,5 uur", "1,5 heure", "1.5 hours"),
        (45, "45 minuten", "45 minutes", "45 minutes"),
        (1, "1 minuut", "1 minute", "1 minute"),
        (140, "2 uur 20", "2 heures 20", "2 hours 20"),
        (2880, "48 uur", "48 heures", "48 hours"),
    ],
)
def test_minutes_are_said_as_people_say_them(minutes: int, nl: str, fr: str, en: str) -> None:
    assert [hours(minutes, language) for language in ("nl", "fr", "en")] == [nl, fr, en]
