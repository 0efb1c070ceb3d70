"""The words of counts by role, in nl, fr and en: what the roles are called, and what stands around a count."""

from rules.typed import book
from rules.when_words import AND

_NAMES = {
    "huisarts": "huisarts huisartsen|généraliste généralistes médecin-généraliste médecins-généralistes "
    "médecin-de-famille médecins-de-famille médecin-traitant|gp gps general-practitioner general-practitioners "
    "gp's family-doctor family-doctors dokter dokters docteur docteurs doctor doctors",
    "arts": "arts artsen dokter dokters specialist specialisten|médecin médecins docteur docteurs|doctor doctors "
    "physician physicians",
    "verpleegkundige": "verpleegkundige verpleegkundigen verpleger verplegers verpleegster verpleegsters vpk|infirmier "
    "infirmiers infirmière infirmières|nurse nurses",
    "maatschappelijk_werker": "maatschappelijk-werker maatschappelijk-werkers maatschappelijk-werkster "
    "maatschappelijk-werksters maatschappelijke-werkers maatschappelijk-assistent maatschappelijk-assistenten "
    "sociaal-werker sociaal-werkers mw mw's|assistant-social assistante-sociale assistants-sociaux assistantes-sociales "
    "travailleur-social travailleuse-sociale travailleurs-sociaux|social-worker social-workers",
    "zorgmedewerker": "zorgmedewerker zorgmedewerkers zorgkundige zorgkundigen verzorgende verzorgenden|aide-soignant "
    "aide-soignante aides-soignants aides-soignantes soignant soignante soignants soignantes|care-worker care-workers "
    "carer carers care-assistant care-assistants",
    "kinesist": "kinesist kinesisten kinesitherapeut kinesitherapeuten|kiné kinés kiné's kinésithérapeute kinésithérapeutes|"
    "physio physios physiotherapist physiotherapists",
    "kinderverzorger": "kinderverzorger kinderverzorgers kinderverzorgster kinderverzorgsters kinderbegeleider "
    "kinderbegeleiders kinderbegeleidster kinderbegeleidsters|puériculteur puériculteurs puéricultrice puéricultrices|"
    "childcare-worker childcare-workers nursery-nurse nursery-nurses",
    "begeleider": "begeleider begeleiders begeleidster begeleidsters opvoeder opvoeders opvoedster opvoedsters|"
    "accompagnateur accompagnateurs accompagnatrice accompagnatrices éducateur éducateurs éducatrice éducatrices éduc éducs "
    "encadrant encadrants|support-worker support-workers educator educators",
    "animator": "animator animators animatoren|animateur animateurs animatrice animatrices|activity-leader "
    "activity-leaders",
    "jeugdwerker": "jeugdwerker jeugdwerkers jeugdwerkster jeugdwerksters jongerenwerker jongerenwerkers|"
    "animateur-jeunesse animateurs-jeunesse animateur-de-jeunesse animateurs-de-jeunesse travailleur-de-jeunesse "
    "travailleurs-de-jeunesse|youth-worker youth-workers",
    "vrijwilliger": "vrijwilliger vrijwilligers vrijwilligster vrijwilligsters|bénévole bénévoles volontaire "
    "volontaires|volunteer volunteers",
    "onthaalmedewerker": "onthaalmedewerker onthaalmedewerkers onthaalmedewerkster onthaalmedewerksters|"
    "agent-d'accueil agents-d'accueil réceptionniste réceptionnistes|receptionist receptionists receptionisten",
    "keukenmedewerker": "keukenmedewerker keukenmedewerkers keukenmedewerkster keukenhulp keukenhulpen kok koks|"
    "cuisinier cuisiniers cuisinière cuisinières aide-cuisine aides-cuisine aide-de-cuisine|cook cooks kitchen-worker "
    "kitchen-workers",
    "kpko": "kpko kpkos kpko's psycholoog psychologen klinisch-psycholoog klinisch-psychologen orthopedagoog "
    "orthopedagogen klinisch-orthopedagoog klinisch-orthopedagogen|psychologue psychologues orthopédagogue "
    "orthopédagogues|psychologist psychologists",
    "stagiair": "stagiair stagiairs stagiaire stagiaires|intern interns trainee trainees",
    "bezoeker": "bezoeker bezoekers bezoekster bezoeksters buurtbewoner buurtbewoners bewoner bewoners gast gasten ouder "
    "ouders kind kinderen|visiteur visiteurs visiteuse visiteuses habitant habitants habitante habitantes parent parents "
    "enfant enfants|visitor visitors resident residents guest guests child children kid kids",
    "jongere": "jongere jongeren jong jongens meisjes tiener tieners adolescent adolescenten|"
    "jeune jeunes jeunes-filles jeunes-garçons filles garçons ado ados adolescente adolescents "
    "adolescentes|girls boys youngster youngsters teenager teenagers teen teens young-person young-people youth youths",
    "leidinggevende": "leidinggevende leidinggevenden teamleider teamleiders diensthoofd diensthoofden teamcoördinator "
    "teamcoördinatoren verantwoordelijke verantwoordelijken directie directeur directeurs afdelingshoofd|"
    "responsable responsables directrice directrices chef-d'équipe|manager managers director directors team-leader "
    "team-leaders",
}

