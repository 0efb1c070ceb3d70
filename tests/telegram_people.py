"""The people's side of the stand-in: persons who talk to the bot, and groups they are in."""

import re
from typing import Any

from tests.telegram_markup import ApiError, utf16_length
from tests.telegram_world import Chat, File, Message, World

COMMAND = re.compile(r"(?:^|(?<=\s))/\w+(?:@\w+)?")
BLOCKED = ApiError(403, "Forbidden: bot was blocked by the user")
STRANGER = ApiError(403, "Forbidden: bot can't initiate conversation with a user")


class Person:
    """Someone with a private chat with the bot. `chat=` makes a deed happen in a group instead."""

    def __init__(self, world: World, user_id: int, name: str, language_code: str | None = "nl") -> None:
        self.world, self.name = world, name
        self.user: dict[str, Any] = {"id": user_id, "is_bot": False, "first_name": name}
        if language_code:
            self.user["language_code"] = language_code
        self.chat = Chat(user_id, "private", {"first_name": name}, refusal=STRANGER)
        self.alerts: list[dict[str, Any]] = []
        self.opened: list[str] = []
        self._pressed: list[dict[str, Any]] = []
        world.chats[user_id] = self.chat
        world.people[user_id] = self

    # Speaking

    def say(self, text: str, *, chat: "Group | None" = None, reply_to: Message | None = None, **more: Any) -> Message:
        """Type a text; commands in it are marked as Telegram's apps mark them."""
        entities = [
            {"type": "bot_command", "offset": utf16_length(text[: m.start()]), "length": utf16_length(m.group())}
            for m in COMMAND.finditer(text)
        ]
        if reply_to:
            more["reply_to_message"] = reply_to.json()
        for_bot = bool(entities) or bool(reply_to and reply_to.from_bot)
        return self.send(f"{text!r}", chat=chat, for_bot=for_bot, text=text, entities=entities, content=more)

    def start(self, payload: str = "") -> Message:
        """Press Start, or open a link with a start payload."""
        return self.say(f"/start {payload}".strip())

    def send(self, about: str, *, chat: "Group | None" = None, for_bot: bool = False, **fields: Any) -> Message:
        """Any message; `fields` as in Message. In a group with privacy mode the bot sees only what is `for_bot`."""
        with self.world.changed:
            place = chat.chat if chat else self.chat
            message = self.world.add(place, self.user, **fields)
            if not chat and self.chat.refusal is STRANGER:
                self.chat.refusal = None
        if chat is None or (chat.has_bot and (for_bot or not self.world.privacy)):
            owed = (place.id, "") if chat is None else None
            self.world.push("message", message.json(), f"{self.name}: {about}", owed=owed)
        return message

    def send_voice(self, seconds: int = 3, content: bytes = b"OggS", **where: Any) -> Message:
        return self._send_file("voice", "voice.oga", content, {"duration": seconds, "mime_type": "audio/ogg"}, where)

    def send_document(self, name: str, content: bytes, mime_type: str = "text/csv", **where: Any) -> Message:
        return self._send_file("document", name, content, {"file_name": name, "mime_type": mime_type}, where)

    def send_photo(self, content: bytes = b"\x89PNG", caption: str = "", **where: Any) -> Message:
        return self._send_file("photo", "photo.jpg", content, {"width": 90, "height": 90}, where, caption)

    def send_sticker(self, **where: Any) -> Message:
        more = {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False, "emoji": "👍"}
        return self._send_file("sticker", "sticker.webp", b"RIFF", more, where)

    def send_location(self, latitude: float = 51.05, longitude: float = 3.72, **where: Any) -> Message:
        place = {"latitude": latitude, "longitude": longitude}
        return self.send("a location", content={"location": place}, **where)

    def send_contact(self, phone_number: str = "+32000000000", **where: Any) -> Message:
        card = {"phone_number": phone_number, "first_name": self.name, "user_id": self.user["id"]}
        return self.send("a contact", content={"contact": card}, **where)

    def forward(self, text: str, author: str = "Someone", **where: Any) -> Message:
        """Forward a text that somebody else wrote."""
        origin = {"type": "hidden_user", "sender_user_name": author, "date": int(self.world.clock())}
        return self.send(f"forwarded {text!r}", text=text, content={"forward_origin": origin}, **where)

    def edit(self, message: Message, text: str) -> Message:
        """Change an own message; the bot gets an edited_message, to which it owes no answer."""
        with self.world.changed:
            message.text, message.edits = text, message.edits + 1
        self.world.push("edited_message", message.json(), f"{self.name} edited to {text!r}")
        return message

    # Pressing

    def press(self, label: str, *, chat: "Group | None" = None) -> str:
        """Press the button that reads `label`, or starts with it, on the newest message that has one.

        Returns the query's id; for a link its address, for a key under the text field what is typed by it.
        """
        place = chat.chat if chat else self.chat
        shown = [each for each in reversed(place.messages.values()) if each.from_bot and not each.deleted]
        for message in shown:
            for button in _matching(_buttons(message), label):
                return self._tap(message, button)
            for key in _matching(_keys(message), label):
                return self.say(key["text"], chat=chat).text
        here = [f"{each.message_id}: {each.labels + [key for key, _ in _keys(each)]}" for each in shown[:5]]
        raise AssertionError(f"No button {label!r}. There are: {'; '.join(here) or 'no messages'}")

    def press_data(self, message_id: int, data: str, *, chat: "Group | None" = None) -> str:
        """Press a button that may be gone or never was: the message's id and the callback data."""
        place = chat.chat if chat else self.chat
        message = place.messages.get(message_id)
        gone = message is None or message.deleted
        body = {"message_id": message_id, "chat": place.json(), "date": 0} if gone else message.json()
        return self._query(body, data, place)

    def repress(self, *, same_query: bool = False) -> str:
        """The last press again, under a new update id (as an app does after it reconnects)."""
        assert self._pressed, f"{self.name} pressed nothing yet"
        query = self._pressed[-1]
        return self._push_query(query if same_query else {**query, "id": f"q{self.world.number('query')}"})

    def block(self) -> None:
        """Block the bot: it learns so, and every message to this person is refused with 403."""
        with self.world.changed:
            self.chat.refusal = BLOCKED
        self._membership("member", "kicked")

    def unblock(self) -> None:
        with self.world.changed:
            self.chat.refusal = None
        self._membership("kicked", "member")

    # Reading

    @property
    def last(self) -> Message:
        """The newest message of the bot in the private chat, as it reads now."""
        return newest(self.chat, self.name)

    @property
    def replies(self) -> list[Message]:
        """All messages of the bot that are still in the private chat, oldest first."""
        return [each for each in self.chat.messages.values() if each.from_bot and not each.deleted]

    @property
    def files(self) -> list[File]:
        """The files that the bot sent, oldest first."""
        return [each.file for each in self.replies if each.file]

    def screen(self) -> str:
        """Text and buttons of the newest message of the bot."""
        return self.last.screen()

    async def settle(self, timeout: float = 5.0, **more: Any) -> None:
        await self.world.settle(timeout, **more)

    def _tap(self, message: Message, button: dict[str, Any]) -> str:
        if "callback_data" not in button:
            address = button.get("url") or (button.get("web_app") or {}).get("url") or button["text"]
            self.opened.append(address)
            return str(address)
        return self._query(message.json(), button["callback_data"], message.chat)

    def _query(self, body: dict[str, Any], data: str, place: Chat) -> str:
        query = {
            "id": f"q{self.world.number('query')}",
            "from": self.user,
            "message": body,
            "chat_instance": str(place.id),
            "data": data,
        }
        self._pressed.append(query)
        return self._push_query(query)

    def _push_query(self, query: dict[str, Any]) -> str:
        with self.world.changed:
            self.world.queries[query["id"]] = query
        where = query["message"]["chat"]["id"]
        self.world.push("callback_query", query, f"{self.name} pressed {query['data']!r}", owed=(where, query["id"]))
        return str(query["id"])

    def _send_file(
        self, kind: str, name: str, content: bytes, more: dict[str, Any], where: dict[str, Any], caption: str = ""
    ) -> Message:
        file = self.world.keep(name, content, kind, caption)
        part = {"file_id": file.file_id, "file_unique_id": file.file_id, "file_size": len(content), **more}
        body: Any = [part] if kind == "photo" else part
        return self.send(f"a {kind}", text=caption, content={kind: body}, file=file, **where)

    def _membership(self, old: str, new: str) -> None:
        change = membership(self.chat, self.user, self.world.bot, old, new, int(self.world.clock()))
        self.world.push("my_chat_member", change, f"{self.name} made the bot {new}")


