"""The steps of an open registration: an answer by button or typing, back, change, cancel, why."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time

from sqlalchemy import Connection

from handlers import counting, requesting, why
from handlers.card import Remarks, problem
from handlers.choices import may_skip
from handlers.confirm_words import NO, YES, plain
from handlers.confirming import confirm
from handlers.draft_verdict import early_verdict, request_of
from handlers.kept import await_rules, put_aside, resume_choices
from handlers.moment_form import again_answers
from handlers.planned import would_fit
from handlers.planning import keep_plan, plan_instead
from handlers.screen import Event, Screen, say
from handlers.showing import STAYS, WAY_ON, keep, keep_answers, show, stale
from handlers.starting import choose_network, named_network
from handlers.turn import Turn, present_turn, turn_on
from handlers.typed_line import as_raw, client_data_seen, typed_line, without_words
from handlers.world import World
from rules import clientdata
from rules.forms import LONGEST_MINUTES, Answers, Field, apply, back, fill_known, options_of, without
from rules.typed import Unclear, fold, whole
from rules.when import read_when
from rules.when_clock import Span, span_minutes
from storage import drafts
from storage.accounts import Draft, Session

Verb = Callable[[Turn, str], Screen]
STORED_AS_TYPED = ("text", "partner")
# Typed for Bevestigen on a card that can be confirmed; while the statements are asked they mean that all is true.
CONFIRM_WORDS = frozenset(
    ("bevestigen", "bevestig", "ok", "oke", "okee", "akkoord", "boek", "boeken", "confirmer", "je confirme", "d'accord", "confirm", "book")
)


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A typed answer to the open question; where no question is open, what the line changes."""
    turn = present_turn(tx, world, session, event)
    if turn is None:
        return stale(tx, world, session, event)
    draft, field, text = turn.draft, turn.field, event.text
    if "networks" in draft.aside:
        named = named_network(draft, text)
        return show(turn, Remarks(problems=(say("problems.not_a_choice"),))) if named is None else choose_network(turn, named)
    if fold(text.strip(" .!")) in CONFIRM_WORDS:
        if field is None and not draft.aside.get("pick"):
            return confirm(turn, "")
        text = "yes" if field is not None and field.kind == "declare" else text
    if (reading := _named_reading(draft, text)) is not None:
        return _take(turn, *reading)
    if field is None or draft.aside.get("pick") or draft.aside.get("refused") == "final":
        return _change_by_typing(turn, text)
    if field.kind == "text" and plain(text) in YES | NO:
        return show(turn, Remarks(problems=(say("problems.few_words"),)), judged=True)
    if field.kind == "roles" and draft.aside.get("role") and (count := whole(text.strip())) is not None and count <= counting.MOST_PEOPLE:
        return counting.count_role(turn, text)
    return _take(turn, field.key, text, typed=True)


def _named_reading(draft: Draft, text: str) -> tuple[str, str] | None:
    """The reading of what was typed before whose button reads what is typed now: after "10u", 10:00 or 10u."""
    typed = fold(text.strip(" .!")).replace(" ", "")
    found = [(key, value) for key, value in draft.aside.get("readings", ()) if typed in _labels(value)]
    return found[0] if len(found) == 1 else None


def _labels(value: str) -> set[str]:
    if not value.endswith(" min"):
        return {value}
    hours, rest = divmod(int(value.removesuffix(" min")), 60)
    return {value.replace(" ", ""), *(f"{hours}{mark}{rest:02}" if rest else f"{hours}{mark}" for mark in "uh")}


def _change_by_typing(turn: Turn, text: str) -> Screen:
    found = typed_line(turn.setting, text).answers
    hard = {key: value for key, value in found.items() if key not in ("text", "topic", "werkvorm")}
    changed = {key: value for key, value in hard.items() if turn.draft.answers.get(key) != value}
    if changed and not clientdata.screen(text):
        return keep_answers(turn, _without_old_end(turn.draft.answers, {**turn.draft.answers, **changed}))
    return show(turn, Remarks(problems=(say("problems.typed_for_button"),)))


def _take(turn: Turn, key: str, text: str, *, typed: bool = False) -> Screen:
    """Answer the question of a field. What is `typed` and would be kept as it is, or is not understood, may name a client."""
    answers, found = apply(turn.setting.form, turn.draft.answers, {key: text}, turn.setting.asked)
    if typed and (found or turn.setting.form.by_key[key].kind in STORED_AS_TYPED) and (seen := clientdata.screen(text)):
        return show(turn, Remarks(problems=(client_data_seen(seen),)), judged=True)
    if found:
        key, unclear = next(iter(found.items()))
        if key == "length" and (only := only_length(turn, unclear)) is not None:
            return _take(turn, key, only)
        if key == "day":
            unclear = past(turn, unclear)
        if key == "werkvorm" and (others := typed_line(turn.setting, text).problems):
            return show(turn, Remarks(problems=others[:1]), judged=True)
        if (hours := _hours_for(turn, key, text, unclear)) is not None:
            return hours
        readings = tuple(as_raw(key, option) for option in unclear.options if as_raw(key, option)[1])
        remarks = Remarks(problems=(problem(without_words(unclear)),), readings=readings)
        if unclear.reason == "clock_or_length":
            return keep(turn, turn.draft.answers, {**turn.draft.aside, "readings": readings}, remarks)
        if (day := _sure_day(turn, key, text, unclear)) is not None:
            return keep(turn, {**turn.draft.answers, key: day}, turn.draft.aside, remarks)
        return show(turn, remarks, judged=True)
    return keep_answers(turn, _without_old_end(turn.draft.answers, answers), frozenset((key,)))


