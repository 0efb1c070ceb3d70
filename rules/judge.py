"""The judgement of a moment: all checks of the domain document that a program can make at registration, each a finding."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from rules.book import NoValueError, Rulebook, Settings
from rules.clientdata import has_national_number
from rules.facts import Entry, Facts, Grant, Id, Submission
from rules.ledger import Balance, Holding, balance
from rules.periods import BRUSSELS, Span, add_months, quota_period, real_span
from rules.verdict import ASK, MET, REFUSE, WARN, Finding, Verdict, outcome_of
from rules.words import GROUP, ONE_TO_ONE, PREPARED

REQUIRED_RULE = {"O1": "O1-17", "O2": "O2-12", "O3": "O3-33", "O4": "O4-18"}
QUOTA_RULE = {"O1": "O1-11", "O2": "O2-10", "O3": "O3-30", "O4": "O4-16"}
CONCRETE_CLIENT_RULE = {"O1": ("O1-05", "MDO-07"), "O2": ("MDO-07",), "O3": ("O3-14", "MDO-07"), "O4": ("O4-07", "MDO-07")}
IN_PERSON_RULE = {
    ("O2", "presentie"): "O2-01",
    ("O3", "co_consult"): "O3-04",
    ("O3", "casus_intervisie"): "O3-05",
    ("O3", "thema_intervisie"): "O3-06",
    ("O3", "workshop"): "O3-07",
    ("O4", "thema_intervisie"): "O4-02",
    ("O4", "workshop"): "O4-03",
    ("O4", "casus_intervisie"): "O4-25",
}


def judge(book: Rulebook, facts: Facts, sub: Submission, now: datetime, *, partial: bool = False) -> Verdict:
    """Judge a submission on its facts at `now` (aware). Nothing is booked here.

    All checks run and every failing one is reported, in the order of the reference algorithm of the domain document. With
    `partial` what is not given yet is skipped instead of asked: what is refused then, no later answer can mend.
    """
    try:
        return _judge(book, facts, sub, now, partial=partial)
    except NoValueError as error:  # a setting that has ended: no rulebook covers that day
        last_day = book.last_day()
        findings = (
            Finding("GEN-01", REFUSE, facts=_with(last_day=last_day, key=error.key)),
            Finding("DRV-04", REFUSE, facts=_with(convention=True)),
        )
        return Verdict("refused", findings)


def _judge(book: Rulebook, facts: Facts, sub: Submission, now: datetime, *, partial: bool) -> Verdict:
    first_day = sub.first_day
    if first_day is None:
        if partial:
            return _without_day(book, facts, sub, now)
        return Verdict("ask_back", (Finding("DRV-05", ASK), Finding(REQUIRED_RULE[sub.oproep], ASK)))
    settings = book.on(first_day)
    span = _real_time(sub)
    unclear = span if isinstance(span, str) else None
    real = span if isinstance(span, Span) else None
    grant = covering_grant(facts.grants, first_day)
    nearest = grant or nearest_grant(facts.grants, first_day)
    before = balance(book, _holding(facts, nearest, sub.person), first_day) if nearest else None
    findings = [
        *([] if partial else _required(sub)),
        *([Finding("DRV-03", ASK, facts=_with(problem=unclear))] if unclear else []),
        *_time(settings, facts, sub, real, now),
        *_place_in_time(book, facts, sub, grant, first_day),
        *_eligible(settings, facts, sub, first_day),
        *_privacy(settings, sub),
        *_participants(settings, sub),
    ]
    minutes, more = _duration(settings, facts, sub, real.minutes if real else sub.minutes)
    findings += more
    nonbillable = any(finding.facts.get("nonbillable") for finding in findings)
    preparations = _preparations(settings, facts, sub) if not nonbillable or settings["prep.on_no_show"] else 0
    if nonbillable:
        minutes = 0
    after = before
    if grant is not None and before is not None:
        minutes, preparations, after, more = _quota(book, facts, sub, grant, before, minutes, preparations, real, partial)
        findings += more
    findings += _warnings(settings, facts, sub, first_day, now)
    result = tuple(findings)
    outcome = outcome_of(result)
    if outcome in ("refused", "ask_back"):
        return Verdict(outcome, result, 0, 0, real, before, before)
    if after is not None and minutes and (near := _nearly_full(settings, sub, after)):
        result = (*result, near)
        outcome = "accepted_with_warning"
    return Verdict(outcome, result, minutes or 0, preparations, real, before, after)


def judge_people(book: Rulebook, sub: Submission, today: date) -> Verdict:
    """What can be said of who was there, how, and what is declared: the checks that need nothing stored."""
    settings = book.on(sub.first_day or today)
    findings = [*_privacy(settings, sub), *_participants(settings, sub)]
    if sub.werkvorm is not None and not _meets(settings, sub):
        rule = IN_PERSON_RULE.get((sub.oproep, sub.werkvorm), "GEN-17")
        findings.append(Finding(rule, REFUSE, facts=_with(channel=sub.channel, werkvorm=sub.werkvorm)))
    return Verdict(outcome_of(tuple(findings)), tuple(findings))


def covering_grant(grants: tuple[Grant, ...], day: date) -> Grant | None:
    """The grant that a moment on `day` uses: one that covers it, an exception before a pool (DRV-04)."""
    covering = [grant for grant in grants if grant.covers(day)]
    return min(covering, key=lambda grant: (grant.exception is None, grant.start), default=None)


def nearest_grant(grants: tuple[Grant, ...], day: date) -> Grant | None:
    """The grant whose days lie nearest to `day`: whose numbers are shown when none covers it."""

    def distance(grant: Grant) -> tuple[int, bool]:
        if grant.covers(day):
            return 0, grant.exception is None
        edge = grant.start if day < grant.start else (grant.to or day)
        return abs((day - edge).days), grant.exception is None

    return min(grants, key=distance, default=None)


def entries_of(
    settings: Settings, grant: Grant, person: Id, span: Span, minutes: int, preparations: int, title: str | None
) -> tuple[Entry, ...]:
    """The ledger entries of a moment: one on its start day, or with boundary = split one on each side of midnight (A-25).

    When fewer minutes are booked than it lasted they are its first ones; each entry ends where its minutes do.
    """
    tomorrow = span.day + timedelta(days=1)
    split = settings["boundary"] == "split" and grant.covers(tomorrow)
    early = min(minutes, span.minutes - span.after_midnight) if split else minutes
    midnight = span.begin + timedelta(minutes=early)
    first = Entry(grant.id, person, span.day, early, preparations, span.begin, midnight, title)
    if late := minutes - early:
        return first, Entry(grant.id, person, tomorrow, late, 0, midnight, midnight + timedelta(minutes=late), title)
    return (first,)


def _with(**facts: Any) -> Mapping[str, Any]:
    return MappingProxyType(facts)


def _holding(facts: Facts, grant: Grant, person: Id) -> Holding:
    return Holding(grant, person, facts.siblings or facts.grants, facts.entries, facts.offers)


def _real_time(sub: Submission) -> Span | str | None:
    if sub.start is None or (sub.end is None and sub.minutes is None):
        return None
    return real_span(sub.start, sub.end, sub.minutes, sub.clock)


def _without_day(book: Rulebook, facts: Facts, sub: Submission, now: datetime) -> Verdict:
    """What can be said before the day is known: place, werkvorm and person; judged as if it were today."""
    today = now.astimezone(BRUSSELS).date()
    settings = book.on(today)
    found = tuple(finding for finding in _eligible(settings, facts, sub, today) if finding.rule in _DAYLESS)
    return Verdict(outcome_of(found), found)


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
        what = _with(missing=tuple(missing))
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
        yield Finding("DRV-01", REFUSE, facts=_with(end=span.end))
    if span.minutes < 1:
        yield Finding("DRV-03", REFUSE, asked=span.minutes, facts=_with(problem="order"))
    elif span.minutes > longest:
        yield Finding("DRV-20", REFUSE, limit=longest, asked=span.minutes)
    if facts.overlaps:
        yield Finding("DRV-02", REFUSE, facts=_with(moments=facts.overlaps))


def _place_in_time(book: Rulebook, facts: Facts, sub: Submission, grant: Grant | None, day: date) -> Iterator[Finding]:
    """GEN-01, DRV-04, DRV-19: convention, grant and contract cover the day."""
    person = facts.person
    if not book.covers(day):
        yield Finding("GEN-01", REFUSE, facts=_with(last_day=book.last_day(), before=day < book.on(day)["convention.valid_from"]))
        yield Finding("DRV-04", REFUSE, facts=_with(convention=True))
    elif grant is None:
        starts = min((each.start for each in facts.grants), default=None)
        ends = max((each.to for each in facts.grants if each.to), default=None)
        yield Finding("DRV-04", REFUSE, facts=_with(starts=starts, ends=ends))
    if day < person.contract_from or (person.contract_to is not None and day > person.contract_to):
        yield Finding("DRV-19", REFUSE, facts=_with(contract_from=person.contract_from, contract_to=person.contract_to))


def closed_partner(settings: Settings, kind: str | None, day: date) -> Iterator[Finding]:
    """GEN-04: schools and CLBs wait for the dated switch (A-24)."""
    if kind in settings["education_kinds"] and not day >= settings["education_open_from"]:
        yield Finding("GEN-04", REFUSE, facts=_with(kind=kind))


def wrong_site(settings: Settings, facts: Facts) -> Iterator[Finding]:
    """VP-02, VP-04: one's own practice is no vindplaats, nor is a place without collaboration."""
    if facts.site is not None and facts.site.kind in settings["own_practice_kinds"]:
        yield Finding("VP-02", REFUSE, facts=_with(kind=facts.site.kind))
    if facts.site is not None and not facts.site.cooperates:
        yield Finding("VP-04", REFUSE)


