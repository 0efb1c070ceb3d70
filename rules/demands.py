"""What the werkvorm of a moment asks, held against it: channel, people, length, preparation, how often."""

from collections.abc import Iterator, Mapping
from datetime import date

from rules.book import Settings
from rules.facts import Facts, Submission
from rules.rule_ids import REPORTED
from rules.verdict import MET, REFUSE, WARN, Finding, facts_of
from rules.werkvormen import Terms


def terms_of(settings: Settings, sub: Submission) -> Terms | None:
    """What the werkvorm asks in this oproep; None when it is not chosen yet or not known there."""
    return settings.terms(sub.oproep, sub.werkvorm) if sub.werkvorm is not None else None


def working(settings: Settings, sub: Submission, terms: Terms | None) -> Iterator[Finding]:
    """GEN-17, O4-25: the werkvorm stands in the list of the oproep; O2-01, O3-04 to O3-07, O4-02, O4-03: people meet (A-43)."""
    if sub.werkvorm is None:
        return
    if terms is None or not terms.allowed:
        known = settings.werkvorm_words(sub.werkvorm)
        yield Finding("O4-25" if sub.oproep == "O4" else "GEN-17", REFUSE, facts=facts_of(werkvorm=known))
    else:
        yield from meeting(settings, sub, terms)


def suits(settings: Settings, terms: Terms, channel: str) -> bool:
    """Whether a werkvorm may go by a channel: a video call counts as being there, or as a telephone call (A-43)."""
    return ("telefoon" if channel == "online" and settings["channel.online"] == "refuse" else channel) in terms.channels


def meeting(settings: Settings, sub: Submission, terms: Terms | None) -> Iterator[Finding]:
    """The channel suits the werkvorm."""
    if terms is not None and not suits(settings, terms, sub.channel):
        rule = terms.channels_rule
        yield Finding(rule, REFUSE, facts=facts_of(channel=sub.channel, **_words(rule, "not_met")))


def attendance(settings: Settings, sub: Submission, terms: Terms | None) -> Iterator[Finding]:
    """O1-01, O2-12, O3-02, O3-39, O3-40, O4-24: enough people who count are there, and not too many (A-12, A-39, A-47, A-51).

    Of a werkvorm that is not in the oproep: what each werkvorm that is there would refuse.
    """
    if sub.present is None or sub.werkvorm is None:
        return
    if terms is not None:
        yield from _people(settings, sub.present, terms)
        return
    listed = [each for name in settings.werkvormen if (each := settings.terms(sub.oproep, name)) is not None and each.allowed]
    refused = [{each.rule: each for each in _people(settings, sub.present, terms) if each.level == REFUSE} for terms in listed]
    first, *others = refused or [{}]
    yield from (found for rule, found in first.items() if all(rule in each for each in others))


def _people(settings: Settings, present: Mapping[str, int], terms: Terms) -> Iterator[Finding]:
    counted = sum(count for role, count in present.items() if terms.counts is None or role in terms.counts)
    if terms.most_people and counted > terms.most_people:
        rule = terms.most_people_rule
        yield Finding(rule, REFUSE, limit=terms.most_people, asked=counted, facts=facts_of(**_words(rule, "too_many")))
    rule, least = terms.people_rule, terms.least_people
    words = _words(rule, "attendance")
    if counted < least:
        if terms.too_few == "nonbillable_note":
            yield Finding(rule, WARN, limit=least, asked=counted, facts=facts_of(nonbillable=True, **words))
            return
        yield Finding(rule, REFUSE, limit=least, asked=counted, facts=facts_of(**words))
        if terms.no_contact_rule and any(present.get(role) for role in settings["no_contact_roles"]):
            yield Finding(terms.no_contact_rule, REFUSE)
    elif least:
        yield Finding(rule, MET, limit=least, asked=counted)
    elif terms.nobody_rule and not sum(present.values()):
        yield Finding(terms.nobody_rule, WARN, limit=least, asked=0)


def length(settings: Settings, facts: Facts, minutes: int | None, terms: Terms | None) -> tuple[int | None, list[Finding]]:
    """O3-36, O4-21: not too short, not too long, in whole steps (A-09, A-10, A-11, A-48); the minutes that count.

    With duration.parts = together a part that is short so far is accepted with a warning: the next one may make it up.
    """
    if minutes is None or terms is None:
        return minutes, []
    prepared = 60 * terms.preparation_hours if settings["duration.includes_prep"] else 0
    together = settings["duration.parts"] == "together"
    rule, step = terms.minutes_rule, terms.step_minutes
    least = max(0, terms.least_minutes - prepared)
    most = max(0, terms.most_minutes - prepared)
    words = _words(rule, "length")
    if minutes + (facts.same_title_minutes if together else 0) < least:
        level = WARN if together or settings["duration.under_min"] == "warn" else REFUSE
        return minutes, [Finding(rule, level, limit=least, asked=minutes, facts=facts_of(short=True, **words))]
    if terms.most_minutes and minutes > most:
        if settings["duration.over_max"] == "cap":
            return most, [Finding(rule, WARN, limit=most, asked=minutes, facts=facts_of(capped=True, **words))]
        return minutes, [Finding(rule, REFUSE, limit=most, asked=minutes, facts=facts_of(long=True, **words))]
    if step and minutes % step:
        return minutes, [Finding(rule, REFUSE, limit=step, asked=minutes, facts=facts_of(says="whole_steps"))]
    return minutes, [Finding(rule, MET, limit=least, asked=minutes)] if least else []


def preparations(settings: Settings, facts: Facts, terms: Terms | None) -> int:
    """O3-37, O4-22: the preparation hours of a theme intervision or workshop (A-08, A-48)."""
    if terms is None or not terms.preparation_hours:
        return 0
    if facts.preparation_taken and (settings["prep.joint"] == "one" or settings["prep.repeat"] == "once_per_title"):
        return 0
    if settings["duration.parts"] == "together" and facts.same_title_minutes:  # a later part of the same intervention
        return 0
    return terms.preparation_hours


def often(facts: Facts, terms: Terms | None, day: date) -> Iterator[Finding]:
    """Not more often in a period than the werkvorm allows; O3-37, O4-22: a repeat is worth a look (A-08)."""
    if terms is None:
        return
    if terms.most_times and facts.times >= terms.most_times:
        yield Finding(terms.times_rule, REFUSE, limit=terms.most_times, used=facts.times, facts=facts_of(says="too_often"))
    if terms.repeat_days:
        near = tuple(each for each in facts.same_title_days if abs((each - day).days) <= terms.repeat_days)
        if near:
            rule = terms.repeat_rule
            yield Finding(rule, WARN, facts=facts_of(days=near, **_words(rule, "repeated")))


def _words(rule: str, shared: str) -> dict[str, str]:
    """The shared words for a rule of a network's own; the rules of the convention have their own words."""
    return {} if rule in _OF_THE_CONVENTION else {"says": shared}


_OF_THE_CONVENTION = frozenset(REPORTED)
