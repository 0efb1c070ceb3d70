"""/aanvraag: a provider asks her coordinator for hours, more hours, the OverKop exception, or to reopen a locked moment."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.card import problems_of
from handlers.confirm_words import confirm_word, says_nothing
from handlers.coordinating import audit
from handlers.kept import resume_choices
from handlers.request_cards import about, cards_to, local_day, morning, outcome_lines, tell_outcome, title_of
from handlers.request_form import FORM, LONG_AGO, Asking, filled, judge_request, locked_by, row_of, to_go_back
from handlers.request_screen import Rows, show, stopped
from handlers.screen import Choice, Event, Screen, say
from handlers.typed_line import client_data_seen
from handlers.world import World
from rules import clientdata
from rules.forms import Answers, Field, apply, back, options_of, path, without
from rules.requests import HOURS, KINDS, MORE, REOPEN
from rules.typed import whole
from storage import accounts, drafts, requests, scope
from storage.accounts import Draft, Session

PURPOSE = "request"
WAY_ON = ((Choice(say("balances.register"), "menu"), Choice(say("requests.list"), "ask")),)


def show_requests(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """What she asked and what became of it; and what she can ask."""
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    mine = requests.own_requests(tx, session.person or 0)
    if not accounts.networks_of(tx, session.person or 0):
        return Screen(say("registration.no_network"), fresh=True)
    body = tuple(say("requests.row", request=row.id, what=title_of(row), state=row.state, day=local_day(row.asked_at)) for row in mine)
    opened = ((Choice(say("requests.open", request=row.id), f"ask:show:{row.id}"),) for row in mine if row.state == requests.WAITING)
    asking = _asking(tx, world, session, event, {})
    possible = next(each for each in asking.form.fields if each.key == "what").options
    kinds = tuple((Choice(say(f"words.what_{kind}"), f"ask:{kind}"),) for kind in possible)
    if waiting := scope.networks_in_reach(tx, session, "request.view", event.today):
        kinds = (*kinds, *(((Choice(say("requests.list_waiting"), "rq"),),) if requests.waiting_requests(tx, waiting, 1) else ()))
    return Screen(say("requests.title"), body, asks=say("requests.what_now"), choices=(*opened, *kinds), fresh=True)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button outside the card: "" the list, show:ID, withdraw:ID, or a kind to ask, with its oproep, grant or moment."""
    verb, _, value = rest.partition(":")
    number = whole(value)
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    if verb in ("show", "withdraw") and number is not None:
        row = requests.read_request(tx, number)
        if row is None or not scope.may(tx, session, "request.ask", event.today, person=row.person):
            return Screen(say("requests.not_found"), notice=say("requests.not_found"))
        return _own(session, row) if verb == "show" else _withdraw(tx, session, event, row)
    if verb in KINDS:
        known = {MORE: {"grant": f"g{number}"}, REOPEN: {"moment": f"m{number}"}, HOURS: {"oproep": value}}.get(verb, {}) if value else {}
        return start(tx, world, session, event, {"what": verb, **known})
    return show_requests(tx, world, session, event)


def start(tx: Connection, world: World, session: Session, event: Event, answers: Answers, *, waits: int | None = None) -> Screen:
    """Open a request with what is known of it; `waits`: the draft of the moment that it is for, which is kept."""
    asking = _asking(tx, world, session, event, answers)
    if asking.person and not accounts.networks_of(tx, asking.person):
        return Screen(say("registration.no_network"), fresh=True)
    if session.draft is not None and session.draft.purpose == PURPOSE:
        drafts.end_draft(tx, session.draft, "cancelled", event.now)
    known = dict(filled(asking, _possible(asking, answers)))
    aside = {"waits": waits} if waits is not None else {}
    draft = drafts.open_draft(tx, asking.person, FORM, asking.network.id, known, event.now, purpose=PURPOSE, aside=aside)
    return replace(show(asking.on(draft)), fresh=True)


def _possible(asking: Asking, answers: Answers) -> Answers:
    """The answers without what she cannot choose: a button may be old, or made up."""
    fields = {each.key: each for each in asking.form.fields}
    listed = ("place", "choice")
    return {key: value for key, value in answers.items() if key in fields and (
        fields[key].kind not in listed or value in {option.value for option in options_of(fields[key], asking.asked)}
    )}


