"""The Slack surface: a Screen becomes Block Kit and calls of the Web API; pure functions, no sending.

All that people read is `plain_text`, which knows no markup, so nothing needs escaping there; only a line with a link is `mrkdwn`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.slack_figures import chart_blocks, table_block
from bot.slack_reading import ALL_COMMAND, typed
from bot.wording import paragraphs, say
from handlers.commands import COMMAND_OF
from handlers.screen import Choice, Event, Screen, Text
from handlers.screen import say as text

BLOCKS, TEXT, HEADER, LABEL, BUTTONS = 50, 3000, 150, 75, 25
A_MESSAGE = 10_000  # characters of all blocks together, below what Slack takes
SUMMARY = 3000  # characters of the top-level text, which a screen reader and a notification say
LINK = re.compile(r"https?://\S+")
# Commands of their own; Slack has names like /help itself and one namespace for all apps.
FREE = frozenset(
    ("presentie", "overleg", "intervisie", "ondersteuning", "saldo", "overzicht", "watals", "aanvraag", "samenvatting", "taal",
     "annuleer")
)  # fmt: skip
NAMED = re.compile(r"(?<![\w/.:\"])/(" + "|".join(sorted(COMMAND_OF, key=len, reverse=True)) + r")\b")

Call = dict[str, Any]
Block = dict[str, Any]


def in_slack(words: str) -> str:
    """Words with the commands they name as they are typed here: /help is Slack's own, ours is /uren help."""
    if "/" not in words:
        return words
    return NAMED.sub(lambda found: found[0] if found[1] in FREE else f"/{ALL_COMMAND} {found[1]}", words)


