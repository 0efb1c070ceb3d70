"""The messages about a request: the card for those who decide, its reminders, what became of it, and to whom each is owed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Screen, Text, say
from handlers.world import World
from rules.facts import Id
from rules.periods import BRUSSELS
from storage import directory, drafts, outbox, requests, scope

Told = Mapping[str, Any]
Rows = tuple[tuple[Choice, ...], ...]
STANDARD = ("budget", "later", "unclear", "other_place", "agreement")  # reasons of a refusal that stand on buttons
HOUR = time(9)  # Brussels time
MARK = "="  # before a standard reason, where a typed one stands otherwise


def title_of(row: Any) -> Text:
    """What is asked, in a few words. `row` is a request with its names."""
    return say("requests.what", kind=row.kind, oproep=row.oproep, place=row.place, minutes=row.minutes or 0)


def about(row: Any) -> tuple[Text, ...]:
    """What is asked, from when, by which rule."""
    lines = [title_of(row)]
    if row.kind == "reopen":
        lines.append(say("requests.about_moment", moment=row.moment, day=row.moment_day))
    elif row.start is not None:
        lines.append(say("requests.from_day", day=row.start))
    return tuple(lines)


def outcome_lines(row: Any) -> tuple[Text, ...]:
    """What became of a request, with the reason when it was refused."""
    day = row.decided_at.replace(tzinfo=UTC).astimezone(BRUSSELS) if row.decided_at else None
    who = f"{row.decider_first} {row.decider_last}" if row.decider_first else ""
    lines = [say("requests.outcome", state=row.state, who=who, day=day.date() if day else None, clock=day)]
    if row.answers.get("granted_minutes"):
        lines.append(say("requests.will_get", minutes=row.answers["granted_minutes"]))
    if row.answers.get("granted_from"):
        lines.append(say("requests.from_day", day=row.answers["granted_from"]))
    if row.state == requests.REFUSED and row.reason:
        lines.append(reason_of(row))
    return tuple(lines)


def reason_of(row: Any) -> Text:
    """The reason of a refusal: one of the standard ones, or as it was typed."""
    if row.reason.startswith(MARK) and row.reason.removeprefix(MARK) in STANDARD:
        return say(f"requests.because_{row.reason.removeprefix(MARK)}")
    return say("requests.because", reason=row.reason)


def buttons(request: Id) -> Rows:
    """What can be done with a card: everybody sees them, the role is checked at the press."""
    view = (Choice(say("requests.view"), f"rq:{request}:view"),)
    return (view, (Choice(say("requests.grant_it"), f"rq:{request}:grant"), Choice(say("requests.refuse_it"), f"rq:{request}:refuse")))


def cards_to(
    tx: Connection, row: Any, key: str, told: Told, now: datetime, *, use_until: datetime | None = None, also: bool = False
) -> bool:
    """Owe a message about a request to each open channel of its network, and to those who decide when there is none (`also`: in
    any case). False when nobody can be reached."""
    channels = requests.open_channels(tx, row.network)
    for channel in channels:
        outbox.owe(tx, f"{key}:c{channel}", told, now, channel=channel, use_until=use_until)
    reached = bool(channels)
    if also or not channels:
        for person in scope.coordinators_of(tx, row.network, now.astimezone(BRUSSELS).date()):
            if person != row.person:
                reached = outbox.owe_person(tx, f"{key}:p{person}", told, person, now, use_until) or reached
    return reached


def tell_outcome(tx: Connection, request: Id, now: datetime, *, asker: bool = False) -> None:
    """Owe what became of a request: every card of it is changed to the outcome, and with `asker` the provider hears it."""
    for card in requests.cards_of(tx, request):
        told = {"told": "request_done", "request": request, "edit": card.key}
        outbox.owe(tx, f"done:{card.key}", told, now, account=card.account, channel=card.channel)
    if asker:
        row = requests.read_request(tx, request)
        outbox.owe_person(tx, f"decided:{request}", {"told": "request_decided", "request": request}, row.person, now)


def told_card(tx: Connection, world: World, told: Told, language: str) -> Screen | None:
    """The card: who asks, what, by which rule; no balance, no free text. Once decided it says what became of it."""
    row = requests.read_request(tx, told["request"])
    return None if row is None else card(row, *rule_words(tx, world, row, language))


def rule_words(tx: Connection, world: World, row: Any, language: str) -> tuple[Text, ...]:
    """The rule by which it is asked, in its own words, as they were on the day that it was; nothing when there is none."""
    book = world.book(directory.read_network(tx, row.network))
    rule = book.rules.get(row.rule or "")
    if rule is None:
        return ()
    return (say("requests.rule_words", rule=row.rule, words=rule.on(book.on(local_day(row.asked_at)), language)),)


def card(row: Any, *rule: Text) -> Screen:
    """The card of a request as it stands now. `rule`: the rule by which it is asked."""
    asks = say("requests.asks", name=f"{row.first_name} {row.name}", network=row.network_name)
    waits = row.state == requests.WAITING
    said = () if waits else public_outcome(row)
    return Screen(say("requests.one", request=row.id), (asks, *about(row), *rule), said, choices=buttons(row.id) if waits else ())


def public_outcome(row: Any) -> tuple[Text, ...]:
    """What became of a request, for a channel: never the reason, which may be about the person."""
    return outcome_lines(row)[:1]


def told_nag(tx: Connection, world: World, told: Told, language: str) -> Screen | None:
    """A request still waits: the card again, with how long it did. None when it was decided in the meantime."""
    row = requests.read_request(tx, told["request"])
    if row is None or row.state != requests.WAITING:
        return None
    found = card(row, *rule_words(tx, world, row, language))
    return Screen(found.title, (say("requests.waits", days=told["days"], left=told["left"]), *found.body), choices=found.choices)


def told_done(tx: Connection, world: World, told: Told, language: str) -> Screen | None:
    """What a card is changed to when the request is decided, whoever did it."""
    return told_card(tx, world, told, language)


def told_expired(tx: Connection, world: World, told: Told, language: str) -> Screen | None:
    """A request that nobody decided has lapsed, for those who could have."""
    row = requests.read_request(tx, told["request"])
    if row is None or row.state != requests.EXPIRED:
        return None
    asks = say("requests.asks", name=f"{row.first_name} {row.name}", network=row.network_name)
    return Screen(say("requests.expired_title", request=row.id), (asks, *about(row), say("requests.expired_cure")))


def told_decided(tx: Connection, world: World, told: Told, language: str) -> Screen | None:
    """What the provider hears: the outcome, the reason, and the button to go on with the moment that waits for it."""
    row = requests.read_request(tx, told["request"])
    if row is None or row.state in (requests.WAITING, requests.WITHDRAWN):
        return None
    choices: list[tuple[Choice, ...]] = []
    draft = next((each for each in drafts.kept_drafts(tx, row.person) if each.id == row.draft), None)
    if draft is not None:
        resume = say("card.resume", form=draft.form, day=draft.answers.get("day"), begins=draft.answers.get("start"))
        choices.append((Choice(resume, f"resume:{draft.id}"),))
    elif row.kind == "reopen" and row.state == requests.GRANTED:
        choices.append((Choice(say("overview.correct"), f"correct:{row.moment}"),))
    if row.state == requests.GRANTED and row.kind != "reopen":
        choices.append((Choice(say("receipt.balance"), "saldo"),))
    if row.state == requests.EXPIRED:
        choices.append((Choice(say("requests.ask_again"), "ask"),))
    return Screen(say("requests.heard", request=row.id, state=row.state), about(row), outcome_lines(row), choices=tuple(choices))


def morning(day: date) -> datetime:
    """When a request that waits is looked at on a day."""
    return datetime.combine(day, HOUR, BRUSSELS)


def local_day(at: datetime) -> date:
    """The Brussels day of a stored instant."""
    return at.replace(tzinfo=UTC).astimezone(BRUSSELS).date()
