"""What a provider attested to offer is asked anew (A-22, A-42): she answers with one press, her coordinator knows what is not sure."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.tables_in import read_tables
from bot.tables_out import write_tables
from handlers import exporting
from handlers.importing import run_import
from handlers.reminding import told_reminders
from handlers.world import World
from storage import remembered, requests
from storage.database import Database
from storage.tables import add_row, agreements, audit, day_totals, grants, offers, sites
from tests import test_reminders
from tests.databases import ENGINES, Engines
from tests.talk import BOOKS, NOW, Office, id_of
from tests.test_reminders import Town, at, deliver, lines, press, presses, round_at

OV = BOOKS["oost-vlaanderen"].with_values({"convention.valid_to": date(2028, 12, 31)})


def rules(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the town of the reminders stand under rules that run on, with other values; "__" in a name stands for its dot."""
    values = {key.replace("__", "."): value for key, value in changes.items()}
    monkeypatch.setattr(test_reminders, "WORLD", World({**BOOKS, OV.id: OV.with_values(values)}))


def town_of(oproep: str, attested: date | None, since: date | None = None, withdrawn: date | None = None) -> Any:
    """A provider who attested what she offers at a place where she has hours, and a coordinator: a step."""

    def step(tx: Connection) -> int:
        town = Town(tx)
        town.person("coordinator")
        place = town.site("ldc")
        town.grant(oproep, town.people, date(2026, 1, 1), None, place, minutes=2880)
        tx.execute(offers.insert(), {
            "person": 1, "site": place, "since": since, "structural": True, "individual_minutes_per_week": 240, "group_tracks_per_year": 0,
            "attested_on": attested, "withdrawn_on": withdrawn,
        })  # fmt: skip
        return place

    return step


def heard_of(database: Database, word: str, first: date, days: int) -> dict[str, list[date]]:
    """On which days each account hears of something."""
    heard: dict[str, list[date]] = {"u1": [], "u2": []}
    for number in range(days):
        now = at(first.year, first.month, first.day, 9) + timedelta(days=number)
        round_at(database, now)
        for who, message in deliver(database, now):
            if word in " ".join(message):
                heard[who].append(now.date())
    return heard


def stored(database: Database) -> tuple[date | None, date | None]:
    row = database.run(lambda tx: tx.execute(select(offers)).one())
    return row.attested_on, row.withdrawn_on


# --- when she is asked ---


def test_the_offer_of_presence_is_asked_anew_a_year_after_it_was_attested(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rules(monkeypatch)
    database.run(town_of("O2", date(2026, 3, 2)))
    heard = heard_of(database, "aanbod", date(2027, 2, 1), 40)
    assert heard["u1"] == [date(2027, 2, 16), date(2027, 3, 2)], "two weeks ahead, and when it is late"
    assert heard["u2"] == [date(2027, 3, 2)], "the coordinator hears it when it is late"


@pytest.mark.parametrize(
    ("changes", "first"),
    [({"o2__recheck_months": 6}, date(2026, 8, 19)), ({"o2__recheck_months": 0}, None), ({"o2__eligibility": "measured"}, None)],
)
def test_how_soon_and_whether_it_is_asked_is_the_networks_choice(
    database: Database, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], first: date | None
) -> None:
    rules(monkeypatch, **changes)
    database.run(town_of("O2", date(2026, 3, 2)))
    heard = heard_of(database, "aanbod", date(2026, 8, 17), 30)
    assert (heard["u1"] or [None])[0] == first


