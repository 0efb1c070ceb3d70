"""Right after a planned moment ended: did it take place? Booked with one press, changed first, or dropped."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.moment_form import submission_of
from handlers.planned import statements_of, what_is_planned, with_declared
from handlers.planning import dropped, ended, view
from handlers.prefilled import open_prefilled
from handlers.receipt import receipt
from handlers.registering import register
from handlers.screen import Choice, Event, Question, Screen, say
from handlers.turn import Turn, turn_on
from handlers.world import World
from rules.belgian_days import days_off
from rules.forms import next_field
from rules.periods import BRUSSELS
from rules.quiet_hours import last_use, next_free
from storage import directory, outbox, plans, preferences
from storage.accounts import Draft, Session

BATCH = 200  # plans in one call
KIND = "plan"  # of a reminder: who switched it off is not asked
# A plan is asked about on its own up to this long after its end; what is older comes in one message with the reminders.
AT_ONCE = timedelta(hours=48)


def owe_plans(tx: Connection, world: World, now: datetime) -> bool:
    """Ask about plans that ended, each once and outside her quiet hours; the reminder of a later day follows when nobody answers."""
    rows = plans.take_ended(tx, now, BATCH)
    for row in rows:
        over = row.ends.replace(tzinfo=UTC)
        wishes = preferences.read_preferences(tx, row.person)
        quiet = preferences.quiet_of(wishes)
        due = next_free(quiet, days_off(now.astimezone(BRUSSELS).year, "nl"), now)
        if due - over > AT_ONCE or (wishes is not None and KIND in wishes.off.split()):
            plans.mark_asked(tx, row.id, over)
            continue
        plans.mark_asked(tx, row.id, due)
        told = {"told": "plan", "plan": row.id, "ends": row.ends.isoformat()}
        outbox.owe_person(tx, f"plan:{row.id}:{row.ends:%Y%m%d%H%M}", told, row.person, due, last_use(quiet, due))
    return len(rows) == BATCH


def told_plan(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The question, made when it is sent; None when she has answered it or moved the plan."""
    row = plans.find_plan(tx, told["plan"])
    if row is None or row.state != plans.PLANNED or row.ends.isoformat() != told["ends"]:
        return None
    return _question(tx, world, row)


def _question(tx: Connection, world: World, row: Any) -> Screen:
    form = world.book(directory.read_network(tx, row.network)).forms[row.form]
    body = [what_is_planned(tx, world, row)]
    whole = next_field(form, with_declared(form, row.answers)) is None
    if row.answers.get("present"):
        body.append(say("plans.expected", present=row.answers["present"]))
    if whole and (statements := statements_of(form, row.answers)):
        body.append(say("plans.you_declare", statements=statements))
    went = say("plans.went" if whole else "plans.fill_in")
    first = ((Choice(went, f"plan:went:{row.id}"),),)
    rest = ((Choice(say("plans.otherwise"), f"plan:other:{row.id}"), Choice(say("plans.not_held"), f"plan:not:{row.id}")),)
    asked = Question(yes=f"plan:went:{row.id}", no=f"plan:not:{row.id}")
    return Screen(say("plans.did_it"), tuple(body), choices=(*first, *rest), question=asked)


def show_one(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """A plan as it stands: still to come, to be confirmed, done or dropped."""
    if row.state == plans.DONE:
        return _done(tx, world, session, event, row)
    if row.state == plans.PLANNED and ended(row, event):
        return _question(tx, world, row)
    return view(tx, world, session, event, row)


def _done(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    moment = directory.read_moment(tx, row.person, row.moment) if row.moment is not None else None
    if moment is None:
        return Screen(say("plans.gone"), notice=say("plans.gone"))
    screen = receipt(tx, world, session, moment, again=True)
    return replace(screen, notice=say("problems.already_booked", moment=moment.id))


def went(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Ging door zoals gepland: judged and booked at once; what is missing or refused is asked on its card."""
    if row.state != plans.PLANNED or not ended(row, event):
        return show_one(tx, world, session, event, row)
    turn = _turn(tx, world, session, event, row)
    sub = submission_of(turn.setting, turn.person, turn.draft.answers)
    if sub is not None and turn.field is None:
        submitted = {"form": row.form, "answers": turn.draft.answers}
        found = register(tx, turn.setting.book, sub, f"plan:{row.id}", submitted, event.now)
        if found.moment is not None:
            plans.end_plan(tx, row.id, plans.DONE, found.moment)
            moment = directory.read_moment(tx, row.person, found.moment)
            return receipt(tx, world, session, moment, verdict=found.verdict, again=found.again, form=row.form)
    return open_prefilled(tx, world, session, event, ("plan", row.id), row.form, row.network, turn.draft.answers)


def otherwise(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Anders: the card of a registration with what was planned, to be changed."""
    if row.state != plans.PLANNED or not ended(row, event):
        return show_one(tx, world, session, event, row)
    turn = _turn(tx, world, session, event, row)
    pick = turn.field is None
    return open_prefilled(tx, world, session, event, ("plan", row.id), row.form, row.network, turn.draft.answers, pick=pick)


def not_held(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Ging niet door: nothing is booked; the button under it takes that back."""
    if row.state == plans.DONE:
        return _done(tx, world, session, event, row)
    plans.end_plan(tx, row.id, plans.DROPPED)
    return dropped(tx, world, session, event, plans.read_plan(tx, row.person, row.id))


def take_back(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """A dropped plan stands again."""
    plans.restore_plan(tx, row.id)
    return show_one(tx, world, session, event, plans.read_plan(tx, row.person, row.id))


def _turn(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Turn:
    """The turn on a registration with what was planned; its statements count as declared by the press."""
    form = world.book(directory.read_network(tx, row.network)).forms[row.form]
    answers = with_declared(form, row.answers)
    return turn_on(tx, world, session, event, Draft(0, row.form, row.network, "register", None, answers, {}, 0))
