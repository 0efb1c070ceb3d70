"""A coordinator's network from chat: who is in it, invitations, suspending, correcting a grant, handing over; the directory."""

import csv
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from handlers import inviting
from handlers.commands import NAMES
from handlers.world import World
from storage import channels as bound
from storage import people as stored
from storage import remembered
from storage.instants import as_stored
from storage.tables import (
    accounts,
    add_row,
    audit,
    channels,
    drafts,
    grants,
    invites,
    memberships,
    networks,
    outbox,
    people,
    requests,
    stand_ins,
)
from tests.talk import NOW, Office, Talk, TelegramTalk, id_of
from tests.test_journeys import in_each_chat

LINK = re.compile(r"https://t\.me/uurwijzer_bot\?start=([A-Z2-7]{26})")


def add_person(office: Office, key: str, *nets: str, roles: str = "verstrekker", **more: Any) -> None:
    """One more fictional person."""

    def step(tx: Connection) -> None:
        values = {"key": key, "first_name": key, "name": "Fictief", "roles": roles, "contract_from": NOW.date().replace(year=2024)}
        person = add_row(tx, people, values | more)
        for net in nets:
            network = tx.execute(select(networks.c.id).where(networks.c.key == net)).scalar_one()
            tx.execute(memberships.insert(), {"person": person, "network": network})
        remembered.forget(tx)

    office.run(step)


def trail(office: Office) -> list[tuple[str, str | None]]:
    """The audit trail: what, about whom."""
    rows = office.run(lambda tx: tx.execute(select(audit.c.what, audit.c.about).order_by(audit.c.id)).all())
    return [tuple(row) for row in rows]  # type: ignore[misc]


def grant(office: Office, key: str) -> Any:
    return office.run(lambda tx: tx.execute(select(grants).where(grants.c.key == key)).one())


def person(office: Office, key: str) -> Any:
    return office.run(lambda tx: tx.execute(select(people).where(people.c.key == key)).one())


def told(talk: TelegramTalk, office: Office) -> list[str]:
    before = len(talk.person.replies)
    office.deliver_owed()
    return [each.screen() for each in talk.person.replies[before:]]


def in_network_a(office: Office, *keys: str) -> tuple[int, dict[str, int]]:
    """The number of the network NW-A, and of people."""

    def step(tx: Connection) -> tuple[int, dict[str, int]]:
        network = tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one()
        return network, {key: id_of(tx, key) for key in keys}

    return office.run(step)


# Who is in it


