"""Draws the pictures of screens as PNG, for a phone: large type, colours that colour-blind people tell apart, and patterns.

matplotlib is imported at the first picture; drawing takes tens of milliseconds, so do it off the event loop.
"""

import io
from collections.abc import Mapping
from typing import Any

from bot.wording import say
from handlers.screen import Text

WIDTH, HEIGHT, DPI = 10.8, 13.5, 100  # inches: 1080 x 1350 pixels, a phone held upright
SIZE = 26  # points: about as large as the text around it when the picture fills a phone
INK, GRID = "#222222", "#cccccc"
# Okabe and Ito's colours, and a pattern each for who sees none of them.
LOOKS: Mapping[str, tuple[str, str]] = {"O1": ("#0072B2", ""), "O2": ("#E69F00", "//"), "O3": ("#009E73", ".."), "O4": ("#CC79A7", "xx")}


def draw(drawing: str, figures: Mapping[str, Any], language: str) -> bytes:
    """The PNG of a drawing, 1080 x 1350 pixels, with its words in a language. Raises KeyError for a drawing that there is not."""
    return DRAWINGS[drawing](figures, language)


def draw_summary(figures: Mapping[str, Any], language: str) -> bytes:
    """Hours per week as stacked columns, and below what is used of each budget with a marker where an even pace would be."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({
        "font.size": SIZE, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": INK,
        "hatch.linewidth": 2.5, "axes.spines.top": False, "axes.spines.right": False, "axes.titleweight": "bold",
    }):  # fmt: skip
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI)
        low = 0.115 + 0.085 * max(1, len(figures["burn"]))  # the lower part is as high as it has rows
        _weeks(figure.add_axes((0.1, low + 0.22, 0.845, 0.73 - low)), figures["weeks"], language)
        _budget(figure.add_axes((0.1, 0.115, 0.845, low - 0.115)), figures["burn"], language)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _weeks(axes: Any, weeks: list[Mapping[str, Any]], language: str) -> None:
    at = range(len(weeks))
    floor = [0.0] * len(weeks)
    for oproep, (colour, hatch) in LOOKS.items():
        hours = [each["minutes"].get(oproep, 0) / 60 for each in weeks]
        if any(hours):
            label = _words("words.oproep_" + oproep, language)
            axes.bar(at, hours, 0.75, bottom=floor, color=colour, hatch=hatch, edgecolor="white", linewidth=1.5, label=label)
            floor = [low + more for low, more in zip(floor, hours, strict=True)]
    top = max([*floor, 2.0]) * 1.12
    axes.set_ylim(0, top)
    for x, total in zip(at, floor, strict=True):
        if total:
            axes.text(x, total + top * 0.015, _hours(total, language), ha="center", va="bottom", fontsize=SIZE - 4)
    axes.set_xticks(list(at), [str(each["number"]) for each in weeks])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel(_words("summary.week_axis", language))
    axes.set_title(_words("summary.hours_per_week", language), loc="left", pad=14)
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axes.yaxis.grid(True, color=GRID)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.figure.legend(
            loc="upper center", bbox_to_anchor=(0.5, axes.get_position().y0 - 0.068), ncols=2, frameon=False, fontsize=SIZE - 6,
            handlelength=1.6, columnspacing=1.2,
        )  # fmt: skip


def _budget(axes: Any, burn: list[Mapping[str, Any]], language: str) -> None:
    axes.set_title(_words("summary.used_of_budget", language), loc="left", pad=10)
    top = max([100, *(each["percent"] for each in burn)])
    for row, each in enumerate(burn):
        colour, hatch = LOOKS[each["oproep"]]
        axes.barh(row, top, 0.46, color="#eeeeee")
        axes.barh(row, each["percent"], 0.46, color=colour, hatch=hatch, edgecolor="white", linewidth=1.5)
        amount = say(Text("summary.of_hours", {"percent": each["percent"], "granted": each["granted"]}), language)
        axes.text(0, row - 0.29, _words("words.oproep_" + each["oproep"], language), ha="left", va="bottom", fontsize=SIZE - 4)
        axes.text(top, row - 0.29, amount, ha="right", va="bottom", fontsize=SIZE - 4)
        if each["pace"] is not None:
            axes.plot([each["pace"]] * 2, [row - 0.23, row + 0.31], color="white", linewidth=11, solid_capstyle="butt")
            axes.plot([each["pace"]] * 2, [row - 0.23, row + 0.31], color=INK, linewidth=5, solid_capstyle="butt")
    axes.set_ylim(max(1, len(burn)) - 0.62, -0.75)
    axes.set_xlim(0, top)
    axes.set_yticks([])
    axes.set_xticks(range(0, top + 1, 25 if top <= 150 else 100), [f"{at} %" for at in range(0, top + 1, 25 if top <= 150 else 100)])
    axes.tick_params(axis="x", labelsize=SIZE - 4)
    axes.spines["left"].set_visible(False)
    if any(each["pace"] is not None for each in burn):
        axes.figure.text(0.5, 0.03, "| = " + _words("summary.pace", language), ha="center", va="center", fontsize=SIZE - 4, weight="bold")


def _hours(hours: float, language: str) -> str:
    """Hours above a column: whole, or with one decimal where that matters."""
    said = f"{hours:.0f}" if hours >= 10 or hours == int(hours) else f"{hours:.1f}"
    return said if language == "en" else said.replace(".", ",")


def _words(key: str, language: str) -> str:
    return say(Text(key), language)


DRAWINGS = {"summary": draw_summary}
