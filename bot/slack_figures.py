"""Tables and charts as Slack draws them: the `table` and `data_visualization` blocks, within their limits."""

from typing import Any

from bot.wording import say
from handlers.screen import Chart, Table

ROWS, COLUMNS = 100, 20
CHARTS, SERIES, POINTS = 2, 6, 20  # in a message, in a chart, in a series
TITLE, LABEL = 50, 20
Block = dict[str, Any]


def table_block(table: Table, language: str) -> Block | None:
    """The block of a table, figures to the right; None when Slack would not take so many rows or columns."""
    if len(table.rows) >= ROWS or len(table.header) > COLUMNS:
        return None
    rows = [[{"type": "raw_text", "text": say(each, language) or "–"} for each in row] for row in (table.header, *table.rows)]
    sides = [{"align": "left" if number == 0 else "right", "is_wrapped": True} for number in range(len(table.header))]
    return {"type": "table", "column_settings": sides, "rows": rows}


def chart_blocks(charts: list[Chart], language: str) -> list[Block] | None:
    """The blocks of charts; None when one of them, or all together, are more than Slack would take."""
    blocks = [_chart(each, language) for each in charts]
    return None if None in blocks or len(blocks) > CHARTS else [each for each in blocks if each is not None]


def _chart(chart: Chart, language: str) -> Block | None:
    labels = [_short(say(each, language), LABEL) for each in chart.labels]
    names = [_short(say(name, language), LABEL) for name, _ in chart.series]
    if len(set(labels)) != len(labels) or len(set(names)) != len(names) or not (0 < len(labels) <= POINTS and 0 < len(names) <= SERIES):
        return None
    series = [
        {"name": name, "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]}
        for name, (_, values) in zip(names, chart.series, strict=True)
    ]
    axes = {"categories": labels, "x_label": _short(say(chart.axis, language), TITLE)}
    return {
        "type": "data_visualization", "title": _short(say(chart.title, language), TITLE),
        "chart": {"type": chart.kind, "series": series, "axis_config": axes},
    }  # fmt: skip


def _short(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"
