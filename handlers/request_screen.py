"""The card of a request: what was answered, what the rulebook says of it at once, the question with its buttons."""

from typing import Any

from handlers.card import reasons_of
from handlers.choices import in_rows, press
from handlers.moment_form import option_label
from handlers.page_links import page_button
from handlers.request_form import KNOWN, LONG_AGO, Asking, judge_request, runs_already
from handlers.screen import Choice, Screen, Text, say
from rules.forms import Field, Option, options_of, path
from rules.periods import add_months
from rules.verdict import Verdict
from storage import directory
from storage.accounts import Draft

PAGE = 8
HOURS_OFFERED = (60, 120, 180, 240)
Rows = tuple[tuple[Choice, ...], ...]
Problems = tuple[Text, ...]


def stopped(verdict: Verdict | None) -> bool:
    """Whether the rulebook refuses, so that nothing else is asked."""
    return verdict is not None and not verdict.accepted


def show(asking: Asking, *, problems: Problems = ()) -> Screen:
    """The card: what was answered, what the rulebook says of it at once, the question below."""
    draft, field, verdict = asking.draft, asking.field, judge_request(asking)
    title = say("requests.card", what=asking.given("what"))
    body = tuple(
        shown(asking, each, asking.answers[each.key]) if each.key == "oproep"
        else say("card.answer", label=label_of(each), value=shown(asking, each, asking.answers[each.key]))
        for each in path(asking.form, asking.answers)
        if each.key != "what" and each.key in asking.answers and asking.answers[each.key] not in (KNOWN, "", "yes")
        and not _only_network(asking, each)
    )
    said: tuple[Text, ...] = ()
    ends: Rows = ((Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))),)
    asks, rows = None, ends
    if draft.aside.get("pick"):
        asks, rows = say("card.ask_which"), (*_changeable(asking), ends[0][:1])
    elif verdict is not None and stopped(verdict):
        said = (say("requests.cannot"), *_reasons(verdict))
        rows = (*_instead(asking, verdict), *_change(draft), *ends)
    elif field is not None and field.kind in ("place", "choice") and field.required and not options_of(field, asking.asked):
        said = (say("requests.nothing_to_choose", coordinator=asking.deciders),)
        rows = (*_change(draft), *ends)
    elif field is not None:
        if field.kind == "declare":
            body = (*body, say("requests.statements", statements=[say(f"words.declare_{each}") for each in field.options]))
        asks, rows = question(field), (*choices_for(asking, field), *ends, *page_button(asking.world, asking.event))
    else:
        said = (say("requests.ready", coordinator=asking.deciders),)
        rows = ((Choice(say("requests.send"), press(draft, ".send")),), *_change(draft), *ends)
    return Screen(title, body, said, problems, asks, rows, draft=draft.id, language=asking.session.language or "nl")


def _reasons(verdict: Verdict) -> tuple[Text, ...]:
    fixed = [each.rule for each in verdict.findings if each.facts.get("maximum")]
    if fixed:
        return (say("requests.no_more"),)
    return reasons_of(verdict)


def _instead(asking: Asking, verdict: Verdict) -> Rows:
    """Where hours run already, more of them can be asked (O1-16, O4-17)."""
    running = runs_already(verdict)
    if running is None or not any(option.value == f"g{running}" for option in asking.asked.options["request.grants"]):
        return ()
    return ((Choice(say("requests.more_instead"), press(asking.draft, ".more", str(running))),),)


def _change(draft: Draft) -> Rows:
    return ((Choice(say("card.change"), press(draft, ".change")),),)


def _only_network(asking: Asking, field: Field) -> bool:
    return field.key == "network" and len(asking.asked.options["request.networks"]) == 1


def _changeable(asking: Asking) -> Rows:
    given = [each for each in path(asking.form, asking.answers) if asking.answers.get(each.key, KNOWN) != KNOWN]
    fields = [each for each in given if not _only_network(asking, each)]
    return tuple(in_rows([Choice(label_of(each), press(asking.draft, ".field", each.key)) for each in fields], 2))


def choices_for(asking: Asking, field: Field) -> Rows:
    """The rows of buttons of a question."""
    draft = asking.draft
    if field.kind in ("place", "choice"):
        options = options_of(field, asking.asked)
        first = PAGE * int(draft.aside.get("page", 0))
        rows = [(Choice(option_said(asking, field, each), press(draft, field.key, each.value)),) for each in options[first : first + PAGE]]
        if len(options) > PAGE:
            following = 0 if first + PAGE >= len(options) else first // PAGE + 1
            rows.append((Choice(say("card.more"), press(draft, ".page", str(following))),))
        return tuple(rows)
    if field.kind == "day":
        return _days(asking, field)
    if field.kind == "hours":
        offered = [Choice(say("card.length", minutes=each), press(draft, field.key, f"{each} min")) for each in HOURS_OFFERED]
        return tuple(in_rows(offered, 4))
    if field.kind == "declare":
        denials = ((Choice(say(f"words.declare_not_{each}"), press(draft, field.key, each)),) for each in field.options)
        return ((Choice(say("card.all_true"), press(draft, field.key, "yes")),), *denials)
    return () if field.required else ((Choice(say("requests.skip"), press(draft, ".skip", field.key)),),)


def _days(asking: Asking, field: Field) -> Rows:
    draft, today = asking.draft, asking.today
    if field.key == "since":
        begin = asking.answers.get("from_day", today.isoformat())
        months = asking.book.on(today)["o1.bonus_months"]
        return (
            (Choice(say("requests.begins", day=begin), press(draft, field.key, begin)),),
            (Choice(say("requests.long_ago", months=months), press(draft, ".long")),),
        )
    next_month = add_months(today.replace(day=1), 1)
    near = [Choice(say("card.day_0"), press(draft, field.key, today.isoformat()))]
    near += [Choice(say("card.day", day=day), press(draft, field.key, day.isoformat())) for day in (today.replace(day=1), next_month)]
    return tuple((each,) for each in near if today.day > 1 or each is not near[1])


def option_said(asking: Asking, field: Field, option: Option) -> Text:
    """What a choice says."""
    if field.key == "oproep":
        return say("requests.oproep", oproep=option.value)
    if field.key == "moment" and (moment := directory.read_moment(asking.tx, asking.person, int(option.value[1:]))) is not None:
        return say("overview.open", moment=moment.id, day=moment.day)
    if field.key == "grant":
        return say("requests.grant", place=option.label, oproep=_oproep_of(asking, option))
    return option_label(field, option)


def _oproep_of(asking: Asking, option: Option) -> str:
    return next(place.oproep for place in directory.read_places(asking.tx, asking.person) if f"g{place.grant}" == option.value)


def shown(asking: Asking, field: Field, value: Any) -> Text:
    """An answer in words."""
    if field.kind in ("place", "choice"):
        option = next((each for each in options_of(field, asking.asked) if each.value == value), Option(str(value), ""))
        return option_said(asking, field, option)
    if field.kind == "day":
        return say("requests.long_ago_short") if value == LONG_AGO else say("card.day", day=value)
    if field.kind == "hours":
        return say("card.length", minutes=value)
    if field.kind == "declare":
        return say(f"words.declare_not_{value}")
    return say("card.plain", value=value)


def label_of(field: Field) -> Text:
    """The name of a field on the card."""
    return say("card.own_label", **field.label) if field.label else say(f"words.field_{field.key}")


def question(field: Field) -> Text:
    """The question of a field, in its own words when the network wrote them."""
    return say("card.ask_own", **field.label) if field.label else say(f"questions.ask_{field.key}")