def test_an_intention_is_asked_anew_after_half_a_year_and_work_that_began_never(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(monkeypatch)
    database.run(town_of("O1", date(2026, 2, 2), since=date(2026, 12, 1)))
    heard = heard_of(database, "vast aanbod", date(2026, 7, 10), 40)
    assert heard["u1"] == [date(2026, 7, 20), date(2026, 8, 3)], "2 August is a Sunday"
    database.run(lambda tx: tx.execute(update(offers).values(since=date(2026, 2, 1))))
    assert heard_of(database, "vast aanbod", date(2026, 9, 1), 40)["u1"] == []


def test_nothing_is_asked_of_an_offer_of_which_no_day_is_on_record(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rules(monkeypatch)
    database.run(town_of("O2", None))
    assert heard_of(database, "aanbod", date(2027, 2, 1), 10) == {"u1": [], "u2": []}


# --- what she answers ---


@pytest.fixture
def late(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An offer that should have been attested anew on 1 June 2026."""
    rules(monkeypatch)
    database.run(town_of("O2", date(2025, 6, 1)))
    return database


def test_one_press_attests_it_for_another_year(late: Database) -> None:
    now = at(2026, 6, 15, 9)
    round_at(late, now)
    saldo = press(late, "u1", "saldo", now)
    assert "Sinds 1 jun 2026 is dat van jou niet bevestigd" in " ".join(lines(saldo))
    said = press(late, "u1", "offer:1:1", now)
    assert lines(said) == ["Genoteerd: je aanbod bij Plaats 1 klopt, bevestigd op maandag 15 juni 2026."]
    assert stored(late) == (date(2026, 6, 15), None)
    assert "offer:1:1" not in presses(press(late, "u1", "saldo", now))
    assert heard_of(late, "aanbod", date(2026, 6, 16), 20)["u1"] == []
    about = late.run(lambda tx: tx.execute(select(audit.c.who, audit.c.about, audit.c.detail).where(audit.c.what == "offer.attest")).all())
    assert [tuple(row) for row in about] == [("person:1", "site:1", "holds")]


def test_what_holds_no_longer_is_told_to_the_coordinator_and_can_be_taken_back(late: Database) -> None:
    now = at(2026, 6, 15, 9)
    round_at(late, now)
    deliver(late, now)
    said = press(late, "u1", "offer:1:0", now)
    assert "klopt sinds 15 jun 2026 niet meer" in lines(said)[0]
    assert stored(late) == (date(2025, 6, 1), date(2026, 6, 15))
    press(late, "u1", "offer:1:0", at(2026, 6, 18, 9))
    assert stored(late)[1] == date(2026, 6, 15), "said again, it holds no longer since the same day"
    heard = heard_of(late, "Laatst ingetrokken: 15 jun 2026.", date(2026, 6, 16), 20)
    assert heard["u1"] == [], "she herself is asked no more"
    assert heard["u2"] == [date(2026, 6, 16), date(2026, 7, 1)], "the coordinator hears it the next morning, and once a month"
    listed = press(late, "u2", "offers:1", at(2026, 6, 16, 10))
    assert lines(listed) == ["Fictief netwerk: één eigen aanbod om na te kijken", "Plaats 1 (An1 Fictief): ingetrokken op 15 jun 2026"]
    assert listed.private
    assert "who:1:1" in presses(listed), "the way to the person"
    assert "offers:1" in presses(press(late, "u2", "net", at(2026, 6, 16, 10))), "also without the reminder"
    assert "offer:1:1" in presses(said)
    press(late, "u1", "offer:1:1", at(2026, 6, 17, 9))
    assert stored(late) == (date(2026, 6, 17), None)
    assert lines(press(late, "u2", "offers:1", at(2026, 6, 17, 10))) == ["Fictief netwerk: elk eigen aanbod is bevestigd."]


def test_the_message_has_a_button_for_yes_one_for_no_and_one_for_later(late: Database) -> None:
    now = at(2026, 6, 15, 9)
    round_at(late, now)
    [told] = [row for row in late.run(lambda tx: tx.execute(select(test_reminders.outbox_rows)).all()) if row.told["person"] == 1]
    screen = late.run(lambda tx: told_reminders(tx, test_reminders.WORLD, told.told, "nl"))
    assert screen is not None
    assert presses(screen)[:3] == ["offer:1:1", "offer:1:0", f"later:{told.told['items'][0]['id']}"]


def test_nobody_answers_for_somebody_else(late: Database) -> None:
    now = at(2026, 6, 15, 9)
    for who in ("u2", "u9"):
        press(late, who, "offer:1:1", now)
    assert press(late, "u1", "offer:7:1", now).title is not None
    assert lines(press(late, "u1", "offers:1", now))[0] == "Dat is er niet, of niet meer."
    assert stored(late) == (date(2025, 6, 1), None)


# --- where it comes from ---


def test_what_is_attested_in_a_request_is_on_record_from_that_day(office: Office) -> None:
    ines, katrijn = office.terminal("K8"), office.terminal("C-1")
    ines.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 2]", "zonnebloem", "[Vandaag]", "[Genoeg groepstrajecten]")
    ines.do("[Alles klopt]", "[Overslaan]", "[Versturen]")
    office.clock.move(days=2)
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    k8 = office.run(lambda tx: id_of(tx, "K8"))
    rows = office.run(lambda tx: tx.execute(select(offers).where(offers.c.person == k8)).all())
    assert [row.attested_on for row in rows if row.group_tracks_per_year == 3] == [NOW.date()]


def test_what_was_taken_back_is_asked_in_the_next_request_and_replaced(office: Office) -> None:
    ines, katrijn = office.terminal("K8"), office.terminal("C-1")

    def take_back(tx: Connection) -> None:
        row = {"person": id_of(tx, "K8"), "site": tx.execute(select(sites.c.id).where(sites.c.name.contains("Zonnebloem"))).scalar_one()}
        requests.add_offer(tx, {
            **row, "structural": True, "individual_minutes_per_week": 300, "group_tracks_per_year": 0, "attested_on": date(2026, 1, 5),
            "withdrawn_on": date(2026, 6, 1),
        })  # fmt: skip

    office.run(take_back)
    ines.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 2]", "zonnebloem", "[Vandaag]", "[Genoeg groepstrajecten]")
    ines.do("[Alles klopt]", "[Overslaan]", "[Versturen]")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]", "[Toekennen]")
    k8 = office.run(lambda tx: id_of(tx, "K8"))
    query = select(offers).where(offers.c.person == k8, offers.c.group_tracks_per_year == 3)
    [row] = office.run(lambda tx: tx.execute(query).all())
    assert (row.individual_minutes_per_week, row.group_tracks_per_year, row.withdrawn_on) == (0, 3, None)
    assert row.attested_on == NOW.date()


def test_the_verdict_warns_where_it_is_late_and_books_all_the_same(office: Office) -> None:
    k3 = office.run(lambda tx: id_of(tx, "K3"))
    office.run(lambda tx: tx.execute(update(offers).where(offers.c.person == k3).values(attested_on=date(2025, 6, 1))))
    office.run(remembered.forget)
    aicha = office.terminal("K3")
    aicha.say("/presentie De Kade gisteren 14u-16u koken, 12 jongeren")
    assert "is sinds 1 jun 2026 niet meer bevestigd. Bevestig het met /saldo." in aicha.screen()
    aicha.press("Bevestigen")
    assert len(office.booked("K3")) == 1
    aicha.say("/saldo")
    aicha.press("Klopt nog")
    aicha.say("/presentie De Kade gisteren 17u-18u koken, 12 jongeren")
    assert "niet meer bevestigd" not in aicha.screen()


HEAD = "persoon;vindplaats;sinds;individueel_minuten_per_week;groepstrajecten_per_jaar;functies"


@pytest.mark.parametrize("office", ENGINES, indirect=True)
def test_an_import_attests_what_is_new_and_never_forgets_a_later_answer(office: Office, engines: Engines, tmp_path: Path) -> None:
    k3 = office.run(lambda tx: id_of(tx, "K3"))

    def known() -> tuple[date | None, date | None]:
        rows = office.run(lambda tx: tx.execute(select(offers).where(offers.c.person == k3)).all())
        return rows[0].attested_on, rows[0].withdrawn_on

    def take(line: str, head: str = HEAD) -> None:
        (tmp_path / "aanbod.csv").write_text(f"{head}\n{line}\n")
        report = run_import(office.database, office.world.books, read_tables(tmp_path)[0], office.clock())
        assert not report.refusals, list(map(str, report.refusals))

    assert known() == (NOW.date(), None), "the sample says nothing of the day: attested by its import"
    office.run(lambda tx: tx.execute(update(offers).values(attested_on=date(2026, 5, 1), withdrawn_on=date(2026, 6, 1))))
    take("K3;V4;;300;0;")
    assert known() == (date(2026, 5, 1), date(2026, 6, 1))
    take("K3;V4;;300;0;;2026-04-01", f"{HEAD};verklaard_op")
    assert known() == (date(2026, 5, 1), date(2026, 6, 1)), "an older sheet takes nothing back"
    take("K3;V4;;300;0;;2026-06-10", f"{HEAD};verklaard_op")
    assert known() == (date(2026, 6, 10), None)
    office.run(lambda tx: tx.execute(update(offers).values(withdrawn_on=date(2026, 6, 12))))
    write_tables(office.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "out")
    head = (tmp_path / "out" / "aanbod.csv").read_text(encoding="utf-8")
    assert "2026-06-10" in head
    assert "2026-06-12" in head


# --- the least number of hours of an agreement ---


@pytest.mark.parametrize(("action", "said"), [("report", False), ("warn", True)])
def test_hours_that_lack_of_the_agreed_least_are_said_ahead_where_the_network_warns(
    database: Database, monkeypatch: pytest.MonkeyPatch, action: str, said: bool
) -> None:
    rules(monkeypatch, agreement__min_hours_action=action)

    def step(tx: Connection) -> None:
        town = Town(tx)
        row = {"key": "A1", "person": 1, "partner": "P1", "partner_name": "OCMW Fictie", "partner_kind": "ocmw", "blocks": ""}
        agreement = add_row(tx, agreements, {**row, "start": date(2025, 7, 1), "minimum_minutes": 600})
        grant = add_row(tx, grants, {"key": "GA", "oproep": "O3", "agreement": agreement, "start": date(2025, 7, 1), "extra_minutes": 0})
        done = {"grant": grant, "person": town.people[0], "day": date(2026, 5, 1), "minutes": 450, "preparations": 0}
        tx.execute(day_totals.insert(), done)

    database.run(step)
    now = at(2026, 6, 15, 9)
    round_at(database, now)
    [(_, message)] = deliver(database, now)
    assert ("Tot het afgesproken minimum ontbreekt nog 2u30." in " ".join(message)) is said