def test_the_menu_counts_who_was_never_linked_never_registered_cannot_be_reached_or_is_suspended(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    add_person(office, "Nieuw", "NW-A")
    add_person(office, "Weg", "NW-A", suspended_on=NOW.date())
    nieuw, lotte = office.telegram("Nieuw", "Nieuw"), office.telegram("K1", "Lotte")
    lotte.act(lotte.person.block, answered=False)
    shown = katrijn.say("/netwerk")
    assert "6 personen, 2 nooit gekoppeld, 2 nog niets via Uurwijzer geregistreerd, 1 onbereikbaar, 1 opgeschort." in shown
    assert "Bram Proefman: nooit gekoppeld" in katrijn.press("Nooit gekoppeld (2)")
    katrijn.press("Terug")
    assert "Nieuw Fictief: nog niets via Uurwijzer" in katrijn.press("Nog niets via Uurwijzer (2)")
    katrijn.press("Terug")
    assert "Lotte Voorbeeld: blokkeert de bot" in katrijn.press("Onbereikbaar")
    assert "Blokkeert de bot" in katrijn.press("Lotte")
    assert nieuw.person.user["first_name"] == "Nieuw"


@in_each_chat
def test_one_name_shows_the_person_at_once_several_are_there_to_choose_and_the_view_is_audited(office: Office, surface: str) -> None:
    katrijn = office.talk(surface, "C-1")
    shown = katrijn.say("/netwerk lotte")
    assert "Laatste moment" in shown
    assert "40u van 48u gebruikt" in shown
    assert trail(office)[-1] == ("person.viewed", f"person:{person(office, 'K1').id}")
    add_person(office, "Lotje", "NW-A")
    assert "2 personen gevonden" in katrijn.say("/netwerk lot")
    assert trail(office)[-1] == ("people.viewed", "network:1")
    assert "Gevonden" not in katrijn.say("/netwerk wout")
    assert "vind ik niet voor jou" in katrijn.screen(), "somebody of another network is told as nobody"


@in_each_chat
def test_a_name_that_is_typed_without_a_command_shows_that_person_to_her_coordinator_only(office: Office, surface: str) -> None:
    assert "Laatste moment" in office.talk(surface, "C-1").say("Lotte")
    for key in ("C-2", "K2"):
        assert "Laatste moment" not in office.talk(surface, key).say("Lotte")


def test_long_lists_come_in_pages(office: Office) -> None:
    katrijn = office.terminal("C-1")
    for number in range(20):
        add_person(office, f"P{number:02}", "NW-A")
    katrijn.do("/netwerk", "[Iedereen (24)]")
    seen = set(re.findall(r"\] (\w+ \w+): nooit", katrijn.screen()))
    for _ in range(2):
        seen |= set(re.findall(r"\] (\w+ \w+): nooit", katrijn.press("Meer")))
    assert len(seen) == 24


def test_with_two_networks_she_chooses_first(office: Office) -> None:
    add_person(office, "C-9", "NW-A", "NW-B", roles="coordinator")
    both = office.terminal("C-9")
    assert "Welk netwerk?" in both.say("/netwerk")
    assert "Dender & Waas" in both.press("Voorbeeldnetwerk Dender & Waas")


# Invitations


def test_an_invitation_is_a_message_to_forward_and_works_once(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.do("/netwerk bram", "[Uitnodigen]")
    (code,) = LINK.findall(katrijn.person.last.text)
    assert "Dag Bram" in katrijn.person.last.text
    assert not katrijn.person.last.buttons, "nothing of hers is forwarded"
    assert code not in office.everything()
    bram, thief = office.telegram(None, "Bram"), office.telegram(None, "Dief")
    bram.do(f"/start {code}", "[Ja, dat ben ik]")
    assert "werkt niet" in thief.say(f"/start {code}")
    assert "Gekoppeld (Telegram)" in katrijn.say("/netwerk bram")


def test_a_new_invitation_voids_the_one_before_and_the_list_says_until_when_it_works(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.do("/netwerk bram", "[Uitnodigen]")
    (old,) = LINK.findall(katrijn.person.last.text)
    assert "uitgenodigd tot 22 jun 2026" in katrijn.do("/netwerk", "[Nooit gekoppeld]")
    katrijn.do("/netwerk bram", "[Opnieuw uitnodigen]")
    assert "werkt niet" in office.telegram(None).say(f"/start {old}")


def test_all_without_an_account_are_invited_after_a_question(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.do("/netwerk", "[Iedereen uitnodigen (3)]")
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(invites)).scalar_one()) == 0
    before = len(katrijn.person.replies)
    katrijn.press("Iedereen uitnodigen (3)")
    texts = [each.text for each in katrijn.person.replies[before:]]
    assert len({code for text in texts for code in LINK.findall(text)}) == 3
    assert [what for what, _ in trail(office)].count("person.invited") == 3


def test_many_invitations_are_a_file_that_a_spreadsheet_takes_for_text(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    for number in range(inviting.MOST - 2):
        add_person(office, f"=P{number:02}", "NW-A")
    for name in ('=1+1";X', '"=1+1";X'):
        add_person(office, name, "NW-A")
    katrijn.do("/netwerk", "[Iedereen uitnodigen (13)]", "[Iedereen uitnodigen (13)]")
    lines = list(csv.reader(io.StringIO(katrijn.person.files[-1].content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(lines) == 14
    assert all(len(line) == 3 and LINK.fullmatch(line[2]) for line in lines[1:])
    assert {name for name, _, _ in lines if "1+1" in name} == {"'=1+1\";X Fictief", '"=1+1";X Fictief'}
    assert not any(cell[:1] in "=+-@" for line in lines for cell in line if cell)


def test_access_that_is_above_her_own_is_not_hers_to_give(office: Office) -> None:
    add_person(office, "Baas", "NW-A", roles="beheerder")
    add_person(office, "C-8", "NW-A", roles="verstrekker+coordinator")
    network, ids = in_network_a(office, "Baas", "C-8", "C-1", "K2")
    stands_in = {"coordinator": ids["C-1"], "person": ids["K2"], "network": network, "start": NOW.date(), "to": NOW.date()}
    office.run(lambda tx: tx.execute(stand_ins.insert(), stands_in))
    for inviter in ("K2", "C-1"):
        talk = office.telegram(inviter)
        talk.say("/netwerk")
        for key in ("Baas", "C-8", "C-1"):
            assert "Uitnodigen" not in talk.forge(f"who:{network}:{ids[key]}"), "no button"
            talk.forge(f"invite:{network}:{ids[key]}")
            assert not any(LINK.search(each.text) for each in talk.person.replies), (inviter, key)
        talk.forge(f"inviteall:{network}:yes")
    invited = office.run(lambda tx: set(tx.execute(select(people.c.key).join(invites, invites.c.person == people.c.id)).scalars()))
    assert "K1" in invited, "a provider is hers to invite"
    assert not invited & {"Baas", "C-8", "C-1"}
    baas = office.telegram("Baas")
    baas.say("/netwerk")
    baas.forge(f"invite:{network}:{ids['C-8']}")
    assert LINK.search(baas.person.last.text), "an administrator's to give"


def test_who_is_linked_gets_no_second_code_from_another(office: Office) -> None:
    katrijn, _ = office.telegram("C-1", "Katrijn"), office.telegram("K1", "Lotte")
    assert "itnodigen" not in " ".join((katrijn.say("/netwerk lotte"), *katrijn.labels))
    network, ids = in_network_a(office, "K1")
    assert "is al gekoppeld" in katrijn.forge(f"invite:{network}:{ids['K1']}")
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(invites)).scalar_one()) == 0


def test_an_invitation_speaks_the_language_of_who_gets_it(office: Office) -> None:
    luc = office.telegram("C-4", "Luc", "fr")
    luc.do("/reseau céline", "[Inviter]")
    assert "Bonjour Céline" in luc.person.last.text


# Suspending


def test_a_suspended_person_can_do_nothing_at_once_and_hears_so(office: Office) -> None:
    katrijn, lotte = office.telegram("C-1", "Katrijn"), office.telegram("K1", "Lotte")
    lotte.say("/presentie")
    katrijn.do("/netwerk lotte", "[Opschorten]")
    assert person(office, "K1").suspended_on is None, "only after a question"
    assert "is opgeschort" in katrijn.press("Ja, opschorten")
    before = len(office.booked("K1"))
    for deed in ("gisteren", "/saldo", "/presentie De Zonnebloem gisteren 14u-15u koken, 3 jongeren", "Bevestigen", "weg tot 1/9"):
        assert "Je toegang is opgeschort" in lotte.say(deed)
    assert "Je toegang is opgeschort" in lotte.forge("d:1:1:.ok")
    assert len(office.booked("K1")) == before
    assert "bewaard" in lotte.say("/privacy").casefold() or "Je naam" in lotte.screen()
    lotte.press("Mijn gegevens") if "Mijn gegevens" in lotte.labels else lotte.forge("export")
    assert lotte.person.files
    assert [text for text in told(lotte, office) if "opgeschort" in text]
    katrijn.do("/netwerk lotte", "[Opschorting opheffen]", "[Ja, opheffen]")
    assert [text for text in told(lotte, office) if "hersteld" in text]
    lotte.say("/start")
    assert "Presentie" in lotte.screen(), "the form that was open waits for her"
    assert [what for what, _ in trail(office) if what in ("person.suspended", "person.restored")] == ["person.suspended", "person.restored"]


def test_what_was_owed_to_a_suspended_person_and_her_codes_lapse(office: Office) -> None:
    katrijn = office.terminal("C-1")
    code = office.invite("K2")
    katrijn.do("/netwerk bram", "[Opschorten]", "[Ja, opschorten]")
    assert "werkt niet" in office.telegram(None).say(f"/start {code}")
    assert "Uitnodigen" not in katrijn.say("/netwerk bram")


def test_coordinators_of_her_other_networks_are_told(office: Office) -> None:
    add_person(office, "Twee", "NW-A", "NW-B")
    katrijn, joris = office.telegram("C-1", "Katrijn"), office.telegram("C-2", "Joris")
    assert "Het geldt ook voor: Voorbeeldnetwerk Dender & Waas" in katrijn.do("/netwerk twee", "[Opschorten]").replace("&amp;", "&")
    katrijn.press("Ja, opschorten")
    assert [text for text in told(joris, office) if "Katrijn Modelaar heeft Twee Fictief opgeschort." in text]


def test_a_coordinator_suspends_neither_herself_nor_another_coordinator(office: Office) -> None:
    add_person(office, "C-9", "NW-A", roles="coordinator")
    katrijn = office.telegram("C-1", "Katrijn")
    assert "Opschorten" not in katrijn.say("/netwerk c-9")
    net = office.run(lambda tx: tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one())
    for key in ("C-9", "C-1"):
        assert "vind ik niet" in katrijn.forge(f"suspend:{net}:{person(office, key).id}:yes")
        assert person(office, key).suspended_on is None
    add_person(office, "B-1", "NW-A", roles="beheerder")
    admin = office.terminal("B-1")
    admin.do("/netwerk c-9", "[Opschorten]", "[Ja, opschorten]")
    assert person(office, "C-9").suspended_on == NOW.date()


# Correcting a grant


@in_each_chat
def test_hours_are_corrected_with_a_reason_and_the_balance_follows(office: Office, surface: str) -> None:
    katrijn, lotte = office.talk(surface, "C-1"), office.terminal("K1")
    assert "40u" in lotte.say("/saldo")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De uren]", "60", "ontbrak in het bestand")
    assert "Wordt: 60u" in katrijn.screen()
    assert "de regels geven hier 48u" in katrijn.screen()
    assert grant(office, "GR-04").minutes is None
    assert "Gecorrigeerd" in katrijn.press("Bevestigen")
    row = grant(office, "GR-04")
    assert (row.minutes, row.reason) == (3600, "ontbrak in het bestand")
    assert "40u van 60u gebruikt" in katrijn.say("/netwerk lotte")
    assert "60u" in lotte.say("/saldo")
    line = office.run(lambda tx: tx.execute(select(audit).where(audit.c.what == "grant.corrected")).one())
    assert (line.about, line.detail) == (f"grant:{row.id}", "minutes 2880 3600")


def test_less_than_what_is_used_is_warned_of_and_possible(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De uren]", "30u", "teruggeschroefd")
    assert "er is al 40u gebruikt, dat is 10u meer" in katrijn.screen()
    katrijn.press("Bevestigen")
    assert grant(office, "GR-04").minutes == 1800
    lotte = office.terminal("K1")
    assert "kan zo niet" in lotte.say("/presentie De Zonnebloem gisteren 14u-16u koken, 3 jongeren, 1 begeleider")


def test_days_that_leave_booked_moments_out_are_warned_of_and_the_wrong_way_round_is_refused(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De laatste dag]", "31/12/2025")
    assert "voor de eerste" in katrijn.screen()
    assert "Welke dag moet het zijn?" in katrijn.screen(), "what cannot be is not kept: the question stays"
    katrijn.say("31/1/2026")
    assert "buiten de toekenning" in katrijn.screen()
    katrijn.do("stopt vroeger", "[Bevestigen]")
    assert grant(office, "GR-04").to.isoformat() == "2026-01-31"


def test_a_grant_does_not_run_into_the_next_one_of_the_same_place(office: Office) -> None:
    def next_year(tx: Connection) -> None:
        row = tx.execute(select(grants).where(grants.c.key == "GR-01")).one()
        values = {**row._asdict(), "key": "GR-01b", "start": row.start.replace(year=2027), "to": row.to.replace(year=2027)}
        made = add_row(tx, grants, {name: value for name, value in values.items() if name != "id"})
        from storage.import_rows import add_holders

        add_holders(tx, made, [id_of(tx, "K1")])
        remembered.forget(tx)

    office.run(next_year)
    katrijn = office.terminal("C-1")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 1: Huisartsenpraktijk", "[De laatste dag]", "31/3/2027")
    assert "loopt ze door een andere toekenning" in katrijn.screen()
    katrijn.say("foutje")
    assert "Bevestigen" not in katrijn.labels
    assert grant(office, "GR-01").to.isoformat() == "2026-12-31"


def test_a_reason_with_client_data_is_not_kept(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De uren]", "50")
    katrijn.say("cliënt met nummer 93.05.18-223.61")
    assert "223.61" not in office.everything()
    assert grant(office, "GR-04").reason is None


def test_a_correction_that_is_open_ends_when_the_role_does(office: Office) -> None:
    katrijn = office.terminal("C-1")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De uren]", "50", "foutje")
    office.run(lambda tx: (tx.execute(people.update().where(people.c.key == "C-1").values(roles="verstrekker")), remembered.forget(tx)))
    assert "vind ik niet" in katrijn.press("Bevestigen")
    assert grant(office, "GR-04").minutes is None
    assert office.run(lambda tx: tx.execute(select(drafts.c.state).where(drafts.c.purpose == "regrant")).scalar_one()) == "cancelled"


def test_a_forged_correction_of_a_grant_elsewhere_opens_nothing(office: Office) -> None:
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.say("/start")
    ids = office.run(lambda tx: (
        tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one(), id_of(tx, "K1"), id_of(tx, "K5"),
        tx.execute(select(grants.c.id).where(grants.c.key == "GR-09")).scalar_one(),
    ))  # fmt: skip
    mine, lotte, wout, other = ids
    for who in (lotte, wout):
        assert "vind ik niet" in katrijn.forge(f"regrant:{mine}:{who}:{other}")
    assert not office.run(lambda tx: tx.execute(select(drafts)).all())


# Handing over


def give_her_things(office: Office) -> int:
    """C-9 coordinates NW-A too; C-1 has a channel, a stand-in, a request that waits."""
    add_person(office, "C-9", "NW-A", roles="coordinator")

    def step(tx: Connection) -> int:
        net = tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one()
        mine = id_of(tx, "C-1")
        where = {"network": net, "platform": "telegram", "workspace": "700", "place": "-5"}
        add_row(tx, channels, {**where, "language": "nl", "weekday": "ma", "hour": "08:30", "bound_by": mine})
        start, end = NOW.date(), NOW.date().replace(year=2027)
        add_row(tx, stand_ins, {"coordinator": mine, "network": net, "person": id_of(tx, "K1"), "start": start, "to": end})
        row = {"person": id_of(tx, "K2"), "network": net, "kind": "hours", "oproep": "O1", "answers": {}, "state": "waiting"}
        add_row(tx, requests, {**row, "asked_at": as_stored(NOW)})
        remembered.forget(tx)
        return int(net)

    return office.run(step)


def test_leaving_moves_channels_stand_ins_and_requests_in_one_step_after_a_list_and_both_are_told(office: Office) -> None:
    give_her_things(office)
    katrijn, new = office.telegram("C-1", "Katrijn"), office.telegram("C-9", "Nieuw")
    shown = katrijn.do("/overdracht", "[Ik geef het door]", "[C-9 Fictief]")
    assert "1 kanaal" in shown
    assert "1 aanvraag die wacht" in shown
    assert "1 vervanging" in shown
    assert person(office, "C-1").roles == "coordinator"
    assert "is nu van C-9 Fictief" in katrijn.press("Ja, doorgeven")
    successor = person(office, "C-9").id
    assert office.run(lambda tx: tx.execute(select(channels.c.bound_by).where(channels.c.place == "-5")).scalar_one()) == successor
    assert office.run(lambda tx: tx.execute(select(stand_ins.c.coordinator)).scalar_one()) == successor
    assert "Je coördineert nu geen netwerk" in katrijn.say("/netwerk")
    assert not {"Mijn netwerk", "Aanvragen die wachten", "Deze week"} & set(katrijn.do("/start") and katrijn.labels)
    assert [text for text in told(new, office) if "heeft Voorbeeldnetwerk Leie" in text]
    assert "Aanvragen die wachten" in new.press("Aanvragen die wachten")
    assert ("network.handed_over", f"network:{give_net(office)}") in trail(office)


def give_net(office: Office) -> int:
    return int(office.run(lambda tx: tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one()))


def test_a_second_press_hands_over_nothing_more(office: Office) -> None:
    net = give_her_things(office)
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.say("/start")
    data = f"handover:{net}:{person(office, 'C-9').id}:yes"
    katrijn.forge(data)
    assert "Je coördineert nu geen netwerk" in katrijn.forge(data)
    assert [what for what, _ in trail(office)].count("network.handed_over") == 1


def test_nobody_becomes_coordinator_by_a_forged_handover(office: Office) -> None:
    net = give_her_things(office)
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.say("/start")
    for key in ("K1", "C-2", "C-1"):
        assert "vind ik niet" in katrijn.forge(f"handover:{net}:{person(office, key).id}:yes")
    assert "coordinator" not in person(office, "K1").roles
    lotte = office.telegram("K1", "Lotte")  # she stands in: that hands over nothing
    lotte.say("/start")
    assert "vind ik niet" in lotte.forge(f"handover:{net}:{person(office, 'C-9').id}:yes")


def test_without_another_coordinator_nothing_can_be_handed_over_and_away_for_a_while_is_a_stand_in(office: Office) -> None:
    katrijn = office.terminal("C-1")
    assert "nog geen andere coördinator" in katrijn.do("/overdracht", "[Ik geef het door]")
    assert "vervangt" in katrijn.do("/overdracht", "[Even weg]")


def test_a_provider_who_coordinates_keeps_her_own_hours_when_she_hands_over(office: Office) -> None:
    give_her_things(office)
    office.run(lambda tx: (tx.execute(people.update().where(people.c.key == "K2").values(roles="verstrekker+coordinator")),
                           remembered.forget(tx)))  # fmt: skip
    bram = office.terminal("K2")
    bram.do("/overdracht", "[Ik geef het door]", "[C-9 Fictief]", "[Ja, doorgeven]")
    assert person(office, "K2").roles == "verstrekker"
    net = give_net(office)
    assert office.run(lambda tx: stored.read_member(tx, net, id_of(tx, "K2"), NOW)) is not None
    assert "oproep 2" in bram.say("/saldo")


# The directory


@in_each_chat
def test_the_directory_is_searched_by_theme(office: Office, surface: str) -> None:
    nele = office.talk(surface, "K4")
    assert "emotieregulatie" in nele.say("/zoek")
    assert "Wout Demodael: emotieregulatie, rouw. Via Joris Sjabloon" in nele.press("rouw")
    assert "Wout Demodael" in nele.say("/zoek emotie regulatie")
    assert "Niemand met dat thema" in nele.say("/zoek slaap")


def test_an_address_is_shown_only_when_it_was_given_and_other_networks_and_ended_contracts_are_not(office: Office) -> None:
    day = NOW.date()
    add_person(office, "Met", "NW-B", o4_admitted_from=day, themes="rouw", email="met@example.org")
    add_person(office, "Later", "NW-B", o4_admitted_from=day.replace(year=2027), themes="rouw")
    add_person(office, "Voorbij", "NW-B", o4_admitted_from=day, themes="rouw", contract_to=day.replace(month=1))
    add_person(office, "Stil", "NW-B", o4_admitted_from=day, themes="rouw", suspended_on=day)
    nele = office.terminal("K4")
    shown = nele.say("/zoek rouw")
    assert "2 verstrekkers gevonden" in shown
    assert "Bereikbaar: met@example.org" in shown
    assert "nog niemand met een thema" in office.terminal("K1").say("/zoek rouw")


@in_each_chat
def test_whose_line_of_the_directory_was_seen_is_on_the_audit_trail_and_what_was_typed_is_not(office: Office, surface: str) -> None:
    nele, wout = office.talk(surface, "K4"), office.talk(surface, "K5")
    before = len(trail(office))
    nele.say("/zoek")
    nele.say("/zoek slaap")
    wout.say("/zoek rouw")  # she finds nobody but herself
    assert len(trail(office)) == before, "the themes alone are nobody's data"
    nele.say("/zoek rouw")
    nele.do("/zoek", "[emotieregulatie]")
    lines = office.run(lambda tx: tx.execute(select(audit.c.who, audit.c.what, audit.c.about, audit.c.detail).order_by(audit.c.id)).all())
    seen = (f"person:{person(office, 'K4').id}", "directory.viewed", "directory", f"person:{person(office, 'K5').id}")
    assert [tuple(line) for line in lines[before:]] == [seen, seen]


@in_each_chat
def test_help_names_what_she_may_do_for_a_network(office: Office, surface: str) -> None:
    hers = ("/netwerk", "/aanvraag", "/samenvatting", "/koppel", "/overdracht", "/herinneringen", "/zoek")
    shown = office.talk(surface, "C-1").say("/help")
    assert all(f"{command}" in shown for command in hers), shown
    add_person(office, "Beide", "NW-A", roles="verstrekker+coordinator")
    shown = office.talk(surface, "Beide").say("/help")
    assert all(f"{command}:" in shown or f"{command} " in shown for command in hers)
    assert shown.count("/herinneringen") == shown.count("/zoek") == shown.count("/overdracht") == 1
    lotte = office.talk(surface, "K1")
    assert "/netwerk" not in lotte.say("/help")
    give_her_things(office)
    shown = lotte.say("/help")
    assert "/netwerk" in shown, "while she stands in"
    assert "/overdracht" not in shown


def test_an_existing_working_sees_activities_and_the_directory_only(office: Office) -> None:
    add_person(office, "W-1", "NW-B", roles="werking")
    working = office.terminal("W-1")
    shown = working.say("/overzicht")
    assert "Activiteiten van oproep 3 en 4" in shown
    assert "Workshop" in shown or "intervisie" in shown or "Advies" in shown
    assert not re.search("Wout|Nele|oproep 1|oproep 2|€", shown)
    assert "Wout Demodael" in working.say("/zoek rouw")
    for command in ("/saldo", "/netwerk", "/samenvatting", "/overdracht", "/presentie"):
        assert not re.search("Wout|Nele|u van", working.say(command)), command
    assert "Activiteiten" in working.say("/start")


def test_a_coordinators_monday_in_french(office: Office) -> None:
    luc = office.telegram("C-4", "Luc", "fr")
    assert "Réseau Exemple des Collines" in luc.say("/reseau")
    assert "Céline Exemplaire" in luc.say("/réseau céline"), "with the accents that the word has"
    assert "semaine 24" in luc.say("/résumé 24")
    assert "jamais relié" in luc.press("Jamais reliés")
    assert "Suspendre" in "".join(luc.do("/reseau céline") and luc.labels)
    assert "certain" in luc.press("Suspendre")
    assert "est suspendu" in luc.press("Oui, suspendre")
    assert "Êtes-vous absent" in luc.say("/passation")
    assert "Canaux de" in luc.say("/lier")
    for text in (luc.say("/chercher deuil"), luc.say("/aide")):
        assert not re.search(r"\b(het|een|niet|netwerk)\b", text), text


FORGED = (
    "net", "net:", "net:x", "net:1:nothing:99", "who", "who:1", "who:1:x", "inviteall:", "inviteall:x:yes", "suspend:1", "suspend::yes",
    "letin:1:2:3", "regrant", "regrant:1:2", "chan", "chan:", "chan:0:release:yes", "chans:", "bind", "bind:99999999999999",
    "handover:1:2:3", "handover::yes", "find:nothing", "acts:-1", "acts:99999999",
)  # fmt: skip


@pytest.mark.parametrize("data", FORGED)
def test_a_forged_press_is_answered_and_changes_nothing(office: Office, data: str) -> None:
    def count(tx: Connection) -> list[int]:
        return [int(tx.execute(select(func.count()).select_from(each)).scalar_one()) for each in (invites, outbox, drafts, channels)]

    for talk in (office.telegram("C-1", "Katrijn"), office.telegram("K1", "Lotte")):
        talk.say("/start")
        before = office.run(count)
        talk.forge(data)
        assert talk.screen()
        assert "verwittigd" not in talk.screen()
        assert "Er ging iets mis" not in talk.screen()
        assert office.run(count) == before


@pytest.mark.parametrize("office", ["postgresql"], indirect=True)
def test_the_same_on_postgresql(office: Office) -> None:
    net = give_her_things(office)
    add_person(office, "W-1", "NW-B", roles="werking")
    assert "Activiteiten" in office.terminal("W-1").say("/overzicht")
    assert "Wout Demodael" in office.terminal("W-1").say("/zoek rouw")
    katrijn = office.terminal("C-1")
    assert "5 personen" in katrijn.say("/netwerk")
    katrijn.do("/netwerk lotte", "[Corrigeer oproep 2", "[De uren]", "60", "ontbrak", "[Bevestigen]")
    assert grant(office, "GR-04").minutes == 3600
    katrijn.do("/netwerk lotte", "[Opschorten]", "[Ja, opschorten]")
    assert person(office, "K1").suspended_on == NOW.date()
    assert "is nu van C-9" in katrijn.do("/overdracht", "[Ik geef het door]", "[C-9 Fictief]", "[Ja, doorgeven]")
    assert [row.state for row in office.run(lambda tx: bound.channels_of(tx, net))][-1] == "open"


@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
def test_a_code_that_is_typed_in_two_places_at_the_same_moment_is_spent_once(office: Office) -> None:
    net = give_net(office)
    office.run(lambda tx: bound.add_binding(tx, net, "hash", id_of(tx, "C-1"), NOW))
    together = threading.Barrier(4)

    def type_it() -> bool:
        together.wait()
        return office.run(lambda tx: bound.spend_binding(tx, "hash", NOW)) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sorted(each.result() for each in [threads.submit(type_it) for _ in range(4)]) == [False, False, False, True]


def test_accounts_at_the_terminal_do_not_count_as_linked(office: Office) -> None:
    office.terminal("K1")
    katrijn: Talk = office.terminal("C-1")
    assert "3 nooit gekoppeld" in katrijn.say("/netwerk")
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(accounts)).scalar_one()) == 2


