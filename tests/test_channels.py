"""A group or channel of a network: bound by a code, renamed, moved, made public, lost, released; over the real wire of Telegram."""

import re
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from handlers import access, schedule
from handlers.summary_posting import post_now
from rules.weeks import read_week
from storage import channels as stored
from storage import directory, remembered
from storage.tables import audit, bindings, channels, networks, outbox, people
from tests.talk import Office, TelegramTalk, id_of
from tests.telegram_people import Group

CODE = re.compile(r"/\w+ ([A-Z2-7]{12})")


def rows(office: Office) -> list[Any]:
    """The channels of Telegram that were made here."""
    query = select(channels).where(channels.c.bound_by.is_not(None)).order_by(channels.c.id)
    return list(office.run(lambda tx: tx.execute(query).all()))


def warned(talk: TelegramTalk, office: Office) -> list[str]:
    """What is told to this coordinator in private now."""
    before = len(talk.person.replies)
    office.deliver_owed()
    return [each.text for each in talk.person.replies[before:]]


def code_for(talk: TelegramTalk) -> str:
    """A new code, asked in private."""
    talk.do("/netwerk", "[Kanalen]", "[Kanaal koppelen]")
    found = CODE.search(talk.screen())
    assert found
    return found[1]


def act(talk: TelegramTalk, deed: Any) -> None:
    talk.act(deed, answered=False)


def add_role(office: Office, key: str, roles: str) -> None:
    def step(tx: Connection) -> None:
        tx.execute(people.update().where(people.c.key == key).values(roles=roles))
        remembered.forget(tx)

    office.run(step)


@pytest.fixture
def katrijn(office: Office) -> TelegramTalk:
    """The coordinator of NW-A."""
    return office.telegram("C-1", "Katrijn")


@pytest.fixture
def group(office: Office, katrijn: TelegramTalk) -> Group:
    """A group of which she is the administrator, with the bot in it."""
    return office.standin.group("Team Leie", [katrijn.person])


def bound(office: Office, katrijn: TelegramTalk, group: Group, **where: Any) -> Any:
    code = code_for(katrijn)
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group, **where))
    return rows(office)[0]


def test_a_code_typed_in_a_group_binds_it_and_says_its_title_back_there_and_in_private(
    office: Office, katrijn: TelegramTalk, group: Group
) -> None:
    row = bound(office, katrijn, group)
    assert (row.place, row.title, row.state, row.weekday, row.hour, row.language) == (
        str(group.chat.id), "Team Leie", "open", "ma", "08:30", "nl",
    )
    assert 'De groep "Team Leie" is gekoppeld aan Voorbeeldnetwerk Leie & Schelde.' in group.last.text.replace("&amp;", "&")
    assert "maandag om 08:30" in group.last.text
    assert [text for text in warned(katrijn, office) if 'Je hebt "Team Leie" gekoppeld' in text]


