"""What a judgement says: findings by rule id, met or not, and what may be booked; no wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from rules.ledger import Balance
from rules.periods import Span

ASK, REFUSE, WARN, MET = "ask", "refuse", "warn", "met"


def facts_of(**facts: Any) -> Mapping[str, Any]:
    """What a finding's wording needs to know besides its numbers."""
    return MappingProxyType(facts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule held against the submission. Numbers in minutes or heads as the rule counts; `facts` for the wording.

    The fact `says` names the words to use (a block of templates/messages/reasons.j2) when the rule has none of its own.
    """

    rule: str
    level: str
    limit: int | None = None
    used: int | None = None
    asked: int | None = None
    left: int | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a submission. `outcome`: accepted, accepted_with_warning, refused or ask_back.

    `minutes` and `preparations` are what is booked when it is accepted; `before` and `after` the balance without and with it;
    `day` is the day whose rules these are: the moment's start day, or today while that is not known.
    """

    outcome: str
    findings: tuple[Finding, ...]
    minutes: int = 0
    preparations: int = 0
    span: Span | None = None
    before: Balance | None = None
    after: Balance | None = None
    day: date | None = None

    @property
    def accepted(self) -> bool:
        """Whether the moment may be booked."""
        return self.outcome in ("accepted", "accepted_with_warning")

    def reasons(self) -> tuple[Finding, ...]:
        """The findings that made the outcome what it is: questions, else refusals, else warnings."""
        level = {"ask_back": ASK, "refused": REFUSE}.get(self.outcome, WARN)
        return tuple(finding for finding in self.findings if finding.level == level)

    @property
    def rules(self) -> frozenset[str]:
        """The rule ids of `reasons`."""
        return frozenset(finding.rule for finding in self.reasons())


def outcome_of(findings: tuple[Finding, ...]) -> str:
    """A question comes before a refusal, a refusal before a warning."""
    levels = {finding.level for finding in findings}
    if ASK in levels:
        return "ask_back"
    if REFUSE in levels:
        return "refused"
    return "accepted_with_warning" if WARN in levels else "accepted"
