"""What a provider gets from the first word to the receipt: the same conversations on every surface."""

import logging
import shutil
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.wording import say
from handlers.screen import Event, Text, Who
from handlers.whole_form import present_whole
from handlers.world import World
from rules.periods import BRUSSELS
from rules.words import LANGUAGES
from storage import accounts
from storage.tables import drafts, grant_people, grants, memberships, moments, networks, people, sites
from tests.talk import BOOKS, CHATS, OTHERWISE, SURFACES, Office

LASTING = tuple(each for each in (*SURFACES, *OTHERWISE) if each != "terminal")  # there an old button stays in sight
YESTERDAY = date(2026, 6, 14)
on_each_surface = pytest.mark.parametrize("surface", SURFACES)
in_each_chat = pytest.mark.parametrize("surface", CHATS)  # how one question after another is asked; a page shows them all

# Person, what she does up to the card that can be confirmed, what stands booked: werkvorm, oproep, minutes, preparations.
BY_BUTTON: dict[str, tuple[str, tuple[str, ...], tuple[str, str, int, int]]] = {
    "presentie": (
        "K3",
        (
            "/presentie",
            "[Gisteren]",
            "[14:00]",
            "[2u]",
            "[samen koken]",
            "[Jongere]",
            "[12]",
            "[Begeleider]",
            "[2]",
            "[Klaar: 12 jongeren, 2 begeleiders]",
            "[Alles klopt]",
        ),
        ("presentie", "O2", 120, 0),
    ),
    "overleg": (
        "K1",
        (
            "/overleg",
            "[Huisartsenpraktijk De Linde]",
            "[Eergisteren]",
            "[12:00]",
            "[45 min]",
            "[Samenwerking en communicatie]",
            "[2 huisartsen, 1 verpleegkundige]",
            "[Alles klopt]",
        ),
        ("overleg", "O1", 45, 0),
    ),
    "intervisie": (
        "K4",
        (
            "/intervisie",
            "[Ik gaf ze]",
            "[Casusspecifieke",
            "[Sociale dienst OCMW",
            "[Gisteren]",
            "[13:30]",
            "[1u30]",
            "werkdruk",
            "[Maatschappelijk werker]",
            "[3]",
            "[Klaar]",
            "[Ter plaatse]",
            "[Alles klopt]",
        ),
        ("casus_intervisie", "O3", 90, 0),
    ),
    "advies": (
        "K4",
        (
            "/ondersteuning",
            "[Advies",
            "[Kinderdagverblijf",
            "[Gisteren]",
            "[10:00]",
            "[30 min]",
            "slapen bij peuters",
            "[Andere rollen]",
            "[Kinderverzorger]",
            "[1]",
            "[Klaar]",
            "[Per telefoon]",
            "[Alles klopt]",
        ),
        ("advies", "O3", 30, 0),
    ),
    "co-consult": (
        "K4",
        (
            "/ondersteuning",
            "[Co-consult]",
            "[Sociale dienst OCMW",
            "[Gisteren]",
            "[10:00]",
            "[45 min]",
            "drempel verlagen",
            "[Maatschappelijk werker]",
            "[1]",
            "[Klaar]",
            "[Ter plaatse]",
            "[Alles klopt]",
        ),
        ("co_consult", "O3", 45, 0),
    ),
    "workshop": (
        "K4",
        (
            "/ondersteuning",
            "[Workshop",
            "[Sociale dienst OCMW",
            "[Gisteren]",
            "[09:00]",
            "[3u]",
            "rouw",
            "[Maatschappelijk werker]",
            "[5]",
            "[Klaar]",
            "[Ter plaatse]",
            "[Alles klopt]",
        ),
        ("workshop", "O3", 180, 1),
    ),
    "workshop ad hoc": (
        "K5",
        (
            "/ondersteuning",
            "[Workshop",
            "[Sociale dienst OCMW Voorbeeldegem]",
            "[Gisteren]",
            "[09:00]",
            "[2u]",
            "emotieregulatie",
            "[Huisarts]",
            "[3]",
            "[Klaar]",
            "[Ter plaatse]",
            "[Een eerstelijnsactor]",
            "[Alles klopt]",
        ),
        ("workshop", "O4", 120, 1),
    ),
}
BY_TYPING: dict[str, tuple[str, tuple[str, ...], tuple[str, str, int, int]]] = {
    "presentie": (
        "K3",
        ("/presentie", "gisteren", "14u", "2u30", "kookactiviteit", "12 jongeren, 2 begeleiders", "ja"),
        ("presentie", "O2", 150, 0),
    ),
    "overleg": (
        "K1",
        ("/overleg", "linde", "gisteren", "12u", "tot 12u45", "samenwerking", "2 huisartsen en 1 verpleegkundige", "klopt"),
        ("overleg", "O1", 45, 0),
    ),
    "intervisie": (
        "K4",
        (
            "/intervisie",
            "ik gaf ze",
            "themaspecifieke intervisie",
            "ocmw",
            "8/6 13u30-15u30",
            "motiverende gespreksvoering",
            "4 maatschappelijk werkers",
            "ter plaatse",
            "ja",
        ),
        ("thema_intervisie", "O3", 120, 1),
    ),
    "advies": (
        "K4",
        (
            "/ondersteuning",
            "advies",
            "pinkeltje",
            "gisteren",
            "10u",
            "30 min",
            "slapen bij peuters",
            "1 kinderverzorger",
            "per telefoon",
            "ja",
        ),
        ("advies", "O3", 30, 0),
    ),
    "co-consult": (
        "K4",
        (
            "/ondersteuning",
            "co-consult",
            "ocmw",
            "gisteren",
            "10u",
            "45 min",
            "drempel verlagen",
            "1 maatschappelijk werker",
            "ter plaatse",
            "ja",
        ),
        ("co_consult", "O3", 45, 0),
    ),
    "workshop ad hoc": (
        "K5",
        (
            "/ondersteuning",
            "workshop",
            "Buurthuis De Brug",
            "andere",
            "gisteren",
            "9u-11u",
            "rouw",
            "4 vrijwilligers",
            "ter plaatse",
            "een eerstelijnsactor",
            "alles klopt",
        ),
        ("workshop", "O4", 120, 1),
    ),
}
ONE_LINE = {
    "presentie": ("K3", "/presentie De Kade gisteren 14u-16u30 kookactiviteit, 12 jongeren, 2 begeleiders", ("presentie", "O2", 150, 0)),
    "overleg": ("K1", "/overleg De Linde gisteren 12u-12u45 samenwerking, 2 huisartsen", ("overleg", "O1", 45, 0)),
    "without a slash": ("K3", "presentie gisteren 14u 2u kookactiviteit 12 jongeren", ("presentie", "O2", 120, 0)),
}
everywhere = pytest.mark.parametrize(
    ("surface", "office"),
    [("terminal", "sqlite"), ("telegram", "sqlite"), ("telegram", "postgresql"), ("web", "sqlite"), ("web", "postgresql")],
    indirect=["office"],
    ids=["terminal", "telegram", "postgresql", "web", "web-postgresql"],
)


def booked_as(office: Office, key: str) -> list[tuple[str, str, int, int]]:
    return [(row.werkvorm, row.oproep, row.minutes, row.preparations) for row in office.booked(key)]


def open_drafts(office: Office) -> list[Any]:
    return list(office.run(lambda tx: tx.execute(select(drafts).where(drafts.c.state == "open")).all()))


# Whole registrations


