"""What stands in the empty tables before the first step of a policy case, and what its names stand for."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import Connection

from bot.case_format import SITUATION, CaseError, check_moment, merged
from handlers.registering import WORKING_FORM
from rules.book import Rulebook
from rules.facts import Agreement, Grant, Id, Submission
from rules.periods import BRUSSELS, real_span, to_utc
from rules.verdict import Verdict
from rules.words import BLOCKS, WERKVORMEN
from storage import fact_reading, ledger
from storage.case_store import CaseStore

DEFAULT_MINUTES = {"O1": 240, "O2": 2880, "O2.overkop": 5760, "O3": 2880, "O4": 600}
PLACES = {"O1": "site", "O2": "site", "O3": "agreement"}  # what a grant or an application of an oproep is for


class Situation:
    """The rows of one case by its names. `fields`: what was given of each moment that is booked."""

    def __init__(self, tx: Connection, book: Rulebook, case: Mapping[str, Any], common: Mapping[str, Any]) -> None:
        self.tx, self.book, self.store = tx, book, CaseStore(tx)
        self.moments: dict[str, int] = {}
        self.fields: dict[int, Mapping[str, Any]] = {}
        self.numbers = 0
        self._set_up(case, {key: merged(key, common.get(key, []), case.get(key, [])) for key in SITUATION})

    def number(self) -> int:
        """A number that no row of this case has yet, for the key of one without a name."""
        self.numbers += 1
        return self.numbers

    def _set_up(self, case: Mapping[str, Any], rows: Mapping[str, list[Any]]) -> None:
        store = self.store
        for row in rows["sites"]:
            store.add_site(row["id"], row["kind"], row.get("cooperates", True))
        for row in rows["persons"]:
            store.add_person(
                row["id"], row.get("contract_from", date(2024, 1, 1)), row.get("contract_to"), row.get("employer"),
                row.get("o4_admitted_from"), row.get("portfolio", True),
            )
        for row in rows["offers"]:
            store.add_offer(
                row["person"], self.site(row["site"]), row.get("since"), row.get("structural", True),
                row.get("individual_minutes_per_week", 0), row.get("group_tracks_per_year", 0), row.get("attested"), row.get("withdrawn"),
            )
        for row in rows["agreements"]:
            store.add_agreement(
                row["id"], row["person"], row["partner"], row.get("partner_kind", "andere"), row["from"], row.get("to"),
                row.get("blocks", BLOCKS), row["from"] if row.get("delivered", True) else None, row.get("evaluated"),
            )
        for row in rows["grants"]:
            self._add_grant(row)
        for one, other in combinations((self.grant(row["id"]) for row in rows["grants"]), 2):
            if _covers_same(one, other):
                names = {row_id: name for name, row_id in store.ids["grants"].items()}
                raise CaseError(f"grants {names[int(one.id)]} and {names[int(other.id)]} cover the same day")
        for row in case.get("used", []):
            grant = self.grant(row["grant"])
            store.add_opening(grant, self.holder(grant, row), row.get("on", grant.start), row["minutes"], row.get("interventions", 0))
        for row in case.get("history", []):
            self._add_history(row)

    def _add_grant(self, row: Mapping[str, Any]) -> None:
        place = PLACES.get(row["oproep"])
        if place is not None and place not in row:
            raise CaseError(f"grant {row['id']}: {place} is missing")
        agreement = self.agreement(row["agreement"]) if row["oproep"] == "O3" else None
        people = row.get("persons", [row["person"]] if "person" in row else [])
        holders = [agreement.person] if agreement else [self.store.person(each) for each in people]
        start = row.get("from", agreement.start if agreement else None)
        if not holders or start is None:
            raise CaseError(f"grant {row['id']}: {'from' if holders else 'person'} is missing")
        self.store.add_grant(
            row["id"], row["oproep"], holders, self.site(row["site"]) if place == "site" else None, agreement.id if agreement else None,
            start, row.get("to", agreement.to if agreement else None), self._minutes(row, start), row.get("extra_minutes", 0),
            row.get("exception"),
        )

    def _minutes(self, row: Mapping[str, Any], start: date) -> int | None:
        """The minutes of a grant: those given, else the rulebook's limit, else (a rulebook without one) those of the format."""
        key = "O2.overkop" if row.get("exception") == "overkop" else row["oproep"]
        limit = self.book.on(start)[f"limit.{key}"]
        found: int | None = row.get("minutes", None if limit else DEFAULT_MINUTES[key])
        return found

    def _add_history(self, row: Mapping[str, Any]) -> None:
        grant = self.grant(row["grant"])
        given = {key: value for key, value in row.items() if key not in ("id", "grant")}
        given |= {"oproep": grant.oproep, "site": grant.site, "agreement": grant.agreement, "person": self.holder(grant, row)}
        sub = self.submission(given)
        span = real_span(row["start"], sub.end, sub.minutes, sub.clock)
        if isinstance(span, str):
            raise CaseError(f"history {row.get('id', '')}: the time does not exist or is not clear")
        terms = self.book.on(span.day).terms(sub.oproep, sub.werkvorm or "")
        preparations = terms.preparation_hours if terms is not None else 0
        verdict = Verdict("accepted", (), span.minutes, preparations, span)
        now = local(datetime.combine(span.day + timedelta(days=1), time(9)))
        moment = ledger.add_moment(self.tx, self.book, sub, verdict, grant, f"history-{self.number()}", {}, now)
        if self.book.on(span.day)["prep.repeat"] == "once_per_title":
            ledger.settle_preparations(self.tx, self.book, sub.person, sub.title, now)
        self.note(moment, given, row)

    def note(self, moment: int, given: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Keep what was given of a moment that is booked, and its name when the case gives it one."""
        self.fields[moment] = given
        if "id" in row:
            self.moments[row["id"]] = moment

    def submission(self, given: Mapping[str, Any]) -> Submission:
        """What is submitted: the fields that were given, the defaults of their oproep, without what is `missing`."""
        oproep, missing = given["oproep"], given.get("missing", ())
        werkvorm = given.get("werkvorm") or WORKING_FORM.get(oproep)
        if werkvorm is None:
            raise CaseError("werkvorm is missing")
        if werkvorm not in WERKVORMEN and werkvorm not in self.book.werkvormen:
            raise CaseError(f"unknown werkvorm {werkvorm}")
        terms = self.book.on(given["start"].date()).terms(oproep, werkvorm)
        actors = terms.least_people if terms is not None else 1
        fields = {
            "present": {"O1": {"arts": 1}, "O2": {"bezoeker": 10}}.get(oproep, {"maatschappelijk_werker": actors}),
            "topic": "samenwerking" if oproep == "O1" else "werkdruk in het team", "text": "gewone activiteit",
            "purpose": {"O1": "samenwerking", "O2": "presentie"}.get(oproep), **given, "werkvorm": werkvorm,
        }
        check_moment(fields)
        left_out = {*missing, "missing", "agreement" if oproep in ("O1", "O2") else "site"}
        if "end" in missing:
            left_out.add("minutes")
        if oproep == "O4":
            left_out.add("agreement")
        return Submission(**{key: value for key, value in fields.items() if key not in left_out})

    def moment(self, step: Mapping[str, Any]) -> Any:
        """The row of the moment that a step names."""
        if step["moment"] not in self.moments:
            raise CaseError(f"there is no moment {step['moment']}")
        return self.store.moment(self.moments[step["moment"]])

    def holder(self, grant: Grant, row: Mapping[str, Any], *, needed: bool = True) -> Id | None:
        """Whose time of a grant it is: as the table says, else its only holder; None for a pool."""
        if "person" in row:
            return self.store.person(row["person"])
        if len(grant.persons) == 1:
            return grant.persons[0]
        if needed:
            raise CaseError(f"{row.get('grant')} is a pool: say whose time it is (person)")
        return None

    def site(self, name: str) -> Id:
        """The row of a site."""
        return self._look_up("sites", name)

    def agreement(self, name: str) -> Agreement:
        """A collaboration as the rules see one."""
        return fact_reading.read_agreement(self.tx, self._look_up("agreements", name))

    def grant(self, name: str) -> Grant:
        """A grant as the rules see one."""
        return self.store.grant(self._look_up("grants", name))

    def _look_up(self, table: str, name: str) -> Id:
        try:
            return self.store.ids[table][name]
        except KeyError:
            raise CaseError(f"there is no {name!r} in {table}") from None


def _covers_same(one: Grant, other: Grant) -> bool:
    """Whether two grants give the same hours on a common day: one pool a site, one grant per person, oproep and place."""
    alike = (one.oproep, one.site, one.agreement, one.exception) == (other.oproep, other.site, other.agreement, other.exception)
    pool = one.oproep == "O2" and one.exception is None
    together = one.start <= (other.to or date.max) and other.start <= (one.to or date.max)
    return alike and together and (pool or not {*one.persons}.isdisjoint(other.persons))


def local(moment: datetime) -> datetime:
    """A time of a case, which is Brussels time without saying so."""
    return to_utc(moment).astimezone(BRUSSELS)
