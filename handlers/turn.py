"""One turn of a registration: who acts, on which draft, with which form under which rulebook; and how a form is opened."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from handlers.draft_turn import DraftTurn
from handlers.moment_form import OPROEP_OF_FORM, Setting, setting_of
from handlers.screen import Event
from handlers.world import World
from rules.facts import Id
from rules.forms import Field, next_field
from storage import accounts, directory
from storage.accounts import Draft, Session
from storage.remembered import remembered

PLAN = "plan"  # the purpose of a draft that plans a moment to come


@dataclass(frozen=True)
class Turn(DraftTurn):
    """One turn of a registration: `setting` is the form with the places and the rulebook. The draft is the session's."""

    setting: Setting

    @property
    def person(self) -> int:
        """The id of the person who registers."""
        return self.session.person or 0

    @cached_property
    def field(self) -> Field | None:
        """The open question; None when the form is complete."""
        return next_field(self.setting.form, self.draft.answers)


def present_turn(tx: Connection, world: World, session: Session, event: Event) -> Turn | None:
    """The turn on the session's open draft, None without one."""
    return None if session.draft is None else turn_on(tx, world, session, event, session.draft)


def turn_on(tx: Connection, world: World, session: Session, event: Event, draft: Draft) -> Turn:
    """The turn on a draft of the session's person."""
    today = event.today
    setting = _setting_in(tx, world, session.person or 0, draft.network, draft.form, today, draft.purpose == PLAN)
    if session.draft is not draft:
        session = replace(session, draft=draft)
    return Turn(tx, world, session, event, draft, setting)


@remembered
def _setting_in(tx: Connection, world: World, person: Id, network: Id, form_id: str, today: date, ahead: bool) -> Setting:
    row = directory.read_network(tx, network)
    networks = {each.id for each in accounts.networks_of(tx, person) if each.rulebook == row.rulebook}
    places = [place for place in directory.read_places(tx, person) if place.network in networks or place.network is None]
    return setting_of(tx, world.book(row), row, form_id, places, today, ahead=ahead)


def settings_for(tx: Connection, world: World, person: Id, event: Event, form_id: str, *, ahead: bool = False) -> list[Setting]:
    """The settings in which a person could open a form: one per rulebook of her networks, first those where she has hours.

    One without a place for the form, or whose rulebook lacks the form, is left out; all of them may be. `ahead`: to plan.
    """
    places = directory.read_places(tx, person)
    mine = accounts.networks_of(tx, person)
    oproepen = OPROEP_OF_FORM[form_id]
    today = event.today
    found = []
    for rulebook in dict.fromkeys(row.rulebook for row in mine):
        here = {row.id: row for row in mine if row.rulebook == rulebook}
        hers = [place for place in places if place.network in here or place.network is None]
        first = next((place for place in hers if place.oproep in oproepen), None)
        row = here.get(first.network or 0) if first is not None else None
        row = row or next(iter(here.values()))
        book = world.book(row)
        if first is None or form_id not in book.forms:
            continue
        found.append((first.network is None, setting_of(tx, book, row, form_id, hers, today, ahead=ahead)))
    sure = [setting for loose, setting in found if not loose]
    return [setting for setting in sure or [each for _, each in found[:1]] if setting.open]
