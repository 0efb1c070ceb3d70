"""The steps of a policy case, asked of the same judgement and ledger as the chat: what each comes to."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.case_format import CaseError
from bot.case_situation import PLACES, Situation
from handlers import registering
from rules import meetings
from rules.applications import Application
from rules.facts import Grant, Id, Submission
from rules.grants import nearest_grant
from rules.hours import Hours
from rules.ledger import Balance
from rules.periods import BRUSSELS, nearest_day, real_span
from rules.verdict import Verdict, outcome_of
from storage import billing, fact_reading

Got = dict[str, Any]  # what a step came to, under the keys of a case's `expect`


def _register(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    given = _given(here, step)
    sub = here.submission(given)
    key = str(step.get("submission", f"step-{here.number()}"))
    result = registering.register(here.tx, here.book, sub, key, {}, now)
    if result.moment is None:
        return _after(here, sub, result.verdict)
    here.note(result.moment, here.fields[result.moment] if result.again else given, step)
    return _held(here, result.moment, result.verdict)


def _judge(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    sub = here.submission(_given(here, step))
    return _after(here, sub, registering.judge_moment(here.tx, here.book, sub, now))


def _correct(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    row = here.moment(step)
    old, changed = here.fields[row.id], _given(here, step)
    given = {**old, **changed}
    if "minutes" in changed:
        given.pop("end", None)
    elif "end" in changed:
        given.pop("minutes", None)
    elif "start" in changed:
        before = here.submission(old)
        span = real_span(old["start"], before.end, before.minutes, before.clock)
        given.pop("end", None)
        given["minutes"] = span.minutes if not isinstance(span, str) else before.minutes
    if given["oproep"] != old["oproep"] and "werkvorm" not in changed:
        given.pop("werkvorm", None)
    try:
        verdict = registering.correct(here.tx, here.book, row, here.submission(given), {}, now)
    except registering.CancelledError as error:
        raise CaseError(f"moment {step['moment']} was cancelled") from error
    if verdict.accepted:
        here.fields[row.id] = given
    return _held(here, row.id, verdict)


def _cancel(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    row = here.moment(step)
    try:
        verdict = registering.cancel(here.tx, here.book, row, now)
    except registering.CancelledError as error:
        raise CaseError(f"moment {step['moment']} was cancelled already") from error
    return _held(here, row.id, verdict)


def _show(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    grant = here.grant(step["grant"])
    person = here.holder(grant, step, needed=False)
    day = step.get("on", now.astimezone(BRUSSELS).date())
    found = _balance(here, grant, person or grant.persons[0], day)
    return {"verdict": "accepted", "rules": frozenset(), **_numbers(found, person is not None)}


def _apply(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    place = PLACES.get(step["oproep"])
    if place is not None and place not in step:
        raise CaseError(f"{place} is missing")
    if step.get("id") in here.store.ids["grants"]:
        raise CaseError(f"there is a grant {step['id']} already")
    agreement = here.agreement(step["agreement"]) if place == "agreement" else None
    start = step.get("from", agreement.start if agreement else now.astimezone(BRUSSELS).date())
    name = step.get("id", f"grant-{here.number()}")
    application = Application(
        here.store.person(step["person"]), step["oproep"], start, here.site(step["site"]) if place == "site" else None,
        agreement.id if agreement else None, step.get("exception"), step.get("jointly", True),
    )
    verdict, grant = registering.apply_for(here.tx, here.book, application, now, name)
    got: Got = {"verdict": verdict.outcome, "rules": verdict.rules}
    if grant is not None:
        here.store.remember(name, grant.id)
        got |= _numbers(_balance(here, grant, application.person, start), True)
    return got


def _bill(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    today = now.astimezone(BRUSSELS).date()
    through = step.get("through", today.replace(day=1) - timedelta(days=1))
    person = here.store.person(step["person"])
    grant = here.grant(step["grant"]) if "grant" in step else None
    batch = billing.close_batch(here.tx, here.book, person, through, now, grant)
    lapsed = batch.lapsed
    got: Got = {
        "verdict": "accepted_with_warning" if lapsed > 0 else "accepted", "rules": frozenset({"DRV-14"} if lapsed > 0 else ()),
        "batch_hours": batch.hours, "batch_amount": batch.cents, "lapsed_minutes": lapsed,
    }
    if grant is not None:
        got |= _numbers(_balance(here, grant, person, through), True)
    return got


def _check(here: Situation, step: Mapping[str, Any], now: datetime) -> Got:
    what = step["what"]
    got: Got = {}
    if what == "mdo":
        verdict = meetings.check_mdo(step["participants"], step["care_providers"], step["minutes"], step.get("invoiced", 0))
    elif what == "group_session":
        verdict = meetings.check_group_session(step["function"], step["participants"])
    elif what == "mpo":
        meeting = meetings.plan_mpo(
            here.book, step["start"], step["end"], step["participants"], networking=step.get("networking", False),
            psychologist_contracted=step.get("psychologist_contracted", True),
        )
        verdict = meeting.verdict
        got = {"reminders": list(meeting.reminders), "effect_evaluation": meeting.effect_evaluation}
    elif what == "mpo_close":
        verdict, missing = meetings.close_mpo(step["paid"], step["participants"], step["evaluated"], step["moderators_evaluated"])
        got = {"missing": missing}
    else:
        verdict = meetings.check_evaluation(here.book, here.agreement(step["agreement"]), now.astimezone(BRUSSELS).date())
    return {"verdict": outcome_of(verdict.findings), "rules": verdict.rules, **got}


# Who asks a step, by its `do`.
STEPS: Mapping[str, Callable[[Situation, Mapping[str, Any], datetime], Got]] = {
    "register": _register, "judge": _judge, "correct": _correct, "cancel": _cancel, "show": _show, "apply": _apply, "bill": _bill,
    "check": _check,
}  # fmt: skip


def _given(here: Situation, step: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a moment that a step gives, its names looked up."""
    given = {key: value for key, value in step.items() if key not in ("do", "at", "expect", "id", "submission", "moment")}
    look_up: tuple[tuple[str, Callable[[str], Id]], ...] = (
        ("person", here.store.person), ("site", here.site), ("agreement", lambda name: here.agreement(name).id),
    )
    for key, find in look_up:
        if key in given:
            given[key] = find(given[key])
    return given


