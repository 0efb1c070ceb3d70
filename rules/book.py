"""The rulebook: every limit, choice and rate of a network as dated values with their source; knows no file and no clock."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from rules.rule_words import said
from rules.typed import fold
from rules.werkvormen import Terms, Werkvorm, resolve, terms_key

FIRST_DAY = date.min


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a setting, in force from `since` until the next one of the same key."""

    since: date
    value: Any
    source: str = ""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What the button "Waarom?" shows of a rule: its words per language, its source section, the day its wording holds from.

    In the words {a.setting} stands for the value of that setting, in minutes, heads, cents or text; see rules/rule_words.py.
    """

    id: str
    version: date
    source: str
    words: Mapping[str, str]

    def on(self, settings: "Settings", language: str) -> str:
        """The words with the values of a day in them (DRV-11)."""
        return said(self.words[language], settings, language)


class NoValueError(LookupError):
    """A setting was asked on a day on which the rulebook gives it no value."""

    def __init__(self, book: str, key: str, day: date) -> None:
        super().__init__(f"rulebook {book} has no value for {key} on {day.isoformat()}")
        self.book, self.key, self.day = book, key, day


class Settings(dict[str, Any]):
    """All values of one rulebook that hold on a day: key -> value. Reading a key without value raises NoValueError."""

    def __init__(self, book: str, day: date, values: Mapping[str, Any], werkvormen: Mapping[str, Werkvorm]) -> None:
        super().__init__(values)
        self.book, self.day, self.werkvormen = book, day, werkvormen
        self._terms: dict[tuple[str, str], Terms | None] = {}

    def __missing__(self, key: str) -> Any:
        raise NoValueError(self.book, key, self.day)

    def terms(self, oproep: str, werkvorm: str) -> Terms | None:
        """What a werkvorm asks in an oproep on this day; None when the rulebook does not give it there (GEN-17)."""
        try:
            return self._terms[oproep, werkvorm]
        except KeyError:
            given = self.get(terms_key(oproep, werkvorm))
            found = self._terms[oproep, werkvorm] = resolve(given, self) if given is not None else None
            return found

    def werkvorm_words(self, werkvorm: str) -> str | Mapping[str, str]:
        """What to say of a werkvorm: its id, which has its words in the templates, or a network's own words (nl, fr, en)."""
        own = self.werkvormen.get(werkvorm)
        return own.words if own is not None and own.words else werkvorm


@dataclass(frozen=True, eq=False)
class Rulebook:
    """A network's rules; two are the same when they are one object. `values` holds per key its dated values, oldest first; `rules` the
    texts by rule id; what a werkvorm asks stands among the values, how people meet it in `werkvormen`."""

    id: str
    name: Mapping[str, str]
    values: Mapping[str, tuple[Dated, ...]]
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    forms: Mapping[str, Any] = field(default_factory=dict)
    werkvormen: Mapping[str, Werkvorm] = field(default_factory=dict)

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days on which at least one setting changes, oldest first."""
        return tuple(sorted({dated.since for history in self.values.values() for dated in history}))

    @cached_property
    def called(self) -> Mapping[str, Werkvorm]:
        """The werkvormen by what people call them, without capitals and accents; of two that share a name, the first."""
        return {fold(name): each for each in reversed([*self.werkvormen.values()]) for name in each.typed}

    @cached_property
    def _versions(self) -> dict[int, Settings]:
        return {}

    def on(self, day: date) -> Settings:
        """The settings in force on `day`: of each key the newest value not after that day (before the first: the first; a
        werkvorm is not there before its first)."""
        position = bisect_right(self.change_days, day)
        settings = self._versions.get(position)
        if settings is None:
            at = self.change_days[position - 1] if position else (self.change_days[0] if self.change_days else day)
            settings = Settings(self.id, at, dict(_in_force(self.values, at)), self.werkvormen)
            self._versions[position] = settings
        return settings

    @cached_property
    def rates(self) -> tuple[tuple[date, int], ...]:
        """The rate table: (from day, cents per hour), oldest first (F-44, A-27)."""
        return tuple((dated.since, dated.value) for dated in self.values["rate"] if dated.value is not None)

    def rate_on(self, day: date) -> int:
        """Cents per hour on `day` (A-27); a day before the table has the first rate."""
        found = self.rates[0][1]
        for since, cents in self.rates:
            if since > day:
                break
            found = cents
        return found

    def covers(self, day: date) -> bool:
        """Whether the convention of this rulebook holds on `day`, both ends included (GEN-01, A-28)."""
        try:
            settings = self.on(day)
            return bool(settings["convention.valid_from"] <= day <= settings["convention.valid_to"])
        except NoValueError:
            return False

    def last_day(self) -> date | None:
        """The last day that the rulebook's newest convention covers; None when it gives none."""
        ends = [dated.value for dated in self.values.get("convention.valid_to", ()) if dated.value is not None]
        return max(ends) if ends else None

    def with_values(self, changes: Mapping[str, Any], rates: Iterable[tuple[date, int]] | None = None) -> "Rulebook":
        """The same rulebook with keys set for all days, or another rate table: what a policy case overrides."""
        values = dict(self.values)
        for key, value in changes.items():
            values[key] = (Dated(FIRST_DAY, value, "override"),)
        if rates is not None:
            values["rate"] = tuple(Dated(since, cents, "override") for since, cents in sorted(rates))
        return replace(self, values=MappingProxyType(values))


def _in_force(values: Mapping[str, tuple[Dated, ...]], day: date) -> Iterable[tuple[str, Any]]:
    for key, history in values.items():
        found = None
        for dated in history:
            if dated.since > day:
                break
            found = dated
        if found is None and day < history[0].since and not key.startswith("werkvorm."):
            found = history[0]
        if found is not None and found.value is not None:
            yield key, found.value
