"""Meetings and sessions outside article 8 that the rulebook knows: MDO, group sessions, MPO, the yearly evaluation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.book import Rulebook
from rules.eligibility import evaluation_due
from rules.facts import Agreement
from rules.periods import add_months, real_span
from rules.verdict import REFUSE, WARN, Finding, Verdict, outcome_of


def check_mdo(participants: int, care_providers: int, minutes: int, invoiced: int = 0) -> Verdict:
    """A multidisciplinary consultation: 3 participants with 2 care providers, 15 minutes, 4 a year (MDO-01..03)."""
    findings = []
    if participants < 3 or care_providers < 2:
        findings.append(Finding("MDO-01", REFUSE))
    if minutes < 15:
        findings.append(Finding("MDO-02", REFUSE, limit=15, asked=minutes))
    if invoiced >= 4:
        findings.append(Finding("MDO-03", REFUSE, limit=4, used=invoiced))
    return _verdict(findings)


def check_group_session(function: int, participants: int) -> Verdict:
    """A group session of care function 1, 2 or 3: at least 10, 4 and 4 participants (F-12, F-22, F-32)."""
    rule, least = {1: ("F-12", 10), 2: ("F-22", 4), 3: ("F-32", 4)}[function]
    return _verdict([Finding(rule, REFUSE, limit=least, asked=participants)] if participants < least else [])


@dataclass(frozen=True, slots=True)
class Meeting:
    """A planned MPO: verdict, the days of its reminders, the day of the effect evaluation (MPO-11, MPO-24)."""

    verdict: Verdict
    reminders: tuple[date, ...]
    effect_evaluation: date


def plan_mpo(
    book: Rulebook, start: datetime, end: datetime, participants: int, *, networking: bool = False, psychologist_contracted: bool = True
) -> Meeting:
    """Plan a GP-psychologist meeting (MPO-07, MPO-15, MPO-17); times local without offset."""
    findings = []
    span = real_span(start, end, None, "first")
    minutes = int((end - start).total_seconds() // 60) if isinstance(span, str) else span.minutes
    if not 12 <= participants <= 20:
        findings.append(Finding("MPO-07", WARN, asked=participants))
    if minutes > 120 and not networking:
        findings.append(Finding("MPO-17", WARN, limit=120, asked=minutes))
    if not psychologist_contracted:
        findings.append(Finding("MPO-15", WARN))
    settings = book.on(start.date())
    days = sorted(start.date() - timedelta(days=before) for before in settings["mpo.reminder_days"])
    return Meeting(_verdict(findings), tuple(days), add_months(start.date(), 3, settings["month_end"]))


def close_mpo(paid: bool, participants: int, evaluated: int, moderators_evaluated: int) -> tuple[Verdict, int]:
    """Close an MPO: when paid, all participants and both moderators have evaluated (MPO-23); with the number missing."""
    missing = max(0, participants - evaluated) + max(0, 2 - moderators_evaluated)
    return _verdict([Finding("MPO-23", REFUSE, asked=missing)] if paid and missing else []), missing


def check_evaluation(book: Rulebook, agreement: Agreement, today: date) -> Verdict:
    """Whether the yearly evaluation of a collaboration is overdue on `today` (O3-09, A-36)."""
    due = evaluation_due(book.on(today), agreement.start, agreement.evaluated)
    return _verdict([Finding("O3-09", WARN)] if today >= due else [])


def _verdict(findings: list[Finding]) -> Verdict:
    return Verdict(outcome_of(tuple(findings)), tuple(findings))