# --- what a coordinator asks in passing ---


@in_each_chat
def test_the_line_typed_under_iemand_zoeken_is_a_name(office: Office, surface: str) -> None:
    katrijn = office.talk(surface, "C-1")
    katrijn.do("/netwerk", "[Iemand zoeken]")
    assert "Zo iemand vind ik niet voor jou." in katrijn.say("zzz")
    assert "Lotte Voorbeeld" in katrijn.say("lot"), "she is still asked"
    assert "Dat begreep ik niet" in katrijn.say("lot"), "and now no more"


@in_each_chat
def test_ja_typed_under_the_question_invites_everybody(office: Office, surface: str) -> None:
    add_person(office, "Nieuw", "NW-A")
    katrijn = office.talk(surface, "C-1")
    katrijn.do("/netwerk", "[Iedereen uitnodigen")
    assert "gemaakt" in katrijn.say("ja")
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(invites)).scalar_one()) > 0


def test_who_is_invited_again_has_one_link_that_works_and_it_is_said(office: Office) -> None:
    add_person(office, "Nieuw", "NW-A")
    katrijn = office.telegram("C-1", "Katrijn")
    katrijn.do("/netwerk Nieuw")
    assert "vorige link" not in katrijn.press("Uitnodigen")
    katrijn.do("/netwerk Nieuw")
    assert "De vorige link van Nieuw Fictief werkt niet meer: gebruik alleen de nieuwe." in katrijn.press("Opnieuw uitnodigen")


