"""The Telegram surface: an update becomes an Event, a Screen becomes calls of the Bot API; pure functions, no sending."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from bot.wording import paragraphs, say
from handlers.commands import NAMES
from handlers.screen import Choice, Event, Screen, Text, Who
from handlers.screen import say as text
from rules.words import LANGUAGES

LIMIT = 4000  # of 4096: Telegram counts UTF-16 units after its entities
IN_SIGHT = 6  # messages that may stand below a card before it is sent anew
MENU = (
    "presentie", "overleg", "intervisie", "ondersteuning", "saldo", "overzicht", "watals", "aanvraag", "planning", "herinneringen",
    "samenvatting", "zoek", "netwerk", "overdracht", "taal", "privacy", "help", "annuleer",
)  # fmt: skip
OTHERS = (
    "voice",
    "photo",
    "video",
    "video_note",
    "document",
    "audio",
    "sticker",
    "animation",
    "location",
    "contact",
    "poll",
    "venue",
    "dice",
    "story",
)

Call = dict[str, Any]


def read(update: Mapping[str, Any], bot_id: int, bot_name: str, now: datetime) -> Event | None:
    """The event of an update; None for what is nobody's act. Content that is no text is not read at all."""
    key = f"telegram:{bot_id}:{update['update_id']}"
    if query := update.get("callback_query"):
        return _read_press(query, key, bot_id, now)
    if change := update.get("my_chat_member"):
        return _read_membership(change, key, bot_id, now)
    message = update.get("message") or update.get("edited_message") or update.get("channel_post")
    if not message:
        return None
    if (news := _read_news(message, key, bot_id, now)) is not None:
        return news
    nameless = _is_nameless(message)
    if not nameless and ("from" not in message or message["from"].get("is_bot")):
        return None
    chat = message["chat"]
    sender = {"id": f"chat{chat['id']}"} if nameless else message["from"]
    common: dict[str, Any] = {
        "key": key,
        "who": _who(sender, bot_id),
        "now": now,
        "chat": str(chat["id"]),
        "message": str(message.get("message_id", "")),
        "private": chat.get("type") == "private",
        "language": sender.get("language_code") or "",
    }
    place = _place(message)
    if nameless:
        place["nameless"] = True
    if place:
        common["extra"] = place
    if "edited_message" in update:
        return Event(kind="other", action="edited", **common)
    if "forward_origin" in message or "forward_date" in message:
        return Event(kind="other", action="forwarded", **common)
    typed = message.get("text")
    if typed is None:
        kind = next((each for each in OTHERS if each in message), None)
        return Event(kind="other", action=kind, **common) if kind else None
    if typed.startswith("/"):
        name, _, rest = typed[1:].partition(" ")
        name, _, addressee = name.partition("@")
        if addressee and addressee.lower() != bot_name.lower():
            return None
        common["extra"] = {**place, "addressed": bool(addressee)}
        return Event(kind="command", action=name.split("\n")[0].lower(), text=rest.strip(), **common)
    return Event(kind="text", text=typed, **common)


def _is_nameless(message: Mapping[str, Any]) -> bool:
    """Whether a group's administrator who stays anonymous, or a channel itself, says this: it comes in the name of the chat."""
    return bool((message.get("sender_chat") or {}).get("id") == message["chat"]["id"])


def _read_news(message: Mapping[str, Any], key: str, bot_id: int, now: datetime) -> Event | None:
    """What a group says of itself: another title, another id, who was added; None for anything else."""
    chat, place = message["chat"], str(message["chat"]["id"])
    who = _who(message.get("from") or {"id": f"chat{chat['id']}"}, bot_id)
    if chat.get("type") == "private":
        return None
    extra = _place(message)
    if "new_chat_title" in message:
        return Event(key, who, "group", now, "renamed", chat=place, private=False, extra={**extra, "title": message["new_chat_title"]})
    if "migrate_to_chat_id" in message:
        ids = {"old": place, "new": str(message["migrate_to_chat_id"])}
        return Event(key, who, "group", now, "moved", chat=place, private=False, extra=ids)
    if "migrate_from_chat_id" in message:
        ids = {"old": str(message["migrate_from_chat_id"]), "new": place}
        return Event(key, who, "group", now, "moved", chat=place, private=False, extra=ids)
    users = [str(each["id"]) for each in message.get("new_chat_members", ()) if each["id"] != bot_id]
    return Event(key, who, "group", now, "joined", chat=place, private=False, extra={**extra, "users": users}) if users else None


