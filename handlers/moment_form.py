"""Between a form's answers and a submission: what can be chosen, what was chosen before, what the rules are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as field_with
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from handlers.registering import WORKING_FORM
from handlers.screen import Text, say
from rules.book import Rulebook, Settings
from rules.demands import suits
from rules.facts import Submission
from rules.forms import Asked, Field, Form, Option, times_of
from rules.role_words import ROLE_WORDS
from rules.werkvormen import USUAL_MINUTES
from rules.words import CHOICE_WORDS, LANGUAGES
from storage import directory
from storage.directory import Place

LONG_AGO = timedelta(days=400)
OPROEP_OF_FORM = {"overleg": ("O1",), "presentie": ("O2",), "intervisie": ("O3", "O4"), "ondersteuning": ("O3", "O4")}
OPROEP_OF_PLACE = {"a": "O3", "x": "O4"}


@dataclass(frozen=True)
class Setting:
    """A form in the hands of a person: the form, her rulebook, her places, what reading an answer needs, and the kinds of the
    partners that are known by their key."""

    form: Form
    book: Rulebook
    network: Any
    places: tuple[Place, ...]
    asked: Asked
    kinds: Mapping[str, str] = field_with(default_factory=dict)

    def place(self, value: str | None) -> Place | None:
        """The place an answer names."""
        return next((place for place in self.places if place.value == value), None)

    @property
    def open(self) -> bool:
        """Whether she can register anything with this form: a place for it, and a werkvorm that is possible there."""
        here = any(place.oproep in OPROEP_OF_FORM[self.form.id] for place in self.places)
        return here and self.asked.options.get("werkvormen") != ()

    def suits(self, place: str, werkvorm: str) -> bool:
        """Whether a werkvorm is possible at a place (O4-25, GEN-17)."""
        oproep = self.form.oproep or OPROEP_OF_PLACE.get(place[:1])
        return oproep is None or _allows(self.book.on(self.asked.today), oproep, werkvorm)

    def meets(self, answers: Mapping[str, Any], channel: str) -> bool:
        """Whether what is being registered may go by a channel (A-43); also while the werkvorm or its place is not known."""
        settings, oproep = self.book.on(times_of(answers)[0] or self.asked.today), oproep_of(self.form, answers)
        werkvorm = answers.get("werkvorm")
        terms = settings.terms(oproep, werkvorm) if oproep is not None and werkvorm is not None else None
        return terms is None or suits(settings, terms, channel)

    def begins(self, werkvorm: str) -> date | None:
        """The first day to come from which she has hours for a werkvorm that she has none for today; None when there is none."""
        oproepen = {place.oproep for place in self.places}.intersection(OPROEP_OF_FORM[self.form.id])
        return next(
            (
                day for day in self.book.change_days
                if day > self.asked.today and any(_allows(self.book.on(day), oproep, werkvorm) for oproep in oproepen)
            ),
            None,
        )  # fmt: skip

    def usual_minutes(self, answers: Mapping[str, Any]) -> tuple[int, ...]:
        """The lengths that are usual for what is being registered."""
        known = answers.get("werkvorm") or WORKING_FORM.get(self.form.oproep or "", "")
        werkvorm = self.book.werkvormen.get(known)
        return werkvorm.usual_minutes if werkvorm is not None else USUAL_MINUTES

    @property
    def all_werkvormen(self) -> tuple[Option, ...]:
        """Every werkvorm of the form, also those that she has no hours for."""
        return _worded("werkvorm", tuple((each.id, each.typed) for each in self.book.werkvormen.values() if self.form.id in each.forms))


def _allows(settings: Settings, oproep: str, werkvorm: str) -> bool:
    terms = settings.terms(oproep, werkvorm)
    return terms is not None and terms.allowed


def setting_of(
    tx: Connection, book: Rulebook, network: Any, form_id: str, places: Sequence[Place], today: date, *, ahead: bool = False
) -> Setting:
    """The setting of a form on a day; `ahead`: to plan, so nothing is declared yet. Raises KeyError for a form that the rulebook
    does not have."""
    form = book.forms[form_id]
    if ahead:
        form = replace(form, fields=tuple(each for each in form.fields if each.kind != "declare"))
    begun = [place for place in places if ahead or place.start <= today]
    usable = [place for place in begun if place.to is None or place.to >= today - LONG_AGO] or list(places)
    usable.sort(key=lambda place: place.to is not None and place.to < today)
    options = {
        "places.O1": _options(usable, ("O1",)),
        "places.O2": _options(usable, ("O2",)),
        "places.support": _options(usable, ("O3", "O4")),
    }
    kinds: dict[str, str] = {}
    if any(each.options == "partners" for each in form.fields) and any(place.oproep == "O4" for place in usable):
        known = directory.known_partners(tx, network.id)
        options["partners"] = tuple(Option(key, name, (name,)) for key, name, _ in known)
        kinds = {key: kind for key, _, kind in known}
    settings = book.on(today)
    if form.oproep is None:
        oproepen = {place.oproep for place in usable}.intersection(OPROEP_OF_FORM[form_id])
        offered = tuple(
            (each.id, each.typed)
            for each in book.werkvormen.values()
            if form_id in each.forms and any(_allows(settings, oproep, each.id) for oproep in oproepen)
        )
        options["werkvormen"] = _worded("werkvorm", offered)
    elif form.oproep == "O1":
        options["o1.topics"] = _worded("topic", tuple((topic, ()) for topic in settings["o1.topics"]))
    roles = _roles(tuple(settings["roles.offered"]))
    return Setting(form, book, network, tuple(usable), Asked(today, options, roles, ahead), kinds)


@lru_cache(maxsize=256)
def _worded(group: str, values: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Option, ...]:
    """Options that have their words in the templates, with what people type for them."""
    return tuple(Option(value, f"{group}.{value}", (*CHOICE_WORDS.get(value, ()), *typed)) for value, typed in values)


@lru_cache(maxsize=64)
def _roles(offered: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    return MappingProxyType({role: words for role, words in ROLE_WORDS.items() if role in offered})


def _options(places: Sequence[Place], oproepen: tuple[str, ...]) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for place in places:
        if place.oproep in oproepen and place.value not in found:
            found[place.value] = Option(place.value, place.name, (place.name,) if place.name else ("ad hoc", "oproep 4"))
    return tuple(found.values())


def option_words(setting: Setting, field: Field, option: Option) -> Text:
    """The words of a choice: those that a network gave its own werkvorm, else as `option_label`."""
    own = setting.book.on(setting.asked.today).werkvorm_words(option.value) if field.key == "werkvorm" else ""
    if isinstance(own, Mapping):
        return say("card.own_label", **{code: own[code] for code in LANGUAGES})
    return option_label(field, option)


def option_label(field: Field, option: Option) -> Text:
    """The words of a choice: a proper name, a network's own words, or those of its value."""
    if option.label and "." not in option.label:
        return say("card.plain", value=option.label)
    if field.label:  # a network's own question: its answers stand in its file as they are said
        return say("card.plain", value=option.value)
    group = {"role": "intervisie", "partner_kind": "kind"}.get(field.key, field.key)
    return say(f"words.{group}_{option.value}")


