"""The commands and their names in three languages (contract)."""

from collections.abc import Mapping

# Each command under its Dutch name, with its names in nl, fr and en.
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
COMMAND_OF = {name: command for command, names in NAMES.items() for name in names} | {"menu": "start"}

FORMS = ("presentie", "overleg", "intervisie", "ondersteuning")
