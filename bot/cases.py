"""Runs policy cases (TOML) through the same judgement and ledger as the chat, each in an empty database in memory."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.case_format import SITUATION, CaseError, case_book, check_case, check_file, check_moment, merged
from handlers import registering
from rules import meetings
from rules.applications import Application
from rules.book import Rulebook
from rules.facts import Agreement, Grant, Id, Submission
from rules.grants import nearest_grant
from rules.hours import Hours
from rules.ledger import Balance
from rules.periods import BRUSSELS, nearest_day, real_span, to_utc
from rules.verdict import Verdict, outcome_of
from rules.words import BLOCKS, WERKVORMEN
from storage import billing, fact_reading, ledger
from storage.case_store import CaseStore
from storage.database import Database
from storage.tables import metadata

FIRST_STEP = datetime(2026, 6, 15, 9)
DEFAULT_MINUTES = {"O1": 240, "O2": 2880, "O2.overkop": 5760, "O3": 2880, "O4": 600}
MONEY_KEYS = ("amount", "batch_amount")


@dataclass
class Outcome:
    """What a case came to: its id and title, and one line per difference (none: it holds)."""

    id: str
    title: str
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"FAIL {self.id} " + "; ".join(self.differences) if self.differences else f"ok {self.id} {self.title}"


def run_cases(paths: list[Path], books: Mapping[str, Rulebook]) -> Iterator[Outcome]:
    """The outcome of every case in the files and folders, in order of name."""
    database = Database("sqlite://")
    try:
        metadata.create_all(database.engine)
        for path in paths:
            found = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
            if not found:
                yield Outcome(str(path), "", ["holds no .toml file"])
            for file in found:
                yield from _run_file(file, books, database)
    finally:
        database.close()


def _run_file(file: Path, books: Mapping[str, Rulebook], database: Database) -> Iterator[Outcome]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield Outcome(file.name, "", [f"cannot be read: {error}"])
        return
    try:
        check_file(content)
    except CaseError as error:
        yield Outcome(file.name, "", [str(error)])
        return
    common = content.get("common", {})
    for number, table in enumerate(content.get("case", []), 1):
        outcome = Outcome(str(table.get("id", f"{file.name} case {number}")), str(table.get("title", "")))
        try:
            outcome.differences += _Run(table, common, books).differences(database)
        except CaseError as error:
            outcome.differences.append(str(error))
        yield outcome


class _Run:
    """One case: the situation, then step after step."""

    def __init__(self, case: Mapping[str, Any], common: Mapping[str, Any], books: Mapping[str, Rulebook]) -> None:
        check_case(case, common)
        self.case = case
        self.book = case_book(case, books)
        self.clock: datetime | None = None
        self.moments: dict[str, int] = {}
        self.fields: dict[int, dict[str, Any]] = {}
        self.numbers = 0
        self.situation = {key: merged(key, common.get(key, []), case.get(key, [])) for key in SITUATION}

    def differences(self, database: Database) -> list[str]:
        """Play the case in the empty tables of `database` and leave them empty again."""
        with database.engine.connect() as tx:
            whole = tx.begin()
            try:
                return self._play(tx)
            finally:
                whole.rollback()

    def _play(self, tx: Connection) -> list[str]:
        self.store = CaseStore(tx)
        self._situate(tx)
        found = []
        for number, step in enumerate(self.case["steps"], 1):
            try:
                now = self._now(step)
                got = getattr(self, f"_{step['do']}")(tx, step, now)
            except CaseError as error:
                raise CaseError(f"step {number}: {error}") from error
            found += [f"step {number}: {line}" for line in _compare(step.get("expect", {}), got)]
        return found

    def _situate(self, tx: Connection) -> None:
        store = self.store
        for row in self.situation["sites"]:
            store.add_site(row["id"], row["kind"], row.get("cooperates", True))
        for row in self.situation["persons"]:
            store.add_person(
                row["id"], row.get("contract_from", date(2024, 1, 1)), row.get("contract_to"), row.get("employer"),
                row.get("o4_admitted_from"), row.get("portfolio", True),
            )
        for row in self.situation["offers"]:
            store.add_offer(
                row["person"], self._site(row["site"]), row.get("since"), row.get("structural", True),
                row.get("individual_minutes_per_week", 0), row.get("group_tracks_per_year", 0), row.get("attested"), row.get("withdrawn"),
            )
        for row in self.situation["agreements"]:
            store.add_agreement(
                row["id"], row["person"], row["partner"], row.get("partner_kind", "andere"), row["from"], row.get("to"),
                row.get("blocks", BLOCKS), row["from"] if row.get("delivered", True) else None, row.get("evaluated"),
            )
        for row in self.situation["grants"]:
            self._add_grant(row)
        for one, other in combinations((self._grant(row["id"]) for row in self.situation["grants"]), 2):
            if _covers_same(one, other):
                names = {row_id: name for name, row_id in store.ids["grants"].items()}
                raise CaseError(f"grants {names[int(one.id)]} and {names[int(other.id)]} cover the same day")
        for row in self.case.get("used", []):
            grant = self._grant(row["grant"])
            store.add_opening(grant, self._holder(grant, row), row.get("on", grant.start), row["minutes"], row.get("interventions", 0))
        for row in self.case.get("history", []):
            self._add_history(tx, row)

    def _add_grant(self, row: Mapping[str, Any]) -> None:
        place = {"O1": "site", "O2": "site", "O3": "agreement"}.get(row["oproep"])
        if place is not None and place not in row:
            raise CaseError(f"grant {row['id']}: {place} is missing")
        agreement = self._agreement(row["agreement"]) if row["oproep"] == "O3" else None
        people = row.get("persons", [row["person"]] if "person" in row else [])
        holders = [agreement.person] if agreement else [self.store.person(each) for each in people]
        start = row.get("from", agreement.start if agreement else None)
        if not holders or start is None:
            raise CaseError(f"grant {row['id']}: {'from' if holders else 'person'} is missing")
        self.store.add_grant(
            row["id"], row["oproep"], holders, self._site(row["site"]) if place == "site" else None, agreement.id if agreement else None,
            start, row.get("to", agreement.to if agreement else None), self._minutes(row, start), row.get("extra_minutes", 0),
            row.get("exception"),
        )

    def _minutes(self, row: Mapping[str, Any], start: date) -> int | None:
        """The minutes of a grant: those given, else the rulebook's limit, else (a rulebook without one) those of the format."""
        key = "O2.overkop" if row.get("exception") == "overkop" else row["oproep"]
        limit = self.book.on(start)[f"limit.{key}"]
        found: int | None = row.get("minutes", None if limit else DEFAULT_MINUTES[key])
        return found

    def _add_history(self, tx: Connection, row: Mapping[str, Any]) -> None:
        grant = self._grant(row["grant"])
        given = {key: value for key, value in row.items() if key not in ("id", "grant")}
        given |= {"oproep": grant.oproep, "site": grant.site, "agreement": grant.agreement, "person": self._holder(grant, row)}
        sub = self._submission(given)
        span = real_span(row["start"], sub.end, sub.minutes, sub.clock)
        if isinstance(span, str):
            raise CaseError(f"history {row.get('id', '')}: the time does not exist or is not clear")
        terms = self.book.on(span.day).terms(sub.oproep, sub.werkvorm or "")
        preparations = terms.preparation_hours if terms is not None else 0
        verdict = Verdict("accepted", (), span.minutes, preparations, span)
        now = _local(datetime.combine(span.day + timedelta(days=1), time(9)))
        self.numbers += 1
        moment = ledger.add_moment(tx, self.book, sub, verdict, grant, f"history-{self.numbers}", {}, now)
        if self.book.on(span.day)["prep.repeat"] == "once_per_title":
            ledger.settle_preparations(tx, self.book, sub.person, sub.title, now)
        self.fields[moment] = given
        if "id" in row:
            self.moments[row["id"]] = moment

    # steps

    def _register(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        given = self._given(step)
        sub = self._submission(given)
        self.numbers += 1
        key = str(step.get("submission", f"step-{self.numbers}"))
        result = registering.register(tx, self.book, sub, key, {}, now)
        if result.moment is None:
            return self._after(tx, sub, result.verdict)
        if not result.again:
            self.fields[result.moment] = given
        if "id" in step:
            self.moments[step["id"]] = result.moment
        return self._held(tx, result.moment, result.verdict)

    def _judge(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        sub = self._submission(self._given(step))
        return self._after(tx, sub, registering.judge_moment(tx, self.book, sub, now))

    def _correct(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        row = self._moment(step)
        old, changed = self.fields[row.id], self._given(step)
        given = old | changed
        if "minutes" in changed:
            given.pop("end", None)
        elif "end" in changed:
            given.pop("minutes", None)
        elif "start" in changed:
            before = self._submission(old)
            span = real_span(old["start"], before.end, before.minutes, before.clock)
            given.pop("end", None)
            given["minutes"] = span.minutes if not isinstance(span, str) else before.minutes
        if given["oproep"] != old["oproep"] and "werkvorm" not in changed:
            given.pop("werkvorm", None)
        try:
            verdict = registering.correct(tx, self.book, row, self._submission(given), {}, now)
        except registering.CancelledError as error:
            raise CaseError(f"moment {step['moment']} was cancelled") from error
        if verdict.accepted:
            self.fields[row.id] = given
        return self._held(tx, row.id, verdict)

    def _cancel(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        row = self._moment(step)
        try:
            verdict = registering.cancel(tx, self.book, row, now)
        except registering.CancelledError as error:
            raise CaseError(f"moment {step['moment']} was cancelled already") from error
        return self._held(tx, row.id, verdict)

    def _show(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        grant = self._grant(step["grant"])
        person = self._holder(grant, step, needed=False)
        day = step.get("on", now.astimezone(BRUSSELS).date())
        found = self._balance(tx, grant, person or grant.persons[0], day)
        return {"verdict": "accepted", "rules": frozenset(), **self._numbers(found, person is not None)}

    def _apply(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        place = {"O1": "site", "O2": "site", "O3": "agreement"}.get(step["oproep"])
        if place is not None and place not in step:
            raise CaseError(f"{place} is missing")
        if step.get("id") in self.store.ids["grants"]:
            raise CaseError(f"there is a grant {step['id']} already")
        agreement = self._agreement(step["agreement"]) if place == "agreement" else None
        start = step.get("from", agreement.start if agreement else now.astimezone(BRUSSELS).date())
        self.numbers += 1
        application = Application(
            self.store.person(step["person"]), step["oproep"], start, self._site(step["site"]) if place == "site" else None,
            agreement.id if agreement else None, step.get("exception"), step.get("jointly", True),
        )
        verdict, grant = registering.apply_for(tx, self.book, application, now, step.get("id", f"grant-{self.numbers}"))
        got: dict[str, Any] = {"verdict": verdict.outcome, "rules": verdict.rules}
        if grant is not None:
            self.store.remember(step.get("id", f"grant-{self.numbers}"), grant.id)
            got |= self._numbers(self._balance(tx, grant, application.person, start), True)
        return got

    def _bill(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        today = now.astimezone(BRUSSELS).date()
        through = step.get("through", today.replace(day=1) - timedelta(days=1))
        person = self.store.person(step["person"])
        grant = self._grant(step["grant"]) if "grant" in step else None
        batch = billing.close_batch(tx, self.book, person, through, now, grant)
        lapsed = batch.lapsed
        got: dict[str, Any] = {
            "verdict": "accepted_with_warning" if lapsed > 0 else "accepted", "rules": frozenset({"DRV-14"} if lapsed > 0 else ()),
            "batch_hours": batch.hours, "batch_amount": batch.cents, "lapsed_minutes": lapsed,
        }
        if grant is not None:
            got |= self._numbers(self._balance(tx, grant, person, through), True)
        return got

    def _check(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        what = step["what"]
        got: dict[str, Any] = {}
        if what == "mdo":
            verdict = meetings.check_mdo(step["participants"], step["care_providers"], step["minutes"], step.get("invoiced", 0))
        elif what == "group_session":
            verdict = meetings.check_group_session(step["function"], step["participants"])
        elif what == "mpo":
            meeting = meetings.plan_mpo(
                self.book, step["start"], step["end"], step["participants"], networking=step.get("networking", False),
                psychologist_contracted=step.get("psychologist_contracted", True),
            )
            verdict = meeting.verdict
            got = {"reminders": list(meeting.reminders), "effect_evaluation": meeting.effect_evaluation}
        elif what == "mpo_close":
            verdict, missing = meetings.close_mpo(step["paid"], step["participants"], step["evaluated"], step["moderators_evaluated"])
            got = {"missing": missing}
        else:
            verdict = meetings.check_evaluation(self.book, self._agreement(step["agreement"]), now.astimezone(BRUSSELS).date())
        return {"verdict": outcome_of(verdict.findings), "rules": verdict.rules, **got}

    # reading the case

    def _now(self, step: Mapping[str, Any]) -> datetime:
        if "at" in step:
            now = step["at"]
        elif "now" in self.case:
            now = self.case["now"]
        elif step["do"] in ("register", "judge"):
            now = datetime.combine(step["start"].date() + timedelta(days=1), time(9))
        else:
            now = self.clock or FIRST_STEP
        assert isinstance(now, datetime)  # noqa: S101 - the format says so
        if self.clock is not None and now < self.clock:
            raise CaseError(f"time goes back: {now} after {self.clock}")
        self.clock = now
        return _local(now)

    def _given(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a moment that a step gives, its names looked up."""
        given = {key: value for key, value in step.items() if key not in ("do", "at", "expect", "id", "submission", "moment")}
        look_up: tuple[tuple[str, Callable[[str], Id]], ...] = (
            ("person", self.store.person), ("site", self._site), ("agreement", lambda name: self._agreement(name).id),
        )
        for key, find in look_up:
            if key in given:
                given[key] = find(given[key])
        return given

    def _submission(self, given: Mapping[str, Any]) -> Submission:
        """What is submitted: the fields that were given, the defaults of their oproep, without what is `missing`."""
        oproep, missing = given["oproep"], given.get("missing", ())
        werkvorm = given.get("werkvorm") or registering.WORKING_FORM.get(oproep)
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

    def _held(self, tx: Connection, moment: int, verdict: Verdict) -> dict[str, Any]:
        """The numbers of the version of a moment that is there: of its own grant, on its start day."""
        row = self.store.moment(moment)
        found = self._balance(tx, self.store.grant(row.grant), row.person, row.day)
        held = 0 if row.state == "cancelled" else row.minutes
        return {"verdict": verdict.outcome, "rules": verdict.rules, "booked_minutes": held, **self._numbers(found, True)}

    def _after(self, tx: Connection, sub: Submission, verdict: Verdict) -> dict[str, Any]:
        """The numbers after a submission that books nothing: of the grant it would use, or the one nearest to it."""
        got: dict[str, Any] = {"verdict": verdict.outcome, "rules": verdict.rules, "booked_minutes": 0}
        mine = tuple(each for each in fact_reading.read_grants(tx, sub.person) if fact_reading.same_place(sub, each))
        day = sub.first_day
        if day is not None and (grant := nearest_grant(mine, day)):
            got |= self._numbers(self._balance(tx, grant, sub.person, day), True)
        return got

    def _balance(self, tx: Connection, grant: Grant, person: Id, day: date) -> Balance:
        mine, with_offers = fact_reading.read_grants(tx, person), fact_reading.read_offers(tx, person)
        return fact_reading.read_balance(tx, self.book, grant, person, nearest_day(grant, day), mine, with_offers)

    def _numbers(self, found: Balance, with_hours: bool) -> dict[str, Any]:
        hours: Hours = found.hours
        numbers: dict[str, Any] = {"balance_minutes": found.left, "bonus_minutes": found.bonus_left}
        if found.grant.oproep == "O2":
            numbers["pool_minutes"] = found.left
        if with_hours:
            numbers |= {"billable_hours": hours.hours, "remainder_minutes": hours.rest, "amount": hours.cents}
        return numbers

    def _moment(self, step: Mapping[str, Any]) -> Any:
        if step["moment"] not in self.moments:
            raise CaseError(f"there is no moment {step['moment']}")
        return self.store.moment(self.moments[step["moment"]])

    def _holder(self, grant: Grant, row: Mapping[str, Any], *, needed: bool = True) -> Id | None:
        if "person" in row:
            return self.store.person(row["person"])
        if len(grant.persons) == 1:
            return grant.persons[0]
        if needed:
            raise CaseError(f"{row.get('grant')} is a pool: say whose time it is (person)")
        return None

    def _site(self, name: str) -> Id:
        return self._look_up("sites", name)

    def _agreement(self, name: str) -> Agreement:
        return fact_reading.read_agreement(self.store.tx, self._look_up("agreements", name))

    def _grant(self, name: str) -> Grant:
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


def _local(moment: datetime) -> datetime:
    return to_utc(moment).astimezone(BRUSSELS)


def _compare(expect: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in expect.items():
        if key == "rules":
            missing = sorted(set(wanted) - set(got.get("rules", ())))
            if missing:
                yield f"rules expected {', '.join(missing)}, got {', '.join(sorted(got.get('rules', ()))) or 'none'}"
            continue
        value = got.get(key)
        if key in MONEY_KEYS and value is not None:
            value = f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
        if value != wanted:
            rules = f" (rules {', '.join(sorted(got['rules']))})" if got.get("rules") else ""
            yield f"{key} expected {wanted}, got {'nothing' if value is None else value}{rules}"
