"""What a provider attested to offer is asked anew: she says that it holds or not, a coordinator sees what is not sure (A-22, A-42)."""

from datetime import UTC, date
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError, Settings
from rules.eligibility import recheck_due
from rules.facts import Offer
from rules.periods import BRUSSELS
from storage import accounts, attested, directory, fact_reading
from storage.accounts import Session
from storage.scope import may

MOST_SHOWN = 40
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
    today = event.now.astimezone(BRUSSELS).date()
    if row is None or holds not in (HOLDS, HOLDS_NO_LONGER) or not may(tx, session, "offer.attest", today, person=row.person):
        return _gone()
    if holds:
        attested.attest(tx, row.person, site, today)
    else:
        attested.withdraw(tx, row.person, site, row.withdrawn_on or today)
    at = event.now.astimezone(UTC).replace(tzinfo=None)
    accounts.add_audit(tx, at, f"person:{session.person}", "offer.attest", f"site:{site}", "holds" if holds else "withdrawn")
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
    today = event.now.astimezone(BRUSSELS).date()
    if not may(tx, session, "offer.view", today, network=network):
        return _gone()
    row = directory.read_network(tx, network)
    found: dict[tuple[int, int], Text] = {}
    for each in attested.offers_in(tx, [network], today).get(network, ()):
        if is_unsure(world, row, each, today):
            about = {"place": each.place, "name": f"{each.first_name} {each.name}"}
            if each.withdrawn_on is not None:
                line = say("reminders.withdrawn_one", **about, day=each.withdrawn_on)
            else:
                line = say("reminders.unsure_one", **about, day=each.attested_on)
            found.setdefault((each.person, each.site), line)
    at = event.now.astimezone(UTC).replace(tzinfo=None)
    accounts.add_audit(tx, at, f"person:{session.person}", "offer.view", f"network:{network}")
    if not found:
        return Screen(say("reminders.none_unsure", network=row.name), fresh=True, private=True)
    title = say("reminders.unsure_title", network=row.name, count=len(found))
    return Screen(title, tuple(found.values())[:MOST_SHOWN], fresh=True, private=True)


def _gone() -> Screen:
    return Screen(say("reminders.gone"), notice=say("reminders.gone"))
