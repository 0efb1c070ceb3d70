"""A form, or whatever else is to be shown, as a modal of Slack; pure functions. Its state is the draft: the modal holds only which.

The verdict is seen before anything is booked: submitting what was not judged on screen shows the verdict, submitting it again books.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from bot.slack_surface import BUTTONS, LABEL, TEXT, Block, buttons_of, in_slack, plain, sections, shorten, words_of
from bot.wording import paragraphs, say
from handlers.screen import Screen, Text
from handlers.screen import say as text
from handlers.whole_fields import WholeField, WholeForm
from rules.words import LANGUAGES

TITLE, BLOCKS, HINT, VALUE, OPTIONS = 24, 100, 2000, 150, 100
CALLBACK = "whole"
CHOSEN = ("choice", "place", "yes_no", "declare")
TOLD = frozenset({"clock", "since", "offer"})  # fields to choose in whose question says more than their label
ABOUT = ("length", "site", "house", "agreement", "grant", "moment")  # what a refusal is mostly about
# The field that a refusal is about when it is not that, by the reason.
FIELD_OF = {
    f"reasons.{rule}": key
    for key, rules in {
        "day": ("GEN-01", "DRV-01", "DRV-04", "DRV-19"), "start": ("DRV-02", "DRV-03"),
        "place": ("GEN-04", "VP-02", "VP-04", "O2-03", "O3-15", "O4-08"),
        "present": ("O1-01", "O2-12", "O3-13", "O3-39", "O3-40", "O4-06", "O4-24"),
    }.items()
    for rule in rules
}  # fmt: skip
CLOCK = re.compile(r"[0-2]\d:[0-5]\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

View = dict[str, Any]
Shown = Mapping[str, str]


def form_view(form: WholeForm, shown: Shown | None = None, *, taken: bool = False) -> View:
    """The modal of a form. `shown`: what stands in its fields now, by block id, when it is open already: where that is the answer it
    stays as it is. `taken`: the answers come from it, so what was typed stands there in her own words."""
    language = form.language
    standing = {key_of(block): (block, value) for block, value in (shown or {}).items()}
    blocks: list[Block] = []
    for problem in form.problems:
        blocks += _problem(problem, language)
    for each in form.fields:
        blocks += _field(each, form, _block_id(each, form, standing.get(each.key), taken))
    blocks += sections([in_slack(line) for line in paragraphs(form.verdict, language)])
    offers = [{"type": "actions", "elements": _offers(form)}] if form.offers else []
    ready = form.complete and not form.refused and not form.wrong
    held = {"draft": form.draft, "revision": form.revision, "seen": _seen(form, standing, taken) if ready else ""}
    return {
        "type": "modal", "callback_id": CALLBACK,
        "title": plain(say(form.title, language), TITLE),
        "submit": plain(say(form.confirms if ready else text("whole.check"), language), TITLE),
        "close": plain(say(text("slack.close"), language), TITLE),
        "private_metadata": json.dumps(held),
        "blocks": [*blocks[: BLOCKS - len(offers)], *offers],
    }  # fmt: skip


def screen_view(screen: Screen) -> View:
    """The modal of a screen without a form: its words and its buttons."""
    shown = [each for each in (screen, *screen.also) if not each.silent]
    blocks = [block for each in shown for block in (*words_of(each), *buttons_of(each))]
    return _bare(blocks or words_of(screen), screen.language, "screen")


def waiting_view() -> View:
    """The modal while the database takes its time; whose language it is, is not known yet."""
    words = " / ".join(say(text("slack.waiting"), language) for language in LANGUAGES)
    return _bare(sections([words]), "nl", "waiting")


def _bare(blocks: list[Block], language: str, callback: str) -> View:
    for number, block in enumerate(blocks):
        if block["type"] == "actions":  # two screens in one modal: their buttons must not be called the same
            block["elements"] = [{**each, "action_id": f"press.{number}.{place}"} for place, each in enumerate(block["elements"])]
    return {
        "type": "modal", "callback_id": callback, "title": plain(say(text("slack.title"), language), TITLE),
        "close": plain(say(text("slack.close"), language), TITLE), "blocks": blocks[:BLOCKS],
    }  # fmt: skip


def draft_of(view: Mapping[str, Any]) -> tuple[int, int]:
    """(draft, revision that was judged on screen) of a modal; zeros when it holds no form. What it holds is checked by whom it is."""
    try:
        held = json.loads(view.get("private_metadata") or "{}")
        return int(held["draft"]), int(held["revision"])
    except (ValueError, TypeError, KeyError):
        return 0, 0


def judged_in(view: Mapping[str, Any]) -> tuple[int, int] | None:
    """(draft, revision) of a modal in which stands what stood there when the rules said yes; None when there is anything else."""
    return draft_of(view) if is_as_seen(view) else None


def is_as_seen(view: Mapping[str, Any]) -> bool:
    """Whether in a modal stands what stood there when the rules said yes: nothing was filled in since."""
    try:
        held = json.loads(view.get("private_metadata") or "{}").get("seen")
    except (ValueError, AttributeError):
        return False
    return bool(held) and held == _digest(answers_in(view))


def _seen(form: WholeForm, standing: Mapping[str, tuple[str, str]], taken: bool) -> str:
    """In short, what will stand in the fields of a modal that is made now."""
    values = {}
    for each in form.fields:
        block, value = standing.get(each.key, ("", ""))
        values[each.key] = value if block and _block_id(each, form, (block, value), taken) == block else _value(each, form.language)
    return _digest(values)


def _digest(values: Mapping[str, str]) -> str:
    return hashlib.blake2b(orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def key_of(block_id: str) -> str:
    """The field of a block: a value that we put there has a block of its own, so that Slack shows it."""
    return block_id.partition("~")[0]


def shown_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a modal, by block id."""
    found: dict[str, str] = {}
    values = (view.get("state") or {}).get("values") or {}
    for block, actions in values.items():
        for given in actions.values():
            chosen = given.get("selected_option")
            value = chosen["value"] if chosen else given.get("selected_date") or given.get("selected_time") or given.get("value")
            found[str(block)] = str(value or "")
    return found


