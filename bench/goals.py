"""A measured goal, and the table in which it is printed: what must hold, what is aimed for, what was seen."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One goal with a figure of every round: a ratio, or MiB when `unit` says so. `at_least`: more is better."""

    what: str
    must: float
    goal: float
    figures: tuple[float, ...]
    at_least: bool = False
    unit: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        """The figure that decides."""
        return statistics.median(self.figures)

    @property
    def verdict(self) -> str:
        """"goal", "must", or "MISSED" when the median is beyond what must hold."""
        sign = -1 if self.at_least else 1
        if self.median * sign <= self.goal * sign:
            return "goal"
        return "must" if self.median * sign <= self.must * sign else "MISSED"


def ratio(
    what: str, must: float, goal: float, ours: Sequence[float], anchor: Sequence[float], *, at_least: bool = False, note: str = ""
) -> Measured:
    """A goal on ours over the anchor, round by round."""
    figures = tuple(mine / base for mine, base in zip(ours, anchor, strict=True))
    return Measured(what, must, goal, figures, at_least=at_least, note=note)


def table(title: str, goals: Sequence[Measured]) -> str:
    """One line a goal: minimum, median and maximum of its figures, must, goal and which of them the median reaches."""
    lines = [f"{title:<58}{'min':>8}{'median':>8}{'max':>8}{'must':>8}{'goal':>8}  reached"]
    for each in goals:
        sign = ">=" if each.at_least else "<="
        seen = "".join(f"{figure:>8.2f}" for figure in (min(each.figures), each.median, max(each.figures)))
        asked = "".join(f"{sign + format(figure, '.4g'):>8}" for figure in (each.must, each.goal))
        lines.append(f"{each.what:<58}{seen}{asked}  {each.verdict}{each.unit and f' ({each.unit})'}")
        if each.note:
            lines.append(f"    {each.note}")
    return "\n".join([*lines, f"    {len(goals[0].figures)} rounds"])