class Group:
    """A group chat, or a channel; the bot is not in it until it is added."""

    def __init__(
        self, world: World, chat_id: int, title: str, members: list[Person], *, supergroup: bool = False, channel: bool = False
    ) -> None:
        self.world, self.members, self.admins = world, members, members[:1]
        self.chat = Chat(chat_id, "channel" if channel else "supergroup" if supergroup else "group", {"title": title})
        self.chat.refusal = self._out()
        world.chats[chat_id] = self.chat
        world.people[chat_id] = self

    @property
    def has_bot(self) -> bool:
        return self.chat.refusal is None

    @property
    def last(self) -> Message:
        return newest(self.chat, str(self.chat.names["title"]))

    def screen(self) -> str:
        return self.last.screen()

    def add_bot(self, by: Person) -> None:
        """`by` adds the bot: it gets my_chat_member and the service message."""
        with self.world.changed:
            self.chat.refusal = None
        self._membership(by, "left", "member")
        self._service(by, {"new_chat_members": [self.world.bot]}, "added the bot")

    def remove_bot(self, by: Person) -> None:
        """`by` throws the bot out: what it sends here is refused with 403 from now on."""
        with self.world.changed:
            self.chat.refusal = self._out()
        self._membership(by, "member", "kicked")

    def join(self, person: Person) -> None:
        self.members.append(person)
        self._service(person, {"new_chat_members": [person.user]}, "joined")

    def post(self, text: str) -> Message:
        """A post of a channel: nobody stands behind it but the channel."""
        return self._in_its_name(text, "channel_post", {"sender_chat": self.chat.json()}, {})

    def say_unseen(self, text: str, **more: Any) -> Message:
        """An administrator who stays anonymous types in the group."""
        nobody = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        return self._in_its_name(text, "message", {"sender_chat": self.chat.json(), **more}, nobody)

    def rename(self, by: Person, title: str) -> None:
        self.chat.names["title"] = title
        self._service(by, {"new_chat_title": title}, "renamed it")

    def publish(self, name: str) -> None:
        """The group gets a public name: no update tells the bot."""
        self.chat.names["username"] = name

    def leave(self, person: Person) -> None:
        self.members.remove(person)
        self._service(person, {"left_chat_member": person.user}, "left")

    def migrate(self, new_id: int, by: Person) -> None:
        """The group becomes a supergroup: a new id, both service messages, and refusals at the old id."""
        with self.world.changed:
            old, new = self.chat, Chat(new_id, "supergroup", self.chat.names)
            self.world.chats[new_id] = new
            self.world.people[new_id] = self
        self._service(by, {"migrate_to_chat_id": new_id}, "migrated to")
        with self.world.changed:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            old.refusal = ApiError(400, words, migrate_to_chat_id=new_id)
            self.chat = new
        self._service(by, {"migrate_from_chat_id": old.id}, "migrated from")

    def _in_its_name(self, text: str, kind: str, content: dict[str, Any], sender: dict[str, Any]) -> Message:
        entities = [{"type": "bot_command", "offset": 0, "length": utf16_length(text.split(" ")[0])}] if text.startswith("/") else []
        message = self.world.add(self.chat, sender or {"is_bot": False}, text=text, entities=entities, content=content)
        body = message.json()
        if not sender:
            del body["from"]
        self.world.push(kind, body, f"{self.chat.names['title']}: {text!r}")
        return message

    def _out(self) -> ApiError:
        return ApiError(403, f"Forbidden: bot was kicked from the {self.chat.kind} chat")

    def _service(self, by: Person, content: dict[str, Any], what: str) -> None:
        message = self.world.add(self.chat, by.user, content=content)
        self.world.push("message", message.json(), f"{by.name} {what} ({self.chat.names['title']})")

    def _membership(self, by: Person, old: str, new: str) -> None:
        change = membership(self.chat, by.user, self.world.bot, old, new, int(self.world.clock()))
        self.world.push("my_chat_member", change, f"{by.name} made the bot {new}")


