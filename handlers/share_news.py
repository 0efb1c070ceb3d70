"""What colleagues are told of a shared moment: the question to who was named, the answer to who asked,
what changed since; outside quiet hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.planned import statements_of, what_of
from handlers.receipt import place_of
from handlers.screen import Choice, Question, Screen, Text, say
from handlers.showing import WAY_ON
from handlers.world import World
from rules.belgian_days import days_off
from rules.forms import next_field
from rules.periods import BRUSSELS
from rules.quiet_hours import next_free
from rules.words import TOPICS
from storage import accounts, directory, outbox, preferences, shares

USEFUL = timedelta(days=30)
QUESTION = "share:"


def ask_colleague(tx: Connection, share: int, person: int, now: datetime) -> bool:
    """Owe a colleague the question whether she was there. False when nothing reaches her."""
    return _owe(tx, f"{QUESTION}{share}", {"told": "share", "share": share}, person, now)


def tell_answer(tx: Connection, share: int, now: datetime) -> None:
    """Owe who asked the answer that stands now."""
    row = shares.find_share(tx, share)
    moment = shares.shared_moment(tx, row.moment) if row is not None else None
    if moment is not None:
        told = {"told": "share_answer", "share": share, "state": row.state}
        _owe(tx, f"share:{share}:{row.state}", told, moment.person, now)


def tell_change(tx: Connection, moment: int, version: int, now: datetime) -> None:
    """Owe the colleagues whom it concerns the news that a moment which they shared was corrected or cancelled, if it is no longer
    the `version` that it was. What they have themselves stays as it is."""
    row = shares.shared_moment(tx, moment)
    for each in shares.to_tell(tx, moment, QUESTION) if row is not None and row.version != version else ():
        told = {"told": "share_changed", "share": each.id, "version": row.version}
        _owe(tx, f"share:{each.id}:v{row.version}", told, each.person, now)


def _owe(tx: Connection, key: str, told: Mapping[str, Any], person: int, now: datetime) -> bool:
    quiet = preferences.quiet_of(preferences.read_preferences(tx, person))
    due = next_free(quiet, days_off(now.astimezone(BRUSSELS).year, "nl"), now)
    return outbox.owe_person(tx, key, told, person, due, due + USEFUL)


def told_share(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The question, made when it is sent; None when it was answered, or the moment cancelled."""
    row = shares.find_share(tx, told["share"])
    moment = shares.shared_moment(tx, row.moment) if row is not None and row.state == shares.ASKED else None
    return question(tx, world, row, moment) if moment is not None and moment.state == "accepted" else None


def told_changed(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """What became of the moment, beside what stands for her; who has not answered gets the question anew. None when it has changed
    again since, or nothing stands for her any more."""
    row = shares.find_share(tx, told["share"])
    moment = shares.shared_moment(tx, row.moment) if row is not None else None
    if moment is None or moment.version != told["version"]:
        return None
    cancelled = moment.state != "accepted"
    if row.state == shares.ASKED:
        if cancelled:
            return Screen(say("shares.cancelled", name=moment.name_of), (what_of_moment(tx, world, moment),), choices=WAY_ON)
        return replace(question(tx, world, row, moment), title=say("shares.maker_corrected", name=moment.name_of))
    mine = directory.read_moment(tx, row.person, row.made) if row.state == shares.CONFIRMED and row.made is not None else None
    if mine is None or mine.state != "accepted":
        return None
    hers = say("shares.yours", label=_mine(tx, world, mine))
    keep = Choice(say("shares.keep"), f"share:keep:{row.id}")
    if cancelled:
        choices = ((keep, Choice(say("shares.cancel_mine"), f"cancel:{mine.id}:{mine.version}")),)
        return Screen(say("shares.maker_cancelled", name=moment.name_of), (hers, say("shares.yours_stays")), choices=choices)
    now = say("shares.now", label=what_of_moment(tx, world, moment))
    change = f"correct:{mine.id}" if mine.submitted.get("answers") else f"moment:{mine.id}"
    choices = ((keep, Choice(say("shares.correct_mine"), change)),)
    return Screen(say("shares.maker_corrected", name=moment.name_of), (now, hers, say("shares.yours_stays")), choices=choices)


def kept_mine(tx: Connection, world: World, row: Any) -> Screen:
    """She keeps what stands for her."""
    mine = directory.read_moment(tx, row.person, row.made)
    body = (_mine(tx, world, mine),) if mine is not None else ()
    return Screen(say("shares.kept"), body, choices=WAY_ON, notice=say("shares.kept"))


def _mine(tx: Connection, world: World, mine: Any) -> Text:
    """Her own moment in one line; one that was imported has no answers."""
    if mine.submitted.get("answers"):
        return what_of_moment(tx, world, mine)
    werkvorm = world.werkvorm(mine.werkvorm)
    return say("receipt.what", day=mine.day, minutes=mine.minutes, place=place_of(tx, mine), oproep=mine.oproep, werkvorm=werkvorm)


def question(tx: Connection, world: World, row: Any, moment: Any) -> Screen:
    """Was she there? `row`: what she was asked; `moment`: with the name of who registered it. The statements are hers to make."""
    answers, form = moment.submitted["answers"], moment.submitted["form"]
    body = [what_of_moment(tx, world, moment)]
    if answers.get("present"):
        body.append(say("shares.present", present=answers["present"]))
    if (about := about_line(answers)) is not None:
        body.append(about)
    hers = [world.book(each) for each in accounts.networks_of(tx, row.person)]
    known = next((book.forms[form] for book in hers if form in book.forms), None)
    if known is not None and next_field(known, answers) is None and (statements := statements_of(known, answers)):
        body.append(say("shares.you_declare", statements=statements))
    yes, no = f"share:yes:{row.id}:{moment.version}", f"share:no:{row.id}"
    choices = ((Choice(say("shares.yes"), yes), Choice(say("shares.no"), no)),)
    asks, asked = say("shares.were_you_there"), Question(yes=yes, no=no)
    return Screen(say("shares.registered", name=moment.name_of), tuple(body), asks=asks, choices=choices, question=asked)


def what_of_moment(tx: Connection, world: World, moment: Any) -> Text:
    """A registered moment in one line."""
    return what_of(tx, world, moment.person, moment.submitted["form"], moment.submitted["answers"], (moment.begins, moment.ends))


def about_line(answers: Mapping[str, Any]) -> Text | None:
    """What a moment was about, under the name that it has on the card: a topic of the list, or what was typed."""
    topic, typed = answers.get("topic"), answers.get("text")
    if not topic and not typed:
        return None
    value = say(f"words.topic_{topic}") if topic in TOPICS else say("card.plain", value=topic or typed)
    return say("card.answer", label=say("words.field_topic" if topic else "words.field_text"), value=value)


def told_answer(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """What a colleague answered, for who asked; None when she has answered otherwise since."""
    row = shares.find_share(tx, told["share"])
    moment = shares.shared_moment(tx, row.moment) if row is not None and row.state == told["state"] else None
    if moment is None:
        return None
    name = next(each.first_name + " " + each.name for each in shares.shares_of(tx, moment.id) if each.id == row.id)
    return Screen(say("shares.answered", name=name, state=row.state), (what_of_moment(tx, world, moment),))
