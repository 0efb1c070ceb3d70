"""Who was there, counted role by role with buttons; what is counted waits beside the answers until it is all."""

from typing import Any

from handlers.screen import Screen
from handlers.showing import keep, keep_answers, stale
from handlers.turn import Turn
from rules.forms import fill_known
from rules.typed import whole
from storage.accounts import Draft

MOST_PEOPLE = 500


def pick_role(turn: Turn, value: str) -> Screen:
    """A role whose count is asked next."""
    if value not in turn.setting.asked.roles:
        return stale(turn.tx, turn.world, turn.session, turn.event)
    return keep(turn, turn.draft.answers, {**turn.draft.aside, "role": value})


def count_role(turn: Turn, value: str) -> Screen:
    """How many of the picked role."""
    count = whole(value.strip())
    if not turn.draft.aside.get("role") or count is None or count > MOST_PEOPLE:
        return stale(turn.tx, turn.world, turn.session, turn.event)
    return keep(turn, turn.draft.answers, _with_count(turn.draft, count))


def _with_count(draft: Draft, count: int) -> dict[str, Any]:
    roles = {**draft.aside.get("roles", {}), draft.aside["role"]: count}
    return {
        **{key: value for key, value in draft.aside.items() if key not in ("role", "page")},
        "roles": {key: value for key, value in roles.items() if value},
    }


def all_counted(turn: Turn, value: str) -> Screen:
    """Klaar: the counts so far are the answer."""
    return keep_present(turn, turn.draft.aside.get("roles", {}))


def nobody(turn: Turn, value: str) -> Screen:
    """Nobody came."""
    return keep_present(turn, {})


def keep_present(turn: Turn, present: dict[str, int]) -> Screen:
    """Take the counts as the answer."""
    answers = fill_known(turn.setting.form, {**turn.draft.answers, "present": present}, turn.setting.asked)
    return keep_answers(turn, answers, frozenset({"present"}))
