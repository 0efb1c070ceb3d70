"""Correcting a grant with a reason: its hours, first or last day; what that would do is said before, both states are on the audit trail.

Nobody corrects a grant that she holds herself. Who holds it hears what changed, and why.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from handlers.card import problems_of
from handlers.choices import press
from handlers.confirm_words import confirm_word, says_nothing
from handlers.coordinating import audit, back_to, full_name, not_found
from handlers.draft_turn import DraftTurn
from handlers.member_card import person_screen
from handlers.regrant_news import place_of, sum_of, tell_corrected
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.typed_line import client_data_seen
from handlers.world import World
from rules import clientdata
from rules.book import NoValueError
from rules.facts import Grant
from rules.forms import Answers, Asked, Field, Form, Problems, apply, next_field
from rules.ledger import Balance
from rules.typed import whole
from storage import directory, drafts, fact_reading, grant_corrections, ledger, people, requests, scope
from storage.accounts import Session
from storage.grant_corrections import Correction

PURPOSE, FORM, ACTION = "regrant", "correctie", "grant.correct"
WHAT = ("hours", "first_day", "last_day")
CORRECTION = Form(FORM, (
    Field("part", "choice", WHAT), Field("hours", "hours", when={"part": ("hours",)}),
    Field("day", "day", when={"part": ("first_day", "last_day")}), Field("reason", "text"),
))  # fmt: skip
DAY = timedelta(days=1)
MOST_EARLIER = 5  # corrections on the card


@dataclass(frozen=True)
class Correcting(DraftTurn):
    """One turn of correcting a grant: who does it, of whom, which grant."""

    @cached_property
    def person(self) -> int:
        """Whose grant."""
        return int(self.draft.aside["person"])

    @cached_property
    def grant(self) -> Grant | None:
        """The grant as it is now; None when it is that person's no more, not of this network, or held by who corrects."""
        found = find_grant(self.tx, self.draft.network, self.person, int(self.draft.aside["grant"]))
        return None if found is None or self.session.person in found.persons else found

    @property
    def field(self) -> Field | None:
        """The open question."""
        return next_field(CORRECTION, self.draft.answers)

    @cached_property
    def book(self) -> Any:
        """The rulebook of the network."""
        return self.world.book(directory.read_network(self.tx, self.draft.network))

    @cached_property
    def standing(self) -> Balance | None:
        """How the grant stands today, or on the day of it nearest to today; None when no rulebook holds then."""
        assert self.grant is not None  # noqa: S101
        grant, tx = self.grant, self.tx
        on = min(max(self.event.today, grant.start), grant.to or date.max)
        mine, offers = fact_reading.read_grants(tx, self.person), fact_reading.read_offers(tx, self.person)
        try:
            return fact_reading.read_balance(tx, self.book, grant, self.person, on, mine, offers)
        except NoValueError:
            return None

    @property
    def base(self) -> int:
        """The minutes of the grant itself, without what came on top."""
        assert self.grant is not None  # noqa: S101
        if self.grant.minutes is not None:
            return self.grant.minutes
        return self.standing.limit - self.grant.extra_minutes if self.standing is not None else self.usual

    @property
    def starter(self) -> int:
        """The minutes of a starter bonus that her balance counts in (O1-14)."""
        found = self.standing
        return max(0, found.used + found.left - found.over - found.limit) if found is not None else 0

    @property
    def usual(self) -> int:
        """The minutes that the rulebook gives; 0 when it has none."""
        assert self.grant is not None  # noqa: S101
        try:
            return int(self.book.on(self.grant.start)["limit.O2.overkop" if self.grant.exception else f"limit.{self.grant.oproep}"] or 0)
        except NoValueError:
            return 0

    def changed(self) -> dict[str, Any]:
        """The columns that the answers change."""
        answers = self.draft.answers
        if answers["part"] == "hours":
            return {"minutes": answers["hours"]}
        return {"start" if answers["part"] == "first_day" else "to": date.fromisoformat(answers["day"])}


