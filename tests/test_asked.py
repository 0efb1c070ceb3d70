"""What is typed under a question that is no card's goes to that question, also while a card stands open behind it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from handlers.confirm_words import CARRY_OUT, NO, YES, confirm_word, says_nothing
from handlers.last_question import meant
from storage.accounts import LastQuestion
from storage.tables import drafts, moments, plans, preferences
from tests.talk import NOW, Office, id_of
from tests.test_journeys import in_each_chat

COFFEE = "/presentie Zonnebloem gisteren 14u-16u koffie, 12 bezoekers"
PLAN = "/planning presentie De Kade vrijdag 14u-16u koken, 12 jongeren"


def wishes(office: Office, key: str) -> Any:
    return office.run(lambda tx: tx.execute(select(preferences).where(preferences.c.person == id_of(tx, key))).first())


def answers(office: Office) -> dict[str, Any]:
    return dict(office.run(lambda tx: tx.execute(select(drafts.c.answers).where(drafts.c.state == "open")).scalar_one()))


def booked(office: Office) -> int:
    query = select(moments.c.id).where(moments.c.source.is_(None), moments.c.state == "accepted")
    return len(office.run(lambda tx: tx.execute(query).all()))


@in_each_chat
def test_a_typed_hour_goes_to_the_question_on_screen_and_not_to_the_card_behind_it(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do("/presentie Zonnebloem gisteren", "/herinneringen", "[Mijn uur]")
    before = answers(office)
    shown = talk.say("17u")
    assert "vanaf 17:00" in shown
    assert "Bewaard." in shown
    assert answers(office) == before
    assert wishes(office, "K1").hour == "17:00"
    talk.say("14u")  # the card was asked again below: now it is the card's
    assert answers(office)["start"] == "14:00"


@in_each_chat
def test_quiet_hours_are_typed_also_after_a_restart_between_question_and_answer(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do("/presentie Zonnebloem gisteren", "/herinneringen", "[Stille uren]")
    if surface == "telegram":  # the terminal greets when it begins, and puts the card's question again
        office.restart()
    assert "nooit tussen 21:00 en 07:00" in talk.say("21u-7u")
    assert "start" not in answers(office)


@in_each_chat
def test_what_is_no_hour_is_asked_again_and_never_given_to_the_card(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do("/presentie Zonnebloem gisteren", "/herinneringen", "[Mijn uur]")
    before = answers(office)
    assert "Welk uur bedoel je?" in talk.say("zo laat mogelijk")
    assert "17:00" in talk.say("om 5 uur")
    assert "Herinneringen" in talk.say("terug")
    assert answers(office) == before
    talk.say("14u")
    assert answers(office)["start"] == "14:00"


@in_each_chat
@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("tot 30 juni", date(2026, 6, 15), date(2026, 6, 29)),
        ("volgende week", date(2026, 6, 15), date(2026, 6, 21)),
        ("van 1 juli tot 15 juli", date(2026, 7, 1), date(2026, 7, 14)),
    ],
)
def test_the_day_of_return_is_typed_under_its_question(office: Office, surface: str, typed: str, first: date, last: date) -> None:
    talk = office.talk(surface, "K1")
    talk.do("/herinneringen", "[Ik ben er niet]")
    assert "zwijg" in talk.say(typed)
    assert (wishes(office, "K1").away_from, wishes(office, "K1").away_to) == (first, last)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("verlof van 1 juli tot 15 juli", date(2026, 7, 1), date(2026, 7, 14)),
        ("ik ben er niet van maandag tot vrijdag", date(2026, 6, 15), date(2026, 6, 18)),
        ("/herinneringen verlof volgende week", date(2026, 6, 22), date(2026, 6, 28)),
        ("absent jusqu au 30 juin", date(2026, 6, 15), date(2026, 6, 30)),
        ("je suis en congé du 1er au 15 juillet", date(2026, 7, 1), date(2026, 7, 15)),
        ("I'm away until 1 July", date(2026, 6, 15), date(2026, 6, 30)),
        ("ik ben er volgende week niet", date(2026, 6, 22), date(2026, 6, 28)),
    ],
)
def test_a_leave_is_told_in_many_words(office: Office, typed: str, first: date, last: date) -> None:
    talk = office.terminal("K1")
    talk.say(typed)
    assert (wishes(office, "K1").away_from, wishes(office, "K1").away_to) == (first, last)


def test_a_sentence_about_leave_alone_is_asked_about_and_the_next_line_answers(office: Office) -> None:
    talk = office.telegram("K1")
    assert "Welke dag" in talk.say("ik ben er niet")
    assert "woensdag 1 juli 2026" in talk.say("tot 1 juli")
    assert "Goed" not in talk.say("/presentie verlof aanvragen")


@in_each_chat
@pytest.mark.parametrize(("typed", "made"), [("klopt", 2), ("ja", 2), ("oui", 2), ("was er niet", 1), ("nee", 1)])
def test_the_question_of_a_colleague_is_answered_in_words(office: Office, surface: str, typed: str, made: int) -> None:
    lotte, bram = office.talk(surface, "K1"), office.talk(surface, "K2", **({"name": "Bram"} if surface == "telegram" else {}))
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]", "Bram Proefman", "[Vraag het aan]")
    bram.hear()
    assert "begreep ik niet" not in bram.say(typed)
    assert booked(office) == made


def test_yes_is_for_the_open_card_when_a_colleague_asks_in_between(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]", "Bram Proefman", "[Vraag het aan]")
    bram.say("/presentie")
    bram.hear()
    bram.say("ja")
    assert booked(office) == 1
    bram.hear()


@in_each_chat
@pytest.mark.parametrize(("typed", "count", "last"), [("tot eind augustus", 11, date(2026, 8, 28)), ("31 juli", 7, date(2026, 7, 31))])
def test_until_when_a_plan_comes_back_is_typed(office: Office, surface: str, typed: str, count: int, last: date) -> None:
    talk = office.talk(surface, "K3")
    talk.do(PLAN, "[Bevestigen]", "[Elke week]")
    assert "Welke dag bedoel je?" in talk.say("geen idee")
    assert f"{count} keer gepland" in talk.say(typed)
    days = office.run(lambda tx: tx.execute(select(plans.c.begins).order_by(plans.c.begins)).scalars().all())
    assert (len(days), days[-1].date()) == (count, last)


@in_each_chat
@pytest.mark.parametrize("yes", ["ja", "Oui !", "yes", "d\u2019accord", "Klopt."])
def test_a_card_that_is_ready_is_confirmed_with_yes(office: Office, surface: str, yes: str) -> None:
    talk = office.talk(surface, "K1")
    talk.say(COFFEE)
    assert "Geboekt" not in talk.say("ja?"), "a question mark is doubt"
    assert "Geboekt" in talk.say(yes)
    assert booked(office) == 1


def test_yes_and_no_are_the_same_words_everywhere() -> None:
    assert YES & NO == YES & CARRY_OUT == NO & CARRY_OUT == frozenset()
    asked = LastQuestion({}, "", "yes", "no", "", NOW.isoformat())
    for word in YES | NO:
        assert (meant(asked, word, card=False), confirm_word(word)) == (("yes", ".ok") if word in YES else ("no", ".back")), word
        assert says_nothing(word.capitalize() + "."), word
    for word in CARRY_OUT:
        assert (meant(asked, word, card=False), confirm_word(word)) == (None, ".ok"), word


@in_each_chat
@pytest.mark.parametrize(
    ("who", "typed", "heard"),
    [
        ("K3", "vandaag 6u-8u kookactiviteit 12 jongeren", ("Presentie", "06:00", "Omschrijving: kookactiviteit", "12 jongeren")),
        ("K4", "advies OCMW telefoon gisteren 10u-10u30", ("Ondersteuning", "advies", "10:00", "OCMW")),
    ],
)
def test_a_line_without_the_word_of_a_form_opens_the_form_that_it_must_be(
    office: Office, surface: str, who: str, typed: str, heard: tuple[str, ...]
) -> None:
    shown = office.talk(surface, who).say(typed)
    for each in heard:
        assert each.lower() in shown.lower(), each


def test_words_that_tell_of_no_moment_open_nothing(office: Office) -> None:
    aicha = office.terminal("K3")
    for typed in ("dank je", "advies", "hoeveel uur heb ik nog", "12 jongeren"):
        assert "Plaats:" not in aicha.say(typed), typed
    assert office.run(lambda tx: tx.execute(select(drafts.c.id)).first()) is None


@in_each_chat
def test_the_overview_finds_a_moment_by_its_number_and_a_month_by_its_name(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do(COFFEE, "[Bevestigen]")
    number = office.run(lambda tx: tx.execute(select(moments.c.id).where(moments.c.source.is_(None))).scalar_one())
    shown = talk.say(f"/overzicht {number}")
    assert f"Moment {number}" in shown
    assert "Omschrijving: koffie" in shown  # as on the card
    assert "vind ik niet bij jou" in talk.say("/overzicht 999")
    assert "juni" in talk.say("/overzicht juni") or "jun" in talk.shown
    assert "Typ het nummer van een moment of een maand" in talk.say("/overzicht straks")


def test_a_plan_that_is_over_says_what_its_button_does(office: Office) -> None:
    talk = office.telegram("K3")
    shown = talk.say("/planning presentie De Kade gisteren 14u-16u")
    assert "je registreert het" in shown
    assert "Nu bewaren" not in shown
    assert "Presentie" in talk.press("Nu registreren")
    assert office.run(lambda tx: tx.execute(select(drafts.c.purpose).where(drafts.c.state == "open")).scalar_one()) == "register"


@in_each_chat
def test_the_words_on_the_receipt_can_be_typed_as_long_as_it_is_fresh(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do(COFFEE, "[Bevestigen]")
    assert "Regel DRV-14" in talk.say("waarom")
    assert "is geannuleerd" in talk.say("ongedaan maken")
    assert len(office.booked("K1")) == 0
    assert "Dat begreep ik niet" in talk.say("ongedaan maken")


def test_a_word_undoes_nothing_that_was_booked_long_ago(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do(COFFEE, "[Bevestigen]")
    office.clock.move(minutes=16)
    assert "Dat begreep ik niet" in talk.say("ongedaan maken")