@pytest.mark.parametrize(
    ("surface", "office", "form"),
    [(surface, "sqlite", form) for form in BY_BUTTON for surface in (*SURFACES, "modal")]
    + [("telegram", "postgresql", form) for form in ("presentie", "workshop ad hoc")]
    + [("mini app", "sqlite", "presentie")],
    indirect=["office"],
)
def test_every_step_by_button(office: Office, surface: str, form: str) -> None:
    key, deeds, wanted = BY_BUTTON[form]
    talk = office.talk(surface, key)
    card = talk.do(*deeds)
    assert office.booked(key) == []
    assert "Dit kan" in card
    assert "Daarna nog" in card
    assert "Met Bevestigen verklaar je" in card
    receipt = talk.press("Bevestigen")
    assert booked_as(office, key) == [wanted]
    assert f"Geboekt. Referentie {office.booked(key)[0].id}." in receipt
    assert ("+ 1u voorbereiding" in receipt) == bool(wanted[3])
    assert open_drafts(office) == []


@on_each_surface
@pytest.mark.parametrize("form", BY_TYPING)
def test_every_step_by_typing(office: Office, surface: str, form: str) -> None:
    key, deeds, wanted = BY_TYPING[form]
    talk = office.talk(surface, key)
    for deed in deeds:
        assert "!" not in talk.say(deed), f"{deed!r} was not taken: {talk.screen()}"
    talk.say("bevestigen")
    assert booked_as(office, key) == [wanted]


@on_each_surface
@pytest.mark.parametrize("form", ONE_LINE)
def test_a_whole_moment_in_one_line_shows_the_same_card(office: Office, surface: str, form: str) -> None:
    key, line, wanted = ONE_LINE[form]
    talk = office.talk(surface, key)
    card = talk.say(line)
    assert "Met Bevestigen verklaar je" in card
    assert office.booked(key) == []
    talk.press("Bevestigen")
    assert booked_as(office, key) == [wanted]


