"""The card of a draft: answers so far above, the question below; at the end the verdict and the balance after."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from handlers.moment_form import Setting, oproep_of
from handlers.screen import Choice, Screen, Text, say
from rules.forms import Field, Option, fill_known, next_field, options_of, path
from rules.ledger import Balance
from rules.typed import Unclear
from rules.verdict import Finding, Verdict
from rules.words import GROUP
from storage.accounts import Draft

STARTS = ("09:00", "10:00", "12:00", "13:30", "14:00", "16:00", "18:00", "19:00")
LENGTHS = (30, 45, 60, 90, 120, 180)
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25)
PAGE = 8


def reason(finding: Finding) -> Text:
    """What a finding says, in the words of its rule."""
    return say(
        f"reasons.{finding.rule}",
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


def press(draft: Draft, verb: str, value: str = "") -> str:
    """The meaning of a button of this card: it counts for this revision only."""
    return f"d:{draft.id}:{draft.revision}:{verb}" + (f":{value}" if value else "")


def card(
    setting: Setting,
    draft: Draft,
    verdict: Verdict | None,
    *,
    problems: tuple[Text, ...] = (),
    advice: tuple[Text, ...] = (),
    offers: tuple[tuple[Choice, ...], ...] = (),
    readings: tuple[tuple[str, str], ...] = (),
    last: Mapping[str, Any] | None = None,
    notice: Text | None = None,
    language: str = "nl",
) -> Screen:
    """The screen of a draft. `readings`: (field, value) to offer for what was typed unclearly; `last`: the answers of the
    moment before, for "zelfde als vorige keer"; `offers`: what would be allowed after a refusal."""
    title = say("card.title", form=draft.form, purpose=draft.purpose, moment=draft.moment)
    field = next_field(setting.form, draft.answers)
    refusals = (*reasons_of(verdict), *advice) if verdict and verdict.outcome == "refused" else ()
    controls = _controls(draft, refused=bool(refusals) and bool(draft.answers))
    body = answered(setting, draft)
    if draft.aside.get("pick"):
        return Screen(
            title,
            body,
            (),
            problems,
            say("card.ask_which"),
            (*_changeable(setting, draft), (Choice(say("card.back"), press(draft, ".back")),)),
            notice=notice,
            draft=draft.id,
            language=language,
        )
    if field is None and verdict is not None:
        return _complete(setting, draft, verdict, title, body, problems, advice, offers, notice, language)
    if field is None:
        return Screen(title, body, (), problems, None, controls, notice=notice, draft=draft.id, language=language)
    if field.kind == "declare" and isinstance(field.options, tuple):
        body = (*body, say("card.declared", statements=[say(f"words.declare_{statement}") for statement in field.options]))
    rows: list[tuple[Choice, ...]] = list(offers)
    if readings:
        rows += [(Choice(_reading(key, value), press(draft, key, value)),) for key, value in readings]
    else:
        rows += _choices(setting, draft, field, last)
    asks = _question(draft, field)
    return Screen(title, body, refusals, problems, asks, (*rows, *controls), notice=notice, draft=draft.id, language=language)


def _complete(
    setting: Setting,
    draft: Draft,
    verdict: Verdict,
    title: Text,
    body: tuple[Text, ...],
    problems: tuple[Text, ...],
    advice: tuple[Text, ...],
    offers: tuple[tuple[Choice, ...], ...],
    notice: Text | None,
    language: str,
) -> Screen:
    lines = [say("card.verdict", outcome=verdict.outcome, booked=verdict.minutes, preparations=verdict.preparations)]
    lines += [*reasons_of(verdict), *advice]
    if verdict.accepted and verdict.after is not None:
        lines.append(balance_after(verdict.after))
    body = (*body, *declarations(setting, draft)) if verdict.accepted else body
    why = Choice(say("card.why"), press(draft, ".why"))
    cancel = Choice(say("card.cancel"), press(draft, ".cancel"))
    change, back = Choice(say("card.change"), press(draft, ".change")), Choice(say("card.back"), press(draft, ".back"))
    rows: tuple[tuple[Choice, ...], ...]
    if verdict.accepted:
        confirm = Choice(say("card.confirm"), press(draft, ".ok"))
        rows = ((confirm,), (change, why), (back, cancel))
    else:
        rows = (*offers, (change, why), (back, cancel))
    return Screen(title, body, tuple(lines), problems, None, rows, notice=notice, draft=draft.id, language=language)


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


def answered(setting: Setting, draft: Draft) -> tuple[Text, ...]:
    """The answers so far, one line each."""
    lines = []
    for field in path(setting.form, draft.answers):
        if field.key in draft.answers and not (field.kind == "declare" and draft.answers[field.key] == "yes"):
            lines.append(say("card.answer", label=_label(field), value=shown(setting, field, draft.answers[field.key], draft.answers)))
    return tuple(lines)


def declarations(setting: Setting, draft: Draft) -> tuple[Text, ...]:
    """The statements that are confirmed along with the moment."""
    field = next((each for each in path(setting.form, draft.answers) if each.kind == "declare"), None)
    if field is None or draft.answers.get(field.key) != "yes" or not isinstance(field.options, tuple):
        return ()
    return (say("card.declared", statements=[say(f"words.declare_{statement}") for statement in field.options]),)


def _label(field: Field) -> Text:
    if field.label:
        return say("card.own_label", **{code: field.label[code] for code in ("nl", "fr", "en")})
    return say(f"words.field_{field.key}")


def shown(setting: Setting, field: Field, value: Any, answers: Mapping[str, Any]) -> Text:
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
        return option_label(field, Option(value, ""))
    return say("card.plain", value=value)


def option_label(field: Field, option: Option) -> Text:
    """The words of a choice: a proper name, or the word for its value."""
    if option.label and "." not in option.label:
        return say("card.plain", value=option.label)
    if field.label:  # a network's own question: its answers stand in its file as they are said
        return say("card.plain", value=option.value)
    group = {"role": "intervisie", "partner_kind": "kind"}.get(field.key, field.key)
    return say(f"words.{group}_{option.value}")


def _question(draft: Draft, field: Field) -> Text:
    if field.kind == "roles" and draft.aside.get("role"):
        return say("questions.ask_present_count", role=draft.aside["role"])
    if field.key == "topic" and field.kind == "text":
        return say("questions.ask_topic_free")
    if field.label:
        return say("card.ask_own", **{code: field.label[code] for code in ("nl", "fr", "en")})
    return say(f"questions.ask_{field.key}")


def _choices(setting: Setting, draft: Draft, field: Field, last: Mapping[str, Any] | None) -> list[tuple[Choice, ...]]:
    rows: list[tuple[Choice, ...]] = []
    if last is not None and draft.purpose == "register" and draft.answers == fill_known(setting.form, {}, setting.asked):
        rows.append((Choice(say("card.same_again", place=_last_place(setting, last)), press(draft, ".same")),))
    if field.kind in ("place", "partner", "choice", "yes_no"):
        rows += _option_rows(setting, draft, field)
    elif field.kind == "day":
        today = setting.asked.today
        rows.append(
            tuple(
                Choice(
                    say(f"card.day_{back}", day=today - timedelta(days=back)),
                    press(draft, "day", (today - timedelta(days=back)).isoformat()),
                )
                for back in (0, 1, 2)
            )
        )
        rows.append(tuple(_day_choice(draft, today - timedelta(days=back)) for back in (3, 4, 5)))
    elif field.kind == "clock":
        usual = [last["start"]] if last and last.get("start") and last["start"] not in STARTS else []
        rows += _in_rows([Choice(say("card.plain", value=each), press(draft, "start", each)) for each in (*usual, *STARTS)], 4)
    elif field.kind == "length":
        rows += _in_rows([Choice(say("card.length", minutes=each), press(draft, "length", f"{each} min")) for each in _lengths(draft)], 3)
    elif field.kind == "text":
        before = last.get(field.key) if last else None
        if before:
            rows.append((Choice(say("card.plain", value=before), press(draft, ".sametext")),))
    elif field.kind == "roles":
        rows += _role_rows(setting, draft, last)
    elif field.kind == "declare" and isinstance(field.options, tuple):
        rows.append((Choice(say("card.all_true"), press(draft, field.key, "yes")),))
        rows += [(Choice(say(f"words.declare_not_{each}"), press(draft, field.key, each)),) for each in field.options]
    return rows


def _last_place(setting: Setting, last: Mapping[str, Any]) -> str:
    place = setting.place(last.get("place"))
    return place.name if place else ""


def _lengths(draft: Draft) -> tuple[int, ...]:
    if draft.answers.get("werkvorm") in GROUP:
        return (90, 120, 150, 180, 210, 240)
    return LENGTHS


def _day_choice(draft: Draft, day: date) -> Choice:
    return Choice(say("card.weekday", day=day), press(draft, "day", day.isoformat()))


def _option_rows(setting: Setting, draft: Draft, field: Field) -> list[tuple[Choice, ...]]:
    options = options_of(field, setting.asked)
    first = int(draft.aside.get("page", 0)) * PAGE
    shown_now = options[first : first + PAGE]
    choices = [Choice(_place_label(setting, field, option), press(draft, field.key, option.value)) for option in shown_now]
    rows: list[tuple[Choice, ...]] = [tuple(choices)] if field.kind == "yes_no" else [(choice,) for choice in choices]
    if len(options) > PAGE:
        following = 0 if first + PAGE >= len(options) else int(draft.aside.get("page", 0)) + 1
        rows.append((Choice(say("card.more"), press(draft, ".page", str(following))),))
    return rows


def _place_label(setting: Setting, field: Field, option: Option) -> Text:
    if field.kind == "place":
        place = setting.place(option.value)
        return say("card.place", name=option.label, value=option.value, oproep=place.oproep if place else "")
    return option_label(field, option)


def _role_rows(setting: Setting, draft: Draft, last: Mapping[str, Any] | None) -> list[tuple[Choice, ...]]:
    role = draft.aside.get("role")
    if role:
        return _in_rows([Choice(say("card.plain", value=str(count)), press(draft, ".count", str(count))) for count in COUNTS], 4)
    counted: Mapping[str, int] = draft.aside.get("roles", {})
    rows: list[tuple[Choice, ...]] = []
    if counted:
        rows.append((Choice(say("card.present_done", present=counted), press(draft, ".counted")),))
    elif last and isinstance(last.get("present"), dict):
        rows.append((Choice(say("card.present", present=last["present"]), press(draft, ".samepresent")),))
    usual = _usual_roles(setting, draft)
    page = int(draft.aside.get("page", 0))
    visible = usual[:6] if page == 0 else usual[6:]
    rows += _in_rows([Choice(say(f"words.role_{each}"), press(draft, ".role", each)) for each in visible], 2)
    ends = [Choice(say("card.other_roles"), press(draft, ".page", "0" if page else "1"))]
    if not counted:
        ends.append(Choice(say("words.nobody"), press(draft, ".nobody")))
    rows.append(tuple(ends))
    return rows


def _usual_roles(setting: Setting, draft: Draft) -> list[str]:
    oproep = oproep_of(setting.form, draft.answers)
    first = {
        "O1": ("huisarts", "verpleegkundige", "maatschappelijk_werker", "leidinggevende", "animator", "vrijwilliger"),
        "O2": ("bezoeker", "jongere", "begeleider", "vrijwilliger", "jeugdwerker", "animator"),
    }.get(oproep or "", ("maatschappelijk_werker", "verpleegkundige", "zorgmedewerker", "begeleider", "huisarts", "jeugdwerker"))
    offered = list(setting.asked.roles)
    return [role for role in first if role in offered] + [role for role in offered if role not in first]


def _in_rows(choices: list[Choice], width: int) -> list[tuple[Choice, ...]]:
    return [tuple(choices[start : start + width]) for start in range(0, len(choices), width)]


def _reading(key: str, value: str) -> Text:
    if key == "day":
        return say("card.day", day=value)
    if key == "length" and value.endswith(" min"):
        return say("card.length", minutes=int(value.removesuffix(" min")))
    return say("card.plain", value=value)


def _changeable(setting: Setting, draft: Draft) -> tuple[tuple[Choice, ...], ...]:
    fields = [field for field in path(setting.form, draft.answers) if field.key in draft.answers]
    return tuple(_in_rows([Choice(_label(field), press(draft, ".field", field.key)) for field in fields], 2))


def _controls(draft: Draft, *, refused: bool) -> tuple[tuple[Choice, ...], ...]:
    back, cancel = Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))
    if refused:
        return ((Choice(say("card.change"), press(draft, ".change")),), (back, cancel))
    return ((back, cancel),)
