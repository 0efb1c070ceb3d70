"""What was told her in chat stands on her page too, as it reads now, until she has answered it; and nothing of anybody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from storage import accounts
from storage.outbox import owe_person
from storage.tables import outbox, people, shares
from tests.talk import Office, id_of
from tests.test_network import add_person
from tests.test_plans import PLAN, at, new_moments, set_clock, tick
from tests.test_shares import COFFEE, ask
from tests.web_talk import Web, WebTalk


@pytest.fixture
def web(office: Office, tmp_path: Any) -> Iterator[Web]:
    found = Web(office, tmp_path)
    yield found
    found.close()


def messages(talk: WebTalk) -> list[str]:
    return [each.text() for each in talk.go("/").root.all("article") if each.given["class"] == "message"]


def test_a_question_that_was_put_in_chat_is_answered_on_the_page_once(web: Web) -> None:
    office = web.office
    talk = web.signed_in("K3")
    chat = office.telegram("K3", "Aïcha")  # linked last: there it is told
    chat.do(PLAN, "[Bevestigen]")
    assert messages(talk) == []
    set_clock(office, at(2026, 6, 19, 16, 31))
    tick(office)
    assert "Ging dit door?" in chat.act(office.deliver_owed, answered=False)
    talk.enter()
    assert "Ging dit door?" in messages(talk)[0]
    assert "Geboekt" in talk.press("Ging door zoals gepland")
    assert messages(talk) == []
    assert "al geboekt" in chat.press("Ging door zoals gepland")
    assert len(new_moments(office)) == 1


def test_it_stands_there_when_nothing_could_reach_her(web: Web) -> None:
    lotte = web.office.terminal("K1")
    talk = web.signed_in("K2")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    web.office.run(lambda tx: tx.execute(update(outbox).values(failed="unreachable")))
    assert "Lotte Voorbeeld registreerde dit moment en noemde jou" in messages(talk)[0]
    assert "er is niets voor jou geregistreerd" in talk.press("Was er niet")
    assert web.office.run(lambda tx: tx.execute(select(shares.c.state)).scalar_one()) == "declined"
    assert messages(talk) == []


def test_nobody_sees_what_was_told_another(web: Web) -> None:
    lotte = web.office.terminal("K1")
    bram, nele = web.signed_in("K2"), web.signed_in("K4")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    assert len(messages(bram)) == 1
    assert messages(nele) == []


def test_who_gets_an_account_of_another_does_not_read_what_was_told_there(web: Web) -> None:
    lotte = web.office.terminal("K1")
    web.session("K2", user="shared")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    web.office.run(lambda tx: tx.execute(update(outbox).values(sent_at=outbox.c.due_at)))
    assert len(messages(web.signed_in("K2"))) == 1
    web.office.run(lambda tx: accounts.unlink(tx, id_of(tx, "K2")))
    web.office.clock.move(minutes=5)
    web.session("K4", user="shared")
    assert messages(web.signed_in("K4")) == []


def test_what_is_old_or_has_lost_its_use_is_gone(web: Web) -> None:
    lotte, bram = web.office.terminal("K1"), web.signed_in("K2")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    web.office.run(lambda tx: tx.execute(update(outbox).values(use_until=None)))
    web.office.clock.move(days=6)
    assert len(messages(bram)) == 1
    web.office.run(lambda tx: tx.execute(update(outbox).values(failed="late")))
    assert messages(bram) == []
    web.office.run(lambda tx: tx.execute(update(outbox).values(failed=None)))
    web.office.clock.move(days=2)
    assert messages(bram) == []


def test_it_is_in_her_language(web: Web) -> None:
    lotte, bram = web.office.terminal("K1"), web.signed_in("K2")
    bram.say("/taal fr")
    lotte.do(COFFEE, "[Bevestigen]")
    ask(lotte, "Bram Proefman")
    [told] = messages(bram)
    assert "Étiez-vous là" in told
    assert "Messages" in bram.page.text


def test_a_coordinator_who_registers_nothing_reads_hers_above_her_dashboard(web: Web) -> None:
    add_person(web.office, "C-9", "NW-B", roles="coordinator")
    joris, stand_in = web.office.terminal("C-2"), web.signed_in("C-9")
    assert messages(stand_in) == []
    joris.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "C-9", "vandaag", "20/6/2026", "[Vervanger aanduiden]")
    assert "Je vervangt Joris Sjabloon" in messages(stand_in)[0]
    assert "Gebruik per oproep" in stand_in.screen()
    assert "Je vervangt" not in stand_in.go("/netwerk").text
    assert "Aanvragen die wachten" in (stand_in.go("/"), stand_in.press("Aanvragen die wachten"))[1]


def test_who_coordinates_a_network_no_more_does_not_read_what_was_told_of_it(web: Web) -> None:
    office = web.office
    for key in ("C-8", "C-9"):
        add_person(office, key, "NW-B", roles="verstrekker+coordinator")
    other, left = web.signed_in("C-8"), web.signed_in("C-9")
    add_person(office, "K-9", "NW-B")
    told = {"told": "access_other", "person": office.run(lambda tx: id_of(tx, "K-9")), "back": False}
    for key in ("C-8", "C-9"):
        office.run(lambda tx, key=key: owe_person(tx, key, {**told, "by": id_of(tx, "C-2")}, id_of(tx, key), office.clock()))
    assert "K-9 Fictief" in messages(left)[0]
    office.run(lambda tx: tx.execute(update(people).where(people.c.key == "C-9").values(roles="verstrekker")))
    assert messages(left) == []
    assert len(messages(other)) == 1
