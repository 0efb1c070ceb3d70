"""What colleagues are told of a shared moment: the question to who was named, the answer to who asked; outside quiet hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.planned import statements_of, what_of
from handlers.screen import Choice, Screen, Text, say
from handlers.world import World
from rules.belgian_days import days_off
from rules.forms import next_field
from rules.periods import BRUSSELS
from rules.quiet_hours import next_free
from rules.words import TOPICS
from storage import accounts, outbox, preferences, shares

USEFUL = timedelta(days=30)


def ask_colleague(tx: Connection, share: int, person: int, now: datetime) -> bool:
    """Owe a colleague the question whether she was there. False when nothing reaches her."""
    return _owe(tx, f"share:{share}", {"told": "share", "share": share}, person, now)


def tell_answer(tx: Connection, share: int, now: datetime) -> None:
    """Owe who asked the answer that stands now."""
    row = shares.find_share(tx, share)
    moment = shares.shared_moment(tx, row.moment) if row is not None else None
    if moment is not None:
        told = {"told": "share_answer", "share": share, "state": row.state}
        _owe(tx, f"share:{share}:{row.state}", told, moment.person, now)


def _owe(tx: Connection, key: str, told: Mapping[str, Any], person: int, now: datetime) -> bool:
    quiet = preferences.quiet_of(preferences.read_preferences(tx, person))
    due = next_free(quiet, days_off(now.astimezone(BRUSSELS).year, "nl"), now)
    return outbox.owe_person(tx, key, told, person, due, due + USEFUL)


def told_share(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The question, made when it is sent; None when it was answered, or the moment cancelled."""
    row = shares.find_share(tx, told["share"])
    moment = shares.shared_moment(tx, row.moment) if row is not None and row.state == shares.ASKED else None
    return question(tx, world, row, moment) if moment is not None and moment.state == "accepted" else None


def question(tx: Connection, world: World, row: Any, moment: Any) -> Screen:
    """Was she there? `row`: what she was asked; `moment`: with the name of who registered it. The statements are hers to make."""
    answers, form = moment.submitted["answers"], moment.submitted["form"]
    body = [what_of_moment(tx, world, moment)]
    if answers.get("present"):
        body.append(say("shares.present", present=answers["present"]))
    if (about := _about(answers)) is not None:
        body.append(say("shares.about", about=about))
    hers = [world.book(each) for each in accounts.networks_of(tx, row.person)]
    known = next((book.forms[form] for book in hers if form in book.forms), None)
    if known is not None and next_field(known, answers) is None and (statements := statements_of(known, answers)):
        body.append(say("shares.you_declare", statements=statements))
    choices = ((Choice(say("shares.yes"), f"share:yes:{row.id}:{moment.version}"), Choice(say("shares.no"), f"share:no:{row.id}")),)
    return Screen(say("shares.registered", name=moment.name_of), tuple(body), asks=say("shares.were_you_there"), choices=choices)


def what_of_moment(tx: Connection, world: World, moment: Any) -> Text:
    """A registered moment in one line."""
    return what_of(tx, world, moment.person, moment.submitted["form"], moment.submitted["answers"], (moment.begins, moment.ends))


def _about(answers: Mapping[str, Any]) -> Text | None:
    topic = answers.get("topic")
    if topic in TOPICS:
        return say(f"words.topic_{topic}")
    typed = topic or answers.get("text")
    return say("card.plain", value=typed) if typed else None


def told_answer(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """What a colleague answered, for who asked; None when she has answered otherwise since."""
    row = shares.find_share(tx, told["share"])
    moment = shares.shared_moment(tx, row.moment) if row is not None and row.state == told["state"] else None
    if moment is None:
        return None
    name = next(each.first_name + " " + each.name for each in shares.shares_of(tx, moment.id) if each.id == row.id)
    return Screen(say("shares.answered", name=name, state=row.state), (what_of_moment(tx, world, moment),))
