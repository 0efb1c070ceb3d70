"""What Slack sends becomes an Event: slash commands, presses, shortcuts, modals, messages; pure functions, nothing is looked up."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any

from handlers.commands import COMMAND_OF, meant
from handlers.screen import Event, Who

ALL_COMMAND = "uren"  # takes the name of any command as its first word
IN_THE_OPEN = frozenset({"koppel", "samenvatting", "help"})  # what a channel may hear; all else is for one person
REGISTER = "presentie"  # what the shortcuts open when nothing says which form it is
NAMELESS = ("privategroup", "directmessage")  # what a command says instead of the name of a channel that is private
MARKED_UP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
ENDED = ("channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left")
MOVED = "channel_id_changed"

Body = Mapping[str, Any]


def read(body: Body, team: str, bot_user: str, now: datetime, enterprise: str = "") -> Event | None:
    """The event of what Slack sent about workspace `team` (of the organisation `enterprise`, if any); None for what is nobody's act.
    Content that is no text is not read."""
    if home_of(body)[1] != enterprise:  # another organisation vouches for nobody here
        body = {**body, "enterprise": None, "enterprise_id": None}
    if "command" in body:
        return _command(body, team, now)
    match body.get("type"):
        case "event_callback":
            return _happened(body, team, bot_user, now)
        case "block_actions":
            return _press(body, team, now)
        case "shortcut" | "message_action":
            return _shortcut(body, team, now)
        case "view_submission":
            view = body["view"]
            return _event(body, team, f"v:{body.get('trigger_id') or view['hash']}", now, "submit", extra={"view": view, **_trigger(body)})
    return None


def typed(text: str) -> str:
    """What a person typed: Slack's marks around addresses and links taken off, &amp; and the like as the characters they are."""
    plain = MARKED_UP.sub(lambda found: found[2] or found[1].removeprefix("mailto:").removeprefix("tel:"), text)
    return unescape(plain)


def home_of(body: Body) -> tuple[str, str]:
    """(workspace, organisation) that the person belongs to as far as Slack says; empty where it does not."""
    if "command" in body:
        team = body.get("team_id")
    else:
        user, happened = _object(body.get("user")), _object(body.get("event"))
        team = user.get("team_id") or _object(happened.get("user")).get("team_id") or happened.get("user_team")
    enterprise = body.get("enterprise")
    enterprise = enterprise.get("id") if isinstance(enterprise, dict) else body.get("enterprise_id")
    return str(team or ""), str(enterprise or "")


def _object(value: Any) -> Body:
    return value if isinstance(value, dict) else {}


def _who(body: Body, user: str, team: str) -> Who:
    """Somebody of another workspace, in a shared channel, is never mistaken for a member with the same id."""
    home, enterprise = home_of(body)
    if home and home != team and not enterprise:
        user = f"{home}/{user}"
    return Who("slack", team, user)


def _event(body: Body, team: str, key: str, now: datetime, kind: str, user: str = "", **more: Any) -> Event:
    user = user or str((body.get("user") or {}).get("id", ""))
    who = _who(body, user, team)
    return Event(f"slack:{team}:{key}"[:120], who, kind, now, **{"chat": who.user, **more})


def _trigger(body: Body) -> dict[str, str]:
    return {"trigger": str(body["trigger_id"])} if body.get("trigger_id") else {}


def split(name: str, rest: str) -> tuple[str, str]:
    """(name, what follows) of a command as it was typed, without its slash; no name when it is a line, as typed in the conversation."""
    if name.lower() == ALL_COMMAND:
        line = rest.strip()
        name, _, rest = line.partition(" ")
        if rest and not name.startswith("/") and meant(name) is None:
            return "", line
    return name.lower().removeprefix("/") or "start", rest.strip()


def is_slash_command(event: Event) -> bool:
    """Whether it was typed as a slash command, be it a line behind /uren: its answer can go with the acknowledgement."""
    return event.kind in ("command", "text") and bool(event.extra.get("respond"))


def _command(body: Body, team: str, now: datetime) -> Event:
    name, rest = split(str(body["command"]).removeprefix("/"), typed(str(body.get("text") or "")))
    channel = str(body.get("channel_id") or "")
    own = channel.startswith("D")
    open_ = not own and COMMAND_OF.get(name) in IN_THE_OPEN
    extra: dict[str, Any] = {**_trigger(body), "channel": channel, "respond": str(body.get("response_url") or "")}
    extra["passing"] = not own and not open_  # seen by one person, where she typed it, and gone with her next visit
    if open_:
        title = str(body.get("channel_name") or "")
        extra |= {"title": "" if title in NAMELESS else title, "administrator": True}
    place: dict[str, Any] = {"chat": channel, "private": False} if open_ else {}
    key = f"c:{body.get('trigger_id') or ''}"
    return _event(body, team, key, now, _kind(name), str(body["user_id"]), action=name, text=rest, extra=extra, **place)


def _kind(name: str) -> str:
    """What a command is, by its name: without one it is a line."""
    return "command" if name else "text"


def in_passing(event: Event) -> Event:
    """A command of a channel as one that is answered to her alone, where she typed it."""
    return replace(event, private=True, chat=event.who.user, extra={**event.extra, "passing": True})


