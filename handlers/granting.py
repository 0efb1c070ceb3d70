"""What a request becomes when it is granted: a grant like an imported one, more hours on one, or a moment that is open again."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.registering import apply_for
from handlers.request_form import attested_offer
from handlers.screen import Text, say
from rules.applications import Application
from rules.book import Rulebook
from rules.facts import Submission
from rules.periods import BRUSSELS, add_months
from rules.requests import MORE, OVERKOP, REOPEN, judge_more
from rules.verdict import Verdict
from storage import fact_reading, ledger, requests

YEAR = 12  # months of an OverKop exception (O2-11)


class CannotGrantError(Exception):
    """A request that cannot be granted any more: `verdict` says why by the rules, `text` otherwise."""

    def __init__(self, verdict: Verdict | None = None, text: Text | None = None) -> None:
        super().__init__()
        self.verdict, self.text = verdict, text


def carry_out(tx: Connection, book: Rulebook, row: Any, now: datetime, minutes: int | None, start: date | None) -> None:
    """Do what a request asks, with the minutes (None: the rulebook's) and the first day that were decided. `row` is the request's.

    Raises CannotGrantError; the caller undoes what was begun.
    """
    requests.lock_network(tx, row.network)
    ledger.lock(tx, row.person, row.grant)
    if row.kind == REOPEN:
        if not requests.reopen_at(tx, row):
            raise CannotGrantError(text=say("overview.final"))
        return
    made = _more(tx, book, row, now, minutes) if row.kind == MORE else _first(tx, book, row, now, minutes, start)
    requests.note_grant(tx, row, made, minutes, start)


def _more(tx: Connection, book: Rulebook, row: Any, now: datetime, minutes: int | None) -> int:
    grant = next((each for each in fact_reading.read_grants(tx, row.person) if each.id == row.grant), None)
    if grant is None or minutes is None:
        raise CannotGrantError(text=say("requests.hours_needed"))
    sub = Submission(row.person, grant.oproep, site=grant.site, agreement=grant.agreement)
    verdict = judge_more(book, fact_reading.read_facts(tx, book, sub, now), grant, now.astimezone(BRUSSELS).date())
    if not verdict.accepted:
        raise CannotGrantError(verdict)
    requests.give_more(tx, grant.id, minutes)
    return int(grant.id)


def _first(tx: Connection, book: Rulebook, row: Any, now: datetime, minutes: int | None, start: date | None) -> int:
    """The grant of an application (A-45: of oproep 2 she joins the pool that runs); it ends before the next one of hers begins."""
    day = start or row.start
    exception = "overkop" if row.kind == OVERKOP else None
    key = "limit.O2.overkop" if exception else f"limit.{row.oproep}"
    if minutes is None and not book.on(day)[key]:
        raise CannotGrantError(text=say("requests.hours_needed"))
    offer = attested_offer(book, row.person, row.answers, row.site, day)
    if offer is not None and not requests.has_offer(tx, row.person, row.site):
        requests.add_offer(tx, {**offer, "attested_on": row.asked_at.replace(tzinfo=UTC).astimezone(BRUSSELS).date()})
    application = Application(row.person, row.oproep, day, row.site, row.agreement, exception)
    given: Mapping[str, Any] = {"network": row.network, "minutes": minutes}
    verdict, grant = apply_for(tx, book, application, now, requests.grant_key(tx, row.id), **given)
    if grant is None:
        raise CannotGrantError(verdict)
    ends = [each for each in (grant.to, _before(requests.next_start(tx, row.person, grant))) if each is not None]
    if exception:
        ends.append(_before(add_months(day, YEAR)) or date.max)
    if (last := min(ends, default=None)) != grant.to:
        requests.change_grant(tx, grant.id, {"to": last})
    return int(grant.id)


def _before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day is not None else None
