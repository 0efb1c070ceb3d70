"""A network adds a werkvorm in a folder of its own, without code: the judge holds it to its terms, the chat offers and books it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.book_files import read_books
from bot.cases import run_cases
from bot.tables_in import read_tables
from handlers.importing import Report, run_import
from handlers.world import World
from rules.book import Rulebook
from rules.facts import Agreement, Facts, Grant, Person, Submission
from rules.judge import judge
from rules.periods import BRUSSELS
from rules.verdict import Verdict
from storage import remembered
from storage.tables import agreements, moments, networks
from tests.talk import Office
from tests.test_journeys import on_each_surface

DAY = datetime(2026, 6, 14, 10)
NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)

SUPERVISIE = """
[supervisie]
nl = "Supervisie op de werkvloer"
fr = "Supervision sur le terrain"
en = "Supervision on the job"
forms = ["ondersteuning"]
typed = ["supervisie", "supervision"]
usual_minutes = [60, 90, 120]

[[supervisie.O3]]
from = 2026-01-01
source = "beslissing van het netwerk, 12 december 2025"
rule = "NET-01"
channels = ["f2f", "online"]
counts = ["verpleegkundige", "zorgmedewerker"]
least_people = 2
most_people = 6
least_minutes = 60
most_minutes = "duration.max_group_theme"
step_minutes = 30
preparation_hours = 2
most_times = 3

