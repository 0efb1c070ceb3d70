"""The card of a draft: answers so far above, the question below; at the end the verdict and the balance after."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.choices import choices_for, in_rows, press, reading_rows
from handlers.moment_form import Setting, oproep_of, option_words
from handlers.page_links import page_button
from handlers.planned import remarks_on, span_of, would_fit
from handlers.screen import Choice, Screen, Text, say
from handlers.turn import PLAN, Turn
from rules.forms import Field, Option, Problems, options_of, path
from rules.ledger import Balance
from rules.typed import Unclear
from rules.verdict import Finding, Verdict
from rules.words import LANGUAGES
from storage.accounts import Draft

Rows = tuple[tuple[Choice, ...], ...]
# Questions that are put otherwise about a moment to come.
ASKED_AHEAD = frozenset(
    ("werkvorm", "role", "place", "partner", "day", "start", "length", "topic", "text", "present", "channel", "initiative")
)


@dataclass(frozen=True)
class Remarks:
    """What else stands on a card. `problems`: of the last deed; `readings`: (field, value) to offer for what was typed unclearly;
    `cautions`: worth a second look; `advice` and `offers`: the way out of a refusal; `notice`: the short answer to a press."""

    problems: tuple[Text, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    cautions: tuple[Text, ...] = ()
    advice: tuple[Text, ...] = ()
    offers: Rows = ()
    notice: Text | None = None


def reason(finding: Finding) -> Text:
    """What a finding says, in the words of its rule."""
    return say(
        f"reasons.{finding.facts.get('says', finding.rule)}",
        level=finding.level,
        limit=finding.limit,
        used=finding.used,
        asked=finding.asked,
        left=finding.left,
        facts=dict(finding.facts),
    )


def reasons_of(verdict: Verdict) -> tuple[Text, ...]:
    """The reasons of a verdict in words; what two rules say of the same day is said once (GEN-01, DRV-04)."""
    found = verdict.reasons()
    outside = any(finding.rule == "GEN-01" for finding in found)
    return tuple(reason(finding) for finding in found if not (outside and finding.rule == "DRV-04" and finding.facts.get("convention")))


def problem(unclear: Unclear) -> Text:
    """What is wrong with a typed answer; never the typed text itself."""
    return say(f"problems.{unclear.reason}", options=unclear.options)


def problems_of(found: Problems) -> tuple[Text, ...]:
    """What is wrong with answers for which no readings are offered."""
    return tuple(say(f"problems.{each.reason}", options=()) for each in found.values())


def card(turn: Turn, verdict: Verdict | None, remarks: Remarks, *, stopped: bool = False) -> Screen:
    """The screen of a draft. `stopped`: no answer that is still open can mend the refusal, so none is asked."""
    draft, field = turn.draft, turn.field
    body, asks, rows = answered(turn), None, _controls(draft)
    said: tuple[Text, ...] = ()
    if networks := draft.aside.get("networks"):
        body, asks = (), say("questions.ask_network")
        rows = (*((Choice(say("card.plain", value=name), press(draft, ".network", each)),) for each, name in networks), *rows)
    elif draft.aside.get("pick"):
        asks, rows = say("card.ask_which"), (*_changeable(turn), (Choice(say("card.back"), press(draft, ".back")),))
    elif verdict is not None and (field is None or stopped):
        said, rows = _judged(verdict, remarks, draft.purpose), _ends(draft, verdict, remarks)
        body = (*body, *declarations(turn)) if verdict.accepted else body
    elif field is not None:
        if field.kind == "declare":
            body = (*body, declared(field))
        said = remarks.cautions
        if verdict is not None and draft.purpose == PLAN and not would_fit(verdict):
            said = (*map(reason, remarks_on(verdict)), *said)
        if verdict is not None and verdict.outcome == "refused":
            said = (*reasons_of(verdict), *remarks.advice, *said)
            rows = (*remarks.offers, (Choice(say("card.change"), press(draft, ".change")),), *rows)
        if remarks.readings:
            rows = (*reading_rows(turn, remarks.readings), *rows)
            asks = question(turn, field) if any(key == field.key for key, _ in remarks.readings) else None
        else:
            asks, rows = question(turn, field), (*choices_for(turn, field), *_later(turn), *rows, *page_button(turn.world, turn.event))
    title = say("card.title", form=draft.form, purpose=draft.purpose, moment=draft.moment)
    language = turn.session.language or "nl"
    return Screen(title, body, said, remarks.problems, asks, rows, notice=remarks.notice, draft=draft.id, language=language)


def _judged(verdict: Verdict, remarks: Remarks, purpose: str) -> tuple[Text, ...]:
    if purpose == PLAN and verdict.accepted:
        fits = would_fit(verdict)
        lines = [say("plans.verdict", fits=fits, minutes=verdict.minutes), *map(reason, remarks_on(verdict)), *remarks.cautions]
        return (*lines, balance_after(verdict.after)) if fits and verdict.after is not None and verdict.minutes else tuple(lines)
    lines = [say("card.verdict", outcome=verdict.outcome, booked=verdict.minutes, preparations=verdict.preparations)]
    lines += [*reasons_of(verdict), *remarks.advice, *remarks.cautions]
    if verdict.accepted and verdict.after is not None:
        lines.append(balance_after(verdict.after))
    return tuple(lines)


def _ends(draft: Draft, verdict: Verdict, remarks: Remarks) -> Rows:
    turns = (Choice(say("card.change"), press(draft, ".change")), Choice(say("card.why"), press(draft, ".why")))
    if verdict.accepted:
        return ((Choice(say("card.confirm"), press(draft, ".ok")),), turns, *_controls(draft))
    return (*remarks.offers, turns, *_controls(draft))


def _later(turn: Turn) -> Rows:
    """A plan whose time is known can do without the rest until it has taken place; when that is over already it is registered."""
    span = span_of(turn.draft.answers) if turn.draft.purpose == PLAN and "place" in turn.draft.answers else None
    if span is None:
        return ()
    return ((Choice(say("plans.register_now" if span.end <= turn.event.now else "plans.later"), press(turn.draft, ".later")),),)


def _controls(draft: Draft) -> Rows:
    return ((Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))),)


def balance_after(balance: Balance) -> Text:
    """The balance with the moment in it, and what is missing to the next whole hour."""
    return say(
        "card.balance_after",
        left=balance.left,
        limit=balance.limit,
        pooled=balance.pooled,
        rest=balance.hours.rest,
        missing=60 - balance.hours.rest if balance.hours.rest else 0,
        hours=balance.hours.hours,
    )


def answered(turn: Turn) -> tuple[Text, ...]:
    """The answers so far, one line each."""
    setting, answers = turn.setting, turn.draft.answers
    return tuple(
        say("card.answer", label=label_of(field), value=shown(setting, field, answers[field.key]))
        for field in path(setting.form, answers)
        if field.key in answers and answers[field.key] != "" and not (field.kind == "declare" and answers[field.key] == "yes")
    )


def declarations(turn: Turn) -> tuple[Text, ...]:
    """The statements that are confirmed along with the moment."""
    answers = turn.draft.answers
    field = next((each for each in path(turn.setting.form, answers) if each.kind == "declare"), None)
    return (declared(field),) if field is not None and answers.get(field.key) == "yes" else ()


def declared(field: Field) -> Text:
    """The statements of a field, as what is declared with Bevestigen."""
    return say("card.declared", statements=[say(f"words.declare_{statement}") for statement in field.options])


def label_of(field: Field) -> Text:
    """The name of a field on a card."""
    if field.label:
        return say("card.own_label", **{code: field.label[code] for code in LANGUAGES})
    return say(f"words.field_{field.key}")


def shown(setting: Setting, field: Field, value: Any) -> Text:
    """An answer in words."""
    kind = field.kind
    if kind == "place":
        place = setting.place(value)
        return say("card.place", name=place.name if place else "", value=value, oproep=place.oproep if place else "")
    if kind == "partner":
        name = next((option.label for option in options_of(field, setting.asked) if option.value == value), value.removeprefix("~"))
        return say("card.plain", value=name)
    if kind == "day":
        return say("card.day", day=value)
    if kind == "length":
        return say("card.length", minutes=value) if isinstance(value, int) else say("card.until", clock=value)
    if kind == "roles":
        return say("card.present", present=value)
    if kind == "declare":
        return say(f"words.declare_not_{value}")
    if kind in ("choice", "yes_no"):
        return option_words(setting, field, Option(value, ""))
    return say("card.plain", value=value)


def question(turn: Turn, field: Field) -> Text:
    """The question of a field, in its own words when the network wrote them; of the length with whether travelling is part of it (A-37)."""
    ahead = turn.setting.asked.ahead and field.key in ASKED_AHEAD and not field.label and not turn.draft.aside.get("role")
    if field.kind == "length" and not field.label:
        day = turn.draft.answers.get("day")
        travels = turn.setting.book.on(date.fromisoformat(day) if day else turn.setting.asked.today).get("travel_counts", False)
        return say("plans.ask_length" if ahead else "questions.ask_length", travels=travels)
    if ahead:
        return say(f"plans.ask_{field.key}")
    if field.kind == "roles" and turn.draft.aside.get("role"):
        return say("questions.ask_present_count", role=turn.draft.aside["role"])
    if field.key == "present":
        return say("questions.ask_present", oproep=oproep_of(turn.setting.form, turn.draft.answers))
    if field.key == "topic" and field.kind == "text":
        return say("questions.ask_topic_free")
    if field.label:
        return say("card.ask_own", **{code: field.label[code] for code in LANGUAGES})
    return say(f"questions.ask_{field.key}")


def _changeable(turn: Turn) -> Rows:
    fields = [each for each in path(turn.setting.form, turn.draft.answers) if each.key in turn.draft.answers]
    return tuple(in_rows([Choice(label_of(field), press(turn.draft, ".field", field.key)) for field in fields], 2))
