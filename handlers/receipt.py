"""The receipt of a booked moment: its reference number, the balance before and after, Waarom? and Ongedaan maken."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.card import balance_after, reason
from handlers.registering import stored_findings
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from rules.ledger import Balance
from rules.verdict import Verdict
from storage import accounts, directory, fact_reading
from storage.accounts import Session
from storage.instants import as_stored

RIGHT_AFTER = timedelta(minutes=15)


def receipt(
    tx: Connection,
    world: World,
    session: Session,
    moment: Any,
    *,
    again: bool = False,
    restored: bool = False,
    draft: int | None = None,
    verdict: Verdict | None = None,
    before: Balance | None = None,
    form: str | None = None,
    resume: tuple[tuple[Choice, ...], ...] = (),
) -> Screen:
    """What stands in the ledger for a moment now. `moment` is its row; `again` when it had been booked before, `restored` when
    a correction was taken back."""
    if moment.state == "cancelled":
        return Screen(say("receipt.cancelled", moment=moment.id), draft=draft)
    after = verdict.after if verdict is not None else moment_balance(tx, world, moment)
    findings = verdict.reasons() if verdict is not None else tuple(each for each in stored_findings(moment) if each.level == "warn")
    lines = [
        say(
            "receipt.what",
            day=moment.day,
            minutes=moment.minutes,
            place=place_of(tx, moment),
            oproep=moment.oproep,
            werkvorm=world.werkvorm(moment.werkvorm),
        )
    ]
    if moment.preparations:
        lines.append(say("receipt.preparation", hours=moment.preparations))
    lines += [reason(finding) for finding in findings if finding.level == "warn" and not finding.facts.get("booked")] if verdict else []
    if before is not None and after is not None:
        lines.append(say("receipt.before_after", before=before.left, after=after.left))
    if after is not None:
        lines.append(balance_after(after))
    undo = Choice(say("receipt.undo"), f"undo:{moment.id}:{moment.version}")
    if moment.version > 1:  # the correction is taken back, not the moment
        undo = Choice(say("receipt.redo_change" if restored else "receipt.undo_change"), f"restore:{moment.id}:{moment.version}")
    rows: list[tuple[Choice, ...]] = [(Choice(say("card.why"), f"why:{moment.id}"), undo)]
    form = form or moment.submitted.get("form")
    if form:
        rows.append((Choice(say("shares.others_were_there"), f"share:{moment.id}"),))
        rows.append((Choice(say("receipt.another"), f"form:{form}"), Choice(say("receipt.balance"), "saldo")))
    return Screen(
        say("receipt.booked", moment=moment.id, again=again, version=moment.version, restored=restored),
        tuple(lines),
        choices=(*rows, *resume),
        draft=draft,
        language=session.language or "nl",
    )


def just_booked(tx: Connection, world: World, session: Session, event: Event) -> Screen | None:
    """The receipt again, for who says yes once more right after it; None when nothing was booked or changed just now."""
    since = as_stored(event.now - RIGHT_AFTER)
    moment = directory.changed_since(tx, session.person or 0, since)
    return None if moment is None else replace(receipt(tx, world, session, moment, again=True), draft=None, fresh=True)


def moment_balance(tx: Connection, world: World, moment: Any) -> Balance | None:
    """The balance of a moment's grant as it stands on the moment's day."""
    mine = fact_reading.read_grants(tx, moment.person)
    grant = next((each for each in mine if each.id == moment.grant), None)
    if grant is None:
        return None
    book = book_of_grant(tx, world, moment.person, grant.id)
    return fact_reading.read_balance(tx, book, grant, moment.person, moment.day, mine, fact_reading.read_offers(tx, moment.person))


def book_of_grant(tx: Connection, world: World, person: int, grant: Any) -> Any:
    """The rulebook of the network that a grant belongs to; of the person's first network when it names none."""
    place = next((each for each in directory.read_places(tx, person) if each.grant == grant), None)
    network = directory.read_network(tx, place.network) if place is not None and place.network else accounts.networks_of(tx, person)[0]
    return world.book(network)


def place_of(tx: Connection, moment: Any) -> str:
    """The name of a moment's place or partner; empty for oproep 4."""
    return next((each.name for each in directory.read_places(tx, moment.person) if each.grant == moment.grant), "")
