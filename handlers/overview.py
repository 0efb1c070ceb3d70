"""/overzicht: a person's own moments page by page; each can be corrected or cancelled, with the balance before and after."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import Connection

from handlers import corrections, why
from handlers.card import reason
from handlers.receipt import book_of_grant, moment_balance, place_of
from handlers.registering import CancelledError, cancel, stored_findings
from handlers.screen import Choice, Event, Question, Screen, Text, say
from handlers.share_news import about_line, tell_change
from handlers.world import World
from rules.typed import whole
from rules.until import month_after, read_month
from rules.verdict import Verdict
from rules.words import TOPICS
from storage import directory
from storage.accounts import Session

PAGE = 5


def find_typed(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """What is typed behind the command: the number of a moment, or a month ("mei", "mei 2026"); nothing: the newest."""
    text = event.text.strip()
    if not text:
        return show_page(tx, world, session, event)
    if (number := whole(text.removeprefix("#"))) is not None:
        found = directory.read_moment(tx, session.person or 0, number)
        return replace(show_moment(tx, world, session, event, number) if found is not None else gone(), fresh=True)
    month = read_month(text, event.today)
    if month is None:
        return replace(show_page(tx, world, session, event), problems=(say("overview.unclear"),))
    return show_page(tx, world, session, event, directory.count_moments(tx, session.person or 0, since=month_after(month)) // PAGE)


def show_page(tx: Connection, world: World, session: Session, event: Event, page: int = 0) -> Screen:
    """One page, newest first."""
    count = directory.count_moments(tx, session.person or 0)
    page = min(page, max(0, (count - 1) // PAGE))
    rows = directory.moments_page(tx, session.person or 0, page, PAGE)
    if not count:
        return Screen(say("overview.none"), choices=((Choice(say("balances.register"), "menu"),),), fresh=event.kind != "press")
    names = {row.id: place_of(tx, row) for row in rows}
    body = tuple(
        say(
            "overview.row",
            moment=row.id,
            day=row.day,
            begins=row.begins.replace(tzinfo=UTC),
            minutes=row.minutes,
            place=names[row.id],
            werkvorm=world.werkvorm(row.werkvorm),
            cancelled=row.state == "cancelled",
        )
        for row in rows
    )
    buttons = [(Choice(say("overview.open", moment=row.id, day=row.day), f"moment:{row.id}"),) for row in rows]
    turns = []
    if page > 0:
        turns.append(Choice(say("overview.newer"), f"overzicht:{page - 1}"))
    if (page + 1) * PAGE < count:
        turns.append(Choice(say("overview.older"), f"overzicht:{page + 1}"))
    return Screen(
        say("overview.title", first=page * PAGE + 1, last=page * PAGE + len(rows), count=count),
        body,
        choices=(*buttons, *((tuple(turns),) if turns else ())),
        fresh=event.kind != "press",
        question=Question(),
    )


def show_moment(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen:
    """One moment with what can be done to it."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    body = [moment_lines(tx, world, row)]
    body += [reason(each) for each in stored_findings(row) if each.level == "warn" and each.rule in ("DRV-17",)]
    rows: list[tuple[Choice, ...]] = []
    if row.state == "accepted":
        rows.append(
            (Choice(say("overview.correct"), f"correct:{row.id}"), Choice(say("overview.cancel"), f"cancel:{row.id}:{row.version}"))
        )
        named = (Choice(say("shares.others_were_there"), f"share:{row.id}"),) if row.submitted.get("answers") else ()
        rows.append((Choice(say("card.why"), f"why:{row.id}"), *named))
    rows.append((Choice(say("overview.back"), "overzicht:0"),))
    return Screen(say("overview.moment_title", moment=row.id), tuple(body), choices=tuple(rows), question=Question())


