"""A request to the coordinator with all its questions at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.request_form import KNOWN, LONG_AGO, Asking, filled, judge_request
from handlers.request_screen import choices_for, label_of, option_said, question, show, shown, stopped
from handlers.screen import Screen, Text, say
from handlers.whole_fields import NOTHING, Taken, WholeField, WholeForm, as_typed, offers_of, take, with_missing
from rules.forms import Answers, Field, options_of, path
from rules.typed import Unclear
from storage import drafts


def change(asking: Asking, raw: Mapping[str, str], language: str, *, check: bool) -> WholeForm:
    """Take what was typed and chosen; `check`: a field that was given empty has a problem."""
    given = {key: text for key, text in raw.items() if not (key == "since" and text == LONG_AGO)}
    taken = take(asking.form, asking.answers, given, asking.asked, _as_it_is, language)
    answers = {**taken.answers, "since": LONG_AGO} if given != raw else taken.answers
    taken = replace(taken, answers=dict(filled(asking, answers)))
    if taken.answers != asking.answers:
        beside = {key: value for key, value in asking.draft.aside.items() if key == "waits"}
        stored = drafts.change_draft(asking.tx, asking.draft, taken.answers, beside, asking.event.now)
        if stored is None:
            return whole(asking, NOTHING, (say("whole.stale"),), language)
        asking = asking.on(stored)
    return whole(asking, with_missing(taken, raw) if check else taken, (), language)


def _as_it_is(key: str, unclear: Unclear, answers: Answers) -> Unclear:
    return Unclear(unclear.reason)


def whole(asking: Asking, taken: Taken, problems: tuple[Text, ...], language: str) -> WholeForm:
    """The open request as a form."""
    verdict, draft = judge_request(asking), asking.draft
    beside = {key: value for key, value in draft.aside.items() if key == "waits"}
    card: Screen = show(asking.on(draft._replace(aside=beside)))
    fields = tuple(_field(asking, each, taken, language) for each in path(asking.form, asking.answers) if _asked(asking, each))
    title, complete = say("requests.card", what=asking.given("what")), asking.field is None
    return WholeForm(
        draft.id, draft.revision, draft.form, title, fields, card.verdict, stopped(verdict), complete, language, draft.purpose, problems,
        offers_of(card),
    )  # fmt: skip


def _asked(asking: Asking, field: Field) -> bool:
    """Whether a question is put: not what the network has on record, nor for which network when there is one."""
    if field.key == "network" and len(asking.asked.options["request.networks"]) == 1:
        return False
    return bool(asking.answers.get(field.key) != KNOWN)


def _field(asking: Asking, field: Field, taken: Taken, language: str) -> WholeField:
    given: Any = asking.answers.get(field.key)
    hints: tuple[Text, ...] = (question(field),)
    if field.kind == "declare":
        hints = (say("requests.statements", statements=[say(f"words.declare_{each}") for each in field.options]), *hints)
    return WholeField(
        field.key,
        field.kind,
        label_of(field),
        _options(asking, field),
        taken.typed.get(field.key) or as_typed(field, given, asking.asked, language),
        taken.problems.get(field.key),
        hints,
        shown(asking, field, given) if given not in (None, "", "yes") else None,
        field.required,
    )


def _options(asking: Asking, field: Field) -> tuple[tuple[str, Text], ...]:
    if field.kind in ("place", "choice"):
        return tuple((each.value, option_said(asking, field, each)) for each in options_of(field, asking.asked))
    pressed = ((each, each.press.split(":", 4)) for row in choices_for(asking, field) for each in row)
    found = ((parts[4] if parts[3] == field.key else LONG_AGO if parts[3] == ".long" else "", each.label) for each, parts in pressed)
    return tuple((value, label) for value, label in found if value)