def test_a_coordinator_without_hours_is_told_where_somebodys_are(office: Office) -> None:
    katrijn = office.terminal("C-1")
    for command in ("/saldo", "/overzicht"):
        shown = katrijn.say(command)
        assert "Zelf heb je geen uren. Saldo en momenten van iemand: typ /netwerk en de naam." in shown
        assert "Registreren is voor verstrekkers" not in shown
    assert "Lotte" in katrijn.do("[Mijn netwerk]", "[Iedereen")
    add_person(office, "W-1", "NW-B", roles="werking")
    assert "/netwerk" not in office.terminal("W-1").say("/saldo")


def test_a_number_behind_zoek_is_the_reference_of_a_moment(office: Office) -> None:
    aicha = office.terminal("K3")
    aicha.do("/presentie 12/6 14u-16u kookactiviteit, 12 jongeren", "[Bevestigen]")
    moment = office.booked("K3")[0].id
    assert "kookactiviteit" in aicha.say(f"/zoek {moment}")
    before = len(trail(office))
    hers = office.terminal("C-3").say(f"/zoek {moment}")
    assert "Aïcha Testouri" in hers
    assert "OverKophuis De Kade" in hers
    assert "kookactiviteit" not in hers, "what she typed is hers"
    assert trail(office)[before:] == [("moment.viewed", f"moment:{moment}")]
    late = office.terminal("C-1").say("/zoek 8")  # of February, imported in June
    assert late.index("Wat Uurwijzer daarbij aan de verstrekker zei:") < late.index("Dit registreer je")
    before += 1
    for key in ("C-1", "K4"):
        other = office.terminal(key).say(f"/zoek {moment}")
        assert f"Moment {moment} vind ik niet voor jou." in other
        assert "De Kade" not in other
    assert trail(office)[before + 1 :] == []


