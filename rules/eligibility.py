"""Who may, where, with whom and about what: the checks of oproep, place, partner, declarations and privacy."""

from collections.abc import Iterator
from datetime import date, timedelta

from rules.book import Settings
from rules.clientdata import has_national_number
from rules.days_off import DAY
from rules.facts import Agreement, Facts, Offer, Submission
from rules.periods import add_months
from rules.verdict import REFUSE, WARN, Finding, facts_of

STILL_LATE = timedelta(days=60)  # how long after its end a collaboration that was not evaluated is still shown as late

CONCRETE_CLIENT_RULE = {"O1": ("O1-05", "MDO-07"), "O2": ("MDO-07",), "O3": ("O3-14", "MDO-07"), "O4": ("O4-07", "MDO-07")}


def eligible(settings: Settings, facts: Facts, sub: Submission, day: date) -> Iterator[Finding]:
    """Place, partner and declarations, per oproep."""
    if sub.oproep in ("O1", "O2"):
        yield from closed_partner(settings, facts.site.kind if facts.site else None, day)
        yield from wrong_site(settings, facts)
        yield from unsure_offer(settings, facts, sub.oproep, day)
    if sub.oproep == "O1":
        yield from _eligible_o1(settings, facts, sub, day)
    elif sub.oproep == "O2":
        if facts.site is not None and facts.site.kind not in settings["o2.site_kinds"]:
            yield Finding("O2-03", REFUSE, facts=facts_of(kind=facts.site.kind))
        if sub.purpose == "onthaalpermanentie":
            yield Finding("O2-04", REFUSE)
        if facts.exception_of_other and settings["o2.overkop_mode"] == "exclusive":
            yield Finding("O2-11", REFUSE, facts=facts_of(other=True))
        if settings["o2.eligibility"] == "measured":
            yield from too_small_offer(settings, facts)
    elif sub.oproep == "O3":
        yield from _eligible_o3(settings, facts, sub, day)
    else:
        yield from _eligible_o4(settings, facts, sub, day)


def closed_partner(settings: Settings, kind: str | None, day: date) -> Iterator[Finding]:
    """GEN-04: schools and CLBs wait for the dated switch, and a sector can be closed by the network (A-24)."""
    if kind is not None and settings["sector_rules"].get(kind) == "refuse":
        yield Finding("GEN-04", REFUSE, facts=facts_of(kind=kind, closed=True))
    elif kind in settings["education_kinds"] and not day >= settings["education_open_from"]:
        yield Finding("GEN-04", REFUSE, facts=facts_of(kind=kind))


def wrong_site(settings: Settings, facts: Facts) -> Iterator[Finding]:
    """VP-02, VP-04: one's own practice is no vindplaats, nor is a place without collaboration."""
    if facts.site is not None and facts.site.kind in settings["own_practice_kinds"]:
        yield Finding("VP-02", REFUSE, facts=facts_of(kind=facts.site.kind))
    if facts.site is not None and not facts.site.cooperates:
        yield Finding("VP-04", REFUSE)


def too_small_offer(settings: Settings, facts: Facts) -> Iterator[Finding]:
    """O2-09: enough individual sessions a week, or enough group tracks a year, at this site; a mix does not do (A-22)."""
    weekly = facts.offer.individual_minutes_per_week if facts.offer else 0
    tracks = facts.offer.group_tracks_per_year if facts.offer else 0
    if weekly < settings["o2.min_individual_minutes_per_week"] and tracks < settings["o2.min_group_tracks_per_year"]:
        yield Finding("O2-09", REFUSE)


def no_structural_offer(settings: Settings, facts: Facts, day: date) -> Iterator[Finding]:
    """O1-13: a structural offer exists or is clearly intended (A-42)."""
    offer = facts.offer
    if offer is None:
        return
    running = offer.since is None or offer.since <= day
    if not offer.structural or (settings["o1.structural"] == "existing" and not running):
        yield Finding("O1-13", REFUSE)


def recheck_due(settings: Settings, oproep: str, offer: Offer) -> date | None:
    """The day from which what a provider attested must be attested anew: the offer of oproep 2, 12 months after (O2-09, A-22); the
    intention of oproep 1, 6 months after, while the work had not begun when she attested it (O1-03, A-42). None: not asked."""
    if offer.attested is None or offer.withdrawn is not None:
        return None
    if oproep == "O2":
        months = settings["o2.recheck_months"] if settings["o2.eligibility"] == "attested" else 0
    else:
        intended = oproep == "O1" and offer.since is not None and offer.since > offer.attested
        months = settings["o1.recheck_months"] if intended else 0
    return add_months(offer.attested, months, settings["month_end"]) if months else None


