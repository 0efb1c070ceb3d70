"""The App Home: a person's dashboard in Slack; balances first, then what is open, what is planned, and what can be done."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from bot.slack_modal import BLOCKS, View
from bot.slack_surface import Block, buttons_of, words_of
from handlers import access, dispatch, personal
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from storage.accounts import Session

NOW_OPEN = "card.resume"


def home_view(tx: Connection, world: World, session: Session, event: Event) -> View:
    """The Home of whoever opened it; somebody unknown gets the door."""
    language = dispatch.language_of(world, session, event)
    if session.person is None:
        return _view((replace(access.door(event), silent=False, language=language),))
    quiet = replace(session, draft=None)  # the open question belongs to the conversation, here it is one button
    pressed = replace(event, kind="press", action="menu")
    menu = personal.menu(tx, world, quiet, event)
    screens = [Screen(menu.title, (say("slack.home_first"),))] if session.card is None else []
    if "verstrekker" in session.roles:
        screens += [dispatch.handle(tx, world, replace(pressed, action=each), quiet) for each in ("saldo", "plan:list")]
        screens[-2] = replace(screens[-2], choices=())  # the menu below has them
    screens.append(replace(menu, title=None if len(screens) == 3 else menu.title, choices=(*_open_draft(session), *menu.choices)))
    return _view(replace(each, language=language, also=()) for each in screens)


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
