"""Words that answer the question put last beside a card: which of its buttons they mean, or who reads them."""

from datetime import datetime, timedelta

from handlers.confirm_words import NO, YES, plain
from storage.accounts import Asked

KEPT = timedelta(days=1)
SHORTEST = 4  # letters of a beginning that may stand for a whole button
BACK = frozenset(("terug", "annuleren", "annuleer", "stop", "retour", "annuler", "back", "cancel"))


def still_asked(asked: Asked | None, now: datetime) -> Asked | None:
    """The question while it can be meant: a day."""
    return asked if asked is not None and now - datetime.fromisoformat(asked.at) < KEPT else None


def meant(asked: Asked, text: str, *, card: bool) -> str | None:
    """The press that typed words mean; None when they are no button's. `card`: one stands open, whose answers come before "ja",
    "nee" and the beginning of a button of a question that came by itself, unless somebody reads the words."""
    word = plain(text)
    if (press := asked.buttons.get(word)) is not None:
        return press
    if word in BACK and asked.back:
        return asked.back
    if card and asked.came and not asked.reader:
        return None
    if word in YES and asked.yes:
        return asked.yes
    if word in NO and asked.no:
        return asked.no
    begun = {press for label, press in asked.buttons.items() if len(word) >= SHORTEST and label.startswith(word)}
    return begun.pop() if len(begun) == 1 and not asked.reader else None
