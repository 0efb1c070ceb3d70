"""The App Home: a person's dashboard in Slack; balances first, then what is open, what is planned, and what can be done."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from bot.slack_modal import BLOCKS, View
from bot.slack_surface import Block, buttons_of, words_of
from handlers import access, dispatch, personal, waiting_requests
from handlers.language import language_of
from handlers.request_cards import local_day, title_of
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from storage import accounts, requests, scope
from storage.accounts import Session

NOW_OPEN = "card.resume"
BEEN = "0:"  # the card of no draft, nowhere: she has been here


def home_view(tx: Connection, world: World, session: Session, event: Event) -> View:
    """The Home of whoever opened it; somebody unknown gets the door, and who is suspended hears that and no more."""
    language = language_of(world, session, event)
    if session.person is None:
        return _view((replace(access.door(event), silent=False, language=language),))
    quiet = replace(session, draft=None)  # the open question belongs to the conversation, here it is one button
    pressed = replace(event, kind="press", action="menu")
    if scope.SUSPENDED in scope.roles_of(session, event.today):
        return _view((replace(dispatch.handle(tx, world, pressed, quiet), language=language),))
    menu = personal.menu(tx, world, quiet, event)
    first, provider = session.card is None, scope.PROVIDER in session.roles
    if first and event.key and session.account is not None:  # she looks herself: the next time is not the first
        accounts.place_card(tx, session.account, BEEN)
    screens = [Screen(menu.title, (say("slack.home_first", provider=provider),))] if first else []
    if provider:
        balance, plans = (dispatch.handle(tx, world, replace(pressed, action=each), quiet) for each in ("saldo", "plan:list"))
        screens += [replace(balance, choices=_open_draft(session)), *_asked(tx, session), plans]  # its buttons are those of the menu
    if waiting_requests.waits_for(tx, session, event):
        waiting = dispatch.handle(tx, world, replace(pressed, action="rq"), quiet)
        screens.append(replace(waiting, choices=tuple(row for row in waiting.choices if row[0].press.startswith("rq:"))))
    drafts = () if provider else _open_draft(session)
    screens.append(replace(menu, title=None if first else menu.title, choices=(*drafts, *menu.choices)))
    return _view(replace(each, language=language, also=()) for each in screens)


def _asked(tx: Connection, session: Session) -> list[Screen]:
    """Her requests that wait for a decision, when there are any."""
    rows = [row for row in requests.own_requests(tx, session.person or 0) if row.state == requests.WAITING]
    body = tuple(say("requests.row", request=row.id, what=title_of(row), state=row.state, day=local_day(row.asked_at)) for row in rows)
    opened = tuple((Choice(say("requests.open", request=row.id), f"ask:show:{row.id}"),) for row in rows)
    return [Screen(say("requests.list"), body, choices=opened)] if rows else []


def _open_draft(session: Session) -> tuple[tuple[Choice, ...], ...]:
    draft = session.draft
    if draft is None:
        return ()
    label = say(NOW_OPEN, form=draft.form, day=draft.answers.get("day"), begins=draft.answers.get("start"))
    return ((Choice(label, "slack:open"),),)


def _view(screens: Iterable[Screen]) -> View:
    blocks: list[Block] = []
    for number, screen in enumerate(screens):
        if blocks:
            blocks.append({"type": "divider"})
        rows = buttons_of(screen)
        for row, block in enumerate(rows):
            for place, each in enumerate(block["elements"]):
                each["action_id"] = f"press.{number}.{row}.{place}"
        blocks += [*words_of(screen), *rows]
    return {"type": "home", "blocks": blocks[:BLOCKS]}
