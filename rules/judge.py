"""The judgement of a moment: all checks of the domain document that a program can make at registration, each a finding."""

from collections.abc import Iterator
from datetime import date, datetime

from rules import demands
from rules.book import NoValueError, Rulebook, Settings
from rules.eligibility import eligible, private, runs
from rules.facts import Facts, Grant, Submission
from rules.grants import covering_grant, nearest_grant
from rules.ledger import balance
from rules.periods import BRUSSELS, Span, real_span
from rules.quota import fit, holding_of, nearly_full
from rules.verdict import ASK, REFUSE, WARN, Finding, Verdict, facts_of, outcome_of

REQUIRED_RULE = {"O1": "O1-17", "O2": "O2-12", "O3": "O3-33", "O4": "O4-18"}


def judge(book: Rulebook, facts: Facts, sub: Submission, now: datetime, *, partial: bool = False) -> Verdict:
    """Judge a submission on its facts at `now` (aware). Nothing is booked here.

    All checks run and every failing one is reported, in the order of the reference algorithm of the domain document. With
    `partial` what is not given yet is skipped instead of asked: what is refused then, no later answer can mend.
    """
    try:
        return _judge(book, facts, sub, now, partial=partial)
    except NoValueError as error:  # a setting that has ended: no rulebook covers that day
        findings = (
            Finding("GEN-01", REFUSE, facts=facts_of(last_day=book.last_day(), key=error.key)),
            Finding("DRV-04", REFUSE, facts=facts_of(convention=True)),
        )
        return Verdict("refused", findings, day=sub.first_day)


def _judge(book: Rulebook, facts: Facts, sub: Submission, now: datetime, *, partial: bool) -> Verdict:
    first_day = sub.first_day
    if first_day is None:
        if partial:
            return _without_day(book, facts, sub, now)
        questions = (Finding("DRV-05", ASK), Finding(REQUIRED_RULE[sub.oproep], ASK))
        return Verdict("ask_back", questions, day=now.astimezone(BRUSSELS).date())
    settings = book.on(first_day)
    terms = demands.terms_of(settings, sub)
    span = _real_time(sub)
    unclear = span if isinstance(span, str) else None
    real = span if isinstance(span, Span) else None
    grant = covering_grant(facts.grants, first_day)
    nearest = grant or nearest_grant(facts.grants, first_day)
    before = balance(book, holding_of(facts, nearest, sub.person), first_day) if nearest else None
    findings = [
        *([] if partial else _required(sub)),
        *([Finding("DRV-03", ASK, facts=facts_of(problem=unclear))] if unclear else []),
        *_time(settings, facts, sub, real, now),
        *_place_in_time(book, facts, grant, first_day),
        *demands.working(settings, sub, terms),
        *eligible(settings, facts, sub, first_day),
        *private(settings, sub),
        *demands.attendance(settings, sub, terms),
    ]
    minutes, more = demands.length(settings, facts, real.minutes if real else sub.minutes, terms)
    findings += more
    nonbillable = any(finding.facts.get("nonbillable") for finding in findings)
    preparations = demands.preparations(settings, facts, terms) if not nonbillable or settings["prep.on_no_show"] else 0
    if nonbillable:
        minutes = 0
    after = before
    if grant is not None and before is not None:
        minutes, preparations, after, more = fit(book, facts, sub, grant, before, minutes, preparations, real, partial)
        findings += more
    findings += demands.often(facts, terms, first_day)
    findings += _warnings(settings, facts, sub, first_day, now)
    result = tuple(findings)
    outcome = outcome_of(result)
    if outcome in ("refused", "ask_back"):
        return Verdict(outcome, result, 0, 0, real, before, before, first_day)
    if after is not None and minutes and (near := nearly_full(settings, after)):
        result = (*result, near)
        outcome = "accepted_with_warning"
    return Verdict(outcome, result, minutes or 0, preparations, real, before, after, first_day)


def judge_people(book: Rulebook, sub: Submission, today: date) -> Verdict:
    """What can be said of who was there, how, and what is declared: the checks that need nothing stored."""
    settings = book.on(sub.first_day or today)
    terms = demands.terms_of(settings, sub)
    findings = (*private(settings, sub), *demands.attendance(settings, sub, terms), *demands.meeting(settings, sub, terms))
    return Verdict(outcome_of(findings), findings, day=sub.first_day or today)


