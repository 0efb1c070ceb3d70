"""/watals: the same judgement of a typed line, nothing booked; a day to come counts as if the moment had ended."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.card import balance_after, reasons_of
from handlers.commands import COMMAND_OF, FORMS
from handlers.moment_form import Setting, option_words, submission_of
from handlers.personal import forms_of
from handlers.registering import judge_moment
from handlers.screen import Event, Screen, Text, say
from handlers.starting import nothing_open
from handlers.turn import settings_for
from handlers.typed_form import only_form
from handlers.typed_line import TypedLine, typed_line
from handlers.world import World
from rules.forms import fill_known
from rules.periods import BRUSSELS
from rules.typed import fold
from storage.accounts import Session

TOLD = frozenset(("day", "start", "length"))  # one of these in a line without the word of a form: it tells of a moment


def judge_line(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Judge "presentie De Kade 3u 12/12": for the place that is named, else for each place where such a moment could be."""
    if "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    first, _, rest = event.text.strip().partition(" ")
    word = fold(first.lstrip("/"))
    form_id, fixed = COMMAND_OF.get(word), {}
    if form_id not in FORMS:
        known = (each for book in world.books.values() for each in book.werkvormen.values() if "ondersteuning" in each.forms)
        werkvorm = next((each.id for each in known if word in map(fold, each.typed)), None)
        if werkvorm is not None:
            form_id, fixed = "ondersteuning", {"werkvorm": werkvorm}
        elif (form_id := _told_without(tx, world, session, event)) is not None:
            rest = event.text
        else:
            form = next(iter(forms_of(tx, session.person or 0)), FORMS[0])
            return Screen(say("what_if.how", form=form), fresh=True)
    settings = settings_for(tx, world, session.person or 0, event, form_id)
    if not settings:
        return nothing_open(tx, world, session, form_id)
    read = [(setting, typed_line(setting, rest, ahead=True) if rest.strip() else TypedLine()) for setting in settings]
    read = [each for each in read if "place" in each[1].answers] or read
    lines: list[Text] = []
    for setting, line in read:
        answers = {**line.answers, **fixed}
        if "werkvorm" in setting.form.by_key and "werkvorm" not in answers:
            hers = setting.asked.options.get("werkvormen", ())
            if len(hers) != 1:
                return _ask_werkvorm(setting, line.problems)
            answers["werkvorm"] = hers[0].value
        if form_id == "intervisie":
            answers["role"] = "given"
        answers = {"day": setting.asked.today.isoformat(), **answers}
        answers = dict(fill_known(setting.form, answers, setting.asked))
        for value in [answers["place"]] if "place" in answers else _candidates(setting, form_id):
            lines += _one(tx, setting, session, event, {**answers, "place": value}, form_id)
    return Screen(say("what_if.title"), tuple(lines or [say("what_if.no_place")]), problems=read[0][1].problems, fresh=True)


def _told_without(tx: Connection, world: World, session: Session, event: Event) -> str | None:
    """The only form in which she has hours, when a line without its word tells anything of a moment."""
    only = only_form(tx, world, session, event)
    if only is None or not any(typed_line(setting, event.text, ahead=True).answers.keys() & TOLD for setting in only[1]):
        return None
    return only[0]


def _ask_werkvorm(setting: Setting, problems: tuple[Text, ...]) -> Screen:
    """Which werkvorm is it: the rules of one are not those of another, so none is taken for granted."""
    field = setting.form.by_key["werkvorm"]
    hers = [option_words(setting, field, option) for option in setting.asked.options.get("werkvormen", ())]
    return Screen(say("what_if.title"), (say("what_if.which_werkvorm", statements=hers),), problems=problems, fresh=True)


def _candidates(setting: Setting, form_id: str) -> list[str]:
    name = {"overleg": "places.O1", "presentie": "places.O2"}.get(form_id, "places.support")
    return [option.value for option in setting.asked.options.get(name, ())]


def _one(tx: Connection, setting: Setting, session: Session, event: Event, answers: dict[str, Any], form_id: str) -> list[Text]:
    sub = submission_of(setting, session.person or 0, answers)
    if sub is None or sub.first_day is None:
        return []
    ended = datetime.combine(sub.first_day + timedelta(days=2), time(), BRUSSELS)
    verdict = judge_moment(tx, setting.book, sub._replace(text=None), max(event.now, ended), partial=True)
    place = setting.place(answers["place"])
    own = setting.book.on(sub.first_day).werkvorm_words(sub.werkvorm or "")
    werkvorm = f"werkvorm_{own}" if isinstance(own, str) else own
    lines = [
        say(
            "what_if.about",
            what="form_" + form_id if form_id in ("overleg", "presentie") else werkvorm,
            place=place.name if place else "",
            day=sub.first_day,
            minutes=verdict.minutes or sub.minutes,
        )
    ]
    if sub.minutes is None and sub.end is None and verdict.accepted:
        lines.append(say("what_if.no_length"))
    else:
        lines.append(say("what_if.fits" if verdict.accepted else "what_if.fits_not"))
    lines += reasons_of(verdict)
    if verdict.accepted and verdict.after is not None and verdict.minutes:
        lines.append(balance_after(verdict.after))
    elif verdict.before is not None:
        lines.append(say("what_if.left_now", left=verdict.before.left))
    return lines