def escape(words: str) -> str:
    """Words for `mrkdwn` and top-level text, where <!channel> would call everybody."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(words: str, limit: int = TEXT) -> Block:
    """A `plain_text` object of at most `limit` characters."""
    return {"type": "plain_text", "text": shorten(words, limit), "emoji": False}


def shorten(words: str, limit: int) -> str:
    """Words of at most `limit` characters and at least one."""
    words = words if words.strip() else "…"
    return words if len(words) <= limit else words[: limit - 1] + "…"


def show(screen: Screen, event: Event, card: str | None = None) -> list[Call]:
    """The calls that show a screen as the answer to an event. `card` ("draft:channel/time") says where the person's card stands.

    A press changes its message. What answers typing is posted below it and takes the place of the card above, which goes.
    """
    calls: list[Call] = []
    shown = [each for each in (screen, *screen.also) if not each.silent]
    for number, each in enumerate(shown):
        if each.private and not event.private:  # pressed in a channel: the card there stays, she reads this in her own messages
            own = replace(event, chat=event.who.user, message="", private=True, extra={})
            calls += _message(replace(each, notice=None), own, None, edit=False)  # which says where to look: below
        else:
            calls += _message(each, event, card, edit=not each.fresh and number == 0)
    if event.kind == "press" and not event.private and screen.notice is not None:
        said = in_slack(say(screen.notice, screen.language))
        hers = {"channel": event.chat, "user": person_of(event.who.user), **_thread(event), "text": escape(said), "optional": True}
        calls.append({"method": "chat.postEphemeral", **hers})
    if event.extra.get("passing") and not any(each["method"] == "respond" for each in calls) and calls:
        calls.insert(0, _pointer(event, screen.language))
    return calls


def person_of(user: str) -> str:
    """Whom Slack knows: an identity of another workspace carries that before its id."""
    return user.rpartition("/")[2]


def _pointer(event: Event, language: str) -> Call:
    said = say(text("slack.in_direct"), language)
    return _respond(event, [section(said)], said)


def _respond(event: Event, blocks: list[Block], said: str) -> Call:
    open_ = not event.private
    return {
        "method": "respond", "url": event.extra.get("respond"), "text": escape(said), "blocks": blocks,
        "response_type": "in_channel" if open_ else "ephemeral", "replace_original": event.kind == "press",
    }  # fmt: skip


def _message(screen: Screen, event: Event, card: str | None, *, edit: bool) -> list[Call]:
    pieces = messages(screen)
    carried = bool(screen.files or screen.workbooks or screen.pictures)
    if event.extra.get("passing") and screen.draft is None and not carried:
        calls = [_respond(event, blocks, said) for blocks, said in pieces]
        for each in calls if screen.fresh else calls[1:]:
            each["replace_original"] = False
        return calls
    native = _native(screen) if len(pieces) == 1 else {}
    files = _files(screen, event, spare=bool(native))
    if not event.private and event.kind == "command" and event.extra.get("respond"):
        return [*({**_respond(event, blocks, said), **native} for blocks, said in pieces), *files]
    target = event.message if edit and event.kind in ("press", "owed") and len(pieces) == 1 else ""
    calls = []
    for number, (blocks, said) in enumerate(pieces, 1):
        body = {"text": escape(said), "blocks": blocks, **native, **({"draft": screen.draft} if number == len(pieces) else {})}
        if target:
            channel, _, ts = target.partition("/")
            calls.append({"method": "chat.update", "channel": channel, "ts": ts, **body})
        else:
            quiet = {"unfurl_links": False, "unfurl_media": False}
            calls.append({"method": "chat.postMessage", "channel": _place(event), **_thread(event), **quiet, **body})
    old = (card or "").partition(":")[2]
    if not target and screen.draft is not None and old and old != event.message:
        channel, _, ts = old.partition("/")
        calls.append({"method": "chat.delete", "channel": channel, "ts": ts, "optional": True})
    return [*calls, *files]


def _thread(event: Event) -> Call:
    """The thread in which it happened."""
    return {"thread_ts": event.extra["topic"]} if event.extra.get("topic") else {}


def _place(event: Event) -> str:
    """Where messages go: to a person by who she is, to a thread of her conversation by what that is called."""
    threaded = event.extra.get("topic") and event.extra.get("channel")
    return str(event.extra["channel"]) if threaded else person_of(event.chat)


def _native(screen: Screen) -> Call:
    """{"native": what takes the place of a message's text and blocks where Slack draws tables and charts}; nothing when it cannot be.

    The text says all of it, for who does not see it.
    """
    charted = [each for each in screen.pictures if each.charts]
    drawn = chart_blocks([chart for each in charted for chart in each.charts], screen.language)
    table = table_block(screen.table, screen.language) if screen.table is not None else None
    if drawn is None or (screen.table is not None and table is None) or not (drawn or table):
        return {}
    spoken = screen if screen.table is None else replace(screen, body=screen.table.beside)
    blocks = [*words_of(spoken), *([table] if table is not None else ()), *drawn, *buttons_of(screen)]
    if len(blocks) > BLOCKS:
        return {}
    said = "\n".join([messages(screen)[0][1], *(say(each.alternative, screen.language) for each in charted)])
    return {"native": {"text": escape(shorten(said, SUMMARY)), "blocks": blocks}}


def messages(screen: Screen) -> list[tuple[list[Block], str]]:
    """(blocks, top-level text) of each message that a screen needs; usually one."""
    blocks, rows = words_of(screen), buttons_of(screen)
    pieces: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        length = len(_said(block))
        if pieces[-1] and (len(pieces[-1]) == BLOCKS or size + length > A_MESSAGE):
            pieces.append([])
            size = 0
        pieces[-1].append(block)
        size += length
    for row in rows:
        if len(pieces[-1]) == BLOCKS:
            pieces.append([])
        pieces[-1].append(row)
    return [(piece, shorten("\n".join(filter(None, map(_said, piece))), SUMMARY)) for piece in pieces]


def _said(block: Block) -> str:
    """The words of a block, for who does not see it."""
    elements = [each["text"] if each["type"] == "button" else each for each in block.get("elements", ())]
    words = [block["text"]] if "text" in block else elements
    return " / ".join(typed(each["text"]).replace("\u200b", "") if each["type"] == "mrkdwn" else each["text"] for each in words)


def words_of(screen: Screen) -> list[Block]:
    """The blocks with the words of a screen: short answer, title, body, verdict, problems, question."""
    language = screen.language
    found: list[Block] = []
    if screen.notice is not None and screen.notice not in (screen.title, *screen.problems, *screen.body):
        found.append({"type": "context", "elements": [plain(in_slack(say(screen.notice, language)))]})
    if screen.title is not None:
        title = in_slack(say(screen.title, language))
        found.append({"type": "header", "text": plain(title, HEADER)} if len(title) <= HEADER and "\n" not in title else section(title))

    def lines(texts: tuple[Text, ...], mark: str = "") -> None:
        said = [in_slack(f"{mark}{line}") if line else "" for line in paragraphs(texts, language)]
        found.extend(sections(said))

    lines(screen.body)
    lines(screen.verdict)
    lines(screen.problems, "! ")
    if screen.asks is not None:
        found.extend(sections(in_slack(say(screen.asks, language)).split("\n")))
    return found or [section("…")]


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines as sections of at most 3000 characters; a line with a link stands by itself, to be pressed."""
    lines = list(lines)
    whole = "\n".join(lines).strip("\n")
    if len(whole) <= TEXT and not LINK.search(whole):
        return [section(whole)] if whole else []
    found: list[Block] = []
    current: list[str] = []

    def close() -> None:
        if joined := "\n".join(current).strip("\n"):
            found.append(section(joined))
        current.clear()

    for line in lines:
        if LINK.search(line) and len(linked := _linked(line)) <= TEXT:
            close()
            found.append({"type": "section", "text": {"type": "mrkdwn", "text": linked}})
            continue
        for start in range(0, max(1, len(line)), TEXT):
            piece = line[start : start + TEXT]
            if current and sum(map(len, current)) + len(current) + len(piece) > TEXT:
                close()
            current.append(piece)
    close()
    return found


def section(words: str) -> Block:
    """A section that says these words, at most 3000 characters of them."""
    return {"type": "section", "text": plain(words)}


def _linked(line: str) -> str:
    """A line of which the addresses can be pressed and nothing else means anything."""
    parts: list[str] = []
    end = 0
    for found in LINK.finditer(line):
        address = escape(found[0]).replace("|", "%7C")
        parts += [_flat(line[end : found.start()]), f"<{address}>"]
        end = found.end()
    return "".join((*parts, _flat(line[end:])))


def _flat(words: str) -> str:
    """Words in which * _ ~ ` stand for themselves: a character without width keeps them from being marks."""
    return re.sub(r"([*_~`])", "\u200b\\1", escape(words))


def buttons_of(screen: Screen) -> list[Block]:
    """The buttons of a screen, a block for each row."""
    found: list[Block] = []
    for row in screen.choices:
        for start in range(0, len(row), BUTTONS):
            part = row[start : start + BUTTONS]
            elements = [button(choice, screen.language, f"{len(found)}.{number}") for number, choice in enumerate(part)]
            found.append({"type": "actions", "elements": elements})
    return found


def button(choice: Choice, language: str, place: str) -> Block:
    """A button; `place` tells it from the others of its message."""
    label = say(choice.label, language)
    return {"type": "button", "action_id": f"press.{place}", "text": plain(in_slack(label), LABEL), "value": choice.press}


def _files(screen: Screen, event: Event, *, spare: bool) -> list[Call]:
    """What goes with a message: pictures and workbooks as the figures of which they are made when they are sent, and files.

    `spare`: pictures that have charts go only when Slack does not take those.
    """
    language = screen.language
    common = {"method": "file", "channel": _place(event), "thread_ts": event.extra.get("topic") or None}
    pictures = [
        {
            **common, "caption": say(each.alternative, language),
            "picture": {"drawing": each.drawing, "figures": each.figures, "language": language},
            **({"spare": True} if spare and each.charts else {}),
        }
        for each in screen.pictures
    ]
    workbooks = [
        {
            **common, "caption": say(each.caption, language),
            "workbook": {"name": each.name, "sheets": each.sheets, "figures": each.figures, "language": language},
        }
        for each in screen.workbooks
    ]
    files = [
        {**common, "caption": say(each.caption, language), "file": {"name": each.name, "content": each.content}} for each in screen.files
    ]
    return pictures + workbooks + files
