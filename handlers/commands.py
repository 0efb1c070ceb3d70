"""The commands and their names in three languages (contract)."""

from collections.abc import Mapping
from difflib import get_close_matches

from rules.typed import fold
from rules.words import LANGUAGES

# Each command under its Dutch name, with its names in the order of LANGUAGES.
NAMES: Mapping[str, tuple[str, str, str]] = {
    "start": ("start", "start", "start"),
    "presentie": ("presentie", "presence", "presence"),
    "overleg": ("overleg", "concertation", "consultation"),
    "intervisie": ("intervisie", "intervision", "intervision"),
    "ondersteuning": ("ondersteuning", "soutien", "support"),
    "saldo": ("saldo", "solde", "balance"),
    "overzicht": ("overzicht", "apercu", "overview"),
    "samenvatting": ("samenvatting", "resume", "summary"),
    "watals": ("watals", "etsi", "whatif"),
    "planning": ("planning", "planning", "plan"),
    "herinneringen": ("herinneringen", "rappels", "reminders"),
    "aanvraag": ("aanvraag", "demande", "request"),
    "zoek": ("zoek", "chercher", "find"),
    "netwerk": ("netwerk", "reseau", "network"),
    "overdracht": ("overdracht", "passation", "handover"),
    "koppel": ("koppel", "lier", "bind"),
    "pagina": ("pagina", "page", "page"),
    "taal": ("taal", "langue", "language"),
    "privacy": ("privacy", "confidentialite", "privacy"),
    "help": ("help", "aide", "help"),
    "annuleer": ("annuleer", "annuler", "cancel"),
}
COMMAND_OF = {name: command for command, names in NAMES.items() for name in names} | {"menu": "start", "hulp": "help"}

FORMS = ("presentie", "overleg", "intervisie", "ondersteuning")

# What else people type with a slash before it.
ALIASES: Mapping[str, str] = {
    "aanvragen": "aanvraag", "demandes": "demande", "requests": "request", "samenvattingen": "samenvatting", "excel": "samenvatting",
    "week": "samenvatting", "vervanger": "overdracht", "vervanging": "overdracht", "remplacant": "overdracht",
    "remplacante": "overdracht", "netwerken": "netwerk", "herinnering": "herinneringen", "rappel": "herinneringen",
    "reminder": "herinneringen", "zoeken": "zoek", "koppelen": "koppel", "annuleren": "annuleer",
}  # fmt: skip

GREETINGS = frozenset((
    "hallo", "hoi", "dag", "goedemorgen", "goeiemorgen", "goedemiddag", "goedenavond", "goeienavond", "bedankt", "dank je", "dankje",
    "dank u", "bonjour", "bonsoir", "salut", "coucou", "merci", "merci beaucoup", "hello", "hi", "good morning", "thanks", "thank you",
))  # fmt: skip
# What a sentence asks for that says one of these words, or the name of one such command.
ASKED: Mapping[str, str] = {"hoeveel": "saldo", "combien": "saldo"}
SHOWN = frozenset(("saldo", "overzicht", "planning", "herinneringen", "aanvraag", "taal", "privacy", "help"))
PHRASES: Mapping[str, str] = {"wat als": "watals", "et si": "watals", "what if": "watals"}  # typed in two words, without a slash


def typed(text: str) -> tuple[str | None, str]:
    """The command whose name a line without a slash begins with, None when there is none, and what follows it without the mark that
    ends a question."""
    first, _, rest = text.rstrip(" ?!").partition(" ")
    second, _, behind = rest.strip().partition(" ")
    if (command := PHRASES.get(fold(f"{first} {second}"))) is not None:
        return command, behind.strip()
    if fold(f"{first} {rest}".strip(" .,")) in GREETINGS:
        return "start", ""
    return COMMAND_OF.get(fold(first)), rest.strip()


def named_in(text: str) -> str | None:
    """The one command that only shows something and that a sentence names or asks for, "zet de herinneringen af"; None without one."""
    words = [fold(each.strip(".,;:!?")) for each in text.split()]
    found = {command for each in words if (command := ASKED.get(each) or meant(each) or "") in SHOWN}
    return found.pop() if len(found) == 1 else None


def meant(name: str) -> str | None:
    """The command that a name with a slash before it means, by its Dutch name, with or without accents; None when there is none."""
    name = fold(name)
    return COMMAND_OF.get(name) or COMMAND_OF.get(ALIASES.get(name, ""))


def near(name: str) -> list[str]:
    """The commands whose name is written nearly so, the nearest first."""
    found = get_close_matches(name.lower()[:30], [*COMMAND_OF, *ALIASES], 5, 0.75)
    return list(dict.fromkeys(command for each in found if (command := meant(each)) is not None))


def name_in(command: str, language: str) -> str:
    """The name of a command in a language."""
    return NAMES[command][LANGUAGES.index(language)]
