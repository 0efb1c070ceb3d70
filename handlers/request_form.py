"""Between a request's answers and what is asked: what can be chosen, what the rulebook says of it, the row that is kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from handlers.draft_turn import DraftTurn
from rules.applications import Application, judge_application
from rules.book import Rulebook
from rules.facts import Grant, Id, Offer, Submission
from rules.forms import Answers, Asked, Field, Form, Option, fill_known, next_field, path
from rules.quota import QUOTA_RULE
from rules.requests import HOURS, MORE, OVERKOP, REOPEN, denied, judge_more, lock_of, rule_of
from rules.verdict import MET, REFUSE, Finding, Verdict, facts_of, outcome_of
from storage import accounts, billing, directory, fact_reading, people, requests, scope

FORM = "aanvraag"
KNOWN = "known"  # the answer to a question that need not be asked: the network has it on record
LONG_AGO = "long"  # "sinds": before the bonus months
MOMENTS = 8


@dataclass(frozen=True)
class Asking(DraftTurn):
    """One turn of a request: who asks, on which draft, with which form of which network."""

    @property
    def person(self) -> int:
        """The id of the person who asks."""
        return self.session.person or 0

    @property
    def answers(self) -> Answers:
        """What she answered so far."""
        return self.draft.answers

    @property
    def today(self) -> date:
        """The day of the clock."""
        return self.event.today

    @cached_property
    def network(self) -> Any:
        """The network that is asked: as chosen, else that of the draft."""
        chosen = str(self.answers.get("network", ""))
        mine = accounts.networks_of(self.tx, self.person)
        found = next((row for row in mine if chosen == f"n{row.id}"), None)
        return found or directory.read_network(self.tx, self.draft.network)

    @property
    def deciders(self) -> str:
        """The names of who may decide it today: who coordinates that network or stands in there, but never she who asks."""
        found = scope.coordinators_of(self.tx, self.network.id, self.today)
        rows = [people.read_person(self.tx, each) for each in found if each != self.person]
        return ", ".join(f"{row.first_name} {row.name}" for row in rows)

    @property
    def book(self) -> Rulebook:
        """That network's rulebook."""
        return self.world.book(self.network)

    @cached_property
    def asked(self) -> Asked:
        """What reading an answer needs."""
        return Asked(self.today, options_for(self))

    @cached_property
    def form(self) -> Form:
        """The network's form, without what she cannot ask."""
        possible = {HOURS, *(MORE for _ in self.asked.options["request.grants"]), *(OVERKOP for _ in self.asked.options["request.houses"]),
                    *(REOPEN for _ in self.asked.options["request.moments"])}
        form: Form = self.book.forms[FORM]
        fields = tuple(
            replace(each, options=tuple(word for word in each.options if word in possible)) if each.key == "what" else each
            for each in form.fields
        )
        return replace(form, fields=fields)

    @property
    def field(self) -> Field | None:
        """The open question; None when nothing is left to ask."""
        return next_field(self.form, self.answers)

    def given(self, key: str) -> Any:
        """An answer, when its question applies with the other answers."""
        return self.answers.get(key) if any(each.key == key for each in path(self.form, self.answers)) else None

    def chosen(self, *keys: str) -> int | None:
        """The id of what was chosen for the first of these fields that was answered."""
        value = next((given for key in keys if (given := self.given(key)) is not None), None)
        return int(value[1:]) if value is not None else None


def options_for(asking: Asking) -> Mapping[str, tuple[Option, ...]]:
    """The lists of the form: her networks, the network's places, her collaborations, her grants, her locked moments."""
    tx, person, network = asking.tx, asking.person, asking.network
    settings = asking.book.on(asking.today)
    places = {place.grant: place.name for place in directory.read_places(tx, person)}
    running = [grant for grant in fact_reading.read_grants(tx, person) if grant.covers(asking.today)]
    held = {(grant.oproep, grant.site) for grant in running}
    oproep = asking.answers.get("oproep")
    sites = sorted(requests.sites_of(tx, network.id), key=lambda row: (oproep, row.id) in held)
    if oproep == "O2":
        sites.sort(key=lambda row: row.kind not in settings["o2.site_kinds"])
    allowed = settings["more_hours.allowed"]
    more = [grant for grant in running if grant.oproep in allowed and _network_of(asking, grant) in (None, network.id)]
    mine = [row for row in accounts.networks_of(tx, person) if FORM in asking.world.book(row).forms]
    moments = locked_moments(asking)
    return {
        "request.networks": tuple(_option("n", row.id, row.name) for row in mine),
        "request.sites": tuple(_option("s", row.id, row.name) for row in sites),
        "request.houses": tuple(_option("s", row.id, row.name) for row in sites if row.kind == "overkop"),
        "request.agreements": tuple(_option("a", row.id, row.partner_name) for row in requests.agreements_of(tx, person)),
        "request.grants": tuple(_option("g", grant.id, places.get(int(grant.id), "")) for grant in more),
        "request.moments": tuple(_option("m", row.id, f"{row.id}: {row.day.isoformat()}") for row in moments),
    }


