"""Everything that can be done, one row each: the command or button, the action that storage.scope is asked about, who does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from handlers import (
    access,
    attesting,
    balances,
    channel_settings,
    channels,
    commands,
    evaluating,
    finding,
    handing_over,
    inviting,
    kept,
    linking,
    member_card,
    network,
    overview,
    page_links,
    personal,
    plan_buttons,
    planning,
    preferring,
    regranting,
    repeating,
    requesting,
    sharing,
    standing_in,
    starting,
    summary,
    suspending,
    waiting_requests,
    what_if,
)
from handlers.conversations import CONVERSATIONS, taken_up
from handlers.screen import Event, Screen, say
from handlers.world import World
from rules.typed import whole
from storage import accounts, directory, drafts, scope
from storage.accounts import Session
from storage.scope import PROVIDER

Handler = Callable[[Connection, World, Session, Event], Screen]
Do = Callable[[Connection, World, Session, Event, str], Screen | None]


@dataclass(frozen=True)
class Row:
    """A thing that can be done. `action`: its row in storage.scope.ACTIONS. `do`: makes the screen from what follows the name;
    None when that means nothing. `refused`: what is said to who may not, the same as when there is nothing to find (empty: the
    usual words). `aside`: the open question stands below the answer again."""

    action: str
    do: Do
    refused: str = ""
    aside: bool = False


def plain(handler: Handler) -> Do:
    """A handler that needs nothing but the event."""
    return lambda tx, world, session, event, rest: handler(tx, world, session, event)


def one(handler: Callable[[Connection, World, Session, Event, int], Screen]) -> Do:
    """A handler that needs a number."""

    def do(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
        number = whole(rest.partition(":")[0])
        return handler(tx, world, session, event, number) if number is not None else None

    return do


def two(handler: Callable[[Connection, World, Session, Event, int, int], Screen]) -> Do:
    """A handler that needs two numbers."""

    def do(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
        numbers = [whole(each) for each in rest.split(":")[:2]]
        if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
            return None
        return handler(tx, world, session, event, numbers[0], numbers[1])

    return do


def unlocked(do: Do) -> Do:
    """A change of a booked moment: not while it is locked (DRV-08)."""

    def look(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
        number = whole(rest.partition(":")[0])
        locked = lock_of(tx, world, session, event, number) if number is not None else None
        return locked or do(tx, world, session, event, rest)

    return look


def lock_of(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen | None:
    """What is said of a moment that may not be changed any more; None while it may."""
    row = directory.read_moment(tx, session.person or 0, moment)
    return requesting.lock_screen(tx, world, session, event, row) if row is not None and row.state == "accepted" else None


def _form(command: str) -> Row:
    def do(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
        return replace(starting.start(tx, world, session, event, command), fresh=True)

    return Row("moment.register", do)


def _press_form(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    form, _, network = rest.partition(":")
    if form not in commands.FORMS:
        return None
    opened = starting.start(tx, world, session, replace(event, text=""), form, network=whole(network) if network else None)
    return replace(opened, fresh=True)


def _start(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    if session.person is None:
        return access.knock(tx, session, event)
    if not scope.may(tx, session, "self.menu", event.today):
        return None
    if event.text.strip():
        return Screen(say("access.already_linked", name=session.first_name), fresh=True)
    return personal.menu(tx, world, session, event)


def _link(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    if (invite := whole(rest)) is None:
        return None
    refused = access.link(tx, session, event, invite)
    if refused is not None:
        return refused
    linked = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    greeting = replace(personal.menu(tx, world, linked, event, linked=True), language=linked.language or "nl")
    return replace(greeting, also=standing_in.told_at_linking(tx, world, linked, event))


def _resume(tx: Connection, world: World, session: Session, event: Event, draft: int) -> Screen:
    """Go on with a kept draft, of whatever conversation."""
    purpose = drafts.purpose_of(tx, session.person or 0, draft)
    open_one = CONVERSATIONS.get(purpose or "")
    if open_one is None and purpose is not None and PROVIDER not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    opened = drafts.resume_draft(tx, session.person or 0, draft, event.now) if open_one is not None else None
    if open_one is None or opened is None:
        return kept.resume(tx, world, session, event, draft)
    return replace(open_one.resume(tx, world, taken_up(tx, replace(session, draft=opened)), event), fresh=True)


def _requests(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    show_them = requesting.show_requests if PROVIDER in session.roles else waiting_requests.list_waiting
    return show_them(tx, world, session, event)


def _overview(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A provider's own moments; an existing working sees the activities of oproep 3 and 4."""
    if PROVIDER not in session.roles:
        return finding.show_activities(tx, world, session, event, 0)
    if event.kind == "command":
        return overview.find_typed(tx, world, session, event)
    return overview.show_page(tx, world, session, event, whole(rest.partition(":")[0]) or 0)


