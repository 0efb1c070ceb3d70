"""Who links after she was named a stand-in hears at once whom she replaces, and until when."""

from datetime import date

import pytest
from sqlalchemy import Connection, select

from storage.tables import add_row, networks, people, stand_ins
from tests.talk import Office, id_of
from tests.test_journeys import in_each_chat


def name(office: Office, start: date, to: date) -> None:
    """Katrijn names Bram, who has no account."""

    def step(tx: Connection) -> None:
        network = tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one()
        row = {"coordinator": id_of(tx, "C-1"), "person": id_of(tx, "K2"), "network": network, "start": start, "to": to}
        add_row(tx, stand_ins, row)

    office.run(step)


@in_each_chat
def test_who_links_later_hears_that_she_stands_in(office: Office, surface: str) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "bram", "vandaag", "20/6/2026")
    assert "Nodig uit, of spreek het zelf af" in katrijn.press("Vervanger aanduiden")
    bram = office.talk(surface, None)
    greeting = bram.do(f"/start {office.invite('K2')}", "[Ja, dat ben ik]")
    assert "Dag Bram" in greeting
    assert "Je vervangt Katrijn Modelaar" in greeting
    assert "20 jun 2026" in greeting
    assert "Je vervangt" not in bram.press("Aanvragen die wachten"), "and she can look at them"


@pytest.mark.parametrize(("start", "to", "said"), [
    (date(2026, 6, 20), date(2026, 6, 30), True), (date(2026, 6, 1), date(2026, 6, 15), True), (date(2026, 6, 1), date(2026, 6, 14), False),
])  # fmt: skip
def test_what_is_still_to_come_is_said_and_what_is_over_is_not(office: Office, start: date, to: date, said: bool) -> None:
    name(office, start, to)
    bram = office.talk("terminal", None)
    assert ("Je vervangt" in bram.do(f"/start {office.invite('K2')}", "[Ja, dat ben ik]")) == said
    assert "Je vervangt" not in bram.say("/start"), "once, at linking"


def test_it_is_said_in_her_language(office: Office) -> None:
    name(office, date(2026, 6, 15), date(2026, 6, 30))
    office.run(lambda tx: tx.execute(people.update().where(people.c.key == "K2").values(language="fr")))
    other = office.telegram(None, "Bram")
    greeting = other.do(f"/start {office.invite('K2')}", "[Oui, c'est moi]")
    assert "Vous remplacez Katrijn Modelaar" in greeting
    assert "Je vervangt" not in greeting
