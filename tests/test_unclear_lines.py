"""What a line says only half is asked back: nothing vague becomes an hour, a day, a werkvorm or a number of people that is booked."""

import pytest

from tests.talk import Office
from tests.test_journeys import in_each_chat


@in_each_chat
def test_what_if_without_a_werkvorm_asks_which(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    asked = talk.say("/watals ondersteuning Pinkeltje 1u morgen")
    assert "Welke werkvorm?" in asked
    assert "Advies en kennisdeling" in asked
    assert "Dat kan" not in asked
    assert "Dat kan." in talk.say("/watals ondersteuning advies Pinkeltje 1u morgen")


def test_what_if_takes_no_kind_of_intervision_for_granted(office: Office) -> None:
    talk = office.terminal("K4")
    asked = talk.say("/watals intervisie 2u")
    assert "Casusspecifieke intervisie" in asked
    assert "Themaspecifieke intervisie" in asked
    assert "Dat kan" not in asked
    assert "Themaspecifieke intervisie, Kinderdagverblijf Pinkeltje" in talk.say("/watals intervisie thema Pinkeltje 2u morgen")


def test_what_if_takes_the_one_kind_of_intervision_that_she_can_give(office: Office) -> None:
    screen = office.terminal("K5").say("/watals intervisie 2u")
    assert "Themaspecifieke intervisie" in screen
    assert "Welke werkvorm?" not in screen


@in_each_chat
@pytest.mark.parametrize(
    ("line", "button", "shown"),
    [
        ("vrijdag 14u tot ongeveer vier uur koken, 5 jongeren", "14:00-16:00", "Duur: tot 16:00"),
        ("vrijdag rond 14u tot een uur of vier koken, 5 jongeren", "14:00-16:00", "Duur: tot 16:00"),
        ("vrijdag 14u een uur of twee koken, 5 jongeren", "2u", "Duur: 2u"),
        ("vendredi 14h une heure ou deux koken, 5 jongeren", "1u", "Duur: 1u"),
    ],
)
def test_a_vague_end_is_asked_and_a_button_settles_it(office: Office, surface: str, line: str, button: str, shown: str) -> None:
    talk = office.talk(surface, "K3")
    asked = talk.say(f"/presentie {line}")
    assert "Duur:" not in asked
    assert "Omschrijving: koken" in asked
    assert "Bevestigen" not in " ".join(talk.labels)
    assert shown in talk.press(button)


@pytest.mark.parametrize("days", ["maandag en dinsdag", "lundi et mardi", "ma en di", "gisteren en eergisteren", "8 en 9 juni"])
def test_two_days_in_a_line_are_said_and_asked(office: Office, days: str) -> None:
    asked = office.terminal("K3").say(f"/presentie {days} 14u-16u koken, 5 jongeren")
    assert "Ik lees twee dagen" in asked
    assert "Datum:" not in asked
    assert "Omschrijving: koken\n" in asked


@in_each_chat
@pytest.mark.parametrize(
    ("typed", "shown"), [("10u", "Duur: 10u"), ("10:00", "Begin: 10:00"), ("om 10u", "Begin: 10:00"), ("600 min", "Duur: 10u")]
)
@pytest.mark.parametrize(("key", "form"), [("K3", "/presentie"), ("K1", "/overleg")])
def test_an_hour_that_may_be_a_length_is_settled_by_typing(
    office: Office, surface: str, key: str, form: str, typed: str, shown: str
) -> None:
    talk = office.talk(surface, key)
    talk.say(f"{form} 10u")
    assert [label for label in talk.labels if "10" in label] == ["Begin: 10:00", "Duur: 10u"]
    assert shown in talk.say(typed)


def test_an_hour_that_may_be_a_length_is_settled_by_button(office: Office) -> None:
    talk = office.terminal("K3")
    assert "Duur: 10u" in talk.do("/presentie 10u", "[Duur: 10u]").splitlines()
    assert "Begin: 10:00" in talk.do("/annuleer", "/presentie", "10u", "[Begin: 10:00]").splitlines()


def test_a_span_up_to_and_including_is_a_span(office: Office) -> None:
    screen = office.terminal("K3").say("/presentie gisteren 14u00 tot en met 16u00 koken, 5 jongeren")
    assert "Duur: tot 16:00" in screen
    assert "Omschrijving: koken\n" in screen


@pytest.mark.parametrize(
    "people",
    ["tussen 10 en 12 jongeren", "entre 10 et 12 jeunes", "10 en 12 jongeren", "12/14 jongeren", "minstens 10 jongeren",
     "een 10-tal jongeren", "2 groepen van 6 jongeren", "12 jongeren, 8 meisjes en 4 jongens"],
)  # fmt: skip
def test_a_number_of_people_that_is_not_sure_asks_how_many(office: Office, people: str) -> None:
    asked = office.terminal("K3").say(f"/presentie gisteren 14u-16u koken {people}")
    assert "Hoeveel precies?" in asked
    assert "Omschrijving: koken\n" in asked
    assert "Aanwezig:" not in asked


@in_each_chat
@pytest.mark.parametrize("rhythm", ["elke dinsdag", "chaque mardi", "tous les mardis", "wekelijks op dinsdag"])
def test_a_plan_that_comes_back_asks_until_when_once_it_is_kept(office: Office, surface: str, rhythm: str) -> None:
    talk = office.talk(surface, "K3")
    card = talk.say(f"/planning presentie {rhythm} 14u-16u koken, 5 jongeren")
    assert "In je regel lees ik een vaste dag." in card
    assert "dinsdag 16 juni 2026" in card
    assert "Omschrijving: koken\n" in card
    talk.press("Bevestigen")
    assert "Tot wanneer komt het terug?" in talk.screen()
    assert "3 keer gepland, elke week." in talk.press("Tot 30 jun 2026")


@pytest.mark.parametrize("rhythm", ["elke vrijdag", "chaque vendredi"])
def test_registering_what_comes_back_is_one_time_and_says_so(office: Office, rhythm: str) -> None:
    card = office.terminal("K3").say(f"/presentie {rhythm} 14u-16u koken, 5 jongeren")
    assert "Dit is één keer. Wat terugkomt, plan je met /planning." in card
    assert "vrijdag 12 juni 2026" in card
    assert "Omschrijving: koken\n" in card
    assert "[a] Bevestigen" in card


@in_each_chat
def test_initials_in_a_description_are_pointed_out_and_not_refused(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    card = talk.say("/presentie gisteren 14u-16u gesprek met JP en MV, 5 jongeren")
    assert "Misschien staat erin: initialen." in card
    assert "Bevestigen" in talk.labels
    assert "Misschien" not in talk.do("/annuleer", "/presentie gisteren 14u-16u koken, 5 jongeren")


def test_a_diagnosis_beside_one_person_is_pointed_out_when_it_is_planned(office: Office) -> None:
    card = office.terminal("K3").say("/planning presentie vrijdag 14u-16u jongen met ADHD, 5 jongeren")
    assert "Misschien staat erin: een diagnose van iemand." in card


@in_each_chat
def test_a_sure_day_is_kept_when_the_hours_behind_it_are_not(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.say("/presentie")
    asked = talk.say("gisteren van 5 tot 7")
    assert "Datum: zondag 14 juni 2026" in asked
    assert "Welk uur bedoel je" in asked
    kept = talk.press("17:00-19:00")
    assert "Datum: zondag 14 juni 2026" in kept
    assert "Duur: tot 19:00" in kept
