"""A decision that needs words or numbers: other hours, another first day, or the reason of a refusal; asked in private."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from handlers.card import problems_of
from handlers.choices import in_rows, press
from handlers.confirm_words import confirm_word, says_nothing
from handlers.draft_turn import DraftTurn
from handlers.request_cards import MARK, STANDARD, about
from handlers.request_decisions import allowed, book_of, grant, refuse, see_private, show_request, too_late
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.typed_line import client_data_seen
from handlers.world import World
from rules import clientdata
from rules.forms import Asked, Field, Form, apply, next_field
from rules.periods import add_months
from rules.requests import HOURS, MORE, OVERKOP
from storage import drafts, requests
from storage.accounts import Session

PURPOSE, FORM = "decide", "besluit"
# `how` is known when it opens: both hours and day, hours only (more on a grant), day only (who joins a pool), or refuse.
DECISION = Form(FORM, (
    Field("how", "choice", ("both", "hours", "day", "refuse")), Field("hours", "hours", when={"how": ("both", "hours")}),
    Field("from_day", "day", when={"how": ("both", "day")}), Field("reason", "text", when={"how": ("refuse",)}),
))  # fmt: skip


@dataclass(frozen=True)
class Deciding(DraftTurn):
    """One turn of a decision that needs words or numbers: who decides, on which request."""

    @cached_property
    def row(self) -> Any:
        """The request."""
        return requests.read_request(self.tx, self.draft.aside["request"])

    @property
    def field(self) -> Field | None:
        """The open question."""
        return next_field(DECISION, self.draft.answers)

    @property
    def asked(self) -> Asked:
        """What reading an answer needs."""
        return Asked(self.event.today)


def open_decision(tx: Connection, world: World, session: Session, event: Event, row: Any, how: str) -> Screen:
    """Begin to adjust or to refuse a request. `row` is the request's."""
    answers = {"how": _how(tx, row) if how == "adjust" else how}
    draft = drafts.open_draft(
        tx, session.person or 0, FORM, row.network, answers, event.now, purpose=PURPOSE, aside={"request": row.id}
    )
    shown = show(Deciding(tx, world, session, event, draft))
    return replace(shown, private=True, fresh=True, notice=see_private(event))


def _how(tx: Connection, row: Any) -> str:
    """What can be changed of what was asked: who joins a running pool of oproep 2 shares the hours that it has (A-45)."""
    if row.kind == MORE:
        return "hours"
    joins = row.kind == HOURS and row.oproep == "O2" and requests.pool_at(tx, row.site, row.start) is not None
    return "day" if joins else "both"