def answers_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a modal, by field."""
    return {key_of(block): value for block, value in shown_in(view).items()}


def errors_of(form: WholeForm, view: Mapping[str, Any]) -> dict[str, str] | None:
    """The problems at their fields, by block id; None when the modal shows other fields or another state and must be made anew."""
    blocks = {key_of(block): block for block in shown_in(view)}
    if form.problems or {each.key for each in form.fields} != set(blocks):
        return None
    found = {blocks[each.key]: _at_field(each.problem, form.language) for each in form.fields if each.problem}
    return found or None


def refusal_of(form: WholeForm, view: Mapping[str, Any]) -> dict[str, str]:
    """The refusal at the field that its reason is about: the day, who was there; how long it was, what it was asked for, else the first
    one."""
    blocks = {key_of(block): block for block in shown_in(view)}
    reasons = (FIELD_OF[each.key] for each in form.verdict if each.key in FIELD_OF)
    block = next(blocks[key] for key in (*reasons, *ABOUT, *blocks) if key in blocks)
    said = " ".join(in_slack(line) for line in paragraphs(form.verdict, form.language) if line)
    return {block: shorten(said, TEXT)}


def _at_field(problem: Text, language: str) -> str:
    return shorten(in_slack(say(problem, language)), TEXT)


def _problem(problem: Text, language: str) -> list[Block]:
    return sections([f"! {line}" for line in in_slack(say(problem, language)).split("\n")])


def _block_id(field: WholeField, form: WholeForm, standing: tuple[str, str] | None, taken: bool) -> str:
    """The block of a field: the one that stands there, whose content Slack keeps, or a new one when another value must be seen."""
    if standing is None:
        return field.key
    block, value = standing
    in_own_words = taken and field.kind not in (*CHOSEN, "day", "clock") and value and field.value and not field.problem
    if value == _value(field, form.language) or in_own_words:
        return block
    anew = f"{field.key}~{form.revision}"
    return anew if anew != block else f"{anew}+"


def _value(field: WholeField, language: str) -> str:
    """What stands in a field; who was there in the words of her language."""
    if field.kind == "roles" and field.shown is not None and not field.problem:
        return say(field.shown, language)
    return field.value


def _field(field: WholeField, form: WholeForm, block_id: str) -> list[Block]:
    language = form.language
    element = _element(field, language)
    words = [in_slack(say(each, language)) for each in field.hints]
    above = sections(words.pop(0).split("\n")) if field.kind == "declare" and len(words) > 1 else []
    if element["type"] == "plain_text_input":
        words = [each.replace(say(text("whole.choose_or_type"), language), say(text("whole.type"), language)) for each in words]
    elif field.kind != "declare" and field.key not in TOLD:
        words = []  # they say how to type it
    if element["type"] == "plain_text_input" and field.options and field.kind not in CHOSEN:
        words.append(say(text("whole.often", choices=" / ".join(say(label, language) for _, label in field.options)), language))
    block: Block = {
        "type": "input", "block_id": block_id, "label": plain(say(field.label, language), 2000), "element": element,
        "dispatch_action": True, "optional": not field.required,
    }  # fmt: skip
    if hint := " ".join(each.replace("\n", " ") for each in words if each):
        block["hint"] = plain(hint, HINT)
    return [*above, block, *(_problem(field.problem, language) if field.problem else [])]


def _element(field: WholeField, language: str) -> Block:
    if field.kind in CHOSEN and field.options:
        options = [_option(value, say(label, language)) for value, label in field.options[:OPTIONS]]
        found: Block = {"type": "static_select", "action_id": "filled", "options": options}
        chosen = next((each for each in options if each["value"] == field.value), None)
        return {**found, "initial_option": chosen} if chosen else found
    if field.kind == "day" and (not field.value or DAY.fullmatch(field.value)):
        return {"type": "datepicker", "action_id": "filled", **({"initial_date": field.value} if field.value else {})}
    if field.kind == "clock" and (not field.value or CLOCK.fullmatch(field.value)):
        return {"type": "timepicker", "action_id": "filled", **({"initial_time": field.value} if field.value else {})}
    when = {"trigger_actions_on": ["on_enter_pressed"]}
    typed: Block = {"type": "plain_text_input", "action_id": "filled", "dispatch_action_config": when}
    value = _value(field, language)
    return {**typed, "initial_value": shorten(value, TEXT)} if value else typed


def _option(value: str, label: str) -> Block:
    return {"text": plain(label, LABEL), "value": value[:VALUE]}


def _offers(form: WholeForm) -> list[Block]:
    made = Screen(choices=(form.offers[:BUTTONS],), language=form.language)
    return list(buttons_of(made)[0]["elements"])
