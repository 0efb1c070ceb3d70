"""A line that tells another moment while a card is open gets a card of its own; a question that she called up herself is answered first."""

from datetime import date

import pytest
from sqlalchemy import select

from storage.tables import drafts, moments, plans
from tests.talk import Office
from tests.test_journeys import in_each_chat

COFFEE = "presentie zonnebloem gisteren 14u-16u koffie 5 bezoekers"
CONSULTATION = "overleg linde gisteren 12u-13u samenwerking 2 huisartsen"


def kept(office: Office) -> list[tuple[str, str]]:
    query = select(drafts.c.form, drafts.c.state).where(drafts.c.state.in_(("open", "parked"))).order_by(drafts.c.id)
    return [tuple(row) for row in office.run(lambda tx: tx.execute(query).all())]


@in_each_chat
def test_a_whole_line_for_another_form_opens_a_card_of_its_own_and_keeps_the_first(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.say(COFFEE)
    shown = talk.say(CONSULTATION)
    assert "Plaats: Huisartsenpraktijk De Linde" in shown
    assert "Aanwezig: 2 huisartsen" in shown
    talk.say("ja")
    assert kept(office) == [("presentie", "parked")]
    talk.press("Verder: Presentie")
    assert "Aanwezig: 5 bezoekers" in talk.screen()
    talk.say("ja")
    assert [(row.werkvorm, row.minutes) for row in office.booked("K1")] == [("overleg", 60), ("presentie", 120)]


@pytest.mark.parametrize("line", [COFFEE, "advies ocmw vrijdag 10u-10u30 slaap", "intervisie gisteren 10u-11u"])
def test_a_whole_line_is_never_taken_as_the_answer_to_an_open_question(office: Office, line: str) -> None:
    talk = office.telegram("K1")
    talk.do("/presentie", "gisteren 9u-10u")
    assert "Wat deed je er?" in talk.screen()
    assert "Omschrijving: presentie" not in talk.say(line)
    assert all(line not in str(row.answers) for row in office.run(lambda tx: tx.execute(select(drafts)).all()))


@pytest.mark.parametrize("words", ["presentie op de markt", "overleg met het team", "workshop verf", "presentie 5 bezoekers"])
def test_words_without_hours_stay_the_answer_to_the_open_question(office: Office, words: str) -> None:
    talk = office.telegram("K1")
    talk.do("/presentie", "gisteren 9u-10u")
    assert f"Omschrijving: {words}" in talk.say(words)


def test_a_reason_that_names_a_form_and_hours_stays_a_reason(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/aanvraag", "[Meer uren]", "[Huisartsenpraktijk De Linde", "[2u]")
    assert "Motivering: overleg van 2u per maand" in talk.say("overleg van 2u per maand")


def test_while_a_plan_is_open_a_line_is_another_plan(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/planning overleg linde morgen 12u-13u", "presentie zonnebloem vrijdag 14u-15u koffie 5 bezoekers", "ja")
    query = select(plans.c.form, plans.c.begins)
    assert [(row.form, row.begins.date()) for row in office.run(lambda tx: tx.execute(query).all())] == [("presentie", date(2026, 6, 19))]
    assert kept(office) == [("overleg", "parked")]


def test_below_a_new_plan_the_card_that_it_put_aside_is_not_asked_again(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/overleg", "[Huisartsenpraktijk De Linde]")
    shown = talk.say("/planning presentie zonnebloem vrijdag 14u-15u koffie 5 bezoekers")
    assert "Presentie plannen" in shown
    assert "Wanneer was het?" not in shown


@in_each_chat
def test_yes_answers_the_question_that_she_called_up_and_not_the_card_behind_it(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.say(COFFEE)
    talk.do("/overzicht 10", "/overzicht")
    talk.do("[Moment 10", "[Moment annuleren]", "ja")
    assert "Moment 10 is geannuleerd" in talk.screen()
    assert office.booked("K1") == []
    assert office.run(lambda tx: tx.execute(select(moments.c.state).where(moments.c.id == 10)).scalar_one()) == "cancelled"


@in_each_chat
def test_a_moment_is_opened_and_corrected_by_typing_its_number_and_the_words_of_a_button(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    assert "Moment 10" in talk.say("10")
    talk.say("/overzicht")
    assert "Geregistreerd op" in talk.say("moment 8")
    assert "Wat wil je wijzigen?" in talk.say("corrigeren")


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("hulp", "Zo werkt het"), ("mijn momenten", "Je momenten"), ("mijn planning", "Mijn planning"), ("saldo?", "Je saldo"),
        ("wat als overleg linde 1u morgen?", "Dat kan."), ("menu", "Dag Lotte"), ("ik ben terug", "Herinneringen"),
        ("17", "begreep ik niet"), ("hallo", "Dag Lotte"), ("bedankt!", "Dag Lotte"), ("hoeveel uren heb ik nog?", "Je saldo"),
        ("zet de herinneringen af", "Staat aan"), ("ik snap er niets van", "begreep ik niet"),
    ],
)  # fmt: skip
def test_what_stands_on_the_menu_can_be_typed(office: Office, typed: str, heard: str) -> None:
    assert heard in office.telegram("K1").say(typed)


def test_the_word_of_her_only_form_may_be_left_out_of_what_if(office: Office) -> None:
    talk = office.telegram("K3")
    assert "OverKophuis De Kade, vrijdag 19 juni 2026, 3u" in talk.say("/watals kade 3u vrijdag")
    assert "Typ wat je wilt nagaan" in talk.say("/watals misschien")


@pytest.mark.parametrize(
    ("who", "typed", "heard"),
    [
        ("K1", "gisteren overleg met 2 huisartsen in de linde van 12u tot 13u over samenwerking", "Plaats: Huisartsenpraktijk De Linde"),
        ("K1", "vrijdag 14u-15u presentie zonnebloem koffie 5 bezoekers", "Omschrijving: koffie\n"),
        ("K4", "gisteren workshop in het ocmw 9u-12u over rouw voor 10 maatschappelijk werkers", "Werkvorm: Workshop"),
        ("K1", "gisteren presentie of overleg 12u-13u", "begreep ik niet"),
        ("K1", "het overleg was fijn", "begreep ik niet"),
    ],
)
def test_the_word_of_the_form_may_stand_anywhere_in_a_whole_line(office: Office, who: str, typed: str, heard: str) -> None:
    assert heard in office.telegram(who).say(typed)


def test_a_plan_just_kept_comes_back_by_typing_what_its_button_says(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/planning overleg linde morgen 12u-13u samenwerking 2 huisartsen", "ja")
    assert "Tot wanneer komt het terug?" in talk.say("elke week")


def test_yes_is_no_description(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/presentie", "gisteren 9u-10u")
    assert "in een paar woorden" in talk.say("ja")
    assert "Omschrijving: koffie" in talk.say("koffie")


def test_an_hour_of_preparation_in_a_line_is_no_second_length(office: Office) -> None:
    talk = office.telegram("K4")
    shown = talk.say("workshop ocmw donderdag 9u-12u agressie + 1u voorbereiding, 12 maatschappelijk werkers")
    assert "Onderwerp: agressie\n" in shown
    assert "Dit kan: 3u + 1u voorbereiding." in shown
    talk.say("annuleer")
    shown = talk.say("workshop ocmw donderdag 9u 2u voorbereiding examens 12 maatschappelijk werkers")
    assert "Duur: 2u" in shown


@pytest.mark.parametrize(("typed", "channel"), [("telefoon vrijdag slaap", "Per telefoon"), ("vrijdag telefoon en scherm", "Ter plaatse")])
def test_how_they_met_is_read_beside_the_place(office: Office, typed: str, channel: str) -> None:
    shown = office.telegram("K4").say(f"advies ocmw {typed} 10u-10u30 1 maatschappelijk werker")
    assert f"Contact: {channel}" in shown


def test_a_plan_that_is_moved_past_its_old_end_asks_how_long_and_does_not_run_into_the_next_day(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/planning overleg linde morgen 12u-13u samenwerking 2 huisartsen", "ja", "[Verplaats]")
    shown = talk.say("vrijdag 14u")
    assert "Begin: 14:00" in shown
    assert "Duur" not in shown


def test_a_role_with_an_article_is_known_and_its_number_is_asked(office: Office) -> None:
    talk = office.telegram("K1")
    talk.say("/overleg linde gisteren 12u-13u samenwerking")
    assert "Hoeveel precies?" in talk.say("de huisarts en de verpleegkundige")
    assert "Aanwezig: 2 huisartsen" in talk.say("de 2 huisartsen")


def test_where_nothing_can_be_chosen_a_request_says_whom_to_ask(office: Office) -> None:
    talk = office.telegram("K1")
    shown = talk.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 3")
    assert "nog niets te kiezen" in shown
    assert "Katrijn Modelaar" in shown
    assert "Voor welke oproep?" in talk.press("Terug")


def test_a_leave_that_takes_the_place_of_another_is_said_and_ends_in_words(office: Office) -> None:
    talk = office.telegram("K1")
    assert "in de plaats" not in talk.say("ik ben er niet tot 1 juli")
    assert "in de plaats" in talk.say("verlof volgende week")
    assert "in de plaats" not in talk.say("verlof volgende week")
    assert "Ben je een tijd weg?" in talk.say("ik ben terug")
