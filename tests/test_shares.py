"""A shared moment: named by one, asked in private, booked for each who confirms under her own hours; nobody learns more than a name."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handlers import dispatch
from handlers.screen import Event, Screen, Who
from rules.periods import BRUSSELS
from storage.database import Database
from storage.instants import as_stored
from storage.tables import accounts, grant_people, grants, moments, outbox, people, shares
from tests import fault_seeds as seeds
from tests.databases import ENGINES, Engines
from tests.talk import Office, Talk, id_of
from tests.test_journeys import on_each_surface

COFFEE = "/presentie Zonnebloem gisteren 14u-16u koffie, 12 bezoekers"
WORKSHOP = "/ondersteuning workshop OCMW gisteren 9u-11u omgaan met rouw, 6 begeleiders, ter plaatse"


def made(office: Office) -> list[Any]:
    """The accepted moments that were made here, not in the sample."""
    query = select(moments).where(moments.c.source.is_(None), moments.c.state == "accepted").order_by(moments.c.id)
    return list(office.run(lambda tx: tx.execute(query).all()))


def states(office: Office) -> list[str]:
    return list(office.run(lambda tx: tx.execute(select(shares.c.state).order_by(shares.c.id)).scalars().all()))


def pair(office: Office, surface: str) -> tuple[Talk, Talk]:
    """Two who share the pool of De Zonnebloem."""
    return office.talk(surface, "K1"), office.talk(surface, "K2", **({"name": "Bram"} if surface == "telegram" else {}))


def ask(talk: Talk, *names: str) -> str:
    """Name colleagues at the moment that was just booked."""
    talk.press("Collega's waren erbij")
    return talk.do(*(f"[{name}]" for name in names), "[Vraag het aan]")


@on_each_surface
def test_a_colleague_who_was_there_books_it_for_herself_with_one_press(office: Office, surface: str) -> None:
    lotte, bram = pair(office, surface)
    lotte.do(COFFEE, "[Bevestigen]")
    assert "Gevraagd aan: Bram Proefman." in ask(lotte, "Bram Proefman")
    assert len(made(office)) == 1
    heard = bram.hear()
    assert "Lotte Voorbeeld registreerde dit moment en noemde jou:" in heard
    assert "12 bezoekers" in heard
    assert "over" not in heard  # no balance of hers
    assert "Geboekt. Referentie 18." in bram.press("Klopt")
    assert [(row.day, row.minutes, row.submission.split(":")[0]) for row in made(office)] == [
        (date(2026, 6, 14), 120, "draft"), (date(2026, 6, 14), 120, "share")
    ]  # fmt: skip
    assert "Bram Proefman was erbij" in lotte.hear()
    lotte.do("/overzicht", "[Moment 17]")
    assert "Bram Proefman: was erbij" in lotte.press("Collega's waren erbij")
    assert "Bram Proefman" not in lotte.labels


@on_each_surface
def test_who_was_not_there_gets_nothing_and_may_still_say_that_she_was(office: Office, surface: str) -> None:
    lotte, bram = pair(office, surface)
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    assert "er is niets voor jou geregistreerd" in bram.press("Was er niet")
    assert len(made(office)) == 1
    assert "Bram Proefman zegt: ik was er niet." in lotte.hear()
    assert "Geboekt" in bram.press("Ik was er toch bij")
    assert states(office) == ["confirmed"]
    assert "Bram Proefman was erbij" in lotte.hear()


def test_who_is_in_no_chat_is_not_asked_and_that_is_said(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]")
    assert "Bram Proefman (nog niet in de chat)" in lotte.labels
    shown = lotte.press("Bram Proefman")
    assert "Bram Proefman zit nog niet in de chat en moet eerst uitgenodigd worden. Vraag dat aan Katrijn Modelaar." in shown
    assert not any(label.startswith("Vraag het") for label in lotte.labels)
    assert states(office) == []


def test_a_name_can_be_typed_and_only_names_of_her_networks_are_found(office: Office) -> None:
    lotte = office.terminal("K1")
    office.terminal("K8")
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]")
    assert "Ines Fictieux" not in lotte.labels  # no hours and no offer there
    assert "Gekozen: Ines Fictieux" in lotte.say("fictieux")  # the only one: named at once
    assert "Toch niet: Ines Fictieux" in lotte.labels
    for name in ("Testouri", "Modelli", "x", "Katrijn"):  # of other networks; too short; no provider
        assert "Die naam vind ik niet" in lotte.say(name)
    lotte.press("Toon iedereen")
    assert any(label.startswith("Bram Proefman") for label in lotte.labels)


@on_each_surface
def test_the_only_colleague_with_a_typed_name_is_asked(office: Office, surface: str) -> None:
    lotte, bram = pair(office, surface)
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]")
    lotte.say("Bram Proefman")
    assert "Gevraagd aan: Bram Proefman." in lotte.press("Vraag het aan 1 collega")
    assert "Was je erbij?" in bram.hear()


def test_a_name_that_was_chosen_can_be_taken_off_again(office: Office) -> None:
    lotte, _ = pair(office, "terminal")
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]", "[Bram]")
    assert "Gekozen: Bram Proefman" in lotte.screen()
    assert "Gekozen" not in lotte.press("Toch niet: Bram")
    lotte.press("Sluiten")
    assert states(office) == []


def test_pressed_twice_it_is_one_question_and_one_moment(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    lotte.press("Collega's waren erbij")
    lotte.press("Bram Proefman")
    send = lotte.data("Vraag het aan")
    lotte.press("Vraag het aan")
    lotte.forge(send)
    lotte.forge("share:17")
    assert "gevraagd, nog geen antwoord" in lotte.screen()
    lotte.press("Sluiten")
    bram.hear()
    yes = bram.data("Klopt")
    for _ in range(3):
        bram.forge(yes)
    bram.forge("share:no:1")
    assert "Dit is al geboekt, als moment 18." in bram.screen()
    assert len(made(office)) == 2
    assert states(office) == ["confirmed"]
    assert office.run(lambda tx: len(tx.execute(select(outbox.c.id).where(outbox.c.key == "share:1")).all())) == 1


def test_the_question_survives_a_restart_between_any_two_steps(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    for label in ("Collega's waren erbij", "Bram Proefman", "Vraag het aan"):
        office.restart()
        lotte.press(label)
    office.restart()
    bram.hear()
    office.restart()
    bram.press("Klopt")
    assert len(made(office)) == 2


def test_both_name_each_other_and_each_has_one_moment(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    bram.do(COFFEE, "[Bevestigen]")
    lotte.do("[Collega's waren erbij]", "[Bram Proefman]")
    bram.do("[Collega's waren erbij]", "[Lotte Voorbeeld]")
    assert "Registreerde dit zelf al: Bram Proefman." in lotte.press("Vraag het aan")
    assert "Registreerde dit zelf al: Lotte Voorbeeld." in bram.press("Vraag het aan")
    assert lotte.hear() == bram.hear() == ""
    assert len(made(office)) == 2


def test_who_registered_it_herself_before_she_answered_has_one_moment(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    yes = bram.data("Klopt")
    bram.do(COFFEE, "[Bevestigen]")
    assert "Dit was al geboekt. Referentie 18." in bram.forge(yes)
    assert len(made(office)) == 2
    assert states(office) == ["confirmed"]


def test_who_was_named_does_not_name_who_named_her(office: Office) -> None:
    lotte, bram = pair(office, "terminal")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    bram.do("[Klopt]", "[Collega's waren erbij]")
    assert "Lotte Voorbeeld" not in bram.labels


def test_a_moment_that_was_cancelled_before_the_answer_is_said(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    undo = lotte.data("Ongedaan maken")
    ask(lotte, "Bram Proefman")
    bram.hear()
    lotte.forge(undo)
    assert "Lotte Voorbeeld heeft dit moment intussen geannuleerd." in bram.press("Klopt")
    assert made(office) == []
    assert states(office) == ["withdrawn"]


def test_a_question_about_a_cancelled_moment_is_not_sent(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    undo = lotte.data("Ongedaan maken")
    ask(lotte, "Bram Proefman")
    lotte.forge(undo)
    assert bram.hear() == ""


def test_a_moment_that_was_corrected_before_the_answer_is_shown_anew(office: Office) -> None:
    lotte, bram = office.telegram("K1"), office.telegram("K2", "Bram")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    lotte.do("/overzicht", "[Moment 17]", "[Corrigeren]", "[Duur]", "1 uur", "[Bevestigen]")
    shown = bram.press("Klopt")
    assert "intussen gewijzigd" in shown
    assert "14:00-15:00" in shown
    assert len(made(office)) == 1
    bram.press("Klopt")
    assert [row.minutes for row in made(office)] == [60, 60]


CORRECT = ("/overzicht", "[Moment 17]", "[Corrigeren]", "[Duur]", "1 uur", "[Bevestigen]")


def both_were_there(office: Office, surface: str) -> tuple[Talk, Talk]:
    """A moment that one registered (17) and the other confirmed (18)."""
    lotte, bram = pair(office, surface)
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    bram.press("Klopt")
    lotte.hear()
    return lotte, bram


@on_each_surface
def test_who_confirmed_hears_a_correction_and_keeps_her_own(office: Office, surface: str) -> None:
    lotte, bram = both_were_there(office, surface)
    lotte.do(*CORRECT)
    heard = bram.hear()
    assert "Lotte Voorbeeld wijzigde een moment waarbij jij ook was." in heard
    assert "14:00-15:00" in heard[heard.index("Nu:") : heard.index("Bij jou:")]
    assert "14:00-16:00" in heard[heard.index("Bij jou:") :]
    assert "Goed, het jouwe blijft staan." in bram.press("Zo laten")
    assert [row.minutes for row in made(office)] == [60, 120]
    assert bram.hear() == ""
    assert lotte.hear() == ""


@on_each_surface
def test_who_confirmed_hears_a_correction_and_corrects_her_own(office: Office, surface: str) -> None:
    lotte, bram = both_were_there(office, surface)
    lotte.do(*CORRECT)
    bram.hear()
    bram.do("[Het mijne corrigeren]", "[Duur]", "1 uur", "[Bevestigen]")
    assert [row.minutes for row in made(office)] == [60, 60]
    assert states(office) == ["confirmed"]
    assert lotte.hear() == ""


def test_a_correction_that_is_taken_back_before_it_was_told_is_told_once_as_it_stands(office: Office) -> None:
    lotte, bram = both_were_there(office, "terminal")
    lotte.do(*CORRECT, "[Wijziging ongedaan maken]")
    heard = bram.hear()
    assert heard.count("wijzigde een moment") == 1
    assert "14:00-15:00" not in heard


@on_each_surface
def test_who_confirmed_hears_a_cancellation_and_cancels_her_own_or_not(office: Office, surface: str) -> None:
    lotte, bram = both_were_there(office, surface)
    lotte.do("/overzicht", "[Moment 17]", "[Moment annuleren]", "[Ja]")
    heard = bram.hear()
    assert "Lotte Voorbeeld annuleerde een moment waarbij jij ook was." in heard
    assert "Wat bij jou staat, blijft zo" in heard
    assert [row.id for row in made(office)] == [18]
    bram.do("[Het mijne annuleren]", "[Ja]")
    assert made(office) == []


def test_who_was_asked_and_has_not_answered_hears_it_too(office: Office) -> None:
    lotte, bram = pair(office, "telegram")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    lotte.do(*CORRECT)
    heard = bram.hear()
    assert "Lotte Voorbeeld wijzigde" in heard
    assert "14:00-15:00" in heard
    yes = bram.data("Klopt")
    lotte.do("/overzicht", "[Moment 17]", "[Moment annuleren]", "[Ja]")
    assert "Lotte Voorbeeld heeft dit moment intussen geannuleerd." in bram.hear()
    assert states(office) == ["asked"]
    assert "intussen geannuleerd" in bram.forge(yes)
    assert made(office) == []


def test_who_was_not_there_hears_nothing_of_a_correction(office: Office) -> None:
    lotte, bram = pair(office, "telegram")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    bram.press("Was er niet")
    lotte.do(*CORRECT)
    assert bram.hear() == ""


def test_when_the_question_has_not_left_it_says_what_stands_and_no_news_follows(office: Office) -> None:
    lotte, bram = pair(office, "telegram")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    lotte.do(*CORRECT)
    heard = bram.hear()
    assert "14:00-15:00" in heard
    assert "wijzigde" not in heard
    assert bram.hear() == ""


def test_when_her_own_hours_are_used_up_she_hears_why_and_can_change_it(office: Office) -> None:
    lotte, bram = pair(office, "terminal")
    office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-04").values(minutes=2400 + 180)))
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    shown = bram.press("Klopt")
    assert "Dit kan zo niet geboekt worden." in shown
    assert states(office) == ["asked"]
    assert "Boek de 1u die nog passen" in shown
    bram.press("Boek de 1u die nog passen")
    office.restart()
    assert "Geboekt" in bram.press("Bevestigen")
    assert [row.minutes for row in made(office)] == [120, 60]
    assert states(office) == ["confirmed"]


def test_without_hours_there_she_hears_it_and_nothing_is_booked(office: Office) -> None:
    lotte = office.terminal("K1")
    ines = office.terminal("K8")
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]", "fictieux", "[Vraag het aan]")
    ines.hear()
    assert "toekenning" in ines.press("Klopt")
    assert len(made(office)) == 1
    assert states(office) == ["asked"]


def test_with_hours_elsewhere_only_it_is_not_registered_as_if_it_had_been_there(office: Office) -> None:
    lotte, bram = office.terminal("K1"), office.terminal("K2")
    lotte.do("/overleg De Linde gisteren 12u-13u samenwerking, 3 huisartsen", "[Bevestigen]", "[Collega's waren erbij]", "bram")
    lotte.press("Vraag het aan")
    bram.hear()
    shown = bram.press("Klopt")
    assert "Voor die plaats heb je geen uren" in shown
    assert "Huisartsenpraktijk De Linde" in shown
    assert "Het Anker" not in shown
    assert "Uren aanvragen" in bram.labels
    assert len(made(office)) == 1
    assert states(office) == ["asked"]


def test_a_workshop_given_together_opens_her_own_card_where_her_hours_are_of_another_kind(office: Office) -> None:
    nele, wout = office.terminal("K4"), office.terminal("K5")
    nele.do(WORKSHOP, "[Bevestigen]")
    ask(nele, "Wout Demodael")
    assert "Onderwerp: omgaan met rouw" in wout.hear()
    shown = wout.press("Klopt")
    assert "Ad hoc" in shown
    assert "OCMW" in shown
    assert "Van wie kwam de vraag?" in shown
    wout.do("[Een eerstelijnsactor]", "[Alles klopt]", "[Bevestigen]")
    both = made(office)
    assert [(row.oproep, row.minutes, row.preparations) for row in both] == [("O3", 120, 1), ("O4", 120, 1)]  # each prepared
    assert states(office) == ["confirmed"]
    assert "Wout Demodael was erbij" in nele.hear()


def test_one_preparation_hour_together_where_the_network_says_so(office: Office) -> None:
    from handlers.world import World
    from tests.talk import BOOKS

    office.world = World({key: book.with_values({"prep.joint": "one"}) for key, book in BOOKS.items()})
    nele, wout = office.terminal("K4"), office.terminal("K5")
    nele.do(WORKSHOP, "[Bevestigen]")
    ask(nele, "Wout Demodael")
    wout.hear()
    wout.do("[Klopt]", "[Een eerstelijnsactor]", "[Alles klopt]", "[Bevestigen]")
    assert [row.preparations for row in made(office)] == [1, 0]


def test_in_her_quiet_hours_she_is_asked_in_the_morning(office: Office) -> None:
    lotte, bram = pair(office, "terminal")
    office.clock.now = datetime(2026, 6, 15, 21, 30, tzinfo=BRUSSELS)
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    assert bram.hear() == ""
    office.clock.move(hours=12)
    assert "Was je erbij?" in bram.hear()


@pytest.mark.parametrize("press", ["share:17", "share:yes:1:1", "share:no:1", "share:", "share:yes:", "share:yes:1", "share:x:y"])
def test_nobody_answers_or_names_for_another(office: Office, press: str) -> None:
    lotte, bram, other = office.telegram("K1"), office.telegram("K2", "Bram"), office.telegram("K6", "Emre")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    bram.hear()
    other.say("/start")
    shown = other.forge(press)
    assert "Dat vind ik niet voor jou." in shown or "Er staat nu niets open" in shown
    assert "Zonnebloem" not in shown
    assert states(office) == ["asked"]


def test_the_suspended_are_not_offered(office: Office) -> None:
    lotte, _ = pair(office, "terminal")
    office.run(lambda tx: tx.execute(people.update().where(people.c.id == id_of(tx, "K2")).values(suspended_on=date(2026, 6, 1))))
    lotte.do(COFFEE, "[Bevestigen]", "[Collega's waren erbij]")
    assert not any("Bram" in label for label in lotte.labels)


# --- two at once ---


def pressed(tx: Connection, number: int, key: str, meant: str) -> Screen:
    user = f"u{number}"
    return dispatch.handle(tx, seeds.WORLD, Event(key, Who("terminal", "", user), "press", seeds.NOW, action=meant, chat=user))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_hour_of_a_pool_goes_to_one_of_two_who_confirm_at_once(engines: Engines, engine: str) -> None:
    url = engines.with_tables(engine)
    database = Database(url)

    def begin(tx: Connection) -> list[int]:
        persons = seeds.fill_pool(tx, 3, 600, 480)
        for number, person in enumerate(persons):
            seeds.link(tx, person, f"u{number}")
        site = tx.execute(select(grants.c.site)).scalar_one()
        answers = {"place": f"s{site}", "day": "2026-06-10", "start": "14:00", "length": 60, "text": "koffie", "present": {"bezoeker": 3},
                   "declared": "yes"}
        found = seeds.registering.register(
            tx, seeds.BOOK, seeds.presence(tx, persons[0]), "m", {"form": "presentie", "answers": answers}, seeds.NOW
        )
        return [found.moment or 0, *persons]

    moment, *persons = database.run(begin)

    def named(tx: Connection) -> list[int]:
        return [
            tx.execute(shares.insert().returning(shares.c.id),
                       {"moment": moment, "person": person, "state": "asked", "asked_at": as_stored(seeds.NOW)}).scalar_one()
            for person in persons[1:]
        ]  # fmt: skip

    ids = database.run(named)
    steps: list[Callable[[Connection], Any]] = [
        lambda tx, number=number, share=share: pressed(tx, number, f"k{number}", f"share:yes:{share}:1")
        for number, share in enumerate(ids, 1)
    ]
    start = threading.Barrier(len(steps))

    def run(step: Callable[[Connection], Any]) -> Screen:
        start.wait(10)
        screen: Screen = database.run(step)
        return screen

    with ThreadPoolExecutor(len(steps)) as threads:
        screens = list(threads.map(run, steps))
    titles = sorted(screen.title.key for screen in screens if screen.title is not None)
    assert titles == ["card.title", "receipt.booked"]
    assert database.run(seeds.used_minutes) == 600
    found = database.run(lambda tx: sorted(tx.execute(select(shares.c.state)).scalars()))
    assert found == ["asked", "confirmed"]
    database.close()
    engines.drop(url)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_colleague_on_two_devices_at_once_has_one_moment(engines: Engines, engine: str) -> None:
    url = engines.with_tables(engine)
    database = Database(url)

    def begin(tx: Connection) -> int:
        first, second = seeds.fill_pool(tx, 2, 600, 0)
        seeds.link(tx, second, "u1")
        seeds.link(tx, second, "u2")
        site = tx.execute(select(grants.c.site)).scalar_one()
        answers = {"place": f"s{site}", "day": "2026-06-10", "start": "14:00", "length": 60, "text": "koffie", "present": {"bezoeker": 3},
                   "declared": "yes"}
        found = seeds.registering.register(
            tx, seeds.BOOK, seeds.presence(tx, first), "m", {"form": "presentie", "answers": answers}, seeds.NOW
        )
        asked = {"moment": found.moment, "person": second, "state": "asked", "asked_at": as_stored(seeds.NOW)}
        return int(tx.execute(shares.insert().returning(shares.c.id), asked).scalar_one())

    share = database.run(begin)
    start = threading.Barrier(2)

    def run(number: int) -> Screen:
        start.wait(10)
        return database.run(lambda tx: pressed(tx, number, f"k{number}", f"share:yes:{share}:1"))

    with ThreadPoolExecutor(2) as threads:
        screens = list(threads.map(run, (1, 2)))
    assert [screen.title.key for screen in screens if screen.title is not None] == ["receipt.booked"] * 2
    assert database.run(lambda tx: len(seeds.accepted(tx))) == 2
    database.close()
    engines.drop(url)


# --- words ---

def test_in_french(office: Office) -> None:
    def begin(tx: Connection) -> None:
        tx.execute(grant_people.insert(), {"grant": tx.execute(select(grants.c.id).where(grants.c.key == "GR-10")).scalar_one(),
                                           "person": id_of(tx, "K8")})
        from storage.tables import memberships, networks

        network = tx.execute(select(networks.c.id).where(networks.c.key == "NW-D")).scalar_one()
        tx.execute(memberships.insert(), {"person": id_of(tx, "K8"), "network": network})

    office.run(begin)
    office.restart()
    celine, ines = office.terminal("K7"), office.terminal("K8")
    office.run(lambda tx: tx.execute(accounts.update().where(accounts.c.person == id_of(tx, "K8")).values(language="fr")))
    celine.do("/concertation Tilleuls hier 12h-13h collaboration, 2 médecins généralistes", "[Confirmer]", "[Des collègues étaient là]")
    assert "Quels collègues étaient là aussi" in celine.screen()
    celine.do("[Ines Fictieux]", "[Demander à 1 collègue]")
    assert "Demandé à" in celine.screen()
    heard = ines.hear().replace("\u00a0", " ")
    assert "Céline Exemplaire a enregistré ce moment et vous a cité :" in heard
    assert "Étiez-vous là ?" in heard
    assert {"Exact", "Je n'étais pas là"} <= set(ines.labels)