def _read_membership(change: Mapping[str, Any], key: str, bot_id: int, now: datetime) -> Event | None:
    """What became of the bot itself: blocked or not in a private chat; out of a group, or silenced there."""
    chat, member = change["chat"], change["new_chat_member"]
    gone = member["status"] in ("left", "kicked")
    who, place = _who(change["from"], bot_id), str(chat["id"])
    if chat.get("type") == "private":
        return Event(key, who, "other", now, "blocked" if gone else "unblocked", chat=place)
    mute = member.get("can_send_messages") is False or (chat.get("type") == "channel" and member.get("can_post_messages") is False)
    return Event(key, who, "group", now, "removed", chat=place, private=False) if gone or mute else None


def _read_press(query: Mapping[str, Any], key: str, bot_id: int, now: datetime) -> Event:
    message = query.get("message") or {}
    chat = message.get("chat") or {"id": query["from"]["id"], "type": "private"}
    return Event(
        key,
        _who(query["from"], bot_id),
        "press",
        now,
        action=query.get("data") or "",
        chat=str(chat["id"]),
        message=str(message.get("message_id", "")),
        private=chat.get("type") == "private",
        language=query["from"].get("language_code") or "",
        extra={"query": query["id"], **_place(message)},
    )


def _place(message: Mapping[str, Any]) -> dict[str, Any]:
    """Where in a group: its thread and what the group is called; empty in private."""
    chat = message.get("chat") or {}
    if chat.get("type", "private") == "private":
        return {}
    topic = str(message.get("message_thread_id", "")) if message.get("is_topic_message") else ""
    return {"topic": topic, "title": chat.get("title") or "", **({"public": True} if chat.get("username") else {})}


def _who(sender: Mapping[str, Any], bot_id: int) -> Who:
    return Who("telegram", str(bot_id), str(sender["id"]))


def show(screen: Screen, event: Event, card: str | None = None) -> list[Call]:
    """The calls that show a screen as the answer to an event. `card` ("draft:message") says where the person's card stands.

    A press edits its message; a typed answer edits the card while it is in sight, else the card is sent anew below, as it is
    when something is wrong with what was typed: an edit above one's own words is easily missed.
    """
    calls: list[Call] = []
    if event.kind == "press":
        notice = say(screen.notice, screen.language) if screen.notice is not None else None
        calls.append({"method": "answerCallbackQuery", "callback_query_id": event.extra.get("query"), "text": notice and notice[:200]})
    for number, each in enumerate((screen, *screen.also)):
        if each.silent:
            continue
        if each.private and not event.private:  # pressed in a group: the card there stays, she reads this in her own chat
            calls += _message(each, replace(event, chat=event.who.user, message="", private=True, extra={}), None, edit=False)
        else:
            calls += _message(each, event, card, edit=not each.fresh and number == 0)
    return calls


def _message(screen: Screen, event: Event, card: str | None, *, edit: bool) -> list[Call]:
    chunks = _chunks(_lines(screen))
    markup = _keyboard(screen)
    thread = _thread(event)
    calls: list[Call] = []
    target = _edited(screen, event, card) if edit and len(chunks) == 1 else None
    if target is not None:
        return [
            {
                "method": "editMessageText",
                "chat_id": event.chat,
                "message_id": int(target),
                **_body(chunks[0], markup),
                "draft": screen.draft,
            },
            *_files(screen, event),
        ]
    if screen.draft is not None and (old := _card_message(card)) is not None:
        calls.append({"method": "editMessageReplyMarkup", "chat_id": event.chat, "message_id": int(old), "optional": True})
    for number, chunk in enumerate(chunks, 1):
        last = number == len(chunks)
        calls.append(
            {
                "method": "sendMessage",
                "chat_id": event.chat,
                **thread,
                **_body(chunk, markup if last else None),
                **({"draft": screen.draft} if last else {}),
            }
        )
    return [*calls, *_files(screen, event)]


