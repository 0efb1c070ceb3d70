"""Reading who was there as counts by role: "12 jongeren, 2 begeleiders". Only roles and numbers, never names."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rules.typed import Book, Token, Tokens, Unclear, book, glued, is_number, number_at, phrase_at, read, word

_NAMES = {
    "huisarts": "huisarts huisartsen|généraliste généralistes médecin-généraliste médecins-généralistes "
    "médecin-de-famille médecins-de-famille médecin-traitant|gp gps general-practitioner general-practitioners "
    "family-doctor family-doctors dokter dokters docteur docteurs doctor doctors",
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
    "kinesist": "kinesist kinesisten kinesitherapeut kinesitherapeuten|kiné kinés kinésithérapeute kinésithérapeutes|"
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
    "jongere": "jongere jongeren jong jongens meisjes tiener tieners adolescent adolescenten|jeune jeunes ado ados adolescente adolescents "
    "adolescentes|youngster youngsters teenager teenagers teen teens young-person young-people youth youths",
    "leidinggevende": "leidinggevende leidinggevenden teamleider teamleiders diensthoofd diensthoofden teamcoördinator "
    "teamcoördinatoren verantwoordelijke verantwoordelijken directie directeur directeurs afdelingshoofd|"
    "responsable responsables directrice directrices chef-d'équipe|manager managers director directors team-leader "
    "team-leaders",
}

ROLE_WORDS: dict[str, tuple[str, ...]] = {
    key: tuple(name.replace("-", " ") for name in names.replace("|", " ").split()) for key, names in _NAMES.items()
}

_NOBODY = book(dict.fromkeys(("niemand", "personne", "nobody", "no one", "geen", "aucun", "aucune", "none", "nul",
                              "geen aanwezigen", "aucun participant", "alleen ik", "alleen ikzelf", "enkel ik", "enkel ikzelf",
                              "ik alleen", "moi seul", "moi seule", "seul", "seule", "only me", "just me", "0"), True))
_NONE = {"geen", "aucun", "aucune", "no"}
# A round number that is typed all the same: the number is taken.
_ABOUT = book(dict.fromkeys(("ongeveer", "circa", "ca", "zowat", "een stuk of", "stuk of", "environ", "about", "around", "+/-",
                             "±"), True))
_VAGUE = book(dict.fromkeys(("een paar", "paar", "enkele", "enige", "veel", "een tiental", "tiental", "een dozijn",
                             "onze", "quelques", "plusieurs", "une dizaine de", "une dizaine", "beaucoup de", "des",
                             "a few", "few", "some", "many", "several", "a dozen", "een twintigtal", "een vijftiental", "vijftiental",
                             "twintigtal", "une quinzaine de", "une quinzaine", "une vingtaine de", "une vingtaine", "een dertigtal",
                             "dertigtal", "une douzaine de"), True))
PEOPLE = {"personen", "persoon", "mensen", "aanwezigen", "aanwezig", "deelnemers", "deelnemer", "personnes",
           "pers", "participants", "participant", "gens", "people", "persons", "person", "man", "présents", "presents",
           "attendees", "present"}
_BETWEEN = {",", ";", "+", "&", "/", ".", "en", "et", "and", "met", "avec", "with", "plus", "waaronder", "dont", "nog"}
_TO = {"-", "a", "to", "tot", "of", "ou", "or"}

Counted = tuple[dict[str, int] | Unclear, int]


@lru_cache(maxsize=64)
def _names(roles: tuple[tuple[str, tuple[str, ...]], ...]) -> Book[tuple[str, ...]]:
    keys: dict[str, list[str]] = {}
    for key, names in roles:
        for name in {*names, key, key.replace("_", " ")}:
            keys.setdefault(name, []).append(key)
    merged: dict[tuple[str, ...], tuple[str, ...]] = {}
    for first in (found := book({name: tuple(k) for name, k in keys.items()})):
        for words, values in found[first]:
            merged[words] = tuple(dict.fromkeys(merged.get(words, ()) + values))
    return book({" ".join(words): values for words, values in merged.items()})


def role_names(roles: Mapping[str, Sequence[str]]) -> Book[tuple[str, ...]]:
    """The names people type, folded, each with the role keys it may stand for; kept for the next call."""
    return _names(tuple((key, tuple(names)) for key, names in roles.items()))


def role_at(ts: Tokens, i: int, names: Book[tuple[str, ...]]) -> Counted | None:
    """One count with its role at token `i` ("12 jongeren", "drie artsen", "jongeren: 12"), and the place after it.

    Names of two roles are `ambiguous_role`; "10 à 12", "tussen 10 en 12", "enkele" and a name without a number are `how_many`.
    """
    about = phrase_at(ts, i, _ABOUT)
    if about and number_at(ts, about[1]):
        return role_at(ts, about[1], names)
    vague = phrase_at(ts, i, _VAGUE)
    if vague:
        named = phrase_at(ts, vague[1], names)
        return (Unclear("how_many", named[0]), named[1]) if named else None
    between = number_at(ts, i + 1) if word(ts, i) in ("tussen", "entre", "between") else None
    if between:
        most = number_at(ts, between[1] + 1) if word(ts, between[1]) in {*_TO, "en", "et", "and"} else None
        named = phrase_at(ts, most[1], names) if most else None
        return (Unclear("how_many", (between[0], most[0])), named[1]) if most and named else None
    number = (0, i + 1) if word(ts, i) in _NONE else number_at(ts, i)
    if number and not (is_number(word(ts, i)) and _runs_on(ts, i)):
        count, j = number
        j += word(ts, j) in ("x", "×", "*", "keer")
        if word(ts, j) in (",", ".") and glued(ts, j) and glued(ts, j + 1) and is_number(word(ts, j + 1)):
            named = phrase_at(ts, j + 2, names)  # "1,5 begeleiders"
            return (Unclear("how_many", named[0]), named[1]) if named else None
        other = number_at(ts, j + 1) if word(ts, j) in _TO else None
        named = phrase_at(ts, other[1] if other else j, names)
        if named and other:
            return Unclear("how_many", (count, other[0])), named[1]
        nearly = number_at(ts, named[1] + 1) if named and word(ts, i) == "een" and word(ts, named[1]) == "of" else None
        if nearly:
            return Unclear("how_many", (nearly[0],)), nearly[1]  # "een jongere of tien"
        return (_counted(named[0], count), named[1]) if named else None
    return _name_first(ts, i, names)


def _runs_on(ts: Tokens, i: int) -> bool:
    """Whether the number at `i` is the tail of something else: 14u30, 1,5, 9-11, A4."""
    if not glued(ts, i):
        return False
    before = word(ts, i - 1)
    if before == "/":
        return not word(ts, i - 2).isalpha()
    return before.isalnum() or before in (":", "-", ".") or (before == "," and is_number(word(ts, i - 2)))


def _name_first(ts: Tokens, i: int, names: Book[tuple[str, ...]]) -> Counted | None:
    named = phrase_at(ts, i, names)
    if not named:
        return None
    keys, j = named
    sign = word(ts, j) in (":", "=", "(", "x")
    number = number_at(ts, j + sign)
    closed = number and (word(ts, number[1]) in ("", ",", ";", "+", ")", "&") or (sign and not glued(ts, number[1])))
    if not number or not closed or phrase_at(ts, number[1], names):
        return None
    return _counted(keys, number[0]), number[1] + (word(ts, number[1]) == ")" and word(ts, j) == "(")


def _counted(keys: tuple[str, ...], count: int) -> dict[str, int] | Unclear:
    if len(keys) > 1:
        return Unclear("ambiguous_role", keys)
    return {keys[0]: count} if count <= 999 else Unclear("too_many", (count,))


def add_up(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Counts of the same role together; roles with nobody are left out."""
    total: dict[str, int] = {}
    for count in counts:
        for key, n in count.items():
            total[key] = total.get(key, 0) + n
    return {key: n for key, n in total.items() if n}


