"""Runs policy cases (TOML) through the same judgement and ledger as the chat, each case in a fresh database in memory."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from handlers import registering
from rules import meetings
from rules.applications import Application
from rules.book import Rulebook
from rules.book_keys import KEYS, OPTIONAL_DAYS
from rules.book_reading import NOT_YET
from rules.facts import Agreement, Entry, Grant, Id, Submission
from rules.hours import Hours
from rules.judge import nearest_grant
from rules.ledger import Balance
from rules.periods import BRUSSELS, real_span, to_utc
from rules.verdict import Verdict, outcome_of
from rules.words import BLOCKS, ONE_TO_ONE, ROLES, SITE_KINDS, TOPICS, WERKVORMEN
from storage import ledger
from storage.case_store import CaseStore
from storage.database import Database
from storage.tables import metadata

FIRST_STEP = datetime(2026, 6, 15, 9)
MONEY_KEYS = ("amount", "batch_amount")


class CaseError(ValueError):
    """The case itself is wrong: an unknown key, setting, role or id, or time that goes back."""


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
    for path in paths:
        found = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not found:
            yield Outcome(str(path), "", ["holds no .toml file"])
        for file in found:
            yield from _run_file(file, books)


def _run_file(file: Path, books: Mapping[str, Rulebook]) -> Iterator[Outcome]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield Outcome(file.name, "", [f"cannot be read: {error}"])
        return
    common = content.get("common", {})
    unknown = sorted(content.keys() - {"case", "common"}) + sorted(f"common.{key}" for key in common.keys() - set(COMMON))
    if unknown:
        yield Outcome(file.name, "", [f"unknown key {', '.join(unknown)}"])
        return
    for number, table in enumerate(content.get("case", []), 1):
        outcome = Outcome(str(table.get("id", f"{file.name} case {number}")), str(table.get("title", "")))
        try:
            outcome.differences += _Run(table, common, books).differences()
        except CaseError as error:
            outcome.differences.append(str(error))
        yield outcome


COMMON = ("persons", "sites", "offers", "agreements", "grants")
CASE = {*COMMON, "id", "title", "about", "note", "rulebook", "now", "settings", "rates", "used", "history", "steps"}
MOMENT = {
    "id", "person", "oproep", "start", "end", "minutes", "clock", "site", "agreement", "werkvorm", "present", "channel", "topic", "title",
    "text", "purpose", "concrete_client", "client_present", "prior_consent", "initiative", "partner", "partner_kind", "with_local_network",
    "on_request_of_site", "other_financing", "regular_mission", "missing", "submission",
}
STEP_KEYS = {
    "register": MOMENT, "judge": MOMENT, "correct": (MOMENT - {"id", "person", "submission"}) | {"moment"}, "cancel": {"moment"},
    "show": {"grant", "person", "on"}, "apply": {"person", "oproep", "site", "agreement", "from", "exception", "jointly", "id"},
    "bill": {"person", "grant", "through"},
    "check": {
        "what", "participants", "care_providers", "minutes", "invoiced", "function", "start", "end", "networking", "psychologist_contracted",
        "paid", "evaluated", "moderators_evaluated", "agreement",
    },
}
EXPECT = {
    "verdict", "rules", "balance_minutes", "bonus_minutes", "pool_minutes", "booked_minutes", "billable_hours", "remainder_minutes", "amount",
    "batch_hours", "batch_amount", "lapsed_minutes", "reminders", "effect_evaluation", "missing",
}


class _Run:
    """One case on its own database: the situation, then step after step."""

    def __init__(self, case: Mapping[str, Any], common: Mapping[str, Any], books: Mapping[str, Rulebook]) -> None:
        _known(case, CASE, "case")
        for key in ("id", "title", "steps"):
            if key not in case:
                raise CaseError(f"{key} is missing")
        self.case = case
        self.book = _book(case, books)
        self.clock: datetime | None = None
        self.moments: dict[str, int] = {}
        self.fields: dict[int, dict[str, Any]] = {}
        self.numbers = 0
        self.situation = {key: _merged(key, common.get(key, []), case.get(key, [])) for key in COMMON}

    def differences(self) -> list[str]:
        database = Database("sqlite://")
        try:
            metadata.create_all(database.engine)
            return database.run(self._play)
        finally:
            database.close()

    def _play(self, tx: Connection) -> list[str]:
        self.store = CaseStore(tx)
        self._situate(tx)
        found = []
        for number, step in enumerate(self.case["steps"], 1):
            kind = step.get("do")
            if kind not in STEP_KEYS:
                raise CaseError(f"step {number}: do must be one of {', '.join(STEP_KEYS)}")
            _known(step, STEP_KEYS[kind] | {"do", "at", "expect"}, f"step {number}")
            expect = step.get("expect", {})
            _known(expect, EXPECT, f"step {number}: expect")
            try:
                now = self._now(step)
                got = getattr(self, f"_{kind}")(tx, step, now)
            except (CaseError, KeyError) as error:
                raise CaseError(f"step {number}: {error if isinstance(error, CaseError) else f'{error} is missing'}") from error
            found += [f"step {number}: {line}" for line in _compare(expect, got)]
        return found

    def _situate(self, tx: Connection) -> None:
        store = self.store
        for row in self.situation["sites"]:
            _known(row, {"id", "kind", "cooperates"}, "site")
            if row.get("kind") not in SITE_KINDS:
                raise CaseError(f"site {row.get('id')}: unknown kind {row.get('kind')}")
            store.add_site(row["id"], row["kind"], row.get("cooperates", True))
        for row in self.situation["persons"]:
            _known(row, {"id", "contract_from", "contract_to", "employer", "o4_admitted_from", "portfolio"}, "person")
            store.add_person(
                row["id"], row.get("contract_from", date(2024, 1, 1)), row.get("contract_to"), row.get("employer"),
                row.get("o4_admitted_from"), row.get("portfolio", True),
            )
        for row in self.situation["offers"]:
            _known(row, {"person", "site", "since", "structural", "individual_minutes_per_week", "group_tracks_per_year"}, "offer")
            store.add_offer(
                row["person"], self._site(row["site"]), row.get("since"), row.get("structural", True),
                row.get("individual_minutes_per_week", 0), row.get("group_tracks_per_year", 0),
            )
        for row in self.situation["agreements"]:
            _known(row, {"id", "person", "partner", "from", "to", "partner_kind", "delivered", "blocks", "evaluated"}, "agreement")
            if set(row.get("blocks", [])) - set(BLOCKS) or row.get("partner_kind", "andere") not in SITE_KINDS:
                raise CaseError(f"agreement {row['id']}: unknown block or partner_kind")
            store.add_agreement(
                row["id"], row["person"], row["partner"], row.get("partner_kind", "andere"), row["from"], row.get("to"),
                row.get("blocks", BLOCKS), row["from"] if row.get("delivered", True) else None, row.get("evaluated"),
            )
        for row in self.situation["grants"]:
            self._add_grant(row)
        for row in self.case.get("used", []):
            _known(row, {"grant", "minutes", "person", "on", "interventions"}, "used")
            grant = self._grant(row["grant"])
            person = self._holder(grant, row)
            store.add_opening(grant, person, row.get("on", grant.start), row["minutes"], row.get("interventions", 0))
        for row in self.case.get("history", []):
            _known(row, {"grant", "id", "person", "werkvorm", "start", "end", "minutes", "clock", "title"}, "history")
            self._add_history(tx, row)

    def _add_grant(self, row: Mapping[str, Any]) -> None:
        _known(row, {"id", "oproep", "person", "persons", "site", "agreement", "from", "to", "minutes", "extra_minutes", "exception"}, "grant")
        agreement = self._agreement(row["agreement"]) if "agreement" in row else None
        people = row.get("persons", [row["person"]] if "person" in row else [])
        holders = [agreement.person] if agreement else [self.store.person(each) for each in people]
        if row.get("oproep") not in ("O1", "O2", "O3", "O4") or not holders or row.get("exception") not in (None, "overkop"):
            raise CaseError(f"grant {row.get('id')}: oproep, person or exception is wrong")
        if row["oproep"] in ("O1", "O2") and "site" not in row:
            raise CaseError(f"grant {row['id']}: site is missing")
        self.store.add_grant(
            row["id"], row["oproep"], holders, self._site(row["site"]) if "site" in row else None, agreement.id if agreement else None,
            row.get("from", agreement.start if agreement else None), row.get("to", agreement.to if agreement else None),
            row.get("minutes"), row.get("extra_minutes", 0), row.get("exception"),
        )

    def _add_history(self, tx: Connection, row: Mapping[str, Any]) -> None:
        grant = self._grant(row["grant"])
        werkvorm = row.get("werkvorm") or registering.WORKING_FORM.get(grant.oproep)
        step = {**row, "oproep": grant.oproep, "werkvorm": werkvorm}
        step.pop("grant")
        person = self._holder(grant, row)
        fields = self._with_defaults({**step, "person": ""})
        sub = replace(self._submission(fields), person=person, site=grant.site, agreement=grant.agreement)
        span = real_span(sub.start, sub.end, sub.minutes, sub.clock) if sub.start else "gap"
        if isinstance(span, str):
            raise CaseError(f"history {row.get('id', '')}: the time does not exist or is not clear")
        preparations = int(werkvorm in ("thema_intervisie", "workshop"))
        verdict = Verdict("accepted", (), span.minutes, preparations, span)
        now = _local(datetime.combine(span.day + timedelta(days=1), time(9)))
        self.numbers += 1
        moment = ledger.add_moment(tx, self.book, sub, verdict, grant, f"history-{self.numbers}", {}, now)
        self.fields[moment] = fields | {"person": person, "site": grant.site, "agreement": grant.agreement}
        if "id" in row:
            self.moments[row["id"]] = moment

    # steps

    def _register(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        fields = self._with_defaults(step)
        sub = self._submission(fields)
        self.numbers += 1
        key = str(step.get("submission", f"step-{self.numbers}"))
        result = registering.register(tx, self.book, sub, key, {}, now)
        if result.moment is not None and not result.again:
            self.fields[result.moment] = fields | {"person": sub.person, "site": sub.site, "agreement": sub.agreement}
        if "id" in step and result.moment is not None:
            self.moments[step["id"]] = result.moment
        booked = self._row(tx, result.moment).minutes if result.moment is not None else 0
        return self._after(tx, sub, result.verdict, booked)

    def _judge(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        sub = self._submission(self._with_defaults(step))
        return self._after(tx, sub, registering.judge_moment(tx, self.book, sub, now), 0)

    def _correct(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        row = self._moment(tx, step)
        old = self.fields[row.id]
        changed = {key: value for key, value in step.items() if key not in ("do", "at", "moment", "expect")}
        for key, look_up in (("site", self._site), ("agreement", lambda name: self._agreement(name).id)):
            if key in changed:
                changed[key] = look_up(changed[key])
        fields = dict(old) | changed
        if "minutes" in changed:
            fields.pop("end", None)
        elif "end" in changed:
            fields.pop("minutes", None)
        elif "start" in changed:
            before = self._submission(old)
            span = real_span(before.start, before.end, before.minutes, before.clock) if before.start else "gap"
            fields.pop("end", None)
            fields["minutes"] = span.minutes if not isinstance(span, str) else old.get("minutes")
            if "clock" not in changed:
                fields.pop("clock", None)
        if "oproep" in changed and changed["oproep"] != old["oproep"]:
            fields = self._moved(fields, changed, old)
        sub = self._submission(fields)
        try:
            verdict = registering.correct(tx, self.book, row, sub, {}, now)
        except registering.CancelledError as error:
            raise CaseError(f"moment {step['moment']} was cancelled") from error
        if verdict.accepted:
            self.fields[row.id] = fields
        shown = sub if verdict.accepted else self._submission(old)
        return self._after(tx, shown, verdict, self._row(tx, row.id).minutes)

    def _moved(self, fields: dict[str, Any], changed: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """A moment that goes to another oproep: what was a default stays a default, of the new oproep."""
        given = {key: value for key, value in fields.items() if key in changed or key in old.get("given", ())}
        for key in ("werkvorm", "topic", "purpose", "present"):
            if key not in changed and (key == "werkvorm" or key not in old.get("given", ())):
                given.pop(key, None)
        for key in ("person", "site", "agreement", "start", "end", "minutes", "clock"):
            if key in fields:
                given[key] = fields[key]
        if fields["oproep"] in ("O1", "O2"):
            given.pop("agreement", None)
        else:
            given.pop("site", None)
            if fields["oproep"] == "O4":
                given.pop("agreement", None)
        return self._defaults({**given, "oproep": fields["oproep"]})

    def _cancel(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        row = self._moment(tx, step)
        try:
            verdict = registering.cancel(tx, self.book, row, now)
        except registering.CancelledError as error:
            raise CaseError(f"moment {step['moment']} was cancelled already") from error
        return self._after(tx, self._submission(self.fields[row.id]), verdict, 0)

    def _show(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        grant = self._grant(step["grant"])
        person = self._holder(grant, step, needed=False)
        day = step.get("on", now.astimezone(BRUSSELS).date())
        return {"verdict": "accepted", "rules": frozenset(), **self._numbers(self._balance(tx, grant, person or grant.persons[0], day), person is not None)}

    def _apply(self, tx: Connection, step: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        agreement = self._agreement(step["agreement"]) if "agreement" in step else None
        start = step.get("from", agreement.start if agreement else now.astimezone(BRUSSELS).date())
        self.numbers += 1
        application = Application(
            self.store.person(step["person"]), step["oproep"], start, self._site(step["site"]) if "site" in step else None,
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
        batch = ledger.close_batch(tx, self.book, person, through, now, grant)
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
            if step["function"] not in (1, 2, 3):
                raise CaseError("function must be 1, 2 or 3")
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
        elif what == "evaluation":
            verdict = meetings.check_evaluation(self.book, self._agreement(step["agreement"]), now.astimezone(BRUSSELS).date())
        else:
            raise CaseError(f"what = {what!r} is not known")
        return {"verdict": outcome_of(verdict.findings), "rules": verdict.rules, **got}

    # reading the case

    def _now(self, step: Mapping[str, Any]) -> datetime:
        if "at" in step:
            now = step["at"]
        elif "now" in self.case:
            now = self.case["now"]
        elif step["do"] in ("register", "judge") and isinstance(step.get("start"), datetime):
            now = datetime.combine(step["start"].date() + timedelta(days=1), time(9))
        else:
            now = self.clock or FIRST_STEP
        if not isinstance(now, datetime) or now.tzinfo is not None:
            raise CaseError("at and now are local date-times without offset")
        if self.clock is not None and now < self.clock:
            raise CaseError(f"time goes back: {now} after {self.clock}")
        self.clock = now
        return _local(now)

    def _with_defaults(self, step: Mapping[str, Any]) -> dict[str, Any]:
        for role in step.get("present", {}):
            if role not in ROLES:
                raise CaseError(f"unknown role {role}")
        fields = {key: value for key, value in step.items() if key not in ("do", "at", "expect", "id", "submission")}
        if fields.get("oproep") not in ("O1", "O2", "O3", "O4"):
            raise CaseError("oproep must be O1, O2, O3 or O4")
        if not isinstance(fields.get("start"), datetime):
            raise CaseError("start must be a local date-time")
        for key, allowed in (("werkvorm", WERKVORMEN), ("topic", TOPICS if fields["oproep"] == "O1" else None), ("clock", ("first", "second")), ("channel", ("f2f", "telefoon", "online"))):
            if allowed is not None and key in fields and fields[key] not in allowed:
                raise CaseError(f"unknown {key} {fields[key]}")
        if "site" in fields:
            fields["site"] = self._site(fields["site"])
        if "agreement" in fields:
            fields["agreement"] = self._agreement(fields["agreement"]).id
        if fields["person"]:
            fields["person"] = self.store.person(fields["person"])
        return self._defaults(fields)

    def _defaults(self, fields: dict[str, Any]) -> dict[str, Any]:
        oproep = fields["oproep"]
        werkvorm = fields.get("werkvorm") or registering.WORKING_FORM.get(oproep)
        if werkvorm is None:
            raise CaseError("werkvorm is missing")
        actors = self.book.on(fields["start"].date())["min_participants.one_to_one" if werkvorm in ONE_TO_ONE else "min_participants.group"]
        present = {"O1": {"arts": 1}, "O2": {"bezoeker": 10}}.get(oproep, {"maatschappelijk_werker": actors})
        defaults = {
            "werkvorm": werkvorm, "present": present, "topic": "samenwerking" if oproep == "O1" else "werkdruk in het team",
            "text": "gewone activiteit", "purpose": {"O1": "samenwerking", "O2": "presentie"}.get(oproep),
        }
        given = tuple(fields.get("given", fields.keys()))
        return {**defaults, **fields, "given": given}

    def _submission(self, fields: Mapping[str, Any]) -> Submission:
        missing = fields.get("missing", [])
        known = {key: value for key, value in fields.items() if key in Submission.__dataclass_fields__ and key not in missing}
        if "end" in missing:
            known.pop("minutes", None)
        return Submission(**known)

    def _after(self, tx: Connection, sub: Submission, verdict: Verdict, booked: int) -> dict[str, Any]:
        got: dict[str, Any] = {"verdict": verdict.outcome, "rules": verdict.rules, "booked_minutes": booked}
        mine = tuple(each for each in ledger.read_grants(tx, sub.person) if ledger.same_place(sub, each))
        day = sub.first_day
        if day is not None and (grant := nearest_grant(mine, day)):
            got |= self._numbers(self._balance(tx, grant, sub.person, day), True)
        return got

    def _balance(self, tx: Connection, grant: Grant, person: Id, day: date) -> Balance:
        return ledger.read_balance(
            tx, self.book, grant, person, min(max(day, grant.start), grant.to or day), ledger.read_grants(tx, person), ledger.read_offers(tx, person)
        )

    def _numbers(self, found: Balance, with_hours: bool) -> dict[str, Any]:
        hours: Hours = found.hours
        numbers: dict[str, Any] = {"balance_minutes": found.left, "bonus_minutes": found.bonus_left}
        if found.grant.oproep == "O2":
            numbers["pool_minutes"] = found.left
        if with_hours:
            numbers |= {"billable_hours": hours.hours, "remainder_minutes": hours.rest, "amount": hours.cents}
        return numbers

    def _row(self, tx: Connection, moment: int | None) -> Any:
        return self.store.moment(moment)

    def _moment(self, tx: Connection, step: Mapping[str, Any]) -> Any:
        if step["moment"] not in self.moments:
            raise CaseError(f"there is no moment {step['moment']}")
        return self._row(tx, self.moments[step["moment"]])

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
        return ledger.read_agreement(self.store.tx, self._look_up("agreements", name))

    def _grant(self, name: str) -> Grant:
        return self.store.grant(self._look_up("grants", name))

    def _look_up(self, table: str, name: str) -> Id:
        try:
            return self.store.ids[table][name]
        except KeyError:
            raise CaseError(f"there is no {name!r} in {table}") from None


def _merged(key: str, common: list[Any], own: list[Any]) -> list[Any]:
    def identity(row: Mapping[str, Any]) -> Any:
        return (row.get("person"), row.get("site")) if key == "offers" else row.get("id")

    replaced = {identity(row) for row in own}
    if len(replaced) != len(own):
        raise CaseError(f"{key}: an id stands twice")
    return [row for row in common if identity(row) not in replaced] + list(own)


def _book(case: Mapping[str, Any], books: Mapping[str, Rulebook]) -> Rulebook:
    name = case.get("rulebook", "oost-vlaanderen")
    if name not in books:
        raise CaseError(f"there is no rulebook {name!r}")
    changes = {}
    for key, value in case.get("settings", {}).items():
        if key not in KEYS:
            raise CaseError(f"unknown setting {key}")
        try:
            read = KEYS[key].read(value)
        except (ValueError, TypeError):
            raise CaseError(f"setting {key} must be {KEYS[key].says}") from None
        changes[key] = NOT_YET if read is None and key in OPTIONAL_DAYS else read
    rates = None
    if "rates" in case:
        rates = [(row["from"], KEYS["rate"].read(row["amount"])) for row in case["rates"]]
    return books[name].with_values(changes, rates)


def _local(moment: datetime) -> datetime:
    return to_utc(moment).astimezone(BRUSSELS)


def _known(table: Mapping[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise CaseError(f"{where}: unknown key {', '.join(unknown)}")


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
