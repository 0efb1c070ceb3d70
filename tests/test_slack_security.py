"""Who may speak for Slack: signatures that are wrong, old, to come, malformed or replayed; and what is shown means only itself."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.slack_acknowledging import Ack
from bot.slack_reading import read, typed
from bot.slack_signature import is_signed, sign
from bot.slack_surface import escape, messages, sections, show
from handlers.screen import Choice, Event, Screen, Who, say
from tests.slack_limits import wrong_with_message
from tests.slack_people import SlackOffice, linked
from tests.slack_standin import request_of
from tests.talk import NOW, Office

STAMP = 1_780_000_000
SECRET = "fictional-secret"
ROUTES = {
    "command": {"command": "/saldo", "user_id": "U1", "team_id": "T1", "channel_id": "D1", "trigger_id": "1.1"},
    "event": {
        "type": "event_callback", "team_id": "T1", "event_id": "Ev1",
        "event": {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "saldo", "ts": "1.1"},
    },
    "press": {
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "D1"},
        "actions": [{"type": "button", "value": "saldo", "action_id": "press.0"}], "trigger_id": "1.1", "message": {"ts": "1.1"},
    },
    "submit": {
        "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "1.1",
        "view": {"id": "V1", "hash": "h", "blocks": [], "state": {"values": {}}, "private_metadata": ""},
    },
    "challenge": {"type": "url_verification", "challenge": "abc"},
}  # fmt: skip
FORGED = {
    "wrong": lambda stamp, signature, raw: (stamp, "v0=" + "0" * 64, raw),
    "none": lambda stamp, signature, raw: (stamp, "", raw),
    "no version": lambda stamp, signature, raw: (stamp, signature[3:], raw),
    "not ascii": lambda stamp, signature, raw: (stamp, "v0=é" + signature[4:], raw),
    "surrogate": lambda stamp, signature, raw: (stamp, "v0=\udcff" + signature[4:], raw),
    "old": lambda stamp, signature, raw: (str(int(stamp) - 301), sign("fictional-secret-1", str(int(stamp) - 301), raw), raw),
    "to come": lambda stamp, signature, raw: (str(int(stamp) + 290), sign("fictional-secret-1", str(int(stamp) + 290), raw), raw),
    "no time": lambda stamp, signature, raw: ("", signature, raw),
    "time in words": lambda stamp, signature, raw: ("now", signature, raw),
    "time with a sign": lambda stamp, signature, raw: (f"+{stamp}", signature, raw),
    "time in other digits": lambda stamp, signature, raw: ("١٧٨٠٠٠٠٠٠٠", signature, raw),
    "endless time": lambda stamp, signature, raw: ("9" * 5000, signature, raw),
    "body re-encoded": lambda stamp, signature, raw: (stamp, signature, raw + b" "),
    "another app's secret": lambda stamp, signature, raw: (stamp, sign("other", stamp, raw), raw),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("forged", FORGED)
def test_what_slack_did_not_sign_is_refused_without_effect(office: Office, slack: SlackOffice, route: str, forged: str) -> None:
    aicha = linked(office, slack)
    before = office.everything()
    headers, raw = request_of(ROUTES[route], slack.teams[0].secret, int(slack.seconds))
    stamp, signature, raw = FORGED[forged](headers["x-slack-request-timestamp"], headers["x-slack-signature"], raw)
    headers |= {"x-slack-request-timestamp": stamp, "x-slack-signature": signature}
    assert slack.hear_signed(headers, raw).status == 401
    assert office.everything() == before
    assert aicha.sees == []


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "challenge"])
def test_what_slack_signed_is_heard_once_and_replayed_it_is_refused_without_effect(
    office: Office, slack: SlackOffice, route: str
) -> None:
    linked(office, slack)
    assert slack.hear(ROUTES[route], slack.teams[0]).status == 200
    slack.call(slack.slack.flush())
    after, calls = office.everything(), len(slack.standin.calls)
    assert slack.hear(ROUTES[route], slack.teams[0]) == Ack(401)
    slack.call(slack.slack.flush())
    assert len(slack.standin.calls) == calls
    assert office.everything() == after


@pytest.mark.parametrize(("office", "route"), [
    ("postgresql", "command"), ("postgresql", "press"), ("sqlite", "press"), ("sqlite", "submit"), ("sqlite", "event"),
], indirect=["office"])  # fmt: skip
def test_another_process_refuses_what_was_heard_by_the_first(office: Office, slack: SlackOffice, route: str) -> None:
    linked(office, slack)
    assert slack.hear(ROUTES[route], slack.teams[0]).status == 200
    slack.stop()
    slack.start()
    calls = len(slack.standin.calls)
    assert slack.hear(ROUTES[route], slack.teams[0]) == Ack(401)
    assert len(slack.standin.calls) == calls


def test_an_event_that_slack_itself_sends_again_is_acknowledged_and_done_once(office: Office, slack: SlackOffice) -> None:
    linked(office, slack)
    assert slack.hear(ROUTES["event"], slack.teams[0]).status == 200
    calls = len(slack.standin.calls)
    headers, raw = request_of(ROUTES["event"], slack.teams[0].secret, int(slack.seconds) + 3)
    assert slack.hear_signed(headers | {"x-slack-retry-num": "1"}, raw) == Ack(200)
    assert len(slack.standin.calls) == calls


def test_what_was_heard_before_a_restart_is_refused_after_it(office: Office, slack: SlackOffice) -> None:
    linked(office, slack)
    headers, raw = request_of(ROUTES["command"], slack.teams[0].secret, int(slack.seconds))
    assert slack.hear_signed(headers, raw).status == 200
    slack.stop()
    slack.seconds += 60
    slack.start()
    assert slack.hear_signed(headers, raw).status == 401


def test_nothing_but_an_event_is_believed_to_be_sent_again(office: Office, slack: SlackOffice) -> None:
    linked(office, slack)
    assert slack.hear(ROUTES["command"], slack.teams[0]).status == 200
    headers, raw = request_of(ROUTES["command"], slack.teams[0].secret, int(slack.seconds))
    assert slack.hear_signed(headers | {"x-slack-retry-num": "1"}, raw) == Ack(401)


def test_the_address_is_verified_with_its_challenge(slack: SlackOffice) -> None:
    assert slack.hear(ROUTES["challenge"], slack.teams[0]).body == {"challenge": "abc"}


@pytest.mark.parametrize("raw", [b"{", b"[]", b"payload={", b"payload=[]", b"payload=%ff", b"\xff\xfe", b"1", b'{"type":"event_callback"}'])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_what_is_signed_and_makes_no_sense_is_no_error(slack: SlackOffice, raw: bytes, kind: str) -> None:
    stamp = str(int(slack.seconds))
    headers = {"content-type": kind, "x-slack-request-timestamp": stamp}
    headers["x-slack-signature"] = sign(slack.teams[0].secret, stamp, raw)
    assert slack.hear_signed(headers, raw).status in (200, 400)


@pytest.mark.parametrize("body", [
    {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {"id": "V", "hash": "h", "private_metadata": "{"}},
    {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {"id": "V", "hash": "h", "private_metadata": "[1]"}},
    {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": []},
    {"type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [{"type": "button"}]},
    {"type": "block_actions", "team": {"id": "T1"}, "user": None, "actions": [{"type": "button", "value": "x"}]},
    {"type": "event_callback", "team_id": "T1", "event": {"type": "message", "channel_type": "im"}},
    {"type": "event_callback", "team_id": "T1", "event": "x"},
    {"type": "event_callback", "team_id": "T1", "event": {}, "authorizations": 5},
    {"type": "event_callback", "team_id": "T1", "event": {}, "authorizations": [5]},
    {"command": "/uren", "team_id": "T1"},
    {"type": "view_closed", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {}},
    {"type": "block_suggestion", "team": {"id": "T1"}, "user": {"id": "U1"}},
])  # fmt: skip
def test_shapes_that_slack_never_sends_are_no_error(office: Office, slack: SlackOffice, body: dict[str, object]) -> None:
    linked(office, slack)
    assert slack.hear(body, slack.teams[0]).status in (200, 400)


@settings(max_examples=300, deadline=None)
@given(
    some.text(max_size=30), some.text(max_size=80), some.integers(-10**7, 10**7), some.binary(max_size=40),
)
def test_only_the_signature_itself_is_right(stamp: str, signature: str, ahead: int, body: bytes) -> None:
    assert not is_signed(SECRET, stamp, signature, body, STAMP)
    at = str(STAMP + ahead)
    assert is_signed(SECRET, at, sign(SECRET, at, body), body, STAMP) == (-300 <= ahead <= 30)
    assert not is_signed(SECRET, at, sign(SECRET, at, body), body + b"x", STAMP)


# What is shown means only itself (F27)

NASTY = (
    "<!channel>", "<!here|x>", "<@U1>", "<#C1|general>", "<http://x.example|klik>", "&lt;!channel&gt;", "&amp;",
    "*vet* _schuin_ ~weg~ `code`",
    "> geciteerd", ":smile:",
    "a\u202eb", "``` ```", "{{ 7*7 }}", "<script>alert(1)</script>", "=1+1", "@channel",
    "https://x.example/<!channel>",
)  # fmt: skip
EVENT = Event("k", Who("slack", "T1", "U1"), "command", NOW, chat="U1")


@pytest.mark.parametrize("words", NASTY)
def test_no_text_calls_links_or_marks_anything(words: str) -> None:
    screen = Screen(say("card.plain", value=words), (say("card.plain", value=words),), asks=say("card.plain", value=words),
                    choices=((Choice(say("card.plain", value=words), "menu"),),))  # fmt: skip
    for call in show(screen, EVENT):
        assert wrong_with_message(call) == []
        for block in call["blocks"]:
            if (text := block.get("text") or {}).get("type") == "plain_text":
                assert text["text"] == words


@settings(max_examples=300, deadline=None)
@given(some.text(min_size=1, max_size=9000), some.integers(1, 130), some.text(min_size=1, max_size=90))
def test_whatever_a_screen_holds_slack_takes_it(words: str, count: int, label: str) -> None:
    rows = tuple((Choice(say("card.plain", value=label), f"menu:{number}"),) for number in range(count))
    screen = Screen(say("card.plain", value=words), (say("card.plain", value=words),) * 3, choices=rows)
    for blocks, text in messages(screen):
        assert wrong_with_message({"blocks": blocks, "text": escape(text)}) == []


@settings(max_examples=300, deadline=None)
@given(some.text(max_size=400))
def test_what_is_typed_is_read_as_it_was_typed(words: str) -> None:
    assert typed(escape(words)) == words.replace("\r\n", "\r\n")
    assert "<" not in escape(words)


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=100).filter(lambda text: "\n" not in text))
def test_a_line_with_an_address_links_that_address_only(words: str) -> None:
    for block in sections([f"{words} https://x.example/agenda/ABC.ics {words}"]):
        assert wrong_with_message({"blocks": [block], "text": "x"}) == []


def test_a_mention_that_is_not_closed_holds_nobody_up() -> None:
    mention = {"type": "app_mention", "channel": "C1", "user": "U1", "text": "<@A|" * 10_000}
    begin = time.process_time()
    assert read({"type": "event_callback", "event_id": "E", "event": mention}, "T1", "UBOT", NOW) is not None
    assert time.process_time() - begin < 0.5  # some ms; a reader that looks for the end anew at each of them takes seconds


def test_addresses_that_slack_marks_are_read_as_they_were_typed() -> None:
    assert typed("mail <mailto:jan@x.example|jan@x.example> of <tel:0470123456|0470 12 34 56> &amp; <https://x.example>") == (
        "mail jan@x.example of 0470 12 34 56 & https://x.example"
    )


def test_what_the_bot_said_itself_is_nobodys_act() -> None:
    said = {"type": "message", "channel_type": "im", "channel": "D1", "bot_id": "B1", "user": "UBOT", "text": "x", "ts": "1.1"}
    for event in (said, {**said, "subtype": "message_changed", "message": {"bot_id": "B1", "user": "UBOT", "edited": {}}}):
        assert read({"type": "event_callback", "event_id": "E", "event": event}, "T1", "UBOT", NOW) is None




ELSEWHERE = {
    "command": {**ROUTES["command"], "team_id": "T9"},
    "press": {**ROUTES["press"], "user": {"id": "U1", "team_id": "T9"}, "enterprise": {"id": "E9"}},
    "gone": {
        "type": "event_callback", "team_id": "T1", "event_id": "Ev2",
        "event": {"type": "user_change", "user": {"id": "U1", "team_id": "T9", "deleted": True}},
    },
}  # fmt: skip


@pytest.mark.parametrize("route", ELSEWHERE)
def test_somebody_of_another_workspace_is_never_the_member_with_the_same_id(route: str) -> None:
    event = read(ELSEWHERE[route], "T1", "B1", NOW, "E1")
    assert event is not None
    assert event.who.user == "T9/U1"


def test_within_one_organisation_a_person_is_the_same_in_each_workspace() -> None:
    body = {**ROUTES["press"], "user": {"id": "U1", "team_id": "T9"}, "enterprise": {"id": "E1"}}
    event = read(body, "T1", "B1", NOW, "E1")
    assert event is not None
    assert event.who.user == "U1"
