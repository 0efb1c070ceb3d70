"""Register, judge, correct and cancel a moment: the one way in for chat, import and policy cases."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from rules.applications import Application, judge_application
from rules.book import Rulebook
from rules.facts import Grant, Id, Submission
from rules.judge import covering_grant, judge
from rules.periods import BRUSSELS, real_span
from rules.verdict import WARN, Finding, Verdict
from rules.words import PREPARED
from storage import directory, ledger
from storage.tables import add_row, grant_people, grants

WORKING_FORM = {"O1": "overleg", "O2": "presentie"}


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a submission: the verdict, and the moment's id when it is (or was already) booked."""

    verdict: Verdict
    moment: int | None = None
    again: bool = False


class CancelledError(ValueError):
    """A cancelled moment is final: it is not corrected or cancelled again (DRV-07)."""


def judge_moment(
    tx: Connection, book: Rulebook, sub: Submission, now: datetime, *, partial: bool = False, instead_of: Any = None
) -> Verdict:
    """Judge without booking. `instead_of` is the row of the moment that a correction would replace (DRV-06)."""
    if instead_of is None:
        return judge(book, ledger.read_facts(tx, book, sub, now), sub, now, partial=partial)
    exported = ledger.is_exported(tx, instead_of)
    with ledger.set_aside(tx, instead_of.id, now) as held:
        facts = ledger.read_facts(tx, book, sub, now, instead_of.id)
        facts = replace(facts, registered_on=instead_of.registered_on, exported=exported, replaced=held)
        return judge(book, facts, sub, now, partial=partial)


def register(
    tx: Connection,
    book: Rulebook,
    sub: Submission,
    submission: str,
    submitted: dict[str, Any],
    now: datetime,
    *,
    network: Id | None = None,
    source: str | None = None,
) -> Registered:
    """Judge a submission and book it when it is accepted. The same `submission` of a person twice is one moment (DRV-18)."""
    grant = grant_for(tx, sub, now)
    ledger.lock(tx, sub.person, grant.id if grant else None)
    earlier = directory.submitted_as(tx, sub.person, submission)
    if earlier is not None:
        return Registered(Verdict(earlier.outcome, stored_findings(earlier), earlier.minutes, earlier.preparations), earlier.id, again=True)
    verdict = judge(book, ledger.read_facts(tx, book, sub, now), sub, now)
    if not verdict.accepted or verdict.after is None:
        if verdict.outcome == "refused":
            ledger.add_refusal(tx, network, verdict, now.astimezone(BRUSSELS).date())
        return Registered(verdict)
    moment = ledger.add_moment(tx, book, sub, verdict, verdict.after.grant, submission, submitted, now, source=source)
    _settle(tx, book, sub, now)
    return Registered(verdict, moment)


def correct(tx: Connection, book: Rulebook, moment: Any, sub: Submission, submitted: dict[str, Any], now: datetime) -> Verdict:
    """Judge a moment's new version as if the old one did not exist; when refused the old one stays (DRV-06, DRV-08)."""
    if moment.state == "cancelled":
        raise CancelledError
    grant = grant_for(tx, sub, now)
    ledger.lock(tx, sub.person, grant.id if grant else None)
    verdict = judge_moment(tx, book, sub, now, instead_of=moment)
    if verdict.accepted and verdict.after is not None:
        ledger.replace_moment(tx, book, moment, sub, verdict, verdict.after.grant, submitted, now)
        _settle(tx, book, sub, now)
        if moment.title != sub.title and book.on(moment.day)["prep.repeat"] == "once_per_title":
            ledger.settle_preparations(tx, sub.person, moment.title, now)
    return verdict


def cancel(tx: Connection, book: Rulebook, moment: Any, now: datetime) -> Verdict:
    """Cancel a moment; a moment that was exported gives a difference in the next batch (DRV-07, DRV-08)."""
    if moment.state == "cancelled":
        raise CancelledError
    ledger.lock(tx, moment.person, moment.grant)
    findings = (Finding("DRV-08", WARN),) if ledger.is_exported(tx, moment) else ()
    ledger.cancel_moment(tx, moment, now)
    if book.on(moment.day)["prep.repeat"] == "once_per_title":
        ledger.settle_preparations(tx, moment.person, moment.title, now)
    return Verdict("accepted_with_warning" if findings else "accepted", findings)