ROLE_WORDS: dict[str, tuple[str, ...]] = {
    key: tuple(name.replace("-", " ") for name in names.replace("|", " ").split()) for key, names in _NAMES.items()
}

NOBODY = book(dict.fromkeys(("niemand", "personne", "nobody", "no one", "geen", "aucun", "aucune", "none", "nul",
                             "geen aanwezigen", "aucun participant", "alleen ik", "alleen ikzelf", "enkel ik", "enkel ikzelf",
                             "ik alleen", "moi seul", "moi seule", "seul", "seule", "only me", "just me", "0"), True))
NONE = {"geen", "aucun", "aucune", "no"}
# A round number that is typed all the same: the number is taken.
ABOUT = book(dict.fromkeys(("ongeveer", "ong", "ong.", "circa", "ca", "ca.", "zowat", "een stuk of", "stuk of", "environ",
                            "about", "around", "+/-", "+-", "±", "~"), True))
_TENS = ("tiental", "twaalftal", "dozijn", "vijftiental", "twintigtal", "dertigtal", "dizaine", "douzaine", "quinzaine",
         "vingtaine", "trentaine")
VAGUE = book(dict.fromkeys(("een paar", "paar", "enkele", "enige", "veel", "onze", "quelques", "plusieurs", "beaucoup", "des",
                            "a few", "few", "some", "many", "several", "a dozen",
                            *(lead + ten for ten in _TENS for lead in ("", "een ", "une ", "une bonne ", "une petite "))), True))
# What a number behind it only tells apart: "deel 2", "huis 12".
NUMBERED = {"deel", "sessie", "les", "groep", "klas", "fase", "module", "week", "huis", "lokaal", "zaal", "nr", "nummer", "covid",
            "partie", "seance", "groupe", "salle", "numero", "maison", "part", "session", "group", "room", "number"}
# Between a count and the whole that it is a part of, and before people who are only spoken of.
PART_OF = {"waarvan", "waaronder", "dont", "including", "incl", "inclusief", "compris"}
SPOKEN_OF = {"over", "rond", "rondom", "omtrent", "inzake", "betreffende", "sur", "concernant", "regarding", "concerning"}
PEOPLE = {"personen", "persoon", "mensen", "aanwezigen", "aanwezig", "deelnemers", "deelnemer", "personnes",
          "pers", "participants", "participant", "gens", "people", "persons", "person", "man", "présents", "presents",
          "attendees", "present"}
JOINING = {",", ";", "+", "&", "/", ".", "en", "et", "and", "met", "avec", "with", "plus", "nog"} | PART_OF
ARTICLES = {"de", "het", "le", "la", "les", "the", "notre", "nos", "our"}
TO = {"-", "a", "to", "tot", "of", "ou", "or"}
# Between two numbers of which one may be meant; true where the first may also belong to what stands before it.
LINKS = book(dict.fromkeys((*TO, "x", "×", "*", "keer", "maal", "fois", "times", "van", "van de", "op", "op de", "sur", "sur les",
                            "out of", "out of the", "/", "groepen van", "groepjes van", "groupes de", "groups of"), False)
             | dict.fromkeys((*AND, "&", "+"), True))
