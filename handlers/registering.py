"""Register, judge, correct and cancel a moment: the one way in for chat, import and policy cases."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from rules.applications import Application, judge_application
from rules.book import Rulebook
from rules.facts import Facts, Grant, Id, Submission
from rules.grants import covering_grant
from rules.judge import judge
from rules.periods import BRUSSELS, real_span
from rules.verdict import WARN, Finding, Verdict
from storage import billing, directory, fact_reading, import_rows, ledger, remembered
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
    return judge(book, _facts(tx, book, sub, now, instead_of), sub, now, partial=partial)


def _facts(tx: Connection, book: Rulebook, sub: Submission, now: datetime, instead_of: Any) -> Facts:
    """What is judged on: with `instead_of` as if that moment had never been, but registered on its first day."""
    if instead_of is None:
        return fact_reading.read_facts(tx, book, sub, now)
    exported = billing.is_exported(tx, instead_of)
    with ledger.set_aside(tx, instead_of.id, now):
        facts = fact_reading.read_facts(tx, book, sub, now, instead_of.id)
    return replace(facts, registered_on=instead_of.registered_on, exported=exported)


def register(
    tx: Connection,
    book: Rulebook,
    sub: Submission,
    submission: str,
    submitted: dict[str, Any],
    now: datetime,
    *,
    source: str | None = None,
) -> Registered:
    """Judge a submission and book it when it is accepted. The same `submission` of a person twice is one moment (DRV-18)."""
    grant = grant_for(tx, sub, now)
    ledger.lock(tx, sub.person, grant.id if grant else None)
    earlier = directory.submitted_as(tx, sub.person, submission)
    if earlier is not None:
        return Registered(Verdict(earlier.outcome, stored_findings(earlier), earlier.minutes, earlier.preparations), earlier.id, again=True)
    verdict = judge(book, fact_reading.read_facts(tx, book, sub, now), sub, now)
    if not verdict.accepted or verdict.after is None:
        return Registered(verdict)
    return Registered(verdict, _book(tx, book, sub, verdict, verdict.after.grant, submission, submitted, now, source=source))


def correct(tx: Connection, book: Rulebook, moment: Any, sub: Submission, submitted: dict[str, Any], now: datetime) -> Verdict:
    """Judge a moment's new version as if the old one did not exist; when refused the old one stays (DRV-06, DRV-08)."""
    if moment.state == "cancelled":
        raise CancelledError
    grant = grant_for(tx, sub, now)
    ledger.lock(tx, sub.person, grant.id if grant else None)
    verdict = judge_moment(tx, book, sub, now, instead_of=moment)
    if verdict.accepted and verdict.after is not None:
        _book(tx, book, sub, verdict, verdict.after.grant, moment.submission, submitted, now, instead_of=moment)
    return verdict


def _book(
    tx: Connection,
    book: Rulebook,
    sub: Submission,
    verdict: Verdict,
    grant: Grant,
    submission: str,
    submitted: dict[str, Any],
    now: datetime,
    *,
    source: str | None = None,
    instead_of: Any = None,
) -> int:
    """Book a judged submission on a grant, as a new moment or as the next version of `instead_of`; the moment's id."""
    if instead_of is None:
        moment = ledger.add_moment(tx, book, sub, verdict, grant, submission, submitted, now, source=source)
    else:
        moment = int(instead_of.id)
        ledger.replace_moment(tx, book, instead_of, sub, verdict, grant, submitted, now)
        if instead_of.title != sub.title:
            _settle(tx, book, sub.person, instead_of.title, instead_of.day, now)
    if sub.first_day is not None:
        _settle(tx, book, sub.person, sub.title, sub.first_day, now)
    return moment


def cancel(tx: Connection, book: Rulebook, moment: Any, now: datetime) -> Verdict:
    """Cancel a moment; a moment that was exported gives a difference in the next batch (DRV-07, DRV-08)."""
    if moment.state == "cancelled":
        raise CancelledError
    ledger.lock(tx, moment.person, moment.grant)
    findings = (Finding("DRV-08", WARN),) if billing.is_exported(tx, moment) else ()
    ledger.cancel_moment(tx, moment, now)
    _settle(tx, book, moment.person, moment.title, moment.day, now)
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
    facts = _facts(tx, book, sub, now, instead_of)
    if facts.overlaps:
        raise HistoryError("overlap")
    verdict = judge(book, facts, sub, now)
    if preparations is None:
        terms = book.on(span.day).terms(sub.oproep, sub.werkvorm or "")
        preparations = terms.preparation_hours if terms is not None and not facts.preparation_taken else 0
    if minutes is None:
        minutes = verdict.minutes if verdict.accepted else span.minutes
    booked = replace(verdict, outcome="imported", minutes=minutes, preparations=preparations, span=span)
    key = f"import:{source}"
    return Registered(booked, _book(tx, book, sub, booked, grant, key, submitted, now, source=source, instead_of=instead_of))


def apply_for(
    tx: Connection, book: Rulebook, application: Application, now: datetime, key: str, **given: Any
) -> tuple[Verdict, Grant | None]:
    """Judge an application; when it is accepted the grant exists from then on under `key`, or the person joins the pool (A-45).

    `given`: more columns of a new grant, such as its network and minutes.
    """
    sub = Submission(application.person, application.oproep, site=application.site, agreement=application.agreement, day=application.start)
    facts = fact_reading.read_facts(tx, book, sub, now)
    verdict = judge_application(book, facts, application)
    if not verdict.accepted:
        return verdict, None
    if application.oproep == "O2" and application.exception is None and (pool := _running_pool(tx, application.site, application.start)):
        tx.execute(grant_people.insert(), {"grant": pool, "person": application.person})
        import_rows.name_grant(tx, key, pool)
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
                **given,
            },
        )
        tx.execute(grant_people.insert(), {"grant": pool, "person": application.person})
    remembered.forget(tx)
    return verdict, next(grant for grant in fact_reading.read_grants(tx, application.person) if grant.id == pool)


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
    return covering_grant(tuple(grant for grant in fact_reading.read_grants(tx, sub.person) if fact_reading.same_place(sub, grant)), day)


def _settle(tx: Connection, book: Rulebook, person: Id, title: str | None, day: date, now: datetime) -> None:
    """Where a title has one preparation hour: see to it that one moment holds it (A-08)."""
    if title is not None and book.on(day)["prep.repeat"] == "once_per_title":
        ledger.settle_preparations(tx, book, person, title, now)