def no_structural_offer(settings: Settings, facts: Facts, day: date) -> Iterator[Finding]:
    """O1-13: a structural offer exists or is clearly intended (A-42)."""
    offer = facts.offer
    if offer is None:
        return
    running = offer.since is None or offer.since <= day
    if not offer.structural or (settings["o1.structural"] == "existing" and not running):
        yield Finding("O1-13", REFUSE)


def _eligible(settings: Settings, facts: Facts, sub: Submission, day: date) -> Iterator[Finding]:
    """Werkvorm, place, partner, declarations and the way of meeting, per oproep."""
    if sub.werkvorm is not None:
        allowed = settings[f"werkvormen.{sub.oproep}"]
        casus_allowed = sub.oproep == "O4" and sub.werkvorm == "casus_intervisie" and settings["o4.allow_casus"]
        if sub.werkvorm not in allowed and not casus_allowed:
            yield Finding("O4-25" if sub.oproep == "O4" else "GEN-17", REFUSE, facts=_with(werkvorm=sub.werkvorm))
        elif not _meets(settings, sub):
            rule = IN_PERSON_RULE.get((sub.oproep, sub.werkvorm), "GEN-17")
            yield Finding(rule, REFUSE, facts=_with(channel=sub.channel, werkvorm=sub.werkvorm))
    if sub.oproep in ("O1", "O2"):
        yield from closed_partner(settings, facts.site.kind if facts.site else None, day)
        yield from wrong_site(settings, facts)
    if sub.oproep == "O1":
        yield from _eligible_o1(settings, facts, sub, day)
    elif sub.oproep == "O2":
        if facts.site is not None and facts.site.kind not in settings["o2.site_kinds"]:
            yield Finding("O2-03", REFUSE, facts=_with(kind=facts.site.kind))
        if sub.purpose == "onthaalpermanentie":
            yield Finding("O2-04", REFUSE)
        if facts.exception_of_other and settings["o2.overkop_mode"] == "exclusive":
            yield Finding("O2-11", REFUSE, facts=_with(other=True))
    elif sub.oproep == "O3":
        yield from _eligible_o3(settings, facts, sub, day)
    else:
        yield from _eligible_o4(settings, facts, sub, day)


