"""What providers ask of a coordinator: which rule it goes by, whether it can be granted at all, when it nags and expires."""

from collections.abc import Container, Iterator
from datetime import date

from rules.book import Rulebook, Settings
from rules.facts import Facts, Grant
from rules.quota import QUOTA_RULE
from rules.verdict import MET, REFUSE, Finding, Verdict, facts_of, outcome_of
from rules.workdays import add_workdays

HOURS, MORE, OVERKOP, REOPEN = "hours", "more", "overkop", "reopen"
KINDS = (HOURS, MORE, OVERKOP, REOPEN)
FIRST_RULE = {"O1": "O1-15", "O2": "O2-08", "O3": "O3-28", "O4": "O4-14"}
MORE_RULE = {"O1": "O1-16", "O4": "O4-17"}
# The rule behind each statement of the form: what it says when the statement does not hold.
STATEMENT_RULE = {
    "agreed_with_site": "O1-15", "recurring_offer": "O1-13", "joint_with_site": "O2-08", "needs_of_site": "O2-08",
    "joint_with_actors": "O3-28", "needs_of_actors": "O3-28", "agreement_delivered": "O3-32",
}  # fmt: skip


def rule_of(kind: str, oproep: str) -> str:
    """The rule that a request goes by."""
    if kind == OVERKOP:
        return "O2-11"
    if kind == REOPEN:
        return "DRV-08"
    return MORE_RULE.get(oproep, QUOTA_RULE[oproep]) if kind == MORE else FIRST_RULE[oproep]


def judge_more(book: Rulebook, facts: Facts, grant: Grant, day: date) -> Verdict:
    """Whether more hours may be asked on a grant (O1-16, O4-17): where the rulebook allows it (A-23), while it runs."""
    person, findings = facts.person, list[Finding]()
    if grant.oproep not in book.on(day)["more_hours.allowed"]:
        findings.append(Finding(QUOTA_RULE[grant.oproep], REFUSE, facts=facts_of(maximum=True)))
    if not grant.covers(day):
        findings.append(Finding("DRV-04", REFUSE, facts=facts_of(starts=grant.start, ends=grant.to)))
    if day < person.contract_from or (person.contract_to is not None and day > person.contract_to):
        findings.append(Finding("DRV-19", REFUSE, facts=facts_of(contract_from=person.contract_from, contract_to=person.contract_to)))
    found = tuple(findings) or (Finding(rule_of(MORE, grant.oproep), MET),)
    return Verdict(outcome_of(found), found)


def denied(statements: frozenset[str], other: str) -> Iterator[Finding]:
    """The statements of the form that do not hold; `other`: the rule of a statement that a network added."""
    for rule in sorted({STATEMENT_RULE.get(statement, other) for statement in statements}):
        yield Finding(rule, REFUSE)


def lock_of(settings: Settings, *, exported: bool, day: date, today: date) -> str | None:
    """The rule that keeps a moment from being corrected without a coordinator; None: it may be (DRV-08, `correction.*`)."""
    if exported and settings["correction.exported"] == "request":
        return "DRV-08"
    most = settings["correction.within_days"]
    return "DRV-17" if most and (today - day).days > most else None


def next_step(settings: Settings, asked: date, today: date, holidays: Container[date]) -> tuple[int, date, bool]:
    """Where a request that waits since `asked` stands on `today`: (how many of its reminders are due, the day of what comes
    next, whether it has expired)."""
    nags = [add_workdays(asked, count, holidays) for count in settings["request.nag_workdays"]]
    ends = add_workdays(asked, settings["request.expire_workdays"], holidays)
    due = sum(day <= today for day in nags)
    coming = [day for day in (*nags, ends) if day > today]
    return due, min(coming, default=ends), today >= ends
