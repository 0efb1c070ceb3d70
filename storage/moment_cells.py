"""A booked moment as the cells of the sheet momenten: one wording for what an export writes and an import compares."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rules.periods import BRUSSELS, local_problem

CHANNEL_CELLS = {"f2f": "ter plaatse", "telefoon": "telefoon", "online": "online"}


def begin_cell(instant: datetime) -> str:
    """The local begin of an instant (UTC, without offset); with its offset only in the hour that comes twice."""
    local = instant.replace(tzinfo=UTC).astimezone(BRUSSELS)
    text = local.strftime("%Y-%m-%d %H:%M")
    twice = local_problem(local.replace(tzinfo=None, fold=0)) == "twice"
    return text + local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:] if twice else text


def present_cell(present: Mapping[str, int]) -> str:
    """People per role joined by +; nobody is niemand."""
    return "+".join(f"{role}={count}" for role, count in sorted(present.items()) if count) or "niemand"


def moment_mark(cells: Mapping[str, str]) -> str:
    """A short mark of what a moment's cells say, booked minutes and hours aside: equal when the rows are."""
    said = {name: text for name, text in cells.items() if name not in ("geboekt", "voorbereidingsuren")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def moment_cells(row: Any, person: str, site: str, agreement: str) -> dict[str, str]:
    """The cells of a moment's row but for its key; what stands for person, site and agreement is given."""
    submitted = row.submitted
    answers = submitted.get("answers", {})
    length = int((row.ends - row.begins).total_seconds() // 60)
    about = answers.get("text") or answers.get("topic") or submitted.get("note") or ""
    return {
        "persoon": person,
        "oproep": row.oproep[1:],
        "werkvorm": row.werkvorm,
        "vindplaats": site,
        "overeenkomst": agreement,
        "begin": begin_cell(row.begins),
        "minuten": str(length),
        "aanwezigen": present_cell(answers["present"]) if "present" in answers else "",
        "contact": CHANNEL_CELLS.get(answers.get("channel", "f2f"), "ter plaatse"),
        "omschrijving": " ".join(str(about).split()),
        "geboekt": str(row.minutes) if row.minutes != length else "",
        "voorbereidingsuren": str(row.preparations),
    }
