"""Typed words that mean yes or no: to a question, and below a card that only waits for a press; whether a typed reason says anything."""

from rules.typed import fold

# Dutch, French and English in one list: people mix them, and no word is yes in one language and no in another.
YES = frozenset((
    "ja", "j", "ja hoor", "jawel", "jep", "ok", "oke", "okee", "okay", "akkoord", "klopt", "inderdaad",
    "oui", "o", "ouais", "d'accord", "yes", "y", "yep", "correct",
))  # fmt: skip
NO = frozenset(("nee", "neen", "niet", "n", "nope", "non", "no"))
CARRY_OUT = frozenset(("bevestig", "bevestigen", "versturen", "confirmer", "envoyer", "confirm", "send"))  # yes to a card, to no question
LEAST_LETTERS = 3


def plain(text: str) -> str:
    """A typed answer as these lists have it: without capitals, accents, typographic apostrophes and what ends a sentence."""
    return fold(text.strip(" .!?")).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def confirm_word(text: str) -> str | None:
    """What a typed yes or no presses on a card that waits for its last press: ".ok" or ".back"; None for other words, and for a yes
    with a question mark."""
    word = plain(text)
    if word in YES | CARRY_OUT:
        return None if "?" in text else ".ok"
    return ".back" if word in NO else None


def says_nothing(text: str) -> bool:
    """Whether what was typed is no reason: a yes or no, or fewer than three letters."""
    return plain(text) in YES | NO | CARRY_OUT or sum(each.isalpha() for each in text) < LEAST_LETTERS
