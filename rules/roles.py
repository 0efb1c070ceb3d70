"""Reading who was there as counts by role: "12 jongeren, 2 begeleiders". Only roles and numbers, never names."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rules.role_words import ABOUT, ARTICLES, JOINING, LINKS, NOBODY, NONE, NUMBERED, PART_OF, PEOPLE, SPOKEN_OF, TO, VAGUE
from rules.typed import Book, Token, Tokens, Unclear, book, glued, is_number, number_at, phrase_at, read, word
from rules.when_words import AND, BETWEEN, BOUNDS, HOUR_UNITS, START_WORDS

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

    Names of two roles are `ambiguous_role`; "10 à 12", "10 en 12 jongeren", "tussen 10 en 12", "minstens 10", "een 10-tal",
    "enkele" and a name without a number are `how_many`.
    """
    about = phrase_at(ts, i, ABOUT)
    if about and number_at(ts, about[1]):
        return role_at(ts, about[1], names)
    return _vague_at(ts, i, names) or _number_first(ts, i, names) or _name_first(ts, i, names)


def _vague_at(ts: Tokens, i: int, names: Book[tuple[str, ...]]) -> Counted | None:
    """Minstens 10 jongeren, une dizaine d'ados, tussen 10 en 12 jongeren: people without a sure number."""
    bound = phrase_at(ts, i, BOUNDS)
    if bound and number_at(ts, bound[1]):
        counted = role_at(ts, bound[1], names)
        return (Unclear("how_many", tuple(counted[0].values())), counted[1]) if counted and isinstance(counted[0], dict) else counted
    vague = phrase_at(ts, i, VAGUE)
    if vague:
        named = phrase_at(ts, vague[1] + (word(ts, vague[1]) in ("de", "d")), names)
        return (Unclear("how_many", named[0]), named[1]) if named else None
    least = number_at(ts, i + 1) if word(ts, i) in BETWEEN else None
    most = number_at(ts, least[1] + 1) if least and word(ts, least[1]) in TO | AND else None
    named = phrase_at(ts, most[1], names) if most else None
    return (Unclear("how_many", (least[0], most[0])), named[1]) if least and most and named else None


def _number_first(ts: Tokens, i: int, names: Book[tuple[str, ...]]) -> Counted | None:
    """12 jongeren, geen jongeren, and asked: een 10-tal jongeren, 10 à 12 jongeren, 1,5 begeleiders, een jongere of tien."""
    i += word(ts, i) == "een" and _more(ts, i + 2) > i + 2
    number = (0, i + 1) if word(ts, i) in NONE else number_at(ts, i)
    if not number or (is_number(word(ts, i)) and _runs_on(ts, i)):
        return None
    count, j = number
    other, more = _second(ts, i, j), _more(ts, j)
    if other or more > j:
        named = phrase_at(ts, other[1] if other else more, names)
        return (Unclear("how_many", (count, other[0]) if other else (count,)), named[1]) if named else None
    j += word(ts, j) in ("x", "×", "*", "keer")
    if word(ts, j) in (",", ".") and glued(ts, j) and glued(ts, j + 1) and is_number(word(ts, j + 1)):
        named = phrase_at(ts, j + 2, names)
        return (Unclear("how_many", named[0]), named[1]) if named else None
    named = phrase_at(ts, j, names)
    if not named:
        return None
    nearly = number_at(ts, named[1] + 1) if word(ts, i) == "een" and word(ts, named[1]) == "of" else None
    return (Unclear("how_many", (nearly[0],)), nearly[1]) if nearly else (_counted(named[0], count), named[1])


def _more(ts: Tokens, j: int) -> int:
    """The place after "+", "tal" or "-tal" behind a number, `j` itself when there is none."""
    if word(ts, j) == "+" and glued(ts, j):
        return j + 1
    dash = word(ts, j) == "-"
    return j + dash + 1 if word(ts, j + dash) == "tal" else j


def _second(ts: Tokens, i: int, j: int) -> tuple[int, int] | None:
    """The number tied to the one at `i`, which ends at `j`: "10 à 12", "10 en 12", "2 x 6", "12 van de 15", "12/14" (no date).

    An hour before "en" is none ("van 9 tot 11 en 12 jongeren"), nor is a number that only tells which ("deel 2 en 12 jongeren").
    """
    if word(ts, i - 1) in NUMBERED or (word(ts, j) == "+" and glued(ts, j) != glued(ts, j + 1)):
        return None
    link = phrase_at(ts, j, LINKS)
    other = number_at(ts, link[1]) if link else None
    if not link or not other or (word(ts, j) == "/" and other[0] <= 12):
        return None
    return None if link[0] and word(ts, i - 1) in TO | HOUR_UNITS | START_WORDS else other


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
    apart = sign or is_number(word(ts, number[1])) if number else False
    closed = number and (word(ts, number[1]) in ("", ",", ";", "+", ")", "&") or (apart and not glued(ts, number[1])))
    if not number or not (_name_first(ts, number[1], names) if phrase_at(ts, number[1], names) else closed):
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


