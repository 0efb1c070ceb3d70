"""The judgement of an application for a grant: the checks of registration that hold then already, and its own."""

from dataclasses import dataclass
from datetime import date

from rules.book import Rulebook, Settings
from rules.eligibility import closed_partner, missing_blocks, no_structural_offer, too_small_offer, wrong_site
from rules.facts import Facts, Grant, Id
from rules.quota import QUOTA_RULE
from rules.verdict import ASK, REFUSE, Finding, Verdict, outcome_of


@dataclass(frozen=True, slots=True)
class Application:
    """A request for a grant from day `start` on; `jointly`: made together with the site or partner."""

    person: Id
    oproep: str
    start: date
    site: Id | None = None
    agreement: Id | None = None
    exception: str | None = None
    jointly: bool = True


def judge_application(book: Rulebook, facts: Facts, application: Application) -> Verdict:
    """Judge an application (GEN-15, O1-15, O2-08, O2-09, O2-11, O3-28, O3-29, O4-14 and what holds at registration)."""
    settings = book.on(application.start)
    findings: list[Finding] = []
    person, day, oproep = facts.person, application.start, application.oproep
    if not application.jointly and oproep in ("O1", "O2", "O3"):
        findings.append(Finding({"O1": "O1-15", "O2": "O2-08", "O3": "O3-28"}[oproep], ASK))
    if day < person.contract_from or (person.contract_to is not None and day > person.contract_to):
        findings.append(Finding("DRV-19", REFUSE))
    if oproep in ("O1", "O2"):
        findings += closed_partner(settings, facts.site.kind if facts.site else None, day)
        findings += wrong_site(settings, facts)
    if oproep == "O1":
        findings += no_structural_offer(settings, facts, day)
    elif oproep == "O2":
        findings += _presence(settings, facts, application)
    elif oproep == "O3":
        if not person.portfolio:
            findings.append(Finding("O3-29", ASK))
        findings += closed_partner(settings, facts.agreement.partner_kind if facts.agreement else None, day)
        findings += missing_blocks(facts)
        if facts.agreement is not None and person.employer is not None and person.employer == facts.agreement.partner:
            findings.append(Finding("O3-15", REFUSE))
    elif person.o4_admitted_from is None or person.o4_admitted_from > day:
        findings.append(Finding("O4-14", REFUSE))
    if (running := _running(facts.grants, application)) is not None:
        findings.append(Finding(QUOTA_RULE[oproep], REFUSE, facts={"grant": running.id}))
    result = tuple(findings)
    return Verdict(outcome_of(result), result)


def _presence(settings: Settings, facts: Facts, application: Application) -> list[Finding]:
    """O2-03, O2-09, O2-11: a leisure setting, enough of an own offer there, the OverKop exception."""
    findings = []
    kind = facts.site.kind if facts.site else None
    if kind not in settings["o2.site_kinds"]:
        findings.append(Finding("O2-03", REFUSE))
    findings += too_small_offer(settings, facts)
    blocked = facts.exception_of_other and (application.exception is not None or settings["o2.overkop_mode"] == "exclusive")
    if (application.exception == "overkop" and kind != "overkop") or blocked:
        findings.append(Finding("O2-11", REFUSE, facts={"other": True} if blocked else {}))
    return findings


def _running(grants: tuple[Grant, ...], application: Application) -> Grant | None:
    """The grant of the same person, oproep and place that covers the first day already; an exception may stand on a pool."""
    for grant in grants:
        same_kind = application.exception is None or grant.exception is not None
        if grant.covers(application.start) and same_kind and application.person in grant.persons:
            return grant
    return None