def find_grant(tx: Connection, network: int, person: int, grant: int) -> Grant | None:
    """A grant of a person in a network; None when there is none."""
    here = {place.grant for place in directory.read_places(tx, person) if place.network == network}
    return next((each for each in fact_reading.read_grants(tx, person) if each.id == grant and grant in here), None)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """NETWORK:PERSON:GRANT opens the correction of a grant."""
    numbers = [whole(each) or 0 for each in rest.split(":")[:3]]
    if len(numbers) < 3 or not scope.may(tx, session, ACTION, event.today, network=numbers[0]):
        return not_found(event)
    network, person, grant = numbers
    found = find_grant(tx, network, person, grant)
    if people.read_member(tx, network, person, event.now) is None or found is None:
        return not_found(event)
    if session.person in found.persons:
        return Screen(say("regrant.own"), notice=say("regrant.own"), choices=((back_to(network),),), fresh=True)
    aside = {"person": person, "grant": grant}
    draft = drafts.open_draft(tx, session.person or 0, FORM, network, {}, event.now, purpose=PURPOSE, aside=aside)
    return replace(show(Correcting(tx, world, session, event, draft)), fresh=True)


def _opened(tx: Connection, world: World, session: Session, event: Event) -> Correcting | Screen:
    """The open correction, or what is said when it can go on no more: the right or the grant is gone."""
    assert session.draft is not None  # noqa: S101 - asked by callers that have seen the draft
    turn = Correcting(tx, world, session, event, session.draft)
    if scope.may(tx, session, ACTION, event.today, network=session.draft.network) and turn.grant is not None:
        return turn
    drafts.end_draft(tx, session.draft, "cancelled", event.now)
    return replace(not_found(event), draft=session.draft.id)