def _meets(settings: Settings, sub: Submission) -> bool:
    """Whether the channel suits the werkvorm (A-43)."""
    channel = "telefoon" if sub.channel == "online" and settings["channel.online"] == "refuse" else sub.channel
    if channel == "telefoon":
        return sub.werkvorm in settings["telephone.werkvormen"]
    return channel != "online" or sub.werkvorm not in settings["presence.werkvormen"]


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
        yield Finding("O3-10", REFUSE, facts=_with(missing=missing))


def evaluation_due(settings: Settings, start: date, evaluated: date | None) -> date:
    """The day from which the yearly evaluation is overdue: 12 months after the start or the last one (O3-09)."""
    return add_months(evaluated or start, settings["evaluation.months"], settings["month_end"])


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
        yield Finding("O4-14", REFUSE, facts=_with(admitted=admitted, initiative=sub.initiative))
    yield from closed_partner(settings, sub.partner_kind, day)
    if sub.partner is not None and facts.person.employer == sub.partner:
        yield Finding("O4-08", REFUSE)
    if sub.regular_mission:
        yield Finding("O4-09", REFUSE)
    if sub.other_financing:
        yield Finding("O4-10", REFUSE)
    if settings["o4.with_o3_partner"] == "refuse" and any(_runs(each.start, each.to, day) for each in facts.partner_agreements):
        yield Finding("O4-01", REFUSE)


def _runs(start: date, to: date | None, day: date) -> bool:
    return start <= day and (to is None or day <= to)