def _language(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    if event.kind == "press" and rest:
        return personal.set_language(tx, world, session, event, rest)
    return personal.ask_language(tx, world, session, event)


# What can be typed with a slash, by its Dutch name. `annuleer` is a button of the open card.
COMMANDS: Mapping[str, Row] = {
    "start": Row("access.start", _start, aside=True),
    **{command: _form(command) for command in commands.FORMS},
    "watals": Row("moment.register", plain(what_if.judge_line), aside=True),
    "saldo": Row("balance.view", plain(balances.show_balances), aside=True),
    "overzicht": Row("overview.view", _overview, "registration.not_provider", aside=True),
    "samenvatting": Row("summary.view", plain(summary.show_summary), "summary.not_found", aside=True),
    "planning": Row("plan.change", plain(planning.show_plans), aside=True),
    "herinneringen": Row("self.remind", plain(preferring.show), aside=True),
    "aanvraag": Row("request.list", _requests, aside=True),
    "zoek": Row("directory.search", plain(finding.command), aside=True),
    "netwerk": Row("network.view", plain(network.command), aside=True),
    "overdracht": Row("network.hand_over", plain(handing_over.command), aside=True),
    "koppel": Row("access.link_other", plain(linking.command), aside=True),
    "pagina": Row("self.page", plain(page_links.offer_page)),
    "taal": Row("self.language", _language, aside=True),
    "privacy": Row("self.privacy", plain(personal.privacy), aside=True),
    "help": Row("self.menu", plain(personal.help_screen), aside=True),
}
# Commands that are answered at once, whatever question is open.
SIDE = frozenset({
    "watals", "saldo", "overzicht", "samenvatting", "planning", "herinneringen", "aanvraag", "zoek", "netwerk", "overdracht", "pagina",
    "taal",    "privacy", "help",
})  # fmt: skip

# What can be pressed in private: the whole meaning of the button, or its first word.
PRESSES: Mapping[str, Row] = {
    "link": Row("access.link", _link),
    "notme": Row("access.link", lambda tx, world, session, event, rest: access.decline(tx, session)),
    "unlink": Row("access.unlink", one(lambda tx, world, session, event, account: access.undo_link(tx, session, event, account))),
    "menu": Row("self.menu", plain(personal.menu), aside=True),
    "help": Row("self.menu", plain(personal.help_screen), aside=True),
    "page": Row("self.page", page_links.offer_page),
    "taal": Row("self.language", _language, aside=True),
    "privacy": Row("self.privacy", plain(personal.privacy), aside=True),
    "export": Row("self.export", plain(personal.export), aside=True),
    "linkcode": Row("access.link_other", plain(linking.give_code), aside=True),
    "unlinkme": Row("access.unlink", plain(personal.ask_unlink), aside=True),
    "unlinkme:yes": Row("access.unlink", plain(personal.unlink), aside=True),
    "report": Row("self.report", plain(personal.report), aside=True),
    "form": Row("moment.register", _press_form),
    "resume": Row("self.draft", one(_resume)),
    "saldo": Row("balance.view", plain(balances.show_balances), aside=True),
    "overzicht": Row("overview.view", _overview, "registration.not_provider"),
    "moment": Row("moment.view", one(overview.show_moment)),
    "why": Row("moment.view", one(overview.explain)),
    "correct": Row("moment.change", unlocked(one(overview.correct))),
    "undo": Row("moment.change", unlocked(two(overview.undo))),
    "restore": Row("moment.change", unlocked(two(overview.restore))),
    "cancel": Row("moment.change", unlocked(two(overview.ask_cancel))),
    "plan": Row("plan.change", plan_buttons.pressed),
    "share": Row("share.answer", sharing.pressed),
    "ask": Row("request.ask", requesting.pressed),
    "rq": Row("request.view", waiting_requests.pressed, "requests.not_found"),
    "standin": Row("request.stand_in", standing_in.pressed, "requests.not_found"),
    "samenvatting": Row("summary.view", summary.show_summary, "summary.not_found", aside=True),
    "summary": Row("summary.view", summary.show_network, "summary.not_found"),
    "excel": Row("summary.export", summary.press_excel, "summary.not_found"),
    "evaluated": Row("evaluation.note", one(evaluating.ask_when)),
    "evaluatedon": Row("evaluation.note", two(evaluating.note_evaluation)),
    "evaluations": Row("evaluation.view", one(evaluating.show_late), "reminders.gone"),
    "offer": Row("offer.attest", two(attesting.answer)),
    "offers": Row("offer.view", one(attesting.show_unsure), "reminders.gone"),
    "find": Row("directory.search", finding.pressed),
    "acts": Row("activity.view", one(finding.show_activities)),
    "net": Row("network.view", network.pressed),
    "who": Row("person.view", two(member_card.show_person)),
    "invite": Row("person.invite", two(inviting.invite)),
    "inviteall": Row("person.invite", inviting.invite_all),
    "suspend": Row("person.suspend", suspending.suspend),
    "letin": Row("person.suspend", suspending.restore),
    "regrant": Row("grant.correct", regranting.pressed),
    "chans": Row("channel.view", one(channel_settings.show_channels)),
    "chan": Row("channel.change", channel_settings.pressed),
    "bind": Row("channel.bind", one(channels.give_code)),
    "handover": Row("network.hand_over", handing_over.pressed),
    "herinneringen": Row("self.remind", plain(preferring.show), aside=True),
    "prefs:hour": Row("self.remind", plain(preferring.ask_hour), aside=True),
    "prefs:quiet": Row("self.remind", plain(preferring.ask_quiet), aside=True),
    "prefs:away": Row("self.remind", plain(preferring.ask_leave), aside=True),
    "later": Row("self.remind", one(preferring.ask_later)),
    "hour": Row("self.remind", one(preferring.set_hour)),
    "quiet": Row("self.remind", one(preferring.set_quiet)),
    "quietdays": Row("self.remind", one(preferring.set_quiet_days)),
    "away": Row("self.remind", one(preferring.set_leave)),
    "remind": Row("self.remind", preferring.switch),
    "snooze": Row("self.remind", two(preferring.snooze)),
}

# Who reads what is typed under a question that is no card's, by `screen.Question.reader`.
ANSWERS: Mapping[str, Row] = {
    "hour": Row("self.remind", plain(preferring.type_hour), aside=True),
    "quiet": Row("self.remind", plain(preferring.type_quiet), aside=True),
    "leave": Row("self.remind", plain(preferring.type_leave), aside=True),
    "until": Row("plan.change", repeating.type_until, aside=True),
    "who": Row("network.view", network.type_name),
}

# What can be typed in a group or channel; anything else there is silence, or a word that it is for a private chat.
GROUP_COMMANDS: Mapping[str, Row] = {
    "start": Row("group.read", channels.typed),
    "koppel": Row("group.read", channels.typed),
    "help": Row("group.read", channels.group_help),
    "samenvatting": Row("group.read", lambda tx, world, session, event, rest: summary.show_in_group(tx, world, event)),
}
# What can be pressed in a group or channel: being there gives no right.
GROUP_PRESSES: Mapping[str, Row] = {
    "rq": Row("request.view", waiting_requests.pressed, "requests.not_found"),
    "excel": Row("summary.export", summary.press_excel, "summary.not_found"),
}
# What happens in a group or channel without anybody asking.
GROUP_EVENTS: Mapping[str, Row] = {
    "renamed": Row("group.event", channels.renamed),
    "joined": Row("group.event", channels.joined),
    "moved": Row("group.event", channels.moved),
    "removed": Row("group.event", channels.removed),
}
