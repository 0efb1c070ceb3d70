"""Who may do what: every row of the registry, for every role, at home and elsewhere, active, suspended and unlinked.

The table below is written by hand and compared with storage.scope and with what the door does. A command or button without a
sample here, and an action without a row, fails.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handlers import dispatch, registry
from handlers.conversations import CONVERSATIONS
from handlers.screen import Event, Screen, Who
from rules.periods import BRUSSELS
from storage import accounts, remembered, requests, scope
from storage.tables import add_row, agreements, channels, grants, memberships, moments, networks, people, stand_ins
from storage.tables import requests as request_rows
from tests.talk import NOW, Office, id_of

# Who: a provider, a coordinator, an existing working, an administrator, a provider who stands in for the coordinator; all of NW-A.
WHO = {"P": "K1", "C": "C-1", "W": "W-1", "A": "B-1", "S": "S-1"}
ROLES = {"W-1": "werking", "B-1": "beheerder", "S-1": "verstrekker"}
EVERYBODY = dict.fromkeys("PCWAS", "o")
PROVIDERS = {"P": "o", "S": "o"}
# What each may do where: o her own, n in her network, x in another. Nobody else anything.
TABLE: dict[str, dict[str, str]] = {
    "access.start": EVERYBODY, "access.link": {}, "access.unlink": EVERYBODY, "self.privacy": EVERYBODY, "self.export": EVERYBODY,
    "self.language": EVERYBODY, "self.menu": EVERYBODY, "self.draft": EVERYBODY, "self.remind": EVERYBODY, "self.report": EVERYBODY,
    "self.page": EVERYBODY, "access.link_other": EVERYBODY,
    "moment.register": PROVIDERS, "moment.view": PROVIDERS, "moment.change": PROVIDERS, "balance.view": PROVIDERS,
    "evaluation.note": PROVIDERS, "offer.attest": PROVIDERS, "request.ask": PROVIDERS,
    "plan.change": PROVIDERS, "share.ask": PROVIDERS, "share.answer": PROVIDERS,
    "overview.view": {**PROVIDERS, "W": "n"}, "activity.view": {"W": "n"},
    "directory.search": {"P": "n", "C": "n", "W": "n", "A": "nx", "S": "n"},
    "evaluation.view": {"C": "n", "S": "n"}, "offer.view": {"C": "n", "S": "n"},
    "summary.view": {"P": "o", "C": "n", "A": "nx", "S": "on"}, "summary.export": {"C": "n", "A": "nx", "S": "n"},
    "request.list": {"P": "o", "C": "n", "S": "on"}, "request.view": {"C": "n", "S": "n"}, "request.decide": {"C": "n", "S": "n"},
    "request.stand_in": {"C": "n"},
    "network.view": {"C": "n", "A": "nx", "S": "n"}, "person.view": {"C": "n", "A": "nx", "S": "n"},
    "person.invite": {"C": "n", "A": "nx", "S": "n"}, "person.suspend": {"C": "n", "A": "nx", "S": "n"},
    "grant.correct": {"C": "n", "S": "n"},
    "channel.view": {"C": "n", "A": "nx", "S": "n"}, "channel.bind": {"C": "n", "S": "n"},
    "channel.change": {"C": "n", "A": "nx", "S": "n"},
    "network.hand_over": {"C": "n"},
    "group.read": EVERYBODY, "group.event": EVERYBODY,
}  # fmt: skip
SUSPENDED_MAY = {"access.start", "access.unlink", "self.privacy", "self.export", "group.read", "group.event"}
STRANGERS_MAY = {"access.start", "access.link", "group.read", "group.event"}

# What follows the name of each button: things of hers or of her network ({network}, {person} ...), made of other ids elsewhere.
# Without braces there is nothing to find; `door`: what she may do is not known of made-up ids, only whether she gets in.
PRESSES = {
    "menu": "", "help": "", "taal": "", "privacy": "", "export": "", "unlinkme": "", "unlinkme:yes": "", "report": "", "saldo": "",
    "overzicht": "", "samenvatting": "", "herinneringen": "", "prefs:hour": "", "prefs:quiet": "", "prefs:away": "", "find": "",
    "linkcode": "", "page": "door", "form": "presentie", "hour": "9", "quiet": "0", "quietdays": "0", "away": "7", "acts": "0", "ask": "",
    "handover": "{network}", "moment": "{moment}", "why": "{moment}", "correct": "{moment}", "cancel": "{moment}:{version}",
    "undo": "door", "restore": "door", "resume": "door", "unlink": "door", "plan": "door", "share": "door", "later": "door",
    "remind": "door", "snooze": "door", "evaluated": "door", "evaluatedon": "door", "offer": "door",
    "link": "stranger", "notme": "stranger",
    "rq": "{request}:view", "standin": "", "summary": "{network}", "excel": "{network}:2026-W24", "evaluations": "{network}",
    "offers": "{network}",
    "net": "{network}", "who": "{network}:{person}", "invite": "{network}:{person}", "inviteall": "{network}",
    "suspend": "{network}:{person}:yes", "letin": "{network}:{person}:yes", "regrant": "{network}:{person}:{grant}",
    "chans": "{network}", "chan": "{channel}:hour:09.00", "bind": "{network}",
}  # fmt: skip
REFUSED = {
    "problems.not_found", "registration.not_provider", "network.somebodys_hours", "summary.not_found", "requests.not_found",
    "access.suspended", "access.door", "problems.stale_nothing_open", "reminders.gone",
}  # fmt: skip


class Undone(Exception):
    """Carries what a step did out of a transaction that is rolled back."""

    def __init__(self, screen: Screen, changes: int) -> None:
        super().__init__()
        self.screen, self.changes = screen, changes


@pytest.fixture
def town(office: Office) -> Office:
    """The sample with somebody of every role in NW-A, linked; requests in NW-A and NW-B; a moment of each provider."""

    def step(tx: Connection) -> None:
        nets = {row.key: row.id for row in tx.execute(select(networks))}
        for key, role in ROLES.items():
            values = {"key": key, "first_name": key, "name": "Fictief", "roles": role, "contract_from": NOW.date().replace(year=2024)}
            tx.execute(memberships.insert(), {"person": add_row(tx, people, values), "network": nets["NW-A"]})
        start, end = NOW.date(), NOW.date().replace(year=2027)
        values = {"coordinator": id_of(tx, "C-1"), "network": nets["NW-A"], "person": id_of(tx, "S-1"), "start": start, "to": end}
        add_row(tx, stand_ins, values)
        for key, network in (("K2", "NW-A"), ("K5", "NW-B")):
            row = {"person": id_of(tx, key), "network": nets[network], "kind": "hours", "oproep": "O1", "answers": {}}
            requests.add_request(tx, row, NOW, NOW)
        remembered.forget(tx)

    office.run(step)
    for key in WHO.values():
        office.link("telegram", "700", f"u-{key}", f"c-{key}", key)
    return office


def ids(office: Office, place: str, who: str) -> dict[str, int]:
    """Ids of things: her own and of her network (n), of another (x), or of nothing that exists (-)."""
    names = ("network", "person", "grant", "channel", "request", "moment", "version")
    if place == "-":
        return {**dict.fromkeys(names, 987654), "version": 1}
    network, person = ("NW-A", "K2") if place == "n" else ("NW-B", "K5")

    def read(tx: Connection) -> dict[str, int]:
        def first(query: Any) -> int:
            return int(tx.execute(query.limit(1)).scalar_one())

        net, whom = first(select(networks.c.id).where(networks.c.key == network)), id_of(tx, person)
        mine = id_of(tx, WHO[who]) if place == "n" and who == "P" else whom
        moment = tx.execute(select(moments).where(moments.c.person == mine, moments.c.state == "accepted").limit(1)).one()
        return {
            "network": net, "person": whom,
            "grant": first(select(grants.c.id).where(grants.c.key == ("GR-03" if place == "n" else "GR-09"))),
            "channel": first(select(channels.c.id).where(channels.c.network == net)), "moment": moment.id, "version": moment.version,
            "request": first(select(request_rows.c.id).where(request_rows.c.network == net)),
        }  # fmt: skip

    return office.run(read)


def outcome(office: Office, who: str, event: Event) -> tuple[Any, int, Screen]:
    """What she is told (the words, not the buttons), how many rows that changed, the screen; then it is undone."""
    event = replace(event, who=Who("telegram", "700", f"u-{WHO[who]}"), chat=event.chat or f"c-{WHO[who]}")

    def step(tx: Connection) -> None:
        held: Any = tx.connection.dbapi_connection
        before = held.total_changes
        screen = dispatch.handle(tx, office.world, event)
        raise Undone(screen, held.total_changes - before)

    with pytest.raises(Undone) as done:
        office.run(step)
    remembered.clear()
    screen = done.value.screen
    files = len(screen.files) + len(screen.workbooks)
    words = (screen.title, screen.body, screen.problems, screen.notice, screen.asks, screen.silent, files)
    return words, done.value.changes, screen


def press(action: str, *, private: bool = True) -> Event:
    return Event("k", Who("", "", ""), "press", NOW, action=action, private=private, chat="" if private else "-77")


def title_of(screen: Screen) -> str:
    text = screen.title or screen.notice
    return text.key if text else ""


def allowed(action: str, who: str, place: str) -> bool:
    """Whether the table lets her do this there; `own` things of a provider count where they are hers."""
    may = TABLE[action].get(who, "")
    return place in may or ("o" in may and place == "n" and action.startswith("moment."))


def set_state(office: Office, state: str) -> None:
    def step(tx: Connection) -> None:
        for key in WHO.values():
            if state == "suspended":
                tx.execute(people.update().where(people.c.key == key).values(suspended_on=NOW.date()))
            elif state == "unlinked":
                account = accounts.read_session(tx, "telegram", "700", f"u-{key}").account
                accounts.change_account(tx, account or 0, person=None)
        remembered.forget(tx)

    office.run(step)


# The table of storage.scope


def rows() -> Iterator[tuple[str, registry.Row]]:
    for table in (registry.COMMANDS, registry.PRESSES, registry.GROUP_COMMANDS, registry.GROUP_PRESSES, registry.GROUP_EVENTS):
        yield from table.items()


def test_every_row_of_the_registry_and_every_conversation_has_an_action_and_every_action_stands_in_the_table() -> None:
    used = {row.action for _, row in rows()} | {each.action for each in CONVERSATIONS.values()}
    assert used <= set(scope.ACTIONS)
    assert set(scope.ACTIONS) == set(TABLE)
    assert set(registry.PRESSES) == set(PRESSES)
    assert {reach for row in scope.ACTIONS.values() for reach in row.values()} <= {"own", "home", "network", "shared", "all"}


def test_every_action_that_code_asks_about_has_a_row() -> None:
    asked = set()
    for path in sorted(Path(dispatch.__file__).parent.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:may|networks_in_reach|reach_of|networks_for|member)\([^()]*?"([a-z_]+\.[a-z_]+)"', source))
    assert len(asked) > 15
    assert asked <= set(TABLE)


@pytest.mark.parametrize("action", sorted(TABLE))
def test_an_action_reaches_as_far_as_the_table_says(town: Office, action: str) -> None:
    today = NOW.astimezone(BRUSSELS).date()
    for who, key in WHO.items():
        may, here, there = TABLE[action].get(who, ""), ids(town, "n", who), ids(town, "x", who)

        def check(tx: Connection, key: str = key, may: str = may, here: Any = here, there: Any = there) -> None:
            session = accounts.read_session(tx, "telegram", "700", f"u-{key}")

            def ask(**what: Any) -> bool:
                return scope.may(tx, session, action, today, **what)

            assert ask() is bool(may)
            assert ask(person=session.person) is bool(set("onx") & set(may))
            assert ask(network=here["network"]) is ("n" in may)
            assert ask(network=there["network"]) is ("x" in may)
            assert ask(person=here["person"]) is ("n" in may)
            assert ask(person=there["person"]) is ("x" in may)
            assert ask(network=here["network"], person=here["person"]) is ("n" in may)
            assert ask(network=here["network"], person=there["person"]) is False
            assert ask(network=987654) is False
            suspended = replace(session, suspended_on=today)
            stranger = accounts.Session(session.account)
            assert scope.may(tx, suspended, action, today) is (action in SUSPENDED_MAY)
            assert scope.may(tx, stranger, action, today) is (action in STRANGERS_MAY)
            assert not scope.may(tx, suspended, action, today, network=here["network"])
            assert not scope.may(tx, stranger, action, today, network=here["network"])
            assert scope.may(tx, replace(session, suspended_on=today.replace(year=2027)), action, today) is bool(may)

        town.run(check)


# The door: every button and command, pressed


@pytest.mark.parametrize("verb", sorted(PRESSES))
def test_a_button_works_where_the_table_says_and_is_told_elsewhere_as_what_is_not_there(town: Office, verb: str) -> None:
    action, sample = registry.PRESSES[verb].action, PRESSES[verb]
    for who in WHO:
        if sample in ("door", "stranger"):
            for rest in ("987654:1", "show:987654", ""):
                words, changes, screen = outcome(town, who, press(f"{verb}:{rest}"))
                if not TABLE[action].get(who):
                    assert (title_of(screen) in REFUSED, changes) == (True, 0), (who, words)
                else:
                    assert title_of(screen) not in {"access.door", "access.suspended", "registration.not_provider"}, (who, words)
            continue
        if "{" not in sample:
            screen = outcome(town, who, press(f"{verb}:{sample}" if sample else verb))[2]
            assert (title_of(screen) in REFUSED) is not bool(TABLE[action].get(who)), (who, screen)
            continue
        missing = outcome(town, who, press(f"{verb}:{sample.format_map(ids(town, '-', who))}"))
        for place in "nx":
            if "moment" in sample and place == "n" and who == "S":
                continue  # she has no moment of her own
            words, changes, screen = outcome(town, who, press(f"{verb}:{sample.format_map(ids(town, place, who))}"))
            if allowed(action, who, place):
                assert words != missing[0], (who, place, words)
            else:
                assert (words, changes) == (missing[0], 0), (who, place, words)


@pytest.mark.parametrize("command", sorted(registry.COMMANDS))
def test_a_command_works_for_whom_the_table_says(town: Office, command: str) -> None:
    action = registry.COMMANDS[command].action
    for who in WHO:
        event = Event("k", Who("", "", ""), "command", NOW, action=command)
        _, changes, screen = outcome(town, who, event)
        refused = title_of(screen) in REFUSED
        assert refused is not bool(TABLE[action].get(who)), (who, screen)
        assert not (refused and changes)


@pytest.mark.parametrize("verb", sorted(registry.GROUP_PRESSES))
def test_being_in_the_channel_gives_no_right(town: Office, verb: str) -> None:
    sample, action = PRESSES[verb], registry.GROUP_PRESSES[verb].action
    for who in WHO:
        missing = outcome(town, who, press(f"{verb}:{sample.format_map(ids(town, '-', who))}", private=False))
        for place in "nx":
            words, changes, screen = outcome(town, who, press(f"{verb}:{sample.format_map(ids(town, place, who))}", private=False))
            if allowed(action, who, place):
                assert words != missing[0], (who, place, words)
            else:
                assert (words, changes) == (missing[0], 0), (who, place, words)
                assert screen.silent


@pytest.mark.parametrize("state", ["suspended", "unlinked"])
def test_who_is_suspended_or_unlinked_hears_that_and_nothing_else_whatever_she_does(town: Office, state: str) -> None:
    set_state(town, state)
    free = SUSPENDED_MAY if state == "suspended" else STRANGERS_MAY
    told = "access.suspended" if state == "suspended" else "access.door"
    for who in WHO:
        here = ids(town, "n", who)
        deeds = [(row.action, press(f"{verb}:{PRESSES[verb]}".format_map(here))) for verb, row in registry.PRESSES.items()]
        deeds += [
            (row.action, Event("k", Who("", "", ""), "command", NOW, action=name)) for name, row in registry.COMMANDS.items()
        ]
        deeds += [("self.draft", Event("k", Who("", "", ""), "text", NOW, text=text)) for text in ("hallo", "saldo", "weg tot 1/9", "ja")]
        deeds += [("self.draft", press("d:1:1:.ok")), ("self.draft", Event("k", Who("", "", ""), "command", NOW, action="annuleer"))]
        for action, event in deeds:
            _, changes, screen = outcome(town, who, event)
            if action not in free:
                assert (title_of(screen), changes) == (told, 0), (who, event.action, screen)
        for verb in registry.GROUP_PRESSES:
            _, changes, screen = outcome(town, who, press(f"{verb}:{PRESSES[verb]}".format_map(here), private=False))
            assert (screen.silent, changes) == (True, 0), (who, verb)


def test_nothing_happens_in_a_group_that_is_bound_to_nothing(town: Office) -> None:
    for who in WHO:
        for kind, table in (("command", registry.GROUP_COMMANDS), ("group", registry.GROUP_EVENTS)):
            for name in table:
                extra = {"users": ["9"], "old": "-77", "new": "-78", "title": "x", "public": True, "administrator": True}
                event = Event("k", Who("", "", ""), kind, NOW, action=name, chat="-77", private=False, extra=extra)
                words, changes, screen = outcome(town, who, event)
                assert (screen.silent, changes) == (True, 0), (who, name, words)


def test_the_right_is_asked_at_the_press_not_when_the_button_was_shown(town: Office) -> None:
    here = ids(town, "n", "C")
    action = press("suspend:{network}:{person}:yes".format_map(here))
    assert outcome(town, "C", action)[1] > 0
    town.run(lambda tx: (tx.execute(people.update().where(people.c.key == "C-1").values(roles="verstrekker")), remembered.forget(tx)))
    assert outcome(town, "C", action)[1] == 0
    assert outcome(town, "S", action)[1] == 0, "who stands in for one who is coordinator no more"


def test_agreements_of_others_cannot_be_evaluated(town: Office) -> None:
    def other(tx: Connection) -> int:
        return int(tx.execute(select(agreements.c.id).where(agreements.c.person != id_of(tx, "K1")).limit(1)).scalar_one())

    words = outcome(town, "P", press(f"evaluated:{town.run(other)}"))[0]
    assert words == outcome(town, "P", press("evaluated:987654"))[0]