def resume(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The open decision as it stands now."""
    assert session.draft is not None  # noqa: S101 - asked by callers that have seen the draft
    return _checked(Deciding(tx, world, session, event, session.draft), show)


def _checked(deciding: Deciding, go_on: Callable[[Deciding], Screen]) -> Screen:
    """Go on while the request waits and she may decide it: both can have changed since the question was asked."""
    row = deciding.row
    if row is not None and row.state == requests.WAITING and allowed(deciding.tx, deciding.session, deciding.event, row, "request.decide"):
        return go_on(deciding)
    drafts.end_draft(deciding.tx, deciding.draft, "cancelled", deciding.event.now)
    if row is None or row.state == requests.WAITING:
        return Screen(say("requests.not_found"), draft=deciding.draft.id)
    return replace(too_late(deciding.session, deciding.event, row), draft=deciding.draft.id)


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Typed hours, day or reason; a reason is screened before it is kept."""
    assert session.draft is not None  # noqa: S101
    return _checked(Deciding(tx, world, session, event, session.draft), lambda each: _typed(each, event.text))


def _typed(deciding: Deciding, text: str) -> Screen:
    field = deciding.field
    refuses = deciding.draft.answers["how"] == "refuse"
    if field is None and (word := confirm_word(text)) is not None:
        return _press(deciding, word, "")
    if field is None and not refuses:
        return show(deciding, problems=(say("problems.typed_for_button"),))
    if seen := clientdata.screen(text):
        return show(deciding, problems=(client_data_seen(seen),))
    key = field.key if field is not None else "reason"
    if key == "reason" and says_nothing(text):
        return show(deciding, problems=(say("requests.reason_short"),))
    answers, found = apply(DECISION, deciding.draft.answers, {key: text}, deciding.asked)
    if found:
        return show(deciding, problems=problems_of(found))
    return _keep(deciding, answers)


def press_card(tx: Connection, world: World, session: Session, event: Event, revision: int, verb: str, value: str) -> Screen:
    """A button of the open decision, on the revision it was made for."""
    assert session.draft is not None  # noqa: S101
    deciding = Deciding(tx, world, session, event, session.draft)
    if session.draft.revision != revision:
        return replace(resume(tx, world, session, event), notice=say("problems.stale"))
    return _checked(deciding, lambda each: _press(each, verb, value))


def _press(deciding: Deciding, verb: str, value: str) -> Screen:
    draft, row = deciding.draft, deciding.row
    given = [each.key for each in DECISION.fields[1:] if each.key in draft.answers]
    if verb == ".back" and given:
        return _keep(deciding, {key: value for key, value in draft.answers.items() if key != given[-1]})
    if verb in (".cancel", ".back"):
        drafts.end_draft(deciding.tx, draft, "cancelled", deciding.event.now)
        return replace(show_request(deciding.tx, deciding.world, deciding.session, deciding.event, row), draft=draft.id)
    if verb == ".because" and draft.answers.get("how") == "refuse" and value in STANDARD:
        drafts.end_draft(deciding.tx, draft, "done", deciding.event.now)
        return refuse(deciding.tx, deciding.session, deciding.event, row, MARK + value, draft)
    if verb in (".ok", ".send") and deciding.field is None:
        drafts.end_draft(deciding.tx, draft, "done", deciding.event.now)
        if draft.answers["how"] == "refuse":
            return refuse(deciding.tx, deciding.session, deciding.event, row, draft.answers["reason"], draft)
        start = date.fromisoformat(draft.answers["from_day"]) if "from_day" in draft.answers else row.start
        minutes = draft.answers.get("hours", row.minutes)
        minutes = None if row.minutes is None and minutes == _whole(deciding) else minutes
        return grant(deciding.tx, deciding.world, deciding.session, deciding.event, row, minutes, start, draft)
    field = deciding.field
    if field is None or field.key != verb or field.kind == "text":
        return replace(show(deciding), notice=say("problems.stale"))
    answers, found = apply(DECISION, draft.answers, {verb: value}, deciding.asked)
    return show(deciding) if found else _keep(deciding, answers)


def _keep(deciding: Deciding, answers: Mapping[str, Any]) -> Screen:
    changed = drafts.change_draft(deciding.tx, deciding.draft, dict(answers), deciding.draft.aside, deciding.event.now)
    return replace(show(deciding), notice=say("problems.stale")) if changed is None else show(deciding.on(changed))


def show(deciding: Deciding, *, problems: tuple[Text, ...] = ()) -> Screen:
    """The card of a decision: the request above, the question or the last press below."""
    draft, row, field = deciding.draft, deciding.row, deciding.field
    body: list[Text] = [say("requests.asks", name=f"{row.first_name} {row.name}", network=row.network_name), *about(row)]
    answers = draft.answers
    if "hours" in answers:
        body.append(say("requests.will_get", minutes=answers["hours"]))
    if "from_day" in answers:
        body.append(say("requests.from_day", day=answers["from_day"]))
    if "reason" in answers:
        body.append(say("requests.because", reason=answers["reason"]))
    rows: list[tuple[Choice, ...]] = []
    asks = None
    if field is not None and field.key == "reason":
        asks = say("requests.ask_reason")
        rows += [(Choice(say(f"requests.because_{each}"), press(draft, ".because", each)),) for each in STANDARD]
    elif field is not None and field.key == "hours":
        asks = say("requests.ask_hours")
        rows += in_rows([Choice(say("card.length", minutes=each), press(draft, "hours", f"{each} min")) for each in _fewer(deciding)], 4)
    elif field is not None:
        asks = say("requests.ask_from_day")
        days = dict.fromkeys((row.start or deciding.asked.today, deciding.asked.today, add_months(deciding.asked.today.replace(day=1), 1)))
        rows += [(Choice(say("card.day", day=day), press(draft, "from_day", day.isoformat())),) for day in days]
    elif answers["how"] == "refuse":
        rows.append((Choice(say("requests.refuse_it"), press(draft, ".ok")),))
    else:
        rows.append((Choice(say("requests.grant_it"), press(draft, ".ok")),))
    rows.append((Choice(say("card.back"), press(draft, ".back")), Choice(say("card.cancel"), press(draft, ".cancel"))))
    title = say("requests.deciding", request=row.id, how=answers["how"])
    return Screen(title, tuple(body), (), problems, asks, tuple(rows), draft=draft.id, language=deciding.session.language or "nl")


def _whole(deciding: Deciding) -> int:
    """The minutes that were asked, else the rulebook's; 0 when it has none."""
    row = deciding.row
    settings = book_of(deciding.tx, deciding.world, row).on(row.start or deciding.asked.today)
    return int(row.minutes or settings["limit.O2.overkop" if row.kind == OVERKOP else f"limit.{row.oproep}"])


def _fewer(deciding: Deciding) -> tuple[int, ...]:
    """Hours to choose from: all of it, three quarters, half, a quarter, in whole half hours."""
    whole_ = _whole(deciding) or 240
    return tuple(dict.fromkeys((whole_, *(each for part in (3, 2, 1) if (each := whole_ * part // 4 // 30 * 30)))))
