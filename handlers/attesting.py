"""What a provider attested to offer is asked anew: she says that it holds or not, a coordinator sees what is not sure (A-22, A-42)."""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import audit, back_to, full_name
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError, Settings
from rules.eligibility import recheck_due
from rules.facts import Offer
from storage import attested, directory, fact_reading
from storage.accounts import Session
from storage.scope import may

MOST_SHOWN, MOST_BUTTONS = 40, 8
HOLDS, HOLDS_NO_LONGER = 1, 0


def due_of(world: World, network: Any, row: Any, today: date) -> date | None:
    """The day from which an offer must be attested anew under the rules of a network; None when it is not asked (A-22, A-42)."""
    try:
        return recheck_due(world.book(network).on(today), row.oproep, fact_reading.offer_of(row))
    except NoValueError:
        return None


def is_unsure(world: World, network: Any, row: Any, today: date) -> bool:
    """Whether an offer was taken back, or should have been attested anew by now."""
    due = due_of(world, network, row, today)
    return row.withdrawn_on is not None or (due is not None and due <= today)


def answer(tx: Connection, world: World, session: Session, event: Event, site: int, holds: int) -> Screen:
    """She says that what she attested holds, or that it does not any more; her coordinator gets to know that."""
    row = attested.own_offer(tx, session.person or 0, site)
    today = event.today
    if row is None or holds not in (HOLDS, HOLDS_NO_LONGER) or not may(tx, session, "offer.attest", today, person=row.person):
        return _gone()
    if holds:
        attested.attest(tx, row.person, site, today)
    else:
        attested.withdraw(tx, row.person, site, row.withdrawn_on or today)
    audit(tx, session, event, "offer.attest", f"site:{site}", "holds" if holds else "withdrawn")
    if holds:
        return Screen(say("reminders.attested", place=row.place, day=today), choices=((Choice(say("balances.register"), "menu"),),))
    back = Choice(say("reminders.do_holds", number=0), f"offer:{site}:{HOLDS}")
    return Screen(say("reminders.withdrawn", place=row.place, day=row.withdrawn_on or today), choices=((back,),))


def ask_anew(settings: Settings, oproep: str, offer: Offer, place: str, today: date) -> tuple[Text, tuple[Choice, ...]] | None:
    """What is asked of her about an offer that was taken back or should have been attested anew: a line and its buttons."""
    due = recheck_due(settings, oproep, offer)
    holds = Choice(say("reminders.holds_at", place=place), f"offer:{offer.site}:{HOLDS}")
    if offer.withdrawn is not None:
        return say("reminders.withdrawn", place=place, day=offer.withdrawn), (holds,)
    if due is None or due > today:
        return None
    no_longer = Choice(say("reminders.withdraw_at", place=place), f"offer:{offer.site}:{HOLDS_NO_LONGER}")
    return say("reminders.offer", place=place, day=due, late=True, oproep=oproep), (holds, no_longer)


def show_unsure(tx: Connection, world: World, session: Session, event: Event, network: int) -> Screen:
    """The offers of a network that were taken back or not attested anew, for who coordinates it."""
    today = event.today
    if not may(tx, session, "offer.view", today, network=network):
        return _gone()
    row = directory.read_network(tx, network)
    found = unsure_in(tx, world, row, today)
    audit(tx, session, event, "offer.view", f"network:{network}")
    if not found:
        return Screen(say("reminders.none_unsure", network=row.name), choices=((back_to(network),),), fresh=True, private=True)
    title = say("reminders.unsure_title", network=row.name, count=len(found))
    people = {each.person: Choice(say("network.person", name=full_name(each)), f"who:{network}:{each.person}") for each in found}
    choices = (*((each,) for each in list(people.values())[:MOST_BUTTONS]), (back_to(network),))
    return Screen(title, tuple(_unsure_line(each) for each in found[:MOST_SHOWN]), choices=choices, fresh=True, private=True)


def unsure_in(tx: Connection, world: World, network: Any, today: date) -> list[Any]:
    """The offers of a network that were taken back or not attested anew, one for a person and place: rows of `attested.offers_in`."""
    found: dict[tuple[int, int], Any] = {}
    for each in attested.offers_in(tx, [network.id], today).get(network.id, ()):
        if is_unsure(world, network, each, today):
            found.setdefault((each.person, each.site), each)
    return list(found.values())


def _unsure_line(row: Any) -> Text:
    about = {"place": row.place, "name": full_name(row)}
    if row.withdrawn_on is not None:
        return say("reminders.withdrawn_one", **about, day=row.withdrawn_on)
    return say("reminders.unsure_one", **about, day=row.attested_on)


def _gone() -> Screen:
    return Screen(say("reminders.gone"), notice=say("reminders.gone"))
