"""The closed lists of the domain: oproepen, werkvormen, roles, kinds of place; the ids that data and rulebooks use."""

LANGUAGES = ("nl", "fr", "en")  # the first is the one in which the texts are written

OPROEPEN = ("O1", "O2", "O3", "O4")

WERKVORMEN = (
    "overleg", "presentie", "advies", "orientatie", "co_consult", "casus_intervisie", "thema_intervisie", "workshop",
)

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
    "orientatie": ("orientatie", "orienteren", "orientation"),
    "co_consult": ("co-consult", "coconsult", "co-consultation", "coconsultation"),
    "casus_intervisie": ("casus", "casusbespreking", "casusintervisie", "cas", "etude de cas", "case", "case discussion"),
    "thema_intervisie": ("thema", "themaintervisie", "thematique", "theme"),
    "workshop": ("workshop", "vorming", "toelichting", "formation", "atelier", "expose", "training", "briefing"),
    "f2f": ("ter plaatse", "fysiek", "live", "sur place", "en presentiel", "presentiel", "in person", "on site"),
    "telefoon": (
        "telefoon", "per telefoon", "telefonisch", "aan de telefoon", "via telefoon", "via de telefoon", "gebeld", "tel",
        "telephone", "par telephone", "au telephone", "par tel", "phone", "by phone", "on the phone", "over the phone", "phone call",
    ),
    "online": (
        "online", "video", "videogesprek", "videocall", "via video", "via teams", "via zoom", "via meet", "en ligne", "en visio",
        "visio", "visioconference", "par video", "teams", "zoom", "by video", "video call",
    ),
    "given": ("gegeven", "ik gaf", "ik gaf ze", "gaf", "geven", "donnee", "je l'ai donnee", "j'ai donne", "given", "gave", "i gave"),
    "attended": ("gevolgd", "deelgenomen", "ik nam deel", "nam deel", "suivie", "participe", "j'ai participe", "attended", "took part"),
    "first": ("eerste", "de eerste", "premiere", "first"),
    "samenwerking": ("samenwerking", "samenwerken", "communicatie", "collaboration", "cooperation", "communication"),
    "verbinding": ("verbinding", "connectie", "lien", "lien avec le lieu", "connection"),
    "ondersteuningsnoden": ("ondersteuningsnoden", "ondersteuningsnood", "besoins de soutien", "besoin de soutien", "support needs"),
    "indicatiestelling": ("indicatiestelling", "indicatie", "indication", "indications"),
    "detectie_doorverwijzing": ("doorverwijzing", "doorverwijzen", "detectie", "detection", "reorientation", "referral", "referrals"),
    "voorrangscriteria": ("voorrangscriteria", "voorrang", "criteres de priorite", "priorite", "priority", "priority criteria"),
    "noden_groepsaanbod": ("groepsaanbod", "offre de groupe", "offre collective", "group offer"),
    "second": ("tweede", "de tweede", "deuxieme", "second"),
}