@pytest.mark.parametrize("surface", ["terminal", "telegram"])  # in Slack all stand behind /uren
@pytest.mark.parametrize(("typed", "meant"), [
    ("/aanvrag", "/aanvraag"), ("/Netwrk", "/netwerk"), ("/herineringen", "/herinneringen"),
])  # fmt: skip
def test_a_command_with_a_letter_wrong_is_offered_as_it_is_written(office: Office, surface: str, typed: str, meant: str) -> None:
    katrijn = office.talk(surface, "C-1")
    assert f"Bedoelde je {meant}?" in katrijn.say(typed)
    assert "begreep" not in katrijn.press(meant)
    assert "ken ik niet" not in katrijn.screen()


def test_a_command_that_is_not_hers_is_not_offered_and_nonsense_is_just_unknown(office: Office) -> None:
    assert "Bedoelde je" not in office.terminal("K1").say("/netwrk")
    assert "Die opdracht ken ik niet. Typ /help" in office.terminal("C-1").say("/xyzzy")
    french = office.terminal("C-4")
    assert "Vouliez-vous dire /resume ?" in french.say("/resumee").replace("\xa0", " ")


@pytest.mark.parametrize(("typed", "shown"), [
    ("/aanvragen", "Aanvragen die wachten"), ("/excel", "week 25"), ("/vervanger", "vervanger aanduiden"), ("/netwerken", "Leie & Schelde"),
])  # fmt: skip
def test_other_words_for_a_command_do_the_same(office: Office, typed: str, shown: str) -> None:
    assert shown in office.terminal("C-1").say(typed)


