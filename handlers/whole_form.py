"""All questions of a form at once, the same for a modal and a page: open it, change it, confirm it; rules and words as in chat."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from handlers import requesting, whole_request
from handlers.card import Remarks, label_of, question, shown
from handlers.card import declared as statements
from handlers.choices import STARTS, option_said, possible
from handlers.conversations import conversation_of
from handlers.dispatch import handle
from handlers.draft_verdict import early_verdict
from handlers.language import language_of
from handlers.request_form import FORM as REQUEST
from handlers.request_form import Asking
from handlers.screen import Event, Screen, Text, say
from handlers.showing import aside_for, count_refused, show, skipped_time
from handlers.steps import only_length, past
from handlers.turn import PLAN, Turn, turn_on
from handlers.whole_fields import NOTHING, Taken, WholeField, WholeForm, as_typed, missing, offers_of, take, with_missing
from handlers.world import World
from rules.forms import Answers, Field, path
from rules.typed import Unclear, too_long
from rules.verdict import Verdict
from storage import accounts, drafts, scope
from storage.accounts import Session

PURPOSES = frozenset({"register", "correct", PLAN, requesting.PURPOSE})


def open_whole(
    tx: Connection, world: World, session: Session, event: Event, form_id: str, network: int | None = None, purpose: str = "register"
) -> WholeForm | Screen:
    """Go on with the person's open draft of a form, or open one as in chat; the Screen that chat would show when there is none to
    open, such as the question for which network it is. What stands in `event.text` is read as a typed line. `purpose`: register
    or plan; the form "aanvraag" is a request."""
    draft = session.draft
    wanted = requesting.PURPOSE if form_id == REQUEST else purpose
    if draft is not None and (draft.form, draft.purpose) == (form_id, wanted) and not event.text and _whole(session):
        return present_whole(tx, world, session, event)
    if form_id == REQUEST:
        today = event.today
        may = scope.may(tx, session, "request.ask", today)
        screen = requesting.start(tx, world, session, event, {}) if may else handle(tx, world, _pressed(event, "ask"), session)
    elif purpose == PLAN:
        screen = handle(tx, world, _pressed(event, f"plan:form:{form_id}"), session)
    elif event.text:
        screen = handle(tx, world, replace(event, kind="command", action=form_id), session)
    else:
        screen = handle(tx, world, _pressed(event, f"form:{form_id}" + (f":{network}" if network is not None else "")), session)
    now = _again(tx, event)
    if now.draft is None or now.draft.form != form_id or now.draft.purpose != wanted or not _whole(now):
        return screen
    return present_whole(tx, world, now, event, problems=screen.problems)


def present_whole(
    tx: Connection, world: World, session: Session, event: Event, taken: Taken = NOTHING, problems: tuple[Text, ...] = ()
) -> WholeForm | Screen:
    """The open draft as a form, as it stands now; the Screen that chat shows when it is no form or she may not go on with it."""
    draft = session.draft
    if draft is None or not _whole(session) or not _may(tx, session, event):
        return handle(tx, world, _pressed(event, f"d:{draft.id if draft else 0}:0:.ok"), session)
    language = language_of(world, session, event)
    if draft.purpose == requesting.PURPOSE:
        return whole_request.whole(Asking(tx, world, session, event, draft), taken, problems, language)
    turn = turn_on(tx, world, session, event, draft)
    return _whole_of(turn, early_verdict(turn), taken, problems, language)


def change_whole(
    tx: Connection,
    world: World,
    session: Session,
    event: Event,
    draft_id: int,
    revision: int,
    raw: Mapping[str, str],
    *,
    check: bool = False,
) -> WholeForm | Screen:
    """Take what was typed and chosen, many fields at once: the good answers are kept on the draft, the others come back with their
    problem. `check`: a field that was given empty has one too. On an older revision nothing changes and the present state comes."""
    draft = session.draft
    if draft is None or draft.id != draft_id or not _whole(session) or not _may(tx, session, event):
        return handle(tx, world, _pressed(event, f"d:{draft_id}:{revision}:.ok"), session)
    if draft.revision != revision:
        return present_whole(tx, world, session, event, problems=(say("whole.stale"),))
    language = language_of(world, session, event)
    if draft.purpose == requesting.PURPOSE:
        return whole_request.change(Asking(tx, world, session, event, draft), raw, language, check=check)
    turn = turn_on(tx, world, session, event, draft)
    taken = _take(turn, raw, language)
    changed = turn.on(draft._replace(answers=taken.answers))
    verdict = early_verdict(changed)
    if taken.answers != draft.answers:
        aside = aside_for(taken.answers, draft.aside, verdict)
        stored = drafts.change_draft(tx, draft, taken.answers, aside, event.now)
        if stored is None:
            return present_whole(tx, world, _again(tx, event), event, problems=(say("whole.stale"),))
        count_refused(turn, draft.aside, verdict)
        changed = turn.on(stored)
    return _whole_of(changed, verdict, with_missing(taken, raw) if check else taken, (), language)


def confirm_whole(
    tx: Connection,
    world: World,
    session: Session,
    event: Event,
    draft_id: int,
    revision: int,
    raw: Mapping[str, str] | None = None,
) -> WholeForm | Screen:
    """Confirm a form that is complete: the receipt, once. What `raw` changes is shown first with its verdict, for what is booked is
    what was seen; so is a form with a question open, and one that is refused under the lock."""
    if raw is not None:
        seen = change_whole(tx, world, session, event, draft_id, revision, raw, check=True)
        if not isinstance(seen, WholeForm) or seen.wrong or seen.revision != revision:
            return seen
    draft = session.draft
    mine = draft is not None and draft.id == draft_id and _whole(session) and _may(tx, session, event)
    if mine and draft is not None and draft.revision != revision:
        return present_whole(tx, world, session, event, problems=(say("whole.stale"),))
    if mine:
        form = present_whole(tx, world, session, event)
        if isinstance(form, WholeForm) and not form.complete:
            return _all_missing(form)
    screen = handle(tx, world, _pressed(event, f"d:{draft_id}:{revision}:.ok"), session)
    now = _again(tx, event)
    if now.draft is not None and now.draft.id == draft_id == screen.draft:
        return present_whole(tx, world, now, event, problems=screen.problems)
    return screen


def _all_missing(form: WholeForm) -> WholeForm:
    fields = (replace(each, problem=each.problem or (missing() if each.required and not each.value else None)) for each in form.fields)
    return replace(form, fields=tuple(fields))


def _pressed(event: Event, action: str) -> Event:
    return replace(event, kind="press", action=action, text="")


def _again(tx: Connection, event: Event) -> Session:
    return accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)


def _whole(session: Session) -> bool:
    """Whether the open draft is a form of which the network is known."""
    return session.draft is not None and session.draft.purpose in PURPOSES and "networks" not in session.draft.aside


def _may(tx: Connection, session: Session, event: Event) -> bool:
    open_one = conversation_of(session)
    today = event.today
    return scope.may(tx, session, open_one.action if open_one is not None else "moment.register", today)


def _take(turn: Turn, raw: Mapping[str, str], language: str) -> Taken:
    def reread(key: str, unclear: Unclear, answers: Answers) -> str | Unclear:
        if key == "length" and (only := only_length(turn.on(turn.draft._replace(answers=dict(answers))), unclear)) is not None:
            return only
        return past(turn, unclear) if key == "day" else unclear

    long = {key: say("problems.too_long") for key, value in raw.items() if too_long(value)}
    raw = {key: value for key, value in raw.items() if key not in long}
    taken = take(turn.setting.form, turn.draft.answers, raw, turn.setting.asked, reread, language)
    taken = replace(taken, problems={**taken.problems, **long}) if long else taken
    skipped = skipped_time(taken.answers)
    if skipped is None:
        return taken
    answers = {key: value for key, value in taken.answers.items() if key != skipped}
    typed = {**taken.typed, skipped: raw.get(skipped, "")}
    return Taken(answers, typed, {**taken.problems, skipped: say("problems.no_such_time")})


def _whole_of(turn: Turn, verdict: Verdict | None, taken: Taken, problems: tuple[Text, ...], language: str) -> WholeForm:
    draft, answers = turn.draft, turn.draft.answers
    fields = path(turn.setting.form, answers)
    title = say("card.title", form=draft.form, purpose=draft.purpose, moment=draft.moment)
    bare = WholeForm(draft.id, draft.revision, draft.form, title, (), (), False, False, language, draft.purpose, problems)
    if answers.get("role") == "attended":  # nothing to register, and she may have meant otherwise
        role = tuple(_field(turn, each, taken, language) for each in fields if each.key == "role")
        return replace(bare, fields=role, verdict=(say("registration.attended"),), refused=True)
    beside = {key: value for key, value in draft.aside.items() if key not in ("pick", "role", "page")}
    card = show(turn.on(draft._replace(aside=beside)), Remarks(), verdict=verdict, judged=True)
    return replace(
        bare,
        fields=tuple(_field(turn, each, taken, language) for each in fields),
        verdict=card.verdict,
        refused=verdict is not None and verdict.outcome == "refused",
        complete=turn.field is None,
        offers=offers_of(card),
    )


def _field(turn: Turn, field: Field, taken: Taken, language: str) -> WholeField:
    given = turn.draft.answers.get(field.key)
    problem = taken.problems.get(field.key)
    asks = question(turn.on(turn.draft._replace(aside={})), field)
    return WholeField(
        field.key,
        field.kind,
        label_of(field),
        _options(turn, field),
        taken.typed.get(field.key) or as_typed(field, given, turn.setting.asked, language),
        problem,
        (statements(field), asks) if field.kind == "declare" else (asks,),
        shown(turn.setting, field, given) if given not in (None, "") and not (field.kind == "declare" and given == "yes") else None,
        field.required,
    )


def _options(turn: Turn, field: Field) -> tuple[tuple[str, Text], ...]:
    setting = turn.setting
    if field.kind in ("place", "choice", "yes_no"):
        return tuple((each.value, option_said(turn, field, each)) for each in possible(turn, field))
    if field.kind == "partner":
        return tuple((each.label, say("card.plain", value=each.label)) for each in possible(turn, field))
    if field.kind == "clock":
        return tuple((each, say("card.plain", value=each)) for each in STARTS)
    if field.kind == "length":
        return tuple((f"{each} min", say("card.length", minutes=each)) for each in setting.usual_minutes(turn.draft.answers))
    if field.kind == "declare":
        denied = ((each, say(f"words.declare_not_{each}")) for each in field.options)
        return (("yes", say("card.all_true")), *denied)
    before = (turn.draft.aside.get("last") or {}).get(field.key) if field.kind == "text" else None
    return ((before, say("card.plain", value=before)),) if before else ()
