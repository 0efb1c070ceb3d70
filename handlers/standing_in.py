"""A coordinator names who decides in her place: somebody of the same network, from a day up to and with another; it ends by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from handlers.card import problems_of
from handlers.choices import press
from handlers.confirm_words import confirm_word
from handlers.coordinating import audit
from handlers.draft_turn import DraftTurn
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.forms import Answers, Asked, Field, Form, Option, apply, fill_known, next_field, options_of
from rules.typed import Unclear, fold, whole
from rules.when_words import WEEKDAYS
from storage import accounts, drafts, outbox, people, requests, scope
from storage.accounts import Session

PURPOSE, FORM = "stand_in", "vervanger"
STAND_IN = Form(FORM, (
    Field("network", "place", "networks"), Field("person", "place", "people"), Field("from_day", "day"), Field("to_day", "day"),
))  # fmt: skip
PAGE, LONGEST = 8, timedelta(days=366)
Rows = tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True)
class NamingStandIn(DraftTurn):
    """One turn of naming a stand-in."""

    @property
    def today(self) -> date:
        """The day of the clock."""
        return self.event.today

    @cached_property
    def asked(self) -> Asked:
        """The coordinator's networks, and the people of the chosen one but herself."""
        mine = accounts.networks_of(self.tx, self.session.person or 0)
        chosen = str(self.draft.answers.get("network", ""))
        those = requests.people_of(self.tx, int(chosen[1:])) if chosen else []
        named = tuple(Option(f"p{row.id}", _name(row), (_name(row),)) for row in those if row.id != self.session.person)
        options = {"networks": tuple(Option(f"n{row.id}", row.name, (row.name,)) for row in mine), "people": named}
        return Asked(self.today, options, ahead=True)

    @property
    def first_day(self) -> date | None:
        """From when, once it is known."""
        return date.fromisoformat(self.draft.answers["from_day"]) if "from_day" in self.draft.answers else None

    def is_linked(self, value: str) -> bool:
        """Whether somebody who can be chosen has an account."""
        return bool(people.linked_accounts(self.tx, int(value[1:])))

    @property
    def field(self) -> Field | None:
        """The open question."""
        return next_field(STAND_IN, self.draft.answers)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """Buttons outside the card: "" who stands in, new, end:ID. Only a coordinator's own role counts, not a stand-in's."""
    verb, _, value = rest.partition(":")
    if not _may(tx, session, event):
        return Screen(say("requests.not_found"), notice=say("requests.not_found"))
    if verb == "new":
        return _start(tx, world, session, event)
    if verb == "end" and (number := whole(value)) is not None:
        row = requests.end_stand_in(tx, session.person or 0, number)
        if row is not None:
            audit(tx, session, event, "stand_in.ended", f"person:{row.person}", f"network:{row.network}")
    return _overview(tx, session, event)


def _may(tx: Connection, session: Session, event: Event, network: int | None = None) -> bool:
    today = event.today
    return scope.COORDINATOR in session.roles and scope.may(tx, session, "request.stand_in", today, network=network)


def _overview(tx: Connection, session: Session, event: Event) -> Screen:
    rows = requests.stand_ins_of(tx, session.person or 0, event.today)
    body = tuple(
        say("requests.stands_in", name=_name(row), network=row.network_name, start=row.start, end=row.to, linked=_linked(tx, row))
        for row in rows
    )
    unlinked = {f"invite:{row.network}:{row.person}": _name(row) for row in rows if not _linked(tx, row)}
    invites = tuple((Choice(say("requests.invite_stand_in", name=name), to_press),) for to_press, name in unlinked.items())
    ends = tuple((Choice(say("requests.end_stand_in", name=_name(row)), f"standin:end:{row.id}"),) for row in rows)
    onward: Rows = ((Choice(say("requests.name_stand_in"), "standin:new"),), (Choice(say("requests.list_waiting"), "rq"),))
    choices = (*invites, *ends, *onward)
    return Screen(say("requests.stand_in_title"), body or (say("requests.no_stand_in"),), choices=choices)


