"""A colleague registered a moment and named her: she confirms it as her own, under her own hours and rules, or was not there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import Connection

from handlers.moment_form import Setting, submission_of
from handlers.prefilled import open_prefilled
from handlers.receipt import receipt
from handlers.registering import register
from handlers.screen import Choice, Event, Screen, say
from handlers.share_news import question, tell_answer, what_of_moment
from handlers.showing import WAY_ON
from handlers.starting import nothing_open
from handlers.turn import settings_for, turn_on
from handlers.world import World
from rules.forms import fill_known
from rules.periods import BRUSSELS
from storage import directory, shares
from storage.accounts import Draft, Session

# What she answers herself when the moment is of another place or agreement for her than for who registered it.
HER_OWN = ("place", "partner", "partner_kind", "initiative", "declared", "declared_co_consult")


def was_there(tx: Connection, world: World, session: Session, event: Event, row: Any, version: int) -> Screen:
    """Klopt: judged for her own hours and booked as her own moment, once; what is missing or refused stands on its card."""
    moment = shares.shared_moment(tx, row.moment)
    if row.state == shares.CONFIRMED:
        return _hers(tx, world, session, event, row.made)
    if moment is None or moment.state != "accepted":
        return _withdrawn(tx, event, row, moment)
    if moment.version != version:
        return replace(question(tx, world, row, moment), notice=say("shares.changed"), problems=(say("shares.changed"),))
    own = shares.same_moment(tx, row.person, moment)
    if own is not None:
        _confirm(tx, event, row, own)
        return _hers(tx, world, session, event, own)
    form = moment.submitted["form"]
    settings = settings_for(tx, world, row.person, event, form)
    if not settings:
        return replace(nothing_open(tx, world, session, form), fresh=True)
    setting, answers = max(
        ((each, own_answers(tx, row.person, each, moment)) for each in settings), key=lambda found: "place" in found[1]
    )
    if "place" not in answers and _is_site(moment.submitted["answers"]):
        there = nothing_open(tx, world, session, form)
        return replace(there, title=say("shares.no_hours_there"), body=(what_of_moment(tx, world, moment),), fresh=True)
    sub = submission_of(setting, row.person, answers)
    turn = turn_on(tx, world, session, event, Draft(0, form, setting.network.id, "register", None, answers, {}, 0))
    if sub is not None and turn.field is None:
        submitted = {"form": form, "answers": answers}
        found = register(tx, setting.book, sub, f"share:{row.id}", submitted, event.now)
        if found.moment is not None:
            _confirm(tx, event, row, found.moment)
            booked = directory.read_moment(tx, row.person, found.moment)
            return receipt(tx, world, session, booked, verdict=found.verdict, again=found.again, form=form)
    return open_prefilled(tx, world, session, event, ("share", row.id), form, setting.network.id, answers)


def was_not_there(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    """Was er niet: nothing is booked for her. Until she confirms after all."""
    if row.state == shares.CONFIRMED:
        return _hers(tx, world, session, event, row.made)
    moment = shares.shared_moment(tx, row.moment)
    if moment is None or moment.state != "accepted":
        return _withdrawn(tx, event, row, moment)
    if shares.answer(tx, row.id, row.person, shares.DECLINED, event.now):
        tell_answer(tx, row.id, event.now)
    choices = ((Choice(say("shares.yes_after_all"), f"share:yes:{row.id}:{moment.version}"),),)
    return Screen(say("shares.declined"), (what_of_moment(tx, world, moment),), choices=choices, notice=say("shares.declined"))


def own_answers(tx: Connection, person: int, setting: Setting, moment: Any) -> dict[str, Any]:
    """The answers as her own: her collaboration with the same partner, her statements left open where the place is of another kind."""
    given: Mapping[str, Any] = moment.submitted["answers"]
    answers = {key: value for key, value in given.items() if key not in HER_OWN}
    place = _own_place(tx, person, setting, given, moment)
    if place is not None:
        answers["place"] = place
        if place[0] == str(given["place"])[0]:
            answers |= {key: given[key] for key in HER_OWN if key in given and key != "place" and given[key] not in (None, "")}
        elif place == "x" and (partner := _partner(tx, given)) is not None:
            answers["partner"] = partner
    known = dict(fill_known(setting.form, answers, setting.asked))
    if place is None and _is_site(given):  # the only place of hers is not where it was
        known.pop("place", None)
    return known


def _is_site(given: Mapping[str, Any]) -> bool:
    """Whether it was at a vindplaats, which is the same for everybody who was there."""
    return str(given.get("place", "")).startswith("s")


def _own_place(tx: Connection, person: int, setting: Setting, given: Mapping[str, Any], moment: Any) -> str | None:
    place = str(given.get("place", ""))
    if _is_site(given):
        return place if setting.place(place) is not None else None
    partner = _partner(tx, given)
    day = moment.begins.replace(tzinfo=UTC).astimezone(BRUSSELS).date()
    agreement = shares.agreement_with(tx, person, partner, day) if partner is not None else None
    options = [f"a{agreement}", "x"] if place.startswith("a") else ["x", f"a{agreement}"]
    return next((each for each in options if setting.place(each) is not None), None)


def _partner(tx: Connection, given: Mapping[str, Any]) -> str | None:
    place = str(given.get("place", ""))
    return shares.partner_of(tx, int(place[1:])) if place.startswith("a") else given.get("partner")


def _confirm(tx: Connection, event: Event, row: Any, moment: int) -> None:
    if shares.answer(tx, row.id, row.person, shares.CONFIRMED, event.now, moment):
        tell_answer(tx, row.id, event.now)


def _hers(tx: Connection, world: World, session: Session, event: Event, moment: int | None) -> Screen:
    """What stands for her already."""
    found = directory.read_moment(tx, session.person or 0, moment) if moment is not None else None
    if found is None:
        return Screen(say("shares.answered_before"), choices=WAY_ON, notice=say("shares.answered_before"))
    screen = receipt(tx, world, session, found, again=True)
    return replace(screen, notice=say("problems.already_booked", moment=found.id))


def _withdrawn(tx: Connection, event: Event, row: Any, moment: Any) -> Screen:
    """The moment was cancelled before she answered."""
    shares.answer(tx, row.id, row.person, shares.WITHDRAWN, event.now)
    said = say("shares.cancelled", name=moment.name_of if moment is not None else "")
    return Screen(said, choices=WAY_ON, notice=say("shares.cancelled_short"))