def unsure_offer(settings: Settings, facts: Facts, oproep: str, day: date) -> Iterator[Finding]:
    """O2-09, O1-13: a warning from the day on which the offer should have been attested anew, or was said to hold no longer."""
    offer, rule = facts.offer, "O2-09" if oproep == "O2" else "O1-13"
    if offer is None:
        return
    due = recheck_due(settings, oproep, offer)
    if offer.withdrawn is not None and day >= offer.withdrawn:
        yield Finding(rule, WARN, facts=facts_of(withdrawn=offer.withdrawn))
    elif due is not None and day >= due:
        yield Finding(rule, WARN, facts=facts_of(due=due))


def callback_hours(settings: Settings, agreement: Agreement) -> int:
    """The clock hours within which the provider calls back: as the agreement states it, else the network's own (O3-19, A-41); 0: no
    such promise."""
    return agreement.callback_hours if agreement.callback_hours is not None else int(settings["agreement.callback_hours"])


def _eligible_o1(settings: Settings, facts: Facts, sub: Submission, day: date) -> Iterator[Finding]:
    unstructural = list(no_structural_offer(settings, facts, day))
    if sub.purpose == "eenmalig_aanbod" or (sub.purpose == "kennismaking" and unstructural):
        yield Finding("O1-06", REFUSE)
    yield from unstructural
    if sub.with_local_network and not sub.on_request_of_site:
        yield Finding("O1-04", REFUSE)


def missing_blocks(facts: Facts) -> Iterator[Finding]:
    """O3-10: the agreement states hours, regularity, arrangements and evaluation."""
    agreement = facts.agreement
    missing = tuple(block for block in ("uren", "periodiciteit", "afspraken", "evaluatie") if agreement and block not in agreement.blocks)
    if missing:
        yield Finding("O3-10", REFUSE, facts=facts_of(missing=missing))


def evaluation_due(settings: Settings, start: date, evaluated: date | None) -> date:
    """The day from which the yearly evaluation is overdue: 12 months after the start or the last one (O3-09)."""
    return add_months(evaluated or start, settings["evaluation.months"], settings["month_end"])


def needs_evaluation(due: date, to: date | None) -> bool:
    """Whether an evaluation that is overdue from `due` on is asked of a collaboration up to `to`: not when it ends before that (O3-09)."""
    return to is None or due <= to + DAY


def _eligible_o3(settings: Settings, facts: Facts, sub: Submission, day: date) -> Iterator[Finding]:
    agreement = facts.agreement
    if agreement is not None:
        yield from closed_partner(settings, agreement.partner_kind, day)
        yield from missing_blocks(facts)
        if not agreement.delivered:
            yield Finding("O3-32", REFUSE)
        if facts.person.employer is not None and facts.person.employer == agreement.partner:
            yield Finding("O3-15", REFUSE)
        if settings["evaluation.overdue"] == "block" and day >= evaluation_due(settings, agreement.start, agreement.evaluated):
            yield Finding("O3-09", REFUSE)
    if sub.regular_mission:
        yield Finding("O3-16", REFUSE)
    if sub.other_financing:
        yield Finding("O3-17", REFUSE)


def _eligible_o4(settings: Settings, facts: Facts, sub: Submission, day: date) -> Iterator[Finding]:
    admitted = facts.person.o4_admitted_from
    if admitted is None or admitted > day or sub.initiative == "eigen":
        yield Finding("O4-14", REFUSE, facts=facts_of(admitted=admitted, initiative=sub.initiative))
    yield from closed_partner(settings, sub.partner_kind, day)
    if sub.partner is not None and facts.person.employer == sub.partner:
        yield Finding("O4-08", REFUSE)
    if sub.regular_mission:
        yield Finding("O4-09", REFUSE)
    if sub.other_financing:
        yield Finding("O4-10", REFUSE)
    if settings["o4.with_o3_partner"] == "refuse" and any(runs(each.start, each.to, day) for each in facts.partner_agreements):
        yield Finding("O4-01", REFUSE)


def runs(start: date, to: date | None, day: date) -> bool:
    return start <= day and (to is None or day <= to)


def private(settings: Settings, sub: Submission) -> Iterator[Finding]:
    """DRV-12, O3-26, MDO-07, O3-27, PRIV-07: no client, but the co-consult's with consent and presence."""
    if sub.concrete_client:
        for rule in CONCRETE_CLIENT_RULE[sub.oproep]:
            yield Finding(rule, REFUSE)
    if sub.werkvorm == "co_consult":
        absent = not sub.client_present and settings["co_consult.client_presence"] == "required"
        if not sub.prior_consent or absent:
            yield Finding("O3-27", REFUSE, facts=facts_of(consent=sub.prior_consent, present=sub.client_present))
        if not sub.prior_consent:
            yield Finding("PRIV-07", REFUSE)
    for text in (sub.text, sub.title, sub.topic):
        if text and has_national_number(text):
            yield Finding("DRV-12", REFUSE)
            if sub.oproep == "O3":
                yield Finding("O3-26", REFUSE)
            return