def _sure_day(turn: Turn, key: str, text: str, unclear: Unclear) -> str | None:
    """The day, where only the hours behind it are not sure ("gisteren van 5 tot 7")."""
    if turn.setting.form.by_key[key].kind != "day" or unclear.reason == "not_understood":
        return None
    if any(isinstance(each, date) for each in unclear.options):
        return None
    day = read_when(text, turn.setting.asked.today, turn.setting.asked.ahead).day
    return None if day is None else day.isoformat()


def _hours_for(turn: Turn, key: str, text: str, unclear: Unclear) -> Screen | None:
    """Where a place, a choice or a day is asked and only hours are typed ("om 10u"): those are kept, and it is asked again."""
    if unclear.reason not in ("not_a_choice", "not_a_date") or turn.setting.form.by_key[key].kind not in ("place", "choice", "day"):
        return None
    line = typed_line(turn.setting, text)
    if not line.sure or not line.answers or not line.answers.keys() <= {"day", "start", "length"}:
        return None
    return keep_answers(turn, {**turn.draft.answers, **line.answers}, frozenset(line.answers))


def only_length(turn: Turn, unclear: Unclear) -> str | None:
    """The one reading that a length or an end can have: "45" is minutes, "tot vier uur" not more than the longest moment away."""
    if unclear.reason == "minutes_or_hours" and len(unclear.options) == 1:
        return f"{unclear.options[0]} min"
    begin = turn.draft.answers.get("start")
    if begin is None or unclear.reason != "am_or_pm":
        return None
    start = time.fromisoformat(begin)
    ends = [each for each in unclear.options if isinstance(each, time) and 0 < span_minutes(Span(start, each)) <= LONGEST_MINUTES]
    return f"tot {ends[0]:%H:%M}" if len(ends) == 1 else None


def past(turn: Turn, unclear: Unclear) -> Unclear:
    """Without the days to come where a day gone by is among the readings: what is registered has been; to plan the other way round."""
    asked = turn.setting.asked
    likely = tuple(
        each for each in unclear.options if not isinstance(each, date) or (each >= asked.today if asked.ahead else each <= asked.today)
    )
    return Unclear(unclear.reason, likely or unclear.options)


def _without_old_end(before: Answers, answers: Answers) -> Answers:
    """The answers; a begin that moved past the end given before opens the end again, rather than make it the next day."""
    end, begin = answers.get("length"), answers.get("start")
    moved = begin not in (None, before.get("start")) and isinstance(end, str) and end == before.get("length") and end <= begin
    return {name: value for name, value in answers.items() if name != "length"} if moved else answers


def press(tx: Connection, world: World, session: Session, event: Event, draft_id: int, revision: int, verb: str, value: str) -> Screen:
    """A button of a card. It counts once, on the draft and revision it was made for; else the present state is shown."""
    draft = session.draft
    if draft is None or draft.id != draft_id or draft.revision != revision:
        return stale(tx, world, session, event, draft_id)
    turn = turn_on(tx, world, session, event, draft)
    handler = VERBS.get(verb)
    if handler is not None:
        return handler(turn, value)
    field = next((each for each in turn.setting.form.fields if each.key == verb), None)
    if field is None or not _offered(turn, field, value):
        return stale(tx, world, session, event, draft_id)
    return _take(turn, verb, value)


def _skip(turn: Turn, value: str) -> Screen:
    """A question that is not required stays without an answer."""
    field = turn.field
    if field is None or field.key != value or not may_skip(field):
        return show(turn)
    return keep_answers(turn, {**turn.draft.answers, value: ""})


def _offered(turn: Turn, field: Field, value: str) -> bool:
    """Whether a button can mean this: what is typed comes in by typing only, where it is screened."""
    if field.kind in ("place", "partner", "choice", "yes_no"):
        return value in {option.value for option in options_of(field, turn.setting.asked)}
    return field.kind in ("day", "clock", "length", "declare")


def _back(turn: Turn, value: str) -> Screen:
    draft = turn.draft
    aside = dict(draft.aside)
    if aside.pop("pick", None) or aside.pop("role", None) or aside.pop("page", None):
        return keep(turn, draft.answers, aside)
    undo = aside.pop("undo", None)
    for key in ("roles", "refused"):
        aside.pop(key, None)
    answers = {**draft.answers, **undo} if undo else back(turn.setting.form, draft.answers, turn.setting.asked)
    notice = say("card.at_start") if answers == draft.answers else None
    return keep(turn, answers, aside, Remarks(notice=notice), judged=False)