def test_who_is_suspended_has_no_menu(office: Office) -> None:
    office.run(lambda tx: tx.execute(people.update().where(people.c.key == "K1"), {"suspended_on": NOW.date()}))
    lotte = office.terminal("K1")
    for typed in ("/start", "/menu", "hallo"):
        assert "Je toegang is opgeschort" in lotte.say(typed)
        assert lotte.labels == ["Mijn gegevens"]
    assert "Wat ik van je bewaar" in lotte.press("Mijn gegevens")


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_each_command_of_a_coordinator_has_its_own_line_in_help(office: Office, language: str) -> None:
    office.world = World(office.world.books, public_url="https://uren.example", pages_key=b"a fictional key of more than 32 characters")
    katrijn = office.terminal("C-1")
    katrijn.say(f"/taal {language}")
    lines = katrijn.say("/help").splitlines()
    at = ("netwerk", "netwerk", "aanvraag", "samenvatting", "koppel", "overdracht", "pagina", "herinneringen", "zoek", "taal", "privacy")
    named = [line for line in lines if line.startswith("/")]
    column = ("nl", "fr", "en").index(language)
    assert [line.split()[0].rstrip(":") for line in named] == [f"/{NAMES[each][column]}" for each in at]
    assert all(line.count(": ") + line.count("\xa0: ") >= 1 for line in named)
