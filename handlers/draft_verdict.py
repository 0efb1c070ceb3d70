"""What can be said of a draft as it stands: the verdict as early as it can be known, and what would be allowed instead."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from handlers import request_form
from handlers.choices import press
from handlers.moment_form import submission_of
from handlers.planned import after_the_fact, as_plan, cautions_of
from handlers.registering import judge_moment
from handlers.request_form import to_ask
from handlers.screen import Choice, Text, say
from handlers.turn import PLAN, Turn
from rules import clientdata
from rules.judge import judge_people
from rules.quota import QUOTA_RULE
from rules.verdict import Finding, Verdict
from storage import accounts, directory, fact_reading
from storage.accounts import Session

FITS_RULES = frozenset({*QUOTA_RULE.values(), "O1-14", "O2-11"})
ASK_WORDS = {"more": "requests.ask_more", "hours": "requests.ask_hours_here", "overkop": "requests.ask_overkop"}
FREE_FIELDS = frozenset({"text", "topic", "start"})
PEOPLE_FIELDS = frozenset({"present", "channel", "declared", "declared_co_consult"})


def early_verdict(turn: Turn, answered: frozenset[str] | None = None) -> Verdict | None:
    """The verdict as early as it can be known; None when there is nothing to say yet.

    `answered`: the fields just answered. What they cannot change is not judged again, unless it was refused before, so that
    the refusal stays said until it is mended.
    """
    setting, draft = turn.setting, turn.draft
    sub = submission_of(setting, turn.person, draft.answers)
    if sub is None:
        return None
    complete = turn.field is None
    if answered is not None and not complete and not draft.aside.get("refused"):
        if answered <= FREE_FIELDS and "day" in draft.answers:
            return None
        if answered <= PEOPLE_FIELDS:
            people = judge_people(setting.book, sub, setting.asked.today)
            return as_plan(people) if draft.purpose == PLAN else people
    if not complete and "place" not in draft.answers:
        return None
    if draft.purpose == PLAN:
        return as_plan(judge_moment(turn.tx, setting.book, sub, after_the_fact(sub, turn.event.now), partial=not complete))
    moment = directory.read_moment(turn.tx, turn.person, draft.moment) if draft.moment is not None else None
    return judge_moment(turn.tx, setting.book, sub, turn.event.now, partial=not complete, instead_of=moment)


def refusal_of(verdict: Verdict | None) -> str | None:
    """Whether a draft is refused: "final" when only another answer can mend that, "rules" when a new rulebook can (GEN-01)."""
    if verdict is None or verdict.outcome != "refused":
        return None
    waits = any(finding.rule == "GEN-01" and not finding.facts.get("before") for finding in verdict.findings)
    return "rules" if waits else "final"


def cautions(turn: Turn, verdict: Verdict | None) -> tuple[Text, ...]:
    """What is worth a second look and no rule forbids: words that may point at somebody; time that an opening balance counts already."""
    if turn.draft.purpose == PLAN:
        planned = cautions_of(turn.tx, turn.person, turn.draft.answers, turn.event.now, turn.draft.aside.get("moves"))
        return (*_words_of_somebody(turn), *planned)
    return (*_words_of_somebody(turn), *_in_opening(turn, verdict))


def _words_of_somebody(turn: Turn) -> tuple[Text, ...]:
    """A remark on a description that may point at a person (PRIV-01) and is not refused for it; its words are not repeated."""
    described = (turn.draft.answers.get(key) for key in ("text", "topic"))
    kinds = tuple(dict.fromkeys(kind for text in described if isinstance(text, str) for kind in clientdata.caution(text)))
    return (say("problems.client_data_perhaps", kinds=kinds),) if kinds else ()


def _in_opening(turn: Turn, verdict: Verdict | None) -> tuple[Text, ...]:
    if verdict is None or verdict.before is None or "day" not in turn.draft.answers:
        return ()
    day = directory.read_opening_days(turn.tx, turn.person).get(int(verdict.before.grant.id))
    if day is None or turn.draft.answers["day"] > day.isoformat() or turn.draft.purpose != "register":
        return ()
    return (say("registration.in_opening", day=day),)


def offers(turn: Turn, verdict: Verdict) -> Iterator[tuple[Choice, ...]]:
    """What would be allowed instead of what was refused: what fits, four hours at most, advice, keeping it for later."""
    answers = turn.draft.answers
    refused = {finding.rule: finding for finding in verdict.findings if finding.level == "refuse"}
    if refused.keys() == {"DRV-01"} and turn.draft.purpose == "register" and not turn.draft.aside.get("plan"):
        yield _offer(turn, say("plans.plan_this"), ".plan")
    room = next((finding.facts["room"] for finding in refused.values() if finding.facts.get("room")), 0)
    if room and "length" in answers and refused.keys() <= FITS_RULES:
        yield _offer(turn, say("card.book_rest", minutes=room), ".fit", str(room))
    longest = next((finding.limit for finding in refused.values() if finding.facts.get("long")), None)
    if longest is not None and "length" in answers:
        yield _offer(turn, say("card.book_most", minutes=longest), ".fit", str(longest))
    few: Finding | None = refused.get("O3-40") or refused.get("O4-24")
    has_agreement = any(place.oproep == "O3" for place in turn.setting.places)
    if few is not None and (few.asked or 0) >= 1 and (few.limit or 0) > 1 and has_agreement:
        yield _offer(turn, say("card.as_advice"), ".advice")
    if turn.draft.purpose == "register" and (asked := request_of(turn, verdict)) is not None:
        yield _offer(turn, say(ASK_WORDS[asked["what"]]), ".ask")
    if turn.draft.purpose == "register":
        rules = refusal_of(verdict) == "rules"
        yield _offer(turn, say("card.keep_waiting" if rules else "card.keep_later"), ".wait" if rules else ".park")


def request_of(turn: Turn, verdict: Verdict) -> dict[str, Any] | None:
    """The request to the coordinator that would help a refused moment, as answers of its form (O1-16, O2-11, O4-17)."""
    setting = turn.setting
    place = setting.place(turn.draft.answers.get("place"))
    house = place is not None and place.value.startswith("s") and fact_reading.read_site(turn.tx, int(place.value[1:])).kind == "overkop"
    asked = to_ask(verdict, turn.draft.answers, setting.book.on(setting.asked.today)["more_hours.allowed"], house)
    if asked is not None and "site" in asked:
        asked = {**asked, "oproep": place.oproep if place is not None else "O1"}
    return asked if request_form.FORM in setting.book.forms else None


def _offer(turn: Turn, text: Text, verb: str, value: str = "") -> tuple[Choice, ...]:
    return (Choice(text, press(turn.draft, verb, value)),)


def advice(turn: Turn, verdict: Verdict | None) -> tuple[Text, ...]:
    """Where more hours can be asked, when the quota is what refuses (O1-16, O4-17, A-23)."""
    if verdict is None or verdict.outcome != "refused":
        return ()
    refused = {finding.rule for finding in verdict.findings if finding.level == "refuse"}
    oproep = next((each for each, rule in QUOTA_RULE.items() if rule in refused), None)
    if oproep is None or oproep not in turn.setting.book.on(turn.setting.asked.today)["more_hours.allowed"]:
        return ()
    return (say("registration.more_hours", coordinator=coordinator_name(turn.tx, turn.session)),)


def coordinator_name(tx: Connection, session: Session) -> str:
    """The names of the person's own coordinators, empty when there is none."""
    ids = tuple(row.id for row in accounts.networks_of(tx, session.person or 0))
    return ", ".join(f"{row.first_name} {row.name}" for row in accounts.people_with_role(tx, "coordinator", ids))