def _thread(event: Event) -> Call:
    return {"message_thread_id": int(event.extra["topic"])} if event.extra.get("topic") else {}


def _edited(screen: Screen, event: Event, card: str | None) -> str | None:
    if event.kind in ("press", "owed"):
        return event.message or None
    draft, _, message = (card or "").partition(":")
    if screen.problems or screen.draft is None or draft != str(screen.draft) or not message or not event.message:
        return None
    return message if int(event.message) - int(message) <= IN_SIGHT else None


def _card_message(card: str | None) -> str | None:
    return card.partition(":")[2] or None if card else None


def _body(words: str, markup: Any) -> Call:
    return {"text": words, "parse_mode": "HTML", "reply_markup": markup, "link_preview_options": {"is_disabled": True}}


def _lines(screen: Screen) -> list[str]:
    def lines(texts: tuple[Text, ...], mark: str = "") -> list[str]:
        return [mark + escape(line, quote=False) for line in paragraphs(texts, screen.language)]

    title = [f"<b>{escape(say(screen.title, screen.language), quote=False)}</b>"] if screen.title is not None else []
    asks = [escape(say(screen.asks, screen.language), quote=False)] if screen.asks is not None else []
    blocks = [title + lines(screen.body), lines(screen.verdict), lines(screen.problems, "! "), asks]
    found: list[str] = []
    for block in blocks:
        if block:
            found += ["", *block] if found else block
    return found or ["…"]


def _chunks(lines: list[str]) -> list[str]:
    """The lines in messages that the platform takes; a line is never cut unless it is longer than a message."""
    if 2 * (sum(map(len, lines)) + len(lines)) <= LIMIT:  # a character is at most two units
        return ["\n".join(lines)]
    chunks: list[str] = []
    current = ""
    for line in lines:
        piece = line if len(line) <= LIMIT else line[:LIMIT]
        if current and _units(current) + _units(piece) + 1 > LIMIT:
            chunks.append(current)
            current = piece
        else:
            current = f"{current}\n{piece}" if current else piece
    return [*chunks, current]


def _units(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2


def _keyboard(screen: Screen) -> Any:
    rows = [[_button(choice, screen.language) for choice in row] for row in screen.choices]
    return {"inline_keyboard": rows} if rows else None


def _button(choice: Choice, language: str) -> dict[str, str]:
    label = say(choice.label, language)
    return {"text": label if len(label) <= 60 else label[:59] + "…", "callback_data": choice.press}


def _files(screen: Screen, event: Event) -> list[Call]:
    """What goes with a message: pictures and workbooks as the figures of which they are made when they are sent, and files."""
    language = screen.language
    pictures = [
        {
            "method": "sendPhoto",
            "chat_id": event.chat,
            **_thread(event),
            "picture": {"drawing": each.drawing, "figures": each.figures, "language": language},
            "caption": say(each.alternative, language)[:1000],
        }
        for each in screen.pictures
    ]
    workbooks = [
        {
            "method": "sendDocument",
            "chat_id": event.chat,
            **_thread(event),
            "workbook": {"name": each.name, "sheets": each.sheets, "figures": each.figures, "language": language},
            "caption": say(each.caption, language)[:1000],
        }
        for each in screen.workbooks
    ]
    return pictures + workbooks + [
        {
            "method": "sendDocument",
            "chat_id": event.chat,
            **_thread(event),
            "file": {"name": file.name, "content": file.content},
            "caption": say(file.caption, screen.language)[:1000],
        }
        for file in screen.files
    ]


def menu_calls() -> list[Call]:
    """The command menu in each language, for private chats only."""
    calls: list[Call] = []
    for language in LANGUAGES:
        position = LANGUAGES.index(language)
        commands = [{"command": NAMES[each][position], "description": say(text(f"commands.{each}"), language)[:250]} for each in MENU]
        scope = {"type": "all_private_chats"}
        calls.append(
            {"method": "setMyCommands", "commands": commands, "scope": scope, "language_code": None if language == "nl" else language}
        )
    return calls