[[supervisie.O3]]
from = 2026-09-01
source = "beslissing van het netwerk, 20 juni 2026"
rule = "NET-01"
channels = ["f2f"]
least_people = 1
"""

RULE = """
["NET-01"]
version = 2026-01-01
source = "beslissing van het netwerk § supervisie"
nl = "Supervisie is voor minstens 2 mensen uit de zorg en duurt hoogstens {duration.max_group_theme}."
fr = "La supervision réunit au moins 2 soignants et dure au plus {duration.max_group_theme}."
en = "Supervision is for at least 2 care workers and lasts at most {duration.max_group_theme}."
"""


def books_with(folder: Path, werkvormen: str = SUPERVISIE, rules: str = RULE, settings: str = "") -> dict[str, Rulebook]:
    """The rulebooks, and one of a network of our own with what is given in its files."""
    own = folder / "zuid"
    own.mkdir()
    (own / "book.toml").write_text('id = "zuid"\nextends = "oost-vlaanderen"\n[name]\nnl = "Zuid"\nfr = "Sud"\nen = "South"\n')
    (own / "werkvormen.toml").write_text(werkvormen)
    (own / "rules.toml").write_text(rules)
    (own / "settings.toml").write_text(settings)
    return read_books(folder)


@pytest.fixture
def zuid(tmp_path: Path) -> Rulebook:
    return books_with(tmp_path)["zuid"]


GRANT = Grant("G", "O3", ("A",), date(2026, 1, 1), date(2026, 12, 31), agreement="AG")
FACTS = Facts(Person("A"), (GRANT,), agreement=Agreement("AG", "A", "P", date(2026, 1, 1), date(2026, 12, 31)))


def judged(book: Rulebook, facts: Facts = FACTS, **changes: Any) -> Verdict:
    given = {"minutes": 90, "present": {"zorgmedewerker": 2}, "topic": "nachtrust", **changes}
    sub = Submission("A", "O3", "supervisie", agreement="AG", start=given.pop("start", DAY), **given)
    return judge(book, facts, sub, max(NOW, sub.start.replace(tzinfo=BRUSSELS) + timedelta(days=1)))


def test_a_moment_that_keeps_to_the_terms_is_accepted_with_its_preparation(zuid: Rulebook) -> None:
    verdict = judged(zuid)
    assert (verdict.outcome, verdict.minutes, verdict.preparations) == ("accepted", 90, 2)
    assert verdict.after is not None
    assert verdict.after.left == 48 * 60 - 90


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channel": "telefoon"}, "not_met"),
        ({"present": {"zorgmedewerker": 1, "huisarts": 5}}, "attendance"),
        ({"present": {"zorgmedewerker": 7}}, "too_many"),
        ({"minutes": 30}, "length"),
        ({"minutes": 270}, "length"),
        ({"minutes": 75}, "whole_steps"),
    ],
)
def test_each_term_refuses_under_the_rule_of_the_network(zuid: Rulebook, changes: dict[str, Any], says: str) -> None:
    verdict = judged(zuid, **changes)
    assert verdict.outcome == "refused"
    assert [(each.rule, each.facts["says"]) for each in verdict.reasons()] == [("NET-01", says)]


def test_the_bounds_themselves_are_allowed(zuid: Rulebook) -> None:
    for minutes in (60, 240):
        assert judged(zuid, minutes=minutes).outcome == "accepted"
    for count in (2, 6):
        assert judged(zuid, present={"verpleegkundige": count}).outcome == "accepted"


def test_it_may_be_given_so_often_in_a_period(zuid: Rulebook) -> None:
    assert judged(zuid, replace(FACTS, times=2)).outcome == "accepted"
    assert judged(zuid, replace(FACTS, times=3)).rules == {"NET-01"}


def test_the_terms_are_those_of_the_day(zuid: Rulebook) -> None:
    alone = {"present": {"huisarts": 1}, "minutes": 35}
    assert judged(zuid, start=datetime(2026, 8, 31, 10), **alone).outcome == "refused"
    assert judged(zuid, start=datetime(2026, 9, 1, 10), **alone).outcome == "accepted"
    assert judged(zuid, start=datetime(2026, 9, 1, 10), **alone, channel="online").rules == {"NET-01"}


def test_before_its_first_day_it_is_no_werkvorm(zuid: Rulebook) -> None:
    facts = Facts(Person("A"), (replace(GRANT, start=date(2025, 1, 1)),), agreement=replace(FACTS.agreement, start=date(2025, 1, 1)))
    assert "GEN-17" in judged(zuid, facts, start=datetime(2025, 12, 31, 10)).rules


def test_it_can_end(tmp_path: Path) -> None:
    ended = SUPERVISIE.split("[[supervisie.O3]]\nfrom = 2026-09-01")[0]
    ended += '[[supervisie.O3]]\nfrom = 2026-06-01\nsource = "beslissing"\nends = true\n'
    assert judged(books_with(tmp_path, ended)["zuid"]).rules == {"GEN-17"}


def test_other_networks_do_not_have_it(tmp_path: Path) -> None:
    books = books_with(tmp_path)
    assert judged(books["oost-vlaanderen"]).rules == {"GEN-17"}


def test_a_limit_named_by_its_setting_follows_the_setting(tmp_path: Path) -> None:
    longer = '["duration.max_group_theme"]\nsource = "besluit"\n'
    longer += "values = [{ from = 2024-01-01, value = 240 }, { from = 2026-07-01, value = 300 }]\n"
    book = books_with(tmp_path, settings=longer)["zuid"]
    assert judged(book, minutes=270).outcome == "refused"
    assert judged(book, minutes=270, start=datetime(2026, 7, 1, 10)).outcome == "accepted"
    assert "hoogstens 4 uur" in book.rules["NET-01"].on(book.on(date(2026, 6, 30)), "nl")
    assert "au plus 5 heures" in book.rules["NET-01"].on(book.on(date(2026, 7, 1)), "fr")


def test_policy_cases_know_it_too(tmp_path: Path) -> None:
    books = books_with(tmp_path)
    file = tmp_path / "cases.toml"
    step = 'do = "register"\nperson = "A"\noproep = "O3"\nagreement = "AG"\nwerkvorm = "supervisie"\nminutes = 60\n'
    steps = "".join(
        f"[[case.steps]]\n{step}present = {{ zorgmedewerker = 2 }}\nstart = 2026-03-{10 + number}T10:00:00\nexpect = {expected}\n"
        for number, expected in enumerate(["{ booked_minutes = 60, billable_hours = 3 }"] + ["{}"] * 2 + ['{ rules = ["NET-01"] }'])
    )
    file.write_text(
        '[[case]]\nid = "Z"\ntitle = "Three times"\nrulebook = "zuid"\n'
        'agreements = [{ id = "AG", person = "A", partner = "P", from = 2026-01-01 }]\n'
        'grants = [{ id = "G", oproep = "O3", agreement = "AG" }]\n' + steps
    )
    assert [str(outcome) for outcome in run_cases([file], books)] == ["ok Z Three times"]


def open_with(office: Office, folder: Path, werkvormen: str = SUPERVISIE) -> None:
    """Give the network of K4 the rulebook of its own."""
    office.world = World(books_with(folder, werkvormen))
    office.run(lambda tx: (tx.execute(update(networks).where(networks.c.key == "NW-B").values(rulebook="zuid")), remembered.forget(tx)))


@on_each_surface
def test_a_provider_registers_it_by_button(office: Office, surface: str, tmp_path: Path) -> None:
    open_with(office, tmp_path)
    talk = office.talk(surface, "K4")
    talk.say("/ondersteuning")
    assert "Supervisie op de werkvloer" in talk.labels
    talk.do("[Supervisie op de werkvloer]", "[Kinderdagverblijf", "[Gisteren]", "[10:00]")
    assert {"1u", "1u30", "2u"} <= set(talk.labels)
    assert "30 min" not in talk.labels
    talk.do("[1u30]", "nachtrust", "2 zorgmedewerkers", "[Ter plaatse]", "[Alles klopt]")
    assert "Supervisie op de werkvloer" in talk.screen()
    booked = talk.press("Bevestigen")
    assert "Supervisie op de werkvloer" in booked
    row = office.booked("K4")[0]
    assert (row.werkvorm, row.oproep, row.minutes, row.preparations) == ("supervisie", "O3", 90, 2)
    assert "Supervisie op de werkvloer" in talk.say("/overzicht")
    assert "Supervisie op de werkvloer" in talk.say("/watals supervisie Pinkeltje 1u gisteren 2 zorgmedewerkers")


def test_a_refusal_says_why_and_shows_the_words_of_the_network(office: Office, tmp_path: Path) -> None:
    open_with(office, tmp_path)
    talk = office.talk("terminal", "K4")
    talk.do("/ondersteuning", "supervisie", "pinkeltje", "gisteren 10u-11u15", "nachtrust", "2 zorgmedewerkers", "ter plaatse", "ja")
    assert "De duur gaat per 30 min. Je gaf 1u15 op." in talk.screen()
    assert "Regel NET-01: Supervisie is voor minstens 2 mensen uit de zorg en duurt hoogstens 4 uur." in talk.press("Waarom?")


def test_why_gives_every_reason_of_one_rule_and_its_words_once(office: Office, tmp_path: Path) -> None:
    open_with(office, tmp_path)
    talk = office.talk("terminal", "K4")
    talk.do("/ondersteuning", "supervisie", "pinkeltje", "gisteren 10u-11u15", "nachtrust", "1 zorgmedewerker", "ter plaatse", "ja")
    reasons = [line for line in talk.screen().splitlines() if "minstens 2" in line or "De duur gaat per 30 min" in line]
    assert len(reasons) == 2
    why = talk.press("Waarom?")
    assert all(line.strip() in why for line in reasons)
    assert why.count("Regel NET-01") == 1


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("nl", "Die werkvorm kan pas vanaf woensdag 1 juli"),
        ("fr", "Cette forme de travail n'est possible qu'à partir du mercredi 1er juillet"),
        ("en", "That working form is possible only from Wednesday 1 July"),
    ],
)  # fmt: skip
def test_before_its_first_day_the_chat_says_from_when_it_can_be_done(office: Office, tmp_path: Path, language: str, says: str) -> None:
    open_with(office, tmp_path, SUPERVISIE.replace("from = 2026-01-01", "from = 2026-07-01"))
    talk = office.talk("terminal", "K4")
    talk.do(f"/taal {language}", "/ondersteuning")
    assert "Supervis" not in " ".join(talk.labels)
    assert says in talk.say("supervisie")
    assert says in talk.say("/ondersteuning supervisie gisteren 10u 1u")


@pytest.mark.parametrize(("language", "name"), [("fr", "Supervision sur le terrain"), ("en", "Supervision on the job")])
def test_it_has_its_name_in_each_language(office: Office, tmp_path: Path, language: str, name: str) -> None:
    open_with(office, tmp_path)
    talk = office.talk("terminal", "K4")
    talk.do(f"/taal {language}", "/ondersteuning")
    assert name in talk.labels


SUPERVISED = """\
moment,persoon,oproep,werkvorm,overeenkomst,begin,minuten,aanwezigen,contact,omschrijving
M1,K4,3,supervisie,AG-2,2026-05-04 10:00,90,zorgmedewerker=2,,nachtrust
"""
AGREED = """\
overeenkomst,persoon,partner,partner_soort,van,tot,werkvormen
AG-9,K4,P9,ocmw,2026-01-01,2026-12-31,advies+supervisie
"""


def taken_in(office: Office, folder: Path, table: str, lines: str) -> Report:
    """What an import of one table says."""
    folder.mkdir()
    (folder / f"{table}.csv").write_text(lines)
    sheets, refusals, _ = read_tables(folder)
    return run_import(office.database, office.world.books, sheets, NOW, refused=refusals)


def test_moments_of_it_are_imported(office: Office, tmp_path: Path) -> None:
    open_with(office, tmp_path)
    report = taken_in(office, tmp_path / "in", "momenten", SUPERVISED)
    assert report.counts["momenten"].added == 1
    row = office.run(lambda tx: tx.execute(select(moments).where(moments.c.source == "M1")).one())
    assert (row.werkvorm, row.minutes, row.preparations) == ("supervisie", 90, 2)


@pytest.mark.parametrize("own", [True, False])
def test_an_agreement_names_werkvormen_that_a_network_of_the_person_has(office: Office, tmp_path: Path, own: bool) -> None:
    if own:
        open_with(office, tmp_path)
    report = taken_in(office, tmp_path / "in", "overeenkomsten", AGREED)
    if own:
        assert report.refusals == []
        row = office.run(lambda tx: tx.execute(select(agreements).where(agreements.c.key == "AG-9")).one())
        assert row.werkvormen == "advies+supervisie"
    else:
        assert "row 2, column werkvormen: must be one of: overleg" in str(report.refusals[0])


def test_a_werkvorm_of_no_rulebook_is_refused_at_import(office: Office, tmp_path: Path) -> None:
    report = taken_in(office, tmp_path / "in", "momenten", SUPERVISED)
    assert "row 2, column werkvorm: must be one of: overleg" in str(report.refusals[0])
