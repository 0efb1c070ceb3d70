"""Who gets in: invitations, guessing, two accounts for one person, and what is left when access ends."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from handlers import access
from handlers.calendar_feed import calendar_of
from storage import accounts, outbox
from storage.instants import as_stored
from storage.tables import accounts as account_rows
from storage.tables import drafts, invites, moments, people
from tests.talk import Office, TelegramTalk, id_of

DOOR = "Ik ken je nog niet."
WRONG = "Deze code werkt niet of niet meer."
on_each_database = pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)


def linked(office: Office, talk: TelegramTalk) -> bool:
    number = str(talk.person.user["id"])
    return office.run(lambda tx: accounts.read_session(tx, "telegram", "700", number)).person is not None


# The door


@pytest.mark.parametrize(
    "deed",
    [
        "hallo",
        "/start",
        "/saldo",
        "/presentie De Kade gisteren 14u-15u zeepkisten, 12 jongeren",
        "/help",
        "/privacy",
        "/watals presentie 1u",
        "/taal fr",
    ],
)
def test_somebody_unknown_gets_the_door_and_nothing_else(office: Office, deed: str) -> None:
    talk = office.telegram(None, "Vreemde")
    assert DOOR in talk.say(deed)
    assert talk.labels == []
    assert "zeepkist" not in office.everything()
    assert office.run(lambda tx: tx.execute(select(drafts)).all()) == []


@pytest.mark.parametrize(
    "data",
    ["saldo", "menu", "form:presentie", "moment:12", "undo:12:1", "export", "unlinkme:yes", "d:1:1:.ok", "link:1", "unlink:1", "report"],
)
def test_forged_buttons_open_nothing_to_somebody_unknown(office: Office, data: str) -> None:
    office.invite("K1")
    talk = office.telegram(None, "Vreemde")
    talk.say("hallo")
    before = office.run(lambda tx: [tx.execute(select(table)).all() for table in (moments, people, invites)])
    talk.forge(data)
    assert (WRONG if data == "link:1" else DOOR) in talk.person.last.text
    assert office.run(lambda tx: [tx.execute(select(table)).all() for table in (moments, people, invites)]) == before
    assert not linked(office, talk)


def test_the_door_speaks_the_language_of_the_phone(office: Office) -> None:
    assert "connais pas" in office.telegram(None, "Étranger", "fr").say("/start")
    assert DOOR in office.telegram(None, "Fremder", "de").say("/start")


def test_the_door_speaks_the_language_of_the_settings_when_the_phone_speaks_none_of_ours(office: Office) -> None:
    office.world = replace(office.world, language="fr")
    assert "connais pas" in office.telegram(None, "Fremder", "de").say("/start")
    assert DOOR in office.telegram(None, "Vreemde", "nl").say("/start")


# Invitations


@on_each_database
def test_an_invitation_links_after_the_name_is_confirmed(office: Office) -> None:
    talk = office.telegram(None, "Lotte")
    assert "Ben jij Lotte Voorbeeld?" in talk.say(f"/start {office.invite('K1')}")
    assert not linked(office, talk)
    assert DOOR in talk.say("/saldo")
    screen = talk.press("Ja, dat ben ik")
    assert "Dag Lotte" in screen
    assert "Je account is gekoppeld." in screen
    assert "Je saldo op" in talk.say("/saldo")


def test_a_code_may_be_typed_in_small_letters(office: Office) -> None:
    talk = office.telegram(None, "Lotte")
    assert "Ben jij Lotte Voorbeeld?" in talk.say(f"/start  {office.invite('K1').lower()} ")


def test_the_greeting_speaks_the_language_of_the_person(office: Office) -> None:
    talk = office.telegram(None, "Céline", "nl")
    screen = talk.say(f"/start {office.invite('K7')}")
    assert "Céline Exemplaire" in screen
    assert "Ben jij" not in screen
    talk.choose("link:1")
    assert "Bonjour Céline" in talk.screen()


def test_nobody_else_is_linked_by_saying_no(office: Office) -> None:
    code = office.invite("K1")
    wrong, right = office.telegram(None, "Bram"), office.telegram(None, "Lotte")
    wrong.say(f"/start {code}")
    assert "er is niets gekoppeld" in wrong.press("Nee")
    assert not linked(office, wrong)
    wrong.forge("link:1")
    assert not linked(office, wrong), "having said no, the old button must not link"
    right.do(f"/start {code}", "[Ja, dat ben ik]")
    assert linked(office, right)


def test_wrong_used_expired_and_replaced_codes_get_the_same_answer(office: Office) -> None:
    replaced, used = office.invite("K1"), office.invite("K1")
    office.telegram(None, "Lotte").do(f"/start {used}", "[Ja, dat ben ik]")
    expired = office.invite("K2")
    void = office.invite("K3")
    office.invite("K3")
    office.clock.move(days=7, seconds=1)
    answers = {office.telegram(None, "Vreemde").say(f"/start {code}") for code in ("A" * 26, "x", replaced, used, expired, void)}
    assert len(answers) == 1
    assert WRONG in answers.pop()


@pytest.mark.parametrize(("days", "valid"), [(6.99, True), (7.01, False)])
def test_a_code_counts_for_seven_days(office: Office, days: float, valid: bool) -> None:
    code = office.invite("K1")
    office.clock.move(days=days)
    assert ("Ben jij" in office.telegram(None, "Lotte").say(f"/start {code}")) == valid


def test_a_code_that_ends_between_the_question_and_the_answer_does_not_link(office: Office) -> None:
    talk = office.telegram(None, "Lotte")
    talk.say(f"/start {office.invite('K1')}")
    office.clock.move(days=8)
    assert WRONG in talk.press("Ja, dat ben ik")
    assert not linked(office, talk)


@on_each_database
def test_two_accounts_race_for_one_code_and_one_wins(office: Office) -> None:
    code = office.invite("K1")
    first, second = office.telegram(None, "Lotte"), office.telegram(None, "Ook Lotte")
    assert "Ben jij" in first.say(f"/start {code}")
    assert "Ben jij" in second.say(f"/start {code}")
    first.person.press("Ja, dat ben ik")
    second.person.press("Ja, dat ben ik")
    office.standin.settled(quiet=0.01)
    assert sorted([linked(office, first), linked(office, second)]) == [False, True]


def test_a_code_shown_in_a_group_is_void(office: Office) -> None:
    code = office.invite("K1")
    talk = office.telegram(None, "Lotte")
    group = office.standin.group("Team", [talk.person])
    talk.act(lambda: talk.person.say(f"/start {code}", chat=group), answered=False)
    assert "Een code hoort niet in een groep" in group.last.text
    assert "Lotte Voorbeeld" not in group.last.text
    assert WRONG in talk.say(f"/start {code}")


def test_only_the_hash_of_a_code_is_kept(office: Office) -> None:
    code = office.invite("K1")
    office.telegram(None, "Lotte").say(f"/start {code}")
    assert code not in office.everything()


# Guessing


def test_five_guesses_an_hour_and_then_even_the_right_code_waits(office: Office) -> None:
    code, talk = office.invite("K1"), office.telegram(None, "Rader")
    for number in range(5):
        assert WRONG in talk.say(f"/start GOK{number}")
    assert "Er zijn te veel codes geprobeerd" in talk.say("/start GOK6")
    assert "Er zijn te veel codes geprobeerd" in talk.say(f"/start {code}")
    assert "Ben jij" in office.telegram(None, "Lotte").say(f"/start {code}"), "others are not locked out by one who guesses"
    office.clock.move(hours=1, seconds=1)
    assert "Ben jij" in talk.say(f"/start {code}")


def guessed_by_many(office: Office, often: int) -> None:
    at = as_stored(office.clock())
    office.run(lambda tx: [accounts.add_guess(tx, f"telegram:700:x{number}", at) for number in range(often)])


def test_nobody_is_kept_out_by_what_others_guess(office: Office) -> None:
    code = office.invite("K1")
    guessed_by_many(office, 5000)
    assert "Ben jij" in office.telegram(None, "Lotte").say(f"/start {code}")


def test_while_many_guess_everybody_has_one_try(office: Office) -> None:
    code, talk = office.invite("K1"), office.telegram(None, "Rader")
    guessed_by_many(office, 98)
    assert WRONG in talk.say("/start GOK1")
    assert WRONG in talk.say("/start GOK2"), "a hundred in the hour"
    assert "Er zijn te veel codes geprobeerd" in talk.say(f"/start {code}")
    other = office.telegram(None, "Nog een rader")
    assert WRONG in other.say("/start GOK1")
    assert "Er zijn te veel codes geprobeerd" in other.say("/start GOK2")
    office.clock.move(hours=1, seconds=1)
    assert "Ben jij" in talk.say(f"/start {code}")


# More than one account


def test_the_other_account_is_told_and_can_undo_the_link(office: Office) -> None:
    old, new = office.telegram("K1"), office.telegram(None, "Dief")
    new.do(f"/start {office.invite('K1')}", "[Ja, dat ben ik]")
    assert linked(office, new)
    old.act(office.deliver_owed, answered=False)
    assert "Er is een account op Telegram aan jou gekoppeld" in old.screen()
    old.act(office.deliver_owed, answered=False)
    assert old.screen() == "", "it is told once"
    assert "De koppeling is ongedaan gemaakt" in old.press("Dat was ik niet")
    assert not linked(office, new)
    assert DOOR in new.say("/saldo")
    assert "Je saldo op" in old.say("/saldo")
    assert "Die koppeling bestaat niet meer" in old.forge(old_undo(new, office))


def old_undo(new: TelegramTalk, office: Office) -> str:
    number = str(new.person.user["id"])
    return f"unlink:{office.run(lambda tx: accounts.read_session(tx, 'telegram', '700', number)).account}"


def test_a_code_that_who_linked_last_asked_for_ends_with_the_link(office: Office) -> None:
    owner, thief = office.telegram("K3"), office.telegram("K3", "Dief")
    code = re.search(r"start ([A-Z2-7]{26})", thief.say("/koppel slack"))[1]  # type: ignore[index]
    owner.say("/saldo")
    owner.forge(old_undo(thief, office))
    assert "Ben jij" not in thief.say(f"/start {code}")


def test_the_undo_button_of_another_person_does_nothing(office: Office) -> None:
    hers, other = office.telegram("K1"), office.telegram("K2", "Bram")
    other.say("/saldo")
    number = str(hers.person.user["id"])
    account = office.run(lambda tx: accounts.read_session(tx, "telegram", "700", number)).account
    assert "Die koppeling bestaat niet meer" in other.forge(f"unlink:{account}")
    assert linked(office, hers)


def test_who_is_linked_needs_no_code_and_does_not_use_it_up(office: Office) -> None:
    code = office.invite("K2")
    assert "Dit account is al van Lotte" in office.telegram("K1").say(f"/start {code}")
    assert "Ben jij Bram Proefman?" in office.telegram(None, "Bram").say(f"/start {code}")


# When access ends


@pytest.mark.parametrize("platform", [None, "telegram"])
def test_unlinking_ends_access_at_the_next_press(office: Office, platform: str | None) -> None:
    talk = office.telegram("K3")
    talk.say("/presentie gisteren 14u-15u koken, 12 jongeren")
    office.run(lambda tx: access.unlink_person(tx, id_of(tx, "K3"), platform, office.clock()))
    assert DOOR in talk.press("Bevestigen")
    assert office.booked("K3") == []
    for deed in ("/saldo", "koken", "/overzicht"):
        assert DOOR in talk.say(deed)
    talk.do(f"/start {office.invite('K3')}", "[Ja, dat ben ik]", "/saldo")
    assert "46u over" in talk.screen(), "the hours stay"


def test_unlinking_telegram_leaves_the_terminal(office: Office) -> None:
    phone, desk = office.telegram("K3"), office.terminal("K3")
    office.run(lambda tx: access.unlink_person(tx, id_of(tx, "K3"), "telegram", office.clock()))
    assert DOOR in phone.say("/saldo")
    assert "Je saldo op" in desk.say("/saldo")


def test_a_person_can_unlink_herself(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/privacy", "[Dit account ontkoppelen]")
    assert "Je uren blijven bewaard" in talk.screen()
    assert linked(office, talk)
    talk.press("Ja, ontkoppelen")
    assert not linked(office, talk)
    assert DOOR in talk.say("/overzicht")


def test_who_linked_last_cannot_shut_the_owner_out(office: Office) -> None:
    owner, thief = office.telegram("K3"), office.telegram("K3", "Dief")
    thief.do("/privacy", "[Dit account ontkoppelen]", "[Ja, ontkoppelen]")
    assert not linked(office, thief)
    assert linked(office, owner)


def feed_of(office: Office, talk: TelegramTalk) -> Callable[[], Any]:
    """Makes her calendar address; what that gives."""
    talk.say("/planning")
    token = talk.forge("plan:feednew").partition("/agenda/")[2].partition(".ics")[0]
    return lambda: office.run(lambda tx: calendar_of(tx, token, office.clock()))


def test_a_calendar_address_made_by_who_linked_last_ends_with_the_link(office: Office) -> None:
    office.world = replace(office.world, public_url="https://uren.example")
    owner, thief = office.telegram("K3"), office.telegram("K3", "Dief")
    feed = feed_of(office, thief)
    assert feed()
    owner.say("/saldo")
    assert "Het agenda-adres werkt niet meer." in owner.forge(old_undo(thief, office))
    assert feed() is None


def test_the_calendar_address_of_a_lost_phone_does_not_come_back_with_the_next_phone(office: Office) -> None:
    office.world = replace(office.world, public_url="https://uren.example")
    lost = office.telegram("K3")
    feed = feed_of(office, lost)
    assert feed()
    office.run(lambda tx: access.unlink_person(tx, id_of(tx, "K3"), None, office.clock()))
    office.telegram("K3")
    assert feed() is None


# Other people's moments


@pytest.mark.parametrize("verb", ["moment:{id}", "why:{id}", "correct:{id}", "cancel:{id}:1", "undo:{id}:1"])
def test_another_persons_moment_is_not_found_and_looks_like_none(office: Office, verb: str) -> None:
    talk = office.telegram("K1")
    talk.say("/overzicht")
    before = office.run(lambda tx: tx.execute(select(moments)).all())
    hers = office.run(lambda tx: tx.execute(select(moments.c.id).where(moments.c.person == id_of(tx, "K3"))).scalar_one())
    foreign = talk.forge(verb.format(id=hers))
    other = office.telegram("K1")
    other.say("/overzicht")
    missing = other.forge(verb.format(id=99999))
    assert "Dat moment vind ik niet bij jou." in foreign
    assert foreign == missing
    assert office.run(lambda tx: tx.execute(select(moments)).all()) == before


def test_another_persons_kept_draft_cannot_be_resumed(office: Office) -> None:
    hers, thief = office.telegram("K3"), office.telegram("K1")
    hers.do("/presentie gisteren 14u-15u koken, 12 jongeren", "/presentie")
    kept = office.run(lambda tx: tx.execute(select(drafts.c.id).where(drafts.c.state == "parked")).scalar_one())
    thief.say("/saldo")
    assert "Er staat nu niets open" in thief.forge(f"resume:{kept}")
    assert "koken" not in thief.screen()
    assert "Omschrijving: koken" in hers.forge(f"resume:{kept}")


@pytest.mark.parametrize(
    "data",
    [
        "x" * 64,
        "d:1:1",
        "d:x:y:.ok",
        "moment:",
        "moment:-1",
        "moment:99999999999999999999",
        "undo:1",
        "overzicht:99",
        "form:nix",
        "taal:xx",
        "form:presentie:99",
        "",
        ":",
        "d:1:1:day:😀",
    ],
)
def test_nonsense_on_a_button_changes_nothing_and_breaks_nothing(office: Office, data: str) -> None:
    talk = office.telegram("K1")
    talk.say("/saldo")
    before = office.run(lambda tx: [tx.execute(select(table)).all() for table in (moments, drafts, people)])
    screen = talk.forge(data)
    assert "Sorry, hier liep iets mis" not in screen
    assert office.run(lambda tx: [tx.execute(select(table)).all() for table in (moments, drafts, people)]) == before
    assert office.standin.unanswered() == []


def test_the_export_holds_her_own_data_only(office: Office) -> None:
    talk = office.telegram("K1")
    talk.do("/privacy", "[Al mijn gegevens als bestand]")
    content = talk.person.files[0].content.decode()
    assert "Lotte" in content
    for other in ("Aïcha", "Nele", "samen koken", "spelavond"):
        assert other not in content


def test_a_report_reaches_the_administrator_without_any_content(office: Office) -> None:
    office.run(lambda tx: tx.execute(update(people).where(people.c.key == "C-1").values(roles="coordinator+beheerder")))
    talk, admin = office.telegram("K1"), office.telegram("C-1", name="Katrijn")
    talk.say("/overleg De Linde gisteren 12u-12u45 samenwerking, 2 huisartsen")
    talk.do("/help", "[Een fout melden]")
    reference = re.search(r"met referentie (\w{6})", talk.screen())
    assert reference
    admin.act(office.deliver_owed, answered=False)
    assert admin.screen() == f"Iemand meldde een fout, referentie {reference[1]}. Zoek ze in het logboek."


# What a forged press may not do


def test_an_older_account_cannot_be_shut_out_by_a_newer_one(office: Office) -> None:
    first = office.telegram("K3")
    second = office.telegram("K3")
    second.say("/saldo")
    with office.database.engine.begin() as tx:
        older = tx.execute(select(account_rows.c.id).where(account_rows.c.user == str(first.person.user["id"]))).scalar_one()
    second.forge(f"unlink:{older}")
    assert "Je saldo" in first.say("/saldo")


@pytest.mark.parametrize(
    "forged", ["text:Jan Janssens 85.01.02-123.45", "topic:x", "partner:~Jan Janssens", ".count:123456789012", ".fit:99999999"]
)
def test_what_is_typed_comes_in_by_typing_only(office: Office, forged: str) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie", "gisteren 14u-15u")
    with office.database.engine.begin() as tx:
        draft = tx.execute(select(drafts).where(drafts.c.state == "open")).one()
    talk.forge(f"d:{draft.id}:{draft.revision}:{forged}")
    with office.database.engine.begin() as tx:
        after = tx.execute(select(drafts).where(drafts.c.id == draft.id)).one()
    assert after.answers == draft.answers
    assert "Janssens" not in office.everything()


def test_who_is_no_provider_any_more_books_nothing(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do("/presentie gisteren 14u-15u koken, 12 jongeren")

    def step(tx: Any) -> None:
        tx.execute(people.update().where(people.c.key == "K3").values(roles="coordinator"))

    office.run(step)
    talk.press("Bevestigen")
    assert office.booked("K3") == []


def test_nothing_that_is_owed_reaches_an_account_whose_access_ended(office: Office) -> None:
    talk = office.telegram("K3")
    talk.say("/saldo")
    with office.database.engine.begin() as tx:
        account = tx.execute(select(account_rows).where(account_rows.c.user == str(talk.person.user["id"]))).one()
        told = {"told": "ready", "draft": 1, "form": "presentie", "day": "2026-06-14"}
        outbox.owe(tx, "ready:1", told, office.clock(), account=account.id)
        access.unlink_person(tx, account.person, None, office.clock())
    before = len(talk.person.replies)
    office.deliver_owed()
    assert len(talk.person.replies) == before


@pytest.mark.parametrize("odd", ["²", "moment:²", "undo:9999999999:1", "d:1:1:", "d::::", ":", "overzicht:99", "taal:xx", "form:x"])
def test_a_forged_press_never_breaks_anything(office: Office, odd: str) -> None:
    talk = office.telegram("K3")
    talk.say("/saldo")
    talk.forge(odd)
    assert "hier liep iets mis" not in talk.screen()
    assert "Je saldo" in talk.say("/saldo")