def totals(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """The roles of which one count is the sum of its others, and that count: "12 jongeren, 8 meisjes en 4 jongens" is 12 or 24."""
    found: dict[str, int] = {}
    for role in dict.fromkeys(role for count in counts for role in count):
        numbers = sorted(count[role] for count in counts if role in count)
        if len(numbers) > 2 and numbers[-1] == sum(numbers[:-1]):
            found[role] = numbers[-1]
    return found


def read_roles(text: str, roles: Mapping[str, Sequence[str]], alone: str | None = None) -> dict[str, int] | Unclear:
    """How many of each role a whole answer names: {"jongere": 12, "begeleider": 2}; {} for niemand, personne.

    `roles` gives the names people type for each role key, `alone` the role that a bare number ("12 personen") counts.
    Asked back: words that are no role of this list (`unknown_role`, with the words), names of two of them
    (`ambiguous_role`), a number without a role (`which_role`), a role without a sure number (`how_many`).
    """
    ts = read(text)
    if isinstance(ts, Unclear):
        return ts
    nobody = phrase_at(ts, 0, NOBODY)
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
            value, part, i = found[0], _part_follows(ts, i), found[1]
            if part and isinstance(value, dict):
                problems += [] if any(value.keys() & each.keys() for each in counts) else [Unclear("how_many")]
            elif isinstance(value, Unclear):
                problems.append(value)
            else:
                counts.append(value)
        elif bare:
            count, i = bare
            if i == len(ts) or word(ts, i) in PEOPLE | JOINING:
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
            article = word(ts, i) in ARTICLES and (phrase_at(ts, i + 1, names) or number_at(ts, i + 1))
            unknown += [] if article or word(ts, i) in JOINING else [word(ts, i)]
            i += 1
    if unknown:
        return Unclear("unknown_role", tuple(unknown))
    problems += [Unclear("how_many", (total,)) for total in totals(counts).values()]
    if problems or not counts:
        return problems[0] if problems else Unclear("how_many")
    return add_up(counts)


def _part_follows(ts: Tokens, i: int) -> bool:
    """Whether what starts at `i` is a part of what was counted before: "12 bezoekers waarvan 8 jongeren"."""
    return word(ts, i - 1 - (word(ts, i - 1) == "er")) in PART_OF


def find_roles(
    ts: Sequence[Token], roles: Mapping[str, Sequence[str]]
) -> tuple[list[dict[str, int] | Unclear], set[int]]:
    """The counts within a line, and where the tokens start that said them, the word in front (met, en) included."""
    names = role_names(roles)
    found: list[dict[str, int] | Unclear] = []
    used: set[int] = set()
    i, inside, parts = 0, False, False
    while i < len(ts):
        inside = word(ts, i) == "(" or (inside and word(ts, i) != ")")
        parts = parts and inside
        hit = role_at(ts, i, names)
        again = hit and isinstance(hit[0], dict) and any(each.keys() & hit[0].keys() for each in found if isinstance(each, dict))
        parts = parts or bool(again and inside)
        if hit and (parts or word(ts, i - 1) in SPOKEN_OF or (again and _part_follows(ts, i))):
            i = hit[1]  # "over 2 jongeren", "12 jongeren (8 meisjes en 4 jongens)": not counted, a part of the description
            continue
        if hit and _part_follows(ts, i):
            hit = Unclear("how_many"), hit[1]
        if not hit and (nobody := phrase_at(ts, i, NOBODY)):
            framed = word(ts, i - 1) in ("", ",", ";") and word(ts, nobody[1]) in ("", ",", ";", ".")
            hit = ({}, nobody[1]) if framed and word(ts, i) in ("niemand", "personne", "nobody", "no") else None
        if hit:
            found.append(hit[0])
            lead = 1 if word(ts, i - 1) in JOINING | {"voor", "pour", "for"} and i else 0
            used.update(t.start for t in ts[i - lead : hit[1]])
        i = hit[1] if hit else i + 1
    return found, used