def _press(body: Body, team: str, now: datetime) -> Event | None:
    action = (body.get("actions") or [{}])[0]
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    key = f"a:{body.get('trigger_id') or action.get('action_ts') or ''}"
    extra: dict[str, Any] = {**_trigger(body), "channel": channel, "respond": str(body.get("response_url") or "")}
    if view := body.get("view"):
        kind = "press" if action.get("type") == "button" else "filled"
        return _event(body, team, key, now, kind, action=str(action.get("value") or ""), extra={**extra, "view": view})
    if action.get("type") != "button":
        return None
    passing = bool(container.get("is_ephemeral"))
    private = passing or channel.startswith("D")
    place: dict[str, Any] = {} if private else {"chat": channel, "private": False}
    extra["topic"] = "" if passing else _thread_of(message)
    if not private:
        extra["title"] = str((body.get("channel") or {}).get("name") or "")
    stands = "" if passing else f"{channel}/{message.get('ts') or container.get('message_ts') or ''}"
    extra["passing"] = passing
    return _event(body, team, key, now, "press", action=str(action.get("value") or ""), message=stands, extra=extra, **place)


def _thread_of(message: Body) -> str:
    """The thread in which a message stands; empty for one that begins it, which stands above."""
    thread = str(message.get("thread_ts") or "")
    return thread if thread != message.get("ts") else ""


def _shortcut(body: Body, team: str, now: datetime) -> Event:
    """The shortcut to register, perhaps on a message whose words are read as a typed line."""
    line = typed(str((body.get("message") or {}).get("text") or "")) if body["type"] == "message_action" else ""
    extra = {**_trigger(body), "modal": True}
    return _event(body, team, f"s:{body.get('trigger_id') or ''}", now, "command", action=REGISTER, text=line, extra=extra)


def _happened(body: Body, team: str, bot_user: str, now: datetime) -> Event | None:
    found = body.get("event") or {}
    key, kind = f"e:{body.get('event_id') or ''}", found.get("type")
    if kind == "app_home_opened":
        return _event(body, team, key, now, "home", str(found["user"])) if found.get("tab", "home") == "home" else None
    if kind == "user_change":
        gone = bool((found.get("user") or {}).get("deleted"))
        return _event(body, team, key, now, "gone", str(found["user"]["id"])) if gone else None
    if kind in ENDED or kind == MOVED or (kind == "member_left_channel" and found.get("user") == bot_user):
        return _channel_event(body, found, team, key, now)
    if kind == "member_joined_channel" and found.get("user") != bot_user:
        place = {"chat": str(found["channel"]), "private": False, "action": "joined", "extra": {"users": (str(found["user"]),)}}
        return _event(body, team, key, now, "group", str(found["user"]), **place)
    if kind == "channel_rename" or kind == "group_rename":
        channel = found.get("channel") or {}
        place = {"chat": str(channel["id"]), "private": False, "action": "renamed", "extra": {"title": str(channel.get("name") or "")}}
        return _event(body, team, key, now, "group", bot_user, **place)
    if kind == "app_mention":
        return _mention(body, found, team, key, now)
    if kind == "message" and found.get("channel_type") == "im":
        return _message(body, found, team, key, now)
    return None


def _channel_event(body: Body, found: Body, team: str, key: str, now: datetime) -> Event:
    if found.get("type") == MOVED:
        old, new = str(found["old_channel_id"]), str(found["new_channel_id"])
        return _event(body, team, key, now, "group", "", chat=old, private=False, action="moved", extra={"old": old, "new": new})
    return _event(body, team, key, now, "group", "", chat=str(found["channel"]), private=False, action="removed")


def _mention(body: Body, found: Body, team: str, key: str, now: datetime) -> Event | None:
    """A command said to the bot in a channel, after its name."""
    if found.get("bot_id") or not found.get("user"):
        return None
    words = typed(re.sub(r"<@[A-Z0-9]+(?:\|[^<>]*)?>", " ", str(found.get("text") or ""))).split(maxsplit=1)
    name, rest = split(words[0].removeprefix("/"), words[1] if len(words) > 1 else "") if words else ("help", "")
    extra = {"addressed": True, "topic": str(found.get("thread_ts") or ""), "administrator": True}
    place = {"chat": str(found["channel"]), "private": False}
    return _event(body, team, key, now, "command", str(found["user"]), action=name, text=rest, extra=extra, **place)


def _message(body: Body, found: Body, team: str, key: str, now: datetime) -> Event | None:
    """What is typed in the conversation with the bot."""
    subtype = found.get("subtype")
    if subtype == "message_changed":
        changed = found.get("message") or {}
        theirs = changed.get("user") and not changed.get("bot_id") and "edited" in changed
        return _event(body, team, key, now, "other", str(changed["user"]), action="edited") if theirs else None
    if found.get("bot_id") or not found.get("user") or subtype not in (None, "file_share", "thread_broadcast"):
        return None
    user, stands = str(found["user"]), f"{found['channel']}/{found['ts']}"
    extra = {"channel": str(found["channel"]), "topic": _thread_of(found)}
    if subtype == "file_share":
        kind = str(((found.get("files") or [{}])[0]).get("mimetype") or "").partition("/")[0]
        action = {"audio": "voice", "image": "photo", "video": "video"}.get(kind, "document")
        return _event(body, team, key, now, "other", user, action=action, message=stands, extra=extra)
    text = typed(str(found.get("text") or ""))
    if text.startswith("/"):
        name, rest = split(*f"{text[1:]} ".split(" ", 1))
        return _event(body, team, key, now, _kind(name), user, action=name, text=rest, message=stands, extra=extra)
    return _event(body, team, key, now, "text", user, text=text, message=stands, extra=extra)
