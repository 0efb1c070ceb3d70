"""The buttons under an open question: the answers that can be chosen, the usual ones first."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from handlers.moment_form import oproep_of, option_words
from handlers.screen import Choice, Text, say
from handlers.turn import PLAN, Turn
from rules.forms import Field, Option, fill_known, options_of
from storage.accounts import Draft

STARTS = ("09:00", "10:00", "12:00", "13:30", "14:00", "16:00", "18:00", "19:00")
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25)
PAGE = 8
USUAL_ROLES = {
    "O1": ("huisarts", "verpleegkundige", "maatschappelijk_werker", "leidinggevende", "animator", "vrijwilliger"),
    "O2": ("bezoeker", "jongere", "begeleider", "vrijwilliger", "jeugdwerker", "animator"),
}
USUAL_ACTORS = ("maatschappelijk_werker", "verpleegkundige", "zorgmedewerker", "begeleider", "huisarts", "jeugdwerker")

Rows = list[tuple[Choice, ...]]


def press(draft: Draft, verb: str, value: str = "") -> str:
    """The meaning of a button of this card: it counts for this revision only."""
    return f"d:{draft.id}:{draft.revision}:{verb}" + (f":{value}" if value else "")


def choices_for(turn: Turn, field: Field) -> Rows:
    """The rows of buttons of a field; above them, on an untouched form, "zelfde als vorige keer"."""
    setting, draft = turn.setting, turn.draft
    last: Mapping[str, Any] | None = draft.aside.get("last")
    rows: Rows = []
    if last is not None and len(draft.answers) < 2 and untouched(turn):
        place = setting.place(last.get("place"))
        rows.append((Choice(say("card.same_again", place=place.name if place else ""), press(draft, ".same")),))
    if field.kind in ("place", "partner", "choice", "yes_no"):
        rows += _options(turn, field)
    elif field.kind == "day":
        rows += _days_ahead(draft, setting.asked.today) if setting.asked.ahead else _days(draft, setting.asked.today)
    elif field.kind == "clock":
        usual = [last["start"]] if last and last.get("start") and last["start"] not in STARTS else []
        rows += in_rows([Choice(say("card.plain", value=each), press(draft, "start", each)) for each in (*usual, *STARTS)], 4)
    elif field.kind == "length":
        usual_minutes = setting.usual_minutes(draft.answers)
        rows += in_rows([Choice(say("card.length", minutes=each), press(draft, "length", f"{each} min")) for each in usual_minutes], 3)
    elif field.kind == "text":
        before = last.get(field.key) if last else None
        if before:
            rows.append((Choice(say("card.plain", value=before), press(draft, ".sametext")),))
    elif field.kind == "roles":
        rows += _roles(turn, last)
    elif field.kind == "declare":
        rows.append((Choice(say("card.all_true"), press(draft, field.key, "yes")),))
        rows += [(Choice(say(f"words.declare_not_{each}"), press(draft, field.key, each)),) for each in field.options]
    if may_skip(field):
        rows.append((Choice(say("card.skip"), press(draft, ".skip", field.key)),))
    return rows


def may_skip(field: Field) -> bool:
    """Whether a question may stay without an answer: a network's own that is not required (A-20)."""
    return not field.required and field.kind in ("text", "choice", "yes_no")


def untouched(turn: Turn) -> bool:
    """Whether a draft holds nothing that the person gave."""
    draft = turn.draft
    return draft.purpose in ("register", PLAN) and draft.answers == fill_known(turn.setting.form, {}, turn.setting.asked)


def reading_rows(turn: Turn, readings: Sequence[tuple[str, str]]) -> Rows:
    """A button for each reading of what was typed unclearly; it says which answer it gives where they are not of one kind."""
    several = len({key for key, _ in readings}) > 1
    rows: Rows = []
    for key, value in readings:
        said = _reading(turn, key, value)
        label = say("card.answer", label=say(f"words.field_{key}"), value=said) if several else said
        rows.append((Choice(label, press(turn.draft, key, value)),))
    return rows


def in_rows(choices: list[Choice], width: int) -> Rows:
    """Buttons side by side, so many to a row."""
    return [tuple(choices[start : start + width]) for start in range(0, len(choices), width)]


