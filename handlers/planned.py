"""What a planned moment is in words and in time, and how the rules look at one that is still to come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.moment_form import OPROEP_OF_FORM
from handlers.registering import WORKING_FORM
from handlers.screen import Text, say
from handlers.world import World
from rules.belgian_days import days_off
from rules.facts import Submission
from rules.forms import Answers, Form, path, times_of
from rules.periods import BRUSSELS, Span, real_span
from rules.verdict import REFUSE, WARN, Finding, Verdict
from storage import directory, plans
from storage.directory import Place

# Without these there is no time to plan; every other refusal may be gone by the day itself.
NO_TIME = frozenset({"DRV-03", "DRV-20"})


def after_the_fact(sub: Submission, now: datetime) -> datetime:
    """When a moment to come is judged as if it had taken place: two days after it."""
    if sub.first_day is None:
        return now
    return max(now, datetime.combine(sub.first_day + timedelta(days=2), time(), BRUSSELS))


def as_plan(verdict: Verdict) -> Verdict:
    """The verdict on a plan: what would be refused later is said and does not keep her from planning it."""
    refused = {finding.rule for finding in verdict.findings if finding.level == REFUSE}
    soft = verdict.outcome == "refused" and not refused & NO_TIME
    return replace(verdict, outcome="accepted_with_warning") if soft else verdict


def would_fit(verdict: Verdict) -> bool:
    """Whether the rules as they are now would book it."""
    return all(finding.level != REFUSE for finding in verdict.findings)


def remarks_on(verdict: Verdict) -> tuple[Finding, ...]:
    """What is said of a plan: what would be refused, else what is worth a warning."""
    level = WARN if would_fit(verdict) else REFUSE
    return tuple(finding for finding in verdict.findings if finding.level == level)


def span_of(answers: Answers) -> Span | None:
    """The real time of a plan; None while it has none, and at an hour that does not exist. Of two hours the first is meant."""
    _, start, end, minutes = times_of(answers)
    if start is None or (end is None and minutes is None):
        return None
    span = real_span(start, end, minutes, answers.get("clock") or "first")
    return span if isinstance(span, Span) and span.minutes > 0 else None


def cautions_of(tx: Connection, person: int, answers: Answers, now: datetime, moves: int | None) -> tuple[Text, ...]:
    """What is worth a second look before it is planned: over already, a holiday, something else planned then."""
    span = span_of(answers)
    if span is None:
        return ()
    said = [say("plans.over")] if span.end <= now else []
    if is_holiday(span.day):
        said.append(say("plans.holiday", day=span.day))
    if plans.overlapping(tx, person, span, moves):
        said.append(say("plans.overlap"))
    return tuple(said)


def is_holiday(day: date) -> bool:
    """Whether it is a Belgian public holiday."""
    return day in days_off(day.year, "nl").public


def with_declared(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers with every statement declared that was not asked yet: she confirms them with the moment."""
    asked = {each.key: "yes" for each in path(form, answers) if each.kind == "declare"}
    return {**asked, **answers}


def statements_of(form: Form, answers: Answers) -> list[Text]:
    """What she declares with the moment, in words."""
    return [say(f"words.declare_{each}") for field in path(form, answers) if field.kind == "declare" for each in field.options]


def what_of(tx: Connection, world: World, person: int, form: str, answers: Mapping[str, Any], span: tuple[datetime, datetime]) -> Text:
    """A moment in one line: what, where, when. `span`: begin and end as stored (UTC, without offset)."""
    known = answers.get("werkvorm") or WORKING_FORM.get(OPROEP_OF_FORM[form][0])
    place = next((each.name for each in directory.read_places(tx, person) if each.value == answers.get("place")), "")
    begins, ends = (each.replace(tzinfo=UTC) for each in span)
    return say("plans.what", form=form, werkvorm=world.werkvorm(known) if known else "", place=place, begins=begins, ends=ends)


def what_is_planned(tx: Connection, world: World, row: Any) -> Text:
    """A plan in one line."""
    return what_of(tx, world, row.person, row.form, row.answers, (row.begins, row.ends))


def place_of(places: list[Place], row: Any) -> Place | None:
    """The place with the grant that a plan would use on its day; None when none covers it."""
    day = row.begins.replace(tzinfo=UTC).astimezone(BRUSSELS).date()
    return next(
        (each for each in places
         if each.value == row.answers.get("place") and each.oproep in OPROEP_OF_FORM[row.form] and each.start <= day
         and (each.to is None or day <= each.to)),
        None,
    )  # fmt: skip


def minutes_by_grant(tx: Connection, person: int) -> dict[int, int]:
    """Minutes that are planned and not booked yet, per grant."""
    found: dict[int, int] = {}
    rows = plans.open_plans(tx, person)
    places = directory.read_places(tx, person) if rows else []
    for row in rows:
        place = place_of(places, row)
        if place is not None:
            found[place.grant] = found.get(place.grant, 0) + int((row.ends - row.begins).total_seconds()) // 60
    return found
