"""Uurwijzer in Slack: commands, conversation, Home, channels and owed messages; over HTTP, with the real client library."""

import pytest
from sqlalchemy import select

from bot.slack_channels import look_at_channels
from bot.slack_rounds import SWEEP_SECONDS, keep_sweeping, sweep
from handlers import access
from handlers.summary_posting import post_now
from rules.weeks import read_week
from storage import channels as places
from storage import directory, outbox
from storage import people as stored
from storage.tables import accounts, audit, channels, drafts
from storage.tables import events as handled
from storage.tables import outbox as owed_messages
from tests.slack_people import SlackOffice, SlackPerson, linked, view_text
from tests.slack_standin import Fault, Said
from tests.talk import Office, id_of

CHANNEL = "C0SAMPLE01"  # of network NW-A in the sample


def in_channel(person: SlackPerson, channel: str = CHANNEL) -> list[Said]:
    """What everybody reads in a channel."""
    return [each for each in person.team.said if each.channel == channel and not each.only]


# Commands


def test_one_command_takes_the_name_of_any_as_its_first_word(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/uren saldo")
    assert "nog 46u over" in aicha.screen()
    aicha.command("/uren")
    assert "Dag Aïcha" in aicha.screen()
    aicha.command("/uren solde")
    assert "nog 46u over" in aicha.screen()
    aicha.command("/uren foo")
    assert "Die opdracht ken ik niet. Typ /uren help voor wat ik kan." in aicha.screen()


LINES = [
    ("nl", "/uren gisteren 14u-16u koken bij De Kade, 12 jongeren", "Presentie"),
    ("fr", "/uren hier 14h-16h cuisine à De Kade, 12 jeunes", "Présence"),
]  # fmt: skip


@pytest.mark.parametrize("channel", ["", "C0ELSEWHERE", CHANNEL])
@pytest.mark.parametrize(("language", "line", "words"), LINES)
def test_a_whole_line_behind_uren_is_read_as_in_the_conversation(
    office: Office, slack: SlackOffice, language: str, line: str, words: str, channel: str
) -> None:
    aicha = linked(office, slack)
    aicha.command(f"/uren taal {language}")
    aicha.command(line, channel)
    card = next(each for each in reversed(aicha.team.said) if each.channel == aicha.direct and each.buttons)
    typed = office.run(lambda tx: tx.execute(select(drafts.c.answers)).scalar_one())
    assert (typed["day"], typed["start"], typed["length"]) == ("2026-06-14", "14:00", "16:00")
    assert words in card.text
    assert not channel or in_channel(aicha, channel) == []
    assert bool(channel) is bool([each for each in aicha.team.said if each.only])  # which says where to look


def test_one_unknown_word_behind_uren_is_a_command_that_is_not_known(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/uren sald")
    assert "Bedoelde je /saldo?" in aicha.screen()
    aicha.command("/uren /foo bar")
    assert "Die opdracht ken ik niet" in aicha.screen()
    aicha.command("/uren Saldo graag")
    assert "nog 46u over" in aicha.screen()


def test_a_balance_asked_for_in_a_channel_is_seen_by_nobody_else(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    ack = aicha.command("/saldo", CHANNEL)
    assert ack.body["response_type"] == "ephemeral"
    assert "nog 46u over" in aicha.screen()
    assert in_channel(aicha) == []
    assert [method for method, _ in slack.standin.calls if method != "auth.test"] == []  # it went with the acknowledgement
    aicha.press("Mijn momenten")
    assert "3 jun" in aicha.screen()
    assert in_channel(aicha) == []


@pytest.mark.parametrize("line", ["/overzicht", "/uren privacy", "/taal", "/watals presentie De Kade 3u 12/12", "/aanvraag", "/uren start"])
def test_what_is_personal_stays_personal_in_a_channel(office: Office, slack: SlackOffice, line: str) -> None:
    aicha = linked(office, slack)
    aicha.command(line, CHANNEL)
    assert aicha.sees
    assert in_channel(aicha) == []


def test_the_summary_and_help_are_answered_in_the_open(office: Office, slack: SlackOffice) -> None:
    lotte = linked(office, slack, "K1")
    lotte.command("/samenvatting", CHANNEL)
    assert [sent["response_type"] for method, sent in slack.standin.calls if method == "respond"] == ["in_channel"]
    assert "week 25 tot nu toe" in in_channel(lotte)[-1].text
    lotte.command("/uren help", CHANNEL)
    assert "/samenvatting" in in_channel(lotte)[-1].text
    assert "Lotte" not in "".join(each.text for each in in_channel(lotte))


ELSEWHERE = [
    ("K3", "/uren help", "/saldo"), ("K3", "/samenvatting", "week"), ("C-1", "/samenvatting", "week 25"),
    ("", "/uren help", "Ik ken je nog niet"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "line", "words"), ELSEWHERE)
def test_a_command_in_a_channel_that_is_not_bound_is_answered_to_her_alone(
    office: Office, slack: SlackOffice, key: str, line: str, words: str
) -> None:
    person = linked(office, slack, key) if key else slack.person("U9")
    person.command(line, "C0ELSEWHERE")
    assert any(words in each.text for each in person.sees)
    assert in_channel(person, "C0ELSEWHERE") == []


def test_the_bot_answers_to_its_name_in_a_channel_only_what_may_be_heard(office: Office, slack: SlackOffice) -> None:
    lotte = linked(office, slack, "K1")
    mention = {"type": "app_mention", "channel": CHANNEL, "user": "U1", "ts": "1780000000.5", "thread_ts": "1780000000.1"}
    lotte.event({**mention, "text": "<@UBOT> saldo"})
    assert in_channel(lotte)[-1].text == "Schrijf me privé, dan help ik je."
    assert in_channel(lotte)[-1].thread == "1780000000.1"
    lotte.event({**mention, "text": "<@UBOT> samenvatting"})
    assert "week 25 tot nu toe" in in_channel(lotte)[1].text


# Who is who


def test_linking_with_an_invitation_and_with_a_no(office: Office, slack: SlackOffice) -> None:
    stranger = slack.person("U5")
    code = office.invite("K3")
    stranger.command(f"/uren start {code}", CHANNEL)
    assert "Ben jij Aïcha Testouri?" in stranger.screen()
    assert in_channel(stranger) == []
    stranger.press("Nee")
    assert "er is niets gekoppeld" in stranger.screen()
    stranger.command(f"/uren start {code}")
    stranger.press("Ja, dat ben ik")
    assert "Je account is gekoppeld" in stranger.screen()
    stranger.command("/saldo")
    assert "nog 46u over" in stranger.screen()
    other = slack.person("U6")
    other.command(f"/uren start {code}")
    assert "Deze code werkt niet" in other.screen()


def test_a_draft_is_shared_with_the_terminal(office: Office, slack: SlackOffice) -> None:
    terminal = office.terminal("K3")
    terminal.do("/presentie gisteren 14u-16u koken")
    aicha = linked(office, slack)
    aicha.command("/presentie", CHANNEL)
    text = aicha.modal_text()
    assert "Datum: 2026-06-14" in text
    assert "Omschrijving: koken" in text


def test_a_stranger_and_a_guest_get_the_door(office: Office, slack: SlackOffice) -> None:
    stranger = slack.person("U9")
    stranger.command("/saldo")
    stranger.say("hallo")
    stranger.open_home()
    stranger.command("/presentie")
    assert all("Ik ken je nog niet" in each for each in (stranger.screen(), view_text(stranger.home)))
    assert stranger.modal is None
    assert office.run(lambda tx: tx.execute(select(accounts).where(accounts.c.platform == "slack")).all()) == []


def test_somebody_of_another_workspace_is_not_the_member_with_the_same_id(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/saldo")
    button = aicha.sees[-1].buttons[0]
    aicha.press_on(aicha.sees[-1], button, user={"id": "U1", "team_id": "T77"})
    assert "Ik ken je nog niet" in aicha.screen()
    assert "3 jun" not in aicha.screen()


def test_who_is_deactivated_is_out_at_once_and_the_hours_stay(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.event({"type": "user_change", "user": {"id": "U1", "team_id": "T1", "deleted": False}})
    aicha.command("/saldo")
    assert "nog 46u over" in aicha.screen()
    aicha.event({"type": "user_change", "user": {"id": "U1", "team_id": "T1", "deleted": True}})
    aicha.command("/saldo")
    assert "Ik ken je nog niet" in aicha.screen()
    assert "deactivated" in [row.detail for row in office.run(lambda tx: tx.execute(select(audit)).all())]
    office.terminal("K3").say("/saldo")
    assert "nog 46u over" in office.talks[-1].screen()


def test_two_workspaces_each_with_a_token_of_their_own(office: Office) -> None:
    slack = SlackOffice(lambda: (office.database, office.world, office.clock), teams=2)
    try:
        aicha, lotte = linked(office, slack, "K3", "U1", "T1"), linked(office, slack, "K1", "U1", "T2")
        aicha.command("/saldo")
        lotte.command("/saldo")
        assert "De Kade" in aicha.screen()
        assert "De Linde" in lotte.screen()
        forged = slack.hear({"command": "/saldo", "user_id": "U1", "team_id": "T1", "channel_id": "D1", "trigger_id": "x"}, slack.teams[1])
        assert forged.status == 200  # it is taken as what it can only be: a stranger of the workspace whose secret it knows
        assert "De Kade" not in lotte.screen()
    finally:
        slack.close()


# The Home


def test_the_home_has_the_balance_first_and_answers_in_a_modal(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.open_home()
    text = view_text(aicha.home)
    assert "Welkom" in text
    assert text.index("nog 46u over") < text.index("Mijn planning") < text.index("[Presentie]")
    aicha.press_home("Mijn momenten")
    assert "3 jun" in aicha.modal_text()
    aicha.press("Moment 16")
    assert "Moment 16" in aicha.modal_text()
    aicha.team.modals.clear()
    aicha.press_home("Presentie")
    assert "Omschrijving" in aicha.modal_text()
    aicha.team.modals.clear()
    aicha.open_home()
    aicha.press_home("Verder met Presentie")
    assert "Omschrijving" in aicha.modal_text()


def test_the_home_welcomes_at_the_first_visit_only_and_a_coordinator_in_her_own_words(office: Office, slack: SlackOffice) -> None:
    aicha, katrijn = linked(office, slack), linked(office, slack, "C-1", user="U2")
    for person, first in ((aicha, "wat je nog hebt"), (katrijn, "wat op je wacht")):
        person.open_home()
        assert f"Welkom. Hier staat {first}" in view_text(person.home)
        person.open_home()
        assert "Welkom" not in view_text(person.home)
        assert view_text(person.home).count("Dag ") == 1


def test_an_open_request_stands_on_the_home_of_who_asked_and_of_who_decides(office: Office, slack: SlackOffice) -> None:
    ines, katrijn = linked(office, slack, "K8"), linked(office, slack, "C-1", user="U2")
    katrijn.open_home()
    assert "Er wacht geen aanvraag op jou." in view_text(katrijn.home)
    ines.open_home()
    ines.press_home("Aanvragen")
    ines.press("Uren voor een oproep")
    for key, value in (("oproep", "Oproep 2"), ("site", "Lokaal dienstencentrum De Zonnebloem"), ("from_day", "2026-06-15")):
        ines.fill(key, value)
    offer = ines.modal_text().split("Aanbod:")[1]
    assert "Voor presentie is een van de eerste twee nodig." in offer, "what to choose is not clear from the label"
    ines.fill("offer", "Genoeg individuele")
    ines.fill("declared_o2", "Alles klopt")
    ines.submit()
    ines.open_home()
    assert "1. Uren voor oproep 2" in view_text(ines.home)
    ines.press_home("Aanvraag 1")
    assert "[Intrekken]" in ines.modal_text()
    katrijn.open_home()
    assert "1. Ines Fictieux: Uren voor oproep 2" in view_text(katrijn.home)
    katrijn.press_home("Bekijk aanvraag 1")
    assert "[Toekennen][Weigeren]" in katrijn.modal_text()
    katrijn.press("Toekennen")
    katrijn.team.modals.clear()
    for person, words in ((katrijn, "Er wacht geen aanvraag op jou."), (ines, "40u van 48u gebruikt, nog 8u")):
        person.open_home()
        assert words in view_text(person.home)
    assert "Mijn aanvragen" not in view_text(ines.home)


def test_the_home_follows_what_happens_on_another_surface(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.open_home()
    slack.deliver_owed()
    published = len([1 for method, _ in slack.standin.calls if method == "views.publish"])
    slack.deliver_owed()
    assert len([1 for method, _ in slack.standin.calls if method == "views.publish"]) == published  # nothing changed
    office.terminal("K3").do("/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders", "[Bevestigen]")
    slack.deliver_owed()
    assert "nog 46u over" in view_text(aicha.home)  # more may follow at once
    slack.deliver_owed()
    assert "nog 44u over" in view_text(aicha.home)
    office.terminal("K3").do("/taal fr")
    slack.deliver_owed()
    slack.deliver_owed()
    assert "Bonjour" in view_text(aicha.home)


def test_the_home_of_who_decides_follows_what_others_ask(office: Office, slack: SlackOffice) -> None:
    katrijn = linked(office, slack, "C-1")
    katrijn.open_home()
    slack.deliver_owed()
    asking = ("[Meer uren]", "[Huisartsenpraktijk De Linde]", "[2u]", "extra teamoverleg per maand", "[Versturen]")
    office.terminal("K1").do("/aanvraag", *asking)
    for _ in range(2):
        slack.deliver_owed()
    assert "1. Lotte Voorbeeld: 2u extra voor oproep 1" in view_text(katrijn.home)


def test_the_home_of_who_is_out_shows_the_door(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.open_home()
    slack.deliver_owed()
    office.run(lambda tx: tx.execute(accounts.update().where(accounts.c.platform == "slack").values(person=None)))
    slack.deliver_owed()
    slack.deliver_owed()
    assert "Ik ken je nog niet" in view_text(aicha.home)


@pytest.mark.parametrize("key", ["K3", "C-1"])
def test_the_home_of_who_is_suspended_says_so_and_nothing_else(office: Office, slack: SlackOffice, key: str) -> None:
    person = linked(office, slack, key)
    person.command("/presentie")
    now = office.clock()
    office.run(lambda tx: stored.suspend(tx, id_of(tx, key), now.date(), now))
    person.open_home()
    assert view_text(person.home).split("\n")[1:] == [
        "Je toegang is opgeschort. Je uren blijven bewaard. Vragen? Spreek je coördinator aan.", "[Mijn gegevens]",
    ]


# What is owed


def told(office: Office, key: str, told: dict[str, object], **to: int) -> None:
    office.run(lambda tx: outbox.owe(tx, key, told, office.clock(), **to))  # type: ignore[arg-type]


def channel_of(office: Office) -> int:
    return int(office.run(lambda tx: tx.execute(select(channels.c.id).where(channels.c.place == CHANNEL)).scalar_one()))


def test_a_request_goes_to_the_channel_and_is_decided_there_once(office: Office, slack: SlackOffice) -> None:
    terminal = office.terminal("K1")
    office.clock.move(seconds=1)
    lotte, katrijn = linked(office, slack, "K1", "U1"), linked(office, slack, "C-1", "U2")
    terminal.do("/aanvraag", "[Meer uren]", "[Huisartsenpraktijk De Linde]", "[2u]", "extra teamoverleg per maand", "[Versturen]")
    slack.deliver_owed()
    card = in_channel(lotte)[-1]
    assert "Lotte Voorbeeld" in card.text
    assert "extra teamoverleg" not in card.text
    look = next(each for each in card.buttons if each["value"].endswith("view"))
    lotte.press_on(card, look)
    assert "extra teamoverleg" not in lotte.screen()  # her own request, but not her decision
    katrijn.press_on(card, look)
    own = next(each for each in katrijn.sees if "extra teamoverleg" in each.text)
    assert "Zie je privégesprek" not in own.text, "she is there already"
    assert "Zie je privégesprek" in katrijn.screen(), "said where she pressed"
    assert "extra teamoverleg" not in "".join(each.text for each in in_channel(lotte))
    katrijn.press("Toekennen")
    assert "Toegekend door Katrijn Modelaar" in katrijn.screen()
    slack.deliver_owed()
    assert [each.ts for each in in_channel(lotte)] == [card.ts]  # the card itself says what became of it
    assert "Toegekend door Katrijn Modelaar" in card.text
    assert card.buttons == []
    assert "is toegekend" in lotte.screen()


def test_the_weekly_summary_stands_in_the_channel_with_a_button_for_its_numbers(office: Office, slack: SlackOffice) -> None:
    lotte = linked(office, slack, "K1")
    channel = channel_of(office)
    network = int(office.run(lambda tx: tx.execute(select(channels.c.network).where(channels.c.id == channel)).scalar_one()))
    week = read_week("2026-W24")
    office.run(lambda tx: post_now(tx, office.world, directory.read_network(tx, network), week, office.clock()))
    slack.deliver_owed()
    said = in_channel(lotte)
    assert "week 24" in said[0].text
    assert said[0].buttons[0]["text"]["text"] == "Excel"
    assert len(said) == 1
    row = office.run(lambda tx: tx.execute(select(owed_messages).where(owed_messages.c.channel == channel)).first())
    assert row.message == f"{CHANNEL}/{said[0].ts}"
    katrijn = linked(office, slack, "C-1", "U2")
    katrijn.press_on(said[0], said[0].buttons[0])
    assert [each.file for each in katrijn.sees if each.file.endswith(".xlsx")]
    assert not [each for each in in_channel(lotte) if each.file.endswith(".xlsx")]


def test_a_button_in_a_thread_is_answered_in_that_thread(office: Office, slack: SlackOffice) -> None:
    katrijn = linked(office, slack, "C-1")
    asked = {"channel": CHANNEL, "user": "U1", "text": "<@UBOT> samenvatting", "ts": "1.2", "thread_ts": "1.1"}
    katrijn.event({"type": "app_mention", **asked})
    week = in_channel(katrijn)[-1]
    assert week.thread == "1.1"
    katrijn.press_on(week, week.buttons[0])
    said = next(each for each in reversed(katrijn.team.said) if each.only)
    assert (said.channel, said.thread) == (CHANNEL, "1.1")


def test_what_is_typed_in_a_thread_of_the_conversation_is_answered_there(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.say("presentie")
    first = aicha.sees[-1]
    aicha.say("gisteren 14u-16u", first.ts)
    card = aicha.sees[-1]
    assert (card.thread, card.user) == (first.ts, "UBOT")
    assert first not in aicha.team.said, "one open card"
    aicha.press_on(card, next(each for each in card.buttons if each["text"]["text"] == "Annuleren"))
    assert aicha.sees[-1].ts == card.ts, "a press changes its message where it stands"
    aicha.say("saldo", first.ts)
    answer = aicha.sees[-1]
    assert (answer.thread, "nog 46u over" in answer.text) == (first.ts, True)
    aicha.press("Mijn momenten")
    assert {each.thread for each in aicha.sees[-2:]} == {first.ts}
    aicha.say("saldo")
    assert aicha.sees[-1].thread == ""


def test_a_picture_that_slack_refuses_is_said_in_words(office: Office, slack: SlackOffice) -> None:
    slack.standin.refuses["data_visualization"] = "invalid_blocks"
    slack.standin.faults.append(Fault("files.getUploadURLExternal", "file_uploads_disabled", times=9))
    lotte = linked(office, slack, "K1")
    network = int(office.run(lambda tx: tx.execute(select(channels.c.network).where(channels.c.place == CHANNEL)).scalar_one()))
    office.run(lambda tx: post_now(tx, office.world, directory.read_network(tx, network), read_week("2026-W24"), office.clock()))
    slack.deliver_owed()
    assert any("Uren per week" in each.text for each in in_channel(lotte)[1:])


def test_how_a_channel_is_bound_is_told_as_it_goes_in_slack(office: Office) -> None:
    told = office.talk("slack", "C-1").do("/netwerk", "[Kanalen]", "[Kanaal koppelen]")
    assert "Typ in het kanaal waar het weekoverzicht en de aanvragen moeten komen: /koppel" in told
    assert "beheerder" not in told
    assert "topic" not in told


def test_a_channel_is_bound_with_a_code_and_lost_when_the_bot_must_go(office: Office, slack: SlackOffice) -> None:
    katrijn = linked(office, slack, "C-1", "U2")
    network = int(office.run(lambda tx: tx.execute(select(channels.c.network).where(channels.c.place == CHANNEL)).scalar_one()))
    person = office.run(lambda tx: id_of(tx, "C-1"))
    office.run(lambda tx: places.add_binding(tx, network, access.hash_of("ABCDEFGH2345"), person, office.clock()))
    katrijn.command("/uren koppel ABCDEFGH2345", "C55", channel_name="privategroup")
    assert 'De groep "team-voorbeeld" is gekoppeld aan' in in_channel(katrijn, "C55")[-1].text
    slack.deliver_owed()
    assert "meelezen" not in "".join(each.text for each in katrijn.sees)
    state = select(channels.c.state, channels.c.workspace).where(channels.c.place == "C55")
    assert office.run(lambda tx: tuple(tx.execute(state).one())) == ("open", "T1")
    katrijn.event({"type": "channel_archive", "channel": "C55", "user": "U2"})
    assert office.run(lambda tx: tx.execute(state).one().state) == "lost"


def bound(office: Office, person: SlackPerson, channel: str, name: str) -> None:
    """With a channel that a coordinator bound with a code."""
    network = int(office.run(lambda tx: tx.execute(select(channels.c.network).where(channels.c.place == CHANNEL)).scalar_one()))
    coordinator = office.run(lambda tx: id_of(tx, "C-1"))
    office.run(lambda tx: places.add_binding(tx, network, access.hash_of("ABCDEFGH2345"), coordinator, office.clock()))
    person.command("/uren koppel ABCDEFGH2345", channel, channel_name=name)


def warnings(slack: SlackOffice, person: SlackPerson) -> list[str]:
    """What she was told of channels, each once."""
    slack.deliver_owed()
    return [each.text.split("\n")[0] for each in person.sees if each.text.startswith(("Let op", "Attention", "Note"))]


@pytest.mark.parametrize(
    ("about", "words"),
    [({"is_private": False}, "is openbaar. Iedereen"), ({"is_ext_shared": True}, "is gedeeld met een andere werkruimte.")],
)
def test_who_can_read_along_in_a_channel_is_told_once_when_it_is_bound(
    office: Office, slack: SlackOffice, about: dict[str, bool], words: str
) -> None:
    katrijn = linked(office, slack, "C-1", "U2")
    slack.teams[0].channels |= {"C55": {"name": "zorgteam", **about}}
    bound(office, katrijn, "C55", "zorgteam")
    (told,) = warnings(slack, katrijn)
    assert '"zorgteam" (' in told
    assert words in told
    for _ in range(2):
        slack.call(look_at_channels(slack.slack.workspaces[0]))
    assert warnings(slack, katrijn) == [told]
    katrijn.press("Instellingen van het kanaal")
    assert words in katrijn.screen()
    katrijn.press("Het is in orde")
    assert words not in katrijn.screen()
    slack.call(look_at_channels(slack.slack.workspaces[0]))
    assert len(warnings(slack, katrijn)) <= 1, "what was found in order is not told every hour"


def test_a_channel_that_is_opened_later_is_told_at_the_next_sweep_and_has_its_name(office: Office, slack: SlackOffice) -> None:
    katrijn = linked(office, slack, "C-1", "U2")
    slack.standin.faults.append(Fault("conversations.info", "missing_scope"))
    bound(office, katrijn, "C55", "privategroup")
    assert 'De groep "C55" is gekoppeld aan' in in_channel(katrijn, "C55")[-1].text, "what Slack does not say stops nothing"
    assert warnings(slack, katrijn) == []
    slack.call(look_at_channels(slack.slack.workspaces[0]))
    assert warnings(slack, katrijn) == []
    slack.teams[0].channels |= {"C55": {"name": "zorgteam", "is_private": False}}
    slack.call(look_at_channels(slack.slack.workspaces[0]))
    (told,) = warnings(slack, katrijn)
    assert '"zorgteam" (' in told


@pytest.mark.parametrize("fault", ["missing_scope", "channel_not_found", "429", "500", "invalid_auth"])
def test_a_channel_that_cannot_be_looked_up_stays_as_it_is(office: Office, slack: SlackOffice, fault: str) -> None:
    katrijn = linked(office, slack, "C-1", "U2")
    bound(office, katrijn, "C55", "zorgteam")
    slack.teams[0].channels |= {"C55": {"name": "anders", "is_private": False}}
    slack.standin.faults.append(Fault("conversations.info", fault, times=9))
    slack.call(look_at_channels(slack.slack.workspaces[0]))
    kept = select(channels.c.state, channels.c.title, channels.c.warned).where(channels.c.place == "C55")
    assert office.run(lambda tx: tuple(tx.execute(kept).one())) == ("open", "team-voorbeeld", None)


def test_a_person_who_left_is_not_written_to_and_her_message_goes_elsewhere(office: Office, slack: SlackOffice) -> None:
    linked(office, slack)
    slack.teams[0].gone.add("U1")
    account = int(office.run(lambda tx: tx.execute(select(accounts.c.id).where(accounts.c.platform == "slack")).scalar_one()))
    told(office, "report:1", {"told": "report", "reference": "ABC"}, account=account)
    slack.deliver_owed()
    assert office.run(lambda tx: tx.execute(select(accounts.c.chat).where(accounts.c.id == account)).scalar_one()) is None


# One person, two platforms


def code_in(words: str, before: str) -> str:
    """The code that a screen shows behind some words."""
    return words.partition(before)[2].split()[0].strip('"')


def test_from_telegram_to_slack_with_a_code_of_her_own(office: Office, slack: SlackOffice) -> None:
    hers, aicha = office.telegram("K3"), slack.person("U9")
    hers.do("/presentie", "gisteren")
    shown = hers.say("/koppel slack")
    code = code_in(shown, "/uren start ")
    aicha.command(f"/uren start {code}")
    assert "Ben jij Aïcha" in aicha.screen()
    aicha.press("Ja, dat ben ik")
    aicha.command("/saldo")
    assert "nog 46u over" in aicha.screen()
    aicha.command("/presentie")
    assert "2026-06-14" in str(aicha.modal)  # the draft is hers on both
    hers.act(office.deliver_owed, answered=False)
    assert "Er is een account op Slack aan jou gekoppeld" in hers.screen()
    assert "De koppeling is ongedaan gemaakt" in hers.press("Dat was ik niet")
    aicha.command("/saldo")
    assert "Ik ken je nog niet" in aicha.screen()


def test_from_slack_to_telegram_by_a_button(office: Office, slack: SlackOffice) -> None:
    aicha, new = linked(office, slack), office.telegram(None, "Aïcha")
    aicha.command("/uren privacy", "D1")
    aicha.press("Nog een account koppelen")
    code = code_in(aicha.screen(), "/start ")
    new.do(f"/start {code}", "[Ja, dat ben ik]")
    assert "nog 46u over" in new.say("/saldo")
    slack.deliver_owed()
    assert "Er is een account op Telegram aan jou gekoppeld" in aicha.screen()


@pytest.mark.parametrize(("minutes", "valid"), [(14, True), (16, False)])
def test_a_code_of_her_own_lives_a_quarter_of_an_hour(office: Office, slack: SlackOffice, minutes: int, valid: bool) -> None:
    code = code_in(office.telegram("K3").say("/koppel slack"), "/uren start ")
    office.clock.move(minutes=minutes)
    aicha = slack.person("U9")
    aicha.command(f"/uren start {code}")
    assert ("Ben jij Aïcha" in aicha.screen()) is valid


def test_a_code_of_her_own_is_void_once_used_replaced_or_shown_in_a_group(office: Office, slack: SlackOffice) -> None:
    hers = office.telegram("K3")
    first, second = (code_in(hers.say("/koppel slack"), "/uren start ") for _ in range(2))
    other = slack.person("U8")
    other.command(f"/uren start {first}")
    assert "werkt niet" in other.screen()
    other.command(f"/uren start {second}")
    other.press("Ja, dat ben ik")
    third = slack.person("U7")
    third.command(f"/uren start {second}")
    assert "werkt niet" in third.screen()
    kept = office.run(lambda tx: [row.reply for row in tx.execute(select(handled)).all()])
    assert second not in str(kept)


# Who left while nobody listened


def test_who_was_deactivated_while_we_were_down_is_out_after_the_start(office: Office, slack: SlackOffice) -> None:
    aicha, lotte = linked(office, slack), linked(office, slack, "K1", "U2")
    slack.stop()
    aicha.team.deactivated.add("U1")
    slack.start()
    slack.call(sweep(slack.slack.workspaces[0]))
    aicha.command("/saldo")
    assert "Ik ken je nog niet" in aicha.screen()
    lotte.command("/saldo")
    assert "De Linde" in lotte.screen()
    assert "deactivated" in [row.detail for row in office.run(lambda tx: tx.execute(select(audit)).all())]
    assert slack.slept == [1.0, 1.0]


def test_a_deactivation_of_which_the_news_was_lost_ends_access_within_the_hour(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    aicha = linked(office, slack)
    here = slack.slack.workspaces[0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        aicha.team.deactivated.add("U1")
        if slept.count(SWEEP_SECONDS) == 2:
            here.stopping.set()

    monkeypatch.setattr(here.delivery, "sleep", sleep)
    slack.call(keep_sweeping(here))
    assert [each for each in slept if each == SWEEP_SECONDS] == [3600.0, 3600.0]
    assert office.run(lambda tx: tx.execute(select(accounts.c.person).where(accounts.c.platform == "slack")).scalar_one()) is None


@pytest.mark.parametrize("fault", ["missing_scope", "429", "500", "invalid_auth", "user_not_found"])
def test_a_sweep_that_slack_refuses_ends_nobodys_access(office: Office, slack: SlackOffice, fault: str) -> None:
    aicha = linked(office, slack)
    aicha.team.deactivated.add("U1")
    slack.standin.faults.append(Fault("users.info", fault))
    slack.call(sweep(slack.slack.workspaces[0]))
    assert "slack" in office.run(lambda tx: tx.execute(select(accounts.c.platform).where(accounts.c.person.is_not(None))).scalars().all())
