"""What the Bot API checks of a text and its buttons: HTML into entities, lengths, keyboards; refusals in its words."""

import html
import json
import re
from typing import Any

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024
BUTTON_KINDS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


class ApiError(Exception):
    """A refusal: HTTP status, description, and the parameters that the answer carries (retry_after, ...)."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts offsets."""
    return len(text.encode("utf-16-le")) // 2


def parse_text(text: Any, parse_mode: str | None, entities: Any = None) -> tuple[str, list[dict[str, Any]]]:
    """The text as people see it, and its entities; ApiError 400 for markup that the Bot API refuses."""
    if not isinstance(text, str):
        text = "" if text is None else str(text)
    if parse_mode and parse_mode.lower() == "html":
        text, found = parse_html(text)
    elif parse_mode:
        raise ApiError(400, f"Bad Request: unsupported parse_mode (the stand-in reads HTML only): {parse_mode}")
    else:
        found = list(decoded(entities) or [])
    left = len(text) - len(text.lstrip())
    if left:
        gone = utf16_length(text[:left])
        found = [{**each, "offset": max(0, each["offset"] - gone)} for each in found]
    return text.strip(), found


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Telegram's HTML; an unknown, unclosed or crossed tag is refused with its byte offset."""
    out, at, entities = "", 0, []
    open_tags: list[tuple[str, int, dict[str, Any]]] = []

    def refuse(what: str) -> ApiError:
        return ApiError(400, f"Bad Request: can't parse entities: {what}")

    while at < len(text):
        offset = len(text[:at].encode())
        if text[at] == "&":
            entity = ENTITY.match(text, at)
            out += html.unescape(entity.group()) if entity else "&"
            at = entity.end() if entity else at + 1
            continue
        if text[at] != "<":
            out += text[at]
            at += 1
            continue
        end = text.find(">", at)
        if end < 0:
            raise refuse(f"Unclosed start tag at byte offset {offset}")
        inside = text[at + 1 : end]
        at = end + 1
        if inside.startswith("/"):
            name = inside[1:].strip().lower()
            if not open_tags:
                raise refuse(f"Unexpected end tag at byte offset {offset}")
            opened, start, more = open_tags.pop()
            if name not in ("", opened):
                raise refuse(f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"')
            length = utf16_length(out) - start
            if length:
                entities.append({"type": TAGS[opened], "offset": start, "length": length, **more})
            continue
        name = re.match(r"[^\s/]*", inside).group().lower()  # type: ignore[union-attr]
        if name not in TAGS or (name == "span" and "tg-spoiler" not in inside):
            raise refuse(f'Unsupported start tag "{name}" at byte offset {offset}')
        address = re.search(r"href\s*=\s*[\"']?([^\"'\s]+)", inside)
        more = {"url": html.unescape(address.group(1))} if name == "a" and address else {}
        open_tags.append((name, utf16_length(out), more))
    if open_tags:
        raise refuse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return out, sorted(entities, key=lambda each: (each["offset"], -each["length"]))


def decoded(value: Any) -> Any:
    """A parameter that came as JSON text, as its value."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse a JSON parameter") from None
    return value


def parse_markup(value: Any) -> dict[str, Any] | None:
    """The reply markup as a dict, checked; None when there is none."""
    markup = decoded(value)
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise ApiError(400, "Bad Request: object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        if {"keyboard", "remove_keyboard", "force_reply"} & markup.keys():
            return markup
        raise ApiError(400, "Bad Request: can't parse reply keyboard markup JSON object")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ApiError(400, 'Bad Request: field "inline_keyboard" must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        _check_button(button)
    if sum(map(len, rows)) > 100:
        raise ApiError(400, "Bad Request: reply markup is too long")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise ApiError(400, "Bad Request: can't parse inline keyboard button: text is missing")
    if not button["text"].strip():
        raise ApiError(400, "Bad Request: inline keyboard button text must be non-empty")
    kinds = [kind for kind in BUTTON_KINDS if kind in button]
    if len(kinds) != 1:
        raise ApiError(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in it")
    if kinds == ["callback_data"] and not (
        isinstance(button["callback_data"], str) and 1 <= len(button["callback_data"].encode()) <= 64
    ):
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    if kinds == ["url"] and not re.match(r"(https?|tg|mailto)://?[^\s]+|[\w.-]+\.\w{2,}", str(button["url"])):
        raise ApiError(400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
