"""Correcting a grant and naming who stands in: what the coordinator reads, what is possible, and who hears of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handlers import adjusting, regranting, requesting, standing_in
from rules.book import Rulebook
from storage import remembered
from storage.erasing import erase
from storage.tables import add_row, drafts, grant_people, grants, moments, networks, outbox, stand_ins
from tests.talk import BOOKS, NOW, Office, id_of
from tests.test_network import add_person, grant, told
from tests.test_requests import MORE, one
from tests.test_translations import say

KEY = "GR-04"  # Lotte's, oproep 2
O2 = ("/netwerk lotte", "[Corrigeer oproep 2")


def network_of(tx: Connection) -> int:
    return int(tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one())


def name_stand_in(office: Office, key: str, coordinator: str = "C-1") -> None:
    """Somebody stands in for the coordinator, for a month."""

    def step(tx: Connection) -> None:
        row = {"coordinator": id_of(tx, coordinator), "network": network_of(tx), "person": id_of(tx, key), "start": NOW.date()}
        add_row(tx, stand_ins, {**row, "to": date(2026, 7, 15)})

    office.run(step)


def change(office: Office, key: str, **values: Any) -> None:
    """Another state of a grant."""
    office.run(lambda tx: (tx.execute(grants.update().where(grants.c.key == key).values(values)), remembered.forget(tx)))


# A card that was left open


def forms() -> Iterator[str]:
    """Every form that a draft can have."""
    yield from (each.FORM for each in (adjusting, regranting, standing_in))
    yield requesting.FORM
    for book in BOOKS.values():
        assert isinstance(book, Rulebook)
        yield from book.forms


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.parametrize("form", sorted(set(forms())))
def test_every_form_that_can_be_left_open_has_a_word_on_the_button_that_goes_on(form: str, language: str) -> None:
    assert say("card.resume", language, form=form, day=None, begins=None)
    assert say("card.still_open", language, form=form)


@pytest.mark.parametrize("surface", ["terminal", "telegram"])
def test_a_correction_left_for_something_else_waits_and_goes_on(office: Office, surface: str) -> None:
    katrijn = office.talk(surface, "C-1")
    katrijn.do(*O2, "/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "[Annuleren]")
    assert "Correctie van een toekenning" in katrijn.say("/start")
    assert "Wat klopt er niet?" in katrijn.press("Verder met Correctie van een toekenning")
    katrijn.do("/hulp", "/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "[Annuleren]", "/start")
    katrijn.do("[Verder met Correctie", "[De uren]", "60")
    assert "Wordt: 60u" in katrijn.screen(), "it listens, though it was one line below another screen before"


def test_the_page_with_the_conversation_is_there_with_a_correction_left_open(office: Office) -> None:
    office.terminal("C-1").do(*O2, "/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "[Annuleren]")
    assert "Correctie van een toekenning" in office.talk("web", "C-1").say("/start")


def test_an_open_card_is_one_line_below_another_screen_and_swallows_nothing(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.do(*O2, "[De uren]", "60")
    shown = katrijn.say("/hulp")
    assert "Nog open: Correctie van een toekenning" in shown
    assert "Waarom?" not in shown
    assert "Nog open" in katrijn.say("hallo")
    assert "Waarom?" in katrijn.press("Verder")
    assert "hallo" not in office.everything()
    katrijn.say("ontbrak in het bestand")
    assert "Reden: ontbrak in het bestand" in katrijn.screen(), "in sight again it listens again"
    katrijn.say("/hulp")
    katrijn.press("Weg")
    assert office.run(lambda tx: tx.execute(select(drafts.c.state)).scalar_one()) == "cancelled"


# Whose grant


def test_nobody_corrects_a_grant_that_she_holds_herself(office: Office) -> None:
    name_stand_in(office, "K1")
    lotte = office.telegram("K1", "Lotte")
    assert "Laatste moment" in lotte.say("/netwerk lotte")
    assert not [label for label in lotte.labels if label.startswith("Corrigeer")]
    net, me = office.run(lambda tx: (network_of(tx), id_of(tx, "K1")))
    assert "Je eigen toekenning corrigeer je niet zelf" in lotte.forge(f"regrant:{net}:{me}:{grant(office, KEY).id}")
    assert not office.run(lambda tx: tx.execute(select(drafts)).all())


def test_nor_a_pool_that_she_shares_with_that_person(office: Office) -> None:
    add_person(office, "Nieuw", "NW-A")
    name_stand_in(office, "Nieuw")
    nieuw = office.telegram("Nieuw", "Nieuw")
    nieuw.do(*O2, "[De uren]", "60", "foutje")
    row = grant(office, KEY)
    office.run(lambda tx: (tx.execute(grant_people.insert(), {"grant": row.id, "person": id_of(tx, "Nieuw")}), remembered.forget(tx)))
    assert "vind ik niet" in nieuw.press("Bevestigen")
    assert grant(office, KEY).minutes is None
    nieuw.say("/netwerk lotte")
    assert not [label for label in nieuw.labels if label.startswith("Corrigeer oproep 2")]


def test_who_holds_the_grant_hears_before_after_and_why_and_the_coordinator_what_a_stand_in_did(office: Office) -> None:
    add_person(office, "Nieuw", "NW-A")
    name_stand_in(office, "Nieuw")
    change(office, KEY, minutes=2880, extra_minutes=120)
    katrijn, lotte = office.telegram("C-1", "Katrijn"), office.telegram("K1", "Lotte")
    nieuw, bram = office.telegram("Nieuw", "Nieuw"), office.telegram("K2", "Bram")
    nieuw.do(*O2, "[De uren]", "60", "ontbrak in het bestand", "[Bevestigen]")
    shown = told(lotte, office)
    assert len(shown) == 1
    assert "Je toekenning is gecorrigeerd" in shown[0]
    assert "Uren: was 48u + 2u extra = 50u, is nu 60u + 2u extra = 62u" in shown[0]
    assert "Reden: ontbrak in het bestand" in shown[0]
    assert "Door Nieuw Fictief" in shown[0]
    assert "is nu 60u + 2u extra = 62u" in bram.person.last.screen(), "who shares the pool hears it too"
    (heard,) = [each.screen() for each in katrijn.person.replies if "als vervanger" in each.screen()]
    assert "Nieuw Fictief heeft als vervanger een toekenning van Lotte Voorbeeld gecorrigeerd" in heard
    assert "62u" in heard


def test_a_coordinator_who_corrects_is_not_told_of_herself(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    lotte = office.telegram("K1", "Lotte")
    katrijn.do(*O2, "[De laatste dag]", "30/9/2026", "stopt vroeger", "[Bevestigen]")
    (heard,) = told(lotte, office)
    assert "Laatste dag: was" in heard
    assert "is nu 30 sep 2026" in heard
    owed = office.run(lambda tx: [row.told["told"] for row in tx.execute(select(outbox))])
    assert owed == ["regrant"]


# The day


def test_a_last_day_without_a_year_is_read_ahead_when_only_that_is_possible(office: Office) -> None:
    change(office, KEY, start=date(2026, 1, 1), to=date(2026, 12, 31))
    katrijn = office.terminal("C-1")
    katrijn.do(*O2, "[De laatste dag]", "30/11")
    assert "Eindigt dan op maandag 30 november 2026" in katrijn.screen()
    katrijn.do("stopt vroeger", "[Bevestigen]")
    assert grant(office, KEY).to == date(2026, 11, 30)


def test_a_day_that_could_be_of_two_years_is_asked_and_one_that_cannot_be_leaves_the_question_open(office: Office) -> None:
    change(office, KEY, start=date(2026, 1, 1), to=date(2026, 12, 31))
    katrijn = office.terminal("C-1")
    katrijn.do(*O2, "[De laatste dag]", "31/1")
    assert "Welke van deze dagen bedoel je?" in katrijn.screen()
    assert len([label for label in katrijn.labels if "31" in label]) == 2
    assert "voor de eerste" in katrijn.say("31/12/2025")
    katrijn.say("30/9")
    assert "Waarom?" in katrijn.screen(), "the question listened on"
    assert "30 september 2026" in katrijn.screen()


# The hours


def test_the_hours_of_a_grant_are_one_sum_in_the_card_and_the_question(office: Office) -> None:
    change(office, KEY, minutes=240, extra_minutes=180)
    katrijn = office.terminal("C-1")
    shown = katrijn.do(*O2)
    assert "Nu: 4u + 3u extra = 7u" in shown
    assert "in plaats van 4u" in katrijn.press("De uren")
    assert "Wordt: 6u + 3u extra = 9u" in katrijn.say("6")


def test_a_starter_bonus_is_counted_in_as_in_the_balance_of_that_person(office: Office) -> None:
    katrijn = office.terminal("C-1")
    line = next(each for each in katrijn.say("/netwerk lotte").splitlines() if "De Linde" in each and "gebruikt" in each)
    total = line.split(" van ")[1].split()[0]
    assert f"= {total}, van" in katrijn.press("Corrigeer oproep 1: Huisartsenpraktijk De Linde") or f"Nu: {total}," in katrijn.screen()


# What is typed on a confirm step


def test_yes_and_no_are_understood_and_a_new_text_replaces_the_reason(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do(*O2, "[De uren]", "60", "foutje")
    assert "Reden: ontbrak in het bestand" in katrijn.say("ontbrak in het bestand")
    assert "Waarom?" in katrijn.say("nee")
    assert "in een paar woorden" in katrijn.say("ok")
    katrijn.say("ontbrak toch")
    assert "Gecorrigeerd" in katrijn.say("ja")
    assert (grant(office, KEY).minutes, grant(office, KEY).reason) == (3600, "ontbrak toch")


@pytest.mark.parametrize("yes", ["ja", "oui"])
def test_a_refusal_is_confirmed_by_typing_it(office: Office, yes: str) -> None:
    office.terminal("K1").do(*MORE)
    katrijn = office.terminal("C-1")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Weigeren]", "nog te bespreken")
    assert "Reden: te vroeg in het jaar" in katrijn.say("te vroeg in het jaar")
    assert one(office).state == "waiting"
    katrijn.say(yes)
    assert (one(office).state, one(office).reason) == ("refused", "te vroeg in het jaar")


def test_a_request_is_sent_by_typing_yes_and_its_motive_replaced_by_typing_another(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do(*MORE[:-1], "toch een andere reden")
    assert not office.run(lambda tx: tx.execute(select(outbox)).all())
    assert "Aanvraag 1 is bewaard" in lotte.say("ja")
    assert one(office).motive == "toch een andere reden"


# Who stands in


def test_the_days_of_a_stand_in_look_ahead(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "[Bram Proefman")
    assert len([label for label in katrijn.labels if "22 juni" in label]) == 1, "the next Monday has a button"
    assert "Welke dag bedoel je?" in katrijn.say("volgende week")
    assert "was het" not in katrijn.screen()
    katrijn.do("22/6", "vrijdag")
    assert "26 juni 2026" in katrijn.screen()
    katrijn.say("ja")
    row = office.run(lambda tx: tx.execute(select(stand_ins)).one())
    assert (row.start, row.to) == (date(2026, 6, 22), date(2026, 6, 26))


def test_who_was_never_linked_is_marked_and_is_invited_first(office: Office) -> None:
    add_person(office, "Nieuw", "NW-A")
    katrijn = office.telegram("C-1", "Katrijn")
    office.telegram("K2", "Bram")
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]")
    assert "Nieuw Fictief (nog niet gekoppeld)" in katrijn.labels
    assert "Bram Proefman" in katrijn.labels
    katrijn.do("[Nieuw Fictief", "22 juni", "26 juni")
    assert "Nodig eerst uit" in katrijn.screen()
    shown = katrijn.press("Vervanger aanduiden")
    assert "hoort het meteen" not in shown
    assert "hoort het niet" in shown
    assert "(nog niet gekoppeld: kan nog niets doen)" in shown
    katrijn.press("Uitnodigen: Nieuw Fictief")
    assert "Dag Nieuw" in katrijn.person.last.text


def test_both_read_what_is_handed_over(office: Office) -> None:
    katrijn, bram = office.telegram("C-1", "Katrijn"), office.telegram("K2", "Bram")
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "[Bram Proefman", "22/6", "26/6")
    for words in ("saldo's bekijken", "opschorten", "toekenningen corrigeren", "Niet: een vervanger aanduiden"):
        assert words in katrijn.screen()
    katrijn.press("Vervanger aanduiden")
    (heard,) = told(bram, office)
    for words in ("/netwerk", "opschorten", "toekenningen corrigeren", "Niet over je eigen uren"):
        assert words in heard


# What a coordinator reads of somebody


def test_moments_from_before_do_not_contradict_that_nothing_came_through_here(office: Office) -> None:
    office.run(lambda tx: tx.execute(moments.update().where(moments.c.person == id_of(tx, "K1")).values(source="invoer")))
    katrijn = office.telegram("C-1", "Katrijn")
    office.telegram("K1", "Lotte")
    shown = katrijn.say("/netwerk lotte")
    assert "nog niets via Uurwijzer geregistreerd" in shown
    assert "Laatste moment: " in shown


# What was corrected before


def test_the_reasons_of_earlier_corrections_stay_in_sight(office: Office) -> None:
    change(office, KEY, minutes=2880, reason="zoals in het besluit")
    katrijn = office.telegram("C-1", "Katrijn")
    assert "Eerder" not in katrijn.do(*O2)
    katrijn.do("[De uren]", "60", "ontbrak in het bestand", "[Bevestigen]")
    katrijn.do(*O2, "[De laatste dag]", "30/9/2026", "stopt vroeger", "[Bevestigen]")
    shown = katrijn.do(*O2).replace("\xa0", " ")
    name = "Katrijn" + shown.split("door Katrijn")[1].split(":")[0]
    assert f"door {name}: uren van 48u naar 60u. Reden: ontbrak in het bestand" in shown
    assert "30 sep 2026. Reden: stopt vroeger" in shown
    assert "Eerder, bij de toekenning zelf: zoals in het besluit" in shown
    assert shown.index("stopt vroeger") < shown.index("ontbrak in het bestand") < shown.index("zoals in het besluit")
    assert "Eerder" not in katrijn.press("De uren"), "only on the first step"


def test_two_corrections_in_a_row_are_each_heard_with_their_own_reason(office: Office) -> None:
    lotte = office.telegram("K1", "Lotte")
    katrijn = office.terminal("C-1")
    katrijn.do(*O2, "[De uren]", "60", "ontbrak in het bestand", "[Bevestigen]")
    katrijn.do(*O2, "[De uren]", "50", "te veel gegeven", "[Bevestigen]")
    first, second = told(lotte, office)
    assert "Reden: ontbrak in het bestand" in first
    assert "Reden: te veel gegeven" in second


def test_the_reasons_go_when_who_holds_the_grant_is_erased(office: Office) -> None:
    office.terminal("C-1").do(*O2, "[De uren]", "60", "ontbrak in het bestand", "[Bevestigen]")
    office.run(lambda tx: erase(tx, id_of(tx, "K1"), "X-ABCDEFGH", NOW))
    assert (grant(office, KEY).reason, grant(office, KEY).corrections) == (None, None)
