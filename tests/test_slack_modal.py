"""The registration as one modal of Slack: fields that follow the answers, errors at the field, the verdict before anything is booked."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.slack_workspace import Workspace
from storage import remembered
from storage.tables import drafts, grants
from tests.slack_people import SlackOffice, SlackPerson, linked
from tests.slack_standin import Fault
from tests.talk import Office

# Person, command, the fields, what stands booked: werkvorm, oproep, minutes, preparations. The same as by button in test_journeys.
MODALS: dict[str, tuple[str, str, dict[str, str], tuple[str, str, int, int]]] = {
    "presentie": (
        "K3", "/presentie",
        {"day": "2026-06-14", "start": "14:00", "length": "2u", "text": "samen koken", "present": "12 jongeren, 2 begeleiders",
         "declared": "Alles klopt"},
        ("presentie", "O2", 120, 0),
    ),
    "overleg": (
        "K1", "/overleg",
        {"place": "Huisartsenpraktijk De Linde", "day": "2026-06-13", "start": "12:00", "length": "45 min",
         "topic": "Samenwerking en communicatie", "present": "2 huisartsen, 1 verpleegkundige", "declared": "Alles klopt"},
        ("overleg", "O1", 45, 0),
    ),
    "advies": (
        "K4", "/ondersteuning",
        {"werkvorm": "Advies", "place": "Kinderdagverblijf", "day": "2026-06-14", "start": "10:00", "length": "tot 10u30",
         "topic": "slapen bij peuters", "present": "1 begeleider", "channel": "Per telefoon", "declared": "Alles klopt"},
        ("advies", "O3", 30, 0),
    ),
}  # fmt: skip


def fill(person: SlackPerson, fields: dict[str, str], *, enter: bool = True) -> None:
    for key, value in fields.items():
        person.fill(key, value, enter=enter)


def filled(person: SlackPerson, line: str, channel: str = "") -> SlackPerson:
    """With the modal of a whole line open, and declared."""
    person.command(line, channel)
    person.fill("declared", "Alles klopt")
    return person


def cooked(person: SlackPerson, channel: str = "") -> SlackPerson:
    """With two hours at De Kade ready to be submitted."""
    return filled(person, "/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders", channel)


def booked_as(office: Office, key: str) -> list[tuple[Any, ...]]:
    return [(row.werkvorm, row.oproep, row.minutes, row.preparations) for row in office.booked(key)]


def open_drafts(office: Office) -> list[Any]:
    return list(office.run(lambda tx: tx.execute(select(drafts).where(drafts.c.state == "open")).all()))


@pytest.mark.parametrize("form", MODALS)
def test_a_modal_books_what_the_conversation_books(office: Office, slack: SlackOffice, form: str) -> None:
    key, command, fields, wanted = MODALS[form]
    person = linked(office, slack, key)
    person.command(command, "C7")
    fill(person, fields)
    assert "Dit kan" in person.modal_text()
    assert person.modal is not None
    assert person.modal["submit"]["text"] == "Bevestigen"
    assert office.booked(key) == []
    person.submit()
    assert person.modal is None
    assert booked_as(office, key) == [wanted]
    assert f"Geboekt. Referentie {office.booked(key)[0].id}." in person.screen()
    assert "[Waarom?][Ongedaan maken]" in person.screen()
    assert [each for each in person.team.said if each.channel == "C7"] == []
    assert open_drafts(office) == []


@pytest.mark.parametrize("form", MODALS)
def test_filled_in_without_a_word_and_submitted_the_verdict_comes_first(office: Office, slack: SlackOffice, form: str) -> None:
    key, command, fields, wanted = MODALS[form]
    person = linked(office, slack, key)
    person.command(command)
    first = {name: fields[name] for name in ("werkvorm",) if name in fields}
    fill(person, first)
    fill(person, {name: value for name, value in fields.items() if name not in first}, enter=False)
    person.submit()
    assert office.booked(key) == []
    assert "Dit kan" in person.modal_text()
    person.submit()
    assert booked_as(office, key) == [wanted]


def test_receipt_is_explained_and_undone_by_its_buttons(office: Office, slack: SlackOffice) -> None:
    aicha = cooked(linked(office, slack), "C7")
    aicha.submit()
    aicha.press("Waarom?")
    assert "O2-11" in aicha.screen()
    aicha.press("Ongedaan maken")
    assert office.booked("K3") == []


def test_the_fields_follow_the_answers_and_what_was_typed_stays(office: Office, slack: SlackOffice) -> None:
    person = linked(office, slack, "K4")
    person.command("/ondersteuning")
    assert "Verklaring" not in person.modal_text()
    person.fill("topic", "rouw bij peuters", enter=False)
    person.fill("length", "halfuur", enter=False)
    person.fill("werkvorm", "Advies")
    text = person.modal_text()
    assert "Verklaring" in text
    assert "Onderwerp: rouw bij peuters" in text
    person.fill("werkvorm", "Workshop")
    assert "Onderwerp: rouw bij peuters" in person.modal_text()


def test_an_error_stands_at_its_field_with_what_was_typed(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, {"day": "2026-06-14", "start": "14:00"})
    fill(aicha, {"length": "heel lang", "text": "koken", "present": "veel", "declared": "Alles klopt"}, enter=False)
    aicha.submit()
    assert set(aicha.errors) == {"length", "present"}
    assert "Duur: heel lang" in aicha.modal_text()
    fill(aicha, {"length": "2u", "present": "12 jongeren"}, enter=False)
    aicha.submit()
    assert aicha.errors == {}
    assert "Dit kan" in aicha.modal_text()
    aicha.submit()
    assert booked_as(office, "K3") == [("presentie", "O2", 120, 0)]


def test_client_data_is_refused_at_its_field_and_not_stored(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, {"day": "2026-06-14", "start": "14:00", "length": "2u"})
    fill(aicha, {"text": "bel 0470 12 34 56", "present": "12 jongeren", "declared": "Alles klopt"}, enter=False)
    aicha.submit()
    assert "text" in aicha.errors
    assert "0470" not in json.dumps(aicha.errors)
    assert "0470" not in office.everything()
    assert "12 34 56" not in json.dumps(slack.standin.calls)


def test_what_the_rules_refuse_is_said_before_and_at_the_field(office: Office, slack: SlackOffice) -> None:
    lotte = filled(linked(office, slack, "K1"), "/overleg De Linde gisteren 8u-20u samenwerking, 2 huisartsen")
    assert "Dit kan zo niet geboekt worden." in lotte.modal_text()
    assert "[Boek de 2u35 die nog passen]" in lotte.modal_text()
    lotte.submit()
    assert "er nog 2u35 over" in lotte.errors["length"]
    assert office.booked("K1") == []


ABOUT = [
    ({"day": "2027-12-31"}, "day"), ({"day": "2026-06-15", "start": "14:00"}, "day"), ({"day": "2026-06-03", "start": "13:00"}, "start"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "field"), ABOUT)
def test_a_refusal_stands_at_the_field_that_it_is_about(office: Office, slack: SlackOffice, changed: dict[str, str], field: str) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, {**MODALS["presentie"][2], **changed})
    assert "Dit kan zo niet geboekt worden." in aicha.modal_text()
    aicha.submit()
    assert [each.partition("~")[0] for each in aicha.errors] == [field], aicha.errors


@pytest.mark.parametrize(("language", "choose", "write"), [("nl", "Kies", "Typ"), ("fr", "Choisissez", "Tapez"), ("en", "Choose", "Type")])
@pytest.mark.parametrize("form", MODALS)
def test_where_there_is_nothing_to_choose_it_says_only_what_to_type(
    office: Office, slack: SlackOffice, form: str, language: str, choose: str, write: str
) -> None:
    key, command, fields, _ = MODALS[form]
    person = linked(office, slack, key)
    person.command(f"/uren taal {language}")
    person.command(command)
    if "werkvorm" in fields:
        person.fill("werkvorm", "advies")
    assert person.modal is not None
    inputs = [each for each in person.modal["blocks"] if each["type"] == "input" and each["element"]["type"] == "plain_text_input"]
    hints = {each["block_id"].partition("~")[0]: each.get("hint", {}).get("text", "") for each in inputs}
    assert not [each for each in hints.values() if choose in each]
    assert write in hints["present"]


def test_a_request_that_cannot_be_granted_says_so_at_what_it_is_for(office: Office, slack: SlackOffice) -> None:
    ines = linked(office, slack, "K8")
    ines.command("/aanvraag")
    ines.press("Uren voor een oproep")
    ines.open_home()
    ines.press_home("Verder met Aanvraag")
    fields = {"oproep": "Oproep 2", "site": "Huisartsenpraktijk De Linde", "from_day": "2026-06-15", "offer": "Allebei"}
    for key, value in (*fields.items(), ("declared_o2", "Alles klopt")):
        ines.fill(key, value)
    ines.submit()
    assert list(ines.errors) == ["site"]
    assert "Presentie kan alleen op een plaats voor vrije tijd en ontmoeting" in ines.errors["site"]


def test_cancel_and_why_are_buttons_of_the_modal(office: Office, slack: SlackOffice) -> None:
    aicha = cooked(linked(office, slack))
    aicha.press("Waarom?")
    assert "O2-11" in aicha.modal_text()
    aicha.close()
    assert "Bevestigen" in aicha.modal_text()
    aicha.press("Annuleren")
    assert open_drafts(office) == []
    assert office.booked("K3") == []


def test_a_refused_length_can_be_cut_to_what_fits_with_a_button(office: Office, slack: SlackOffice) -> None:
    lotte = filled(linked(office, slack, "K1"), "/overleg De Linde gisteren 8u-20u samenwerking, 2 huisartsen")
    lotte.press("Boek de 2u35 die nog passen")
    assert "Duur: 2u35" in lotte.modal_text()
    assert "Dit kan: 2u35" in lotte.modal_text()
    lotte.submit()
    assert [row.minutes for row in office.booked("K1")] == [155]


# What the platform does to modals (F13)


def test_submitted_twice_it_is_booked_once(office: Office, slack: SlackOffice) -> None:
    aicha = cooked(linked(office, slack))
    view = dict(aicha.modal or {})
    aicha.submit(view, trigger_id="U1.900")
    aicha.submit(view, trigger_id="U1.900")  # the same request again
    assert len(office.booked("K3")) == 1
    aicha.team.modals["U1"] = [view]
    aicha.submit(view)  # a second press of the button
    assert len(office.booked("K3")) == 1


def test_a_draft_that_moved_on_elsewhere_is_not_booked_as_it_was_seen(office: Office, slack: SlackOffice) -> None:
    aicha = cooked(linked(office, slack))
    office.terminal("K3").do("gisteren 14u-17u")
    aicha.submit()
    assert office.booked("K3") == []  # what stands in the modal is judged and shown again first
    aicha.submit()
    assert [row.minutes for row in office.booked("K3")] == [120]


def test_a_modal_of_a_draft_that_is_done_books_nothing_more(office: Office, slack: SlackOffice) -> None:
    aicha = cooked(linked(office, slack))
    office.terminal("K3").do("bevestigen")
    assert len(office.booked("K3")) == 1
    aicha.submit()
    assert len(office.booked("K3")) == 1
    assert aicha.modal is not None
    assert "al geboekt" in aicha.modal_text()


def test_somebody_elses_draft_cannot_be_submitted(office: Office, slack: SlackOffice) -> None:
    aicha, lotte = cooked(linked(office, slack)), linked(office, slack, "K1", "U2")
    view = dict(aicha.modal or {})
    lotte.team.modals["U2"] = [view]
    lotte.submit(view)
    assert office.booked("K3") == office.booked("K1") == []
    assert "koken" not in lotte.modal_text()


@pytest.mark.parametrize("kind", ["hash_conflict", "not_found"])
def test_a_modal_that_changed_or_was_closed_keeps_the_draft(office: Office, slack: SlackOffice, kind: str) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    slack.standin.faults.append(Fault("views.update", kind))
    aicha.fill("day", "2026-06-14")
    assert open_drafts(office)[0].answers["day"] == "2026-06-14"
    aicha.say("14u")
    assert "Hoelang duurde het" in aicha.screen()


def test_a_trigger_that_expired_leaves_the_draft_for_the_conversation(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie", trigger_id="U1.9.expired")
    assert aicha.modal is None
    assert len(open_drafts(office)) == 1


def test_the_shortcuts_open_the_form_and_take_the_message_as_a_line(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.shortcut()
    assert "Presentie" in aicha.modal_text()
    aicha.shortcut("De Kade gisteren 14u-16u &amp; koken")
    assert "Begin: 14:00" in aicha.modal_text()
    assert open_drafts(office)[0].answers["day"] == date(2026, 6, 14).isoformat()


NO_PLACE = [
    ("nl", "Wijzig", "Is het OverKophuis De Kade? Zo niet, wijzig het."),
    ("fr", "Modifier", "Est-ce OverKophuis De Kade\u00a0? Sinon, modifiez-le."),
    ("en", "Change", "Is it OverKophuis De Kade? If not, change it."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "button", "words"), NO_PLACE)
def test_a_modal_names_no_button_that_it_has_not(office: Office, slack: SlackOffice, language: str, button: str, words: str) -> None:
    aicha = linked(office, slack)
    aicha.command(f"/uren taal {language}")
    aicha.shortcut("Het Park gisteren 14u-16u, 12 jongeren, 2 begeleiders")
    assert words in aicha.modal_text()
    assert button not in aicha.modal_text()


def test_a_number_that_is_none_behind_a_button_is_left_out(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.open_home()
    aicha.press_in(aicha.home, {"type": "button", "value": "form:presentie:²", "action_id": "press.0"})
    assert "Presentie" in aicha.modal_text()
    assert len(open_drafts(office)) == 1


def test_a_restart_between_two_deeds_loses_nothing(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders")
    slack.stop()
    slack.start()
    aicha.fill("declared", "Alles klopt")
    slack.stop()
    slack.start()
    aicha.submit()
    assert len(office.booked("K3")) == 1


def test_begun_in_a_modal_and_finished_in_the_conversation(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, {"day": "2026-06-14", "start": "14:00", "length": "2u"})
    aicha.team.modals.clear()
    for line in ("koken", "12 jongeren, 2 begeleiders", "ja"):
        aicha.say(line)
    aicha.press("Bevestigen")
    assert booked_as(office, "K3") == [("presentie", "O2", 120, 0)]


# A booking that was promised


def test_what_was_acknowledged_is_booked_after_a_kill(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, MODALS["presentie"][2])

    async def killed(*_: object, **__: object) -> None:
        """The process ends between the acknowledgement and the booking."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "keep_promise", killed)
        assert aicha.submit().body == {"response_action": "clear"}
    assert office.booked("K3") == []
    slack.stop()
    slack.start()
    assert len(office.booked("K3")) == 1
    assert "[Waarom?][Ongedaan maken]" in aicha.screen()
    slack.stop()
    slack.start()
    assert len(office.booked("K3")) == 1


def end_grants(tx: Any) -> None:
    tx.execute(grants.update().values(to=date(2026, 1, 31)))
    remembered.forget(tx)


def test_what_the_rules_refuse_after_the_acknowledgement_is_said_in_a_message(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie")
    fill(aicha, MODALS["presentie"][2])
    keep = Workspace.keep_promise

    async def later(*given: Any) -> Any:
        office.run(end_grants)
        return await keep(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "keep_promise", later)
        aicha.submit()
    assert office.booked("K3") == []
    assert "Er is niets geboekt. Je invoer blijft staan" in aicha.screen()