def _cancel(turn: Turn, value: str) -> Screen:
    draft = turn.draft
    drafts.end_draft(turn.tx, draft, "cancelled", turn.event.now)
    choices = (*resume_choices(turn.tx, turn.session), *WAY_ON)
    said = say("registration.correction_cancelled", moment=draft.moment) if draft.purpose == "correct" else say("registration.cancelled")
    return Screen(said, choices=choices, draft=draft.id, notice=said)


def _change(turn: Turn, value: str) -> Screen:
    return keep(turn, turn.draft.answers, {**turn.draft.aside, "pick": True})


def _open_field(turn: Turn, value: str) -> Screen:
    draft = turn.draft
    answers = dict(without(turn.setting.form, draft.answers, value))
    if value in ("day", "start"):
        answers.pop("clock", None)
    aside = {key: draft.aside[key] for key in STAYS if key in draft.aside}
    if draft.aside.get("refused"):
        aside["refused"] = "before"  # judged again whatever is changed now
    return keep(turn, answers, {**aside, "undo": {key: draft.answers[key] for key in (value,) if key in draft.answers}})


def _same(turn: Turn, value: str) -> Screen:
    last = turn.draft.aside.get("last")
    answers = again_answers(turn.setting.form, last, turn.setting) if last else turn.draft.answers
    return keep_answers(turn, fill_known(turn.setting.form, answers, turn.setting.asked))


def _same_text(turn: Turn, value: str) -> Screen:
    last, field = turn.draft.aside.get("last") or {}, turn.field
    if field is None or field.key not in last:
        return show(turn)
    answers = fill_known(turn.setting.form, {**turn.draft.answers, field.key: last[field.key]}, turn.setting.asked)
    return keep_answers(turn, answers, frozenset((field.key,)))


def _page(turn: Turn, value: str) -> Screen:
    return keep(turn, turn.draft.answers, {**turn.draft.aside, "page": whole(value) or 0})


def _why(turn: Turn, value: str) -> Screen:
    verdict = early_verdict(turn)
    if verdict is None:
        return show(turn, judged=True)
    known = verdict if would_fit(verdict) else replace(verdict, outcome="refused")
    reasons = why.explain(turn.tx, turn.setting.book, known, turn.person, turn.session.language or "nl")
    return replace(reasons, also=(replace(show(turn, verdict=verdict), fresh=True),))


def _fit(turn: Turn, value: str) -> Screen:
    """Book only what still fits, on explicit demand (A-16), or at most 4 hours (A-11)."""
    minutes = whole(value) or 0
    if not 0 < minutes <= LONGEST_MINUTES:
        return stale(turn.tx, turn.world, turn.session, turn.event)
    return keep_answers(turn, {**turn.draft.answers, "length": minutes}, frozenset({"length"}))


def _as_advice(turn: Turn, value: str) -> Screen:
    """Too few came: register it anew as advice within a collaboration of oproep 3 (A-12)."""
    left = ("role", "partner", "partner_kind", "initiative", "declared")
    answers = {key: given for key, given in turn.draft.answers.items() if key not in left}
    if not str(answers.get("place", "")).startswith("a"):
        answers.pop("place", None)
    answers["werkvorm"] = "advies"
    drafts.end_draft(turn.tx, turn.draft, "cancelled", turn.event.now)
    fresh = drafts.open_draft(turn.tx, turn.person, "ondersteuning", turn.draft.network, answers, turn.event.now)
    return show(turn_on(turn.tx, turn.world, turn.session, turn.event, fresh))


def _ask(turn: Turn, value: str) -> Screen:
    """Ask the coordinator for what the refused moment lacks; the moment is kept and waits for the answer."""
    verdict = early_verdict(turn)
    asked = request_of(turn, verdict) if verdict is not None else None
    if asked is None:
        return show(turn)
    network = {"network": f"n{turn.setting.network.id}"}
    return requesting.start(turn.tx, turn.world, turn.session, turn.event, {**network, **asked}, waits=turn.draft.id)


VERBS: Mapping[str, Verb] = {
    ".back": _back,
    ".cancel": _cancel,
    ".change": _change,
    ".field": _open_field,
    ".ok": confirm,
    ".same": _same,
    ".sametext": _same_text,
    ".samepresent": _same_text,
    ".role": counting.pick_role,
    ".count": counting.count_role,
    ".counted": counting.all_counted,
    ".nobody": counting.nobody,
    ".page": _page,
    ".skip": _skip,
    ".why": _why,
    ".fit": _fit,
    ".advice": _as_advice,
    ".wait": await_rules,
    ".park": put_aside,
    ".network": choose_network,
    ".ask": _ask,
    ".plan": plan_instead,
    ".later": keep_plan,
}
