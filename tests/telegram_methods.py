"""The Bot API methods of the stand-in, with the refusals of the real one.

Each takes (world, params) and returns `result`. Params are as the bot sent them: texts, values from JSON, or
(file name, content) for an uploaded part.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.telegram_markup import CAPTION_LIMIT, TEXT_LIMIT, ApiError, decoded, parse_markup, parse_text, utf16_length
from tests.telegram_world import Chat, File, Message, World

Params = dict[str, Any]
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
SAME = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
DOWNLOAD_LIMIT, DOCUMENT_LIMIT, PHOTO_LIMIT = 20 << 20, 50 << 20, 10 << 20


def whole(params: Params, name: str, default: int | None = None) -> int | None:
    """A whole number of the parameters; ApiError 400 when it is none."""
    value = params.get(name)
    if value in (None, ""):
        return default
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiError(400, f"Bad Request: invalid {name} specified") from None


def yes(params: Params, name: str) -> bool:
    return str(params.get(name, "")).lower() in ("true", "1")


def find_chat(world: World, params: Params) -> Chat:
    """The chat to write to; ApiError when there is none or it refuses the bot."""
    if params.get("chat_id") in (None, ""):
        raise ApiError(400, "Bad Request: chat_id is empty")
    if not re.fullmatch(r"-?\d+", str(params["chat_id"])) or int(params["chat_id"]) not in world.chats:
        raise ApiError(400, "Bad Request: chat not found")
    chat = world.chats[int(params["chat_id"])]
    if chat.refusal:
        raise chat.refusal
    return chat


def find_message(world: World, params: Params, purpose: str) -> Message:
    chat = find_chat(world, params)
    message = chat.messages.get(whole(params, "message_id", 0) or 0)
    if message is None or message.deleted:
        raise ApiError(400, f"Bad Request: message to {purpose} not found")
    if not message.from_bot and not (purpose == "delete" and chat.kind == "private"):
        raise ApiError(400, f"Bad Request: message can't be {purpose.removesuffix('e')}ed")
    return message


def text_of(params: Params, name: str, limit: int, too_long: str) -> tuple[str, list[dict[str, Any]]]:
    text, entities = parse_text(params.get(name), params.get("parse_mode"), params.get(_entities_key(name)))
    if utf16_length(text) > limit:
        raise ApiError(400, f"Bad Request: {too_long}")
    return text, entities


def _entities_key(name: str) -> str:
    return "entities" if name == "text" else "caption_entities"


def send_message(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    text, entities = text_of(params, "text", TEXT_LIMIT, "message is too long")
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    return _add(world, chat, params, text=text, entities=entities).json()


def _add(world: World, chat: Chat, params: Params, content: dict[str, Any] | None = None, **fields: Any) -> Message:
    content = dict(content or {})
    if thread := whole(params, "message_thread_id"):
        content["message_thread_id"] = thread
    replied = (decoded(params.get("reply_parameters")) or {}).get("message_id") or whole(params, "reply_to_message_id")
    if replied:
        if replied in chat.messages:
            content["reply_to_message"] = chat.messages[replied].json()
        elif not (decoded(params.get("reply_parameters")) or {}).get("allow_sending_without_reply"):
            raise ApiError(400, "Bad Request: message to be replied not found")
    return world.add(chat, world.bot, markup=parse_markup(params.get("reply_markup")), content=content, **fields)


def edit_message_text(world: World, params: Params) -> Any:
    message = find_message(world, params, "edit")
    if message.file:
        raise ApiError(400, "Bad Request: there is no text in the message to edit")
    text, entities = text_of(params, "text", TEXT_LIMIT, "MESSAGE_TOO_LONG")
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    return _edit(message, text, entities, parse_markup(params.get("reply_markup")))


def edit_message_caption(world: World, params: Params) -> Any:
    message = find_message(world, params, "edit")
    if not message.file:
        raise ApiError(400, "Bad Request: there is no caption in the message to edit")
    text, entities = text_of(params, "caption", CAPTION_LIMIT, "message caption is too long")
    return _edit(message, text, entities, parse_markup(params.get("reply_markup")))


def edit_message_reply_markup(world: World, params: Params) -> Any:
    message = find_message(world, params, "edit")
    return _edit(message, message.text, message.entities, parse_markup(params.get("reply_markup")))


def _edit(message: Message, text: str, entities: list[dict[str, Any]], markup: dict[str, Any] | None) -> Any:
    if (text, entities, markup) == (message.text, message.entities, message.markup):
        raise ApiError(400, SAME)
    message.text, message.entities, message.markup = text, entities, markup
    message.edits += 1
    return message.json()


def delete_message(world: World, params: Params) -> Any:
    message = find_message(world, params, "delete")
    if world.clock() - message.date > 48 * 3600:
        raise ApiError(400, "Bad Request: message can't be deleted")
    message.deleted = True
    return True


def answer_callback_query(world: World, params: Params) -> Any:
    query = str(params.get("callback_query_id", ""))
    if query not in world.queries:
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    if len(str(params.get("text", ""))) > 200:
        raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
    answer = {"query": query, "text": str(params.get("text", "")), "show_alert": yes(params, "show_alert")}
    world.answers.setdefault(query, []).append(answer)
    person = world.people.get(world.queries[query]["from"]["id"])
    if answer["text"] and person:
        person.alerts.append(answer)
    return True


def _send_file(kind: str, limit: int) -> Callable[[World, Params], Any]:
    def send(world: World, params: Params) -> Any:
        chat = find_chat(world, params)
        caption, entities = text_of(params, "caption", CAPTION_LIMIT, "message caption is too long")
        file = _uploaded(world, params, kind, caption)
        if len(file.content) > limit:
            raise ApiError(413, "Request Entity Too Large")
        part: dict[str, Any] = {"file_id": file.file_id, "file_unique_id": file.file_id, "file_size": len(file.content)}
        body: Any = [{**part, "width": 90, "height": 90}] if kind == "photo" else {**part, "file_name": file.name}
        message = _add(world, chat, params, {kind: body}, text=caption, entities=entities, file=file)
        return message.json()

    return send


def _uploaded(world: World, params: Params, kind: str, caption: str) -> File:
    value = params.get(kind)
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"))
    if isinstance(value, tuple):
        name, content = value
        if not content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        return world.keep(name, content, kind, caption)
    if not value:
        raise ApiError(400, f"Bad Request: there is no {kind} in the request")
    if value not in world.files:
        raise ApiError(400, "Bad Request: wrong remote file identifier specified: Wrong string length")
    known = world.files[value]
    return File(known.file_id, known.name, known.content, kind, caption)


def send_chat_action(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    if params.get("action") not in ACTIONS:
        raise ApiError(400, "Bad Request: wrong parameter action in request")
    chat.actions.append(params["action"])
    return True


def _scope(params: Params) -> tuple[str, str]:
    scope = decoded(params.get("scope")) or {"type": "default"}
    where = ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)
    return where, str(params.get("language_code", ""))


def set_my_commands(world: World, params: Params) -> Any:
    commands = decoded(params.get("commands"))
    if not isinstance(commands, list):
        raise ApiError(400, "Bad Request: commands must be an Array")
    if len(commands) > 100:
        raise ApiError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", "")).lstrip("/")):
            raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(params)] = commands
    return True


def set_profile(world: World, params: Params) -> Any:
    for name, limit in (("name", 64), ("description", 512), ("short_description", 120)):
        if len(str(params.get(name, ""))) > limit:
            raise ApiError(400, f"Bad Request: {name} is too long")
        if name in params:
            world.profile[name, str(params.get("language_code", ""))] = str(params[name])
    return True


def set_webhook(world: World, params: Params) -> Any:
    url = str(params.get("url", ""))
    if not url:
        return delete_webhook(world, params)
    if not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", url):
        raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    secret = str(params.get("secret_token", ""))
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    _drop(world, params)
    _allow(world, params)
    connections = whole(params, "max_connections", 40)
    world.webhook = {"url": url, "secret": secret, "max_connections": connections, "error": "", "error_date": 0}
    return True


def delete_webhook(world: World, params: Params) -> Any:
    _drop(world, params)
    world.webhook = {"url": ""}
    return True


def _drop(world: World, params: Params) -> None:
    if yes(params, "drop_pending_updates"):
        world.dropped += len(world.waiting)
        world.waiting.clear()


def _allow(world: World, params: Params) -> None:
    if "allowed_updates" in params:
        world.allowed = set(decoded(params["allowed_updates"]) or []) or None


def get_webhook_info(world: World, params: Params) -> Any:
    hook = world.webhook
    info = {"url": hook["url"], "has_custom_certificate": False, "pending_update_count": len(world.waiting)}
    if hook.get("error"):
        info |= {"last_error_message": hook["error"], "last_error_date": hook["error_date"]}
    return info | ({"max_connections": hook["max_connections"]} if hook["url"] else {})


def get_chat(world: World, params: Params) -> Any:
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return find_chat(world, params).json() | more


def get_chat_member(world: World, params: Params) -> Any:
    chat, user = find_chat(world, params), whole(params, "user_id")
    group = world.people[chat.id]
    for person in getattr(group, "members", [group]):
        if person.user["id"] == user:
            if person in getattr(group, "admins", []):
                return {"status": "creator", "user": person.user, "is_anonymous": False}
            return {"status": "member", "user": person.user}
    raise ApiError(400, "Bad Request: user not found")


def get_file(world: World, params: Params) -> Any:
    file = world.files.get(str(params.get("file_id")))
    if file is None:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    if len(file.content) > DOWNLOAD_LIMIT:
        raise ApiError(400, "Bad Request: file is too big")
    path = f"{file.kind}s/{file.file_id}"
    return {"file_id": file.file_id, "file_unique_id": file.file_id, "file_size": len(file.content), "file_path": path}


def leave_chat(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    if chat.kind == "private":
        raise ApiError(400, "Bad Request: chat member status can't be changed in private chats")
    chat.refusal = ApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    return True


def set_chat_menu_button(world: World, params: Params) -> Any:
    button = decoded(params.get("menu_button")) or {"type": "default"}
    if params.get("chat_id"):
        find_chat(world, params).menu_button = button
    else:
        world.profile["menu_button", ""] = str(button)
    return True


def log_out(world: World, params: Params) -> Any:
    world.logged_out = True
    return True


METHODS: dict[str, Callable[[World, Params], Any]] = {
    name.lower(): method
    for name, method in {
        "getMe": lambda world, params: world.bot,
        "sendMessage": send_message,
        "editMessageText": edit_message_text,
        "editMessageCaption": edit_message_caption,
        "editMessageReplyMarkup": edit_message_reply_markup,
        "deleteMessage": delete_message,
        "answerCallbackQuery": answer_callback_query,
        "sendDocument": _send_file("document", DOCUMENT_LIMIT),
        "sendPhoto": _send_file("photo", PHOTO_LIMIT),
        "sendChatAction": send_chat_action,
        "setMyCommands": set_my_commands,
        "deleteMyCommands": lambda world, params: bool(world.commands.pop(_scope(params), None)) or True,
        "getMyCommands": lambda world, params: world.commands.get(_scope(params), []),
        "setMyName": set_profile,
        "setMyDescription": set_profile,
        "setMyShortDescription": set_profile,
        "setWebhook": set_webhook,
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": get_webhook_info,
        "getChat": get_chat,
        "getChatMember": get_chat_member,
        "getFile": get_file,
        "leaveChat": leave_chat,
        "setChatMenuButton": set_chat_menu_button,
        "logOut": log_out,
        "close": lambda world, params: True,
    }.items()
}