def _asking(tx: Connection, world: World, session: Session, event: Event, answers: Answers) -> Asking:
    mine = accounts.networks_of(tx, session.person or 0)
    network = next((row.id for row in mine if answers.get("network") == f"n{row.id}"), mine[0].id if mine else 0)
    return Asking(tx, world, session, event, Draft(0, FORM, network, PURPOSE, None, dict(answers), {}, 0))


def resume(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The card of the open request as it stands now."""
    assert session.draft is not None  # noqa: S101 - asked by callers that have seen the draft
    return show(Asking(tx, world, session, event, session.draft))


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A typed answer to the open question; what is kept as it was typed is screened first."""
    assert session.draft is not None  # noqa: S101
    asking = Asking(tx, world, session, event, session.draft)
    field, text = asking.field, event.text
    if stopped(judge_request(asking)):
        return show(asking, problems=(say("problems.typed_for_button"),))
    if field is None and (word := confirm_word(text)) is not None:
        return VERBS[word](asking, "")
    if field is None:  # another motive in the place of the last one
        texts = [each for each in path(asking.form, asking.answers) if each.kind == "text"]
        if not texts or says_nothing(text):
            return show(asking, problems=(say("problems.typed_for_button"),))
        field = texts[-1]
    seen = clientdata.screen(text)
    answers, found = apply(asking.form, asking.answers, {field.key: text}, asking.asked)
    if seen and (field.kind == "text" or found):
        return show(asking, problems=(client_data_seen(seen),))
    if found:
        return show(asking, problems=problems_of(found))
    return _keep(asking, answers)


def press_card(tx: Connection, world: World, session: Session, event: Event, revision: int, verb: str, value: str) -> Screen:
    """A button of the open card. It counts once, on the revision it was made for; else the present state is shown."""
    assert session.draft is not None  # noqa: S101
    asking = Asking(tx, world, session, event, session.draft)
    if session.draft.revision != revision:
        return replace(show(asking), notice=say("problems.stale"))
    if verb in VERBS:
        return VERBS[verb](asking, value)
    field = next((each for each in path(asking.form, asking.answers) if each.key == verb), None)
    if field is None or field.kind == "text" or not _offered(asking, field, value):
        return replace(show(asking), notice=say("problems.stale"))
    answers, found = apply(asking.form, asking.answers, {verb: value}, asking.asked)
    return show(asking) if found else _keep(asking, answers)


def _offered(asking: Asking, field: Field, value: str) -> bool:
    return field.kind not in ("place", "choice") or value in {option.value for option in options_of(field, asking.asked)}


def _keep(asking: Asking, answers: Answers, aside: Mapping[str, Any] | None = None) -> Screen:
    beside = {key: value for key, value in asking.draft.aside.items() if key == "waits"} if aside is None else dict(aside)
    changed = drafts.change_draft(asking.tx, asking.draft, dict(filled(asking, answers)), beside, asking.event.now)
    return replace(show(asking), notice=say("problems.stale")) if changed is None else show(asking.on(changed))


def _back(asking: Asking, value: str) -> Screen:
    beside = dict(asking.draft.aside)
    if beside.pop("pick", None) or beside.pop("page", None):
        return _keep(asking, asking.answers, beside)
    undo = beside.pop("undo", None)
    mine = {**asking.answers, **undo} if undo else back(asking.form, to_go_back(asking.answers), asking.asked)
    return _keep(asking, mine, beside)


def _cancel(asking: Asking, value: str) -> Screen:
    drafts.end_draft(asking.tx, asking.draft, "cancelled", asking.event.now)
    said = say("requests.cancelled")
    return Screen(said, choices=(*resume_choices(asking.tx, asking.session), *WAY_ON), draft=asking.draft.id, notice=said)


def _open_field(asking: Asking, value: str) -> Screen:
    undo = {value: asking.answers[value]} if value in asking.answers else {}
    beside = {**{key: each for key, each in asking.draft.aside.items() if key == "waits"}, "undo": undo}
    return _keep(asking, without(asking.form, asking.answers, value), beside)


def _page(asking: Asking, value: str) -> Screen:
    return _keep(asking, asking.answers, {**asking.draft.aside, "page": whole(value) or 0})


def _pick(asking: Asking, value: str) -> Screen:
    return _keep(asking, asking.answers, {**asking.draft.aside, "pick": True})


def _skip(asking: Asking, value: str) -> Screen:
    field = asking.field
    if field is None or field.required or field.key != value:
        return show(asking)
    return _keep(asking, {**asking.answers, value: ""})


def _long(asking: Asking, value: str) -> Screen:
    return _keep(asking, {**asking.answers, "since": LONG_AGO}) if asking.field and asking.field.key == "since" else show(asking)


def _more(asking: Asking, value: str) -> Screen:
    drafts.end_draft(asking.tx, asking.draft, "cancelled", asking.event.now)
    answers = {"what": MORE, "grant": f"g{value}", "network": f"n{asking.network.id}"}
    return start(asking.tx, asking.world, asking.session, asking.event, answers, waits=asking.draft.aside.get("waits"))


def _send(asking: Asking, value: str) -> Screen:
    """Send the request once: the cards are owed in the same transaction."""
    tx, event = asking.tx, asking.event
    if asking.field is not None or stopped(judge_request(asking)):
        return show(asking)
    row = row_of(asking)
    known = requests.same_waiting(tx, row)
    if known is None and not scope.may(tx, asking.session, "request.ask", asking.today, person=asking.person):
        return Screen(say("requests.not_found"))
    drafts.end_draft(tx, asking.draft, "done", event.now)
    request = known or requests.add_request(tx, row, event.now, morning(asking.today + timedelta(days=1)))
    stored = requests.read_request(tx, request)
    reached = True
    if known is None:
        audit(tx, asking.session, event, "request.asked", f"request:{request}")
        reached = cards_to(tx, stored, f"request:{request}", {"told": "request", "request": request}, event.now)
    said = say("requests.sent", request=request, again=known is not None, coordinator=asking.deciders, reached=reached)
    choices = ((Choice(say("requests.withdraw"), f"ask:withdraw:{request}"),), *resume_choices(tx, asking.session), *WAY_ON)
    return Screen(said, about(stored), (say("requests.you_will_hear"),), choices=choices, draft=asking.draft.id)


VERBS: Mapping[str, Callable[[Asking, str], Screen]] = {
    ".back": _back, ".cancel": _cancel, ".change": _pick, ".field": _open_field, ".page": _page, ".skip": _skip, ".long": _long,
    ".more": _more, ".send": _send, ".ok": _send,
}  # fmt: skip


def sent_before(tx: Connection, session: Session, request: int) -> Screen:
    """A request as it stands, for who pressed on its card once more."""
    row = requests.read_request(tx, request)
    screen = _own(session, row)
    waits = say("requests.sent", request=request, again=True, coordinator="", reached=True)
    return replace(screen, notice=waits if row.state == requests.WAITING else screen.title)


def _own(session: Session, row: Any) -> Screen:
    choices: Rows = WAY_ON
    if row.state == requests.WAITING:
        choices = ((Choice(say("requests.withdraw"), f"ask:withdraw:{row.id}"),), *choices)
    lines = (*about(row), *((say("requests.motive", motive=row.motive),) if row.motive else ()))
    return Screen(say("requests.one", request=row.id), lines, outcome_lines(row), choices=choices)


def _withdraw(tx: Connection, session: Session, event: Event, row: Any) -> Screen:
    """Take back a request that still waits; else say what became of it."""
    if requests.decide(tx, row.id, requests.WITHDRAWN, event.now, by=session.person):
        audit(tx, session, event, "request.withdrawn", f"request:{row.id}")
        tell_outcome(tx, row.id, event.now)
        said = say("requests.withdrawn", request=row.id)
        return Screen(said, notice=said, choices=(*resume_choices(tx, session), *WAY_ON))
    return replace(_own(session, requests.read_request(tx, row.id)), notice=say("requests.decided_before"))


def lock_screen(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen | None:
    """Why a booked moment cannot be corrected by herself, with the button that asks for it; None when it can. `row`: the moment's."""
    from handlers.receipt import book_of_grant

    rule = locked_by(tx, book_of_grant(tx, world, row.person, row.grant), row, event.today)
    if rule is None:
        return None
    choices = ((Choice(say("requests.reopen"), f"ask:{REOPEN}:{row.id}"),), (Choice(say("overview.back"), "overzicht:0"),))
    return Screen(say("requests.locked", moment=row.id, rule=rule), choices=choices, notice=say("requests.locked_short"))

