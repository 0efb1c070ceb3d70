"""Opening a form: by its command with a whole line or nothing behind it, in the one network that it can be for, or asked."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.card import Remarks
from handlers.choices import untouched
from handlers.draft_verdict import coordinator_name, early_verdict
from handlers.moment_form import OPROEP_OF_FORM, Setting
from handlers.screen import Choice, Event, Screen, say
from handlers.showing import WAY_ON, aside_for, count_refused, show, stale
from handlers.turn import PLAN, Turn, settings_for, turn_on
from handlers.typed_line import TypedLine, typed_line
from handlers.world import World
from rules import clientdata
from rules.forms import Answers, fill_known, next_field
from rules.typed import fold
from storage import accounts, directory, drafts
from storage.accounts import Draft, Session

NOTHING_TYPED = TypedLine()
LONGEST_LINE = 1000
UNSURE_PLACE = ("problems.unknown_place", "problems.ambiguous_place")
ASSUMED = {"channel": "f2f", "initiative": "actor"}


def start(
    tx: Connection, world: World, session: Session, event: Event, form_id: str, *, network: int | None = None, purpose: str = "register"
) -> Screen:
    """Open a form to register or to plan; what follows the command on its line is read as a whole moment. `network`: the one that
    was chosen."""
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    if session.draft is not None and _empty(tx, world, session, event, session.draft):
        drafts.end_draft(tx, session.draft, "cancelled", event.now)
    settings = settings_for(tx, world, session.person or 0, event, form_id, ahead=purpose == PLAN)
    if not settings:
        return nothing_open(tx, world, session, form_id)
    settings = [each for each in settings if network in (None, each.network.id)]
    if not settings:
        return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON, fresh=True)
    read = {each.network.id: typed_line(each, event.text) if event.text else NOTHING_TYPED for each in settings}
    there = [each for each in settings if "place" in read[each.network.id].answers]
    if len(settings) > 1 and len(there) != 1:
        return _ask_network(tx, world, session, event, settings, read[settings[0].network.id], purpose)
    setting = (there or settings)[0] if len(settings) > 1 else settings[0]
    return _open(tx, world, session, event, setting, read[setting.network.id], purpose, typed=bool(event.text))


def nothing_open(tx: Connection, world: World, session: Session, form_id: str) -> Screen:
    """Why a person cannot open a form, and whom to ask."""
    mine = accounts.networks_of(tx, session.person or 0)
    if not mine:
        return Screen(say("registration.no_network"), fresh=True)
    if all(form_id not in world.book(row).forms for row in mine):
        return Screen(say("registration.no_form", network=mine[0].name), fresh=True)
    oproepen = OPROEP_OF_FORM[form_id]
    choices = ((Choice(say("requests.ask_hours_here"), "ask:hours" + (f":{oproepen[0]}" if len(oproepen) == 1 else "")),),)
    return Screen(say("registration.no_grant", form=form_id, coordinator=coordinator_name(tx, session)), choices=choices, fresh=True)


def _empty(tx: Connection, world: World, session: Session, event: Event, draft: Draft) -> bool:
    """Whether a draft holds nothing that the person gave: it is not worth keeping."""
    if "networks" in draft.aside:
        return not draft.answers and not draft.aside.get("line")
    return draft.purpose in ("register", PLAN) and len(draft.answers) < 2 and untouched(turn_on(tx, world, session, event, draft))


def _ask_network(
    tx: Connection, world: World, session: Session, event: Event, settings: list[Setting], line: TypedLine, purpose: str
) -> Screen:
    """Ask for which network it is; the line waits in the draft, and without its words when they look like client data."""
    seen = bool(clientdata.screen(event.text))
    answers = {key: value for key, value in line.answers.items() if seen and key != "place"}
    aside: dict[str, Any] = {"networks": [(str(each.network.id), each.network.name) for each in settings]}
    if event.text and not seen:
        aside["line"] = event.text[:LONGEST_LINE]
    form, number = settings[0].form.id, settings[0].network.id
    draft = drafts.open_draft(tx, session.person or 0, form, number, answers, event.now, purpose=purpose, aside=aside)
    problems = line.problems if seen else ()
    return show(Turn(tx, world, session, event, draft, settings[0]), Remarks(problems=problems))


def named_network(draft: Draft, text: str) -> str | None:
    """The network that a typed answer names, in full or by a part that no other has."""
    wanted = fold(text.strip())
    found = [each for each, name in draft.aside["networks"] if len(wanted) > 2 and wanted in fold(name)]
    return found[0] if len(found) == 1 else None


def choose_network(turn: Turn, value: str) -> Screen:
    """Open the form in the chosen network, with the line that was typed before the question."""
    tx, draft, event = turn.tx, turn.draft, turn.event
    if value not in (each for each, _ in draft.aside.get("networks", ())):
        return stale(tx, turn.world, turn.session, event)
    drafts.end_draft(tx, draft, "cancelled", event.now)
    settings = settings_for(tx, turn.world, turn.person, event, draft.form, ahead=draft.purpose == PLAN)
    setting = next((each for each in settings if str(each.network.id) == value), None)
    if setting is None:
        return nothing_open(tx, turn.world, turn.session, draft.form)
    typed = draft.aside.get("line", "")
    line = typed_line(setting, typed) if typed else TypedLine(draft.answers)
    return _open(tx, turn.world, turn.session, event, setting, line, draft.purpose, typed=bool(typed))


def _open(
    tx: Connection, world: World, session: Session, event: Event, setting: Setting, line: TypedLine, purpose: str, *, typed: bool
) -> Screen:
    form = setting.form
    answers = fill_known(form, line.answers, setting.asked)
    if any(each.key in UNSURE_PLACE for each in line.problems):
        answers = {key: value for key, value in answers.items() if key != "place"}
    if typed and line.sure and next_field(form, answers) is not None:
        answers = _assumed(setting, answers)
    last = directory.last_submitted(tx, session.person or 0, form.id, OPROEP_OF_FORM[form.id])
    every = line.every if purpose == PLAN else None
    beside = {"last": last, "roles": line.counted, "every": every, "readings": line.readings}
    before = {key: value for key, value in beside.items() if value}
    unopened = Draft(0, form.id, setting.network.id, purpose, None, dict(answers), {}, 0)
    turn = Turn(tx, world, session, event, unopened, setting)
    verdict = early_verdict(turn)
    aside = aside_for(answers, before, verdict) | {key: before[key] for key in ("readings",) if key in before}
    draft = drafts.open_draft(tx, turn.person, form.id, setting.network.id, dict(answers), event.now, purpose=purpose, aside=aside)
    opened = replace(turn, draft=draft, session=replace(session, draft=draft))
    count_refused(opened, {}, verdict)
    return show(opened, Remarks(problems=line.problems, readings=line.readings), verdict=verdict, judged=True)


def _assumed(setting: Setting, answers: Answers) -> Answers:
    """A whole typed line: what is declared stands on the card and is confirmed with it, not asked apart."""
    field = next_field(setting.form, answers)
    full = dict(answers)
    while field is not None and (field.kind == "declare" or field.key in ASSUMED):
        full[field.key] = ASSUMED.get(field.key, "yes")
        field = next_field(setting.form, full)
    return full if field is None else answers