def test_the_link_of_telegram_that_adds_the_bot_to_a_group_works_too(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    assert f"https://t.me/uurwijzer_bot?startgroup={code}" in katrijn.screen()
    act(katrijn, lambda: katrijn.person.say(f"/start@uurwijzer_bot {code}", chat=group))
    assert [row.place for row in rows(office)] == [str(group.chat.id)]


def test_a_bot_that_is_put_in_a_group_is_silent_until_it_is_bound(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    for text in ("/samenvatting", "/help", "/koppel", "/koppel los", "/netwerk", "/saldo", "hallo"):
        act(katrijn, lambda text=text: katrijn.person.say(text, chat=group))
    group.rename(katrijn.person, "Anders")
    group.join(office.telegram(None).person)
    office.standin.settled(answer=False)
    assert not [each for each in group.chat.messages.values() if each.from_bot]
    assert not rows(office)


def test_a_code_works_once_and_for_an_hour(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    other = office.standin.group("Tweede", [katrijn.person])
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=other))
    assert "werkt niet" in other.last.text
    late = code_for(katrijn)
    office.clock.move(minutes=61)
    act(katrijn, lambda: katrijn.person.say(f"/koppel {late}", chat=other))
    assert "werkt niet" in other.last.text
    assert [row.place for row in rows(office)] == [str(group.chat.id)]


def test_a_newer_code_voids_the_one_before(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    old, _ = code_for(katrijn), code_for(katrijn)
    act(katrijn, lambda: katrijn.person.say(f"/koppel {old}", chat=group))
    assert "werkt niet" in group.last.text
    assert not rows(office)


def test_a_code_used_twice_at_once_binds_one_group(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    other = office.standin.group("Tweede", [katrijn.person])
    katrijn.person.say(f"/koppel {code}", chat=group)
    katrijn.person.say(f"/koppel {code}", chat=other)
    office.standin.settled(answer=False)
    assert len(rows(office)) == 1


def test_who_does_not_administer_the_group_binds_nothing_and_the_code_is_void(office: Office, katrijn: TelegramTalk) -> None:
    owner = office.telegram("K1", "Lotte")
    group = office.standin.group("Van Lotte", [owner.person, katrijn.person])
    code = code_for(katrijn)
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    assert "Alleen een beheerder van deze groep" in group.last.text
    act(owner, lambda: owner.person.say(f"/koppel {code}", chat=group))
    assert "werkt niet" in group.last.text
    assert not rows(office)


@pytest.mark.parametrize("key", ["K1", "C-2", None])
def test_being_administrator_gives_no_right_and_is_told_as_a_wrong_code(office: Office, katrijn: TelegramTalk, key: str | None) -> None:
    other = office.telegram(key, "Iemand")
    group = office.standin.group("Vreemd", [other.person])
    code = code_for(katrijn)
    act(other, lambda: other.person.say("/koppel AAAABBBBCCCC", chat=group))
    wrong = group.last.text
    act(other, lambda: other.person.say(f"/koppel {code}", chat=group))
    assert group.last.text == wrong
    assert not rows(office)


def test_guessing_codes_in_a_group_ends_in_silence(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    for number in range(7):
        act(katrijn, lambda number=number: katrijn.person.say(f"/koppel AAAABBBBCC{number}A", chat=group))
    assert len([each for each in group.chat.messages.values() if each.from_bot]) == 5


def test_when_telegram_does_not_say_who_administers_nothing_is_bound(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    office.standin.fail_next("getChatMember", "400")
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    assert "kon niet nagaan" in group.last.text
    assert not rows(office)


def test_an_invitation_typed_behind_the_wrong_command_in_a_group_is_void(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = office.invite("K2")
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    newcomer = office.telegram(None)
    assert "werkt niet" in newcomer.say(f"/start {code}")


@pytest.mark.parametrize("answer", ["Ja, koppelen", "Nee"])
def test_a_channel_asks_the_coordinator_whose_code_it_was(office: Office, katrijn: TelegramTalk, answer: str) -> None:
    channel = office.standin.group("Nieuws Leie", [katrijn.person], channel=True)
    code = code_for(katrijn)
    act(katrijn, lambda: channel.post(f"/koppel {code}"))
    assert "Na een ja" in channel.last.text
    assert rows(office)[0].state == "asked"
    office.deliver_owed()
    assert 'Moet "Nieuws Leie" gekoppeld worden' in katrijn.person.last.text
    katrijn.press(answer)
    assert rows(office)[0].state == ("open" if answer.startswith("Ja") else "released")
    office.deliver_owed()
    assert ("is gekoppeld aan" in channel.last.text) is answer.startswith("Ja")


def test_an_administrator_who_stays_anonymous_is_asked_in_private(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    act(katrijn, lambda: group.say_unseen(f"/koppel {code}"))
    assert rows(office)[0].state == "asked"
    other = office.telegram("C-2", "Joris")
    other.say("/start")
    other.forge(f"chan:{rows(office)[0].id}:yes")
    assert rows(office)[0].state == "asked"
    office.deliver_owed()
    katrijn.press("Ja, koppelen")
    assert rows(office)[0].state == "open"


def test_the_thread_in_which_the_code_was_typed_is_where_it_goes_and_typing_it_in_another_moves_it(
    office: Office, katrijn: TelegramTalk
) -> None:
    group = office.standin.group("Forum", [katrijn.person], supergroup=True)
    assert bound(office, katrijn, group, message_thread_id=7, is_topic_message=True).topic == "7"
    assert group.last.content["message_thread_id"] == 7
    assert bound(office, katrijn, group, message_thread_id=9, is_topic_message=True).topic == "9"
    assert [row.state for row in rows(office)] == ["open"]
    bound(office, katrijn, group, message_thread_id=7, is_topic_message=True)
    assert [(row.topic, row.state) for row in rows(office)] == [("7", "open")]


def test_an_imported_channel_that_is_bound_does_not_stand_there_twice(office: Office) -> None:
    joris = office.telegram("C-2", "Joris")
    group = office.standin.group("Dender", [joris.person])

    def place(tx: Connection) -> None:
        network = select(networks.c.id).where(networks.c.key == "NW-B").scalar_subquery()
        values = {"place": str(group.chat.id), "weekday": "do"}
        tx.execute(channels.update().where(channels.c.network == network).values(values))

    office.run(place)
    row = bound(office, joris, group)
    assert row.weekday == "do"
    same = select(func.count()).select_from(channels).where(channels.c.place == row.place)
    assert office.run(lambda tx: tx.execute(same).scalar_one()) == 1


def test_a_group_that_becomes_a_supergroup_keeps_its_binding(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    row = bound(office, katrijn, group)
    group.migrate(-1009, katrijn.person)
    office.standin.settled(answer=False)
    assert [(each.id, each.place) for each in rows(office)] == [(row.id, "-1009")]
    act(katrijn, lambda: katrijn.person.say("/help", chat=group))
    assert "weekoverzicht" in group.last.text


def test_a_move_of_which_the_news_was_lost_shows_when_something_is_sent(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    row = bound(office, katrijn, group)
    allowed, office.standin.allowed = office.standin.allowed, {"callback_query"}
    group.migrate(-1009, katrijn.person)
    office.standin.allowed = allowed
    from storage.outbox import owe

    told = {"told": "channel_welcome", "channel": row.id}
    office.run(lambda tx: owe(tx, "test", told, office.clock(), channel=row.id))
    office.deliver_owed()
    assert "gekoppeld" in group.last.text
    assert group.last.chat.id == -1009
    assert [each.place for each in rows(office)] == ["-1009"]


def test_a_renamed_group_is_told_to_the_coordinators_once_until_one_has_seen_to_it(
    office: Office, katrijn: TelegramTalk, group: Group
) -> None:
    row = bound(office, katrijn, group)
    office.deliver_owed()
    group.rename(katrijn.person, "Iets <b>anders</b>")
    office.standin.settled(answer=False)
    assert [text for text in warned(katrijn, office) if 'heet nu "Iets' in text]
    group.rename(katrijn.person, "Nog iets")
    office.standin.settled(answer=False)
    assert not warned(katrijn, office)
    katrijn.forge(f"chan:{row.id}")
    katrijn.press("Het is in orde")
    office.clock.move(minutes=1)
    group.rename(katrijn.person, "Terug")
    office.standin.settled(answer=False)
    assert warned(katrijn, office)
    assert rows(office)[0].title == "Terug"


def test_an_outsider_who_is_added_and_a_public_name_are_told_without_a_name(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    bound(office, katrijn, group)
    office.deliver_owed()
    lotte, bram = office.telegram("K1", "Lotte"), office.telegram("K5", "Wout")
    group.join(lotte.person)
    office.standin.settled(answer=False)
    assert not warned(katrijn, office)
    group.join(bram.person)
    office.standin.settled(answer=False)
    (told,) = warned(katrijn, office)
    assert "die ik niet ken" in told
    assert "Wout" not in told
    group.publish("teamleie")
    act(katrijn, lambda: katrijn.person.say("/help", chat=group))
    (told,) = warned(katrijn, office)
    assert "openbaar" in told


def test_a_group_that_became_public_is_told_when_something_is_posted_there(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    where = bound(office, katrijn, group).network
    office.deliver_owed()
    group.publish("teamleie")
    assert not warned(katrijn, office)
    for week in ("2026-W23", "2026-W24"):
        office.run(lambda tx, week=week: post_now(tx, office.world, directory.read_network(tx, where), read_week(week), office.clock()))
        told = [text for text in (*warned(katrijn, office), *warned(katrijn, office)) if "is openbaar" in text]
        assert len(told) == (week == "2026-W23"), "once, until somebody has seen to it"


def test_a_bot_that_is_thrown_out_loses_the_channel_and_says_so_once(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    bound(office, katrijn, group)
    office.deliver_owed()
    group.remove_bot(katrijn.person)
    office.standin.settled(answer=False)
    assert rows(office)[0].state == "lost"
    assert [text for text in warned(katrijn, office) if "niet meer schrijven" in text]
    office.run(lambda tx: [job(tx, office.world, office.clock()) for job in schedule.JOBS[:1]])
    assert not warned(katrijn, office)
    group.add_bot(katrijn.person)
    assert bound(office, katrijn, group).state == "open"


def test_a_loss_that_shows_when_something_is_sent_is_told_by_the_schedule(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    row = bound(office, katrijn, group)
    office.deliver_owed()
    office.run(lambda tx: stored.change_channel(tx, row.id, state="lost"))
    from handlers.channels import owe_warnings

    assert owe_warnings in schedule.JOBS
    office.run(lambda tx: owe_warnings(tx, office.world, office.clock()))
    assert len(warned(katrijn, office)) == 1
    assert not office.run(lambda tx: owe_warnings(tx, office.world, office.clock()))


def test_day_hour_and_language_are_set_in_private_and_the_next_summary_follows(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    row = bound(office, katrijn, group)
    office.run(lambda tx: stored.change_channel(tx, row.id, next_at=office.clock().replace(tzinfo=None)))
    katrijn.do("/netwerk", "[Kanalen]", "[Team Leie]", "[Dag]", "[donderdag]", "[Uur]", "[16:00]", "[Taal]", "[Français]")
    row = rows(office)[0]
    assert (row.weekday, row.hour, row.language, row.next_at) == ("do", "16:00", "fr", None)
    katrijn.forge(f"chan:{row.id}:weekday:xx")
    katrijn.forge(f"chan:{row.id}:state:released")
    assert rows(office)[0][2:] == row[2:]


def test_a_channel_is_released_in_private_after_a_question_or_in_the_group(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    row = bound(office, katrijn, group)
    katrijn.do("/netwerk", "[Kanalen]", "[Team Leie]", "[Loslaten]")
    assert rows(office)[0].state == "open"
    katrijn.press("Ja, loslaten")
    assert rows(office)[0].state == "released"
    assert not office.run(lambda tx: tx.execute(select(outbox).where(outbox.c.channel == row.id)).all())
    bound(office, katrijn, group)
    stranger = office.telegram("C-2", "Joris")
    act(stranger, lambda: stranger.person.say("/koppel los", chat=group))
    assert rows(office)[0].state == "open"
    act(katrijn, lambda: katrijn.person.say("/koppel los", chat=group))
    assert rows(office)[0].state == "released"
    assert "Losgekoppeld" in group.last.text


def test_what_a_coordinator_does_with_channels_is_on_the_audit_trail_without_codes(
    office: Office, katrijn: TelegramTalk, group: Group
) -> None:
    code = code_for(katrijn)
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    act(katrijn, lambda: katrijn.person.say("/koppel los", chat=group))
    who = f"person:{office.run(lambda tx: id_of(tx, 'C-1'))}"
    query = select(audit.c.what).where(audit.c.who == who).order_by(audit.c.id)
    assert list(office.run(lambda tx: tx.execute(query).scalars().all())) == ["channel.code", "channel.bound", "channel.released"]
    assert code not in office.everything()


def test_a_code_of_a_coordinator_whose_role_ended_binds_nothing(office: Office, katrijn: TelegramTalk, group: Group) -> None:
    code = code_for(katrijn)
    add_role(office, "C-1", "verstrekker")
    act(katrijn, lambda: katrijn.person.say(f"/koppel {code}", chat=group))
    act(katrijn, lambda: group.say_unseen(f"/koppel {code}"))
    assert not rows(office)
    code = office.run(lambda tx: _code_of(tx))
    act(katrijn, lambda: group.say_unseen(f"/koppel {code}"))
    assert "werkt niet" in group.last.text
    assert not rows(office)


def _code_of(tx: Connection) -> str:
    row = tx.execute(select(bindings).order_by(bindings.c.id.desc())).first()
    assert row
    code = access.new_code(12)
    tx.execute(bindings.update().where(bindings.c.id == row.id).values(hash=access.hash_of(code), used_at=None))
    return code


def test_a_french_group_is_bound_in_french(office: Office) -> None:
    luc = office.telegram("C-4", "Luc", "fr")
    group = office.standin.group("Collines", [luc.person])
    luc.do("/reseau", "[Canaux]", "[Lier un canal]")
    found = CODE.search(luc.screen())
    assert found
    act(luc, lambda: luc.person.say(f"/lier {found[1]}", chat=group))
    assert "est lié à Réseau Exemple des Collines" in group.last.text
    act(luc, lambda: luc.person.say("/aide", chat=group))
    assert "/resume" in group.last.text


def test_who_blocks_the_bot_cannot_be_reached_from_then_on(office: Office, katrijn: TelegramTalk) -> None:
    lotte = office.telegram("K1", "Lotte")
    lotte.act(lotte.person.block, answered=False)
    assert "1 onbereikbaar" in katrijn.say("/netwerk")
    lotte.act(lotte.person.unblock, answered=False)
    assert "onbereikbaar" not in katrijn.say("/netwerk")
