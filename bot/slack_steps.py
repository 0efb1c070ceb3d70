"""One step in a modal, in the database thread: open a form, take what was filled in, submit it, press a button in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot import slack_modal as modal
from bot import slack_surface as surface
from bot.answering import answer
from handlers.commands import COMMAND_OF, FORMS
from handlers.language import language_of
from handlers.screen import Event, Screen
from handlers.whole_fields import WholeForm
from handlers.whole_form import change_whole, confirm_whole, open_whole, present_whole
from handlers.world import World
from rules.typed import whole
from storage import accounts
from storage.accounts import Session

Call = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """What answers an event. `calls`: messages, which are owed once committed; `kept`: what is kept of them instead (None: all);
    `views`: modals and Homes, of use now or never; `ack`: what the acknowledgement carries; `late`: the view that takes its place
    when that has left already. `key`, `account`, `card`: for noting that it was sent. `repeated`: it was heard before,
    and nothing answers it. `failed`: nothing came of it, and nobody can be told: Slack is to send it again."""

    calls: list[Call] = field(default_factory=list)
    kept: list[Call] | None = None
    views: tuple[Call, ...] = ()
    ack: Any = None
    late: Callable[[], modal.View] | None = None
    home: bool = False
    repeated: bool = False
    failed: bool = False
    key: str = ""
    account: int | None = None
    card: str | None = None


def opens_modal(event: Event) -> bool:
    """Whether an event asks for a form outside a conversation, where it can be opened as a modal: a slash command, a shortcut."""
    return event.kind == "command" and bool(event.extra.get("trigger")) and COMMAND_OF.get(event.action) in FORMS and event.private


def in_modal(tx: Connection, world: World, event: Event, session: Session) -> Answered:
    """What answers a command that opens a modal, or anything that is done in one."""
    view = event.extra.get("view")
    if view is None:
        return _opened(tx, world, event, session)
    if view.get("type") == "home":
        return _from_home(tx, world, event, session)
    if event.kind == "submit":
        return _submitted(tx, world, event, session, view)
    if event.kind == "filled":
        return _filled(tx, world, event, session, view)
    found = _pressed(tx, world, event, session)
    draft, _ = modal.draft_of(view)
    now = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    if isinstance(found, Screen) and now.draft is not None and now.draft.id == draft:  # the form goes on below it
        return _new(event, found, "views.push")
    return _changed(event, found)


def in_view(event: Event, screen: Screen) -> Answered:
    """A screen in the modal that is open, in place of what stands there."""
    return _changed(event, screen) if event.kind != "submit" else _replaced(screen)


def _view(found: WholeForm | Screen, view: Any = None, *, taken: bool = False) -> modal.View:
    if isinstance(found, Screen):
        return modal.screen_view(found)
    mine = view is not None and modal.draft_of(view)[0] == found.draft
    return modal.form_view(found, modal.shown_in(view) if mine else None, taken=taken)


def _opened(tx: Connection, world: World, event: Event, session: Session) -> Answered:
    form = COMMAND_OF[event.action]
    if session.person is None:
        return _said(tx, world, event, session)
    found = open_whole(tx, world, session, event, form)
    return _new(event, _spoken(world, found, session, event))


def _said(tx: Connection, world: World, event: Event, session: Session) -> Answered:
    """The answer as a message, as anywhere outside modals."""
    return Answered(surface.show(answer(tx, world, event, session), event, session.card))


def _spoken(world: World, found: WholeForm | Screen, session: Session, event: Event) -> WholeForm | Screen:
    """In the language of who asks."""
    return replace(found, language=language_of(world, session, event)) if isinstance(found, Screen) and found.language == "nl" else found


def _new(event: Event, found: WholeForm | Screen, method: str = "views.open") -> Answered:
    made = _view(found)
    call = {"method": method, "trigger_id": event.extra.get("trigger"), "view": made, "optional": True}
    return Answered(views=(call,), late=lambda: made)


def _from_home(tx: Connection, world: World, event: Event, session: Session) -> Answered:
    """A button of the Home is answered in a modal: a message would not be seen from there."""
    if session.person is None:
        return _said(tx, world, replace(event, extra={}), session)
    if event.action == "slack:open":
        return _new(event, _spoken(world, present_whole(tx, world, session, event), session, event))
    return _new(event, _pressed(tx, world, event, session))


def _pressed(tx: Connection, world: World, event: Event, session: Session) -> WholeForm | Screen:
    """What a button in a modal leads to: the form when one is open after it, else the screen."""
    verb, _, rest = event.action.partition(":")
    form, _, network = rest.partition(":")
    if verb == "form" and form in FORMS:
        found = open_whole(tx, world, session, replace(event, text=""), form, whole(network))
        return _spoken(world, found, session, event)
    screen = answer(tx, world, replace(event, kind="press"), session)
    now = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    if now.draft is not None and screen.draft == now.draft.id and not screen.also:
        return _spoken(world, present_whole(tx, world, now, event, problems=screen.problems), now, event)
    return _spoken(world, replace(screen, also=()) if screen.also and screen.also[0].draft is not None else screen, now, event)


def _changed(event: Event, found: WholeForm | Screen, *, taken: bool = False) -> Answered:
    """The modal that is open, changed; not when it changed meanwhile: what did that shows what is so now."""
    view = event.extra["view"]
    made = _view(found, view, taken=taken)
    call = {"method": "views.update", "view_id": view.get("id"), "hash": view.get("hash"), "view": made, "optional": True}
    return Answered(views=(call,), late=lambda: made)


def _replaced(found: WholeForm | Screen, view: Any = None) -> Answered:
    made = _view(found, view, taken=True)
    return Answered(ack={"response_action": "update", "view": made}, late=lambda: made)


def _filled(tx: Connection, world: World, event: Event, session: Session, view: Any) -> Answered:
    """A field was filled in: what that changes is shown. The draft may have moved on elsewhere; what stands in the modal counts."""
    draft, _ = modal.draft_of(view)
    found = change_whole(tx, world, session, event, draft, _revision(session, draft), modal.answers_in(view))
    return _changed(event, _spoken(world, found, session, event), taken=True)


def _revision(session: Session, draft: int) -> int:
    return session.draft.revision if session.draft is not None and session.draft.id == draft else 0


def _submitted(tx: Connection, world: World, event: Event, session: Session, view: Any) -> Answered:
    """Book what was judged on screen; anything else is judged and shown first, a problem at its field."""
    draft, judged = modal.draft_of(view)
    if modal.is_as_seen(view) and judged == _revision(session, draft):
        return _booked(world, event, session, _confirmed(tx, world, event, session, draft, judged), view)
    found = change_whole(tx, world, session, event, draft, _revision(session, draft), modal.answers_in(view), check=True)
    if isinstance(found, Screen):
        return _replaced(_spoken(world, found, session, event))
    if found.wrong and (errors := modal.errors_of(found, view)) is not None:
        return _at_fields(found, view, errors)
    if found.wrong or not found.complete or found.revision != judged:
        return _replaced(found, view)
    if found.refused:
        return _at_fields(found, view, modal.refusal_of(found, view))
    now = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    return _booked(world, event, session, confirm_whole(tx, world, now, event, draft, judged), view)


def book_later(tx: Connection, world: World, event: Event, session: Session, draft: int, revision: int) -> Answered:
    """Book what was acknowledged as booked, and say so in a message; when the rules say no after all, the form goes on there."""
    screen = answer(tx, world, replace(event, kind="press", action=f"d:{draft}:{revision}:.ok"), session)
    done = screen if screen.problems else replace(screen, draft=None)
    spoken = replace(done, language=language_of(world, session, event)) if done.language == "nl" else done
    calls = surface.show(replace(spoken, fresh=True), replace(event, kind="command", extra={}), session.card)
    return Answered(calls, late=lambda: modal.screen_view(spoken), account=session.account, card=session.card)


def _at_fields(form: WholeForm, view: Any, errors: dict[str, str]) -> Answered:
    return Answered(ack={"response_action": "errors", "errors": errors}, late=lambda: _view(form, view, taken=True))


def _confirmed(tx: Connection, world: World, event: Event, session: Session, draft: int, revision: int) -> WholeForm | Screen:
    """Bevestigen of what stands in the modal as it was judged there; judged anew under the lock, as any press of that button."""
    screen = answer(tx, world, replace(event, kind="press", action=f"d:{draft}:{revision}:.ok"), session)
    if not screen.problems:
        return screen
    now = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    return present_whole(tx, world, now, event, problems=screen.problems)


def _booked(world: World, event: Event, session: Session, found: WholeForm | Screen, view: Any) -> Answered:
    """The receipt as a message, and the modal closed; the form again when it was not booked after all."""
    done = _spoken(world, found, session, event)
    if not isinstance(done, Screen):
        return _replaced(done, view)
    calls = surface.show(replace(done, draft=None, fresh=True), replace(event, kind="command", extra={}))
    return Answered(calls, ack={"response_action": "clear"}, late=lambda: modal.screen_view(done))
