"""Block Kit's limits as Slack documents them: what is wrong with a payload, in words; nothing when Slack would take it."""

from collections.abc import Iterator, Mapping
from typing import Any

IN_A_MESSAGE, IN_A_VIEW = 50, 100
TEXT, HEADER, LABEL, ACTION_ID, BLOCK_ID, VALUE, OPTION_VALUE, TITLE = 3000, 150, 75, 255, 255, 2000, 150, 24
ELEMENTS, OPTIONS = 25, 100
ROWS, COLUMNS, CELLS = 100, 20, 10_000  # of a table; characters of all its cells
CHARTS, SERIES, POINTS, CHART_TITLE, CHART_LABEL = 2, 6, 20, 50, 20
IN_MESSAGES = {"section", "header", "context", "actions", "divider", "image", "table", "data_visualization"}
INPUTS = {"plain_text_input", "static_select", "datepicker", "timepicker", "radio_buttons", "checkboxes"}


def wrong_with_message(message: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse, or a screen reader would miss, in a message."""
    found = list(_blocks(message.get("blocks", ()), IN_A_MESSAGE, IN_MESSAGES))
    for kind, most in (("table", 1), ("data_visualization", CHARTS)):
        if (count := sum(each["type"] == kind for each in message.get("blocks", ()))) > most:
            found.append(f"{count} blocks of type {kind}")
    if not str(message.get("text") or "").strip():
        found.append("no top-level text: nothing is said by a notification or a screen reader")
    if len(str(message.get("text") or "")) > 4000:
        found.append("top-level text over 4000")
    found += _unescaped(str(message.get("text") or ""), "top-level text")
    if not message.get("blocks") and "blocks" in message:
        found.append("no blocks")
    return found


def wrong_with_view(view: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse in a modal or a Home."""
    allowed = {"section", "header", "context", "actions", "divider", "image", "input"}
    found = list(_blocks(view.get("blocks", ()), IN_A_VIEW, allowed))
    if not view.get("blocks"):
        found.append("no blocks")
    if view.get("type") == "modal":
        for name in ("title", "submit", "close"):
            if name in view:
                found += _text(view[name], name, TITLE, plain=True)
        if "title" not in view:
            found.append("no title")
        if any(each["type"] == "input" for each in view["blocks"]) and "submit" not in view:
            found.append("inputs without submit")
        if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
            found.append("private_metadata or callback_id too long")
    if view.get("type") not in ("modal", "home"):
        found.append(f"a view of type {view.get('type')}")
    return found


def _blocks(blocks: Any, most: int, allowed: set[str]) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    named = [each["block_id"] for each in blocks if "block_id" in each]
    if len(set(named)) != len(named):
        yield f"block ids not unique: {named}"
    actions = [element.get("action_id") for each in blocks if each["type"] == "actions" for element in each["elements"]]
    if len(set(actions)) != len(actions):
        yield f"action ids not unique: {actions}"
    for each in blocks:
        if each["type"] not in allowed:
            yield f"a block of type {each['type']}"
        if len(each.get("block_id", "")) > BLOCK_ID:
            yield "block id too long"
        yield from _block(each)


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from _text(block.get("text"), "section", TEXT)
        case "header":
            yield from _text(block.get("text"), "header", HEADER, plain=True)
        case "context":
            if not 0 < len(block["elements"]) <= 10:
                yield "context elements"
            for each in block["elements"]:
                yield from _text(each, "context", TEXT)
        case "actions":
            if not 0 < len(block["elements"]) <= ELEMENTS:
                yield f"{len(block['elements'])} elements in actions"
            for each in block["elements"]:
                yield from _element(each)
        case "table":
            yield from _table(block)
        case "data_visualization":
            yield from _chart(block)
        case "input":
            yield from _text(block.get("label"), "label", 2000, plain=True)
            if "hint" in block:
                yield from _text(block["hint"], "hint", 2000, plain=True)
            if block["element"]["type"] not in INPUTS:
                yield f"input of {block['element']['type']}"
            yield from _element(block["element"])


def _table(block: Mapping[str, Any]) -> Iterator[str]:
    rows = block.get("rows", ())
    if not 0 < len(rows) <= ROWS or not all(0 < len(row) <= COLUMNS for row in rows) or len({len(row) for row in rows}) > 1:
        yield f"a table of {len(rows)} rows of {sorted({len(row) for row in rows})} cells"
    cells = [cell for row in rows for cell in row]
    if any(cell.get("type") != "raw_text" or not cell.get("text", "").strip() for cell in cells):
        yield "a cell without raw text"
    if sum(len(cell.get("text", "")) for cell in cells) > CELLS:
        yield "too much in a table"
    sides = block.get("column_settings", ())
    if len(sides) > COLUMNS or any(each.get("align") not in ("left", "center", "right") for each in sides):
        yield f"column settings {sides}"


def _chart(block: Mapping[str, Any]) -> Iterator[str]:
    chart = block.get("chart", {})
    axes, series = chart.get("axis_config", {}), chart.get("series", ())
    if not 0 < len(block.get("title", "").strip()) <= CHART_TITLE:
        yield f"chart title {block.get('title')!r}"
    if chart.get("type") not in ("line", "bar", "area") or not 0 < len(series) <= SERIES:
        yield f"a {chart.get('type')} chart of {len(series)} series"
    labels, names = axes.get("categories", ()), [each.get("name", "") for each in series]
    for words in (labels, names):
        if len(set(words)) != len(words) or not all(0 < len(each.strip()) <= CHART_LABEL for each in words):
            yield f"chart labels {words}"
    if not 0 < len(labels) <= POINTS or any([point["label"] for point in each["data"]] != list(labels) for each in series):
        yield "the points of a series are not those of the axis"
    if any(isinstance(point["value"], bool) or not isinstance(point["value"], int | float) for each in series for point in each["data"]):
        yield "a value that is no number"
    if any(len(axes.get(each, "")) > CHART_TITLE for each in ("x_label", "y_label")):
        yield "the name of an axis"


def _element(each: Mapping[str, Any]) -> Iterator[str]:
    if not 0 < len(each.get("action_id", "")) <= ACTION_ID:
        yield f"action id {each.get('action_id')!r}"
    if each["type"] == "button":
        yield from _text(each.get("text"), "button", LABEL, plain=True)
        if not 0 < len(each.get("value", "")) <= VALUE:
            yield "button value"
    if each["type"] in ("static_select", "radio_buttons"):
        options = each["options"]
        if not 0 < len(options) <= (OPTIONS if each["type"] == "static_select" else 10):
            yield f"{len(options)} options"
        for option in options:
            yield from _text(option["text"], "option", LABEL, plain=True)
            if not 0 < len(option["value"]) <= OPTION_VALUE:
                yield f"option value {option['value']!r}"
        if "initial_option" in each and each["initial_option"] not in options:
            yield "initial option is none of the options"
    if "initial_value" in each and not 0 < len(each["initial_value"]) <= TEXT:
        yield "initial value"


def _text(text: Any, where: str, most: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, Mapping) or text.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"{where}: no {'plain ' if plain else ''}text object"
        return
    words = text.get("text", "")
    if not words.strip() or len(words) > most:
        yield f"{where}: {len(words)} characters"
    if text["type"] == "mrkdwn":
        yield from _unescaped(words, where)


def _unescaped(words: str, where: str) -> Iterator[str]:
    """Marks that would call or link somebody; an address that we put there ourselves is a link."""
    rest = words
    while "<" in rest:
        after = rest.partition("<")[2]
        inside, closed, rest = after.partition(">")
        if not closed or not inside.startswith(("http://", "https://")):
            yield f"{where}: <{inside[:20]} means something"
            return
