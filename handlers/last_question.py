"""Words that answer the question put last beside a card: which of its buttons they mean, or who reads them."""

from datetime import datetime, timedelta

from handlers.confirm_words import NO, YES, plain
from storage.accounts import LastQuestion

KEPT = timedelta(days=1)
SHORTEST = 4  # letters of a beginning that may stand for a whole button
BACK = frozenset(("terug", "annuleren", "annuleer", "stop", "retour", "annuler", "back", "cancel"))


def still_asked(question: LastQuestion | None, now: datetime) -> LastQuestion | None:
    """The question while it can be meant: a day."""
    return question if question is not None and now - datetime.fromisoformat(question.at) < KEPT else None


def meant(question: LastQuestion, text: str, *, card: bool) -> str | None:
    """The press that typed words mean; None when they are no button's. `card`: one stands open, whose answers come before "ja",
    "nee" and the beginning of a button of a question that came by itself, unless somebody reads the words."""
    word = plain(text)
    if (press := question.buttons.get(word)) is not None:
        return press
    if word in BACK and question.back:
        return question.back
    if card and question.came and not question.reader:
        return None
    if word in YES and question.yes:
        return question.yes
    if word in NO and question.no:
        return question.no
    begun = {press for label, press in question.buttons.items() if len(word) >= SHORTEST and label.startswith(word)}
    return begun.pop() if len(begun) == 1 and not question.reader else None