def _option(letter: str, key: Id, name: str) -> Option:
    return Option(f"{letter}{key}", name, (name,) if name else ("ad hoc", "oproep 4"))


def _network_of(asking: Asking, grant: Grant) -> int | None:
    return next((place.network for place in directory.read_places(asking.tx, asking.person) if place.grant == grant.id), None)


def locked_moments(asking: Asking) -> list[Any]:
    """Her newest moments that cannot be corrected without a coordinator."""
    rows = directory.moments_page(asking.tx, asking.person, 0, MOMENTS)
    return [row for row in rows if row.state == "accepted" and locked_by(asking.tx, asking.book, row, asking.today)]


def locked_by(tx: Connection, book: Rulebook, moment: Any, today: date) -> str | None:
    """The rule that locks a moment, None when she may correct it: never locked, or reopened (DRV-08). `moment` is its row."""
    rule = lock_of(book.on(today), exported=billing.is_exported(tx, moment), day=moment.day, today=today)
    return None if rule is None or requests.is_reopened(tx, moment) else rule


def to_ask(verdict: Verdict, answers: Answers, allowed: Collection[str], house: bool) -> dict[str, Any] | None:
    """What can be asked of the coordinator because a moment was refused, as answers of the form; None when nothing helps.

    `answers`: the moment's; `allowed`: the oproepen in which more hours may be asked (A-23); `house`: it is an OverKophuis.
    """
    refused = {each.rule for each in verdict.findings if each.level == REFUSE}
    grant, place = verdict.before.grant if verdict.before is not None else None, str(answers.get("place", ""))
    if grant is not None and refused & {QUOTA_RULE[grant.oproep], "O1-14"} and grant.oproep in allowed:
        return {"what": MORE, "grant": f"g{grant.id}"}
    if house and "O2-10" in refused:
        return {"what": OVERKOP, "house": place}
    if refused != {"DRV-04"} or not place:
        return None
    from_day = {"from_day": answers["day"]} if "day" in answers else {}
    where = {"a": {"oproep": "O3", "agreement": place}, "x": {"oproep": "O4"}}.get(place[:1], {"site": place})
    return {"what": HOURS, **where, **from_day}


def filled(asking: Asking, answers: Answers) -> Answers:
    """The answers with what need not be asked: the only choice there is, and what the network has on record."""
    known = {key: value for key, value in answers.items() if value != KNOWN}
    if known.get("what") == OVERKOP:
        known["oproep"] = "O2"
    elif known.get("what") in (MORE, REOPEN):
        known.pop("oproep", None)
    asking = asking.on(asking.draft._replace(answers=known))
    known = dict(fill_known(asking.form, known, asking.asked))
    site = known.get("site") or known.get("house")
    if site is not None and requests.has_offer(asking.tx, asking.person, int(site[1:])):
        known |= {"since": KNOWN, "offer": KNOWN}
    return fill_known(asking.form, known, asking.asked)


def to_go_back(answers: Answers) -> Answers:
    """The answers that she gave herself: one step back must not stop at what is filled in at once."""
    mine = {key: value for key, value in answers.items() if value != KNOWN}
    if mine.get("what") == OVERKOP:
        mine.pop("oproep", None)
    return mine


def judge_request(asking: Asking) -> Verdict | None:
    """What the rulebook says of the request as far as it is known; None while nothing can be said."""
    what, statements = asking.given("what"), list(_denied(asking))
    found: Verdict | None = None
    if what == MORE and (grant := _grant(asking)) is not None:
        sub = Submission(asking.person, grant.oproep, site=grant.site, agreement=grant.agreement, day=asking.today)
        found = judge_more(asking.book, fact_reading.read_facts(asking.tx, asking.book, sub, asking.event.now), grant, asking.today)
    elif what == REOPEN and asking.chosen("moment") is not None:
        finding = Finding("DRV-08", MET)
        found = Verdict("accepted", (finding,))
    elif what in (HOURS, OVERKOP) and (application := application_of(asking)) is not None:
        found = _judge_application(asking, application)
    if found is None or not statements:
        return found
    findings = (*found.findings, *statements)
    return Verdict(outcome_of(findings), findings)


