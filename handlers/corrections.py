"""Corrections: a booked moment opened as a card again, and a correction taken back."""

from typing import Any

from sqlalchemy import Connection

from handlers.card import reasons_of
from handlers.moment_form import submission_of
from handlers.receipt import moment_balance, receipt
from handlers.registering import correct
from handlers.screen import Choice, Event, Screen, say
from handlers.share_news import tell_change
from handlers.showing import show_fresh
from handlers.turn import Turn, turn_on
from handlers.world import World
from rules.verdict import Verdict
from storage import accounts, directory, drafts
from storage.accounts import Draft, Session


def open_correction(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """The card of a booked moment, to be changed. `row` is the moment's."""
    draft = drafts.open_draft(
        tx,
        session.person or 0,
        row.submitted["form"],
        _network_of(tx, session, row),
        dict(row.submitted["answers"]),
        event.now,
        purpose="correct",
        moment=row.id,
        aside={"pick": True},
    )
    return show_fresh(tx, world, session, event, draft)


def restore(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Give a corrected moment the version before back: a correction like any other, judged by the rules (DRV-06)."""
    earlier = directory.read_version(tx, row.id, row.version - 1)
    if earlier is None or earlier.state != "accepted":
        return open_correction(tx, world, session, event, row)
    form, answers = earlier.submitted["form"], dict(earlier.submitted["answers"])
    draft = Draft(0, form, _network_of(tx, session, row), "correct", row.id, answers, {}, 0)
    before = moment_balance(tx, world, row)
    again = directory.read_version(tx, row.id, row.version - 2)  # the present version took a correction back: now it is made after all
    restored = again is None or again.submitted != row.submitted
    verdict = _corrected(turn_on(tx, world, session, event, draft), row, earlier.submitted)
    if verdict is None or not verdict.accepted:
        reasons = reasons_of(verdict) if verdict is not None else ()
        choices = ((Choice(say("overview.correct"), f"correct:{row.id}"), Choice(say("overview.open_this"), f"moment:{row.id}")),)
        return Screen(say("receipt.not_restored", moment=row.id), reasons, choices=choices)
    tell_change(tx, row.id, row.version, event.now)
    row = directory.read_moment(tx, session.person or 0, row.id)
    return receipt(tx, world, session, row, verdict=verdict, before=before, restored=restored)


def _corrected(turn: Turn, row: Any, submitted: dict[str, Any]) -> Verdict | None:
    sub = submission_of(turn.setting, turn.person, turn.draft.answers)
    return None if sub is None else correct(turn.tx, turn.setting.book, row, sub, submitted, turn.event.now)


def _network_of(tx: Connection, session: Session, row: Any) -> int:
    place = next((each for each in directory.read_places(tx, session.person or 0) if each.grant == row.grant and each.network), None)
    return place.network if place is not None and place.network else accounts.networks_of(tx, session.person or 0)[0].id
