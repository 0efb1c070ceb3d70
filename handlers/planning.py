"""/planning: moments to come, without effect on any quota; kept, listed, moved and dropped."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.commands import COMMAND_OF, FORMS
from handlers.moment_form import OPROEP_OF_FORM
from handlers.planned import span_of, what_is_planned
from handlers.repeating import ask_until, end_series_button, repeat_buttons
from handlers.screen import Choice, Event, Question, Screen, say
from handlers.showing import TO_PLANS, show, show_fresh, stale
from handlers.starting import start
from handlers.turn import PLAN, Turn, turn_on
from handlers.world import World
from rules.periods import BRUSSELS, Span
from rules.typed import fold
from storage import directory, drafts, plans, scope
from storage.accounts import Session

PAGE = 6
Rows = tuple[tuple[Choice, ...], ...]


def show_plans(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """What is planned; with a line behind the command ("presentie De Kade vrijdag 14u-16u") a new plan."""
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    first, _, rest = event.text.strip().partition(" ")
    form = COMMAND_OF.get(fold(first.lstrip("/")), "") if event.kind == "command" else ""
    if form in FORMS:
        opened = start(tx, world, session, replace(event, text=rest.strip()), form, purpose=PLAN)
        return replace(opened, fresh=True)
    return replace(list_page(tx, world, session, event, 0), fresh=event.kind != "press")


def list_page(tx: Connection, world: World, session: Session, event: Event, page: int) -> Screen:
    """One page of what is planned, the earliest first; what ended and was not confirmed stands on top."""
    rows = plans.open_plans(tx, session.person or 0)
    page = min(page, max(0, (len(rows) - 1) // PAGE))
    shown = list(enumerate(rows, 1))[page * PAGE : (page + 1) * PAGE]
    body = tuple(
        say("plans.row", number=number, what=what_is_planned(tx, world, row), over=ended(row, event), every=_every(tx, row))
        for number, row in shown
    )
    opened = [Choice(say("plans.open", number=number, day=local_day(row)), f"plan:{row.id}") for number, row in shown]
    turns = [Choice(say("plans.earlier"), f"plan:list:{page - 1}")] if page > 0 else []
    turns += [Choice(say("plans.further"), f"plan:list:{page + 1}")] if (page + 1) * PAGE < len(rows) else []
    choices: Rows = (
        *(tuple(opened[at : at + 2]) for at in range(0, len(opened), 2)),
        *((tuple(turns),) if turns else ()),
        (Choice(say("plans.new"), "plan:new"), Choice(say("plans.calendar"), "plan:feed")),
    )
    return Screen(say("plans.title", count=len(rows)), body or (say("plans.none"),), choices=choices)


def _every(tx: Connection, row: Any) -> str:
    found = plans.read_series(tx, row.person, row.series) if row.series is not None else None
    return found.every if found is not None and found.ended_at is None else ""


def ask_form(tx: Connection, world: World, session: Session, event: Event, value: str) -> Screen:
    """What does she want to plan?"""
    granted = {place.oproep for place in directory.read_places(tx, session.person or 0)}
    forms = [form for form in FORMS if granted & set(OPROEP_OF_FORM[form])] or list(FORMS)
    buttons = [Choice(say(f"words.form_{form}"), f"plan:form:{form}") for form in forms]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Screen(say("plans.ask_form"), (say("plans.typed"),), choices=(*rows, *TO_PLANS))


def open_form(tx: Connection, world: World, session: Session, event: Event, value: str) -> Screen:
    """Begin to plan with a form."""
    if value not in FORMS:
        return gone()
    return replace(start(tx, world, session, replace(event, text=""), value, purpose=PLAN), fresh=True)


def plan_instead(turn: Turn, value: str) -> Screen:
    """What cannot be registered because it is still to come is planned, with the same answers."""
    answers = {key: given for key, given in turn.draft.answers.items() if not key.startswith("declared")}
    drafts.end_draft(turn.tx, turn.draft, "cancelled", turn.event.now)
    aside = {"last": turn.draft.aside["last"]} if "last" in turn.draft.aside else {}
    form, network = turn.draft.form, turn.draft.network
    draft = drafts.open_draft(turn.tx, turn.person, form, network, answers, turn.event.now, purpose=PLAN, aside=aside)
    return show(turn_on(turn.tx, turn.world, turn.session, turn.event, draft))


def keep_plan(turn: Turn, value: str = "") -> Screen:
    """Bevestigen on a plan: it is kept, or gets the time that it moves to. What is over already is registered instead."""
    tx, event, draft = turn.tx, turn.event, turn.draft
    span = span_of(draft.answers)
    if draft.purpose != PLAN or span is None or "place" not in draft.answers or (turn.field is not None and value == "ok"):
        return stale(tx, turn.world, turn.session, event)
    if span.end <= event.now:
        return _register_instead(turn)
    if not _has_time(turn, span):
        return show(turn)
    drafts.end_draft(tx, draft, "done", event.now)
    moves = draft.aside.get("moves")
    if moves is not None:
        row = plans.read_plan(tx, turn.person, moves)
        if row is None or not plans.move_plan(tx, row.id, draft.form, dict(draft.answers), span, event.now):
            return replace(gone(), draft=draft.id)
        return _kept(turn, plans.read_plan(tx, turn.person, moves), moved=True)
    answers, key = dict(draft.answers), f"draft:{draft.id}"
    plan = plans.add_plan(tx, turn.person, draft.network, draft.form, answers, span, event.now, key)
    return _kept(turn, plans.read_plan(tx, turn.person, plan), moved=False)


def _has_time(turn: Turn, span: Span) -> bool:
    """Whether a moment can last that long (DRV-03, DRV-20)."""
    longest = turn.setting.book.on(span.day).get("duration.max_moment", 0)
    return not longest or span.minutes <= longest


def _register_instead(turn: Turn) -> Screen:
    """The same answers as a registration; a plan that was to be moved is done with it."""
    tx, event, draft = turn.tx, turn.event, turn.draft
    drafts.end_draft(tx, draft, "cancelled", event.now)
    aside = {"plan": draft.aside["moves"]} if "moves" in draft.aside else {}
    fresh = drafts.open_draft(tx, turn.person, draft.form, draft.network, dict(draft.answers), event.now, aside=aside)
    return show(turn_on(tx, turn.world, turn.session, event, fresh))


def _kept(turn: Turn, row: Any, *, moved: bool) -> Screen:
    said = say("plans.kept", moved=moved)
    body = [what_is_planned(turn.tx, turn.world, row), say("plans.no_effect")]
    if turn.field is not None:
        body.append(say("plans.rest_later"))
    choices: Rows = (*repeat_buttons(row), *_changes(row), (*TO_PLANS[0], Choice(say("plans.another"), "plan:new")))
    kept = Screen(said, tuple(body), choices=choices, draft=turn.draft.id, notice=said, question=Question())
    every = turn.draft.aside.get("every")
    if every is None or moved:
        return kept
    until = ask_until(turn.tx, turn.world, turn.session, turn.event, row, every)
    return replace(kept, also=(replace(until, fresh=True),))


def _changes(row: Any) -> Rows:
    return ((Choice(say("plans.move"), f"plan:move:{row.id}"), Choice(say("plans.drop"), f"plan:drop:{row.id}")),)


def view(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """One plan that is still to come, with what can be done to it."""
    if row.state == plans.DROPPED:
        return dropped(tx, world, session, event, row)
    every = _every(tx, row)
    body = [say("plans.comes_back", every=every, day=plans.read_series(tx, row.person, row.series).until)] if every else []
    if row.answers.get("present"):
        body.append(say("plans.expected", present=row.answers["present"]))
    series = (end_series_button(row),) if every else ()
    choices: Rows = (*_changes(row), *series, *repeat_buttons(row), *TO_PLANS)
    return Screen(what_is_planned(tx, world, row), tuple(body), choices=choices, question=Question())


def move(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Open a plan to give it another day or hour."""
    if row.state != plans.PLANNED:
        return view(tx, world, session, event, row)
    answers = {key: given for key, given in row.answers.items() if key not in ("day", "clock")}
    draft = drafts.open_draft(tx, row.person, row.form, row.network, answers, event.now, purpose=PLAN, aside={"moves": row.id})
    return show_fresh(tx, world, replace(session, draft=draft), event, draft)


def drop(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Take one plan off the list; the button under it puts it back."""
    plans.end_plan(tx, row.id, plans.DROPPED)
    return dropped(tx, world, session, event, plans.read_plan(tx, row.person, row.id))


def dropped(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """What a plan says that was dropped."""
    said = say("plans.dropped")
    choices = ((Choice(say("plans.take_back"), f"plan:back:{row.id}"),), *TO_PLANS)
    return Screen(said, (what_is_planned(tx, world, row),), choices=choices, notice=said)


def ended(row: Any, event: Event) -> bool:
    """Whether a plan is over."""
    return bool(row.ends.replace(tzinfo=UTC) <= event.now)


def local_day(row: Any) -> date:
    """The Belgian day on which a plan begins."""
    return _aware(row.begins).astimezone(BRUSSELS).date()


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


def gone() -> Screen:
    """Not hers, or not there: both look the same."""
    return Screen(say("plans.gone"), choices=TO_PLANS, notice=say("plans.gone"))


def may_plan(tx: Connection, session: Session, event: Event, person: int | None = None) -> bool:
    """Whether she may plan at all, or change the plan of `person`."""
    today = event.today
    return scope.may(tx, session, "plan.change", today, person=person if person is not None else session.person)
