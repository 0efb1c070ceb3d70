"""What a werkvorm asks of a moment: channel, people, length, preparation, how often. Content of a rulebook, dated like all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

USUAL_MINUTES = (30, 45, 60, 90, 120, 180)


@dataclass(frozen=True, slots=True)
class Werkvorm:
    """A werkvorm as people meet it: the forms that offer it, what they type for it, the lengths on its buttons.

    `words` (nl, fr, en) only of one that a network added: those of the convention have theirs in templates/messages/words.j2.
    """

    id: str
    forms: tuple[str, ...]
    typed: tuple[str, ...] = ()
    usual_minutes: tuple[int, ...] = USUAL_MINUTES
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a werkvorm asks within one oproep on a day; `allowed`: it stands in the list of that oproep.

    Limits of 0 do not limit; a `..._rule` is the id that a breach reports.

    `counts`: the roles that count to `least_people` and `most_people`, None: everybody. `too_few`: refuse, or
    nonbillable_note (A-12). `step_minutes`: the length is a whole number of these. `most_times`: moments in a quota period.
    """

    allowed: bool
    rule: str
    channels: frozenset[str]
    channels_rule: str
    counts: frozenset[str] | None
    least_people: int
    most_people: int
    people_rule: str
    most_people_rule: str
    too_few: str
    nobody_rule: str | None
    no_contact_rule: str | None
    least_minutes: int
    most_minutes: int
    step_minutes: int
    minutes_rule: str
    preparation_hours: int
    repeat_days: int
    repeat_rule: str
    most_times: int
    times_rule: str
    billing_code: str

    @property
    def titled(self) -> bool:
        """Whether the theme is its title, by which a repeat is known (O3-37, O4-22, A-08)."""
        return self.preparation_hours > 0 or self.repeat_days > 0


def terms_key(oproep: str, werkvorm: str) -> str:
    """The key under which a rulebook keeps the terms of a werkvorm in an oproep."""
    return f"werkvorm.{oproep}.{werkvorm}"


def resolve(given: Mapping[str, Any], settings: Mapping[str, Any]) -> Terms:
    """The terms that a file gives, names of settings replaced by their value of the day."""

    def value(key: str, default: Any) -> Any:
        found = given.get(key, default)
        return settings[found] if isinstance(found, str) else found

    rule = given["rule"]
    roles = given.get("counts", "everybody")
    counts = None if roles == "everybody" else frozenset[str]().union(*(settings.get(each, (each,)) for each in roles))
    code = given.get("billing_code", "")
    return Terms(
        value("allowed", True),
        rule,
        frozenset(given["channels"]),
        given.get("channels_rule", rule),
        counts,
        value("least_people", 0),
        value("most_people", 0),
        given.get("people_rule", rule),
        given.get("most_people_rule", rule),
        settings["below_min_participants"] if given.get("may_be_noted") else "refuse",
        given.get("nobody_rule"),
        given.get("no_contact_rule"),
        value("least_minutes", 0),
        value("most_minutes", 0),
        value("step_minutes", 0),
        given.get("minutes_rule", rule),
        value("preparation_hours", 0),
        value("repeat_days", 0),
        given.get("repeat_rule", rule),
        value("most_times", 0),
        given.get("times_rule", rule),
        settings.get(code, code),
    )