def read_roles(text: str, roles: Mapping[str, Sequence[str]], alone: str | None = None) -> dict[str, int] | Unclear:
    """How many of each role a whole answer names: {"jongere": 12, "begeleider": 2}; {} for niemand, personne.

    `roles` gives the names people type for each role key, `alone` the role that a bare number ("12 personen") counts.
    Asked back: words that are no role of this list (`unknown_role`, with the words), names of two of them
    (`ambiguous_role`), a number without a role (`which_role`), a role without a sure number (`how_many`).
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    nobody = phrase_at(ts, 0, _NOBODY)
    if nobody and nobody[1] == len(ts):
        return {}
    names = role_names(roles)
    counts: list[dict[str, int]] = []
    problems: list[Unclear] = []
    unknown: list[str] = []
    i = 0
    while i < len(ts):
        found = role_at(ts, i, names)
        bare = None if found else number_at(ts, i)
        if found:
            value, i = found
            if isinstance(value, Unclear):
                problems.append(value)
            else:
                counts.append(value)
        elif bare:
            count, i = bare
            if i == len(ts) or word(ts, i) in PEOPLE | _BETWEEN:
                people = _counted((alone,), count) if alone else Unclear("which_role", (count,))
                if isinstance(people, Unclear):
                    problems.append(people)
                else:
                    counts.append(people)
                i += word(ts, i) in PEOPLE
            elif not word(ts, i).isalpha():
                unknown.append(str(count))
        elif named := phrase_at(ts, i, names):
            problems.append(Unclear("how_many", named[0]))
            i = named[1]
        else:
            unknown += [] if word(ts, i) in _BETWEEN else [word(ts, i)]
            i += 1
    if unknown:
        return Unclear("unknown_role", tuple(unknown))
    if problems or not counts:
        return problems[0] if problems else Unclear("how_many")
    return add_up(counts)


def find_roles(
    ts: Sequence[Token], roles: Mapping[str, Sequence[str]]
) -> tuple[list[dict[str, int] | Unclear], set[int]]:
    """The counts within a line, and where the tokens start that said them, the word in front (met, en) included."""
    names = role_names(roles)
    found: list[dict[str, int] | Unclear] = []
    used: set[int] = set()
    i = 0
    while i < len(ts):
        hit = role_at(ts, i, names)
        if not hit and (nobody := phrase_at(ts, i, _NOBODY)):
            framed = word(ts, i - 1) in ("", ",", ";") and word(ts, nobody[1]) in ("", ",", ";", ".")
            hit = ({}, nobody[1]) if framed and word(ts, i) in ("niemand", "personne", "nobody", "no") else None
        if hit:
            found.append(hit[0])
            lead = 1 if word(ts, i - 1) in _BETWEEN | {"voor", "pour", "for"} and i else 0
            used.update(t.start for t in ts[i - lead : hit[1]])
        i = hit[1] if hit else i + 1
    return found, used
