"""Requests: asked by a provider, judged at once, decided once with a button by who holds the role, reminded of, expired."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bot.answering import take_owed
from bot.sample_data import load_sample
from bot.tables_in import read_tables
from bot.tables_out import write_tables
from bot.terminal import show
from handlers import exporting
from handlers.importing import run_import
from handlers.owed import owed_screen
from handlers.request_schedule import owe_requests
from handlers.screen import Event, Screen
from handlers.summary_posting import owe_summaries
from handlers.world import World
from rules.periods import BRUSSELS
from rules.requests import next_step
from rules.workdays import add_workdays
from storage import billing, remembered
from storage import outbox as owing
from storage.database import Database
from storage.outbox import Owed
from storage.tables import (
    accounts,
    add_row,
    audit,
    channels,
    grant_names,
    grant_people,
    grants,
    memberships,
    networks,
    offers,
    outbox,
    people,
    requests,
    stand_ins,
)
from tests.databases import ENGINES, Engines
from tests.talk import BOOKS, NOW, Office, TelegramTalk, TerminalTalk, id_of
from tests.telegram_people import Group

OV = BOOKS["oost-vlaanderen"]
MORE = ("/aanvraag", "[Meer uren]", "[Huisartsenpraktijk De Linde]", "[2u]", "extra teamoverleg per maand", "[Versturen]")
MONTHLY = ("/aanvraag", "[Meer uren]", "2", "een teamoverleg per maand erbij", "[Versturen]")
FIRST = ("/aanvraag", "[Uren voor een oproep]")
SEND = ("[Alles klopt]", "[Overslaan]", "[Versturen]")


def one(office: Office, request: int = 1) -> Any:
    """A request as it is stored."""
    return office.run(lambda tx: tx.execute(select(requests).where(requests.c.id == request)).one())


def all_of(office: Office, table: Any) -> list[Any]:
    return list(office.run(lambda tx: tx.execute(select(table)).all()))


def grant_row(office: Office, key: str) -> Any:
    return office.run(lambda tx: tx.execute(select(grants).where(grants.c.key == key)).one())


def told(office: Office, kind: str, language: str = "nl") -> list[str]:
    """The owed messages of a kind, as they would read now."""

    def read(tx: Connection) -> list[str]:
        found = []
        for row in tx.execute(select(outbox).order_by(outbox.c.id)):
            if row.told["told"] == kind:
                screen = owed_screen(tx, office.world, Owed(row.id, row.key, row.told, "", "", language, row.account, row.channel))
                found.append(show(screen) if screen is not None else "")
        return found

    return office.run(read)


def audited(office: Office) -> list[tuple[str, str, str]]:
    rows = office.run(lambda tx: tx.execute(select(audit.c.who, audit.c.what, audit.c.about).order_by(audit.c.id)).all())
    return [tuple(row) for row in rows if row.what.startswith(("request.", "stand_in."))]  # type: ignore[misc]


def bind(office: Office, group: Group, network: str, language: str = "nl") -> None:
    """Make a group the channel of a network."""

    def step(tx: Connection) -> None:
        row = tx.execute(select(networks.c.id).where(networks.c.key == network)).scalar_one()
        where = {"network": row, "platform": "telegram", "place": str(group.chat.id), "language": language}
        add_row(tx, channels, {**where, "weekday": "ma", "hour": "08:30"})

    office.run(step)


def bound(office: Office, *members: TelegramTalk, **more: Any) -> Group:
    """A group of these people in Telegram, bound to the network of Bram and Katrijn."""
    group = office.standin.group("Leie & Schelde", [each.person for each in members], **more)
    bind(office, group, "NW-A")
    return group


def in_group(talk: TelegramTalk, label: str, group: Group) -> str:
    """Press a button in the group; returns what the presser sees in private, with the short answer."""
    return talk.act(lambda: talk.person.press(label, chat=group), answered=False)


def make_person(office: Office, key: str, like: str, roles: str = "verstrekker") -> None:
    """One more person in the networks of another."""

    def step(tx: Connection) -> None:
        person = add_row(tx, people, {
            "key": key, "first_name": key, "name": "Fictief", "roles": roles, "contract_from": date(2024, 1, 1),
        })  # fmt: skip
        for row in tx.execute(select(memberships.c.network).where(memberships.c.person == id_of(tx, like))).all():
            tx.execute(memberships.insert(), {"person": person, "network": row.network})
        remembered.forget(tx)

    office.run(step)


# From a refusal to a moment that is booked


def test_from_a_refusal_to_a_grant_to_the_kept_moment(office: Office) -> None:
    lotte, katrijn = office.terminal("K1"), office.terminal("C-1")
    lotte.say("/overleg De Linde gisteren 8u-11u samenwerking, 2 huisartsen")
    assert "nog 2u35 over" in lotte.screen()
    lotte.press("Meer uren aanvragen")
    assert "Huisartsenpraktijk De Linde" in lotte.screen(), "what is known is filled in"
    sent = lotte.do("1", "een overleg per kwartaal erbij", "[Versturen]")
    assert "Aanvraag 1 is verstuurd naar Katrijn Modelaar" in sent
    row = one(office)
    assert (row.state, row.kind, row.minutes, row.rule) == ("waiting", "more", 60, "O1-16")
    assert row.draft is not None
    assert "Verder: Overleg, 14 jun 2026" in sent, "the moment is kept"

    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]")
    assert "Gebruikt 1u25 van 4u, nog 2u35" in katrijn.screen()
    assert "een overleg per kwartaal erbij" in katrijn.screen()
    assert "mei 2026: 0u" in katrijn.screen()
    assert "Sinds maart 2026: 1 moment, oproep 1" in katrijn.screen(), "that of 25 min in the lines below"
    assert "12 maanden" not in katrijn.screen()
    assert "Toegekend. Lotte hoort het meteen." in katrijn.press("Toekennen")
    assert grant_row(office, "GR-01").extra_minutes == 60
    (heard,) = told(office, "request_decided")
    assert "Je aanvraag 1 is toegekend" in heard
    assert "Verder: Overleg, 14 jun 2026" in heard

    lotte.do("/start", "[Verder: Overleg]")
    assert "Dit kan: 3u." in lotte.screen()
    lotte.press("Bevestigen")
    assert len(office.booked("K1")) == 1
    assert [what for _, what, _ in audited(office)] == ["request.asked", "request.viewed", "request.granted"]


def test_a_moment_without_hours_asks_for_a_first_grant_from_its_day(office: Office) -> None:
    lotte = office.terminal("K1")
    office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-01").values(to=date(2026, 6, 1))))
    lotte.say("/overleg De Linde gisteren 8u-9u samenwerking, 2 huisartsen")
    lotte.press("Uren aanvragen")
    shown = lotte.screen()
    assert "Huisartsenpraktijk De Linde" in shown
    assert "zondag 14 juni 2026" in shown, "from the day of the moment"
    lotte.do("[Alles klopt]", "[Overslaan]", "[Versturen]")
    office.terminal("C-1").do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    made = grant_row(office, "AANVRAAG-1")
    assert (made.oproep, made.start, made.minutes, made.exception) == ("O1", date(2026, 6, 14), None, None)
    lotte.do("/start", "[Verder: Overleg]")
    assert "Dit kan: 1u." in lotte.screen()


# The rulebook judges at once


def test_a_second_application_is_refused_and_pointed_to_more_hours(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 1]", "linde")
    assert "Je hebt hier al uren die op die dag lopen" in lotte.screen()
    assert "Versturen" not in lotte.screen()
    lotte.press("Meer uren aanvragen")
    assert "Huisartsenpraktijk De Linde" in lotte.screen()
    assert "Hoeveel uren?" in lotte.screen()


def test_what_cannot_be_granted_is_said_before_sending(office: Office) -> None:
    ines = office.terminal("K8")
    ines.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 4]")
    assert "nog niet toegelaten tot oproep 4" in ines.screen(), "O4-14"
    ines.do("[Annuleren]", "/aanvraag", "[Uren voor een oproep]", "[Oproep 2]", "zonnebloem", "[Vandaag]", "[Geen van beide]")
    assert "aanbod op deze vindplaats is nog te klein" in ines.screen(), "O2-09"
    ines.do("[Annuleren]", "/aanvraag", "[Uren voor een oproep]", "[Oproep 1]", "linde", "[Vandaag]", "[Al langer]", "[Niet afgesproken]")
    assert "Spreek het eerst met hen af" in ines.screen(), "O1-15"
    assert "Versturen" not in ines.screen()
    assert all_of(office, requests) == []


def test_more_hours_only_where_the_rulebook_has_them(office: Office) -> None:
    nele = office.terminal("K4")  # only oproep 3: a maximum
    nele.say("/aanvraag")
    assert "[Meer uren]" not in [f"[{label}]" for label in nele.labels]
    assert "Meer uren" not in nele.labels


def test_the_overkop_exception_is_refused_while_another_has_it(office: Office) -> None:
    emre = office.terminal("K6")
    emre.do("/aanvraag", "[OverKop-uitzondering]")
    assert "In dit OverKophuis loopt een uitzondering voor één verstrekker" in emre.screen(), "O2-11"
    assert "Versturen" not in emre.screen()


def test_an_overkop_exception_runs_for_twelve_months(office: Office) -> None:
    office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-05").values(to=date(2026, 5, 31))))
    aicha, hanne = office.terminal("K3"), office.terminal("C-3")
    aicha.do("/aanvraag", "[OverKop-uitzondering]", "[Vandaag]", "[Alles klopt]", "ik werk er alleen", "[Versturen]")
    hanne.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    made = grant_row(office, "AANVRAAG-1")
    assert (made.exception, made.start, made.to) == ("overkop", date(2026, 6, 15), date(2027, 6, 14))


# Grants like imported ones


def test_who_asks_where_a_pool_runs_joins_it_with_what_she_attests(office: Office) -> None:
    ines, katrijn = office.terminal("K8"), office.terminal("C-1")
    ines.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 2]", "zonnebloem", "[Vandaag]", "[Genoeg groepstrajecten]")
    ines.do("[Alles klopt]", "[Overslaan]", "[Versturen]")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]")
    assert "met 2 samen" in katrijn.screen(), "the balance of the pool"
    katrijn.press("Toekennen met aanpassing")
    assert "Vanaf welke dag" in katrijn.screen(), "a pool has its hours; only the day can be chosen"
    katrijn.do("[Terug]", "[Toekennen]")
    pool = grant_row(office, "GR-04")
    held = {row.person for row in all_of(office, grant_people) if row.grant == pool.id}
    assert office.run(lambda tx: id_of(tx, "K8")) in held
    assert [(row.key, row.grant) for row in all_of(office, grant_names)] == [("AANVRAAG-1", pool.id)]
    offer = next(row for row in all_of(office, offers) if (row.person, row.site) == (office.run(lambda tx: id_of(tx, "K8")), pool.site))
    assert (offer.group_tracks_per_year, offer.individual_minutes_per_week) == (3, 0)


def test_fewer_hours_from_another_day(office: Office) -> None:
    ines, katrijn = office.terminal("K8"), office.terminal("C-1")
    ines.do(*FIRST, "[Oproep 1]", "anker", "1/7/2026", "[Ik begin er]", *SEND)
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen met aanpassing]", "[3u]", "6/7/2026")
    assert "Krijgt: 3u" in katrijn.screen()
    katrijn.press("Toekennen")
    made = grant_row(office, "AANVRAAG-1")
    assert (made.minutes, made.start) == (180, date(2026, 7, 6))
    (heard,) = told(office, "request_decided")
    assert "Krijgt: 3u" in heard
    assert "Vanaf maandag 6 juli 2026" in heard


@pytest.mark.parametrize("office", ENGINES, indirect=True)
def test_what_was_granted_survives_an_export_and_an_import(office: Office, engines: Engines, tmp_path: Path) -> None:
    lotte, ines, katrijn = office.terminal("K1"), office.terminal("K8"), office.terminal("C-1")
    lotte.do(*MORE)
    lotte.do(*FIRST, "[Oproep 1]", "anker", "[Vandaag]", "[Ik begin er]", *SEND)
    ines.do(*FIRST, "[Oproep 2]", "zonnebloem", "[Vandaag]", "[Allebei]", *SEND)
    for number in (1, 2, 3):
        katrijn.do("/aanvraag", f"[Bekijk aanvraag {number}]", "[Toekennen]")
    write_tables(office.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "first")
    other = Database(engines.with_tables("postgresql" if office.database.is_sqlite else "sqlite"))
    sheets, refusals, _ = read_tables(tmp_path / "first")
    report = run_import(other, BOOKS, sheets, NOW, refused=refusals)
    assert [str(refusal) for refusal in report.refusals] == []
    write_tables(other.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "second")
    other.close()
    for name in ("toekenningen.csv", "aanbod.csv"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    rows = (tmp_path / "first" / "toekenningen.csv").read_text(encoding="utf-8-sig")
    assert "AANVRAAG-2" in rows
    assert "AANVRAAG-3" in rows


def test_what_she_asked_stands_in_her_own_export(office: Office) -> None:
    office.terminal("K1").do(*MORE)
    office.terminal("C-1").do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    hers = office.run(lambda tx: exporting.export_person(tx, id_of(tx, "K1")))
    (row,) = hers["requests"]
    assert (row["state"], row["motive"]) == ("granted", "extra teamoverleg per maand")
    assert "requests" not in office.run(lambda tx: exporting.export_person(tx, id_of(tx, "K4")))


# The channel


def test_the_card_in_the_channel_says_no_more_than_it_may_and_is_changed_to_the_outcome(office: Office) -> None:
    bram, katrijn, joris = office.telegram("K2", "Bram"), office.telegram("C-1", "Katrijn"), office.telegram("C-2", "Joris")
    group = bound(office, katrijn, bram, joris)
    bram.do(*MONTHLY)
    office.deliver_owed()
    card = group.screen()
    assert "Bram Proefman vraagt" in card
    assert "2u extra voor oproep 1" in card
    assert "Regel O1-16: Heb je meer uren nodig?" in card
    assert "[Bekijk]" in card
    assert "teamoverleg" not in card
    assert "Gebruikt" not in card

    for stranger in (bram, joris):
        for label in ("Toekennen", "Weigeren", "Bekijk"):
            assert "* Alleen een coördinator van dit netwerk kan dit." in in_group(stranger, label, group)
    assert one(office).state == "waiting"

    seen = in_group(katrijn, "Bekijk", group)
    assert "* Zie je privégesprek met mij." in seen
    assert "een teamoverleg per maand erbij" in seen
    assert group.screen() == card, "nothing of it in the channel"

    asked = in_group(katrijn, "Toekennen", group)
    assert "* Zie je privégesprek met mij." in asked
    assert "Aanvraag 1 toekennen?" in asked
    assert one(office).state == "waiting", "one touch on a phone grants nothing"
    assert "* Toegekend. Bram hoort het meteen." in katrijn.press("Ja, toekennen")
    before = len(bram.person.replies)
    office.deliver_owed()
    assert "Toegekend door Katrijn Modelaar, 15 jun 2026 09:00." in group.screen()
    assert group.last.labels == []
    assert len([each for each in group.chat.messages.values() if each.from_bot]) == 1, "the card itself was changed"
    assert "Je aanvraag 1 is toegekend" in bram.person.replies[before].text


def test_refusing_in_a_channel_asks_the_reason_in_private(office: Office) -> None:
    bram, katrijn = office.telegram("K2", "Bram"), office.telegram("C-1", "Katrijn")
    group = bound(office, katrijn, bram)
    bram.do(*MONTHLY)
    office.deliver_owed()
    assert "Waarom weiger je?" in in_group(katrijn, "Weigeren", group)
    katrijn.say("cliënt Jan Peeters wil niet")
    assert "Ik heb er niets van bewaard" in katrijn.screen()
    katrijn.do("eerst samen evalueren", "[Weigeren]")
    office.deliver_owed()
    assert "Geweigerd door Katrijn Modelaar" in group.screen()
    assert "evalueren" not in group.screen(), "the reason is for the provider"
    assert "Reden: eerst samen evalueren" in bram.person.last.text
    assert "Peeters" not in office.everything()


def test_without_a_channel_the_coordinators_get_it_in_private(office: Office) -> None:
    bram, katrijn = office.telegram("K2", "Bram"), office.telegram("C-1", "Katrijn")
    bram.do(*MONTHLY)
    office.deliver_owed()
    assert "Bram Proefman vraagt" in katrijn.person.last.text
    katrijn.press("Toekennen")
    office.deliver_owed()
    assert "Toegekend door Katrijn Modelaar" in katrijn.person.last.text


def test_who_asks_hears_when_nobody_can_be_reached(office: Office) -> None:
    assert "je coördinator zit nog niet in de chat" in office.terminal("K1").do(*MORE)


# Decided once


def grant_at_once(talks: list[TerminalTalk]) -> list[str]:
    """All press Toekennen at the same moment; what each sees."""
    start = threading.Barrier(len(talks))

    def press(talk: TerminalTalk) -> str:
        start.wait(10)
        return talk.press("Toekennen")

    with ThreadPoolExecutor(len(talks)) as threads:
        return list(threads.map(press, talks))


@pytest.mark.parametrize("office", ENGINES, indirect=True)
def test_two_coordinators_at_once_make_one_decision(office: Office) -> None:
    make_person(office, "C-9", "C-1", "coordinator")
    office.terminal("K1").do(*MORE)
    both = [office.terminal(key) for key in ("C-1", "C-9")]
    for each in both:
        each.do("/aanvraag", "[Bekijk aanvraag 1]")

    screens = grant_at_once(both)
    assert sorted("Toegekend." in each for each in screens) == [False, True]
    late = next(each for each in screens if "Toegekend." not in each)
    assert "Toegekend door" in late
    assert grant_row(office, "GR-01").extra_minutes == 120
    assert [what for _, what, _ in audited(office)].count("request.granted") == 1


@pytest.mark.parametrize("office", ENGINES, indirect=True)
def test_two_first_grants_of_one_site_at_once_make_one_pool(office: Office) -> None:
    office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-04").values(to=date(2026, 5, 31))))
    make_person(office, "C-9", "C-1", "coordinator")
    for key in ("K1", "K2"):
        office.terminal(key).do(*FIRST, "[Oproep 2]", "zonnebloem", "[Vandaag]", *SEND)
    both = [office.terminal(key) for key in ("C-1", "C-9")]
    for number, each in enumerate(both, 1):
        each.do("/aanvraag", f"[Bekijk aanvraag {number}]")
    grant_at_once(both)
    pools = [row for row in all_of(office, grants) if row.key.startswith("AANVRAAG")]
    assert len(pools) == 1, "the second joins (A-45)"
    assert len([row for row in all_of(office, grant_people) if row.grant == pools[0].id]) == 2


def test_a_late_press_hears_what_became_of_it(office: Office) -> None:
    lotte, katrijn = office.telegram("K1"), office.telegram("C-1", "Katrijn")
    lotte.do(*MORE[:2], "[Huisartsenpraktijk De Linde]", "2", "extra teamoverleg", "[Versturen]")
    office.deliver_owed()
    lotte.do("/aanvraag", "[Aanvraag 1]", "[Intrekken]")
    assert one(office).state == "withdrawn"
    assert "Ingetrokken" in katrijn.forge("rq:1:grant")
    office.deliver_owed()
    assert "Ingetrokken" in katrijn.person.last.text
    assert "al beslist" in lotte.forge("ask:withdraw:1")
    assert grant_row(office, "GR-01").extra_minutes == 0


def test_the_same_is_not_asked_twice(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do(*MORE)
    assert "Dit vroeg je al: aanvraag 1" in lotte.do(*MORE)
    assert len(all_of(office, requests)) == 1


# Forged presses


def test_only_the_role_decides(office: Office) -> None:
    lotte, joris, katrijn = office.telegram("K1"), office.telegram("C-2", "Joris"), office.telegram("C-1", "Katrijn")
    lotte.do(*MORE)
    for each in (joris, katrijn):
        each.say("/help")
    for somebody in (lotte, joris):
        for press in ("rq:1:grant", "rq:1:refuse", "rq:1:adjust", "rq:1:view", "rq:1:nonsense", "rq:99:grant", "rq:x:grant"):
            shown = somebody.forge(press)
            assert "Die aanvraag vind ik niet voor jou." in shown, press
            assert "teamoverleg" not in shown
    assert "vind ik niet" in lotte.forge("standin:new")
    assert "Oproep" not in joris.forge("ask:show:1")
    assert "Oproep" not in joris.forge("ask:withdraw:1")
    office.run(lambda tx: tx.execute(people.update().where(people.c.key == "C-1").values(suspended_on=date(2026, 6, 1))))
    assert "Toegekend" not in katrijn.forge("rq:1:grant")
    assert one(office).state == "waiting"


def test_a_press_of_an_open_decision_counts_only_while_she_may(office: Office) -> None:
    office.terminal("K1").do(*MORE)
    katrijn = office.terminal("C-1")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen met aanpassing]", "[1u]")
    office.run(lambda tx: (tx.execute(people.update().where(people.c.key == "C-1").values(roles="verstrekker")), remembered.forget(tx)))
    katrijn.press("Toekennen")
    assert one(office).state == "waiting"
    assert grant_row(office, "GR-01").extra_minutes == 0


def test_nobody_decides_her_own_request(office: Office) -> None:
    make_person(office, "C-9", "C-1", "coordinator+verstrekker")
    office.run(lambda tx: tx.execute(grant_people.insert(), {"person": id_of(tx, "C-9"), "grant": grant_id(tx, "GR-02")}))
    own = office.terminal("C-9")
    own.do("/aanvraag", "[Meer uren]", "1", "extra teamoverleg", "[Versturen]")
    own.do("/aanvraag", "[Aanvragen die wachten]", "[Bekijk aanvraag 1]")
    assert "Toekennen" not in own.labels
    katrijn = office.terminal("C-1")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    assert one(office).state == "granted"


def grant_id(tx: Connection, key: str) -> int:
    return int(tx.execute(select(grants.c.id).where(grants.c.key == key)).scalar_one())


# Words


def test_a_typed_reason_that_looks_like_a_standard_one_is_told_as_it_was_typed(office: Office) -> None:
    lotte, katrijn = office.terminal("K1"), office.terminal("C-1")
    lotte.say("/overleg De Linde gisteren 8u-11u samenwerking, 2 huisartsen")
    lotte.press("Meer uren aanvragen")
    lotte.do("1", "een overleg per kwartaal erbij", "[Versturen]")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Weigeren]", "=nee, later", "[Weigeren]")
    (heard,) = told(office, "request_decided")
    assert "=nee, later" in heard


def test_a_message_that_cannot_be_shown_keeps_no_other_waiting(office: Office) -> None:
    def step(tx: Connection) -> list[str]:
        for user in ("1", "2"):
            row = {"platform": "telegram", "workspace": "9", "user": user, "chat": user, "person": id_of(tx, "K1")}
            account = add_row(tx, accounts, row)
            owing.owe(tx, f"report:X:{account}", {"told": "report", "reference": "X"}, office.clock(), account=account)
        return [each.chat for each, _ in take_owed(tx, office.world, "telegram", "9", office.clock(), timedelta(minutes=1), show)]

    def show(screen: Screen, event: Event) -> list[dict[str, Any]]:
        if event.chat == "1":
            raise KeyError("a word that is not there")
        return []

    assert office.run(step) == ["2"]
    assert office.run(lambda tx: tx.execute(select(outbox.c.failed).order_by(outbox.c.id)).scalars().all()) == ["fault", None]


def test_client_data_in_a_motive_is_refused_and_never_stored(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do(*MORE[:4], "voor patiënt Jan Fictiefsen geboren 12/03/2001")
    assert "Ik heb er niets van bewaard" in lotte.screen()
    lotte.say("12.34.56-789.00")
    assert "rijksregisternummer" in lotte.screen()
    assert "Fictiefsen" not in office.everything()
    assert "789.00" not in office.everything()


def test_it_is_all_in_french(office: Office) -> None:
    celine, luc = office.terminal("K7"), office.terminal("C-4")
    celine.do("/demande", "[Plus d'heures]", "2", "une concertation de plus par mois", "[Envoyer]")
    assert "La demande 1 est envoyée" in celine.screen() or "n'est pas encore dans le chat" in celine.screen()
    luc.do("/demande", "[Voir la demande 1]")
    assert "Utilisé 30 min sur 4h" in luc.screen()
    luc.do("[Refuser]", "[Trop tôt]")
    (heard,) = told(office, "request_decided", "fr")
    assert "Votre demande 1 est refusée" in heard
    assert "Trop tôt" in heard


def test_a_rulebook_without_hours_of_its_own_asks_how_many(office: Office) -> None:
    office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-10").values(to=date(2026, 5, 31))))
    celine = office.terminal("K7")
    celine.do("/demande", "[Des heures pour un appel]", "[Appel 1]", "[Aujourd'hui]")
    assert "Combien d'heures" in celine.screen()
    celine.do("3", "[Tout est correct]", "[Passer]", "[Envoyer]")
    office.terminal("C-4").do("/demande", "[Voir la demande 1]", "[Accorder]")
    assert grant_row(office, "AANVRAAG-1").minutes == 180


# A locked moment


def test_a_billed_moment_is_corrected_once_after_it_was_reopened(office: Office) -> None:
    lotte, katrijn = office.terminal("K1"), office.terminal("C-1")
    lotte.do("/overleg De Linde gisteren 8u-9u samenwerking, 2 huisartsen", "[Bevestigen]")
    (moment,) = office.booked("K1")
    office.run(lambda tx: billing.close_batch(tx, OV, moment.person, date(2026, 6, 15), NOW))
    for press in (f"correct:{moment.id}", f"cancel:{moment.id}:1"):
        lotte.do("/overzicht", f"[Moment {moment.id}")
        lotte.choose(press)
        assert "ligt vast" in lotte.screen()
    lotte.do("[Heropening vragen]", "verkeerde duur ingevuld", "[Versturen]")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    (heard,) = told(office, "request_decided")
    assert "[a] Corrigeren" in heard

    lotte.do("/overzicht", f"[Moment {moment.id}", "[Corrigeren]", "[Duur]", "[30 min]", "[Bevestigen]")
    assert "30 min" in lotte.screen()
    lotte.do("/overzicht", f"[Moment {moment.id}", "[Corrigeren]")
    assert "ligt vast" in lotte.screen(), "once"


def test_a_correction_that_was_begun_before_the_billing_is_stopped_at_its_end(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do("/overleg De Linde gisteren 8u-9u samenwerking, 2 huisartsen", "[Bevestigen]")
    (moment,) = office.booked("K1")
    lotte.do("/overzicht", f"[Moment {moment.id}", "[Corrigeren]", "[Duur]", "[30 min]")
    office.run(lambda tx: billing.close_batch(tx, OV, moment.person, date(2026, 6, 15), NOW))
    lotte.press("Bevestigen")
    assert "ligt vast" in lotte.screen()
    assert office.booked("K1")[0].minutes == 60


def test_a_network_may_leave_billed_moments_open_or_close_them_after_some_days(office: Office) -> None:
    lotte = office.terminal("K1")
    lotte.do("/overleg De Linde gisteren 8u-9u samenwerking, 2 huisartsen", "[Bevestigen]")
    (moment,) = office.booked("K1")
    office.run(lambda tx: billing.close_batch(tx, OV, moment.person, date(2026, 6, 15), NOW))
    office.world = World({**BOOKS, OV.id: OV.with_values({"correction.exported": "open", "correction.within_days": 60})})
    lotte.renew()
    lotte.do("/overzicht", f"[Moment {moment.id}", "[Corrigeren]")
    assert "Wat wil je wijzigen?" in lotte.screen()
    lotte.press("Annuleren") if "Annuleren" in lotte.labels else lotte.say("/annuleer")
    office.clock.move(days=61)
    lotte.do("/overzicht", f"[Moment {moment.id}", "[Corrigeren]")
    assert "te oud om zelf te corrigeren" in lotte.screen()


# Reminders and the end


def run_until(office: Office, end: datetime, hours: int = 1) -> None:
    """The schedule once an hour up to `end`."""
    while office.clock() < end:
        office.clock.move(hours=hours)
        office.run(lambda tx: owe_requests(tx, office.world, office.clock()))


def nagged(office: Office) -> list[datetime]:
    """The Brussels hours at which those who decide were reminded, in order."""
    rows = office.run(lambda tx: tx.execute(select(outbox).where(outbox.c.key.startswith("nag:")).order_by(outbox.c.due_at)).all())
    return sorted({row.owed_at.replace(tzinfo=UTC).astimezone(BRUSSELS) for row in rows})


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("asked", "reminders", "expires"),
    [
        (at(2026, 6, 15, 9), [at(2026, 6, 16, 9), at(2026, 6, 18, 9), at(2026, 6, 22, 9)], at(2026, 6, 29, 9)),
        # Christmas (Friday), New Year (Friday)
        (at(2026, 12, 23, 18), [at(2026, 12, 24, 9), at(2026, 12, 29, 9), at(2026, 12, 31, 9)], at(2027, 1, 8, 9)),
        # asked on a Saturday; the clock goes back that night
        (at(2026, 10, 24, 12), [at(2026, 10, 26, 9), at(2026, 10, 28, 9), at(2026, 10, 30, 9)], at(2026, 11, 6, 9)),
        # the clock goes forward; Easter Monday is the eighth day
        (at(2026, 3, 26, 23), [at(2026, 3, 27, 9), at(2026, 3, 31, 9), at(2026, 4, 2, 9)], at(2026, 4, 10, 9)),
    ],
)
def test_it_nags_after_one_three_and_five_working_days_and_then_expires(
    sample_file: Path, tmp_path: Path, asked: datetime, reminders: list[datetime], expires: datetime
) -> None:
    path = tmp_path / "o.db"
    path.write_bytes(sample_file.read_bytes())
    office = Office(f"sqlite:///{path}", now=asked)
    try:
        office.run(lambda tx: tx.execute(grants.update().where(grants.c.key == "GR-01").values(to=None, start=date(2026, 1, 1))))
        lotte = office.terminal("K1")
        office.terminal("C-1")
        lotte.do(*MORE)
        run_until(office, expires - timedelta(hours=1))
        assert nagged(office) == reminders
        assert one(office).state == "waiting"
        run_until(office, expires + timedelta(days=3))
        row = one(office)
        assert row.state == "expired"
        assert abs(row.decided_at.replace(tzinfo=UTC) - expires) <= timedelta(hours=1)
        (heard,) = told(office, "request_decided")
        assert "vervallen" in heard
        assert "Opnieuw aanvragen" in heard
        assert ["vervallen" in each for each in told(office, "request_expired")] == [True]
        assert nagged(office) == reminders
        assert audited(office)[-1][:2] == ("schedule", "request.expired")
    finally:
        office.close()


def test_after_a_time_down_only_the_newest_reminder_is_owed(office: Office) -> None:
    office.terminal("C-1")
    office.terminal("K1").do(*MORE)
    office.clock.move(days=4, hours=3)  # Friday noon: two reminders are past
    for _ in range(3):
        office.run(lambda tx: owe_requests(tx, office.world, office.clock()))
    keys = [row.key for row in all_of(office, outbox) if row.key.startswith("nag:")]
    assert [key.split(":")[2] for key in keys] == ["2"]
    assert "Wacht al 3 werkdagen" in told(office, "request_nag")[0]
    office.terminal("C-1").do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    assert told(office, "request_nag") == [""], "it lost its use"


def test_nine_days_down_with_everything_past_it_only_expires(office: Office) -> None:
    office.terminal("C-1")
    office.terminal("K1").do(*MORE)
    office.clock.move(days=20)
    office.run(lambda tx: owe_requests(tx, office.world, office.clock()))
    assert one(office).state == "expired"
    assert [row.key for row in all_of(office, outbox) if row.key.startswith("nag:")] == []


def owe_weeks(office: Office) -> None:
    while office.run(lambda tx: owe_summaries(tx, office.world, office.clock())):
        pass


def test_what_is_owed_to_a_channel_in_a_thread_comes_in_that_thread(office: Office) -> None:
    bram, katrijn = office.telegram("K2", "Bram"), office.telegram("C-1", "Katrijn")
    group = bound(office, katrijn, bram, supergroup=True)
    office.run(lambda tx: tx.execute(channels.update().where(channels.c.place == str(group.chat.id)).values(topic="7")))
    owe_weeks(office)  # the first Monday is set
    bram.do(*MONTHLY)
    office.deliver_owed()
    office.clock.move(days=1, hours=1)
    office.run(lambda tx: owe_requests(tx, office.world, office.clock()))
    office.deliver_owed()
    office.clock.now = at(2026, 6, 22, 8, 30)
    owe_weeks(office)
    office.deliver_owed()
    posted = [each for each in group.chat.messages.values() if each.from_bot]
    said = [each.text for each in posted]
    assert len([each for each in said if "Bram Proefman vraagt" in each]) == 2, "the card, and that it waits"
    assert any("Wacht al 1 werkdag." in each for each in said)
    assert any(each.startswith("Voorbeeldnetwerk Leie & Schelde: week 25") for each in said)
    assert any(each.file for each in posted), "the picture of the week"
    assert {each.content.get("message_thread_id") for each in posted} == {7}
    in_group(katrijn, "Bekijk", group)
    katrijn.press("Toekennen")
    office.deliver_owed()
    assert {each.content.get("message_thread_id") for each in group.chat.messages.values() if each.from_bot} == {7}


def test_a_kill_between_commit_and_sending_leaves_each_message_once(office: Office) -> None:
    bram, katrijn = office.telegram("K2", "Bram"), office.telegram("C-1", "Katrijn")
    group = bound(office, katrijn, bram)
    bram.do(*MONTHLY)
    office.restart()
    office.deliver_owed()
    office.clock.move(days=1, hours=1)
    office.run(lambda tx: owe_requests(tx, office.world, office.clock()))
    office.restart()
    office.run(lambda tx: owe_requests(tx, office.world, office.clock()))
    office.deliver_owed()
    office.deliver_owed()
    texts = [each.text for each in group.chat.messages.values() if each.from_bot]
    assert len(texts) == 2
    assert "Wacht al 1 werkdag." in texts[1]
    keys = [row.key for row in all_of(office, outbox)]
    assert len(keys) == len(set(keys))
    assert sorted(key.split(":")[0] for key in keys) == ["nag", "nag", "request"], "in the channel and in private"


@pytest.mark.parametrize("day", [date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 6)])
def test_working_days_skip_weekends_and_the_days_given(day: date) -> None:
    assert add_workdays(day, 1, {date(2026, 4, 6)}) == date(2026, 4, 7)
    assert add_workdays(day, 0, {date(2026, 4, 6)}) == day


def test_the_days_are_a_setting(office: Office) -> None:
    settings = OV.with_values({"request.nag_workdays": (2,), "request.expire_workdays": 3}).on(date(2026, 6, 15))
    monday = date(2026, 6, 15)
    assert next_step(settings, monday, monday, frozenset()) == (0, date(2026, 6, 17), False)
    assert next_step(settings, monday, date(2026, 6, 17), frozenset()) == (1, date(2026, 6, 18), False)
    assert next_step(settings, monday, date(2026, 6, 18), frozenset()) == (1, date(2026, 6, 18), True)


# Stand-ins


def test_a_stand_in_sees_and_decides_while_it_lasts(office: Office) -> None:
    katrijn, bram, lotte = office.terminal("C-1"), office.terminal("K2"), office.terminal("K1")
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "bram", "16/6/2026", "14/6/2026")
    assert "De laatste dag komt na de eerste" in katrijn.screen()
    katrijn.do("20/6/2026", "[Vervanger aanduiden]")
    assert "Je vervangt Katrijn Modelaar" in told(office, "stand_in")[0]
    lotte.do(*MORE)
    bram.say("/aanvraag")
    assert "Aanvragen die wachten" not in bram.labels, "not yet"
    office.clock.move(days=1)
    bram.do("/aanvraag", "[Aanvragen die wachten]", "[Bekijk aanvraag 1]", "[Toekennen]")
    assert (one(office).state, one(office).decided_by) == ("granted", office.run(lambda tx: id_of(tx, "K2")))
    sent = lotte.do("/aanvraag", "[Meer uren]", "[Lokaal dienstencentrum]", "[1u]", "nog een keer", "[Versturen]")
    assert "verstuurd naar Katrijn Modelaar, Bram Proefman." in sent, "and who stands in"
    office.clock.move(days=5)
    bram.say("/aanvraag")
    assert "Aanvragen die wachten" not in bram.labels, "it ended by itself"
    assert ("stand_in.named", f"person:{office.run(lambda tx: id_of(tx, 'K2'))}") in [each[1:] for each in audited(office)]


def test_a_stand_in_hears_that_her_own_request_is_not_hers_to_decide(office: Office) -> None:
    katrijn, bram = office.telegram("C-1", "Katrijn"), office.telegram("K2", "Bram")
    group = bound(office, katrijn, bram)
    katrijn.do("/aanvraag", "[Vervanger]", "[Vervanger aanduiden]", "bram", "vandaag", "20/6/2026", "[Vervanger aanduiden]")
    sent = bram.do("/aanvraag", "[Meer uren]", "1", "een teamoverleg erbij", "[Versturen]")
    assert "verstuurd naar Katrijn Modelaar." in sent
    office.deliver_owed()
    in_group(bram, "Toekennen", group)
    assert bram.person.alerts[-1]["text"] == "Over je eigen aanvraag beslist iemand anders."
    assert one(office).state == "waiting"


def test_a_stand_in_names_nobody_and_ends_with_whom_she_replaces(office: Office) -> None:
    office.terminal("K1").do(*MORE)

    def step(tx: Connection) -> None:
        network = tx.execute(select(networks.c.id).where(networks.c.key == "NW-A")).scalar_one()
        row = {"coordinator": id_of(tx, "C-1"), "network": network, "person": id_of(tx, "K2"), "start": date(2026, 6, 1)}
        add_row(tx, stand_ins, {**row, "to": date(2026, 7, 1)})

    office.run(step)
    bram = office.telegram("K2", "Bram")
    bram.say("/aanvraag")
    assert "vind ik niet" in bram.forge("standin:new")
    office.run(lambda tx: tx.execute(people.update().where(people.c.key == "C-1").values(suspended_on=date(2026, 6, 1))))
    assert "vind ik niet" in bram.forge("rq:1:grant")
    assert one(office).state == "waiting"


def test_the_sample_of_the_demo_has_a_request_that_waits(tmp_path: Path) -> None:
    from bot.sample_data import add_sample_request

    database = Database(f"sqlite:///{tmp_path / 'd.db'}", create=True, durable=False)
    load_sample(database, BOOKS, NOW)
    database.run(lambda tx: add_sample_request(tx, NOW))
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(requests)).scalar_one()) == 1
    database.close()

