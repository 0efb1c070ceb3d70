"""What the texts leave open (section 4 of the domain document): each reading is a setting, and each one changes what people see."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.book_files import read_books
from handlers.world import World
from rules.book import Rulebook
from rules.book_keys import KEYS
from rules.book_reading import read_book
from storage import remembered, requests
from storage.tables import add_row, agreements, networks, sites
from tests.talk import BOOKS, NOW, Office
from tests.test_journeys import in_each_chat

OV = BOOKS["oost-vlaanderen"]
BOOK_FILES = Path(__file__).resolve().parents[1] / "rules" / "books" / "oost-vlaanderen"

# Row of section 4, key, its default in Oost-Vlaanderen.
DEFAULTS: tuple[tuple[str, str, Any], ...] = (
    ("A-01", "quota.period", "anniversary"), ("A-01", "month_end", "forward"), ("A-02", "o1.scope", "provider_site"),
    ("A-03", "o1.bonus_expiry", "lapse"), ("A-03", "o1.bonus_order", "bonus_first"), ("A-04", "o1.bonus_anchor", "site_start"),
    ("A-04", "o1.bonus_once", "per_site"), ("A-05", "o2.scope", "site"), ("A-05", "o2.suballocation_minutes", 0),
    ("A-06", "o2.overkop_mode", "exclusive"), ("A-07", "prep.counts_against_quota", False), ("A-08", "prep.repeat", "always"),
    ("A-08", "prep.joint", "each"), ("A-09", "duration.includes_prep", False), ("A-10", "min_duration.casus_intervisie", 0),
    ("A-11", "duration.over_max", "refuse"), ("A-11", "duration.under_min", "refuse"), ("A-12", "below_min_participants", "refuse"),
    ("A-12", "prep.on_no_show", False), ("A-13", "aggregation", "pool"), ("A-14", "aggregation.scope", "grant"),
    ("A-15", "remainder_at_period_end", "lapse"), ("A-16", "quota_overflow", "refuse"), ("A-17", "o4.allow_casus", False),
    ("A-18", "billing.code.O1", "726994"), ("A-18", "billing.code.O2", "726994"), ("A-18", "billing.code.O3", ""),
    ("A-18", "billing.code.O4", ""), ("A-21", "min_participants.O1", 1), ("A-21", "min_participants.O2", 0),
    ("A-22", "o2.eligibility", "attested"), ("A-22", "o2.recheck_months", 12), ("A-23", "more_hours.allowed", frozenset({"O1", "O4"})),
    ("A-24", "education_open_from", date.max), ("A-24", "sector_rules", {"hoger_onderwijs": "show"}), ("A-25", "boundary", "start"),
    ("A-26", "rate.on_mixed_hour", "completing"), ("A-27", "rate", 8669), ("A-28", "convention.valid_to", date(2026, 12, 31)),
    ("A-29", "agreement.min_hours_action", "report"), ("A-30", "o4.with_o3_partner", "warn"),
    ("A-31", "convention.valid_from", date(2024, 1, 1)), ("A-32", "co_consult.client_presence", "required"),
    ("A-33", "mpo.scale_steps", 5), ("A-34", "rkg.min_coordinators", 5), ("A-35", "mpo.reminder_days", (3, 2)),
    ("A-36", "evaluation.overdue", "warn"), ("A-37", "travel_counts", False), ("A-38", "intervisie.role", "required"),
    ("A-40", "o2.joint", "count_each"), ("A-41", "agreement.callback_hours", 0), ("A-42", "o1.structural", "intended"),
    ("A-42", "o1.recheck_months", 6), ("A-43", "channel.online", "allow"), ("A-44", "grant.short_period", "full"),
    ("A-47", "count_roles.O1", frozenset({"leidinggevende"})), ("A-48", "duration.parts", "each"), ("A-51", "max_participants.advies", 0),
)  # fmt: skip


@pytest.mark.parametrize(("row", "key", "default"), DEFAULTS, ids=[f"{row} {key}" for row, key, _ in DEFAULTS])
def test_each_open_point_is_a_setting_with_the_default_reading(row: str, key: str, default: Any) -> None:
    assert OV.on(date(2026, 6, 15))[key] == default
    assert key in KEYS
    assert all(re.search(rf"\b{row}\b", dated.source) for dated in OV.values[key]), "the source names the open point"
    assert key in BOOKS["generic-art8"].values


def with_settings(office: Office, **changes: Any) -> None:
    """The same office under rulebooks with other values; "__" in a name stands for its dot."""
    values = {key.replace("__", "."): value for key, value in changes.items()}
    office.world = World({key: book.with_values(values) for key, book in BOOKS.items()})


# --- fields[oproep] is the form of the network's rulebook ---


def test_a_network_asks_more_for_one_oproep_and_may_leave_it_open(tmp_path: Path, office: Office) -> None:
    own = tmp_path / "zuid"
    (own / "forms").mkdir(parents=True)
    (own / "book.toml").write_text('id = "zuid"\nextends = "oost-vlaanderen"\n[name]\nnl = "Zuid"\nfr = "Sud"\nen = "South"\n')
    asked = '\n[[field]]\nkey = "wijk"\nkind = "text"\nrequired = false\n'
    asked += 'label = { nl = "Welke wijk?", fr = "Quel quartier ?", en = "Which part?" }\n'
    (own / "forms" / "presentie.toml").write_text((BOOK_FILES / "forms" / "presentie.toml").read_text(encoding="utf-8") + asked)
    book = read_books(tmp_path)["zuid"]
    office.world = World({**BOOKS, OV.id: replace(book, id=OV.id)})
    aicha = office.terminal("K3")
    aicha.do("/presentie", "gisteren 14u-16u", "koken", "12 jongeren", "[Alles klopt]")
    assert "Welke wijk?" in aicha.screen()
    aicha.do("[Overslaan]", "[Bevestigen]")
    assert len(office.booked("K3")) == 1
    page = office.talk("web", "K3")
    page.do("/presentie", "gisteren 10u-11u", "koken", "12 jongeren", "[Alles klopt]", "[Bevestigen]")
    assert len(office.booked("K3")) == 2
    lotte = office.terminal("K1")
    lotte.do("/overleg", "[Huisartsenpraktijk De Linde]", "gisteren 12u-13u", "[Samenwerking]", "2 huisartsen")
    assert "Welke wijk?" not in lotte.screen(), "another oproep has its own fields"


# --- the sector of a request ---


@pytest.mark.parametrize(("rules", "seen"), [({"jeugdhuis": "show"}, True), ({"hoger_onderwijs": "show"}, False), ({}, False)])
def test_the_coordinator_sees_the_sector_where_the_network_wants_it(office: Office, rules: dict[str, str], seen: bool) -> None:
    with_settings(office, sector_rules=rules)
    office.run(lambda tx: tx.execute(update(sites).where(sites.c.name.contains("Anker")).values(kind="jeugdhuis")))
    office.run(remembered.forget)
    ines, katrijn = office.terminal("K8"), office.terminal("C-1")
    ines.do("/aanvraag", "[Uren voor een oproep]", "[Oproep 1]", "anker", "[Vandaag]", "[Ik begin er]", "[Alles klopt]", "[Overslaan]")
    ines.press("Versturen")
    katrijn.do("/aanvraag", "[Bekijk aanvraag 1]")
    assert ("Soort plaats: Jeugdhuis." in katrijn.screen()) is seen


# --- more hours ---


@pytest.mark.parametrize(("allowed", "offered"), [(frozenset({"O1", "O4"}), False), (frozenset({"O1", "O2", "O4"}), True)])
def test_more_hours_can_be_asked_in_the_oproepen_that_the_network_names(office: Office, allowed: frozenset[str], offered: bool) -> None:
    with_settings(office, more_hours__allowed=allowed)
    emre = office.terminal("K6")  # has hours of oproep 2 only
    screen = emre.say("/aanvraag")
    assert ("Meer uren" in screen) is offered


# --- travel time ---


@in_each_chat
@pytest.mark.parametrize("counts", [False, True])
def test_the_question_of_the_length_says_whether_travelling_counts(office: Office, surface: str, counts: bool) -> None:
    with_settings(office, travel_counts=counts)
    talk = office.talk(surface, "K3")
    talk.do("/presentie", "gisteren", "14u")
    assert ("Reistijd telt mee." in talk.screen()) is counts
    assert ("Reistijd telt niet mee." in talk.screen()) is not counts


def test_the_page_says_the_same_of_travelling(office: Office) -> None:
    with_settings(office, travel_counts=True)
    page = office.talk("web", "K3")
    assert "Reistijd telt mee." in page.say("/presentie")


# --- gave the intervision, or took part ---


def without_role() -> Rulebook:
    """Oost-Vlaanderen, where whoever registers an intervision gave it."""
    names = [*BOOK_FILES.glob("*.toml"), *BOOK_FILES.glob("forms/*.toml")]
    texts = {path.relative_to(BOOK_FILES).as_posix(): path.read_text(encoding="utf-8") for path in names}
    texts["settings.toml"] = texts["settings.toml"].replace('value = "required" }]\n\n["o2.joint"]', 'value = "assumed" }]\n\n["o2.joint"]')
    form = texts["forms/intervisie.toml"]
    form = re.sub(r'\[\[field\]\]\nkey = "role"\n(?:.+\n)+\n', "", form)
    texts["forms/intervisie.toml"] = re.sub(r"(?m)^when = \{ role = .*\n", "", re.sub(r'role = \["given"\],? ?', "", form))
    return read_book(texts)


def test_whether_she_gave_the_intervision_is_asked_or_assumed(office: Office) -> None:
    marijke = office.terminal("K4")
    assert "Gaf je de intervisie zelf, of nam je deel?" in marijke.say("/intervisie")
    marijke.press("Annuleren")
    office.world = World({**BOOKS, OV.id: without_role()})
    again = office.terminal("K4")
    assert "Gaf je de intervisie zelf, of nam je deel?" not in again.say("/intervisie")


# --- calling back ---


def test_calling_back_is_said_where_the_agreement_states_it_or_where_the_network_does(office: Office) -> None:
    said = "je belt terug binnen 48 uur, ook in het weekend"
    k4 = office.terminal("K4")
    assert k4.say("/saldo").count(said) == 1, "only AG-2 states it"
    with_settings(office, agreement__callback_hours=24)
    screen = office.terminal("K4").say("/saldo")
    assert screen.count(said) == 1, "what the agreement states comes first"
    assert screen.count("je belt terug binnen 24 uur") == 1
    office.run(lambda tx: tx.execute(update(agreements).where(agreements.c.key == "AG-2").values(callback_hours=0)))
    office.run(remembered.forget)
    assert said not in office.terminal("K4").say("/saldo"), "none was agreed there"


# --- a collaboration that is renewed within the year ---


@pytest.mark.parametrize(("start", "said"), [(date(2026, 6, 1), True), (date(2027, 1, 1), False)])
def test_the_coordinator_is_warned_of_a_collaboration_that_is_renewed_within_the_year(office: Office, start: date, said: bool) -> None:
    """AG-2 with the nursery runs from 1 January 2026."""

    def renew(tx: Connection) -> None:
        first = tx.execute(select(agreements).where(agreements.c.key == "AG-2")).one()
        row = {**first._asdict(), "key": "AG-9", "start": start, "to": None}
        row.pop("id")
        add_row(tx, agreements, row)
        network = tx.execute(select(networks.c.id).where(networks.c.key == "NW-B")).scalar_one()
        made = tx.execute(select(agreements.c.id).where(agreements.c.key == "AG-9")).scalar_one()
        asked = {"person": first.person, "network": network, "kind": "hours", "oproep": "O3", "agreement": made, "answers": {}}
        requests.add_request(tx, {**asked, "start": start}, NOW, NOW)
        remembered.forget(tx)

    office.run(renew)
    coordinator = office.terminal("C-2")
    coordinator.do("/aanvraag", "[Bekijk aanvraag 1]")
    assert ("liep er al een samenwerking, van 1 jan 2026 tot en met 31 dec 2026" in coordinator.screen()) is said