def newest(chat: Chat, name: str) -> Message:
    """The newest message of the bot that is still in the chat."""
    for message in reversed(chat.messages.values()):
        if message.from_bot and not message.deleted:
            return message
    raise AssertionError(f"The bot has said nothing to {name}")


def membership(chat: Chat, by: dict[str, Any], whom: dict[str, Any], old: str, new: str, date: int) -> dict[str, Any]:
    """A my_chat_member update's body."""

    def member(status: str) -> dict[str, Any]:
        return {"user": whom, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    return {
        "chat": chat.json(),
        "from": by,
        "date": date,
        "old_chat_member": member(old),
        "new_chat_member": member(new),
    }


def _buttons(message: Message) -> list[tuple[str, dict[str, Any]]]:
    return [(button["text"], button) for row in message.buttons for button in row]


def _keys(message: Message) -> list[tuple[str, dict[str, Any]]]:
    rows = (message.markup or {}).get("keyboard", [])
    keys = [key if isinstance(key, dict) else {"text": key} for row in rows for key in row]
    return [(key["text"], key) for key in keys]


def _matching(buttons: list[tuple[str, dict[str, Any]]], label: str) -> list[dict[str, Any]]:
    """Buttons that read the label, then those that start with it; a sign before the words does not count."""
    words = [(text, re.sub(r"^[^\w\d]+", "", text), button) for text, button in buttons]
    return [button for text, bare, button in words if label in (text, bare)] + [
        button for text, bare, button in words if text.startswith(label) or bare.startswith(label)
    ]
