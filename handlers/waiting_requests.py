"""The coordinator's side of requests: the list of those that wait, and the buttons of a card, in a channel or in private."""

from typing import Any

from sqlalchemy import Connection

from handlers.adjusting import open_decision
from handlers.request_cards import about, title_of
from handlers.request_decisions import Rows, allowed, grant, see_private, short, show_request, too_late
from handlers.screen import Choice, Event, Question, Screen, Text, say
from handlers.world import World
from rules.typed import whole
from storage import requests, scope
from storage.accounts import Session


def waits_for(tx: Connection, session: Session, event: Event) -> bool:
    """Whether a request waits for this person, or she is a coordinator of a network and may look."""
    reach = scope.networks_in_reach(tx, session, "request.view", event.today)
    if scope.COORDINATOR in session.roles:
        return reach is None or bool(reach)
    return bool(reach) and bool(requests.waiting_requests(tx, reach, 1))


def list_waiting(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The requests that wait for this coordinator."""
    reach = scope.networks_in_reach(tx, session, "request.view", event.today)
    rows = requests.waiting_requests(tx, reach) if reach is None or reach else []
    body = tuple(say("requests.waiting_row", request=row.id, name=f"{row.first_name} {row.name}", what=title_of(row)) for row in rows)
    choices: Rows = tuple((Choice(say("requests.view_one", request=row.id), f"rq:{row.id}:view"),) for row in rows)
    if "coordinator" in session.roles:
        choices = (*choices, (Choice(say("requests.stand_in"), "standin"),))
    return Screen(say("requests.waiting_title"), body or (say("requests.none_wait"),), choices=choices, fresh=True)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button of a card, in a channel or in private: ID:view, ID:grant, ID:sure, ID:adjust, ID:refuse. The role is checked here. What
    is granted in a channel is asked once more in private: a thumb slips."""
    if not rest and event.private:
        return list_waiting(tx, world, session, event)
    parts = rest.split(":")
    number, verb = whole(parts[0]), parts[1] if len(parts) > 1 else ""
    row = requests.read_request(tx, number) if number is not None else None
    action = "request.view" if verb == "view" else "request.decide"
    if row is None or not allowed(tx, session, event, row, action):
        return short(session, _refused(session, event, row), event)
    if row.state != requests.WAITING and verb != "view":
        return too_late(session, event, row)
    if not event.private and not session.chat:
        return short(session, say("requests.open_chat"), event)
    if verb == "grant" and not event.private:
        return _ask_sure(session, event, row)
    if verb in ("grant", "sure"):
        return grant(tx, world, session, event, row, row.minutes, row.start)
    if verb == "view":
        return show_request(tx, world, session, event, row)
    if verb in ("adjust", "refuse"):
        return open_decision(tx, world, session, event, row, verb)
    return short(session, say("problems.stale"), event)


def _refused(session: Session, event: Event, row: Any) -> Text:
    """Why a card does nothing for her. `row` is the request's; None when there is no such."""
    if row is not None and row.person == session.person:
        return say("requests.not_own")
    return say("requests.not_found" if event.private else "requests.only_coordinator")


def _ask_sure(session: Session, event: Event, row: Any) -> Screen:
    """Grant it? In private. `row` is the request's."""
    sure = (Choice(say("requests.yes_grant"), f"rq:{row.id}:sure"), Choice(say("requests.view"), f"rq:{row.id}:view"))
    asks = say("requests.asks", name=f"{row.first_name} {row.name}", network=row.network_name)
    return Screen(
        say("requests.sure", request=row.id), (asks, *about(row)), choices=(sure, (Choice(say("requests.not_now"), "rq"),)),
        private=True, language=session.language or "nl", notice=see_private(event), question=Question(yes=sure[0].press, no="rq"),
    )  # fmt: skip