def _real_time(sub: Submission) -> Span | str | None:
    if sub.start is None or (sub.end is None and sub.minutes is None):
        return None
    return real_span(sub.start, sub.end, sub.minutes, sub.clock)


def _without_day(book: Rulebook, facts: Facts, sub: Submission, now: datetime) -> Verdict:
    """What can be said before the day is known: place, werkvorm and person; judged as if it were today."""
    today = now.astimezone(BRUSSELS).date()
    settings = book.on(today)
    checks = (*demands.working(settings, sub, demands.terms_of(settings, sub)), *eligible(settings, facts, sub, today))
    found = tuple(finding for finding in checks if finding.rule in _DAYLESS)
    return Verdict(outcome_of(found), found, day=today)


_DAYLESS = frozenset({"GEN-17", "O4-25", "VP-02", "VP-04", "O2-03", "O3-15", "O4-08", "O3-10", "O3-32", "O1-13"})


def _required(sub: Submission) -> Iterator[Finding]:
    """DRV-05 with O1-17, O2-12, O3-33, O4-18: what must be submitted."""
    about = sub.text if sub.oproep == "O2" else sub.topic
    missing = [
        name
        for name, value in (("text" if sub.oproep == "O2" else "topic", about), ("present", sub.present), ("end", sub.end or sub.minutes))
        if value is None
    ]
    if missing or sub.start is None:
        what = facts_of(missing=tuple(missing))
        yield Finding("DRV-05", ASK, facts=what)
        yield Finding(REQUIRED_RULE[sub.oproep], ASK, facts=what)


def _time(settings: Settings, facts: Facts, sub: Submission, span: Span | None, now: datetime) -> Iterator[Finding]:
    """DRV-01, DRV-02, DRV-03, DRV-20: it has ended, overlaps nothing, ends after it starts, is not endless."""
    longest = settings["duration.max_moment"]
    if span is None:
        start = sub.start or (datetime.combine(sub.day, datetime.min.time()) if sub.day else None)
        if start is not None and start.replace(tzinfo=BRUSSELS) > now:
            yield Finding("DRV-01", REFUSE)
        if sub.minutes is not None and not 0 < sub.minutes <= longest:
            yield Finding("DRV-20" if sub.minutes > 0 else "DRV-03", REFUSE, limit=longest, asked=sub.minutes)
        return
    if span.end > now:
        yield Finding("DRV-01", REFUSE, facts=facts_of(end=span.end))
    if span.minutes < 1:
        yield Finding("DRV-03", REFUSE, asked=span.minutes, facts=facts_of(problem="order"))
    elif span.minutes > longest:
        yield Finding("DRV-20", REFUSE, limit=longest, asked=span.minutes)
    if facts.overlaps:
        yield Finding("DRV-02", REFUSE, facts=facts_of(moments=facts.overlaps))


def _place_in_time(book: Rulebook, facts: Facts, grant: Grant | None, day: date) -> Iterator[Finding]:
    """GEN-01, DRV-04, DRV-19: convention, grant and contract cover the day."""
    person = facts.person
    if not book.covers(day):
        yield Finding("GEN-01", REFUSE, facts=facts_of(last_day=book.last_day(), before=day < book.on(day)["convention.valid_from"]))
        yield Finding("DRV-04", REFUSE, facts=facts_of(convention=True))
    elif grant is None:
        starts = min((each.start for each in facts.grants), default=None)
        ends = max((each.to for each in facts.grants if each.to), default=None)
        yield Finding("DRV-04", REFUSE, facts=facts_of(starts=starts, ends=ends))
    if day < person.contract_from or (person.contract_to is not None and day > person.contract_to):
        yield Finding("DRV-19", REFUSE, facts=facts_of(contract_from=person.contract_from, contract_to=person.contract_to))


def _warnings(settings: Settings, facts: Facts, sub: Submission, day: date, now: datetime) -> Iterator[Finding]:
    """DRV-17, O4-01, DRV-08: accepted, but somebody should know."""
    registered = facts.registered_on or now.astimezone(BRUSSELS).date()
    late = (registered - day).days
    if late > settings["late.after_days"]:
        yield Finding("DRV-17", WARN, limit=settings["late.after_days"], asked=late)
    collaborates = any(runs(each.start, each.to, day) for each in facts.partner_agreements)
    if sub.oproep == "O4" and settings["o4.with_o3_partner"] == "warn" and collaborates:
        yield Finding("O4-01", WARN)
    if facts.exported:
        yield Finding("DRV-08", WARN)