class HistoryError(ValueError):
    """History that cannot be booked: `problem` is gap, twice, no_grant, overlap or future."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def register_history(
    tx: Connection,
    book: Rulebook,
    sub: Submission,
    source: str,
    submitted: dict[str, Any],
    now: datetime,
    *,
    minutes: int | None = None,
    preparations: int | None = None,
    instead_of: Any = None,
) -> Registered:
    """Book a moment of an earlier system: judged like any other, and booked whatever a rule says, its findings kept.

    `minutes` and `preparations` are what was booked there, None: as judged here. `instead_of` is the row of the moment that
    an earlier import made of the same `source`. Raises HistoryError for what cannot be.
    """
    span = real_span(sub.start, sub.end, sub.minutes, sub.clock) if sub.start is not None else "gap"
    if isinstance(span, str):
        raise HistoryError(span)
    if span.end > now:
        raise HistoryError("future")
    grant = grant_for(tx, sub, now)
    if grant is None:
        raise HistoryError("no_grant")
    ledger.lock(tx, sub.person, grant.id)
    facts = ledger.read_facts(tx, book, sub, now, instead_of.id if instead_of is not None else None)
    if facts.overlaps:
        raise HistoryError("overlap")
    verdict = judge_moment(tx, book, sub, now, instead_of=instead_of)
    if preparations is None:
        preparations = int(sub.werkvorm in PREPARED and sub.oproep in ("O3", "O4") and not facts.preparation_taken)
    if minutes is None:
        minutes = verdict.minutes if verdict.accepted else span.minutes
    booked = replace(verdict, outcome="imported", minutes=minutes, preparations=preparations, span=span)
    if instead_of is not None:
        ledger.replace_moment(tx, book, instead_of, sub, booked, grant, submitted, now)
        moment = instead_of.id
    else:
        moment = ledger.add_moment(tx, book, sub, booked, grant, f"import:{source}", submitted, now, source=source)
    _settle(tx, book, sub, now)
    return Registered(booked, moment)


def apply_for(tx: Connection, book: Rulebook, application: Application, now: datetime, key: str) -> tuple[Verdict, Grant | None]:
    """Judge an application; when it is accepted the grant exists from then on under `key`, or the person joins the pool (A-45)."""
    sub = Submission(application.person, application.oproep, site=application.site, agreement=application.agreement, day=application.start)
    facts = ledger.read_facts(tx, book, sub, now)
    verdict = judge_application(book, facts, application)
    if not verdict.accepted:
        return verdict, None
    if application.oproep == "O2" and application.exception is None and (pool := _running_pool(tx, application.site, application.start)):
        tx.execute(grant_people.insert(), {"grant": pool, "person": application.person})
        ledger.name_grant(tx, key, pool)
    else:
        agreement = facts.agreement
        pool = add_row(
            tx,
            grants,
            {
                "key": key,
                "oproep": application.oproep,
                "site": application.site,
                "agreement": application.agreement,
                "start": application.start,
                "to": agreement.to if agreement else None,
                "extra_minutes": 0,
                "exception": application.exception,
            },
        )
        tx.execute(grant_people.insert(), {"grant": pool, "person": application.person})
    return verdict, next(grant for grant in ledger.read_grants(tx, application.person) if grant.id == pool)


def stored_findings(moment: Any) -> tuple[Finding, ...]:
    """The findings that were kept with a moment's verdict."""
    return tuple(
        Finding(row["rule"], row["level"], row.get("limit"), row.get("used"), row.get("asked"), row.get("left")) for row in moment.findings
    )


def _running_pool(tx: Connection, site: Id | None, day: date) -> int | None:
    rows = tx.execute(
        select(grants.c.id, grants.c.start, grants.c.to).where(grants.c.site == site, grants.c.oproep == "O2", grants.c.exception.is_(None))
    )
    return next((row.id for row in rows if row.start <= day and (row.to is None or day <= row.to)), None)


def grant_for(tx: Connection, sub: Submission, now: datetime) -> Grant | None:
    """The grant that a submission would use, None when none covers its day (DRV-04)."""
    day = sub.first_day or now.astimezone(BRUSSELS).date()
    return covering_grant(tuple(grant for grant in ledger.read_grants(tx, sub.person) if ledger.same_place(sub, grant)), day)


def _settle(tx: Connection, book: Rulebook, sub: Submission, now: datetime) -> None:
    if sub.first_day is not None and book.on(sub.first_day)["prep.repeat"] == "once_per_title":
        ledger.settle_preparations(tx, sub.person, sub.title, now)