@in_each_chat
def test_an_attended_intervision_is_explained_and_not_registered(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    assert "hoort bij je eigen verplichtingen" in talk.do("/intervisie", "[Ik nam deel]")
    assert "Registreren" in talk.labels
    assert office.booked("K4") == []
    assert open_drafts(office) == []


@on_each_surface
@pytest.mark.parametrize("partner", [("[Secundaire school Het Kompas]",), ("Basisschool De Klimop", "basisschool")], ids=["known", "own"])
def test_a_school_is_refused_and_another_partner_saves_the_draft(office: Office, surface: str, partner: tuple[str, ...]) -> None:
    def same_network(tx: Any) -> None:
        here = select(networks.c.id).where(networks.c.key == "NW-B").scalar_subquery()
        tx.execute(sites.update().where(sites.c.key == "P4").values(network=here))

    office.run(same_network)
    talk = office.talk(surface, "K5")
    talk.do("/ondersteuning", "workshop", *partner, "gisteren 9u-11u")
    assert "Dit kan zo niet geboekt worden." in talk.screen()
    assert "Met een basisschool, een secundaire school of een CLB kan dit voorlopig niet" in talk.screen()
    if surface in CHATS:
        assert "Wat was het thema?" not in talk.screen()
        assert talk.labels == ["Bewaar voor later", "Wijzig", "Waarom?", "Terug", "Annuleren"]
    talk.say("bevestigen")
    assert office.booked("K5") == []
    talk.do("[Wijzig]", "[Partner]", "Buurthuis De Brug")
    if "Soort organisatie: Basisschool" in talk.screen():
        talk.do("[Wijzig]", "[Soort organisatie]", "andere")
    elif "Wat voor organisatie is dat?" in talk.screen():
        talk.say("andere")
    talk.do("rouw", "4 vrijwilligers", "[Ter plaatse]", "[Een eerstelijnsactor]", "[Alles klopt]")
    assert "Dit kan: 2u + 1u voorbereiding." in talk.screen()
    talk.press("Bevestigen")
    assert booked_as(office, "K5") == [("workshop", "O4", 120, 1)]


# Back, change, side questions, restarts


@in_each_chat
def test_back_at_every_step_returns_to_the_question_before(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    deeds = ("/overleg", "linde", "gisteren", "12:00", "45 min", "[Samenwerking", "2 huisartsen", "ja")
    asked = [_question(talk.do(deed)) for deed in deeds]
    for before in reversed(asked[:-1]):
        assert _question(talk.say("terug")) == before
    assert "Je staat al aan het begin" in talk.press("Terug")


def _question(screen: str) -> str:
    return next((line for line in reversed(screen.splitlines()) if line.endswith(("?", ".")) and "[" not in line), "")


@on_each_surface
@pytest.mark.parametrize(
    ("field", "answer", "shown"),
    [
        ("Plaats", "[Lokaal dienstencentrum", "Plaats: Lokaal dienstencentrum De Zonnebloem"),
        ("Datum", "[donderdag 11]", "Datum: donderdag 11 juni 2026"),
        ("Begin", "12:15", "Begin: 12:15"),
        ("Duur", "[30 min]", "Duur: 30 min"),
        ("Onderwerp", "[Voorrangscriteria]", "Onderwerp: Voorrangscriteria"),
        ("Aanwezig", "1 huisarts", "Aanwezig: 1 huisarts"),
        ("Verklaring", "[Alles klopt]", "Met Bevestigen verklaar je"),
    ],
)
def test_each_field_can_be_changed_from_the_card(office: Office, surface: str, field: str, answer: str, shown: str) -> None:
    talk = office.talk(surface, "K1")
    card = talk.say("/overleg De Linde gisteren 12u-12u45 samenwerking, 2 huisartsen")
    talk.do("[Wijzig]", f"[{field}]")
    assert talk.press("Terug").count(field) == card.count(field)
    talk.do("[Wijzig]", f"[{field}]", answer)
    assert shown in talk.screen()
    talk.press("Bevestigen")
    assert len(office.booked("K1")) == 1


@on_each_surface
def test_a_begin_after_the_end_asks_for_the_end_again(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    talk.do("/overleg De Linde gisteren 12u-12u45 samenwerking, 2 huisartsen", "[Wijzig]", "[Begin]", "[13:30]")
    assert "Hoelang duurde het?" in talk.screen()
    talk.do("tot 14u", "[Bevestigen]")
    assert booked_as(office, "K1") == [("overleg", "O1", 30, 0)]


@on_each_surface
@pytest.mark.parametrize(
    ("side", "answer"),
    [
        ("/saldo", "Je saldo op"),
        ("saldo", "Je saldo op"),
        ("/watals presentie 3u", "Wat als"),
        ("/help", "Zo werkt het"),
        ("/overzicht", "Je momenten"),
        ("/privacy", "Wat ik van je bewaar"),
        ("/solde", "Je saldo op"),
        ("/balance", "Je saldo op"),
        ("/bestaatniet", "Die opdracht ken ik niet"),
        ("/start", "Dag Aïcha"),
        ("/taal", "Welke taal?"),
    ],
)
def test_a_side_question_is_answered_and_the_open_question_repeated(office: Office, surface: str, side: str, answer: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "gisteren", "14u")
    screen = talk.say(side)
    assert screen.index(answer) < screen.index("Hoelang duurde het?")
    talk.do("[2u]", "koken", "12 jongeren", "ja", "[Bevestigen]")
    assert booked_as(office, "K3") == [("presentie", "O2", 120, 0)]


@on_each_surface
def test_why_on_the_card_leaves_the_card_in_reach(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.say("/presentie gisteren 14u-16u koken, 12 jongeren")
    screen = talk.press("Waarom?")
    assert "Regel O2-11" in screen
    assert "Geteld van 1 jan 2026 tot en met 31 dec 2026" in screen
    talk.press("Bevestigen")
    assert len(office.booked("K3")) == 1


@pytest.mark.parametrize(
    ("surface", "form"),
    [(surface, form) for surface in (*SURFACES, *OTHERWISE) for form in ("presentie", "workshop ad hoc")]
    + [("terminal", "overleg"), ("telegram", "intervisie"), ("slack", "advies"), ("web", "co-consult"), ("modal", "workshop")],
)
def test_a_draft_survives_a_restart_between_any_two_steps(office: Office, surface: str, form: str) -> None:
    key, deeds, wanted = BY_BUTTON[form]
    talk = office.talk(surface, key)
    for deed in (*deeds, "[Bevestigen]"):
        talk.do(deed)
        office.restart()
    assert booked_as(office, key) == [wanted]


# From each surface to each other one, and with the windows that belong to one of them.
SWITCHES = [
    *permutations(SURFACES, 2),
    *(pair for each in SURFACES for pair in ((each, "modal"), ("modal", each))),
    ("telegram", "mini app"),
    ("mini app", "telegram"),
    ("modal", "mini app"),
]


@pytest.mark.parametrize(("first", "second"), SWITCHES)
def test_begun_on_one_surface_and_finished_on_another(office: Office, first: str, second: str) -> None:
    here, there = office.talk(first, "K3"), office.talk(second, "K3")
    here.do("/presentie", "[Gisteren]")
    assert ("Hoe laat begon het?" if second != "modal" else "Datum: 2026-06-14") in there.resume()  # a window has a clock to pick on
    there.do("[14:00]", "[2u]")
    assert "Begin: 14:00" in here.resume()
    here.do("koken", "12 jongeren")
    assert "Met Bevestigen verklaar je" in there.resume()
    there.do("ja", "[Bevestigen]")
    assert booked_as(office, "K3") == [("presentie", "O2", 120, 0)]
    assert open_drafts(office) == []


@pytest.mark.parametrize("form", BY_BUTTON)
def test_each_step_on_another_surface_with_a_restart_before_it(office: Office, form: str) -> None:
    key, deeds, wanted = BY_BUTTON[form]
    talks = [office.talk(surface, key) for surface in ("web", "telegram", "modal", "terminal", "slack", "mini app")]
    talks[0].say(deeds[0])
    for number, step in enumerate([*steps(deeds[1:]), ("[Bevestigen]",)], 1):
        office.restart()
        talk = talks[number % len(talks)]
        talk.resume()
        talk.do(*step)
    assert booked_as(office, key) == [wanted]
    assert open_drafts(office) == []


def steps(deeds: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The deeds that answer a question each: who was there is said with several presses."""
    last = next((at for at, deed in enumerate(deeds) if deed.startswith("[Klaar")), None)
    if last is None:
        return [(deed,) for deed in deeds]
    first = next(at for at, deed in enumerate(deeds) if deed in ("[Andere rollen]", "[Jongere]", "[Huisarts]", "[Maatschappelijk werker]"))
    return [*((deed,) for deed in deeds[:first]), deeds[first : last + 1], *((deed,) for deed in deeds[last + 1 :])]


@pytest.mark.parametrize("form", BY_TYPING)
def test_the_same_story_stores_the_same_moment_and_verdict_everywhere(office: Office, sample_file: Path, tmp_path: Path, form: str) -> None:
    key, deeds, wanted = BY_TYPING[form]
    stored = {}
    for surface in (*SURFACES, *OTHERWISE):
        path = tmp_path / f"{surface}.db"
        shutil.copyfile(sample_file, path)
        one = Office(f"sqlite:///{path}")
        one.talk(surface, key).do(*deeds, "[Bevestigen]")
        assert booked_as(one, key) == [wanted]
        row = one.booked(key)[0]._asdict()
        stored[surface] = {name: value for name, value in row.items() if name != "submission"}  # which draft it was
        one.close()
    assert all(each == stored["terminal"] for each in stored.values()), stored


VERDICTS = {
    "fits": ("K3", "/presentie De Kade gisteren 14u-16u koken, 12 jongeren"),
    "with a warning": ("K3", "/presentie 31/5 14u-15u koken, 12 jongeren"),
    "refused": ("K2", "/presentie gisteren 9u-18u spelnamiddag, 12 bezoekers"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_rules_say_it_in_the_same_words_everywhere(office: Office, case: str) -> None:
    key, line = VERDICTS[case]
    desk, *others = [office.talk(surface, key) for surface in (*SURFACES, *OTHERWISE)]
    for language in LANGUAGES:
        desk.do(f"/taal {language}", line)
        said = verdict_of(office, key, language)
        assert len(said) > 1
        for talk in (desk, *others):
            talk.say(f"/taal {language}")
            shown = in_one_line(talk.say(line))
            assert all(each in shown for each in said), (talk, said, shown)


def verdict_of(office: Office, key: str, language: str) -> list[str]:
    """What the rules say of the open form, line by line, made without any surface."""

    def step(tx: Any) -> tuple[Text, ...]:
        session = accounts.read_session(tx, "terminal", "", f"shell:{key}")
        found = present_whole(tx, office.world, session, Event("", Who("terminal", "", f"shell:{key}"), "press", office.clock()))
        return found.verdict

    lines = "\n".join(say(text, language) for text in office.run(step)).splitlines()
    return [in_one_line(line.removeprefix("- ")) for line in lines if line.strip()]


def in_one_line(shown: str) -> str:
    """What is seen, without how it is laid out."""
    return " ".join(shown.replace("*", "").split())


@pytest.mark.parametrize("surface", LASTING)
def test_confirming_twice_books_once(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    assert f"Dit is al geboekt, als moment {moment}. Er is niets dubbel geboekt." in talk.press_again()
    office.restart()
    talk.press_again()
    assert len(office.booked("K3")) == 1


@pytest.mark.parametrize("again", ["bevestigen", "a"])
def test_confirming_twice_at_the_terminal_books_once(office: Office, again: str) -> None:
    talk = office.terminal("K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    talk.say(again)
    kept = office.run(lambda tx: tx.execute(select(moments)).all())
    talk.say(again)
    assert office.run(lambda tx: tx.execute(select(moments)).all()) == kept
    assert len(office.booked("K3")) == 1


@pytest.mark.parametrize("surface", LASTING)
@pytest.mark.parametrize("form", ["presentie", "intervisie"])
def test_every_press_twice_is_one(office: Office, surface: str, form: str) -> None:
    key, deeds, wanted = BY_BUTTON[form]
    talk = office.talk(surface, key)
    for deed in deeds:
        talk.do(deed)
        if deed.startswith("["):
            before = answers_of(office)
            talk.press_again()
            assert answers_of(office) == before, deed
    talk.do("[Bevestigen]")
    assert booked_as(office, key) == [wanted]


def answers_of(office: Office) -> list[Any]:
    """What the open forms hold."""
    return [(each.answers, each.aside.get("role"), each.aside.get("present")) for each in open_drafts(office)]


@pytest.mark.parametrize("surface", LASTING)
def test_a_press_on_a_card_that_changed_elsewhere_shows_how_it_is_now(office: Office, surface: str) -> None:
    talk, desk = office.talk(surface, "K3"), office.terminal("K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    talk.do("[Wijzig]", "[Duur]", "[2u]")
    desk.do("/start", "[Wijzig]", "[Duur]", "3u")
    stale = talk.press("Bevestigen") if surface not in ("telegram", "slack") else talk.press_again()
    assert office.booked("K3") == []
    if surface == "modal":  # what stands in a window counts: it is judged anew, and seen, before it is booked
        talk.press("Bevestigen")
        assert booked_as(office, "K3") == [("presentie", "O2", 120, 0)]
        return
    assert "Duur: 3u" in stale
    assert ("Dit knopje hoort bij een vorige stap" if surface in CHATS else "Intussen is er iets veranderd") in stale
    talk.press("Bevestigen")
    assert booked_as(office, "K3") == [("presentie", "O2", 180, 0)]


@pytest.mark.parametrize("surface", ["web", *OTHERWISE])
def test_what_is_changed_with_the_confirmation_is_judged_before_it_is_booked(office: Office, surface: str) -> None:
    talk: Any = office.talk(surface, "K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    assert "Dit kan: 3u." in talk.fill("Bevestigen", length="3u")
    assert office.booked("K3") == []
    talk.press("Bevestigen")
    assert booked_as(office, "K3") == [("presentie", "O2", 180, 0)]


def test_terug_on_a_page_opens_the_last_question_again(office: Office) -> None:
    talk = office.talk("web", "K1")
    talk.do("/overleg", "linde", "gisteren", "12:00", "45 min")
    assert "Duur: 45 min" in talk.screen()
    screen = talk.say("terug")
    assert "Duur: 45 min" not in screen
    assert "Begin: 12:00" in screen
    assert "Begin: 12:00" not in talk.say("terug")


@on_each_surface
def test_the_same_as_last_time_asks_only_for_the_day(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "[Zelfde als vorige keer (OverKophuis De Kade)]")
    assert "Wanneer was het?" in talk.screen()
    talk.press("Gisteren")
    if "Klopt dit allemaal?" in talk.screen():  # the last moment came by import, without a declaration
        talk.press("Alles klopt")
    talk.press("Bevestigen")
    row = office.booked("K3")[0]
    assert row.submitted["answers"] == {
        "place": row.submitted["answers"]["place"],
        "day": "2026-06-14",
        "start": "14:00",
        "length": 120,
        "text": "samen koken",
        "present": {"jongere": 16, "begeleider": 2},
        "declared": "yes",
    }


@on_each_surface
def test_another_three_times_in_a_row(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    for day in ("[Eergisteren]", "[vrijdag 12]", "[donderdag 11]"):
        talk.do("[Nog een]", "[Zelfde als vorige keer", day, "[Bevestigen]")
        assert "Geboekt. Referentie" in talk.screen()
    assert [row.day for row in office.booked("K3")] == [YESTERDAY - timedelta(days=back) for back in range(4)]
    assert "54u van 96u gebruikt, nog 42u over" in talk.press("Saldo")


# Refusals and what is offered instead


@on_each_surface
def test_a_full_quota_is_said_before_the_last_question(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K2")
    talk.do("/presentie gisteren 9u-17u spelnamiddag, 12 bezoekers", "[Bevestigen]")
    talk.do("/presentie", "[Eergisteren]")
    assert "De uren zijn op: er is al 48u gebruikt." in talk.screen()
    assert ("Hoe laat begon het?" in talk.screen()) == (surface == "web")
    talk.do("[Wijzig]", "[Terug]")
    assert "De uren zijn op: er is al 48u gebruikt." in talk.screen()
    talk.do("[Wijzig]", "[Datum]", "31/12/2025")
    assert "De uren zijn op" not in talk.screen()


@on_each_surface
def test_what_is_refused_can_be_kept_and_taken_up_again(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "morgen")
    assert "Dit moment is nog niet voorbij" in talk.screen()
    assert "Bewaard, niet geboekt. Je vindt het terug" in talk.press("Bewaar voor later")
    office.clock.move(days=2)
    talk.do("/start", "[Verder: Presentie, 16 jun 2026]")
    assert "Hoe laat begon het?" in talk.screen()
    talk.do("14u-15u", "koken", "12 jongeren", "ja", "[Bevestigen]")
    assert booked_as(office, "K3") == [("presentie", "O2", 60, 0)]


@everywhere
def test_refused_then_changed_then_booked(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K2")
    talk.say("/presentie gisteren 9u-18u spelnamiddag, 12 bezoekers")
    assert "van de 48u is er nog 8u over, en dit moment duurt 9u" in talk.screen()
    talk.say("bevestigen")
    assert "Er is niets geboekt. Je invoer blijft staan" in talk.screen()
    assert "Omschrijving: spelnamiddag" in talk.screen()
    talk.do("[Wijzig]", "[Duur]", "[2u]", "[Bevestigen]")
    assert booked_as(office, "K2") == [("presentie", "O2", 120, 0)]


@on_each_surface
def test_booking_what_still_fits(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K2")
    talk.do("/presentie gisteren 9u-18u spelnamiddag, 12 bezoekers", "[Boek de 8u die nog passen]")
    assert office.booked("K2") == []
    assert "Dit kan: 8u." in talk.screen()
    talk.press("Bevestigen")
    assert booked_as(office, "K2") == [("presentie", "O2", 480, 0)]


@on_each_surface
def test_too_few_actors_can_be_registered_as_advice(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    talk.do("/intervisie", "ik gaf ze", "casusspecifieke intervisie", "ocmw", "gisteren 14u-15u", "werkdruk", "2 maatschappelijk werkers")
    assert "Er zijn minstens 3 eerstelijnsactoren nodig. Er tellen er 2 mee." in talk.screen()
    talk.do("[Registreer als advies onder oproep 3]", "[Ter plaatse]", "[Alles klopt]", "[Bevestigen]")
    assert booked_as(office, "K4") == [("advies", "O3", 60, 0)]
    assert not any(label.startswith("Verder") for label in talk.labels), "what became advice must not wait as an intervision too"


@on_each_surface
def test_a_moment_beyond_the_convention_waits_for_its_rules(office: Office, surface: str) -> None:
    office.clock.now = datetime(2027, 1, 6, 9, tzinfo=BRUSSELS)
    talk = office.talk(surface, "K2")
    talk.do("/overleg", "5/1/2027 12u-13u", "samenwerking", "2 huisartsen", "ja")
    assert talk.screen().count("Die dag valt buiten") == 1
    assert "loopt tot en met 31 dec 2026" in talk.screen()
    assert "staat dit moment voor je klaar" in talk.press("Bewaar tot er regels voor die dag zijn")
    assert office.booked("K2") == []
    office.world = World({key: book.with_values({"convention.valid_to": date(2027, 12, 31)}) for key, book in BOOKS.items()})
    office.restart()
    talk.say("/start")
    talk.press("Verder: Overleg, 5 jan 2027")
    assert "Dit kan: 1u." in talk.screen()
    talk.press("Bevestigen")
    assert booked_as(office, "K2") == [("overleg", "O1", 60, 0)]


# Client data

SECRETS = ("Jan Peeters", "Peeters", "85.04.03", "0475 12 34 56", "jan.peeters@")
TYPED_SECRETS = (
    "gesprek met Jan Peeters, geboren 3/4/1985",
    "bel 0475 12 34 56",
    "85.04.03-123.21",
    "mail jan.peeters@example.org",
)


@on_each_surface
@pytest.mark.parametrize("typed", TYPED_SECRETS)
def test_client_data_is_refused_and_kept_nowhere(office: Office, surface: str, typed: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.INFO)  # as the program does: the library's debug lines hold what was typed
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "gisteren 14u-16u")
    answers = [talk.say(typed), talk.do("koken", typed), talk.do("12 jongeren", typed), talk.do("ja", typed)]
    assert "Ik heb er niets van bewaard" in answers[0]
    talk.press("Bevestigen")
    answers += [
        talk.say(f"/presentie 13/6 14u-15u {typed}"),
        talk.say(f"/watals presentie 2u {typed}"),
        talk.say(typed),
        talk.do("/annuleer", typed),
    ]
    kept = office.everything()
    for secret in SECRETS:
        if secret in typed:
            assert not any(secret in answer for answer in answers)
            assert secret not in kept
            assert secret not in caplog.text
    assert len(office.booked("K3")) == 1


@on_each_surface
def test_client_data_in_a_partner_or_a_correction_is_kept_nowhere(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K5")
    assert "Ik heb er niets van bewaard" in talk.do("/ondersteuning", "workshop", "Jan Peeters, geboren 3/4/1985")
    talk.say("/annuleer")
    other = office.talk(surface, "K3")
    other.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    other.do("/overzicht", f"[Moment {office.booked('K3')[0].id}", "[Corrigeren]")
    assert "Ik heb er niets van bewaard" in other.do("[Omschrijving]", "met Jan Peeters, geboren 3/4/1985")
    assert "Peeters" not in office.everything()


# Clock changes


@on_each_surface
@pytest.mark.parametrize("line", [False, True], ids=["step by step", "one line"])
def test_a_time_that_the_clock_skipped_is_asked_again(office: Office, surface: str, line: bool) -> None:
    office.clock.now = datetime(2026, 4, 1, 9, tzinfo=BRUSSELS)
    talk = office.talk(surface, "K3")
    if line:
        talk.say("/presentie 29/3/2026 02:30-03:45 nachtwandeling, 12 jongeren")
    else:
        talk.do("/presentie", "29/3/2026", "02:30")
    assert "Dat uur bestaat niet, of niet op die dag" in talk.screen()
    assert "Hoe laat begon het?" in talk.screen()
    talk.say("03:15")
    if not line:
        talk.do("30 min", "nachtwandeling", "12 jongeren", "ja")
    talk.press("Bevestigen")
    row = office.booked("K3")[0]
    assert (row.begins, row.minutes) == (datetime(2026, 3, 29, 1, 15), 30)


@on_each_surface
@pytest.mark.parametrize(
    ("which", "begins"), [("De eerste keer", datetime(2026, 10, 25, 0, 30)), ("De tweede keer", datetime(2026, 10, 25, 1, 30))]
)
def test_the_hour_that_comes_twice_is_asked(office: Office, surface: str, which: str, begins: datetime) -> None:
    office.clock.now = datetime(2026, 10, 28, 9, tzinfo=BRUSSELS)
    talk = office.talk(surface, "K3")
    talk.say("/presentie 25/10/2026 02:30-02:45 nachtwandeling, 12 jongeren")
    talk.do(f"[{which}", *(["[Alles klopt]"] if "Klopt dit" in talk.screen() else []))
    if "Alles klopt" in talk.labels:
        talk.press("Alles klopt")
    talk.press("Bevestigen")
    row = office.booked("K3")[0]
    assert (row.begins, row.minutes) == (begins, 15)


# Old, double and foreign buttons (Telegram)


def test_a_button_of_an_earlier_step_changes_nothing(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie", "[Gisteren]")
    old = talk.data("14:00")
    talk.say("10u-11u")
    assert "Er is niets veranderd" in talk.forge(old)
    assert open_drafts(office)[0].answers["start"] == "10:00"


def test_a_button_of_last_year_explains_itself(office: Office) -> None:
    talk = office.telegram("K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    confirm = talk.data("Bevestigen")
    talk.say("/annuleer")
    office.clock.move(days=366)
    office.restart()
    assert "Dit knopje hoort bij een vorige stap" in talk.forge(confirm)
    assert "Er staat nu niets open" in talk.screen()
    assert talk.labels == ["Registreren"]
    assert office.booked("K3") == []


@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
def test_a_double_press_books_once(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    again = talk.act(talk.person.repress)
    assert f"Dit is al geboekt, als moment {moment}. Er is niets dubbel geboekt." in again
    redelivered = {"update_id": office.standin._next["update"], "callback_query": talk.person._pressed[-1]}
    before = [each.text for each in talk.person.replies]
    talk.act(lambda: office.standin.redeliver(redelivered))
    assert [each.text for each in talk.person.replies] == before
    office.restart()
    talk.act(lambda: office.standin.redeliver(redelivered))
    assert len(office.booked("K3")) == 1
    assert office.standin.unanswered() == []


@pytest.mark.parametrize("surface", ["telegram", "slack"])  # these send again what they doubt that we heard
def test_a_typed_answer_that_is_delivered_twice_answers_one_question(office: Office, surface: str) -> None:
    talk: Any = office.talk(surface, "K3")
    talk.do("/presentie", "[Gisteren]", "[14:00]")
    if surface == "slack":
        body = {"type": "message", "channel_type": "im", "channel": talk.person.direct, "user": talk.person.user, "text": "1u", "ts": "1.1"}
        event = {"type": "event_callback", "team_id": talk.person.team.id, "event_id": "Ev77", "event": body}
        talk.act(lambda: talk.person.act(event))
    else:
        sent: list[Any] = []
        talk.act(lambda: sent.append(talk.person.say("1u")))
        event = {"update_id": office.standin._next["update"], "message": sent[0].json()}
    for _ in range(2):
        talk.act(lambda: talk.person.act(event) if surface == "slack" else office.standin.redeliver(event))
        office.restart()
    [draft] = open_drafts(office)
    assert draft.answers["length"] == 60
    assert "text" not in draft.answers


@pytest.mark.parametrize("surface", LASTING)
def test_a_press_after_cancelling_elsewhere_finds_nothing_open(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "[Gisteren]")
    office.terminal("K3").say("/annuleer")
    assert "Er staat nu niets open" in talk.press_again()
    assert open_drafts(office) == []


def test_another_persons_card_cannot_be_pressed(office: Office) -> None:
    hers, thief = office.telegram("K3"), office.telegram("K6", name="Emre")
    hers.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    thief.say("/presentie")
    answers = open_drafts(office)
    for label in ("Bevestigen", "Wijzig", "Terug", "Annuleren", "Waarom?"):
        screen = thief.forge(hers.data(label))
        assert "koken" not in screen
        assert "De Kade" not in screen
    assert open_drafts(office) == answers
    assert office.booked("K3") == office.booked("K6") == []


@in_each_chat
def test_typing_where_a_button_was_meant_keeps_the_card(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    card = talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    assert "Kies een knop, of typ wat erop staat" in talk.say("doe maar")
    assert "Omschrijving: koken" in talk.screen()
    assert office.booked("K3") == []
    assert talk.labels == ["Bevestigen", "Wijzig", "Waarom?", "Terug", "Annuleren"]
    assert "Bevestigen" in card


@pytest.mark.parametrize("word", ["bevestigen", "Confirmer", "CONFIRM"])
def test_the_words_of_the_buttons_are_understood_in_three_languages(office: Office, word: str) -> None:
    talk = office.terminal("K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    talk.say(word)
    assert len(office.booked("K3")) == 1


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("send_voice", "Ik lees alleen getypte tekst"),
        ("send_photo", "Ik lees alleen getypte tekst"),
        ("send_sticker", "Ik lees alleen getypte tekst"),
        ("send_location", "Ik lees alleen getypte tekst"),
        ("send_contact", "Ik lees alleen getypte tekst"),
    ],
)
def test_what_is_no_text_is_answered_and_not_kept(office: Office, deed: str, answer: str) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie", "gisteren")
    screen = talk.act(getattr(talk.person, deed))
    assert answer in screen
    assert "Hoe laat begon het?" in screen
    assert "file-" not in office.everything()


def test_edited_and_forwarded_messages_are_not_read(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie", "gisteren 14u-15u")
    sent: list[Any] = []
    talk.act(lambda: sent.append(talk.person.say("koken")))
    assert "Een bewerkt bericht lees ik niet" in talk.act(lambda: talk.person.edit(sent[0], "wandelen"), answered=False)
    assert "Een doorgestuurd bericht" in talk.act(lambda: talk.person.forward("12 jongeren"))
    assert open_drafts(office)[0].answers["text"] == "koken"
    assert "present" not in open_drafts(office)[0].answers


def test_in_a_group_the_bot_keeps_silent(office: Office) -> None:
    talk = office.telegram("K3")
    group = office.standin.group("Team De Kade", [talk.person])
    for text in ("hallo", "/saldo", "/presentie gisteren 14u-15u koken, 12 jongeren"):
        talk.act(lambda text=text: talk.person.say(text, chat=group), answered=False)
        assert not [each for each in group.chat.messages.values() if each.from_bot]
    talk.act(lambda: talk.person.say("/saldo@uurwijzer_bot", chat=group), answered=False)
    assert group.last.text == "Schrijf me privé, dan help ik je."
    assert open_drafts(office) == []


# Balances, undo, corrections


@everywhere
def test_cancelling_shows_the_balance_before_and_after(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-16u30 koken, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    assert "nog 43u30 over" in talk.say("/saldo")
    talk.do("/overzicht", f"[Moment {moment}", "[Moment annuleren]")
    assert len(office.booked("K3")) == 1
    assert "Saldo voor: 43u30. Saldo na: 46u." in talk.press("Ja, annuleren")
    assert office.booked("K3") == []
    assert "nog 46u over" in talk.say("/saldo")


@everywhere
def test_a_correction_shows_the_balance_before_and_after(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-16u30 koken, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    talk.do("/overzicht", f"[Moment {moment}", "[Corrigeren]", "[Duur]", "[1u30]")
    assert f"Correctie van moment {moment}" in talk.screen()
    assert office.booked("K3")[0].minutes == 150
    assert "Saldo voor: 43u30. Saldo na: 44u30." in talk.press("Bevestigen")
    assert f"Gewijzigd. Referentie {moment}." in talk.screen()
    assert [(row.id, row.minutes, row.version) for row in office.booked("K3")] == [(moment, 90, 2)]
    assert "nog 44u30 over" in talk.say("/saldo")


@pytest.mark.parametrize("surface", LASTING)
def test_undo_twice_undoes_once(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    assert "Saldo voor: 45u. Saldo na: 46u." in talk.press("Ongedaan maken")
    kept = office.run(lambda tx: tx.execute(select(moments)).all())
    assert "dat is definitief" in talk.press_again()
    assert office.run(lambda tx: tx.execute(select(moments)).all()) == kept
    assert "nog 46u over" in talk.press("Saldo")


@on_each_surface
def test_undo_after_a_correction_puts_the_version_before_back(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    talk.do("/overzicht", f"[Moment {moment}", "[Corrigeren]", "[Duur]", "[2u]", "[Bevestigen]")
    talk.press("Wijziging ongedaan maken")
    assert f"De wijziging is ongedaan gemaakt. Referentie {moment}." in talk.screen()
    assert "Saldo voor: 44u. Saldo na: 45u." in talk.screen()
    assert [(row.id, row.minutes, row.version) for row in office.booked("K3")] == [(moment, 60, 3)]
    assert "Wijziging ongedaan maken" not in talk.labels
    talk.press("Toch wijzigen")
    assert [(row.id, row.minutes, row.version) for row in office.booked("K3")] == [(moment, 120, 4)]
    assert "ongedaan gemaakt" not in talk.screen()
    talk.press("Wijziging ongedaan maken")
    assert "nog 45u over" in talk.say("/saldo")


def test_a_correction_is_taken_back_once_however_often_it_is_pressed(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    talk.do("/overzicht", f"[Moment {office.booked('K3')[0].id}", "[Corrigeren]", "[Duur]", "[2u]", "[Bevestigen]")
    restore = talk.data("Wijziging ongedaan maken")
    talk.forge(restore)
    talk.forge(restore)
    assert [(row.minutes, row.version) for row in office.booked("K3")] == [(60, 3)]


def test_a_version_that_no_longer_fits_is_not_put_back(office: Office) -> None:
    hers, his = office.terminal("K1"), office.terminal("K2")
    hers.do("/presentie zonnebloem gisteren 9u-17u spelen, 12 bezoekers", "[Bevestigen]")
    hers.do("/overzicht", f"[Moment {office.booked('K1')[0].id}", "[Corrigeren]", "[Duur]", "[1u]", "[Bevestigen]")
    his.do("/presentie 13/6 14u-18u spelen, 12 bezoekers", "[Bevestigen]")
    screen = hers.press("Wijziging ongedaan maken")
    assert "kan niet meer terug. Er is niets veranderd." in screen
    assert "is er nog 7u over" not in screen
    assert [(row.minutes, row.version) for row in office.booked("K1")] == [(60, 2)]
    assert "Corrigeren" in hers.labels


def test_undo_after_a_correction_does_not_touch_the_new_version(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren", "[Bevestigen]")
    undo, moment = talk.data("Ongedaan maken"), office.booked("K3")[0].id
    talk.do("/overzicht", f"[Moment {moment}", "[Corrigeren]", "[Duur]", "[2u]", "[Bevestigen]")
    talk.forge(undo)
    assert [(row.minutes, row.version) for row in office.booked("K3")] == [(120, 2)]


# Several networks and agreements


def give_second_network(office: Office) -> None:
    """K1 also works in NW-D, which has another rulebook, with a grant of its own."""

    def step(tx: Any) -> None:
        ids = {row.key: row.id for table in (networks, people, sites) for row in tx.execute(select(table.c.key, table.c.id))}
        tx.execute(memberships.insert(), {"person": ids["K1"], "network": ids["NW-D"]})
        row = {
            "key": "GR-X",
            "oproep": "O1",
            "site": ids["V6"],
            "network": ids["NW-D"],
            "start": date(2026, 1, 1),
            "to": date(2026, 12, 31),
            "minutes": 240,
        }
        grant = tx.execute(grants.insert(), row).inserted_primary_key[0]
        tx.execute(grant_people.insert(), {"person": ids["K1"], "grant": grant})

    office.run(step)
    office.restart()


@on_each_surface
def test_two_networks_with_two_rulebooks_are_asked_for(office: Office, surface: str) -> None:
    give_second_network(office)
    talk = office.talk(surface, "K1")
    assert "Voor welk netwerk is het?" in talk.say("/overleg")
    talk.press("Réseau Exemple des Collines")
    assert "Plaats: Maison médicale Les Tilleuls" in talk.screen()
    talk.do("gisteren 12u-13u", "samenwerking", "2 huisartsen", "ja", "[Bevestigen]")
    assert booked_as(office, "K1") == [("overleg", "O1", 60, 0)]
    saldo = talk.say("/saldo")
    assert "Maison médicale Les Tilleuls (Réseau Exemple des Collines)" in saldo
    assert "1u van 4u gebruikt" in saldo
    talk.do("/overleg", "[Voorbeeldnetwerk Leie & Schelde]")
    assert "Huisartsenpraktijk De Linde" in talk.labels
    assert "Maison médicale Les Tilleuls" not in talk.labels


@on_each_surface
def test_the_question_for_which_network_keeps_the_typed_line(office: Office, surface: str) -> None:
    give_second_network(office)
    talk = office.talk(surface, "K1")
    assert "Voor welk netwerk is het?" in talk.say("/overleg gisteren 12u-13u samenwerking, 2 huisartsen")
    office.restart()
    talk.say("/saldo")
    assert "Voor welk netwerk is het?" in talk.screen()
    talk.say("collines")
    assert "Plaats: Maison médicale Les Tilleuls" in talk.screen()
    assert "Aanwezig: 2 huisartsen" in talk.screen()
    talk.press("Bevestigen")
    assert booked_as(office, "K1") == [("overleg", "O1", 60, 0)]


def test_a_place_in_the_line_tells_the_network(office: Office) -> None:
    give_second_network(office)
    talk = office.terminal("K1")
    assert "Plaats: Maison médicale Les Tilleuls" in talk.say("/overleg tilleuls gisteren 12u-13u samenwerking, 2 huisartsen")
    assert "Plaats: Huisartsenpraktijk De Linde" in talk.say("/overleg linde gisteren 14u-15u samenwerking, 2 huisartsen")


def test_client_data_before_the_question_for_a_network_is_kept_nowhere(office: Office) -> None:
    give_second_network(office)
    talk = office.terminal("K1")
    screen = talk.say("/overleg gisteren 12u-13u met Jan Peeters, geboren 3/4/1985")
    assert "Ik heb er niets van bewaard" in screen
    assert "Voor welk netwerk is het?" in screen
    assert "Peeters" not in office.everything()
    assert "Begin: 12:00" in talk.press("Réseau Exemple des Collines")


@on_each_surface
def test_two_agreements_keep_their_own_balance(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    talk.do("/ondersteuning", "advies")
    assert {"Kinderdagverblijf Pinkeltje", "Sociale dienst OCMW Voorbeeldegem"} <= set(talk.labels)
    talk.do("pinkeltje", "gisteren 10u-11u", "slapen", "1 kinderverzorger", "ter plaatse", "ja", "[Bevestigen]")
    saldo = talk.say("/saldo").split("oproep 3")
    assert "1u van 48u gebruikt" in next(each for each in saldo if "Pinkeltje" in each)
    assert "5u20 van 48u gebruikt" in next(each for each in saldo if "OCMW" in each)


# Languages, odd texts, people without a part


@on_each_surface
def test_the_language_can_be_changed_in_mid_form(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "gisteren")
    screen = talk.say("/taal fr")
    assert "[Terug" not in screen
    assert "Annuler" in talk.labels
    assert "dimanche 14 juin 2026" in screen
    talk.do("14h-16h", "cuisine", "12 jeunes, 2 accompagnateurs", "oui")
    assert "Confirmer" in talk.labels
    assert "Enregistré. Référence" in talk.press("Confirmer")
    assert office.booked("K3")[0].submitted["answers"]["present"] == {"jongere": 12, "begeleider": 2}
    assert "English" in talk.do("/langue", "[English]", "/language")
    assert "Hello Aïcha" in talk.say("/start")


@pytest.mark.parametrize(
    ("dutch", "french", "english"),
    [
        ("/presentie", "/presence", "/presence"),
        ("/overleg", "/concertation", "/consultation"),
        ("/ondersteuning", "/soutien", "/support"),
        ("/intervisie", "/intervision", "/intervision"),
        ("/saldo", "/solde", "/balance"),
        ("/overzicht", "/apercu", "/overview"),
        ("/watals presentie 1u", "/etsi presence 1h", "/whatif presence 1h"),
        ("/taal", "/langue", "/language"),
        ("/privacy", "/confidentialite", "/privacy"),
        ("/help", "/aide", "/help"),
        ("/annuleer", "/annuler", "/cancel"),
    ],
)
def test_commands_have_their_french_and_english_names(office: Office, dutch: str, french: str, english: str) -> None:
    answers = set()
    for name in (dutch, french, english, dutch.upper() if " " not in dutch else dutch):
        answers.add(office.terminal("K1").say(name))
        office.terminal("K1").say("/annuleer")
    assert len(answers) == 1
    assert "ken ik niet" not in answers.pop()


@in_each_chat
def test_an_endless_text_is_refused_in_a_sentence(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "gisteren 14u-15u")
    assert "Dat is te lang" in talk.say("x" * 4096)
    assert "x" * 200 not in talk.screen()
    talk.say("/annuleer")
    talk.say("/presentie " + "koken " * 680)
    assert "te lang" in talk.screen()
    talk.say("/annuleer")
    talk.say("x" * 4096)
    assert "x" * 200 not in office.everything()
    assert "Dat is te lang" in talk.say("\ufdfa" * 200), "each stands for eighteen characters"


ODD = 'Huis <b>&"*_[x](y) \u202egelaten\u202c 😀 العربية'


@on_each_surface
@pytest.mark.parametrize("typed", ["60u", "60 u", "100u", "60u30"])
def test_hours_that_no_clock_has_are_a_length_that_is_too_long(office: Office, surface: str, typed: str) -> None:
    screen = office.talk(surface, "K3").say(f"/watals presentie {typed}")
    assert "Dat is langer dan een dag" in screen
    assert "uur bestaat niet" not in screen


def test_odd_names_stand_literally_in_telegram(office: Office) -> None:
    office.run(lambda tx: tx.execute(update(sites).where(sites.c.key == "V4").values(name=ODD)))
    office.restart()
    talk = office.telegram("K3")
    typed = 'koken <i>&amp;"*_`[a](b) \u202esoep\u202c 👩‍🍳 مطبخ'
    kept = typed.replace("\u202e", "").replace("\u202c", "")  # marks that turn the direction are taken out
    talk.do("/presentie gisteren 14u-15u", typed, "12 jongeren", "ja")
    assert f"Plaats: {ODD}" in talk.screen()
    assert f"Omschrijving: {kept}" in talk.screen()
    assert all(entity["type"] == "bold" for entity in talk.person.last.entities)
    talk.press("Bevestigen")
    assert ODD in talk.screen()
    assert office.booked("K3")[0].submitted["answers"]["text"] == kept
    assert ODD in talk.say("/overzicht")
    assert ODD in talk.say("/saldo")


def test_a_long_answer_comes_in_whole_messages(office: Office) -> None:
    def step(tx: Any) -> None:
        ids = {row.key: row.id for table in (networks, people) for row in tx.execute(select(table.c.key, table.c.id))}
        for number in range(80):
            place = {
                "key": f"X{number}",
                "name": f"Praktijk nummer {number} met een lange naam <&>",
                "kind": "huisartsenpraktijk",
                "network": ids["NW-A"],
                "cooperates": True,
            }
            site = tx.execute(sites.insert(), place).inserted_primary_key[0]
            row = {
                "key": f"GX{number}",
                "oproep": "O1",
                "site": site,
                "network": ids["NW-A"],
                "start": date(2026, 1, 1),
                "to": date(2026, 12, 31),
            }
            grant = tx.execute(grants.insert(), row).inserted_primary_key[0]
            tx.execute(grant_people.insert(), {"person": ids["K1"], "grant": grant})

    office.run(step)
    office.restart()
    talk = office.telegram("K1")
    talk.say("/saldo")
    said = [call for call in talk.calls if call.method == "sendMessage"]
    assert len(said) > 1
    assert all(call.status == 200 for call in said)
    assert all(f"Praktijk nummer {number} met een lange naam <&>" in talk.screen() for number in range(80))
    assert talk.labels == ["Mijn momenten", "Registreren"]
    assert "[Meer…]" in talk.say("/overleg")


@on_each_surface
def test_a_coordinator_is_told_that_registering_is_not_hers(office: Office, surface: str) -> None:
    talk = office.talk(surface, "C-1")
    assert "Registreren is voor verstrekkers" in talk.say("/presentie")
    assert "Presentie" not in talk.do("/start")
    assert "Presentie" not in talk.labels


@on_each_surface
def test_a_provider_without_a_grant_hears_whom_to_ask(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K8")
    assert "Je coördinator (Katrijn Modelaar) kan uren toekennen." in talk.say("/presentie")
    assert "Je hebt nog geen toekenning" in talk.say("/saldo")


@on_each_surface
def test_what_if_judges_without_booking(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    before = office.everything() if surface == "terminal" else ""
    screen = talk.say("/watals presentie De Kade 3u 12/12")
    assert "zaterdag 12 december 2026" in screen
    assert "Dat kan." in screen
    assert "Daarna nog 43u over" in screen
    assert "Dat kan niet." in talk.say("/watals presentie De Kade 780 min morgen")
    assert office.booked("K3") == []
    assert open_drafts(office) == []
    if before:
        assert office.everything() == before


# What one line, one word or one opening balance can do


@on_each_surface
def test_an_advice_by_telephone_in_one_line(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    card = talk.say("/ondersteuning advies ocmw gisteren 10u per telefoon 30 min slaapproblemen, 1 maatschappelijk werker")
    assert "Plaats: Sociale dienst OCMW Voorbeeldegem" in card
    assert "Contact: Per telefoon" in card
    assert "Onderwerp: slaapproblemen" in card
    talk.press("Bevestigen")
    assert booked_as(office, "K4") == [("advies", "O3", 30, 0)]


@on_each_surface
@pytest.mark.parametrize(
    ("werkvorm", "people", "offered"),
    [
        ("workshop", "4 maatschappelijk werkers", ["Ter plaatse", "Online"]),
        ("co-consult", "1 maatschappelijk werker", ["Ter plaatse", "Online"]),
        ("advies", "1 maatschappelijk werker", ["Ter plaatse", "Per telefoon", "Online"]),
    ],
)
def test_the_telephone_is_offered_only_where_the_rules_allow_it(
    office: Office, surface: str, werkvorm: str, people: str, offered: list[str]
) -> None:
    talk = office.talk(surface, "K4")
    talk.do("/ondersteuning", werkvorm, "ocmw", "8/6 13u30-15u30", "motiverende gespreksvoering", people)
    assert [label for label in talk.labels if label in ("Ter plaatse", "Per telefoon", "Online")] == offered


@in_each_chat
def test_the_telephone_that_is_typed_all_the_same_is_refused_with_its_rule(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K4")
    talk.do("/ondersteuning", "workshop", "ocmw", "8/6 13u30-15u30", "motiverende gespreksvoering", "4 maatschappelijk werkers")
    assert "Dit kan zo niet geboekt worden." in talk.say("per telefoon")
    talk.do("[Wijzig]", "[Contact]")
    assert "Per telefoon" not in talk.labels
    assert "Dit kan: 2u + 1u voorbereiding." in talk.do("[Ter plaatse]", "ja")


def test_on_a_form_the_telephone_stays_in_sight_when_another_werkvorm_forbids_it(office: Office) -> None:
    talk = office.talk("web", "K4")
    talk.say("/ondersteuning advies ocmw gisteren 10u per telefoon 2u slaapproblemen, 4 maatschappelijk werkers")
    assert "Contact: Per telefoon" in talk.fill(talk.check, werkvorm="workshop")
    assert "Per telefoon" in talk.labels
    talk.fill(talk.check, channel="f2f")
    assert "Per telefoon" not in talk.labels


@on_each_surface
def test_a_strange_role_in_a_line_is_asked_and_its_words_stay(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    card = talk.say("/presentie gisteren 14u-16u koken met 12 jongeren en 2 smurfen")
    assert "Een van die functies ken ik niet" in card
    assert "Wie was erbij" in card
    assert "Omschrijving: koken en 2 smurfen" in card
    talk.press("Klaar: 12 jongeren")
    talk.do("[Alles klopt]", "[Bevestigen]")
    assert office.booked("K3")[0].submitted["answers"]["present"] == {"jongere": 12}


@on_each_surface
def test_a_strange_place_in_a_line_is_asked_even_of_who_has_one_place(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    card = talk.say("/presentie gisteren 14u-16u koken in de Zonnebloem, 12 jongeren")
    assert "De plaats in je regel ken ik niet als een van jouw plaatsen" in card
    assert "Waar was het?" in card
    assert "Omschrijving: koken in de Zonnebloem" in card
    assert "Dit kan: 2u." in talk.do("[OverKophuis De Kade]", "[Alles klopt]")


@on_each_surface
def test_a_name_one_letter_off_is_asked(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K1")
    assert "Welke plaats bedoel je?" in talk.say("/overleg lindde gisteren 12u-12u30 samenwerking, 2 huisartsen")
    assert "Onderwerp: Samenwerking en communicatie" in talk.screen()
    assert "Dit kan: 30 min." in talk.do("[Huisartsenpraktijk De Linde]", "[Alles klopt]")


@in_each_chat
def test_who_has_oproep_4_only_is_offered_what_it_allows(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K5")
    talk.say("/ondersteuning")
    offered = [label for label in talk.labels if not label.startswith("Zelfde")]
    assert offered == ["Themaspecifieke intervisie", "Workshop, vorming of toelichting", "Terug", "Annuleren"]
    assert "Voor die werkvorm heb je geen uren" in talk.say("advies")
    assert "Voor die werkvorm heb je geen uren" in talk.say("/ondersteuning advies gisteren 10u 30 min")


def test_ad_hoc_is_offered_only_for_a_werkvorm_that_it_allows(office: Office) -> None:
    def step(tx: Any) -> None:
        person = tx.execute(select(people.c.id).where(people.c.key == "K4")).scalar_one()
        grant = tx.execute(select(grants.c.id).where(grants.c.oproep == "O4")).scalar_one()
        tx.execute(grant_people.insert(), {"person": person, "grant": grant})

    office.run(step)
    office.restart()
    talk = office.terminal("K4")
    talk.do("/ondersteuning", "advies")
    assert not any(label.startswith("Ad hoc") for label in talk.labels)
    talk.do("[Terug]", "workshop")
    assert any(label.startswith("Ad hoc") for label in talk.labels)


@on_each_surface
def test_a_day_within_an_opening_balance_is_a_warning_and_no_refusal(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "31/5")
    assert "in je beginsaldo zit alles tot en met 31 mei 2026" in talk.screen()
    talk.do("14u-15u", "koken", "12 jongeren", "ja")
    assert "in je beginsaldo zit alles tot en met 31 mei 2026" in talk.screen()
    talk.press("Bevestigen")
    assert booked_as(office, "K3") == [("presentie", "O2", 60, 0)]
    assert "beginsaldo" not in talk.say("/presentie 1/6 14u-15u koken, 12 jongeren")


@pytest.mark.parametrize("word", ["ok", "Akkoord", "d'accord"])
def test_an_ok_confirms_a_card_and_means_yes_to_the_statements_before(office: Office, word: str) -> None:
    talk = office.terminal("K3")
    talk.do("/presentie", "gisteren 14u-15u", "koken", "12 jongeren")
    assert "Dit kan: 1u." in talk.say(word)
    assert office.booked("K3") == []
    talk.say(word)
    assert len(office.booked("K3")) == 1


def test_an_end_that_can_only_be_one_is_not_asked(office: Office) -> None:
    talk = office.terminal("K3")
    assert "Duur: tot 16:00" in talk.do("/presentie", "gisteren", "14u", "tot vier uur")


def test_a_bare_number_above_a_day_of_hours_is_minutes(office: Office) -> None:
    talk = office.terminal("K3")
    assert "Duur: 45 min" in talk.do("/presentie", "gisteren", "14u", "45")


def test_a_bare_day_of_the_month_offers_no_day_to_come(office: Office) -> None:
    talk = office.terminal("K3")
    talk.do("/presentie", "8")
    assert "maandag 8 juni 2026" in talk.labels
    assert "woensdag 8 juli 2026" not in talk.labels