def oproep_of(form: Form, answers: Mapping[str, Any]) -> str | None:
    """The oproep: that of the form, or of the chosen place."""
    return form.oproep or OPROEP_OF_PLACE.get(str(answers.get("place", ""))[:1])


def submission_of(setting: Setting, person: int, answers: Mapping[str, Any]) -> Submission | None:
    """The submission that the answers make so far; None while the oproep is not known."""
    oproep = oproep_of(setting.form, answers)
    if oproep is None:
        return None
    day, start, end, minutes = times_of(answers)
    place = str(answers.get("place", ""))
    denied = {answers.get("declared"), answers.get("declared_co_consult")}
    topic = answers.get("topic")
    werkvorm = answers.get("werkvorm") or WORKING_FORM.get(oproep)
    terms = setting.book.on(day or setting.asked.today).terms(oproep, werkvorm) if werkvorm is not None else None
    partner = answers.get("partner")
    return Submission(
        person,
        oproep,
        werkvorm,
        site=int(place[1:]) if place.startswith("s") else None,
        agreement=int(place[1:]) if place.startswith("a") else None,
        day=day,
        start=start,
        end=end,
        minutes=minutes,
        clock=answers.get("clock"),
        present=answers.get("present"),
        channel=answers.get("channel", "f2f"),
        topic=topic,
        title=topic if terms is not None and terms.titled else None,
        text=answers.get("text"),
        purpose=next((word for word in ("eenmalig_aanbod", "kennismaking", "onthaalpermanentie") if word in denied), None),
        concrete_client="concrete_client" in denied,
        client_present="client_absent" not in denied,
        prior_consent="no_consent" not in denied,
        initiative=answers.get("initiative", "actor"),
        partner=None if partner is None or partner.startswith("~") else partner,
        partner_kind=answers.get("partner_kind") or setting.kinds.get(partner or "", "andere"),
        with_local_network="not_on_request" in denied,
        on_request_of_site="not_on_request" not in denied,
        other_financing="other_financing" in denied,
        regular_mission="regular_mission" in denied,
    )


def line_answers(form: Form, line: Any) -> dict[str, Any]:
    """The answers that a whole typed line gives."""
    keys = {each.key: each for each in form.fields}
    answers: dict[str, Any] = {}
    if line.place is not None:
        answers["place"] = line.place
    if line.day is not None:
        answers["day"] = line.day.isoformat()
    if line.start is not None:
        answers["start"] = line.start.strftime("%H:%M")
    if line.end is not None:
        answers["length"] = line.end.strftime("%H:%M")
    elif line.minutes is not None:
        answers["length"] = line.minutes
    if line.present is not None:
        answers["present"] = line.present
    answers |= line.chosen
    return {key: value for key, value in answers.items() if key in keys}


def again_answers(form: Form, last: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    """ "Zelfde als vorige keer": the answers of the last moment but its day, as far as they can still be chosen."""
    known = {each.key for each in form.fields}
    answers = {key: value for key, value in last.items() if key in known and key not in ("day", "clock")}
    place = answers.get("place")
    if place is not None and setting.place(place) is None:
        answers.pop("place")
    return answers