def resume(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The open correction as it stands now."""
    turn = _opened(tx, world, session, event)
    return turn if isinstance(turn, Screen) else show(turn)


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Typed hours, day or reason; a reason is screened before it is kept."""
    turn = _opened(tx, world, session, event)
    if isinstance(turn, Screen):
        return turn
    word = confirm_word(event.text) if turn.field is None else None
    if word is not None:
        return _carry_out(turn) if word == ".ok" else _back(turn)
    if seen := clientdata.screen(event.text):
        return show(turn, (client_data_seen(seen),))
    return _take(turn, turn.field.key if turn.field is not None else "reason", event.text)


def press_card(tx: Connection, world: World, session: Session, event: Event, revision: int, verb: str, value: str) -> Screen:
    """A button of the open card, on the revision it was made for."""
    turn = _opened(tx, world, session, event)
    if isinstance(turn, Screen):
        return turn
    draft = turn.draft
    if draft.revision != revision:
        return replace(show(turn), notice=say("problems.stale"))
    if verb == ".cancel" or (verb == ".back" and not draft.answers):
        drafts.end_draft(tx, draft, "cancelled", event.now)
        return replace(_person(turn), draft=draft.id)
    if verb == ".back":
        return _back(turn)
    if verb == ".ok" and turn.field is None:
        return _carry_out(turn)
    if turn.field is None or turn.field.key != verb or turn.field.kind == "text":
        return replace(show(turn), notice=say("problems.stale"))
    return _take(turn, verb, value)


def _back(turn: Correcting) -> Screen:
    """To the question before."""
    given = [each.key for each in CORRECTION.fields if each.key in turn.draft.answers]
    return _keep(turn, {key: each for key, each in turn.draft.answers.items() if key != given[-1]})


def _take(turn: Correcting, key: str, text: str) -> Screen:
    if key == "day":
        return _take_day(turn, text)
    if key == "reason" and says_nothing(text):
        return show(turn, (say("requests.reason_short"),))
    answers, found = apply(CORRECTION, turn.draft.answers, {key: text}, Asked(turn.event.today))
    if found:
        return show(turn, problems_of(found))
    return _keep(turn, dict(answers))


def _take_day(turn: Correcting, text: str) -> Screen:
    """A day: of the readings that look back and ahead the one that is possible; several are asked, with none it is said why."""
    answers, today = turn.draft.answers, turn.event.today
    read = [apply(CORRECTION, answers, {"day": text}, Asked(today, ahead=ahead)) for ahead in (True, False)]
    days = list(dict.fromkeys(day for taken, found in read for day in _readings(taken, found)))
    if not days:
        return show(turn, problems_of(read[0][1]))
    refused = {day: refusals(turn.on(turn.draft._replace(answers={**answers, "day": day}))) for day in days}
    possible = [day for day in days if not refused[day]]
    if not possible:
        return show(turn, refused[days[0]])
    if len(possible) > 1:
        return show(turn, (say("regrant.which_day"),), days=tuple(map(date.fromisoformat, sorted(possible))))
    return _keep(turn, {**answers, "day": possible[0]})


def _readings(answers: Answers, found: Problems) -> list[str]:
    """The days that a text can mean."""
    if "day" not in found:
        return [str(answers["day"])]
    asked = found["day"]
    asks_which = asked.reason in ("ambiguous_day", "which_day")
    return [each.isoformat() for each in asked.options if isinstance(each, date)] if asks_which else []


def _keep(turn: Correcting, answers: dict[str, Any], problems: tuple[Text, ...] = ()) -> Screen:
    changed = drafts.change_draft(turn.tx, turn.draft, answers, turn.draft.aside, turn.event.now)
    return replace(show(turn), notice=say("problems.stale")) if changed is None else show(turn.on(changed), problems)


def refusals(turn: Correcting) -> tuple[Text, ...]:
    """What makes a correction impossible: days the wrong way round, or that run into another grant of the same place."""
    grant, values = turn.grant, turn.changed()
    assert grant is not None  # noqa: S101
    if "minutes" in values:
        return ()
    start, to = values.get("start", grant.start), values.get("to", grant.to)
    if to is not None and to < start:
        return (say("regrant.ends_before"),)
    alike = (grant.oproep, grant.site, grant.agreement, grant.exception)
    for holder in grant.persons:
        for other in fact_reading.read_grants(turn.tx, holder):
            same = (other.oproep, other.site, other.agreement, other.exception) == alike and other.id != grant.id
            if same and other.start <= (to or date.max) and start <= (other.to or date.max):
                return (say("regrant.runs_into", start=other.start, end=other.to),)
    return ()


def warnings(turn: Correcting) -> tuple[Text, ...]:
    """What a correction would bring about: less than what is used, more than the rules give, booked time outside its days."""
    grant, values = turn.grant, turn.changed()
    assert grant is not None  # noqa: S101
    found: list[Text] = []
    if turn.standing is not None and "minutes" in values:
        used, gives = turn.standing.used, values["minutes"] + grant.extra_minutes + turn.starter
        if gives < used:
            found.append(say("regrant.below_used", used=used, over=used - gives))
        if turn.usual and values["minutes"] > turn.usual:
            found.append(say("regrant.above_rules", limit=turn.usual))
    outside = people.count_outside(turn.tx, int(grant.id), values.get("start", grant.start), values.get("to", grant.to))
    if "minutes" not in values and outside:
        found.append(say("regrant.outside", count=outside))
    return tuple(found)


def _carry_out(turn: Correcting) -> Screen:
    tx, grant, values = turn.tx, turn.grant, turn.changed()
    assert grant is not None  # noqa: S101
    requests.lock_network(tx, turn.draft.network)
    ledger.lock(tx, turn.person, grant.id)
    if refused := refusals(turn):
        return _keep(turn, {key: each for key, each in turn.draft.answers.items() if key != "day"}, refused)
    drafts.end_draft(tx, turn.draft, "done", turn.event.now)
    name, value = next(iter(values.items()))
    before = turn.base if name == "minutes" else getattr(grant, name)
    reason, by = turn.draft.answers["reason"], turn.session.person
    place = grant_corrections.correct(tx, grant.id, name, before, value, reason, by, turn.event.today)
    audit(tx, turn.session, turn.event, "grant.corrected", f"grant:{grant.id}", f"{name} {before} {value}")
    tell_corrected(tx, turn.session, turn.event, turn.draft.network, turn.person, grant, name, before, value, place)
    return replace(_person(turn), draft=turn.draft.id, notice=say("regrant.done"))


def _person(turn: Correcting) -> Screen:
    row = people.read_member(turn.tx, turn.draft.network, turn.person, turn.event.now)
    if row is None:
        return not_found(turn.event)
    return person_screen(turn.tx, turn.world, turn.session, turn.event, turn.draft.network, row)


def _earlier(turn: Correcting) -> list[Text]:
    """What was corrected in the grant before, and why; the newest first."""
    assert turn.grant is not None  # noqa: S101
    found = grant_corrections.read_corrections(turn.tx, turn.grant.id)[: -MOST_EARLIER - 1 : -1]
    return [_said(each) for each in found]


def _said(each: Correction) -> Text:
    if each.what is None:
        return say("regrant.earlier_given", reason=each.reason)
    what = say(f"regrant.earlier_{each.what}", before=each.before, after=each.after)
    return say("regrant.earlier", day=each.on, who=each.by, what=what, reason=each.reason)


def show(turn: Correcting, problems: tuple[Text, ...] = (), *, days: tuple[date, ...] = ()) -> Screen:
    """The card: the grant as it is, what changes, what that brings about, the question below. `days`: what a typed day can mean."""
    draft, grant, answers, field = turn.draft, turn.grant, turn.draft.answers, turn.field
    assert grant is not None  # noqa: S101
    row = people.read_person(turn.tx, turn.person)
    place = place_of(turn.tx, turn.person, grant.id)
    now = sum_of(turn.base, grant.extra_minutes, turn.starter)
    body = [say("regrant.grant", name=full_name(row), oproep=grant.oproep, place=place),
            say("regrant.now", what=now, start=grant.start, end=grant.to)]  # fmt: skip
    verdict: tuple[Text, ...] = ()
    rows: list[tuple[Choice, ...]] = []
    if not answers:
        body += _earlier(turn)
    if "hours" in answers:
        body.append(say("regrant.new_hours", what=sum_of(answers["hours"], grant.extra_minutes, turn.starter)))
    if "day" in answers:
        body.append(say(f"regrant.new_{answers['part']}", day=answers["day"]))
    if "hours" in answers or "day" in answers:
        refused = refusals(turn)
        verdict, problems = warnings(turn) if not refused else (), problems or refused
    if "reason" in answers:
        body.append(say("requests.because", reason=answers["reason"]))
    if field is None:
        rows.append((Choice(say("card.confirm"), press(draft, ".ok")),))
    elif field.key == "part":
        rows += [(Choice(say(f"regrant.part_{each}"), press(draft, "part", each)),) for each in WHAT]
    elif field.key == "day":
        usual = (grant.start, turn.event.today) if answers["part"] == "first_day" else (turn.event.today, grant.to)
        days = days or tuple(each for each in dict.fromkeys(usual) if each is not None)
        rows += [(Choice(say("card.day", day=day), press(draft, "day", day.isoformat())),) for day in days]
    rows.append((Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))))
    asks = say("regrant.sure")
    if field is not None:
        alone = not grant.extra_minutes and not turn.starter
        asks = say("regrant.ask_hours", base=turn.base, more=not alone) if field.key == "hours" else say(f"regrant.ask_{field.key}")
    language = turn.session.language or "nl"
    return Screen(say("regrant.title"), tuple(body), verdict, problems, asks, tuple(rows), draft=draft.id, language=language)