def _privacy(settings: Settings, sub: Submission) -> Iterator[Finding]:
    """DRV-12, O3-26, MDO-07, O3-27, PRIV-07: no client, but the co-consult's with consent and presence."""
    if sub.concrete_client:
        for rule in CONCRETE_CLIENT_RULE[sub.oproep]:
            yield Finding(rule, REFUSE)
    if sub.werkvorm == "co_consult":
        absent = not sub.client_present and settings["co_consult.client_presence"] == "required"
        if not sub.prior_consent or absent:
            yield Finding("O3-27", REFUSE, facts=_with(consent=sub.prior_consent, present=sub.client_present))
        if not sub.prior_consent:
            yield Finding("PRIV-07", REFUSE)
    for text in (sub.text, sub.title, sub.topic):
        if text and has_national_number(text):
            yield Finding("DRV-12", REFUSE)
            if sub.oproep == "O3":
                yield Finding("O3-26", REFUSE)
            return


def _participants(settings: Settings, sub: Submission) -> Iterator[Finding]:
    """O1-01, O2-12, O3-39, O3-40, O4-24: enough people who count are there (A-12, A-39, A-47)."""
    if sub.present is None:
        return
    actors = sum(count for role, count in sub.present.items() if role in settings["count_roles"])
    everyone = sum(sub.present.values())
    if sub.oproep == "O1":
        counted = actors + sum(count for role, count in sub.present.items() if role in settings["count_roles.O1"])
        yield from _enough("O1-01", counted, settings["min_participants.O1"])
        return
    if sub.oproep == "O2":
        needed = settings["min_participants.O2"]
        if everyone < needed:
            yield Finding("O2-12", REFUSE, limit=needed, asked=everyone)
        elif everyone == 0:
            yield Finding("O2-12", WARN, limit=needed, asked=0)
        return
    if sub.werkvorm in ONE_TO_ONE:
        rule, needed = "O3-39", settings["min_participants.one_to_one"]
        most = settings["max_participants.advies"]
        if sub.werkvorm == "advies" and most and actors > most:
            yield Finding("O3-02", REFUSE, limit=most, asked=actors)
    elif sub.werkvorm in GROUP:
        rule, needed = "O3-40", settings["min_participants.group"]
    else:
        return
    if sub.oproep == "O4":
        rule = "O4-24"
    if actors >= needed:
        yield Finding(rule, MET, limit=needed, asked=actors)
    elif settings["below_min_participants"] == "nonbillable_note":
        yield Finding(rule, WARN, limit=needed, asked=actors, facts=_with(nonbillable=True))
    else:
        yield Finding(rule, REFUSE, limit=needed, asked=actors)
        if sub.present.get("keukenmedewerker"):
            yield Finding("O3-13" if sub.oproep == "O3" else "O4-06", REFUSE)


def _enough(rule: str, counted: int, needed: int) -> Iterator[Finding]:
    yield Finding(rule, MET if counted >= needed else REFUSE, limit=needed, asked=counted)


def _duration(settings: Settings, facts: Facts, sub: Submission, minutes: int | None) -> tuple[int | None, list[Finding]]:
    """O3-36, O4-21: 2 to 4 hours for theme intervision and workshop (A-09, A-10, A-11, A-48); the minutes that count."""
    if minutes is None or sub.werkvorm not in GROUP:
        return minutes, []
    rule = "O4-21" if sub.oproep == "O4" else "O3-36"
    themed = sub.werkvorm in PREPARED
    least = settings["duration.min_group_theme"] if themed else settings["min_duration.casus_intervisie"]
    most = settings["duration.max_group_theme"] if themed else None
    length = minutes + (60 if themed and settings["duration.includes_prep"] else 0)
    if settings["duration.parts"] == "together":
        length += facts.same_title_minutes
    if length < least:
        level = WARN if settings["duration.under_min"] == "warn" else REFUSE
        return minutes, [Finding(rule, level, limit=least, asked=minutes, facts=_with(short=True))]
    if most is not None and minutes > most:
        if settings["duration.over_max"] == "cap":
            return most, [Finding(rule, WARN, limit=most, asked=minutes, facts=_with(capped=True))]
        return minutes, [Finding(rule, REFUSE, limit=most, asked=minutes, facts=_with(long=True))]
    return minutes, [Finding(rule, MET, limit=least, asked=minutes)] if least else []


def _preparations(settings: Settings, facts: Facts, sub: Submission) -> int:
    """O3-37, O4-22: one preparation hour per theme intervision or workshop (A-08)."""
    if sub.werkvorm not in PREPARED or sub.oproep not in ("O3", "O4"):
        return 0
    if facts.preparation_taken and (settings["prep.joint"] == "one" or settings["prep.repeat"] == "once_per_title"):
        return 0
    return 1