def _judge_application(asking: Asking, application: Application) -> Verdict:
    sub = Submission(application.person, application.oproep, site=application.site, agreement=application.agreement, day=application.start)
    facts = fact_reading.read_facts(asking.tx, asking.book, sub, asking.event.now)
    known = facts.offer is not None and facts.offer.withdrawn is None
    if not known and (row := attested_offer(asking.book, asking.person, asking.answers, application.site, application.start)):
        facts = replace(facts, offer=offer_of(row))
    elif not known and application.oproep == "O2":
        facts = replace(facts, offer=Offer(asking.person, application.site or 0, None, True, 10**6, 0))  # asked later on
    verdict = judge_application(asking.book, facts, application)
    if asking.book.covers(application.start):
        return verdict
    findings = (*verdict.findings, Finding("GEN-01", REFUSE, facts=facts_of(last_day=asking.book.last_day())))
    return Verdict(outcome_of(findings), findings)


def _denied(asking: Asking) -> list[Finding]:
    found: list[Finding] = []
    for each in path(asking.form, asking.answers):
        if each.kind == "declare" and asking.answers.get(each.key, "yes") != "yes":
            found += denied(frozenset({str(asking.answers[each.key])}), each.rule or "DRV-05")
    return found


def application_of(asking: Asking) -> Application | None:
    """The application that the answers make so far; None while oproep or place is not known."""
    oproep, site, agreement = asking.given("oproep"), asking.chosen("site", "house"), asking.chosen("agreement")
    if oproep is None or (oproep in ("O1", "O2") and site is None) or (oproep == "O3" and agreement is None):
        return None
    start = date.fromisoformat(asking.answers["from_day"]) if "from_day" in asking.answers else asking.today
    exception = "overkop" if asking.given("what") == OVERKOP else None
    return Application(asking.person, oproep, start, site, agreement, exception)


def attested_offer(book: Rulebook, person: Id, answers: Answers, site: Id | None, start: date) -> dict[str, Any] | None:
    """What she attests to offer at a site, as the row that is kept when it is granted (O1-13, O2-09); None when it was not asked."""
    if site is None or not {"offer", "since"} & answers.keys() or KNOWN in (answers.get("offer"), answers.get("since")):
        return None
    settings, offer, since = book.on(start), answers.get("offer"), answers.get("since")
    return {
        "person": person, "site": site, "structural": True,
        "since": date.fromisoformat(since) if since not in (None, LONG_AGO) else None,
        "individual_minutes_per_week": settings["o2.min_individual_minutes_per_week"] if offer in ("individual", "both") else 0,
        "group_tracks_per_year": settings["o2.min_group_tracks_per_year"] if offer in ("groups", "both") else 0,
    }  # fmt: skip


def offer_of(row: Mapping[str, Any]) -> Offer:
    """The offer that a row says, as the rules see one."""
    numbers = (row["individual_minutes_per_week"], row["group_tracks_per_year"])
    return Offer(row["person"], row["site"], row["since"], row["structural"], *numbers)


def _grant(asking: Asking) -> Grant | None:
    wanted = asking.chosen("grant")
    return next((grant for grant in fact_reading.read_grants(asking.tx, asking.person) if grant.id == wanted), None)


def runs_already(verdict: Verdict) -> Id | None:
    """The grant that runs already, when that is why an application is refused: more hours are asked on it (O1-16)."""
    return next((each.facts["grant"] for each in verdict.findings if each.rule in QUOTA_RULE.values() and "grant" in each.facts), None)


def row_of(asking: Asking) -> dict[str, Any]:
    """The request as it is kept."""
    what, answers = str(asking.given("what")), asking.answers
    row: dict[str, Any] = {"oproep": asking.given("oproep"), "site": None, "agreement": None, "grant": None, "moment": None, "start": None}
    if what == MORE and (grant := _grant(asking)) is not None:
        row |= {"oproep": grant.oproep, "site": grant.site, "agreement": grant.agreement, "grant": grant.id}
    elif what == REOPEN:
        moment = directory.read_moment(asking.tx, asking.person, asking.chosen("moment") or 0)
        held = next(each for each in fact_reading.read_grants(asking.tx, asking.person) if each.id == moment.grant)
        row |= {"oproep": moment.oproep, "site": held.site, "agreement": held.agreement, "grant": held.id, "moment": moment.id}
    else:
        start = date.fromisoformat(answers["from_day"])
        row |= {"site": asking.chosen("site", "house"), "agreement": asking.chosen("agreement"), "start": start}
    texts = {each.key for each in asking.form.fields if each.kind == "text"}
    motive = " ".join(answers[key] for key in sorted(texts) if answers.get(key))
    applying = {each.key for each in path(asking.form, answers)}
    return {
        **row, "person": asking.person, "network": asking.network.id, "kind": what, "minutes": asking.given("hours"),
        "rule": rule_of(what, str(row["oproep"])), "motive": motive[:300] or None, "draft": asking.draft.aside.get("waits"),
        "answers": {key: value for key, value in answers.items() if key in applying - texts},
    }  # fmt: skip