def _start(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    mine = accounts.networks_of(tx, session.person or 0)
    if not mine:
        return Screen(say("registration.no_network"))
    draft = drafts.open_draft(tx, session.person or 0, FORM, mine[0].id, {}, event.now, purpose=PURPOSE)
    return replace(_keep(NamingStandIn(tx, world, session, event, draft), {}), fresh=True)


def resume(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The open card as it stands now."""
    assert session.draft is not None  # noqa: S101 - asked by callers that have seen the draft
    return show(NamingStandIn(tx, world, session, event, session.draft))


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A typed answer: part of a name, a day."""
    assert session.draft is not None  # noqa: S101
    naming = NamingStandIn(tx, world, session, event, session.draft)
    if naming.field is not None:
        return _take(naming, naming.field.key, event.text)
    word = confirm_word(event.text)
    return show(naming, (say("problems.typed_for_button"),)) if word is None else _name_her(naming) if word == ".ok" else _back(naming)


def press_card(tx: Connection, world: World, session: Session, event: Event, revision: int, verb: str, value: str) -> Screen:
    """A button of the open card, on the revision it was made for."""
    assert session.draft is not None  # noqa: S101
    naming, draft = NamingStandIn(tx, world, session, event, session.draft), session.draft
    if draft.revision != revision:
        return replace(show(naming), notice=say("problems.stale"))
    if verb == ".cancel":
        drafts.end_draft(tx, draft, "cancelled", event.now)
        return replace(_overview(tx, session, event), draft=draft.id)
    if verb == ".back":
        return _back(naming)
    if verb == ".page":
        return _keep(naming, draft.answers, {"page": whole(value) or 0})
    if verb == ".ok" and naming.field is None:
        return _name_her(naming)
    if naming.field is None or naming.field.key != verb:
        return replace(show(naming), notice=say("problems.stale"))
    return _take(naming, verb, value)


def _back(naming: NamingStandIn) -> Screen:
    """To the question before."""
    given = [each.key for each in STAND_IN.fields if each.key in naming.draft.answers]
    return _keep(naming, {key: each for key, each in naming.draft.answers.items() if key not in given[-1:]})


def _take(naming: NamingStandIn, key: str, text: str) -> Screen:
    asked = naming.asked
    if key == "to_day" and naming.first_day is not None and fold(text.strip()) in WEEKDAYS:
        asked = replace(asked, today=naming.first_day)  # "vrijdag": the first one from her first day on
    answers, found = apply(STAND_IN, naming.draft.answers, {key: text}, asked)
    if key in found and (days := _meant(naming, found[key])):
        return show(naming, (say("requests.which_day"),), days=days)
    if found:
        return show(naming, problems_of(found))
    if key == "from_day" and answers["from_day"] < naming.today.isoformat():
        return show(naming, (say("requests.day_is_past"),))
    if key == "to_day":
        first, last = (date.fromisoformat(answers[each]) for each in ("from_day", "to_day"))
        if not first <= last <= first + LONGEST:
            return show(naming, (say("requests.end_before"),))
    return _keep(naming, answers)


def _meant(naming: NamingStandIn, unclear: Unclear) -> tuple[date, ...]:
    """The days to come that a typed answer can mean: of a week, or of several years."""
    first = naming.first_day or naming.today
    if unclear.reason not in ("ambiguous_day", "which_day"):
        return ()
    return tuple(each for each in unclear.options if isinstance(each, date) and each >= first)


def _keep(naming: NamingStandIn, answers: Answers, aside: Mapping[str, Any] | None = None) -> Screen:
    networks = naming.asked.options["networks"]
    known = {"network": networks[0].value, **answers} if len(networks) == 1 else dict(answers)
    known = dict(fill_known(STAND_IN, known, naming.asked))
    changed = drafts.change_draft(naming.tx, naming.draft, known, dict(aside or {}), naming.event.now)
    return replace(show(naming), notice=say("problems.stale")) if changed is None else show(naming.on(changed))


def _name_her(naming: NamingStandIn) -> Screen:
    tx, session, event, answers = naming.tx, naming.session, naming.event, naming.draft.answers
    network, person = int(answers["network"][1:]), int(answers["person"][1:])
    known = {option.value for option in naming.asked.options["people"]}
    drafts.end_draft(tx, naming.draft, "done", event.now)
    if not _may(tx, session, event, network) or answers["person"] not in known:
        return Screen(say("requests.not_found"), draft=naming.draft.id)
    start, end = date.fromisoformat(answers["from_day"]), date.fromisoformat(answers["to_day"])
    stand_in = requests.add_stand_in(tx, session.person or 0, network, person, start, end)
    audit(tx, session, event, "stand_in.named", f"person:{person}", f"network:{network} {start} {end}")
    told = {"told": "stand_in", "stand_in": stand_in}
    reached = outbox.owe_person(tx, f"stand-in:{stand_in}:{person}:{start}", told, person, event.now)
    return replace(_overview(tx, session, event), draft=naming.draft.id, notice=say("requests.stand_in_named", reached=reached))


def told_stand_in(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """What the stand-in hears: whose requests she decides, and until when. None when it was taken back."""
    row = requests.read_stand_in(tx, told["stand_in"])
    if row is None:
        return None
    said = say("requests.you_stand_in", name=_name(row), network=row.network_name, start=row.start, end=row.to)
    return Screen(said, choices=((Choice(say("requests.list_waiting"), "rq"),),))


def told_at_linking(tx: Connection, world: World, session: Session, event: Event) -> tuple[Screen, ...]:
    """What somebody who links an account hears of whom she replaces, now or soon: when she was named, nothing may have reached her."""
    language = session.language or "nl"
    held = requests.stand_ins_held(tx, session.person or 0, event.today)
    told = (told_stand_in(tx, world, {"stand_in": each}, language) for each in held)
    return tuple(replace(each, language=language, fresh=True) for each in told if each is not None)


def show(naming: NamingStandIn, problems: tuple[Text, ...] = (), *, days: tuple[date, ...] = ()) -> Screen:
    """The card: what was chosen, the question below. `days`: what a typed day can mean."""
    draft, field, answers = naming.draft, naming.field, naming.draft.answers
    given = [each for each in STAND_IN.fields if each.key in answers]
    body = tuple(say("card.answer", label=say(f"words.field_{each.key}"), value=_shown(naming, each)) for each in given)
    rows: list[tuple[Choice, ...]] = []
    verdict: tuple[Text, ...] = ()
    if "person" in answers and not naming.is_linked(answers["person"]):
        verdict = (say("requests.stand_in_unlinked"),)
    if field is None:
        rows.append((Choice(say("requests.name_stand_in"), press(draft, ".ok")),))
    elif field.kind == "place":
        options, page = options_of(field, naming.asked), int(draft.aside.get("page", 0))
        near = options[page * PAGE : page * PAGE + PAGE]
        rows += [(Choice(_label(naming, field, each), press(draft, field.key, each.value)),) for each in near]
        if len(options) > PAGE:
            following = 0 if (page + 1) * PAGE >= len(options) else page + 1
            rows.append((Choice(say("card.more"), press(draft, ".page", str(following))),))
    else:
        first = naming.first_day or naming.today
        after = dict.fromkeys((0, 1, 7 - naming.today.weekday())) if field.key == "from_day" else (6, 13, 20)  # with the next Monday
        days = days or tuple(first + timedelta(days=each) for each in after)
        rows += [(Choice(say("card.day", day=day), press(draft, field.key, day.isoformat())),) for day in days]
    rows.append((Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))))
    asks = say(f"requests.ask_stand_{field.key}") if field is not None else say("requests.stand_in_means")
    language = naming.session.language or "nl"
    return Screen(say("requests.stand_in_title"), body, verdict, problems, asks, tuple(rows), draft=draft.id, language=language)


def _label(naming: NamingStandIn, field: Field, option: Option) -> Text:
    if field.key != "person":
        return say("card.plain", value=option.label)
    return say("requests.stand_in_choice", name=option.label, linked=naming.is_linked(option.value))


def _shown(naming: NamingStandIn, field: Field) -> Text:
    value = naming.draft.answers[field.key]
    if field.kind == "day":
        return say("card.day", day=value)
    return say("card.plain", value=next((each.label for each in options_of(field, naming.asked) if each.value == value), ""))


def _linked(tx: Connection, row: Any) -> bool:
    return bool(people.linked_accounts(tx, row.person))


def _name(row: Any) -> str:
    return f"{row.first_name} {row.name}"

