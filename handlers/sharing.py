""" "Collega's waren erbij": who registered a moment names who else was there; each of them is asked in private."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from handlers import share_answers
from handlers.choices import in_rows, press
from handlers.draft_turn import DraftTurn
from handlers.draft_verdict import coordinator_name
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.share_news import ask_colleague, kept_mine, what_of_moment
from handlers.showing import WAY_ON
from handlers.world import World
from rules.typed import fold, whole
from storage import accounts, directory, drafts, fact_reading, scope, shares
from storage.accounts import Draft, Session
from storage.shares import Colleague

PURPOSE = "share"
PAGE = 8
MOST = 30  # colleagues at one moment


@dataclass(frozen=True)
class NamingColleagues(DraftTurn):
    """The colleagues that somebody names for one of her moments. `row`: the moment with her name."""

    row: Any

    @property
    def chosen(self) -> list[int]:
        """The ids of who was named so far."""
        return list(self.draft.aside.get("chosen", ()))

    def offered(self) -> list[Colleague]:
        """Who can be named: those of the place, or of her networks; whom her typed name found; not who was asked before."""
        near = _near(self.tx, self.row)
        found = self.draft.aside.get("found")
        if found is not None:
            everybody = _everybody(self.tx, self.row)
            near = [everybody[each] for each in found if each in everybody]
        asked = {each.person for each in shares.shares_of(self.tx, self.row.id)} | {shares.made_from(self.tx, self.row.id)}
        return [each for each in near if each.id not in asked]


def _near(tx: Connection, row: Any) -> list[Colleague]:
    if row.oproep in ("O1", "O2"):
        grant = next((each for each in fact_reading.read_grants(tx, row.person) if each.id == row.grant), None)
        if grant is not None and grant.site is not None:
            return shares.colleagues_at(tx, row.person, grant.site, row.day)
    return shares.colleagues_of(tx, row.person, row.day)


def _everybody(tx: Connection, row: Any) -> dict[int, Colleague]:
    """All that can be meant by a name, by their id."""
    return {each.id: each for each in (*_near(tx, row), *shares.colleagues_of(tx, row.person, row.day))}


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """The button under a moment ("share:MOMENT"), or the answer of a colleague ("share:yes:ID:VERSION", "share:no:ID", "share:keep:ID")."""
    verb, _, value = rest.partition(":")
    number, _, version = value.partition(":")
    today = event.today
    if not scope.may(tx, session, "share.answer", today, person=session.person):
        return _gone()
    if verb in ("yes", "no", "keep"):
        row = shares.read_share(tx, session.person or 0, whole(number) or 0)
        if row is None:
            return _gone()
        if verb == "keep":
            return kept_mine(tx, world, row) if row.state == shares.CONFIRMED else _gone()
        if verb == "no":
            return share_answers.was_not_there(tx, world, session, event, row)
        return share_answers.was_there(tx, world, session, event, row, whole(version) or 0)
    return open_naming(tx, world, session, event, whole(verb) or 0)


def open_naming(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen:
    """Begin to name who was there at one of her own moments."""
    row = directory.read_moment(tx, session.person or 0, moment)
    if row is None or not scope.may(tx, session, "share.ask", event.today, person=row.person):
        return _gone()
    if row.state != "accepted" or not row.submitted.get("answers"):
        return Screen(say("receipt.cancelled", moment=row.id), choices=WAY_ON)
    if session.draft is not None and session.draft.purpose == PURPOSE:
        drafts.end_draft(tx, session.draft, "cancelled", event.now)
    mine = accounts.networks_of(tx, row.person)
    if not mine:
        return Screen(say("registration.no_network"), fresh=True)
    aside = {"moment": row.id}
    draft = drafts.open_draft(tx, row.person, row.submitted["form"], mine[0].id, {}, event.now, purpose=PURPOSE, aside=aside)
    return replace(_show(NamingColleagues(tx, world, session, event, draft, row)), fresh=True)


def _naming(tx: Connection, world: World, session: Session, event: Event) -> NamingColleagues | None:
    assert session.draft is not None  # noqa: S101 - asked by callers that have seen the draft
    row = directory.read_moment(tx, session.person or 0, session.draft.aside.get("moment", 0))
    if row is None or row.state != "accepted":
        drafts.end_draft(tx, session.draft, "cancelled", event.now)
        return None
    return NamingColleagues(tx, world, session, event, session.draft, row)


def resume(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The open question as it stands."""
    naming = _naming(tx, world, session, event)
    return _show(naming) if naming is not None else _gone()


