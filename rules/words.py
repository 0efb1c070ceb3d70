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

# What people type for a choice, without accents and capitals, in nl, fr and en; the words on its button count as well.
CHOICE_WORDS: dict[str, tuple[str, ...]] = {
    "advies": ("advies", "conseil", "advice"),
    "orientatie": ("orientatie", "orientation"),
    "co_consult": ("co-consult", "coconsult", "co-consultation", "coconsultation"),
    "casus_intervisie": ("casus", "casusbespreking", "casusintervisie", "cas", "etude de cas", "case", "case discussion"),
    "thema_intervisie": ("thema", "themaintervisie", "thematique", "theme"),
    "workshop": ("workshop", "vorming", "toelichting", "formation", "atelier", "expose", "training", "briefing"),
    "f2f": ("ter plaatse", "fysiek", "sur place", "en presentiel", "in person", "on site"),
    "telefoon": ("telefoon", "per telefoon", "telefonisch", "telephone", "par telephone", "phone", "by phone"),
    "online": ("online", "video", "en ligne", "teams", "zoom"),
    "given": ("gegeven", "ik gaf", "geven", "donnee", "je l'ai donnee", "given", "gave"),
    "attended": ("gevolgd", "deelgenomen", "suivie", "participe", "attended"),
    "first": ("eerste", "de eerste", "premiere", "first"),
    "second": ("tweede", "de tweede", "deuxieme", "second"),
}