def _quota(
    book: Rulebook,
    facts: Facts,
    sub: Submission,
    grant: Grant,
    before: Balance,
    minutes: int | None,
    preparations: int,
    span: Span | None,
    partial: bool,
) -> tuple[int | None, int, Balance, list[Finding]]:
    """O1-11/O1-14, O2-10/O2-11, O3-30, O4-16: what fits in the quota; (minutes, preparations, balance after, findings)."""
    day = sub.first_day
    assert day is not None  # noqa: S101 - judge() has returned before when there is no day
    settings = book.on(day)
    rule = "O2-11" if grant.exception == "overkop" else QUOTA_RULE[grant.oproep]
    rules = [rule]
    if grant.oproep == "O1" and facts.offer is not None and facts.offer.since is not None and settings["o1.bonus_minutes"]:
        rules.append("O1-14")
    asked = minutes if minutes is not None else (1 if partial else 0)
    if asked <= 0:
        return minutes, preparations, before, []
    holding = _holding(facts, grant, sub.person)

    def booked(length: int) -> tuple[Entry, ...]:
        if span is not None:
            return entries_of(settings, grant, sub.person, span, length, preparations, sub.title)
        return (Entry(grant.id, sub.person, day, length, preparations, None, None, sub.title),)

    def fits(length: int) -> bool:
        return all(_room(book, holding, booked(length), facts.replaced, entry.day) for entry in booked(length))

    numbers: dict[str, Any] = {"limit": before.limit, "used": before.used, "left": before.left}
    if not fits(asked):
        most = _largest(fits, asked)
        if settings["quota_overflow"] == "split" and most > 0 and minutes is not None:
            after = balance(book, replace(holding, entries=holding.entries + booked(most)), day)
            split = [Finding(each, WARN, asked=asked, facts=_with(booked=most), **numbers) for each in rules]
            return most, preparations, after, split
        over = [Finding(each, REFUSE, asked=asked, facts=_with(room=most), **numbers) for each in rules]
        return minutes, preparations, before, over
    if minutes is None:
        return None, preparations, before, [Finding(rule, MET, **numbers)]
    after = balance(book, replace(holding, entries=holding.entries + booked(asked)), day)
    return minutes, preparations, after, [Finding(rule, MET, asked=asked, **numbers)]


def _room(book: Rulebook, holding: Holding, extra: tuple[Entry, ...], replaced: tuple[Entry, ...], day: date) -> bool:
    """Whether the period of `day` stays within its limit with `extra`; or a correction leaves it no further over than it was."""
    period = quota_period(book.on(day), holding.grant, day)

    def over(entries: tuple[Entry, ...]) -> int:
        inside = tuple(entry for entry in entries if entry.day in period)
        return balance(book, replace(holding, entries=holding.entries + inside), day).over

    return over(extra) <= (over(replaced) if replaced else 0)


def _largest(fits: Any, asked: int) -> int:
    """The largest number of minutes below `asked` that fits; 0 when none does."""
    low, high = 0, asked - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _nearly_full(settings: Settings, sub: Submission, after: Balance) -> Finding | None:
    """DRV-14: used is at least 80 % of used + left on the start day, after booking."""
    whole = after.used + after.left
    if whole > 0 and 100 * after.used >= settings["warn.share_percent"] * whole:
        return Finding("DRV-14", WARN, limit=whole, used=after.used, left=after.left)
    return None


def _warnings(settings: Settings, facts: Facts, sub: Submission, day: date, now: datetime) -> Iterator[Finding]:
    """DRV-17, O4-01, O3-37/O4-22, DRV-08: accepted, but somebody should know."""
    registered = facts.registered_on or now.astimezone(BRUSSELS).date()
    late = (registered - day).days
    if late > settings["late.after_days"]:
        yield Finding("DRV-17", WARN, limit=settings["late.after_days"], asked=late)
    collaborates = any(_runs(each.start, each.to, day) for each in facts.partner_agreements)
    if sub.oproep == "O4" and settings["o4.with_o3_partner"] == "warn" and collaborates:
        yield Finding("O4-01", WARN)
    if sub.werkvorm in PREPARED and sub.oproep in ("O3", "O4"):
        near = [each for each in facts.same_title_days if abs((each - day).days) <= settings["repeat.within_days"]]
        if near:
            yield Finding("O4-22" if sub.oproep == "O4" else "O3-37", WARN, facts=_with(days=tuple(near)))
    if facts.exported:
        yield Finding("DRV-08", WARN)
