"""The closed lists of the domain: oproepen, werkvormen, roles, kinds of place; the ids that data and rulebooks use."""

OPROEPEN = ("O1", "O2", "O3", "O4")

WERKVORMEN = (
    "overleg", "presentie", "advies", "orientatie", "co_consult", "casus_intervisie", "thema_intervisie", "workshop",
)
ONE_TO_ONE = frozenset({"advies", "orientatie", "co_consult"})
GROUP = frozenset({"casus_intervisie", "thema_intervisie", "workshop"})
PREPARED = frozenset({"thema_intervisie", "workshop"})

SITE_KINDS = (
    "huisartsenpraktijk", "wijkgezondheidscentrum", "ldc", "overkop", "jeugdhuis", "buurthuis", "other_approved", "ocmw",
    "kinderdagverblijf", "wzc", "own_practice", "group_practice", "ggz_service", "basisonderwijs", "secundair_onderwijs",
    "clb", "hoger_onderwijs", "andere",
)

ROLES = (
    "huisarts", "arts", "verpleegkundige", "maatschappelijk_werker", "zorgmedewerker", "kinesist", "kinderverzorger",
    "begeleider", "animator", "jeugdwerker", "vrijwilliger", "onthaalmedewerker", "leidinggevende", "keukenmedewerker",
    "kpko", "stagiair", "bezoeker", "jongere",
)

CHANNELS = ("f2f", "telefoon", "online")
BLOCKS = ("uren", "periodiciteit", "afspraken", "evaluatie")
TOPICS = (
    "samenwerking", "verbinding", "ondersteuningsnoden", "indicatiestelling", "detectie_doorverwijzing",
    "voorrangscriteria", "noden_groepsaanbod",
)
PURPOSES = ("samenwerking", "kennismaking", "eenmalig_aanbod", "presentie", "onthaalpermanentie")
INITIATIVES = ("actor", "bestaande_werking", "eigen")