def _held(here: Situation, moment: int, verdict: Verdict) -> Got:
    """The numbers of the version of a moment that is there: of its own grant, on its start day."""
    row = here.store.moment(moment)
    found = _balance(here, here.store.grant(row.grant), row.person, row.day)
    held = 0 if row.state == "cancelled" else row.minutes
    return {"verdict": verdict.outcome, "rules": verdict.rules, "booked_minutes": held, **_numbers(found, True)}


def _after(here: Situation, sub: Submission, verdict: Verdict) -> Got:
    """The numbers after a submission that books nothing: of the grant it would use, or the one nearest to it."""
    got: Got = {"verdict": verdict.outcome, "rules": verdict.rules, "booked_minutes": 0}
    mine = tuple(each for each in fact_reading.read_grants(here.tx, sub.person) if fact_reading.same_place(sub, each))
    day = sub.first_day
    if day is not None and (grant := nearest_grant(mine, day)):
        got |= _numbers(_balance(here, grant, sub.person, day), True)
    return got


def _balance(here: Situation, grant: Grant, person: Id, day: date) -> Balance:
    mine, with_offers = fact_reading.read_grants(here.tx, person), fact_reading.read_offers(here.tx, person)
    return fact_reading.read_balance(here.tx, here.book, grant, person, nearest_day(grant, day), mine, with_offers)


def _numbers(found: Balance, with_hours: bool) -> Got:
    hours: Hours = found.hours
    numbers: Got = {"balance_minutes": found.left, "bonus_minutes": found.bonus_left}
    if found.grant.oproep == "O2":
        numbers["pool_minutes"] = found.left
    if with_hours:
        numbers |= {"billable_hours": hours.hours, "remainder_minutes": hours.rest, "amount": hours.cents}
    return numbers
