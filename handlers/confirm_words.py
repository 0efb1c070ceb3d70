"""What is typed below a card that only waits for a press: yes, no, or other words; and whether a typed reason says anything."""

from rules.typed import fold

YES = frozenset((
    "ja", "j", "oui", "o", "yes", "y", "ok", "oke", "okee", "akkoord", "klopt", "bevestig", "bevestigen", "confirmer", "confirm",
    "d'accord", "versturen", "envoyer", "send",
))  # fmt: skip
NO = frozenset(("nee", "neen", "n", "non", "no"))
LEAST_LETTERS = 3


def confirm_word(text: str) -> str | None:
    """What a typed yes or no presses on a card that waits for its last press: ".ok" or ".back"; None for other words."""
    word = fold(text.strip()).strip(".! ")
    return ".ok" if word in YES else ".back" if word in NO else None


def says_nothing(text: str) -> bool:
    """Whether what was typed is no reason: a yes or no, or fewer than three letters."""
    return confirm_word(text) is not None or sum(each.isalpha() for each in text) < LEAST_LETTERS