def type_answer(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A typed name: who is meant among her colleagues; the only one is named at once."""
    naming = _naming(tx, world, session, event)
    if naming is None:
        return _gone()
    wanted = fold(event.text.strip())
    everybody = _everybody(tx, naming.row)
    found = [each.id for each in everybody.values() if len(wanted) > 1 and wanted in fold(each.name)]
    if not found:
        return _show(naming, problems=(say("shares.nobody_found"),))
    found = [each for each in found if fold(everybody[each].name) == wanted] or found
    if len(found) == 1 and found[0] not in naming.chosen:
        return _pick(replace(naming, draft=naming.draft._replace(aside={**naming.draft.aside, "found": found})), str(found[0]), found)
    return _keep(naming, {"found": found})


def press_card(tx: Connection, world: World, session: Session, event: Event, revision: int, verb: str, value: str) -> Screen:
    """A button of the card. It counts once, on the revision it was made for; else the present state is shown."""
    naming = _naming(tx, world, session, event)
    if naming is None:
        return _gone()
    if naming.draft.revision != revision or verb not in VERBS:
        return replace(_show(naming), notice=say("problems.stale"))
    return VERBS[verb](naming, value)


def _show(naming: NamingColleagues, problems: tuple[Text, ...] = ()) -> Screen:
    draft, offered, chosen = naming.draft, naming.offered(), naming.chosen
    before = tuple(
        say("shares.state", name=f"{each.first_name} {each.name}", state=each.state) for each in shares.shares_of(naming.tx, naming.row.id)
    )
    names = _names(naming, chosen)
    body = (what_of_moment(naming.tx, naming.world, naming.row), *before, *((say("shares.chosen", names=names),) if names else ()))
    first = PAGE * int(draft.aside.get("page", 0))
    rows = in_rows([_button(draft, each, chosen) for each in offered[first : first + PAGE]], 1)
    if len(offered) > PAGE:
        following = 0 if first + PAGE >= len(offered) else first // PAGE + 1
        rows.append((Choice(say("card.more"), press(draft, ".page", str(following))),))
    if chosen:
        rows.append((Choice(say("shares.send", count=len(chosen)), press(draft, ".send")),))
    everybody = (Choice(say("shares.everybody"), press(draft, ".all")),) if "found" in draft.aside else ()
    rows.append((*everybody, Choice(say("shares.close"), press(draft, ".cancel"))))
    asks = say("shares.ask" if offered else "shares.ask_typed")
    return Screen(say("shares.title"), body, problems=problems, asks=asks, choices=tuple(rows), draft=draft.id)


def _button(draft: Draft, colleague: Colleague, chosen: Sequence[int]) -> Choice:
    label = say("shares.colleague", name=colleague.name, linked=colleague.linked, chosen=colleague.id in chosen)
    return Choice(label, press(draft, ".pick", str(colleague.id)))


def _names(naming: NamingColleagues, ids: Sequence[int]) -> list[str]:
    everybody = _everybody(naming.tx, naming.row)
    return [everybody[each].name for each in ids if each in everybody]


def _keep(naming: NamingColleagues, more: Mapping[str, Any]) -> Screen:
    aside = {key: value for key, value in {**naming.draft.aside, "page": 0, **more}.items() if value is not None}
    changed = drafts.change_draft(naming.tx, naming.draft, {}, aside, naming.event.now)
    if changed is None:
        return replace(_show(naming), notice=say("problems.stale"))
    return _show(replace(naming, draft=changed))


def _pick(naming: NamingColleagues, value: str, found: list[int] | None = None) -> Screen:
    """Name a colleague, or take her off again; one who is in no chat cannot be asked, and that is said. `found`: whom to show next,
    None: everybody."""
    number = whole(value) or 0
    chosen = naming.chosen
    if number in chosen:
        return _keep(naming, {"chosen": [each for each in chosen if each != number], "page": naming.draft.aside.get("page", 0)})
    colleague = next((each for each in naming.offered() if each.id == number), None)
    if colleague is None or len(chosen) >= MOST:
        return replace(_show(naming), notice=say("problems.stale"))
    if not colleague.linked:
        coordinator = coordinator_name(naming.tx, naming.session)
        return _show(naming, problems=(say("shares.not_linked", name=colleague.name, coordinator=coordinator),))
    return _keep(naming, {"chosen": [*chosen, number], "found": found})


def _page(naming: NamingColleagues, value: str) -> Screen:
    return _keep(naming, {"page": whole(value) or 0})


def _all(naming: NamingColleagues, value: str) -> Screen:
    return _keep(naming, {"found": None})


def _send(naming: NamingColleagues, value: str) -> Screen:
    """Ask each of them once. Who registered the same moment herself needs no question."""
    tx, event = naming.tx, naming.event
    everybody = _everybody(tx, naming.row)
    asked: list[int] = []
    known: list[int] = []
    for number in naming.chosen:
        if number not in everybody or not everybody[number].linked:
            continue
        share = shares.ask(tx, naming.row.id, number, event.now)
        if share is None:
            continue
        own = shares.same_moment(tx, number, naming.row)
        if own is not None:
            shares.answer(tx, share, number, shares.CONFIRMED, event.now, own)
            known.append(number)
        elif ask_colleague(tx, share, number, event.now):
            asked.append(number)
    drafts.end_draft(tx, naming.draft, "done", event.now)
    said = say("shares.sent", names=_names(naming, asked)) if asked else say("shares.nobody_asked")
    body = (say("shares.registered_too", names=_names(naming, known)),) if known else ()
    body = (*body, say("shares.you_will_hear")) if asked else body
    choices = ((Choice(say("overview.open_this"), f"moment:{naming.row.id}"),), *WAY_ON)
    return Screen(said, body, choices=choices, draft=naming.draft.id, notice=say("shares.sent_short") if asked else None)


def _cancel(naming: NamingColleagues, value: str) -> Screen:
    drafts.end_draft(naming.tx, naming.draft, "cancelled", naming.event.now)
    choices = ((Choice(say("overview.open_this"), f"moment:{naming.row.id}"),), *WAY_ON)
    return Screen(say("shares.closed"), choices=choices, draft=naming.draft.id)


def _gone() -> Screen:
    """Not hers, or not there: both look the same."""
    return Screen(say("shares.gone"), choices=WAY_ON, notice=say("shares.gone"))


VERBS: Mapping[str, Callable[[NamingColleagues, str], Screen]] = {
    ".pick": _pick, ".page": _page, ".all": _all, ".send": _send, ".cancel": _cancel, ".back": _all,
}  # fmt: skip