def _reading(turn: Turn, key: str, value: str) -> Text:
    if key == "day":
        return say("card.day", day=value)
    if key == "length" and value.endswith(" min"):
        return say("card.length", minutes=int(value.removesuffix(" min")))
    if key == "length":
        return say("card.until", clock=value)
    if key == "place" and (place := turn.setting.place(value)) is not None:
        return say("card.place", name=place.name, value=value, oproep=place.oproep)
    field = next((each for each in turn.setting.form.fields if each.key == key), None)
    if field is not None and field.kind == "choice":
        return option_words(turn.setting, field, Option(value, ""))
    return say("card.plain", value=value)


def _days(draft: Draft, today: date) -> Rows:
    days = [today - timedelta(days=back) for back in range(6)]
    near = tuple(Choice(say(f"card.day_{back}", day=day), press(draft, "day", day.isoformat())) for back, day in enumerate(days[:3]))
    return [near, tuple(Choice(say("card.weekday", day=day), press(draft, "day", day.isoformat())) for day in days[3:])]


def _days_ahead(draft: Draft, today: date) -> Rows:
    days = [today + timedelta(days=ahead) for ahead in range(6)]
    near = tuple(Choice(say(f"plans.day_{ahead}", day=day), press(draft, "day", day.isoformat())) for ahead, day in enumerate(days[:3]))
    return [near, tuple(Choice(say("card.weekday", day=day), press(draft, "day", day.isoformat())) for day in days[3:])]


def _options(turn: Turn, field: Field) -> Rows:
    """The options of a choice, page by page; places only where the chosen werkvorm is possible."""
    draft, options = turn.draft, possible(turn, field)
    page = int(draft.aside.get("page", 0))
    first = page * PAGE
    choices = [Choice(option_said(turn, field, option), press(draft, field.key, option.value)) for option in options[first : first + PAGE]]
    rows: Rows = [tuple(choices)] if field.kind == "yes_no" else [(choice,) for choice in choices]
    if len(options) > PAGE:
        following = 0 if first + PAGE >= len(options) else page + 1
        rows.append((Choice(say("card.more"), press(draft, ".page", str(following))),))
    return rows


def possible(turn: Turn, field: Field) -> tuple[Option, ...]:
    """What can be chosen for a field; places only where the chosen werkvorm is possible, a channel only by which it may go."""
    options, answers = options_of(field, turn.setting.asked), turn.draft.answers
    if field.key == "channel":
        return tuple(each for each in options if turn.setting.meets(answers, each.value) or each.value == answers.get("channel")) or options
    if field.kind == "place" and (werkvorm := turn.draft.answers.get("werkvorm")) is not None:
        return tuple(option for option in options if turn.setting.suits(option.value, werkvorm)) or options
    return options


def option_said(turn: Turn, field: Field, option: Option) -> Text:
    """What a choice says."""
    if field.kind == "place":
        place = turn.setting.place(option.value)
        return say("card.place", name=option.label, value=option.value, oproep=place.oproep if place else "")
    return option_words(turn.setting, field, option)


def _roles(turn: Turn, last: Mapping[str, Any] | None) -> Rows:
    """Who was there: the roles, then for one of them the count; what was counted so far on top."""
    draft = turn.draft
    if draft.aside.get("role"):
        return in_rows([Choice(say("card.plain", value=str(count)), press(draft, ".count", str(count))) for count in COUNTS], 4)
    counted: Mapping[str, int] = draft.aside.get("roles", {})
    rows: Rows = []
    if counted:
        rows.append((Choice(say("card.present_done", present=counted), press(draft, ".counted")),))
    elif last and isinstance(last.get("present"), dict):
        rows.append((Choice(say("card.present", present=last["present"]), press(draft, ".samepresent")),))
    page = int(draft.aside.get("page", 0))
    usual = _usual_first(turn)
    rows += in_rows([Choice(say(f"words.role_{each}"), press(draft, ".role", each)) for each in (usual[6:] if page else usual[:6])], 2)
    ends = [Choice(say("card.other_roles"), press(draft, ".page", "0" if page else "1"))]
    if not counted:
        ends.append(Choice(say("words.nobody"), press(draft, ".nobody")))
    rows.append(tuple(ends))
    return rows


def _usual_first(turn: Turn) -> list[str]:
    first = USUAL_ROLES.get(oproep_of(turn.setting.form, turn.draft.answers) or "", USUAL_ACTORS)
    offered = turn.setting.asked.roles
    return [*(role for role in first if role in offered), *(role for role in offered if role not in first)]
