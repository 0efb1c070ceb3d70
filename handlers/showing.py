"""Where a draft stands, shown; and how a changed draft is kept, once, on the revision it was made for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.card import Remarks, card
from handlers.draft_verdict import advice, cautions, early_verdict, offers, refusal_of
from handlers.planned import what_is_planned
from handlers.receipt import receipt
from handlers.screen import Choice, Event, Screen, say
from handlers.turn import Turn, present_turn, turn_on
from handlers.world import World
from rules.forms import Answers, times_of, without
from rules.periods import local_problem
from rules.verdict import Verdict
from storage import accounts, directory, drafts, ledger, plans
from storage.accounts import Draft, Session

WAY_ON = ((Choice(say("balances.register"), "menu"),),)
TO_PLANS = ((Choice(say("plans.list"), "plan:list"),),)
NONE = Remarks()
# Beside the answers: the moment before, the plan or shared moment that the draft came from, the plan that it moves,
# how often a plan was said to come back, the rules of all refusals that were told.
STAYS = ("last", "plan", "share", "moves", "every", "told")


def show(turn: Turn, remarks: Remarks = NONE, *, verdict: Verdict | None = None, judged: bool = False) -> Screen:
    """The card of a draft with the verdict as far as it can be known now; `judged`: it is the `verdict` given, perhaps none."""
    draft = turn.draft
    if draft.answers.get("role") == "attended":
        drafts.end_draft(turn.tx, draft, "cancelled", turn.event.now)
        return Screen(say("registration.attended"), choices=WAY_ON, draft=draft.id)
    if draft.aside.get("pick") or draft.aside.get("networks"):
        return card(turn, None, remarks)
    if (skipped := skipped_time(draft.answers)) is not None:
        answers = dict(without(turn.setting.form, draft.answers, skipped))
        turn = turn.on(drafts.change_draft(turn.tx, draft, answers, draft.aside, turn.event.now) or draft)
        remarks = replace(remarks, problems=(*remarks.problems, say("problems.no_such_time")))
    if verdict is None and (not judged or turn.field is None or draft.aside.get("refused") in ("final", "rules")):
        verdict = early_verdict(turn)
    if verdict is None:
        return card(turn, None, remarks)
    remarks = replace(remarks, cautions=cautions(turn, verdict))
    if verdict.outcome == "refused":
        remarks = replace(remarks, advice=advice(turn, verdict), offers=tuple(offers(turn, verdict)))
    return card(turn, verdict, remarks, stopped=refusal_of(verdict) == "final")


def skipped_time(answers: Answers) -> str | None:
    """The field whose time does not exist: the clock went forward that night (DRV-03)."""
    if "start" not in answers:
        return None
    _, start, end, _ = times_of(answers)
    if start is not None and local_problem(start) == "gap":
        return "start"
    return "length" if end is not None and local_problem(end) == "gap" else None


def keep_answers(turn: Turn, answers: Answers, answered: frozenset[str] | None = None) -> Screen:
    """Keep the new answers of a draft, if nobody was before us, and show where it stands."""
    verdict = early_verdict(turn.on(turn.draft._replace(answers=dict(answers))), answered)
    return keep(turn, answers, aside_for(answers, turn.draft.aside, verdict), verdict=verdict)


def keep_verdict(turn: Turn, verdict: Verdict | None, remarks: Remarks = NONE) -> Screen:
    """Show a draft with the verdict on it as it stands; what it refuses is kept as told."""
    return keep(turn, turn.draft.answers, aside_for(turn.draft.answers, turn.draft.aside, verdict), remarks, verdict=verdict)


def keep(
    turn: Turn, answers: Answers, aside: Mapping[str, Any], remarks: Remarks = NONE, *, verdict: Verdict | None = None, judged: bool = True
) -> Screen:
    """Keep answers and what stands beside them as they are given, and show where the draft stands."""
    changed = drafts.change_draft(turn.tx, turn.draft, dict(answers), dict(aside), turn.event.now)
    if changed is None:
        return stale(turn.tx, turn.world, turn.session, turn.event)
    count_refused(turn, turn.draft.aside, verdict)
    return show(turn.on(changed), remarks, verdict=verdict, judged=judged)


def aside_for(answers: Answers, before: Mapping[str, Any], verdict: Verdict | None) -> dict[str, Any]:
    """What stays beside the answers from step to step: what always does, counts that wait for their question, and the refusal."""
    aside = {key: before[key] for key in (*STAYS, "roles") if key in before and not (key == "roles" and "present" in answers)}
    refused = refusal_of(verdict)
    told = {*before.get("told", ()), *(verdict.rules if verdict is not None and refused else ())}
    return aside | ({"refused": refused} if refused else {}) | ({"told": sorted(told)} if told else {})


def count_refused(turn: Turn, before: Mapping[str, Any], verdict: Verdict | None) -> None:
    """Count a refusal for the coordinator when it is told (DRV-15), each rule once in a draft; `before`: what stood beside the answers
    until now. A plan is refused nothing, and a correction leaves what was booked."""
    if verdict is not None and verdict.outcome == "refused" and turn.draft.purpose == "register":
        fresh = tuple(each for each in verdict.findings if each.rule not in before.get("told", ()))
        ledger.add_refusal(turn.tx, turn.draft.network, replace(verdict, findings=fresh), turn.event.today)


def stale(tx: Connection, world: World, session: Session, event: Event, draft_id: int | None = None) -> Screen:
    """What an old button gets: what became of its draft, and the present question; it changes nothing."""
    booked = None
    if draft_id is not None:
        booked = directory.submitted_as(tx, session.person or 0, f"draft:{draft_id}")
        planned = plans.planned_as(tx, session.person or 0, f"draft:{draft_id}")
        if planned is not None:
            return Screen(say("plans.again"), (what_is_planned(tx, world, planned),), choices=TO_PLANS, notice=say("plans.again"))
    if booked is not None:
        screen = receipt(tx, world, session, booked, again=True)
        return replace(screen, notice=say("problems.already_booked", moment=booked.id))
    turn = present_turn(tx, world, accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user), event)
    if turn is None:
        return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON)
    return show(turn, Remarks(notice=say("problems.stale")))


def show_fresh(tx: Connection, world: World, session: Session, event: Event, draft: Draft) -> Screen:
    """A draft that was just opened, as a new message."""
    return replace(show(turn_on(tx, world, session, event, draft)), fresh=True)