def moment_lines(tx: Connection, world: World, row: Any, *, typed: bool = True) -> Text:
    """A moment in words. `row` is the moment's; `typed` False leaves out what its person typed."""
    given: dict[str, Any] = row.submitted.get("answers") or row.submitted
    return say(
        "overview.moment",
        day=row.day,
        begins=row.begins.replace(tzinfo=UTC),
        ends=row.ends.replace(tzinfo=UTC),
        minutes=row.minutes,
        place=place_of(tx, row),
        werkvorm=world.werkvorm(row.werkvorm),
        oproep=row.oproep,
        present=given.get("present") or {},
        about=about_line(given) if typed or given.get("topic") in TOPICS else None,
        cancelled=row.state == "cancelled",
        registered=row.registered_on,
        version=row.version,
    )


def ask_cancel(tx: Connection, world: World, session: Session, event: Event, moment: int, version: int) -> Screen:
    """What cancelling would give back, before it is done."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    if row.state == "cancelled" or row.version != version:
        return show_moment(tx, world, session, event, moment)
    werkvorm = world.werkvorm(row.werkvorm)
    yes, no = f"undo:{row.id}:{row.version}", f"moment:{row.id}"
    return Screen(
        say("overview.sure", moment=row.id),
        (say("receipt.what", day=row.day, minutes=row.minutes, place=place_of(tx, row), oproep=row.oproep, werkvorm=werkvorm),),
        choices=((Choice(say("overview.yes_cancel"), yes), Choice(say("overview.keep"), no)),),
        question=Question(yes=yes, no=no),
    )


def undo(tx: Connection, world: World, session: Session, event: Event, moment: int, version: int) -> Screen:
    """Cancel a booked moment by a counter-posting; the balance before and after is shown. A second press changes nothing."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    choices = ((Choice(say("balances.overview"), "overzicht:0"), Choice(say("receipt.balance"), "saldo")),)
    if row.state == "cancelled":
        return Screen(say("receipt.cancelled", moment=row.id), choices=choices, notice=say("overview.final"))
    if row.version != version:
        return show_moment(tx, world, session, event, moment)
    before = moment_balance(tx, world, row)
    try:
        verdict: Verdict = cancel(tx, book_of_grant(tx, world, row.person, row.grant), row, event.now)
    except CancelledError:
        return Screen(say("receipt.cancelled", moment=row.id), choices=choices, notice=say("overview.final"))
    tell_change(tx, row.id, row.version, event.now)
    after = moment_balance(tx, world, row)
    body = [reason(finding) for finding in verdict.reasons()]
    if before is not None and after is not None:
        body.insert(0, say("receipt.before_after", before=before.left, after=after.left))
    return Screen(say("receipt.cancelled", moment=row.id), tuple(body), notice=say("receipt.cancelled", moment=row.id), choices=choices)


def explain(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen:
    """Waarom? under a booked moment: the rules as they were judged, and the rows counted now."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    after = moment_balance(tx, world, row)
    verdict = Verdict(row.outcome, stored_findings(row), row.minutes, row.preparations, after=after, day=row.day)
    reasons = why.explain(tx, book_of_grant(tx, world, row.person, row.grant), verdict, row.person, session.language or "nl")
    return replace(
        reasons,
        choices=((Choice(say("overview.open", moment=row.id, day=row.day), f"moment:{row.id}"), Choice(say("receipt.balance"), "saldo")),),
    )


def correct(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen:
    """Open the card of a booked moment to change it."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    if row.state == "cancelled":
        return Screen(say("overview.final"))
    return corrections.open_correction(tx, world, session, event, row)


def restore(tx: Connection, world: World, session: Session, event: Event, moment: int, version: int) -> Screen:
    """Take the correction back that made this version. A second press changes nothing."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None:
        return gone()
    if row.state == "cancelled" or row.version != version:
        return show_moment(tx, world, session, event, moment)
    return corrections.restore(tx, world, session, event, row)


def gone() -> Screen:
    """Not hers, or not there: both look the same."""
    return Screen(say("overview.not_found"), notice=say("overview.not_found"))
