"""Deciding a request: who may, seen in private, granted or refused once whoever presses; each leaves its line on the audit trail."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.card import reasons_of
from handlers.coordinating import audit
from handlers.granting import CannotGrantError, carry_out
from handlers.request_cards import about, buttons, card, outcome_lines, public_outcome, tell_outcome
from handlers.request_view import view
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import Rulebook
from rules.requests import REOPEN
from storage import directory, requests, scope
from storage.accounts import Draft, Session

Rows = tuple[tuple[Choice, ...], ...]


def allowed(tx: Connection, session: Session, event: Event, row: Any, action: str) -> bool:
    """Whether she may see or decide this request now; nobody decides her own."""
    own = row.person == session.person and action == "request.decide"
    return not own and scope.may(tx, session, action, event.today, network=row.network)


def show_request(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Bekijk: the facts, in private, with what can be done. `row` is the request's."""
    audit(tx, session, event, "request.viewed", f"request:{row.id}")
    shown = view(tx, world, row, event.now, session.language or "nl")
    choices: Rows = ()
    if row.state == requests.WAITING and row.person != session.person:
        adjust = () if row.kind == REOPEN else ((Choice(say("requests.adjust"), f"rq:{row.id}:adjust"),),)
        choices = (*buttons(row.id)[1:], *adjust)
    return replace(shown, choices=choices, private=True, language=session.language or "nl", notice=see_private(event))


def grant(
    tx: Connection,
    world: World,
    session: Session,
    event: Event,
    row: Any,
    minutes: int | None,
    start: date | None,
    draft: Draft | None = None,
) -> Screen:
    """Grant a request: once, whoever presses at the same time. `row` is the request's."""
    point = tx.begin_nested()
    try:
        if not requests.decide(tx, row.id, requests.GRANTED, event.now, by=session.person):
            point.rollback()
            return too_late(session, event, requests.read_request(tx, row.id))
        carry_out(tx, book_of(tx, world, row), row, event.now, minutes, start)
        point.commit()
    except CannotGrantError as error:
        point.rollback()
        return _cannot(session, event, row, error)
    audit(tx, session, event, "request.granted", f"request:{row.id}")
    tell_outcome(tx, row.id, event.now, asker=True)
    return _done(tx, session, event, row.id, draft)


def refuse(tx: Connection, session: Session, event: Event, row: Any, reason: str, draft: Draft | None = None) -> Screen:
    """Refuse a request with a reason that the provider hears: once, whoever presses at the same time."""
    if not requests.decide(tx, row.id, requests.REFUSED, event.now, by=session.person, reason=reason):
        return too_late(session, event, requests.read_request(tx, row.id))
    audit(tx, session, event, "request.refused", f"request:{row.id}")
    tell_outcome(tx, row.id, event.now, asker=True)
    return _done(tx, session, event, row.id, draft)


def _done(tx: Connection, session: Session, event: Event, request: int, draft: Draft | None) -> Screen:
    row = requests.read_request(tx, request)
    notice = say("requests.done", state=row.state, name=row.first_name)
    if not event.private:  # the card in the channel is changed as all others are
        return short(session, notice, event)
    return Screen(card(row).title, card(row).body, outcome_lines(row), choices=onward(), notice=notice, draft=draft.id if draft else None)


def too_late(session: Session, event: Event, row: Any) -> Screen:
    """Somebody was first: who decided what. `row` is the request's."""
    said = public_outcome(row)[0]
    if not event.private:
        return short(session, said, event)
    return Screen(card(row).title, card(row).body, (say("requests.decided_before"), *outcome_lines(row)), choices=onward(), notice=said)


def _cannot(session: Session, event: Event, row: Any, error: CannotGrantError) -> Screen:
    reasons = reasons_of(error.verdict) if error.verdict is not None else ()
    said = (say("requests.cannot_grant"), *((error.text,) if error.text else ()), *reasons)
    rows = (*buttons(row.id)[:1], *((Choice(each, press_),) for each, press_ in (
        (say("requests.adjust"), f"rq:{row.id}:adjust"), (say("requests.refuse_it"), f"rq:{row.id}:refuse"))))  # fmt: skip
    shown = Screen(say("requests.one", request=row.id), about(row), said, choices=rows, language=session.language or "nl")
    return replace(shown, private=True, notice=see_private(event))


def short(session: Session, said: Text, event: Event) -> Screen:
    """Only the short answer to a press in a channel, whose card stays; in private a message."""
    language = session.language or "nl"
    if event.private:
        return Screen(said, choices=onward(), notice=said, language=language)
    return Screen(silent=True, notice=said, language=language)


def onward() -> Rows:
    """The way to the other requests."""
    return ((Choice(say("requests.list_waiting"), "rq"),),)


def see_private(event: Event) -> Text | None:
    """The short answer to a press in a channel that is answered in private."""
    return None if event.private else say("requests.see_private")


def book_of(tx: Connection, world: World, row: Any) -> Rulebook:
    """The rulebook of a request's network. `row` is the request's."""
    return world.book(directory.read_network(tx, row.network))

